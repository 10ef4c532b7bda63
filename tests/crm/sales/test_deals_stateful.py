"""Anyone moves any deal anywhere: what must hold whatever they try."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from crm.core.database import Database
from crm.core.errors import Conflict, Forbidden, Invalid, NotFound, TradewindError
from crm.core.history import HistoryEntry
from crm.people.people import Member, Role
from crm.sales.deals.deals import Deal, DealStage
from tests.conftest import Clock
from tests.crm.sales.selling import FACTS, MakePerson, Sales

ROAD = ["initial", "needs", "quotation", "negotiation", "contract", "won"]
WANTED = {
    "initial": {"first_response_on"},
    "needs": {"product", "quantity", "need"},
    "quotation": {"quote_sent_on"},
    "negotiation": {"final_price", "payment_terms"},
    "contract": {"contract_number", "signed_on"},
}
ALL_FACTS = {name: value for told in FACTS.values() for name, value in told.items()}
REASONS = st.sampled_from([None, None, "", "  ", "price", "repeat", "because so"])


def judge(person: str, at: str, to: str, known: set[str], reason: str | None) -> type[TradewindError] | None:
    """What the rules of the trade say to a move, written down a second time."""
    if person in {"colleague", "finance"}:
        return NotFound
    if person == "gm":
        return Forbidden
    if to == at:
        return Conflict
    has_reason = bool(reason and reason.strip())
    if to == "lost":
        return None if has_reason else Invalid
    reopened = at == "lost"
    step = ROAD.index(to) - (ROAD.index(at) if at != "lost" else 99)
    if step > 0 or reopened:
        wanted = set().union(*(WANTED[stage] for stage in ROAD[: ROAD.index(to)]), set())
        if not wanted <= known:
            return Invalid
    return None if has_reason or step == 1 else Invalid


class Anybody(RuleBasedStateMachine):
    """`sales`, `clock` and `people` are given by the test; each run has deals of its own."""

    sales: Sales
    clock: Clock
    people: dict[str, Member]

    @initialize()
    def begin(self) -> None:
        self.deals: list[int] = []
        self.stage: dict[int, str] = {}
        self.known: dict[int, set[str]] = {}
        self.moves: dict[int, int] = {}
        self.open(product=None)

    @rule(product=st.sampled_from([None, "LED lamps"]))
    def open(self, product: str | None) -> None:
        deal = self.sales.open(product_text=product)
        self.deals.append(deal)
        self.stage[deal], self.moves[deal] = "initial", 0
        self.known[deal] = {"product"} if product else set()

    @rule(hours=st.integers(1, 400))
    def wait(self, hours: int) -> None:
        self.clock.move(hours=hours)

    @rule(
        which=st.integers(0, 5),
        person=st.sampled_from(["rep", "rep", "rep", "boss", "colleague", "gm", "finance"]),
        to=st.sampled_from([*ROAD, "lost"]),
        told=st.one_of(st.just(set(ALL_FACTS)), st.sets(st.sampled_from(sorted(ALL_FACTS)))),
        reason=REASONS,
    )
    def move(self, which: int, person: str, to: str, told: set[str], reason: str | None) -> None:
        deal = self.deals[which % len(self.deals)]
        verdict = judge(person, self.stage[deal], to, self.known[deal] | told, reason)
        facts = {name: ALL_FACTS[name] for name in sorted(told)}
        if verdict is None:
            self.sales.move(deal, to, self.people[person], facts=facts, reason=reason)
            self.stage[deal] = to
            self.known[deal] |= told
            self.moves[deal] += 1
        else:
            with pytest.raises(verdict):
                self.sales.move(deal, to, self.people[person], facts=facts, reason=reason)

    @rule(which=st.integers(0, 5))
    def go_on(self, which: int) -> None:
        """The next stage, with all it asks for, so that deals also come far."""
        deal = self.deals[which % len(self.deals)]
        at = self.stage[deal]
        if at in WANTED:
            self.move(which, "rep", ROAD[ROAD.index(at) + 1], WANTED[at], None)

    @invariant()
    def the_way_adds_up(self) -> None:
        with self.sales.database.read() as work:
            for deal in self.deals:
                row = work.connection.execute(select(Deal.table()).where(Deal.id == deal)).one()
                query = select(DealStage.table()).where(DealStage.deal_id == deal).order_by(DealStage.id)
                self._check_way(row, list(work.connection.execute(query)))
                entries = select(HistoryEntry.table()).where(
                    HistoryEntry.entity == "deal", HistoryEntry.entity_id == deal
                )
                self._check_history(row, list(work.connection.execute(entries.order_by(HistoryEntry.id))))

    def _check_way(self, deal: Any, way: list[Any]) -> None:
        assert (deal.stage, len(way)) == (self.stage[deal.id], self.moves[deal.id] + 1)
        assert [stay.left_at is None for stay in way] == [False] * (len(way) - 1) + [True]
        assert (way[0].stage, way[0].entered_at) == ("initial", deal.created_at)
        assert (way[-1].stage, way[-1].entered_at) == (deal.stage, deal.stage_since)
        for before, after in pairwise(way):
            assert before.left_at == after.entered_at >= before.entered_at
            onward = before.stage != "lost" and ROAD.index(before.stage) + 1
            assert after.reason or after.stage == ROAD[onward], "a move off the road without a reason"
        if deal.stage != "lost":
            wanted = set().union(*(WANTED[stage] for stage in ROAD[: ROAD.index(deal.stage)]), set())
            assert wanted <= _facts_of(deal), "a stage reached without its facts"
        assert bool(deal.lost_reason) == (deal.stage == "lost")

    def _check_history(self, deal: Any, entries: list[Any]) -> None:
        stage, facts = None, {}
        for entry in entries:
            for name, (old, new) in entry.changes.items():
                if name == "stage":
                    assert old == stage
                    stage = new
                elif name in deal.facts:
                    facts[name] = new
        assert (stage, facts) == (deal.stage, deal.facts)


def _facts_of(deal: Any) -> set[str]:
    told = {name for name, value in deal.facts.items() if value}
    told |= {"product"} if deal.product_id or deal.product_text else set()
    return told | ({"quantity"} if deal.quantity is not None and deal.quantity > Decimal(0) else set())


def test_whatever_anybody_tries(database: Database, make_person: MakePerson, clock: Clock) -> None:
    house = Sales(database, make_person)
    people = {
        "rep": house.rep,
        "boss": house.boss,
        "colleague": house.colleague,
        "gm": make_person("", Role.GM),
        "finance": make_person("", Role.FINANCE),
    }

    class Here(Anybody):
        sales = house

        def __init__(self) -> None:
            super().__init__()
            clock.now = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
            self.clock, self.people = clock, people

    run_state_machine_as_test(Here, settings=settings(stateful_step_count=30))
