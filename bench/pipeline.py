"""(k) `deals` of who sees all 100,000 open deals: the totals by stage as they are kept, against adding them up; and the
whole screen.
"""

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, text, true

from bot.cards.pipeline import Narrowing, draw_pipeline
from crm.core.database import Database
from crm.core.types import Amount
from crm.core.work import UnitOfWork
from crm.people.people import Member, Person, PersonRole, find_member
from crm.sales.deals.deals import Deal
from crm.sales.deals.pipeline import owners_seen, pipeline
from crm.sales.deals.pipeline_totals import read_totals, rebuild_totals
from crm.sales.deals.stages import OPEN_STAGES

from .harness import Bench, Sides, Within
from .house import open_house

DEALS, PEOPLE, CUSTOMERS = 100_000, 200, 10_000
NOW = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
TIMES = 20
"""Readings in a run."""

_THEN = "'2026-02-01 08:00:00'"
_SERIES = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})"
_STATEMENTS = (
    f"""INSERT INTO customers (id, name, name_key, search_key, grade, tags, status, owner_id, created_at, changed_at)
        {_SERIES} SELECT i, 'Firm ' || i, 'firm' || i, 'firm ' || i, 'C', '[]', 'active', 1 + i % {PEOPLE}, {_THEN},
        {_THEN} FROM n""",
    f"""INSERT INTO deals (id, customer_id, title, search_key, amount, currency, rate, base_amount, expected_close,
        stage, stage_since, owner_id, facts, on_hold, created_at, changed_at) {_SERIES} SELECT i, 1 + i % {CUSTOMERS},
        'Deal ' || i, 'deal ' || i, 100000000, 'CNY', 100000000, 100000000, '2026-06-01', CASE i % 5 WHEN 0 THEN
        'initial' WHEN 1 THEN 'needs' WHEN 2 THEN 'quotation' WHEN 3 THEN 'negotiation' ELSE 'contract' END, {_THEN},
        1 + i % {PEOPLE}, '{{{{}}}}', {{no}}, {_THEN}, {_THEN} FROM n""",
)
_ADDED_UP = (
    select(Deal.stage, func.count(), func.sum(Deal.base_amount, type_=Amount))
    .where(Deal.stage.in_(OPEN_STAGES))
    .group_by(Deal.stage)
)


def fill(database: Database) -> None:
    """Deals of this number, written straight into the tables; the first person is the general manager."""
    no = "0" if database.is_sqlite else "false"
    with database.write() as work:
        _people(work)
        for statement, rows in zip(_STATEMENTS, (CUSTOMERS, DEALS), strict=True):
            work.connection.execute(text(statement.format(rows=rows, no=no)))
        rebuild_totals(work)
    with database.write() as work:
        work.connection.execute(text("ANALYZE"))


def _people(work: UnitOfWork) -> None:
    midnight = datetime.min.time()
    same: dict[str, Any] = {
        "language": "en",
        "timezone": "Asia/Shanghai",
        "is_active": True,
        "work_days": "12345",
        "holidays": "CN",
        "work_from": midnight.replace(hour=9),
        "work_to": midnight.replace(hour=18),
        "wants_digest": True,
        "created_at": NOW - timedelta(days=400),
    }
    numbers = range(1, PEOPLE + 1)
    work.connection.execute(insert(Person), [{"id": n, "name": f"Person {n}"} | same for n in numbers])
    roles = [{"person_id": n, "role": "gm" if n == 1 else "rep"} for n in numbers]
    work.connection.execute(insert(PersonRole), roles)


@contextmanager
def totals_sides(kind: str) -> Iterator[Sides]:
    """Ours reads what is kept, the baseline adds the deals up."""
    with open_house(kind, fill) as house, closing(Database(house.copy(), clock=lambda: NOW)) as database:
        yield Sides(functools.partial(_read, database, _kept), functools.partial(_read, database, _added_up))


@contextmanager
def screen_sides(kind: str) -> Iterator[Sides]:
    with open_house(kind, fill) as house, closing(Database(house.copy(), clock=lambda: NOW)) as database:
        with database.read() as work:
            viewer = find_member(work, person_id=1)
        yield Sides(functools.partial(_read, database, functools.partial(_screen, viewer)))


def _read(database: Database, read: Callable[[UnitOfWork], int]) -> float:
    with database.read() as work:
        started = time.perf_counter()
        for _ in range(TIMES):
            assert read(work) == DEALS, "all are counted"
        return (time.perf_counter() - started) / TIMES


def _kept(work: UnitOfWork) -> int:
    return sum(count for count, _ in read_totals(work, true()).values())


def _added_up(work: UnitOfWork) -> int:
    return sum(count for _, count, _ in work.connection.execute(_ADDED_UP))


def _screen(viewer: Member, work: UnitOfWork) -> int:
    found = pipeline(work, viewer=viewer, most=8)
    draw_pipeline(found, 0, Narrowing(), owner=None, people=owners_seen(work, viewer=viewer))
    return found.total


def _bench(kind: str, name: str) -> tuple[Bench, Bench]:
    totals, screen = functools.partial(totals_sides, kind), functools.partial(screen_sides, kind)
    return (
        Bench(name=f"totals of {DEALS:,} deals, {name}", aim=Within(0.002), open=totals),
        Bench(name=f"deals, the screen over {DEALS:,}, {name}", open=screen),
    )


PIPELINE_BENCHES = (*_bench("sqlite", "SQLite"), *_bench("postgresql", "PostgreSQL"))
