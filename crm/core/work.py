"""The unit of work: one transaction, one time, the events in it. Nobody else commits."""

import math
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from crm.core.events import Events


class UnitOfWork:
    """What a service is given: `connection` for Core statements, `session` for the ORM, `now` (aware, UTC).

    Both speak in the same transaction. The edge that opened it commits; services only flush. `steady_s`: for so many
    seconds the clock was not set.
    """

    def __init__(self, connection: Connection, *, now: datetime, events: Events, steady_s: float = math.inf) -> None:
        self.connection = connection
        self.now = now
        self.steady_s = steady_s
        self.wakes: set[int] = set()
        """Chats that something was written for: delivery is told after the commit, and would find out by itself."""
        self.has_changed = False
        """A history row was written: something is not as it was."""
        self._events = events
        self._session: Session | None = None
        self._collected: dict[Callable[[UnitOfWork, list[Any]], None], list[Any]] = {}

    @property
    def session(self) -> Session:
        """The ORM's session on this transaction, made when first asked for."""
        if self._session is None:
            self._session = Session(self.connection, expire_on_commit=False)
        return self._session

    def emit(self, event: object) -> None:
        """Tell the subscribers of this event now, inside this transaction."""
        self._events.emit(self, event)

    def collect(self, write: Callable[["UnitOfWork", list[Any]], None], item: object) -> None:
        """Have `write` called once, right before the commit, with everything collected for it: what many acts lock
        is so locked last, all at once, in one order, and for as short as can be.
        """
        self._collected.setdefault(write, []).append(item)

    def finish(self) -> None:
        """Write what is pending. Called by the database alone, which then commits."""
        # In one order of their own, whatever a transaction did first.
        for write in sorted(self._collected, key=lambda one: (one.__module__, one.__qualname__)):
            write(self, self._collected[write])
        if self._session is not None:
            # Of a session on a given connection this ends its own part only: the transaction is not the session's.
            self._session.commit()
            self._session.close()

    def abandon(self) -> None:
        """Forget what is pending. Called by the database alone, which then rolls back."""
        if self._session is not None:
            self._session.close()
