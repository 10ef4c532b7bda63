"""(a) Submitting a three-line order, (b) deciding on one, (c) the whole road of one: submitted, decided on by three,
planned. The services, everything written counted in, against the bare driver doing the same.
"""

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from bot.app import subscriptions
from crm.core.database import Database
from crm.core.history import COMMAND_LINE
from crm.fulfilment.makers import MakerDetails, save_maker
from crm.fulfilment.plans import read_plan
from crm.orders.decisions import decide
from crm.orders.drafts import LineDraft, OrderDraft
from crm.orders.submission import submit_order
from crm.orders.waiting import open_step_of
from crm.people.people import Member, find_by_name
from crm.sales.catalogue.products import ProductDetails, save_product
from crm.sales.customers.customers import CustomerDetails, create_customer

from .harness import Bench, Sides, Times
from .house import open_house, sample_company
from .recording import Op, Recorder, connect, play, same_rows

RUNS = 21
ORDERS = 5
"""Orders in a run."""
REP, SUPERVISOR, FINANCE, GM, ADMIN = "李伟", "林雅琴", "孙丽华", "陈国栋", "徐静"
ROAD = "20000"
"""Pieces of each line on the whole road: enough that the general manager decides too, and more than there are."""


@dataclass(slots=True)
class Desk:
    """Who submits and who decides, on one database."""

    database: Database
    rep: Member = field(init=False)
    supervisor: Member = field(init=False)
    others: tuple[Member, ...] = field(init=False)

    def __post_init__(self) -> None:
        with self.database.read() as work:
            self.rep, self.supervisor = find_by_name(work, name=REP), find_by_name(work, name=SUPERVISOR)
            self.others = tuple(find_by_name(work, name=name) for name in (FINANCE, GM))

    def submit(self, pieces: str = "100") -> int:
        lines = tuple(
            LineDraft(product_id=number, quantity=Decimal(pieces), unit_price=Decimal(20)) for number in (1, 2, 3)
        )
        draft = OrderDraft(
            customer_id=1,
            lines=lines,
            incoterm="FOB",
            place="Ningbo",
            delivery_on=date.today() + timedelta(days=90),  # noqa: DTZ011 - any day to come will do
            deliver_to="Hamburg",
            payment_terms="T/T 30/70",
        )
        with self.database.write() as work:
            return submit_order(work, actor=self.rep, platform="bench", draft=draft)

    def decide(self, step_id: int, actor: Member | None = None) -> None:
        with self.database.write() as work:
            decide(work, actor=actor or self.supervisor, platform="bench", step_id=step_id, decision="approve")

    def road(self) -> None:
        """From the submission to the plan, through three decisions."""
        order_id = self.submit(ROAD)
        for actor in (self.supervisor, *self.others):
            self.decide(self.open_step(order_id), actor)
        with self.database.read() as work:
            assert read_plan(work, order_id=order_id) is not None, "the last approval has planned it"

    def open_step(self, order_id: int) -> int:
        with self.database.read() as work:
            step = open_step_of(work, order_id=order_id)
        assert step is not None, "a submitted order waits for somebody"
        return step.id

    def close(self) -> None:
        self.database.close()


def stocked_company(database: Database) -> None:
    sample_company(database)
    with database.write() as work:
        rep = find_by_name(work, name=REP)
        create_customer(work, actor=rep, platform="bench", details=CustomerDetails(name="Hansa Import GmbH"))
        for number in (1, 2, 3):
            details = ProductDetails(
                sku=f"P-{number}",
                name=f"Panel {number}",
                currency="CNY",
                list_price=Decimal(20),
                cost=Decimal(12),
                stock=Decimal(10_000),
                category="Panels",
            )
            save_product(work, actor=COMMAND_LINE, details=details)
        maker = MakerDetails(name="Panel works", category="Panels", per_day=Decimal(100_000))
        save_maker(work, actor=find_by_name(work, name=ADMIN), platform="bench", details=maker)


@contextmanager
def ordering_sides(kind: str, act: str) -> Iterator[Sides]:
    """`act`: `submit`, `decide` or `road`; of a decision only what leads there is done, unmeasured."""
    with open_house(kind, stocked_company) as house:
        recorded_at, played_at = house.copy(), house.copy()
        with closing(Desk(Database(recorded_at, events=subscriptions()))) as desk:
            recorded = iter(_record(desk, act, (RUNS + 1) * ORDERS))
        with closing(Desk(Database(house.copy(), events=subscriptions()))) as ours, closing(connect(played_at)) as bare:

            def finish() -> Iterator[str]:
                same_rows(recorded_at, played_at)
                yield from ()

            yield Sides(
                functools.partial(_run, lambda: _act(ours, act)),
                functools.partial(_run, lambda: _play(bare, next(recorded))),
                finish,
            )


def _run(once: Callable[[], float]) -> float:
    return sum(once() for _ in range(ORDERS)) / ORDERS


def _act(desk: Desk, act: str) -> float:
    started = time.perf_counter()
    if act == "road":
        desk.road()
        return time.perf_counter() - started
    order_id = desk.submit()
    if act == "submit":
        return time.perf_counter() - started
    step_id = desk.open_step(order_id)
    started = time.perf_counter()
    desk.decide(step_id)
    return time.perf_counter() - started


def _play(bare: object, recorded: tuple[list[Op], list[Op]]) -> float:
    before, measured = recorded
    play(bare, before)
    started = time.perf_counter()
    play(bare, measured)
    return time.perf_counter() - started


def _record(desk: Desk, act: str, orders: int) -> list[tuple[list[Op], list[Op]]]:
    recorder = Recorder(desk.database)
    recorded: list[tuple[list[Op], list[Op]]] = []
    for _ in range(orders):
        if act == "road":
            desk.road()
            recorded.append(([], recorder.take()))
            continue
        order_id = desk.submit()
        if act == "submit":
            recorded.append(([], recorder.take()))
            continue
        step_id = desk.open_step(order_id)
        before = recorder.take()
        desk.decide(step_id)
        recorded.append((before, recorder.take()))
    return recorded


def _bench(act: str, kind: str, name: str, aim: float) -> Bench:
    return Bench(name=name, aim=Times(aim), runs=RUNS, open=functools.partial(ordering_sides, kind, act))


ORDERING = (
    _bench("submit", "sqlite", "order of 3 lines, SQLite", 6),
    _bench("submit", "postgresql", "order of 3 lines, PostgreSQL", 2.5),
    _bench("decide", "sqlite", "decision, SQLite", 6),
    _bench("decide", "postgresql", "decision, PostgreSQL", 2.5),
    _bench("road", "sqlite", "submit, three decisions, plan, SQLite", 6),
    _bench("road", "postgresql", "submit, three decisions, plan, PostgreSQL", 3),
)
