"""(i) 10,000 reminders due in the same second, among a million that are not: told, against the least SQL that could."""

import functools
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any, TypeAlias

import psycopg
from sqlalchemy import insert, select, text

from crm.core.database import Database
from crm.core.outbox import Chat
from crm.people.identities import ChatIdentity
from crm.people.people import Person
from scheduler.reminders import tell_reminders

from .harness import Bench, Sides, Times
from .house import PLATFORM, House, open_house
from .recording import connect

DUE, LATER, PEOPLE = 10_000, 1_000_000, 2_000
RUNS = 5

Bare: TypeAlias = "sqlite3.Connection | psycopg.Connection"

_COUNT = {
    "sqlite": """
        WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < :count) SELECT n FROM many""",
    "postgresql": "SELECT n FROM generate_series(1, CAST(:count AS integer)) AS many(n)",
}
_ADD = """
    INSERT INTO tasks (person_id, text, due_at, status, created_at)
    SELECT :first + n % :people, 'Call about the quote', :at, 'open', :at FROM ({count}) AS counted"""
_CLAIM = """
    UPDATE tasks SET status = 'told', told_at = {now} WHERE id IN (
        SELECT id FROM tasks WHERE status = 'open' AND due_at <= {now} ORDER BY due_at, id LIMIT 10000
    ) AND status = 'open' RETURNING id, person_id, due_at"""
_WRITE = """
    INSERT INTO outbox (key, lane, chat_id, person_id, payload, status, created_at)
    VALUES (?, 2, ?, ?, ?, 'pending', ?)"""
_BOTH = f"""
    WITH claimed AS ({_CLAIM.format(now="%(now)s")})
    INSERT INTO outbox (key, lane, chat_id, person_id, payload, status, created_at)
    SELECT 'task:' || claimed.id || ':' || claimed.due_at, 2, chat_identities.chat_id, claimed.person_id,
        jsonb_build_object('card', jsonb_build_array('task', claimed.id)), 'pending', %(now)s
    FROM claimed JOIN chat_identities ON chat_identities.person_id = claimed.person_id"""


@contextmanager
def due_sides(kind: str) -> Iterator[Sides]:
    """Ours in one copy of the house, the bare driver in another."""
    with (
        open_house(kind, _company) as house,
        closing(Database(house.copy())) as ours,
        _bare(house) as (bare, beside),
    ):
        yield Sides(functools.partial(_run, ours, lambda: _tell(ours)), functools.partial(_run, beside, bare))


@contextmanager
def _bare(house: House) -> Iterator[tuple[Callable[[], object], Database]]:
    """What is to be measured, and the same database as we open it, to make it ready."""
    url = house.copy()
    act = _by_hand_in_sqlite if house.kind == "sqlite" else _by_hand_in_postgresql
    with closing(Database(url)) as beside, closing(connect(url)) as connection:
        yield functools.partial(act, connection, beside), beside


def _run(database: Database, act: Callable[[], object]) -> float:
    _make_due(database)
    started = time.perf_counter()
    act()
    taken = time.perf_counter() - started
    with database.read() as work:
        assert work.connection.execute(text("SELECT count(*) FROM outbox")).scalar() == DUE
    return taken


def _tell(database: Database) -> None:
    assert tell_reminders(database) == DUE


def _by_hand_in_sqlite(connection: Any, database: Database) -> None:
    now = f"{database.clock():%Y-%m-%d %H:%M:%S.%f}"
    connection.execute("BEGIN IMMEDIATE")
    chats = dict(connection.execute("SELECT person_id, chat_id FROM chat_identities"))
    claimed = connection.execute(_CLAIM.format(now=":now"), {"now": now}).fetchall()
    connection.executemany(
        _WRITE,
        [
            (f"task:{task}:{at}", chats[person], person, f'{{"card": ["task", {task}]}}', now)
            for task, person, at in claimed
        ],
    )
    connection.execute("COMMIT")


def _by_hand_in_postgresql(connection: Any, database: Database) -> None:
    connection.execute(_BOTH, {"now": database.clock()})
    connection.commit()


def _make_due(database: Database) -> None:
    """As before the first run: so many are due, and nobody was told anything."""
    with database.write() as work:
        for table in ("outbox", "card_copies", "history"):
            work.connection.execute(text(f"DELETE FROM {table}"))
        again = text("UPDATE tasks SET status = 'open', told_at = NULL WHERE due_at < :now")
        work.connection.execute(again, {"now": _shown(database, 0)})
    if not database.is_sqlite:
        with database.connected() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            for table in ("tasks", "outbox", "card_copies", "history"):
                connection.execute(text(f"VACUUM {table}"))


def _shown(database: Database, seconds: float) -> Any:
    """So many seconds from now, as the driver is to be given it."""
    at = database.clock() + timedelta(seconds=seconds)
    return f"{at:%Y-%m-%d %H:%M:%S.%f}" if database.is_sqlite else at


def _company(database: Database) -> None:
    """People with a chat each, five reminders that are due each, and five hundred that are not."""
    first = _people(database)
    with database.write() as work:
        for count, seconds in ((DUE, -60), (LATER, 30 * 86_400)):
            statement = text(_ADD.format(count=_COUNT[work.connection.dialect.name]))
            values = {"first": first, "people": PEOPLE, "at": _shown(database, seconds), "count": count}
            work.connection.execute(statement, values)
    with database.connected() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text("ANALYZE"))


def _people(database: Database) -> int:
    """Returns the first one's id; the others follow."""
    with database.write() as work:
        values = {"language": "en", "timezone": "UTC", "is_active": True, "created_at": work.now}
        work.connection.execute(insert(Person), [values | {"name": f"Reader {number}"} for number in range(PEOPLE)])
        people = list(work.connection.execute(select(Person.id).order_by(Person.id)).scalars())
        chats = [{"platform": PLATFORM, "external_id": str(one), "is_private": True} for one in people]
        work.connection.execute(insert(Chat), chats)
        chat_of = dict(work.connection.execute(select(Chat.external_id, Chat.id)).tuples().all())
        account = {"platform": PLATFORM, "linked_at": work.now}
        work.connection.execute(
            insert(ChatIdentity),
            [account | {"account_id": str(one), "person_id": one, "chat_id": chat_of[str(one)]} for one in people],
        )
        assert people == list(range(people[0], people[0] + PEOPLE))
        return int(people[0])


DUE_BENCHES: Iterable[Bench] = tuple(
    Bench(
        name=f"{DUE:,} reminders due at once, {name}", aim=Times(3), runs=RUNS, open=functools.partial(due_sides, kind)
    )
    for kind, name in (("sqlite", "SQLite"), ("postgresql", "PostgreSQL"))
)
