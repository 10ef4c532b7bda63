"""Misfortune on demand: refusals, broken connections, slow answers, and calls that are held at a point."""

import asyncio
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tests.counterparts.patience import PATIENCE
from tests.counterparts.telegram.refusals import RefusedError

_PHRASES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
}


class Hold:
    """Calls stopped at a point until the test lets them go. A context manager: leaving it lets go."""

    def __init__(self) -> None:
        self._reached = threading.Event()
        self._released = threading.Event()
        self._gone = threading.Event()
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []
        self._lock = threading.Lock()

    def wait_reached(self, timeout: float = PATIENCE) -> None:
        """Returns when a call stands at the point; fails after `timeout` seconds."""
        assert self._reached.wait(timeout), f"no call came to the held point within {timeout} s"

    def wait_gone(self, timeout: float = PATIENCE) -> None:
        """Returns when the server has noticed that the client of a held call died.

        Only then is it certain that a call held before it was carried out never will be.
        """
        assert self._gone.wait(timeout), f"the client of the held call was still there after {timeout} s"

    def release(self) -> None:
        with self._lock:
            self._released.set()
            for loop, event in self._waiting:
                loop.call_soon_threadsafe(event.set)
            self._waiting.clear()

    async def stand(self) -> None:
        """What a held call does, on the server's loop."""
        event = asyncio.Event()
        with self._lock:
            if self._released.is_set():
                return
            self._waiting.append((asyncio.get_running_loop(), event))
        self._reached.set()
        try:
            await event.wait()
        except asyncio.CancelledError:
            self._gone.set()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


@dataclass
class Fault:
    """`after`: on which side of carrying the method out it strikes; `method` "*": any but getUpdates."""

    method: str
    after: bool
    times: int
    refusal: RefusedError | None = None
    drops: bool = False
    seconds: float = 0.0
    hold: Hold | None = None

    def meets(self, method: str, *, after: bool) -> bool:
        return self.after == after and self.method in {method, "*" if method != "getUpdates" else method}


@dataclass
class Faults:
    waiting: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> None:
        with self._lock:
            self.waiting.append(fault)

    def clear(self) -> None:
        with self._lock:
            for fault in self.waiting:
                if fault.hold:
                    fault.hold.release()
            self.waiting.clear()

    def take(self, method: str, *, after: bool) -> Fault | None:
        """The oldest fault that strikes here, used up by one."""
        with self._lock:
            fault = next((each for each in self.waiting if each.meets(method, after=after)), None)
            if fault is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self.waiting.remove(fault)
            return fault


def refusal(status: int, *, retry_after: int, description: str) -> RefusedError:
    """The answer that the real server gives with this status, unless another description is asked for."""
    phrase = _PHRASES.get(status, "Error")
    if status == 429:
        text = description or f"{phrase}: retry after {retry_after}"
        return RefusedError(text, status=status, retry_after=retry_after)
    return RefusedError(description or phrase, status=status)
