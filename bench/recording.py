"""What SQLAlchemy gives to the driver, written down and played again to the bare driver.

A recording is made on one copy of a database and played on another that began alike, so every id and every turn in
it holds there too: the same statements with the same values, in the same transactions, to the same effect.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import psycopg
from sqlalchemy import event, inspect, make_url, text

from crm.core.database import Database

Op: TypeAlias = tuple[str, Any, bool] | str
"""A statement with its values (many sets of them or one), or `commit` or `rollback`."""


@dataclass(slots=True)
class Recorder:
    """Listens to a database; `take` hands over what was heard since the last time."""

    database: Database
    _heard: list[Op] = field(default_factory=list)

    def __post_init__(self) -> None:
        engine = self.database.engine
        event.listen(engine, "before_cursor_execute", self._execute)
        event.listen(engine, "commit", lambda _: self._heard.append("commit"))
        event.listen(engine, "rollback", lambda _: self._heard.append("rollback"))

    def take(self) -> list[Op]:
        heard, self._heard = self._heard, []
        return heard

    def _execute(self, connection: Any, cursor: Any, statement: str, values: Any, context: Any, many: bool) -> None:
        self._heard.append((statement, values, many))


def connect(url: str) -> "sqlite3.Connection | psycopg.Connection":
    """The bare driver, set up as the program sets its own connections up."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return psycopg.connect(host=str(parsed.query["host"]), user=parsed.username, dbname=parsed.database)
    connection = sqlite3.connect(parsed.database or "", isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def play(connection: Any, ops: Sequence[Op]) -> None:
    """Do it all again, reading every row that comes back."""
    execute: Callable[..., Any] = connection.execute
    for op in ops:
        if isinstance(op, str):
            connection.commit() if op == "commit" else connection.rollback()
            continue
        statement, values, many = op
        if many:
            connection.cursor().executemany(statement, values)
            continue
        cursor = execute(statement, values)
        if cursor.description is not None:
            cursor.fetchall()


def same_rows(one: str, other: str) -> None:
    """Raise AssertionError unless both databases hold the same rows in every table."""
    first, second = Database(one), Database(other)
    try:
        with first.engine.connect() as left, second.engine.connect() as right:
            for name in inspect(left).get_table_names():
                everything = text(f'SELECT * FROM "{name}" ORDER BY 1, 2' if name != "alembic_version" else "SELECT 1")
                assert list(left.execute(everything)) == list(right.execute(everything)), f"{name} differs"
    finally:
        first.close()
        second.close()
