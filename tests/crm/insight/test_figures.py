"""Figures kept as rows change: whatever is done by the services, they are what a recount of the rows comes to."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from bot.app import subscriptions
from crm.core.database import Database
from crm.core.errors import TradewindError
from crm.core.money import Money
from crm.core.rules import Rule
from crm.insight.figures import DayFigure
from crm.insight.recounting import figures_differ, kept, rebuild_figures, recount
from crm.people.people import Member
from crm.sales.deals.deals import DealDetails, open_deal
from crm.sales.deals.moves import move_deal
from tests.conftest import Clock, MakePerson
from tests.crm.orders.trading import Trade
from tests.crm.sales.selling import FACTS, at_once

TOLD = {name: value for told in FACTS.values() for name, value in told.items()}
"""All that any stage asks for."""
ACTS = ("submit", "approve", "approve", "approve", "reject", "send_back", "recall", "resubmit", "open", "move", "move")


class Ledger:
    """Everything that changes figures, done by whoever may, at any hour."""

    def __init__(self, database: Database, make_person: MakePerson, clock: Clock) -> None:
        self.database, self.clock = database, clock
        database.events = subscriptions()
        self.trade = Trade(database, make_person)
        self.trade.rate("USD", "7.1234")
        self.other = make_person("Wang", team="North", at=database)
        self.others = self.trade.add_customer("Alfreds", self.other)
        self.orders: list[int] = []
        self.deals: list[int] = []

    def act(self, what: str, which: int, amount: int) -> None:
        try:
            getattr(self, what)(which, amount)
        except (TradewindError, LookupError):
            return

    def submit(self, which: int, amount: int) -> None:
        mine = which % 2 == 0
        draft = self.trade.draft(
            self.trade.line(str(amount % 50 + 1), f"{Decimal(amount) / 100 + 1}"),
            customer_id=self.trade.customer if mine else self.others,
            currency="USD" if which % 3 == 0 else "CNY",
        )
        self.orders.append(self.trade.submit(draft, self.trade.rep if mine else self.other))

    def approve(self, which: int, amount: int) -> None:
        self._press(which, "approve")

    def reject(self, which: int, amount: int) -> None:
        self._press(which, "reject")

    def send_back(self, which: int, amount: int) -> None:
        self._press(which, "send_back")

    def recall(self, which: int, amount: int) -> None:
        order = self._order(which)
        self.trade.recall(order, self._submitter(order))

    def resubmit(self, which: int, amount: int) -> None:
        order = self._order(which)
        row = self.trade.order(order)
        line = self.trade.line(str(amount % 50 + 1), f"{Decimal(amount) / 100 + 1}")
        draft = self.trade.draft(line, customer_id=row.customer_id, currency=row.currency)
        self.trade.resubmit(order, draft, self._submitter(order))

    def open(self, which: int, amount: int) -> None:
        mine = which % 2 == 0
        details = DealDetails(
            customer_id=self.trade.customer if mine else self.others,
            title="Lamps",
            amount=Money(Decimal(amount) / 100 + 1, "USD" if which % 3 == 0 else "CNY"),
        )
        with self.database.write() as work:
            actor = self.trade.rep if mine else self.other
            self.deals.append(open_deal(work, actor=actor, platform="test", details=details))

    def move(self, which: int, amount: int) -> None:
        """Anywhere: on, back, won, lost, opened again."""
        stage = ("initial", "needs", "negotiation", "won", "won", "lost")[amount % 6]
        told: dict[str, Any] = {"to_stage": stage, "facts": TOLD, "reason": "because"}
        with self.database.write() as work:
            deal_id = self.deals[which % len(self.deals)]
            move_deal(work, actor=self.trade.boss, platform="test", deal_id=deal_id, **told)

    def _press(self, which: int, decision: Any) -> None:
        order = self._order(which)
        for person in (self.trade.boss, self.trade.finance, self.trade.gm):
            try:
                self.trade.press(order, person, decision, reason="because")
            except (TradewindError, LookupError):
                continue
            return

    def _order(self, which: int) -> int:
        return self.orders[which % len(self.orders)]

    def _submitter(self, order: int) -> Member:
        return self.trade.rep if self.trade.order(order).submitter_id == self.trade.rep.id else self.other

    def check(self) -> list[dict[str, Any]]:
        with self.database.read() as work:
            should, are = recount(work), kept(work)
            assert are == should
            assert figures_differ(work) == []
        return are


@settings(max_examples=15)
@given(
    acts=st.lists(
        st.tuples(st.sampled_from(ACTS), st.integers(0, 5), st.integers(0, 99_999), st.integers(0, 30)),
        min_size=8,
        max_size=30,
    )
)
def test_whatever_is_done_the_figures_are_the_rows(
    database: Database, make_person: MakePerson, clock: Clock, acts: list[tuple[str, int, int, int]]
) -> None:
    ledger = _LEDGERS.get(id(database))
    if ledger is None:
        ledger = _LEDGERS[id(database)] = Ledger(database, make_person, clock)
        ledger.submit(0, 1)
        ledger.open(0, 1)
    for what, which, amount, hours in acts:
        ledger.act(what, which, amount)
        clock.move(hours=hours)
    ledger.check()


_LEDGERS: dict[int, Ledger] = {}
"""By database: each run goes on from where the one before has left it."""


def test_every_measure_follows(database: Database, make_person: MakePerson, clock: Clock) -> None:
    """What the random acts must not have left out."""
    ledger = Ledger(database, make_person, clock)
    ledger.submit(1, 1000)
    ledger.open(1, 1000)
    ledger.open(1, 2000)
    clock.move(days=1)
    for _ in range(3):
        ledger.approve(0, 0)
    ledger.move(0, 3)
    ledger.move(1, 5)
    first = {(row["measure"], str(row["day"])): row["count"] for row in ledger.check()}
    assert first == {
        ("submitted", "2026-03-02"): 1,
        ("turnover", "2026-03-02"): 1,
        ("approved", "2026-03-03"): 1,
        ("won", "2026-03-03"): 1,
        ("lost", "2026-03-03"): 1,
    }
    clock.move(days=1)
    ledger.move(0, 2)
    assert "won" not in {row["measure"] for row in ledger.check()}, "opened again"


def test_a_recount_mends_what_is_wrong(database: Database, make_person: MakePerson, clock: Clock) -> None:
    ledger = Ledger(database, make_person, clock)
    ledger.submit(0, 1000)
    ledger.open(0, 1000)
    right = ledger.check()
    with database.write() as work:
        work.connection.execute(update(DayFigure.table()).values(base_amount=Decimal(1)))
    with database.read() as work:
        assert figures_differ(work) == ["submitted"]
    with database.write() as work:
        assert rebuild_figures(work) == len(right)
    assert ledger.check() == right


def test_days_are_the_company_s(database: Database, make_person: MakePerson, clock: Clock) -> None:
    """At 22:00 UTC it is the next day in Shanghai, and not yet in New York."""
    ledger = Ledger(database, make_person, clock)
    clock.move(hours=20, minutes=30)
    ledger.submit(0, 1000)
    assert str(ledger.check()[0]["day"]) == "2026-03-03"
    with database.write() as work:
        rule = {"key": "company.timezone", "value": "America/New_York", "changed_at": work.now}
        work.connection.execute(delete(Rule).where(Rule.key == "company.timezone"))
        work.connection.execute(Rule.__table__.insert(), rule)
        rebuild_figures(work)
    assert str(ledger.check()[0]["day"]) == "2026-03-02"


def test_many_at_once_neither_lose_nor_lock_each_other_out(
    database: Database, make_person: MakePerson, clock: Clock
) -> None:
    ledger = Ledger(database, make_person, clock)
    for number in range(6):
        ledger.submit(number, 5000 + number)
        ledger.open(number, 5000 + number)
    acts: list[Callable[[], None]] = []
    for number in range(6):
        acts.append(lambda number=number: ledger.trade.press(ledger.orders[number], ledger.trade.boss))
        acts.append(lambda number=number: _win(ledger, number))
    assert at_once(acts) == [None] * 12
    finance = [lambda order=order: ledger.trade.press(order, ledger.trade.finance) for order in ledger.orders]
    assert at_once(finance) == [None] * 6
    counts: Counter[str] = Counter()
    for row in ledger.check():
        counts[row["measure"]] += row["count"]
    assert counts == {"submitted": 6, "turnover": 6, "approved": 6, "won": 6}


def _win(ledger: Ledger, number: int) -> None:
    told = {"to_stage": "won", "facts": TOLD, "reason": "because"}
    with ledger.database.write() as work:
        move_deal(work, actor=ledger.trade.boss, platform="test", deal_id=ledger.deals[number], **told)
