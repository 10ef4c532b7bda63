"""How often one address may try: whoever guesses at links is soon told to wait."""

from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import datetime, timedelta

from starlette.requests import Request

MOST = 30
"""Tries a minute from one address."""
_MINUTE = timedelta(minutes=1)
_ADDRESSES = 10_000
"""Addresses remembered by a process; the one longest silent is forgotten first."""


class Tries:
    """Counts the tries of each address within the last minute, in this process. `header`: see `address_of`."""

    def __init__(self, clock: Callable[[], datetime], *, header: str) -> None:
        self._clock, self._header = clock, header
        self._seen: OrderedDict[str, deque[datetime]] = OrderedDict()

    def wait(self, request: Request) -> int:
        """Count this try; the seconds after which its address may try again, 0 where it may now."""
        address, now = address_of(request, self._header), self._clock()
        tries = self._seen.setdefault(address, deque())
        self._seen.move_to_end(address)
        while len(self._seen) > _ADDRESSES:
            self._seen.popitem(last=False)
        while tries and tries[0] <= now - _MINUTE:
            tries.popleft()
        if len(tries) >= MOST:
            return max(1, int((tries[0] + _MINUTE - now).total_seconds()))
        tries.append(now)
        return 0


def address_of(request: Request, header: str) -> str:
    """Where a request comes from: the connection, or what the proxy of ours wrote last into `header` (see settings).

    A header that no proxy of ours writes is anybody's to fill in, and believed in only where the setting names it.
    """
    told = request.headers.get(header, "").rpartition(",")[2].strip() if header else ""
    return told[:64] or (request.client.host if request.client else "")
