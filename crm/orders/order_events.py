"""What happens to orders, told to who keeps count of them in the same transaction."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class OrderStand:
    """An order as far as figures go. `base_total` in the base currency; `decided_at`: when approved or rejected."""

    submitter_id: int
    status: str
    submitted_at: datetime
    base_total: Decimal
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """Event: an approved order was cancelled before anything of it left."""

    order_id: int


@dataclass(frozen=True, slots=True)
class OrderChanged:
    """Event: an order was submitted (`before` None) or submitted anew, or came into another status."""

    order_id: int
    before: OrderStand | None
    after: OrderStand
