"""Anyone doing anything to orders: what must hold after every act, whoever did it and whatever came of it."""

import tempfile
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from bot.tables import metadata
from crm.core import history
from crm.core.database import Database
from crm.core.errors import Conflict, Forbidden, Invalid, NotFound
from crm.core.history import SYSTEM
from crm.orders.approvals import Step, of_round, states, steps_of
from crm.orders.orders import STATUSES, Order, read_plain
from crm.people.people import Member, Role, add_person
from tests import conftest
from tests.conftest import Clock
from tests.crm.orders.trading import Trade

REFUSED = (Conflict, Forbidden, Invalid, NotFound)
MOVES = {
    None: {"pending"},
    "pending": {"approved", "rejected", "sent_back", "recalled"},
    "sent_back": {"pending"},
    "recalled": {"pending"},
    "approved": set(),
    "rejected": set(),
}
DECISIONS = ("approve", "reject", "send_back", "override", "deposit")
anybody = st.integers(0, 7)
any_order = st.integers(0, 2)


class Orders(RuleBasedStateMachine):
    """Orders of two customers with little credit, a house where some hold two roles, and no manners at all."""

    url = ""

    @initialize()
    def open_house(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        url = self.url or f"sqlite:///{Path(self.folder.name) / 'tradewind.db'}"
        self.database = Database(url, clock=Clock())
        if self.url:
            conftest._empty(self.url)
        else:
            metadata.create_all(self.database.engine)
        trade = self.trade = Trade(self.database, self._make_person)
        both = self._make_person("Jin", Role.SUPERVISOR, Role.FINANCE, team="North")
        stranger = self._make_person("Wang", team="South")
        seller = self._make_person("Boss who sells", Role.FINANCE, Role.REP, team="North")
        self.people = [trade.boss, trade.rep, trade.finance, trade.gm, trade.admin, both, stranger, seller]
        self.customers = [trade.customer, trade.add_customer("Sold by a boss", trade.boss, limit="700000")]
        self.customers.append(trade.add_customer("Sold by finance", seller, limit="0"))
        self.orders: list[int] = []
        for who, customer, quantity in ((1, 0, "40000"), (7, 2, "10")):
            self.submit(who, customer, quantity, 20)

    def _make_person(self, name: str, *roles: Role, at: Database | None = None, **more: Any) -> Member:
        values = {"language": "en", "timezone": "Asia/Shanghai", **more}
        with self.database.write() as work:
            return add_person(work, actor=SYSTEM, name=name, roles=roles or (Role.REP,), **values)

    @rule(who=anybody, customer=st.integers(0, 2), quantity=st.sampled_from(["10", "30000"]), price=st.integers(10, 21))
    def submit(self, who: int, customer: int, quantity: str, price: int) -> None:
        draft = self.trade.draft(self.trade.line(quantity, str(price)), customer_id=self.customers[customer])
        if len(self.orders) >= 3:
            return
        try:
            self.orders.append(self.trade.submit(draft, self.people[who]))
        except REFUSED:
            return

    @rule(
        who=anybody,
        order=any_order,
        step=st.one_of(st.none(), st.integers(0, 8)),
        decision=st.sampled_from(("approve", "approve", *DECISIONS)),
        reason=st.sampled_from([None, "because"]),
        percent=st.sampled_from([None, Decimal(20), Decimal(60)]),
    )
    def press(
        self, who: int, order: int, step: int | None, decision: Any, reason: str | None, percent: Decimal | None
    ) -> None:
        """Any step of any round: the open one, a stale one, one that is not there."""
        steps = self._steps(self._order(order))
        pressed = [one.id for one in steps if one.status == "pending"] if step is None else [one.id for one in steps]
        step_id = (pressed or [4711])[(step or 0) % max(len(pressed), 1)]
        more = {"reason": reason, "deposit_percent": percent}
        self._try(lambda: self.trade.press_step(step_id, self.people[who], decision, **more))

    @rule(order=any_order, decision=st.sampled_from((*DECISIONS, "approve", "approve", "override", "deposit")))
    def decide_rightly(self, order: int, decision: Any) -> None:
        """Whoever may decides what is open, as it should be done: without this little would ever get far."""
        found = self._order(order)
        waiting = self.trade.facts(found, self.people[4]).waits_for
        more = {"reason": "because", "deposit_percent": Decimal(70)}
        for step in self._steps(found):
            if step.status == "pending" and waiting:
                self._try(lambda step=step: self.trade.press_step(step.id, waiting[0], decision, **more))

    @rule(order=any_order)
    def recall(self, order: int) -> None:
        found = self._order(order)
        self._try(lambda: self.trade.recall(found, self._submitter(found)))

    @rule(who=anybody, order=any_order, act=st.sampled_from(["recall", "resubmit", "accept", "decline"]))
    def meddle(self, who: int, order: int, act: str) -> None:
        """What is the submitter's alone, done by anybody."""
        found, person = self._order(order), self.people[who]
        acts = {
            "recall": lambda: self.trade.recall(found, person),
            "resubmit": lambda: self.trade.resubmit(found, self.trade.draft(), person),
            "accept": lambda: self.trade.answer(found, accept=True, actor=person),
            "decline": lambda: self.trade.answer(found, accept=False, actor=person),
        }
        self._try(acts[act])

    @rule(order=any_order, accept=st.booleans())
    def answer(self, order: int, accept: bool) -> None:
        found = self._order(order)
        self._try(lambda: self.trade.answer(found, accept=accept, actor=self._submitter(found)))

    @rule(order=any_order)
    def resubmit_unchanged(self, order: int) -> None:
        found = self._order(order)
        self._try(lambda: self.trade.resubmit(found, actor=self._submitter(found)))

    @rule(
        order=any_order,
        quantity=st.sampled_from(["10", "30000"]),
        price=st.integers(10, 21),
        incoterm=st.sampled_from(["FOB", "FOB", "CIF"]),
        terms=st.sampled_from(["30% deposit", "60% deposit", "90 days"]),
    )
    def resubmit(self, order: int, quantity: str, price: int, incoterm: str, terms: str) -> None:
        found = self._order(order)
        row = self.trade.order(found)
        draft = self.trade.draft(self.trade.line(quantity, str(price)), customer_id=row.customer_id)
        draft = replace(draft, incoterm=incoterm, payment_terms=terms)
        self._try(lambda: self.trade.resubmit(found, draft, self._submitter(found)))

    @rule(limit=st.sampled_from([None, "0", "500000", "5000000"]))
    def set_limit(self, limit: str | None) -> None:
        self.trade.set_limit(limit, self.customers[0])

    @invariant()
    def reservations_are_the_pending_and_the_approved(self) -> None:
        assert self.trade.reserved() == self.trade.expected_reservations()

    @invariant()
    def every_order_is_in_order(self) -> None:
        with self.database.read() as work:
            for order_id in work.connection.execute(select(Order.id)).scalars():
                order = read_plain(work, order_id=order_id)
                steps = steps_of(work, order_id=order_id)
                assert order.status in STATUSES
                _check_path(order, of_round(steps, order.round))
                _check_deciders(order, steps, {person.id: person for person in self.people})
                _check_history(order, steps, history.history_of(work, entity="order", entity_id=order_id))

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close()
            self.folder.cleanup()

    def _order(self, place: int) -> int:
        return self.orders[place % len(self.orders)]

    def _submitter(self, order: int) -> Member:
        submitter_id = self.trade.order(order).submitter_id
        return next(person for person in self.people if person.id == submitter_id)

    def _steps(self, order: int) -> list[Step]:
        with self.database.read() as work:
            return steps_of(work, order_id=order)

    def _try(self, act: Any) -> None:
        try:
            act()
        except REFUSED as refused:
            said = refused.text.message
        else:
            return
        assert said.endswith(".")


def _check_path(order: Any, path: list[Step]) -> None:
    """Decided, then at most one open, then to come: nothing is skipped over, nothing is open in a closed order."""
    kinds = [step.status for step in path]
    open_ones = [kind for kind in kinds if kind in {"pending", "condition"}]
    if order.status == "pending":
        assert len(open_ones) == 1
        before = kinds[: kinds.index(open_ones[0])]
        assert set(before) <= {"approved", "skipped"}
        assert set(kinds[len(before) + 1 :]) <= {"waiting", "skipped"}
    else:
        assert open_ones == []
        assert "waiting" not in kinds
    if order.status == "approved":
        assert set(kinds) <= {"approved", "skipped"}
        assert "approved" in kinds
    if order.status in {"rejected", "sent_back"}:
        assert kinds.count(order.status) == 1


def _check_deciders(order: Any, steps: list[Step], people: dict[int, Member]) -> None:
    for step in steps:
        assert (step.decided_by is None) == (step.decision is None)
        if step.decided_by is not None:
            assert step.decided_by != order.submitter_id
            assert not people[step.decided_by].roles <= {Role.REP, Role.ADMIN}
        if step.decision == "override":
            assert step.reason
            assert step.role is Role.FINANCE
        if step.role is Role.FINANCE and step.decision == "approve":
            assert step.credit == {"over_by": step.credit["over_by"], "late": False}  # type: ignore[index]
            assert Decimal(step.credit["over_by"]) == 0  # type: ignore[index]


def _check_history(order: Any, steps: list[Step], entries: list[Any]) -> None:
    """Read from the beginning, history comes to the same status and path; no step has two decisions."""
    status: Any = None
    path: Any = None
    number = 1
    decisions: Counter[tuple[int, str]] = Counter()
    for entry in entries:
        changes = entry.changes
        if "round" in changes:
            assert changes["round"] == [number, number + 1]
            number += 1
        if "status" in changes:
            assert changes["status"][0] == status
            assert changes["status"][1] in MOVES[status]
            status = changes["status"][1]
        if "steps" in changes:
            assert changes["steps"][0] == path
            path = changes["steps"][1]
        if "step" in changes:
            decisions[number, changes["step"][1]] += 1
        if entry.act == "condition declined":
            decisions[number, "finance"] -= 1
    assert (status, number) == (order.status, order.round)
    assert path == states(of_round(steps, order.round))
    assert max(decisions.values(), default=0) <= 1


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_anyone_doing_anything(kind: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("postgres_url") if kind == "postgresql" else ""
    machine = type("OrdersOn", (Orders,), {"url": url})
    few = settings(max_examples=40 if kind == "sqlite" else 6, stateful_step_count=40)
    run_state_machine_as_test(machine, settings=few)


@pytest.mark.soak
def test_anyone_doing_anything_for_long() -> None:
    run_state_machine_as_test(Orders, settings=settings(max_examples=2_000, stateful_step_count=60))
