"""How many statements the road of an order takes: few, and the same whatever its lines, rounds and neighbours."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from sqlalchemy import event

from crm.core.database import Database
from crm.orders.waiting import waiting_for
from tests.conftest import MakePerson
from tests.crm.fulfilment.making_desk import MakingDesk
from tests.crm.orders.trading import Trade


@contextmanager
def counted(database: Database, count: Counter[str], name: str) -> Iterator[None]:
    def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        count[name] += not statement.startswith("BEGIN")  # SQLite's, written by us

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def _count(trade: Trade, lines: int) -> dict[str, int]:
    count: Counter[str] = Counter()
    products = [trade.add_product(f"P{lines}-{n}", f"Product {n}", cost="10", stock=Decimal(0)) for n in range(lines)]
    draft = trade.draft(*(trade.line("1", "20", product=product) for product in products))
    with counted(trade.database, count, "review"):
        trade.review(draft)
    with counted(trade.database, count, "submit"):
        order = trade.submit(draft)
    step = trade.step(order).id
    with counted(trade.database, count, "decide"):
        trade.press_step(step, trade.boss)
    step = trade.step(order).id
    with counted(trade.database, count, "facts"):
        trade.facts(order, trade.finance)
    with trade.database.read() as work, counted(trade.database, count, "waiting"):
        waiting_for(work, person=trade.finance)
    with counted(trade.database, count, "decide the last"):
        trade.press_step(step, trade.finance)
    return dict(count)


def test_the_number_of_statements_is_small_and_does_not_grow(trade: Trade) -> None:
    few = _count(trade, 1)
    for _ in range(5):
        trade.submit()
    assert _count(trade, 40) == few
    submit = 21 if trade.database.is_sqlite else 22  # one more holds still who comes and goes
    assert few == {"review": 7, "submit": submit, "decide": 13, "facts": 8, "waiting": 2, "decide the last": 13}


def test_planning_an_order_costs_no_statement_for_each_line(database: Database, make_person: MakePerson) -> None:
    making = MakingDesk(database, make_person)
    making.maker("100")
    counts, ready = {}, {}
    for lines in (2, 60):
        order = making.trade.submit(
            making.trade.draft(*(making.trade.line("10", product=making.lamp) for _ in range(lines)))
        )
        count: Counter[str] = Counter()
        with counted(database, count, "decide"):
            making.trade.press(order, making.trade.boss)
            making.trade.press(order, making.trade.finance)
        counts[lines], ready[lines] = count["decide"], making.days(order)
    assert counts[60] <= counts[2] + 3, counts
    # Ten lines a day: what is placed counts for the next line.
    per_day = Counter(day for day, _ in ready[60])
    assert max(per_day.values()) == 10
