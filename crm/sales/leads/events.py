"""What happens to leads, told to who keeps something about them in the same transaction."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HeldLeadSettled:
    """Event: it was said what becomes of a lead that looked like somebody's. `to`: its status from now on."""

    lead_id: int
    to: str
