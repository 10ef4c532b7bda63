"""(n) One work order slips among 5,000 open ones: everything behind it is placed anew, with milestones, history and the
orders' ready days, in one transaction.
"""

import functools
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, text

from crm.core.database import Database
from crm.core.history import SYSTEM
from crm.core.work import UnitOfWork
from crm.fulfilment.makers import Capacity, Maker, ProductionLine, lock_planning
from crm.fulfilment.milestones import PLACES, Milestone
from crm.fulfilment.plans import Plan, slip_work
from crm.fulfilment.scheduling import Job, schedule
from crm.fulfilment.work_orders import WorkOrder
from crm.people.people import Person

from .harness import Bench, Sides, Within
from .house import open_house

ORDERS = 5_000
NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
TODAY = date(2026, 3, 2)
_THEN = "'2026-02-01 08:00:00'"
_SERIES = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})"
_STATEMENTS = (
    f"""INSERT INTO customers (id, name, name_key, search_key, grade, tags, status, owner_id, created_at, changed_at)
        {_SERIES} SELECT i, 'Firm ' || i, 'firm' || i, 'firm ' || i, 'C', '[]', 'active', 1, {_THEN}, {_THEN} FROM n""",
    f"""INSERT INTO products (id, sku, name, unit, currency, list_price, stock, lead_time_days, is_discontinued,
        search_key, category, created_at, changed_at) {_SERIES} SELECT i, 'P' || i, 'Lamp ' || i, 'pcs', 'CNY', 1, 0, 1,
        {{no}}, 'lamp', 'Lighting', {_THEN}, {_THEN} FROM n WHERE i <= 10""",
    f"""INSERT INTO orders (id, number, customer_id, submitter_id, status, round, currency, rate, incoterm, delivery_on,
        deliver_to, payment_terms, total, base_total, checks, submitted_at, created_at, changed_at) {_SERIES}
        SELECT i, 'SO-2026-' || i, i, 1, 'approved', 1, 'CNY', 100000000, 'FOB', '2036-01-01', 'Hamburg', 'net 30',
        10000, 10000, '[]', {_THEN}, {_THEN}, {_THEN} FROM n""",
    f"""INSERT INTO order_lines (id, order_id, position, product_id, quantity, unit_price, discount, net) {_SERIES}
        SELECT i, i, 1, 1 + i % 10, 1500000, 1, 0, 1 FROM n""",
)


def fill(lines: int, database: Database) -> None:
    """Orders of this number, one work order each, on so many lines, three days of work each."""
    no = "0" if database.is_sqlite else "false"
    with database.write() as work:
        work.connection.execute(insert(Person), [_person()])
        for statement in _STATEMENTS:
            work.connection.execute(text(statement.format(rows=ORDERS, no=no)))
        per_day, quantity = Decimal(500) / lines, Decimal(150)
        for number in range(1, lines + 1):
            maker = {"id": number, "name": f"Maker {number}", "is_own": True, "days": "12345", "holidays": "CN"}
            work.connection.execute(insert(Maker), maker)
            capacity = {"maker_id": number, "category": "Lighting", "per_day": per_day}
            work.connection.execute(insert(Capacity), capacity)
            line = ProductionLine(number, "", "Lighting", per_day, "12345", "CN", None)
            jobs = [Job(one, quantity, TODAY) for one in range(number, ORDERS + 1, lines)]
            slots = schedule(jobs, per_day=per_day, is_working=line.is_working)
            _write(work, number, slots, quantity)
    with database.write() as work:
        work.connection.execute(text("ANALYZE"))


def _write(work: UnitOfWork, maker: int, slots: Any, quantity: Decimal) -> None:
    orders, milestones, plans = [], [], []
    for slot in slots:
        load = [[day.isoformat(), f"{part:f}"] for day, part in slot.load]
        same = {"order_id": slot.id, "order_line_id": slot.id, "maker_id": maker, "category": "Lighting"}
        days = {"quantity": quantity, "starts_on": slot.starts_on, "ends_on": slot.ends_on, "load": load}
        orders.append(same | days | {"id": slot.id, "holds": True, "created_at": NOW})
        ready = slot.ends_on + timedelta(days=1)
        plans.append({"order_id": slot.id, "ready_on": ready, "first_ready_on": ready})
        for key, place in PLACES.items():
            day = {"materials": slot.starts_on, "started": slot.starts_on, "quality": slot.ends_on}.get(key, ready)
            planned = {"planned_on": day, "first_planned_on": day, "changed_at": NOW}
            milestones.append({"order_id": slot.id, "key": key, "place": place} | planned)
    for table, rows in ((WorkOrder, orders), (Plan, plans), (Milestone, milestones)):
        work.connection.execute(insert(table), rows)


def _person() -> dict[str, Any]:
    midnight = datetime.min.time()
    return {
        "id": 1,
        "name": "Person 1",
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


@contextmanager
def sides(lines: int, kind: str) -> Iterator[Sides]:
    """Ours alone: the first of a line is late by a working day, again and again."""
    with (
        open_house(kind, functools.partial(fill, lines)) as house,
        closing(Database(house.copy(), clock=lambda: NOW)) as database,
    ):
        yield Sides(_Slip(database))


class _Slip:
    """Each time the first order is a day later than before."""

    def __init__(self, database: Database) -> None:
        self._database, self._until = database, date(2026, 3, 6)

    def __call__(self) -> float:
        self._until += timedelta(days=3 if self._until.isoweekday() == 5 else 1)
        started = time.perf_counter()
        with self._database.write() as work:
            lock_planning(work)
            slip_work(work, order_id=1, starts_on=None, until=self._until, actor=SYSTEM)
        return time.perf_counter() - started


REPLANNING_BENCHES = tuple(
    Bench(
        name=f"a slip among {ORDERS:,} work orders on {words}, {name}",
        aim=Within(0.2),
        open=functools.partial(sides, lines, kind),
        runs=7,
    )
    for lines, words in ((10, "ten lines"), (1, "one line"))
    for kind, name in (("sqlite", "SQLite"), ("postgresql", "PostgreSQL"))
)
