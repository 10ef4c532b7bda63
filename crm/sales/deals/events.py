"""What happens to deals, told to who keeps count of them in the same transaction."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class DealStand:
    """A deal as far as figures go. `base_amount` in the base currency."""

    owner_id: int
    stage: str
    stage_since: datetime
    base_amount: Decimal
    on_hold: bool = False


@dataclass(frozen=True, slots=True)
class DealChanged:
    """Event: a deal was opened (`before` None), came into another stage, to another owner or amount,
    was put on hold or taken off.
    """

    deal_id: int
    before: DealStand | None
    after: DealStand
