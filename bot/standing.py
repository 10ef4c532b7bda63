"""How a platform is doing, as it says itself: for the line on the terminal, for health and for metrics."""

from dataclasses import dataclass
from typing import Protocol

UP, STARTING, AWAY, STANDBY, REFUSED = "up", "starting", "away", "standby", "refused"


@dataclass(frozen=True, slots=True)
class Standing:
    """`state`: `up`; `starting`; `away` (out of reach, tried again); `standby` (another process does it, this one is
    ready); `refused` (somebody has to mend the settings).

    `sentence` goes on after the platform's name; what may differ from try to try stands in brackets at its end.
    `{address}` in it is where this process listens.
    """

    state: str
    sentence: str

    @property
    def works(self) -> bool:
        """Whether nothing is wrong with it: it is up, or ready to be."""
        return self.state in {UP, STANDBY}


class Described(Protocol):
    """A platform that tells how it is doing."""

    @property
    def name(self) -> str: ...

    def describe(self) -> Standing: ...
