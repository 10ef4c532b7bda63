"""What happens to shipments, told to who must act on it in the same transaction: stock, schedule, receivables."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crm.core.history import Actor


@dataclass(frozen=True, slots=True)
class GoodsShipped:
    """Event: so much of these order lines (by id, in the product's unit) left on that day."""

    order_id: int
    shipment_id: int
    quantities: Mapping[int, Decimal]
    on: date
    actor: Actor


@dataclass(frozen=True, slots=True)
class GoodsDelivered:
    """Event: everything of the order has arrived; `on`: the last of it."""

    order_id: int
    on: date
    actor: Actor
