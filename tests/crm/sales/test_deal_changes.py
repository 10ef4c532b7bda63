"""Open deals told more of, changed, put on hold, given to a colleague."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update

from crm.core import history
from crm.core.database import Database
from crm.core.errors import Conflict, Forbidden, Invalid, NotFound
from crm.core.money import Money
from crm.core.outbox import OutboxEntry
from crm.core.rates import set_rate
from crm.core.rules import read_rules
from crm.people.people import Member, Role
from crm.sales.customers.customers import Customer
from crm.sales.deals.changes import DealEdit, change_deal, hand_over_deal
from crm.sales.deals.deals import tell_facts
from crm.sales.deals.holds import hold_deal, resume_deal
from crm.sales.deals.pipeline import pipeline
from crm.sales.deals.stages import days_in_stage, is_stale
from crm.sales.deals.stale import stale_deals
from crm.sales.tasks.tasks import Task
from tests.conftest import Clock, MakePerson
from tests.crm.sales.selling import FACTS, TODAY, Sales, at_once

UNTIL = TODAY + timedelta(days=30)


@pytest.fixture
def sales(database: Database, make_person: MakePerson) -> Sales:
    return Sales(database, make_person)


def _tell(sales: Sales, deal: int, actor: Member | None = None, **facts: Any) -> dict[str, Any]:
    with sales.database.write() as work:
        return tell_facts(work, actor=actor or sales.rep, platform="test", deal_id=deal, facts=facts)


def _change(sales: Sales, deal: int, actor: Member | None = None, **edit: Any) -> bool:
    with sales.database.write() as work:
        return change_deal(work, actor=actor or sales.rep, platform="test", deal_id=deal, edit=DealEdit(**edit))


def _hold(sales: Sales, deal: int, actor: Member | None = None, **instead: Any) -> None:
    told = {"reason": "season", "until": UNTIL, "reminder": "On hold until today", **instead}
    with sales.database.write() as work:
        hold_deal(work, actor=actor or sales.rep, platform="test", deal_id=deal, **told)


def _resume(sales: Sales, deal: int) -> None:
    with sales.database.write() as work:
        resume_deal(work, actor=sales.rep, platform="test", deal_id=deal)


def _give(sales: Sales, deal: int, to: Member, actor: Member | None = None, **more: Any) -> None:
    with sales.database.write() as work:
        hand_over_deal(work, actor=actor or sales.rep, platform="test", deal_id=deal, to_id=to.id, **more)


def _acts(sales: Sales, deal: int) -> list[tuple[str, dict[str, Any]]]:
    with sales.database.read() as work:
        return [(row.act, row.changes) for row in history.history_of(work, entity="deal", entity_id=deal)]


def _tasks(sales: Sales) -> list[Any]:
    with sales.database.read() as work:
        return list(work.connection.execute(select(Task.table()).order_by(Task.id)))


# — facts —


def test_a_fact_is_told_without_a_move_and_is_not_asked_for_again(sales: Sales) -> None:
    deal = sales.open()
    assert _tell(sales, deal, first_response_on=TODAY) == {"first_response_on": (None, "2026-03-02")}
    assert sales.deal(deal).stage == "initial"
    sales.move(deal, "needs")
    assert _acts(sales, deal)[1] == ("told", {"first_response_on": [None, "2026-03-02"]})


def test_the_same_fact_told_again_is_no_change(sales: Sales) -> None:
    deal = sales.open()
    _tell(sales, deal, quote_sent_on=TODAY, quote_outside=False)
    assert _tell(sales, deal, quote_sent_on=TODAY, quote_outside=False) == {}
    assert len(_acts(sales, deal)) == 2
    assert sales.deal(deal).facts == {"quote_sent_on": "2026-03-02", "quote_outside": False}


def test_facts_are_told_by_who_may_and_as_they_can_be(sales: Sales, make_person: MakePerson) -> None:
    deal = sales.open()
    with pytest.raises(NotFound):
        _tell(sales, deal, sales.colleague, first_response_on=TODAY)
    with pytest.raises(Forbidden):
        _tell(sales, deal, make_person("", Role.GM), first_response_on=TODAY)
    with pytest.raises(Invalid):
        _tell(sales, deal, first_response_on=TODAY + timedelta(days=1))


def test_facts_told_at_once_are_all_kept(sales: Sales) -> None:
    for _ in range(5):
        deal = sales.open()
        told = [
            partial(_tell, sales, deal, first_response_on=TODAY),
            partial(_tell, sales, deal, sales.boss, need="IP65"),
            partial(_tell, sales, deal, payment_terms="net 30"),
        ]
        assert at_once(told) == [None] * 3
        assert set(sales.deal(deal).facts) == {"first_response_on", "need", "payment_terms"}


# — title, amount, close —


def test_what_a_deal_is_worth_is_changed_at_the_rate_that_was_locked(sales: Sales) -> None:
    with sales.database.write() as work:
        set_rate(work, currency="USD", valid_from=TODAY, rate=Decimal(7))
    deal = sales.open(amount=Money(Decimal(100), "USD"))
    with sales.database.write() as work:
        set_rate(work, currency="USD", valid_from=TODAY, rate=Decimal(8))
    assert _change(sales, deal, amount=Money(Decimal(200), "USD"))
    row = sales.deal(deal)
    assert (row.amount, row.rate, row.base_amount) == (Decimal(200), Decimal(7), Decimal(1400))
    _change(sales, deal, amount=Money(Decimal(900), "CNY"), title="Lamps II", expected_close=UNTIL)
    row = sales.deal(deal)
    assert (row.amount, row.currency, row.rate, row.base_amount) == (Decimal(900), "CNY", 1, Decimal(900))
    assert (row.title, row.expected_close) == ("Lamps II", UNTIL)
    assert sorted(_acts(sales, deal)[-1][1]) == ["amount", "expected_close", "title"]


def test_what_is_as_it_was_is_not_written(sales: Sales) -> None:
    deal = sales.open()
    row = sales.deal(deal)
    assert not _change(sales, deal, title=row.title, amount=Money(row.amount, "CNY"), expected_close=row.expected_close)
    assert len(_acts(sales, deal)) == 1


def test_a_day_gone_by_may_stay_but_not_be_chosen(sales: Sales, clock: Clock) -> None:
    deal = sales.open(expected_close=TODAY)
    clock.move(days=5)
    assert _change(sales, deal, title="Late", expected_close=TODAY)
    with pytest.raises(Invalid, match="past"):
        _change(sales, deal, expected_close=TODAY + timedelta(days=1))


def test_a_closed_deal_is_changed_no_more(sales: Sales) -> None:
    deal = sales.open()
    sales.move(deal, "lost", reason="price")
    for act in (partial(_change, sales, deal, title="x"), partial(_hold, sales, deal)):
        with pytest.raises(Conflict, match="closed"):
            act()
    with pytest.raises(Conflict, match="closed"):
        _give(sales, deal, sales.boss)


def test_an_agreed_price_keeps_the_amount_in_its_currency(sales: Sales) -> None:
    with sales.database.write() as work:
        set_rate(work, currency="USD", valid_from=TODAY, rate=Decimal(7))
    deal = sales.open()
    _tell(sales, deal, final_price=Decimal(12000))
    with pytest.raises(Invalid, match="agreed in"):
        _change(sales, deal, amount=Money(Decimal(100), "USD"))


# — on hold —


def test_on_hold_is_neither_stale_nor_counted_and_its_days_do_not_count(sales: Sales, clock: Clock) -> None:
    deal = sales.open()
    clock.move(days=10)
    _hold(sales, deal)
    clock.move(days=60)
    with sales.database.read() as work:
        rules = read_rules(work)
        seen = pipeline(work, viewer=sales.rep)
        assert stale_deals(work) == []
    assert (seen.stages[0].count, seen.stages[0].base_amount, seen.stages[0].held) == (0, 0, 1)
    assert (days_in_stage(sales.deal(deal), clock()), is_stale(sales.deal(deal), clock(), rules)) == (10, False)
    _resume(sales, deal)
    clock.move(days=4)
    assert (days_in_stage(sales.deal(deal), clock()), is_stale(sales.deal(deal), clock(), rules)) == (14, False)
    with sales.database.read() as work:
        assert stale_deals(work) == []
    clock.move(seconds=1)
    assert is_stale(sales.deal(deal), clock(), rules)
    with sales.database.read() as work:
        (stale,) = stale_deals(work)
    assert (stale.deal.id, stale.days_over) == (deal, 0)


def test_its_owner_is_reminded_on_the_morning_until_which_it_is_on_hold(sales: Sales) -> None:
    deal = sales.open()
    _hold(sales, deal, sales.boss)
    (task,) = _tasks(sales)
    assert (task.person_id, task.about, task.about_id, task.status) == (sales.rep.id, "deal", deal, "open")
    assert task.due_at.astimezone(sales.rep.zone).isoformat()[:16] == "2026-04-01T09:00"
    _resume(sales, deal)
    assert [one.status for one in _tasks(sales)] == ["dropped"]


def test_a_move_takes_it_off_hold(sales: Sales) -> None:
    deal = sales.open()
    _hold(sales, deal)
    sales.move(deal, "needs", facts=FACTS["initial"])
    row = sales.deal(deal)
    assert (row.on_hold, row.hold_reason, row.hold_until, row.counted_since) == (False, None, None, None)
    assert [one.status for one in _tasks(sales)] == ["dropped"]
    assert _acts(sales, deal)[-1][1]["on_hold"] == [True, False]


@pytest.mark.parametrize(
    "told", [{"until": TODAY}, {"until": date(2029, 1, 1)}, {"reason": "  "}, {"until": TODAY - timedelta(days=1)}]
)
def test_a_hold_wants_a_reason_and_a_day_to_come(sales: Sales, told: dict[str, Any]) -> None:
    deal = sales.open()
    with pytest.raises(Invalid):
        _hold(sales, deal, **told)
    assert _tasks(sales) == []


def test_once_on_hold_and_once_off(sales: Sales) -> None:
    deal = sales.open()
    with pytest.raises(Conflict, match="not on hold"):
        _resume(sales, deal)
    _hold(sales, deal)
    with pytest.raises(Conflict, match="already"):
        _hold(sales, deal)
    assert len(_tasks(sales)) == 1


# — a colleague's —


def test_a_deal_goes_to_who_may_sell_to_its_customer(sales: Sales, make_person: MakePerson) -> None:
    deal = sales.open()
    mate = make_person("Hu", team="North")
    for stranger in (mate, sales.colleague, make_person("", Role.FINANCE, team="North")):
        with pytest.raises(Forbidden, match="Hand over the customer"):
            _give(sales, deal, stranger)
    _give(sales, deal, sales.boss)
    assert sales.deal(deal, sales.boss).owner_id == sales.boss.id
    with pytest.raises(NotFound):
        sales.deal(deal)


def test_with_it_go_its_reminders_and_the_colleague_hears_of_it(sales: Sales, make_person: MakePerson) -> None:
    deal, mate = sales.open(), make_person("Hu", team="North")
    with sales.database.write() as work:
        work.connection.execute(update(Customer).where(Customer.id == sales.customer).values(owner_id=None))
    _hold(sales, deal)
    _give(sales, deal, mate, make_person("", Role.ADMIN), reason="Li is on leave")
    assert [one.person_id for one in _tasks(sales)] == [mate.id]
    with sales.database.read() as work:
        told = {row.person_id: str(row.payload) for row in work.connection.execute(select(OutboxEntry.table()))}
        assert pipeline(work, viewer=mate).stages[0].held == 1
        assert pipeline(work, viewer=sales.rep).stages[0].held == 0
    assert "Li is on leave" in told[mate.id]
    assert sales.rep.id in told
    with pytest.raises(Invalid, match="already"):
        _give(sales, deal, mate, mate)
