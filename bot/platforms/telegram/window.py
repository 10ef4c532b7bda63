"""Which updates Telegram may forget: all below the offset, and nothing above it has to be done in order."""

MOST = 100
"""Updates that Telegram shows at once. Behind so many that wait for the first, nothing more is seen."""


class Window:
    """The updates seen and not confirmed yet. One that waits holds the offset, not those after it."""

    def __init__(self) -> None:
        self._waiting: set[int] = set()
        self._settled: set[int] = set()
        self._above: int | None = None

    @property
    def offset(self) -> int | None:
        """What is asked for next; everything below is confirmed by asking. None before the first update."""
        return min(self._waiting) if self._waiting else self._above

    def ask(self) -> int | None:
        """The offset for the next poll. What lies below it is not shown again, unless Telegram means it."""
        offset = self.offset
        self._settled = {one for one in self._settled if one >= (offset or 0)}
        return offset

    @property
    def is_idle(self) -> bool:
        return not self._waiting

    @property
    def is_full(self) -> bool:
        offset = self.offset or 0
        return len(self._waiting) + sum(one >= offset for one in self._settled) >= MOST

    def admit(self, number: int) -> bool:
        """Note an update; False if it is known: waiting, or done, and shown because an earlier one waits or waited
        when it was asked for.
        """
        if number in self._waiting or number in self._settled:
            return False
        self._waiting.add(number)
        return True

    def settle(self, number: int) -> None:
        """This update's effects are safe."""
        self._waiting.discard(number)
        self._settled.add(number)
        self._above = max(number + 1, self._above or 0)
