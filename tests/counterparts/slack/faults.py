"""What goes wrong on demand: the next call of a method refused, broken off, or held back."""

import asyncio
import threading
from dataclasses import dataclass, field

from tests.counterparts.patience import PATIENCE


class Hold:
    """A call that stands still until the test lets it go on."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._reached = threading.Event()
        self._released = asyncio.Event()

    def reached(self, timeout: float = PATIENCE) -> None:
        """Wait until the app's call stands here; AssertionError if it does not come."""
        if not self._reached.wait(timeout):
            raise AssertionError(f"no such call within {timeout} s")

    def release(self) -> None:
        """Let it go on."""
        self._loop.call_soon_threadsafe(self._released.set)

    async def stand(self) -> None:
        """For the server: wait here."""
        self._reached.set()
        await self._released.wait()


@dataclass(frozen=True)
class Fault:
    """What happens to one call; `before` it had its effect, or after."""

    kind: str
    before: bool = True
    error: str = ""
    status: int = 200
    retry_after: int | None = None
    hold: Hold | None = None


@dataclass
class Faults:
    """The faults waiting, by method, in the order they were asked for; and acknowledgements to lose."""

    _waiting: dict[str, list[Fault]] = field(default_factory=dict)
    _acks: list[str | None] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, method: str, fault: Fault, times: int = 1) -> None:
        with self._lock:
            self._waiting.setdefault(method, []).extend([fault] * times)

    def take(self, method: str) -> Fault | None:
        with self._lock:
            waiting = self._waiting.get(method)
            return waiting.pop(0) if waiting else None

    def lose_acks(self, kind: str | None, times: int) -> None:
        with self._lock:
            self._acks.extend([kind] * times)

    def loses_ack(self, kind: str) -> bool:
        """Whether an acknowledgement of this kind gets lost; asked once for each."""
        with self._lock:
            for lost in (kind, None):
                if lost in self._acks:
                    self._acks.remove(lost)
                    return True
        return False
