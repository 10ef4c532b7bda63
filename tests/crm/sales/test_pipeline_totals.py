"""The pipeline's totals: whatever is done to deals, what a count of the rows comes to."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from crm.core.database import Database
from crm.core.errors import TradewindError
from crm.core.money import Money
from crm.insight.recounting import figures_differ, mend_figures
from crm.people.people import Member
from crm.sales.deals.changes import DealEdit, change_deal
from crm.sales.deals.holds import hold_deal, resume_deal
from crm.sales.deals.pipeline import pipeline
from crm.sales.deals.pipeline_totals import PipelineTotal, totals_differ
from crm.sales.deals.stages import OPEN_STAGES
from crm.sales.ownership.handing_over import hand_over
from tests.conftest import Clock, MakePerson
from tests.crm.sales.selling import FACTS, TODAY, Sales, at_once

TOLD = {name: value for told in FACTS.values() for name, value in told.items()}
ACTS = ("open", "move", "move", "hold", "hold", "resume", "amount", "give")


class Book:
    """Deals of two people, changed in every way there is."""

    def __init__(self, database: Database, make_person: MakePerson) -> None:
        self.sales = Sales(database, make_person)
        self.mate = make_person("Hu", team="North")
        self.owner = self.sales.rep
        self.deals = [self.sales.open()]

    def act(self, what: str, which: int, amount: int) -> None:
        deal = self.deals[which % len(self.deals)]
        try:
            getattr(self, what)(deal, amount)
        except TradewindError:
            return

    def open(self, deal: int, amount: int) -> None:
        money = Money(Decimal(amount) / 100 + 1, "CNY")
        self.deals.append(self.sales.open(self.sales.boss, amount=money))

    def move(self, deal: int, amount: int) -> None:
        stage = (*OPEN_STAGES, "won", "lost")[amount % 7]
        self.sales.move(deal, stage, self.sales.boss, facts=TOLD, reason="because")

    def hold(self, deal: int, amount: int) -> None:
        told = {"reason": "season", "until": TODAY + timedelta(days=400), "reminder": "again"}
        with self.sales.database.write() as work:
            hold_deal(work, actor=self.sales.boss, platform="test", deal_id=deal, **told)

    def resume(self, deal: int, amount: int) -> None:
        with self.sales.database.write() as work:
            resume_deal(work, actor=self.sales.boss, platform="test", deal_id=deal)

    def amount(self, deal: int, amount: int) -> None:
        edit = DealEdit(amount=Money(Decimal(amount) / 100 + 1, "CNY"))
        with self.sales.database.write() as work:
            change_deal(work, actor=self.sales.boss, platform="test", deal_id=deal, edit=edit)

    def give(self, deal: int, amount: int) -> None:
        giver, taker = self.owner, self.mate if self.owner is self.sales.rep else self.sales.rep
        with self.sales.database.write() as work:
            hand_over(work, actor=self.sales.boss, platform="test", from_id=giver.id, to_id=taker.id)
        self.owner = taker

    def check(self) -> None:
        with self.sales.database.read() as work:
            assert not totals_differ(work)
            assert figures_differ(work) == []


_BOOKS: dict[int, Book] = {}
"""By database: each run goes on from where the one before has left it."""


@settings(max_examples=15)
@given(
    acts=st.lists(
        st.tuples(st.sampled_from(ACTS), st.integers(0, 9), st.integers(0, 99_999), st.integers(0, 30)),
        min_size=8,
        max_size=30,
    )
)
def test_whatever_is_done_the_totals_are_the_rows(
    database: Database, make_person: MakePerson, clock: Clock, acts: list[tuple[str, int, int, int]]
) -> None:
    book = _BOOKS.get(id(database))
    if book is None:
        book = _BOOKS[id(database)] = Book(database, make_person)
    for what, which, amount, hours in acts:
        book.act(what, which, amount)
        clock.move(hours=hours)
    book.check()


def test_every_act_is_counted(database: Database, make_person: MakePerson) -> None:
    """What the random acts must not have left out."""
    book = Book(database, make_person)
    sales, deal = book.sales, book.deals[0]
    book.open(deal, 99_900)
    assert _seen(sales, sales.rep)["initial"] == (2, Decimal(13500), 0)
    book.hold(deal, 0)
    assert _seen(sales, sales.rep)["initial"] == (1, Decimal(1000), 1)
    book.amount(book.deals[1], 199_900)
    sales.move(book.deals[1], "needs", facts=FACTS["initial"])
    assert _seen(sales, sales.rep)["needs"] == (1, Decimal(2000), 0)
    book.give(deal, 0)
    assert not any(sum(one[::2]) for one in _seen(sales, sales.rep).values())
    assert _seen(sales, book.mate)["initial"] == (0, Decimal(0), 1)
    sales.move(book.deals[1], "won", sales.boss, facts=TOLD, reason="urgent")
    assert _seen(sales, sales.boss)["needs"] == (0, Decimal(0), 0)
    book.check()


def test_what_is_wrong_is_found_and_mended(database: Database, make_person: MakePerson) -> None:
    book = Book(database, make_person)
    with database.write() as work:
        work.connection.execute(update(PipelineTotal.table()).values(deals=7))
    with database.read() as work:
        assert figures_differ(work) == ["open"]
    with database.write() as work:
        assert mend_figures(work) == ["open"]
    book.check()
    assert _seen(book.sales, book.sales.rep)["initial"][0] == 1


def test_many_at_once_neither_lose_nor_lock_each_other_out(database: Database, make_person: MakePerson) -> None:
    book = Book(database, make_person)
    for number in range(7):
        book.open(0, number)
    acts = [partial(book.sales.move, deal, "needs", facts=FACTS["initial"]) for deal in book.deals[:4]]
    acts += [partial(book.amount, deal, 50_000) for deal in book.deals[4:]]
    assert at_once(acts) == [None] * 8
    book.check()


def test_a_page_is_the_same_whether_by_stage_or_all(database: Database, make_person: MakePerson, clock: Clock) -> None:
    book = Book(database, make_person)
    sales = book.sales
    for day in (9, 3, 7, 5):
        book.deals.append(sales.open(expected_close=TODAY + timedelta(days=day)))
    sales.walk(book.deals[2], "quotation")
    sales.walk(book.deals[3], "quotation")
    book.hold(book.deals[4], 0)
    with database.read() as work:
        every = [one.deal.id for one in pipeline(work, viewer=sales.rep).deals]
        pages = [
            one.deal.id
            for start in range(0, 6, 2)
            for one in pipeline(work, viewer=sales.rep, offset=start, most=2).deals
        ]
        held = pipeline(work, viewer=sales.rep, standing="held")
    assert pages == every == [book.deals[4], book.deals[1], book.deals[0], book.deals[2], book.deals[3]]
    assert ([one.deal.id for one in held.deals], held.total) == ([book.deals[4]], 1)
    clock.move(days=15)
    with database.read() as work:
        stale = pipeline(work, viewer=sales.rep, standing="stale", stage="quotation")
    assert [one.deal.id for one in stale.deals] == [book.deals[2], book.deals[3]]
    assert all(one.is_stale for one in stale.deals)


def _seen(sales: Sales, viewer: Member) -> dict[str, tuple[int, Decimal, int]]:
    with sales.database.read() as work:
        stages = pipeline(work, viewer=viewer).stages
    return {total.stage.key: (total.count, total.base_amount, total.held) for total in stages}
