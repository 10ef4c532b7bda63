"""What happens to an order's money, told in the same transaction to who must act on it: production, its status."""

from dataclasses import dataclass

from crm.core.history import Actor


@dataclass(frozen=True, slots=True)
class PaymentChanged:
    """Event: something of this order was paid or taken back, or finance released it. Its lock is held."""

    order_id: int
    actor: Actor
