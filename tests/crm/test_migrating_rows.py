"""Rows from before a revision, as they are after it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Date, DateTime, MetaData, String, insert, select
from sqlalchemy.engine import Connection

from bot.tables import metadata
from crm.core.database import Database, utc_now
from crm.migrations import differences, head, migrate
from tests.crm.test_migrations import Open, empty_url

__all__ = ["empty_url"]

THEN = datetime(2026, 1, 5, 2, tzinfo=UTC)


def test_0004_begins_to_count_and_keeps_every_row(empty_url: str, open_database: Open) -> None:
    database = open_database(empty_url)
    migrate(database, "0003")
    before = MetaData()
    before.reflect(database.engine)
    with database.connected() as connection:
        _fill(connection, before)
        connection.commit()
    migrated_at = utc_now()
    assert migrate(database) == ("0003", head())
    assert differences(database, metadata) == []
    leads = _rows(database, "leads")
    touched = {row["id"]: row["touched_at"] for row in leads}
    assert touched[1] >= migrated_at, "open and somebody's: the days begin now"
    assert touched[1] - migrated_at < timedelta(minutes=5)
    assert (touched[2], touched[3]) == (THEN, THEN), "closed, or nobody's"
    assert [row["changed_at"] for row in leads] == [THEN] * 3
    (person,) = _rows(database, "people")
    assert (person["name"], person["holidays"], person["work_days"], person["wants_digest"]) == (
        "Li",
        "DE",
        "12345",
        True,
    )
    (task,) = _rows(database, "tasks")
    assert (task["due_at"], task["has_time"], task["is_follow_up"], task["recurrence"]) == (THEN, True, False, None)
    (step,) = _rows(database, "approval_steps")
    assert (step["order_id"], step["for_id"], step["urgent_at"]) == (1, None, None)


def _fill(connection: Connection, tables: MetaData) -> None:
    """A person, leads, a reminder and a step, and what these stand on."""
    person = {"name": "Li", "timezone": "Europe/Berlin", "team_id": None, "superior_id": None}
    _add(connection, tables, "people", **person)
    for number, (owner, status) in enumerate(((1, "contacted"), (1, "disqualified"), (None, "new")), start=1):
        _add(connection, tables, "leads", id=number, owner_id=owner, status=status)
    _add(connection, tables, "tasks", person_id=1, status="open", about="lead", about_id=1)
    _add(connection, tables, "customers", owner_id=1)
    _add(connection, tables, "orders", customer_id=1, submitter_id=1, status="pending")
    _add(connection, tables, "approval_steps", order_id=1, status="pending")


def _add(connection: Connection, tables: MetaData, table: str, **told: Any) -> None:
    """A row with these values, and others of the right kind where one is needed."""
    found = tables.tables[table]
    values = {column.name: _any(column.type) for column in found.columns if not column.nullable}
    if connection.dialect.name == "sqlite":  # reflected, a time there knows no zone
        told = {
            name: value.replace(tzinfo=None) if isinstance(value, datetime) else value for name, value in told.items()
        }
        values = {
            name: value.replace(tzinfo=None) if isinstance(value, datetime) else value for name, value in values.items()
        }
    connection.execute(insert(found), values | {"id": 1} | told)


def _any(kind: Any) -> Any:
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, DateTime):
        return THEN
    if isinstance(kind, Date):
        return date(2026, 1, 5)
    if isinstance(kind, String):
        return "x"
    return {} if kind.__class__.__name__ in {"JSON", "JSONB"} else 1


def _rows(database: Database, table: str) -> list[Any]:
    found = metadata.tables[table]
    with database.read() as work:
        return list(work.connection.execute(select(found).order_by(found.c.id)).mappings())
