"""Whether this process's clock has gone on evenly of late, or was set: then it cannot tell what has run out."""

import math
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

JUMP = timedelta(seconds=2.5)
"""A clock that is off by more than this from one look at it to the next was set. Less does no harm: leases are renewed
with more than that left.
"""


class Steadiness:
    """Watches a clock against the one that only counts. Any thread may ask."""

    def __init__(self, clock: Callable[[], datetime], *, count: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._count = count
        self._lock = threading.Lock()
        self._ahead = clock().timestamp() - count()
        self._jumped_at = -math.inf

    def read(self) -> tuple[datetime, float]:
        """The time, and for how many seconds (counted, not read) the clock has gone on evenly; infinite: always."""
        with self._lock:
            now, count = self._clock(), self._count()
            ahead = now.timestamp() - count
            if abs(ahead - self._ahead) > JUMP.total_seconds():
                self._jumped_at = count
            self._ahead = ahead
            return now, count - self._jumped_at
