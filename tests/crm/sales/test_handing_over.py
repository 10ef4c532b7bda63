"""A book handed over in one go, with everything that hangs on it, and taken back while nothing of it has changed."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from crm.core.errors import Conflict, Forbidden, Invalid, NotFound
from crm.core.events import Events
from crm.core.history import history_of
from crm.core.money import Money
from crm.people.people import Member, Role
from crm.sales.collisions.holding import hold_lead
from crm.sales.customers.customers import get_customer
from crm.sales.deals.deals import DealDetails, get_deal, open_deal
from crm.sales.deals.moves import move_deal
from crm.sales.deals.pipeline_totals import PipelineTotal, keep_pipeline
from crm.sales.leads.leads import LeadDetails, get_lead
from crm.sales.ownership.handing_over import Book, book_of, hand_over, undo_hand_over
from crm.sales.reminders.setting import add_task
from crm.sales.tasks.tasks import Task
from tests.conftest import Clock, MakeLead, MakePerson
from tests.crm.orders.trading import Trade


class Books:
    """Li's book: two customers, a deal and a reminder about one of them, a lead; Wang is Li's colleague."""

    def __init__(self, trade: Trade, make_person: MakePerson, make_lead: MakeLead, clock: Clock) -> None:
        self.trade, self.clock, self.li, self.zhao = trade, clock, trade.rep, trade.boss
        self.wang = make_person("Wang", team="North", at=trade.database)
        self.ernst, self.other = trade.customer, trade.add_customer("Blauer See")
        self.lead = make_lead(self.li, at=trade.database, company="QUICK-Stop")
        with trade.database.write() as work:
            amount = Money(Decimal(5000), "CNY")
            details = DealDetails(customer_id=self.ernst, title="Lamps", amount=amount)
            self.deal = open_deal(work, actor=self.li, platform="test", details=details)
            told: dict[str, Any] = {"text": "call", "due_at": work.now + timedelta(days=1)}
            self.task = add_task(work, actor=self.li, platform="test", about=("customer", self.ernst), **told)
            self.own = add_task(work, actor=self.li, platform="test", **told)

    def give(self, actor: Member | None = None, to: Member | None = None, only: list[int] | None = None) -> int:
        with self.trade.database.write() as work:
            told: dict[str, Any] = {"from_id": self.li.id, "to_id": (to or self.wang).id, "customer_ids": only}
            return hand_over(work, actor=actor or self.zhao, platform="test", **told)

    def undo(self, number: int, actor: Member | None = None) -> Book:
        with self.trade.database.write() as work:
            return undo_hand_over(work, actor=actor or self.zhao, platform="test", hand_over_id=number)

    def owners(self) -> dict[str, str]:
        gm = self.trade.gm
        names = {self.li.id: "Li", self.wang.id: "Wang", None: "pool"}
        with self.trade.database.read() as work:
            tasks = dict(work.connection.execute(select(Task.id, Task.person_id)).all())
            return {
                "ernst": names[get_customer(work, viewer=gm, customer_id=self.ernst).owner_id],
                "other": names[get_customer(work, viewer=gm, customer_id=self.other).owner_id],
                "deal": names[get_deal(work, viewer=gm, deal_id=self.deal).owner_id],
                "lead": names[get_lead(work, viewer=gm, lead_id=self.lead).owner_id],
                "task": names[tasks[self.task]],
                "own": names[tasks[self.own]],
            }


@pytest.fixture
def books(database: Any, make_person: MakePerson, make_lead: MakeLead, clock: Clock) -> Books:
    return Books(Trade(database, make_person), make_person, make_lead, clock)


EVERYTHING = {"ernst": "Wang", "other": "Wang", "deal": "Wang", "lead": "Wang", "task": "Wang", "own": "Li"}


def test_the_whole_book_goes_over_and_comes_back(books: Books) -> None:
    before = books.owners()
    with books.trade.database.read() as work:
        book = book_of(work, person_id=books.li.id)
        assert [text.facts["n"] for text in book.counts] == [2, 1, 1, 1]
    number = books.give()
    assert books.owners() == EVERYTHING
    for person in (books.li, books.wang):
        assert len([words for words in books.trade.told(person) if "looked after" in words]) == 1
    with books.trade.database.read() as work:
        for entity, record in (("customer", books.ernst), ("deal", books.deal), ("task", books.task)):
            last = history_of(work, entity=entity, entity_id=record)[-1]
            assert (last.act, last.person_id, last.changes["owner"]) == (
                "handed over",
                books.zhao.id,
                [books.li.id, books.wang.id],
            )
    books.clock.move(hours=23)
    assert books.undo(number).customers == book.customers
    assert books.owners() == before
    with pytest.raises(Conflict, match="already"):
        books.undo(number)


def test_only_the_chosen_ones_with_what_hangs_on_them(books: Books) -> None:
    books.give(only=[books.ernst])
    assert books.owners() == EVERYTHING | {"other": "Li", "lead": "Li"}
    with pytest.raises(Invalid, match="nothing"):
        books.give(only=[books.ernst])


def test_the_totals_of_the_pipeline_follow(
    sqlite_url: str, open_database: Callable[..., Any], make_person: MakePerson, make_lead: MakeLead, clock: Clock
) -> None:
    events = Events()
    keep_pipeline(events)
    database = open_database(sqlite_url, events=events)
    books = Books(Trade(database, make_person), make_person, make_lead, clock)
    books.give()
    with database.read() as work:
        rows = work.connection.execute(select(PipelineTotal.owner_id, PipelineTotal.deals)).all()
    assert {(owner, count) for owner, count in rows if count} == {(books.wang.id, 1)}


def test_who_hands_over_and_to_whom(books: Books, make_person: MakePerson) -> None:
    stranger = make_person("Qian", team="South")
    other_boss = make_person("Sup", Role.SUPERVISOR, team="South")
    for actor, to in (
        (books.li, books.wang),
        (books.trade.finance, books.wang),
        (other_boss, books.wang),
        (books.zhao, stranger),
        (books.zhao, books.trade.finance),
        (books.trade.admin, books.li),
    ):
        with pytest.raises(Forbidden):
            books.give(actor=actor, to=to)
    books.trade.disable(books.wang)
    with pytest.raises(Forbidden):
        books.give()
    assert books.owners()["ernst"] == "Li"
    books.give(actor=books.trade.admin, to=stranger)


def test_it_is_taken_back_by_who_did_it_within_a_day(books: Books) -> None:
    number = books.give()
    for actor in (books.wang, books.trade.gm):
        with pytest.raises(Forbidden):
            books.undo(number, actor)
    with pytest.raises(NotFound):
        books.undo(number + 1)
    books.clock.move(hours=24, minutes=1)
    with pytest.raises(Conflict, match="can be taken back within"):
        books.undo(number)
    assert books.owners() == EVERYTHING


def test_not_once_something_of_it_has_changed(books: Books) -> None:
    number = books.give()
    books.clock.move(minutes=5)
    with books.trade.database.write() as work:
        told: dict[str, Any] = {"deal_id": books.deal, "to_stage": "lost", "reason": "price"}
        move_deal(work, actor=books.wang, platform="test", **told)
    with pytest.raises(Conflict, match="was changed since") as refused:
        books.undo(number)
    assert refused.value.text.facts == {"name": f"D-{books.deal} Lamps"}
    assert books.owners() == EVERYTHING


def test_how_long_nobody_looked_is_counted_on_after_a_hand_over_taken_back(books: Books, clock: Clock) -> None:
    def touched() -> Any:
        with books.trade.database.read() as work:
            return get_lead(work, viewer=books.trade.gm, lead_id=books.lead).touched_at

    before = touched()
    clock.move(days=6)
    number = books.give()
    assert touched() > before
    clock.move(minutes=5)
    books.undo(number)
    assert touched() == before


def test_a_lead_that_waits_for_its_reps_answer_goes_along(books: Books) -> None:
    with books.trade.database.write() as work:
        told = LeadDetails(company="X", contact="Y", source="other", product_need="z")
        held = hold_lead(work, actor=books.li, platform="test", details=told)
    with books.trade.database.read() as work:
        assert held in book_of(work, person_id=books.li.id).leads
    books.give()
    with books.trade.database.read() as work:
        assert get_lead(work, viewer=books.trade.gm, lead_id=held).owner_id == books.wang.id


def test_tasks_that_are_anothers_by_now_stay_theirs(books: Books, make_person: MakePerson) -> None:
    number = books.give()
    other = make_person("Qian", team="North")
    with books.trade.database.write() as work:
        work.connection.execute(update(Task.table()).where(Task.id == books.task).values(person_id=other.id))
    books.undo(number)
    with books.trade.database.read() as work:
        assert work.connection.execute(select(Task.person_id).where(Task.id == books.task)).scalar() == other.id
