"""Where a step's time goes: our road with a stopwatch in its joints, each moment counted to the innermost one."""

import inspect
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import CursorResult

import bot.answering
import bot.parcels
from bot.conversations import engine
from bot.conversations.draft import Draft
from bot.handlers import guided

from .conversing import CLOSING, OPENING, STEPS, Road
from .harness import lay_out
from .recording import Op

LEADS = 50
REST = "dispatcher, handlers, parcels"
ORM = "SQLAlchemy"
DRIVER = "driver: statements"
COMMIT = "driver: commit and flush"
JOINTS: tuple[tuple[str, Any, str], ...] = (
    ("engine", engine, "apply"),
    ("engine", Draft, "to_json"),
    ("engine", Draft, "from_json"),
    ("drawing", guided, "draw"),
    ("packing and unpacking the screen", bot.answering, "pack_screen"),
    ("packing and unpacking the screen", bot.parcels, "unpack_screen"),
    (ORM, Engine, "connect"),
    (ORM, Connection, "execute"),
    (ORM, Connection, "commit"),
    (ORM, Connection, "rollback"),
    (ORM, Connection, "close"),
    (ORM, CursorResult, "_only_one_row"),
    (ORM, CursorResult, "_allrows"),
)


class Stopwatch:
    """Seconds by part; `timed` wraps a function so that what it takes, less what is timed inside it, counts."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._inside = [REST]
        self._since = time.perf_counter()

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **named: Any) -> Any:
            self._turn(part)
            try:
                return function(*arguments, **named)
            finally:
                self._turn(None)

        return wrapped

    def start(self) -> None:
        self._since = time.perf_counter()

    def stop(self) -> None:
        self._count()

    def _turn(self, part: str | None) -> None:
        self._count()
        if part is None:
            self._inside.pop()
        else:
            self._inside.append(part)

    def _count(self) -> None:
        now = time.perf_counter()
        self.seconds[self._inside[-1]] += now - self._since
        self._since = now


def take_apart(kind: str, road: Road, played: Sequence[Op]) -> Iterator[str]:
    """Lines: the parts of a step by time, and how many statements and transactions it has."""
    watch = Stopwatch()
    with _joints(watch, road.database.engine.dialect):
        for _ in range(LEADS):
            road.step(OPENING)
            watch.start()
            for text in STEPS:
                road.step(text)
            watch.stop()
            road.step(CLOSING)
    ends = Counter("transactions" if isinstance(op, str) else "statements" for op in played)
    counts = ", ".join(f"{count / len(STEPS):g} {what}" for what, count in sorted(ends.items()))
    steps = LEADS * len(STEPS)
    whole = sum(watch.seconds.values())
    yield f"Where a step on {kind} goes ({counts}; the stopwatch's own time included):"
    yield from lay_out(
        [
            (f"  {part}", f"{seconds / steps * 1e6:.0f} µs", f"{seconds / whole:.0%}")
            for part, seconds in sorted(watch.seconds.items(), key=lambda part: -part[1])
        ]
    )


@contextmanager
def _joints(watch: Stopwatch, dialect: Any) -> Iterator[None]:
    with ExitStack() as patches:
        for part, owner, name in JOINTS:
            found = inspect.getattr_static(owner, name)
            if isinstance(found, classmethod):
                timed: Any = classmethod(watch.timed(part, found.__func__))
            else:
                timed = watch.timed(part, found)
            patches.enter_context(patch.object(owner, name, timed))
        for part, name in ((DRIVER, "do_execute"), (COMMIT, "do_commit"), (DRIVER, "do_rollback")):
            patches.enter_context(patch.object(dialect, name, watch.timed(part, getattr(dialect, name))))
        yield
