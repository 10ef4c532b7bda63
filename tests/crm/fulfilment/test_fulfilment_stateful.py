"""Anyone doing anything to approved orders: plans, milestones, shipments, cancellations, in any order, on any day."""

import tempfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from bot.tables import metadata
from crm.core.database import Database
from crm.core.errors import Conflict, Forbidden, Invalid, NotFound
from crm.core.history import SYSTEM, history_of
from crm.core.money import Money
from crm.fulfilment.gates import release_gate
from crm.fulfilment.makers import lines_by_category
from crm.fulfilment.milestones import MILESTONES, milestones_of
from crm.fulfilment.payments import schedule_of
from crm.fulfilment.plans import read_plan
from crm.fulfilment.receiving import receive_payment
from crm.fulfilment.shipments import shipments_of, shipped_quantities
from crm.fulfilment.shipping import ShipmentDraft, deliver, left_to_ship, ship
from crm.fulfilment.standing import restate
from crm.fulfilment.stock import Allocation, allocated
from crm.fulfilment.work_orders import WorkOrder, planned_on, unpack_load, work_orders_of
from crm.ledger.receipts import Receipt, ReceiptAllocation, ReceiptDraft, unallocated_receipts
from crm.orders.orders import STATUSES, Order, read_lines
from crm.people.people import Member, Role, add_person
from crm.sales.catalogue.products import Product
from tests import conftest
from tests.conftest import Clock
from tests.crm.fulfilment.making_desk import LAMPS, MakingDesk

REFUSED = (Conflict, Forbidden, Invalid, NotFound)
MOVES = {
    "approved": {"waiting_deposit", "in_production", "ready", "partly_shipped", "shipped", "cancelled"},
    "waiting_deposit": {"approved", "in_production", "ready", "partly_shipped", "cancelled"},
    "in_production": {"ready", "partly_shipped", "cancelled", "approved"},
    "ready": {"partly_shipped", "shipped", "cancelled", "in_production"},
    "partly_shipped": {"shipped"},
    "shipped": {"delivered", "closed"},
    "delivered": {"closed"},
    "closed": set(),
    "cancelled": set(),
}
TERMS = ("30% deposit, 70% before shipment", "net 30", "30% deposit, 70% against copy of B/L", "L/C at sight")
anybody, any_order = st.integers(0, 5), st.integers(0, 3)
keys = st.sampled_from(list(MILESTONES))


class Fulfilment(RuleBasedStateMachine):
    """Lamps and bulbs of one maker with little capacity and little in stock."""

    url = ""

    @initialize()
    def open_house(self) -> None:
        self.folder, self.clock = tempfile.TemporaryDirectory(), Clock()
        url = self.url or f"sqlite:///{Path(self.folder.name) / 'tradewind.db'}"
        self.database = Database(url, clock=self.clock)
        if self.url:
            conftest._empty(self.url)
        else:
            metadata.create_all(self.database.engine)
        self.desk = MakingDesk(self.database, self._make_person)
        desk = self.desk
        desk.maker("10")
        self.products = [desk.lamp, desk.trade.add_product("BULB", "Bulb", cost="1", stock=Decimal(30), category=LAMPS)]
        self.people = [desk.wu, desk.lin, desk.trade.rep, desk.trade.boss, desk.trade.finance, desk.trade.admin]
        self.orders: list[int] = []
        self.order("25", 1)

    def _make_person(self, name: str, *roles: Role, at: Database | None = None, **more: Any) -> Member:
        values = {"language": "en", "timezone": "Asia/Shanghai", **more}
        with self.database.write() as work:
            return add_person(work, actor=SYSTEM, name=name, roles=roles or (Role.REP,), **values)

    @rule(quantity=st.sampled_from(["5", "25", "60"]), product=st.integers(0, 1))
    def order(self, quantity: str, product: int) -> None:
        if len(self.orders) < 4:
            delivery = self.clock.now.date() + timedelta(days=10)
            terms = TERMS[(len(self.orders) + product) % len(TERMS)]
            told = {"delivery_on": delivery, "payment_terms": terms}
            self.orders.append(self.desk.order(quantity, self.products[product], **told))

    @rule(who=anybody, order=any_order, key=keys)
    def done(self, who: int, order: int, key: str) -> None:
        self._try(lambda one: self.desk.done(one, key, actor=self.people[who]), order)

    @rule(order=any_order, key=keys)
    def done_rightly(self, order: int, key: str) -> None:
        self._try(lambda one: self.desk.done(one, key), order)

    @rule(order=any_order, key=keys, days=st.integers(-2, 20))
    def late(self, order: int, key: str, days: int) -> None:
        self._try(lambda one: self.desk.late(one, key, self._day(days)), order)

    @rule(order=any_order, key=keys, kind=st.sampled_from(["delay", "quality"]), days=st.integers(0, 9))
    def problem(self, order: int, key: str, kind: str, days: int) -> None:
        until = self._day(days) if days else None
        self._try(lambda one: self.desk.problem(one, key, kind, "scratches", until), order)

    @rule(order=any_order, share=st.sampled_from([1, 2, 3]), who=st.sampled_from([1, 1, 1, 2]))
    def ship(self, order: int, share: int, who: int) -> None:
        def act(one: int) -> None:
            with self.database.write() as work:
                there = left_to_ship(work, order_id=one)
                left = {line.id: (quantity / share).quantize(Decimal(1)) or quantity for line, quantity in there}
                told = {"mode": "sea", "shipped_on": self._day(0), "expected_on": self._day(5)}
                draft = ShipmentDraft(order_id=one, quantities=left or None, **told)  # type: ignore[arg-type]
                ship(work, actor=self.people[who], platform="test", draft=draft)

        self._try(act, order)

    @rule(order=any_order)
    def deliver(self, order: int) -> None:
        def act(one: int) -> None:
            with self.database.write() as work:
                for row in shipments_of(work, order_id=one):
                    deliver(work, actor=self.desk.lin, platform="test", shipment_id=row.id, on=self._day(0))

        self._try(act, order)

    @rule(order=any_order, amount=st.sampled_from(["1", "33.33", "100", "5000"]), who=st.sampled_from([4, 4, 4, 2]))
    def pay(self, order: int, amount: str, who: int) -> None:
        """By finance; by a rep, who may not."""

        def act(one: int) -> None:
            draft = ReceiptDraft(
                customer_id=self.desk.trade.customer,
                amount=Money(Decimal(amount), "CNY"),
                received_on=self._day(0),
                reference=None,
            )
            with self.database.write() as work:
                receive_payment(work, actor=self.people[who], platform="test", draft=draft, wishes=[(one, None)])

        self._try(act, order)

    @rule(order=any_order, gate=st.sampled_from(["production", "shipment"]), who=st.sampled_from([4, 4, 1]))
    def let_through(self, order: int, gate: Any, who: int) -> None:
        def act(one: int) -> None:
            with self.database.write() as work:
                release_gate(
                    work, actor=self.people[who], platform="test", order_id=one, gate=gate, reason="known for long"
                )

        self._try(act, order)

    @rule(order=any_order, who=anybody)
    def cancel(self, order: int, who: int) -> None:
        self._try(lambda one: self.desk.cancel(one, self.people[who]), order)

    @rule(days=st.integers(1, 6))
    def later(self, days: int) -> None:
        self.clock.move(days=days)

    @invariant()
    def stock_adds_up(self) -> None:
        """What lay there, and was made, less what left, lies there; and no more of it is promised than that."""
        if not hasattr(self, "products"):
            return
        with self.database.read() as work:
            for product, first in zip(self.products, (0, 30), strict=True):
                row = work.connection.execute(select(Product.stock).where(Product.id == product)).one()
                promised = work.connection.execute(
                    select(Allocation.quantity).where(Allocation.product_id == product)
                ).scalars()
                assert sum(promised, Decimal(0)) <= row.stock
                chain = [one.changes["stock"] for one in history_of(work, entity="product", entity_id=product)[1:]]
                known = Decimal(first)
                for old, new in chain:
                    assert Decimal(old["$number"]) == known, "history leads from one stock to the next"
                    known = Decimal(new["$number"])
                assert known == row.stock

    @invariant()
    def money_adds_up(self) -> None:
        """What came is allocated or nobody's yet; what an order is worth is held, owed or paid, each once."""
        if not hasattr(self, "products"):
            return
        with self.database.read() as work:
            came = [
                row.amount + row.charges for row in work.connection.execute(select(Receipt.amount, Receipt.charges))
            ]
            spent = work.connection.execute(select(ReceiptAllocation.amount)).scalars()
            left = [row.unallocated for row in unallocated_receipts(work, customer_id=self.desk.trade.customer)]
            assert sum(came, Decimal(0)) == sum(spent, Decimal(0)) + sum(left, Decimal(0))
            for order in self.orders:
                row = work.connection.execute(select(Order.__table__).where(Order.id == order)).one()
                shares = schedule_of(work, order_id=order)
                owed = sum((one.open_amount for one in shares if one.receivable_id is not None), Decimal(0))
                to_come = sum((one.amount for one in shares if one.receivable_id is None), Decimal(0))
                held = self.desk.trade.reserved().get(order, Decimal(0))
                if row.status == "cancelled":
                    assert (held, owed) == (0, 0), "nothing is owed for it, and nothing held"
                    continue
                assert sum(one.amount for one in shares) == row.total
                assert held == to_come, "what is not owed yet holds credit"
                if row.status == "closed":
                    assert (owed, to_come) == (0, 0)

    @invariant()
    def every_piece_is_somewhere(self) -> None:
        """Of an order that stands, each line is shipped, promised from stock, or being made; nothing twice."""
        for order in getattr(self, "orders", []):
            with self.database.read() as work:
                status = work.connection.execute(select(Order.status).where(Order.id == order)).scalar_one()
                there, gone = allocated(work, order_id=order), shipped_quantities(work, order_id=order)
                making = work_orders_of(work, [order], only_open=True)
                if status == "cancelled":
                    assert not there, "nothing is promised to it any more"
                    assert not making, "nothing is made for it any more"
                    continue
                for line in read_lines(work, order_id=order):
                    open_work = sum((one.quantity for one in making if one.order_line_id == line.id), Decimal(0))
                    assert line.quantity == there.get(line.id, 0) + gone.get(line.id, 0) + open_work

    @invariant()
    def no_line_is_over_its_capacity(self) -> None:
        if not hasattr(self, "products"):
            return
        with self.database.read() as work:
            for lines in lines_by_category(work).values():
                for line in lines:
                    load: dict[date, Decimal] = {}
                    for one in planned_on(work, line):
                        for day, part in one.load:
                            load[day] = load.get(day, Decimal(0)) + part
                    assert all(part <= line.per_day for part in load.values())
                    assert all(line.is_working(day) for day in load)
            for row in work.connection.execute(select(WorkOrder.__table__)):
                days = [day for day, _ in unpack_load(row.load)]
                assert row.starts_on <= row.ends_on
                assert days == sorted(days)

    @invariant()
    def every_order_is_as_its_facts_and_its_history_say(self) -> None:
        for order in getattr(self, "orders", []):
            with self.database.write() as work:
                row = work.connection.execute(select(Order.__table__).where(Order.id == order)).one()
                assert row.status in STATUSES
                assert restate(work, order_id=order, actor=SYSTEM) == row.status, "it was said anew after the last act"
                changes = [
                    one.changes["status"]
                    for one in history_of(work, entity="order", entity_id=order)
                    if "status" in one.changes
                ]
                at = "pending"
                for old, new in changes:
                    assert old == at or old is None
                    if at in MOVES:
                        assert new in MOVES[at], (at, new)
                    at = new
                assert at == row.status
                plan, rows = read_plan(work, order_id=order), milestones_of(work, [order]).get(order, [])
                assert plan is not None
                assert (plan.ready_on is None) is not bool(rows)
                reached = [one.done_on is not None for one in rows]
                assert reached == sorted(reached, reverse=True), "what is reached has what is before it behind it"
                days = [one.planned_on for one in rows if one.done_on is None]
                assert days == sorted(days)

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()

    def _day(self, days: int) -> date:
        return self.clock.now.date() + timedelta(days=days)

    def _try(self, act: Any, order: int) -> None:
        """What is refused must leave everything as it was: the invariants see to that."""
        try:
            act(self.orders[order % len(self.orders)])
        except REFUSED:
            return


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_fulfilment_with_anyone_doing_anything(kind: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("postgres_url") if kind == "postgresql" else ""
    machine = type("FulfilmentOn", (Fulfilment,), {"url": url})
    few = settings(max_examples=20 if kind == "sqlite" else 5, stateful_step_count=40)
    run_state_machine_as_test(machine, settings=few)


@pytest.mark.soak
def test_fulfilment_for_long() -> None:
    run_state_machine_as_test(Fulfilment, settings=settings(max_examples=500, stateful_step_count=100))
