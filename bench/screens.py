"""(c) `deals` of a rep with 200 open deals and the 360° card of a customer with 50 orders: in a database of 1,000
customers and in one of 100,000 customers with 1,000,000 orders. (d) 64 chats at once against one after another."""

import asyncio
import functools
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import text

from bot.cards.customer import draw_customer
from bot.handlers.deals.pipeline import deals
from bot.inbound import Inbound
from bot.reception import Reception
from bot.request import Request
from bot.spool import Spool
from crm.core.database import Database
from crm.core.work import UnitOfWork
from crm.people.people import find_by_name
from crm.sales.deals.pipeline_totals import rebuild_totals

from .conversing import OPENING, Road, open_road, typed
from .harness import Bench, Sides, Times
from .house import bench_folder, open_house, sample_company, settings_for

REP = "李伟"
CHATS = 64
SCREENS = 10
"""Screens drawn in a run."""

_NOW = "'2026-01-05 08:00:00'"
_SERIES = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})"
_CUSTOMERS = f"""
    INSERT INTO customers (id, name, name_key, search_key, grade, tags, status, owner_id, created_at, changed_at)
    {_SERIES} SELECT i, 'Firm ' || i, 'firm' || i, 'firm ' || i, 'C', '[]', 'active', 1 + i % 9, {_NOW}, {_NOW} FROM n
"""
# The first customer has its fifty, whatever the size; the rest are spread over all the others.
_ORDERS = f"""
    INSERT INTO orders (id, number, customer_id, submitter_id, status, round, currency, rate, incoterm, delivery_on,
        deliver_to, payment_terms, total, base_total, checks, submitted_at, created_at, changed_at)
    {_SERIES} SELECT i, 'SO-' || i, CASE WHEN i <= 50 THEN 1 ELSE 2 + i % ({{customers}} - 1) END, 3, 'approved', 1,
        'CNY', 100000000, 'FOB', '2026-03-01', 'Hamburg', 'net 30', 100000000, 100000000, '[]', {_NOW}, {_NOW}, {_NOW}
    FROM n
"""
# The rep has two hundred, whatever the size; a deal to every tenth of the other customers is somebody else's.
_DEALS = f"""
    INSERT INTO deals (id, customer_id, title, search_key, amount, currency, rate, base_amount, expected_close, stage,
        stage_since, owner_id, facts, on_hold, created_at, changed_at)
    {_SERIES} SELECT i, 1 + i % {{customers}}, 'Deal ' || i, 'deal ' || i, 100000000, 'CNY', 100000000, 100000000,
        '2026-06-01', CASE i % 5 WHEN 0 THEN 'initial' WHEN 1 THEN 'needs' WHEN 2 THEN 'quotation'
        WHEN 3 THEN 'negotiation' ELSE 'contract' END, {_NOW}, CASE WHEN i <= 200 THEN {{rep}} ELSE {{other}} END,
        '{{{{}}}}', {{no}}, {_NOW}, {_NOW} FROM n
"""


def fill(database: Database, *, customers: int, orders: int) -> None:
    """A company of this size, written straight into the tables: only what the screens read matters."""
    sample_company(database)
    with database.write() as work:
        rep, other = (find_by_name(work, name=name).id for name in (REP, "王思琪"))
        sizes = {"customers": customers, "rep": rep, "other": other, "no": "0" if database.is_sqlite else "false"}
        for statement, rows in ((_CUSTOMERS, customers), (_ORDERS, orders), (_DEALS, 200 + customers // 10)):
            work.connection.execute(text(statement.format(rows=rows, **sizes)))
        work.connection.execute(text("UPDATE customers SET owner_id = :rep WHERE id = 1"), {"rep": rep})
    with database.write() as work:
        rebuild_totals(work)
        work.connection.execute(text("ANALYZE"))


@contextmanager
def screen_sides(kind: str, screen: str) -> Iterator[Sides]:
    """Ours is the large database, the baseline the small one: the same screen in both."""
    large = functools.partial(fill, customers=100_000, orders=1_000_000)
    small = functools.partial(fill, customers=1_000, orders=10_000)
    with (
        open_house(kind, large) as big,
        open_house(kind, small) as little,
        bench_folder() as folder,
        closing(Database(big.copy())) as many,
        closing(Database(little.copy())) as few,
    ):
        drawn = _SCREENS[screen]
        yield Sides(functools.partial(_draw, many, drawn, folder), functools.partial(_draw, few, drawn, folder))


def _draw(database: Database, screen: Callable[[UnitOfWork, Path], None], folder: Path) -> float:
    started = time.perf_counter()
    for _ in range(SCREENS):
        with database.read() as work:
            screen(work, folder)
    return (time.perf_counter() - started) / SCREENS


def _deals(work: UnitOfWork, folder: Path) -> None:
    rep = find_by_name(work, name=REP)
    asked = Inbound(platform="bench", delivery_id="1", account_id="1", chat_id="1", kind="text", text="deals")
    reply = deals(Request(work, asked, rep, 1, settings_for("sqlite://", folder)))
    assert len(reply.shows) == 1, "one screen"


def _card(work: UnitOfWork, folder: Path) -> None:
    screen = draw_customer(work, 1, find_by_name(work, name=REP))
    assert screen.lines, "a card with something on it"


_SCREENS: dict[str, Callable[[UnitOfWork, Path], None]] = {"deals": _deals, "card": _card}


@contextmanager
def crowd_sides() -> Iterator[Sides]:
    """Ours is 64 chats at once, the baseline the same messages one after another; both through the reception."""
    with open_house("sqlite") as house, bench_folder() as folder, asyncio.Runner() as runner:
        crowd, line = (_reception(open_road(house.copy(), folder), folder) for _ in range(2))
        numbers = iter(range(10_000_000))
        yield Sides(
            lambda: runner.run(_all_at_once(crowd, numbers)),
            lambda: runner.run(_one_by_one(line, numbers)),
        )
        runner.run(crowd.close())
        runner.run(line.close())


def _reception(road: Road, folder: Path) -> Reception:
    return Reception(road.dispatcher, road.delivery, Spool(folder / "spool"))


async def _all_at_once(reception: Reception, numbers: Iterator[int]) -> float:
    started = time.perf_counter()
    await asyncio.gather(*(reception.receive(typed(next(numbers), OPENING, chat=chat)) for chat in range(CHATS)))
    return (time.perf_counter() - started) / CHATS


async def _one_by_one(reception: Reception, numbers: Iterator[int]) -> float:
    started = time.perf_counter()
    for chat in range(CHATS):
        await reception.receive(typed(next(numbers), OPENING, chat=chat))
    return (time.perf_counter() - started) / CHATS


def _screen(kind: str, screen: str, name: str) -> Bench:
    return Bench(name=name, aim=Times(1.5), open=functools.partial(screen_sides, kind, screen))


SCREENS_BENCHES = (
    _screen("sqlite", "deals", "deals, 1,000,000 orders, SQLite"),
    _screen("sqlite", "card", "360° card, 1,000,000 orders, SQLite"),
    _screen("postgresql", "deals", "deals, 1,000,000 orders, PostgreSQL"),
    _screen("postgresql", "card", "360° card, 1,000,000 orders, PostgreSQL"),
    Bench(name="64 chats at once, SQLite", open=crowd_sides),
)
