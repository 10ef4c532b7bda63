"""The database: one engine, SQLite or PostgreSQL, and the two ways to use it, `write` and `read`.

SQLite runs in WAL with synchronous FULL; writers begin with BEGIN IMMEDIATE (so a writer never fails half-way
because its snapshot is old), queue within this process before they queue on the file's lock, and those that wait
together are committed together (`group_commit`).
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError

from crm.core.errors import AWAY, FULL, LOCKED, SettingsError, StoreUnavailable
from crm.core.events import Events
from crm.core.group_commit import GroupCommit, WriterBusy
from crm.core.steadiness import Steadiness
from crm.core.work import UnitOfWork

Clock = Callable[[], datetime]

BUSY_TIMEOUT_S = 20.0
"""How long a writer waits for another process's lock before it gives up with StoreUnavailable."""
BEGIN = "tradewind_begin"
"""The execution option that says how an SQLite connection begins its transactions."""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Database:
    """Opens the database at `url`; `watch_clock`: what runs out by the clock waits when that was set.

    Raises SettingsError for a URL that no driver here understands.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Clock = utc_now,
        events: Events | None = None,
        busy_timeout: float = BUSY_TIMEOUT_S,
        pool_size: int = 8,
        watch_clock: bool = False,
    ) -> None:
        self.url = url
        self.clock = clock
        self._steadiness = Steadiness(clock) if watch_clock else None
        self.events = events or Events()
        self.engine = _open(url, busy_timeout, pool_size)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        # SQLite's own waiting is a poll with growing pauses, and unfair; within a process a lock is neither.
        self._writer = GroupCommit(self._open_writer, patience=busy_timeout) if self.is_sqlite else None

    @contextmanager
    def write(self) -> Iterator[UnitOfWork]:
        """One transaction that may write; commits on leaving, rolls back on any exception.

        Raises StoreUnavailable when the database is locked too long, full or away.
        """
        with self._writing() as connection:
            work = self._work(connection)
            try:
                yield work
                work.finish()
            except BaseException:
                work.abandon()
                raise

    @contextmanager
    def read(self) -> Iterator[UnitOfWork]:
        """One transaction for reading only; whatever it might have changed is rolled back."""
        with self.connected() as connection:
            work = self._work(connection)
            try:
                yield work
            finally:
                work.abandon()
                connection.rollback()

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """A bare connection: who uses it begins and commits. Raises StoreUnavailable as the others do."""
        with _narrowed(), self.engine.connect() as connection:
            yield connection

    def close(self) -> None:
        self.engine.dispose()

    def _work(self, connection: Connection) -> UnitOfWork:
        if self._steadiness is None:
            return UnitOfWork(connection, now=self.clock(), events=self.events)
        now, steady_s = self._steadiness.read()
        return UnitOfWork(connection, now=now, events=self.events, steady_s=steady_s)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A connection in a transaction that is committed on leaving."""
        if self._writer is None:
            with self.connected() as connection:
                yield connection
                connection.commit()
            return
        try:
            with _narrowed(), self._writer.transaction() as connection:
                yield connection
        except WriterBusy as busy:
            raise StoreUnavailable("waited too long for this process's writer", LOCKED) from busy

    def _open_writer(self) -> Connection:
        return self.engine.connect().execution_options(**{BEGIN: "BEGIN IMMEDIATE"})


@contextmanager
def _narrowed() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        narrowed = narrow(error)
        if narrowed is None:
            raise
        raise narrowed from error


def sqlite_file(url: str) -> Path | None:
    """The file of an SQLite address; None for another database, or one in memory."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        return None
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return None
    return Path(parsed.database)


def narrow(error: DBAPIError) -> StoreUnavailable | None:
    """The passing or outside trouble that this driver's error means; None when it is our own fault."""
    original = error.orig
    if isinstance(original, sqlite3.OperationalError):
        return _narrow_sqlite(original)
    if error.connection_invalidated or isinstance(error, InterfaceError):
        return StoreUnavailable(str(original), AWAY)
    if isinstance(error, OperationalError):
        state = getattr(original, "sqlstate", None) or ""
        if state.startswith("53"):  # insufficient resources: disk full, out of memory, too many connections
            return StoreUnavailable(str(original), FULL if state == "53100" else AWAY)
        if state in {"55P03", "40P01", "40001"}:
            return StoreUnavailable(str(original), LOCKED)
        return StoreUnavailable(str(original), AWAY)
    return None


def _narrow_sqlite(error: sqlite3.OperationalError) -> StoreUnavailable | None:
    primary = (error.sqlite_errorcode or 0) & 0xFF
    if primary in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return StoreUnavailable(str(error), LOCKED)
    if primary == sqlite3.SQLITE_FULL:
        return StoreUnavailable(str(error), FULL)
    if primary in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}:
        return StoreUnavailable(str(error), AWAY)
    return None


def _open(url: str, busy_timeout: float, pool_size: int) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.drivername in {"postgresql", "postgres"}:
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
            raise SettingsError(
                f"TRADEWIND_DATABASE_URL: {parsed.get_backend_name()} is not supported; use sqlite or postgresql"
            )
        if parsed.get_backend_name() == "sqlite":
            return _open_sqlite(str(parsed), busy_timeout, pool_size)
        return create_engine(parsed, pool_size=pool_size, max_overflow=4, pool_pre_ping=False, hide_parameters=True)
    except SettingsError:
        raise
    except Exception as error:
        raise SettingsError(f"TRADEWIND_DATABASE_URL is not a database address: {error}") from error


def _open_sqlite(url: str, busy_timeout: float, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=4,
        hide_parameters=True,  # an error's text is logged, and what people write is not
        pool_use_lifo=True,  # the connection used last knows its statements best
        connect_args={"timeout": busy_timeout, "check_same_thread": False, "autocommit": True}
        if hasattr(sqlite3, "LEGACY_TRANSACTION_CONTROL")
        else {"timeout": busy_timeout, "check_same_thread": False, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def _settle(connection: Any, record: Any) -> None:
        _use_wal(connection, busy_timeout)
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # pysqlite's own transaction control is off (above): it would begin too late, and deferred.
        connection.exec_driver_sql(connection.get_execution_options().get(BEGIN, "BEGIN"))

    return engine


def _use_wal(connection: Any, patience: float) -> None:
    """Change a new file into WAL. SQLite itself does not wait while another connection is doing the same."""
    until = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return
