"""Races made sure instead of lucky: somebody else acts right before one statement of ours."""

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Engine, event


class Between:
    """Runs `act` once, right before the first statement on `engine` that begins with `what`.

    `act` opens transactions of its own; on PostgreSQL they are real neighbours of the one that is interrupted.
    """

    def __init__(self, engine: Engine, what: str, act: Callable[[], object]) -> None:
        self._engine, self._what, self._act, self.has_acted = engine, what, act, False

    def __call__(self, connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        if not self.has_acted and statement.startswith(self._what):
            self.has_acted = True
            self._act()

    def __enter__(self) -> Self:
        event.listen(self._engine, "before_cursor_execute", self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        event.remove(self._engine, "before_cursor_execute", self)
