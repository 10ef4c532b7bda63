"""How long this room waits for what, and pauses that grow."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Seconds. `first_pause` doubles up to `longest_pause`; `poll` is how long Telegram may hold an empty poll.

    `lease`: how long the right to poll outlives a process that cannot renew it; `finish`: what is under way at a stop
    may take so long. `check`: how often it is asked whether Telegram still calls us. `sweep`: how often the menus
    of people who were changed are compared with what they should be, `whole_sweep`: those of everybody;
    `between_menus`: how fast they are set then. `typing_after`: how long an answer may take without the sign that we
    are typing, `typing_every`: how often that is shown anew.
    """

    first_pause: float = 0.5
    longest_pause: float = 30.0
    poll: int = 25
    lease: float = 20.0
    standby: float = 2.0
    finish: float = 3.0
    check: float = 60.0
    sweep: float = 5.0
    whole_sweep: float = 60.0
    between_menus: float = 0.1
    typing_after: float = 0.7
    typing_every: float = 4.0


class Pauses:
    """Pauses of one trouble: each is twice as long as the last, until it is over."""

    def __init__(self, first: float, longest: float) -> None:
        self._first = first
        self._longest = longest
        self._next = first

    def next(self) -> float:
        pause = self._next
        self._next = min(self._longest, pause * 2)
        return pause

    def over(self) -> None:
        self._next = self._first
