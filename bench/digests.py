"""(h) All digests of 2,000 people over 1,000,000 orders: the time of each in the median of the batches, and how many
statements a batch takes.
"""

import functools
import math
import statistics
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import event, insert, text

from crm.core.database import Database
from crm.core.outbox import Chat
from crm.insight.due_digests import DueDigest, due_digests, tell_due
from crm.insight.recounting import rebuild_figures
from crm.people.identities import ChatIdentity
from crm.people.people import Person, PersonRole, Team
from scheduler.digests import BATCH

from .harness import Bench, Sides, Within
from .house import open_house

PEOPLE, ORDERS, CUSTOMERS, DEALS, LEADS = 2_000, 1_000_000, 100_000, 60_000, 40_000
TEAM = 10
NOW = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
"""Monday, 18:30 in Shanghai: everybody's time has come, the weekly ones' too."""

_SERIES = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})"
_BEFORE = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S.000000', '2026-03-02 10:00:00', (-({hours})) || ' hours')",
    "postgresql": "TIMESTAMPTZ '2026-03-02 10:00:00+00' - ({hours}) * INTERVAL '1 hour'",
}
_DAY = {
    "sqlite": "date('2026-03-02', (({days})) || ' days')",
    "postgresql": "DATE '2026-03-02' + ({days})::int",
}
_STATEMENTS = (
    f"""INSERT INTO customers (id, name, name_key, search_key, grade, tags, status, owner_id, credit_limit, created_at,
        changed_at) {_SERIES} SELECT i, 'Firm ' || i, 'firm' || i, 'firm ' || i,
        CASE WHEN i % 50 = 0 THEN 'A' WHEN i % 5 = 0 THEN 'B' ELSE 'C' END, '[]', 'active', 1 + i % {PEOPLE},
        10000000000, {{old}}, {{old}} FROM n""",
    f"""INSERT INTO orders (id, number, customer_id, submitter_id, status, round, currency, rate, incoterm, delivery_on,
        deliver_to, payment_terms, total, base_total, checks, submitted_at, decided_at, created_at, changed_at)
        {_SERIES} SELECT i, 'SO-' || i, 1 + i % {CUSTOMERS}, 1 + i % {PEOPLE},
        CASE i % 1000 WHEN 0 THEN 'sent_back' WHEN 1 THEN 'pending' ELSE 'approved' END, 1, 'CNY', 100000000, 'FOB',
        {{delivery}}, 'Hamburg', 'net 30', 100000000, 100000000, '[]', {{then}}, {{then}}, {{then}}, {{then}} FROM n""",
    f"""INSERT INTO reservations (order_id, customer_id, base_amount, deposit_received_base, cover_base, created_at,
        released_at) {_SERIES} SELECT i, 1 + i % {CUSTOMERS}, 100000000, 0, 0, {{then}},
        CASE WHEN i % 20 = 0 THEN NULL ELSE {{then}} END FROM n""",
    f"""INSERT INTO approval_steps (id, order_id, round, position, role, status, asked_at)
        {_SERIES} SELECT i, (i - 1) * 1000 + 1, 1, 1, 'supervisor', 'pending', {{recent}} FROM n""",
    f"""INSERT INTO receivables (id, customer_id, currency, amount, base_amount, open_base, due_on, created_at,
        settled_at) {_SERIES} SELECT i, 1 + i % {CUSTOMERS}, 'CNY', 100000000, 100000000, 100000000, {{due}}, {{old}},
        CASE WHEN i % 10 = 0 THEN NULL ELSE {{old}} END FROM n""",
    f"""INSERT INTO deals (id, customer_id, title, search_key, amount, currency, rate, base_amount, expected_close,
        stage, stage_since, owner_id, facts, on_hold, created_at, changed_at) {_SERIES}
        SELECT i, 1 + i % {CUSTOMERS}, 'Deal ' || i, 'deal ' || i, 100000000, 'CNY', 100000000, 100000000, '2026-06-01',
        CASE i % 7 WHEN 0 THEN 'initial' WHEN 1 THEN 'needs' WHEN 2 THEN 'quotation' WHEN 3 THEN 'negotiation'
        WHEN 4 THEN 'contract' WHEN 5 THEN 'won' ELSE 'lost' END, {{recent}}, 1 + i % {PEOPLE}, '{{{{}}}}', {{no}},
        {{old}}, {{recent}} FROM n""",
    f"""INSERT INTO leads (id, company, contact, source, product_need, next_follow_up_at, next_follow_up_has_time, tags,
        status, owner_id, created_at, changed_at, touched_at) {_SERIES} SELECT i, 'Prospect ' || i, 'Hans', 'other',
        'lamps', {{follow}}, {{no}}, '[]', 'new', 1 + i % {PEOPLE}, {{old}}, {{recent}}, {{recent}} FROM n""",
    f"""INSERT INTO tasks (id, person_id, text, due_at, about, about_id, status, created_at) {_SERIES}
        SELECT i, 1 + i % {PEOPLE}, 'call', {{follow}}, 'customer', i, 'told', {{old}} FROM n""",
)
_ROWS = (CUSTOMERS, ORDERS, ORDERS, ORDERS // 1000, 200_000, DEALS, LEADS, 20_000)


def fill(database: Database) -> None:
    """A company of this size, written straight into the tables."""
    kind = "sqlite" if database.is_sqlite else "postgresql"
    times = {
        "old": _BEFORE[kind].format(hours="5000"),
        "then": _BEFORE[kind].format(hours="i % 13000"),
        "recent": _BEFORE[kind].format(hours="i % 1500"),
        "follow": _BEFORE[kind].format(hours="i % 300 - 60"),
        "delivery": _DAY[kind].format(days="30 - i % 540"),
        "due": _DAY[kind].format(days="20 - i % 60"),
        "no": "0" if database.is_sqlite else "false",
    }
    with database.write() as work:
        _people(work.connection)
        for statement, rows in zip(_STATEMENTS, _ROWS, strict=True):
            work.connection.execute(text(statement.format(rows=rows, **times).replace("\\", "")))
    with database.write() as work:
        rebuild_figures(work)
        work.connection.execute(text("ANALYZE"))


def _people(connection: Any) -> None:
    """Teams of ten, one of each their supervisor; some finance, and a general manager."""
    now = NOW - timedelta(days=400)
    teams = [{"id": n + 1, "name": f"Team {n}", "created_at": now} for n in range(math.ceil(PEOPLE / TEAM))]
    connection.execute(insert(Team), teams)
    numbers = range(1, PEOPLE + 1)
    values = {"language": "en", "timezone": "Asia/Shanghai", "is_active": True, "work_days": "12345", "holidays": "CN"}
    hours = {"work_from": datetime.min.time().replace(hour=9), "work_to": datetime.min.time().replace(hour=18)}
    more = {"wants_digest": True, "digest_at": hours["work_to"], "created_at": now}
    people = [{"id": n, "name": f"Person {n}", "team_id": 1 + n % len(teams)} | values | hours | more for n in numbers]
    connection.execute(insert(Person), people)
    roles = [{"person_id": n, "role": _role(n)} for n in numbers]
    connection.execute(insert(PersonRole), roles)
    chats = [{"id": n, "platform": "bench", "external_id": str(n), "is_private": True} for n in numbers]
    connection.execute(insert(Chat), chats)
    accounts = [
        {"platform": "bench", "account_id": str(n), "person_id": n, "chat_id": n, "linked_at": now} for n in numbers
    ]
    connection.execute(insert(ChatIdentity), accounts)


def _role(number: int) -> str:
    if number == 1:
        return "gm"
    if number <= PEOPLE // TEAM:
        return "supervisor"
    return "finance" if number % 100 == 0 else "rep"


@contextmanager
def digest_sides(kind: str) -> Iterator[Sides]:
    """Ours: every digest of the day, gathered, kept and put into the outbox in batches as the program does; each run on
    the next day. No baseline: the aim is a time.
    """
    with open_house(kind, fill) as house, closing(Database(house.copy(), clock=lambda: NOW)) as database:
        counts: list[int] = []
        days = iter(range(10_000))
        yield Sides(functools.partial(_tell, database, days, counts), notes=functools.partial(_notes, counts))


def _tell(database: Database, days: Iterator[int], counts: list[int]) -> float:
    """Returns the seconds of one digest in the median batch."""
    now = _working_day(next(days))
    database.clock = lambda: now
    with database.read() as work:
        due = due_digests(work)
    assert len(due) >= PEOPLE - 1, f"everybody's is due, not {len(due)}"
    counts.clear()
    return statistics.median(
        _batch(database, due[start : start + BATCH], counts) for start in range(0, len(due), BATCH)
    )


def _working_day(number: int) -> datetime:
    """Weekdays from NOW on; Qingming and the first of May are far enough."""
    return NOW + timedelta(days=number // 5 * 7 + number % 5)


def _batch(database: Database, due: list[DueDigest], counts: list[int]) -> float:
    statements: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    started = time.perf_counter()
    with database.write() as work:
        told = tell_due(work, due)
    seconds = time.perf_counter() - started
    event.remove(database.engine, "before_cursor_execute", note)
    assert told == len(due), "each once"
    counts.append(len(statements))
    return seconds / told


def _notes(counts: list[int]) -> Iterator[str]:
    each = sum(counts) / PEOPLE
    yield f"statements for a batch of {BATCH} digests: {min(counts)} to {max(counts)}, {each:.1f} a digest"


def _bench(kind: str, name: str) -> Bench:
    return Bench(
        name=f"digests of {PEOPLE:,} people, {name}",
        aim=Within(0.005),
        runs=3,
        open=functools.partial(digest_sides, kind),
    )


DIGESTS_BENCHES = (_bench("sqlite", "SQLite"), _bench("postgresql", "PostgreSQL"))
