"""Key customers nobody has heard from and quotes that have run out: who hears of it, when, and when again."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import update

from crm.core.history import SYSTEM
from crm.core.money import Money
from crm.core.work import UnitOfWork
from crm.people.people import disable_person
from crm.sales.customers.communications import add_note
from crm.sales.customers.customers import Customer
from crm.sales.customers.silent import silent_customers
from crm.sales.deals.deals import Deal, DealDetails, open_deal
from crm.sales.deals.moves import move_deal
from tests.bot.trading_desk import CHEN, LI, SUN, ZHAO, TradingDesk
from tests.bot.watching import change, tick_at
from tests.conftest import Clock

HEADING = "1 key customer has not been heard from:"


def _set(company: TradingDesk, **values: object) -> None:
    """Columns of the customer."""
    company.desk.write(lambda work: work.connection.execute(update(Customer.table()).values(values)))


def _contact(company: TradingDesk, kind: str) -> None:
    told = {"customer_id": company.trade.customer, "text": "how are you?", "kind": kind}
    company.desk.write(lambda work: add_note(work, actor=company.trade.rep, platform="test", **told))


async def test_after_fourteen_days_owner_and_supervisor_hear_and_again_after_more(
    company: TradingDesk, clock: Clock
) -> None:
    _set(company, grade="A")
    assert await tick_at(company, clock, 13, 17, 59) == 0
    assert await tick_at(company, clock, 16, 8, 59) == 0
    assert await tick_at(company, clock, 16, 9) == 2
    assert company.last(LI).lines == (HEADING, "Ernst Handel: 14 days without contact")
    assert company.last(ZHAO).lines == (HEADING, "Ernst Handel: 14 days without contact (Li)")
    for day in (16, 17, 27):
        assert await tick_at(company, clock, day, 12) == 0
    assert await tick_at(company, clock, 27, 17, 59) == 0
    assert await tick_at(company, clock, 30, 9) == 2
    assert company.notices(ZHAO, "28 days without contact") == 1
    assert company.notices(CHEN, "without contact") == company.notices(SUN, "without contact") == 0
    await company.press(ZHAO, "Open")
    assert company.last(ZHAO).lines[0].startswith("Ernst Handel")


@pytest.mark.parametrize("kind", ["call", "email", "wechat", "visit", "meeting"])
async def test_a_contact_begins_anew(small_company: TradingDesk, clock: Clock, kind: str) -> None:
    company = small_company
    _set(company, grade="A")
    await tick_at(company, clock, 16, 9, 30)
    _contact(company, kind)
    assert await tick_at(company, clock, 17, 9, 30) == 0
    assert await tick_at(company, clock, 27, 17, 59) == 0
    assert await tick_at(company, clock, 30, 9) == 2
    assert company.notices(LI, "14 days without contact") == 2


async def test_a_note_is_no_contact_and_an_order_is(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    _set(company, grade="A")
    clock.move(days=7)
    _contact(company, "note")
    assert await tick_at(company, clock, 16, 9, 30) == 2
    await company.order(terms="net 30")
    await company.approve(ZHAO, SUN)
    assert await tick_at(company, clock, 27, 17, 59) == 0
    assert await tick_at(company, clock, 30, 9) == 2
    assert company.notices(LI, "without contact") == 2


@pytest.mark.parametrize("values", [{"grade": "B"}, {"status": "merged"}, {"owner_id": None}])
async def test_of_others_nobody_hears(small_company: TradingDesk, clock: Clock, values: dict[str, object]) -> None:
    company = small_company
    _set(company, **{"grade": "A", **values})
    assert await tick_at(company, clock, 16, 9, 30) == 0


async def test_the_digest_may_ask_for_them(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    _set(company, grade="A")
    clock.move(days=20, hours=3)
    with company.desk.database.read() as work:
        found = silent_customers(work)
        assert [(one.name, one.owner_id, one.days) for one in found] == [("Ernst Handel", company.trade.rep.id, 20)]
        with pytest.raises(KeyError):
            silent_customers(work, grade="Z")
    company.trade.rule("watches.silent_days_A", "0")
    with company.desk.database.read() as work:
        assert silent_customers(work) == []


async def test_a_supervisors_own_goes_to_the_general_manager(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    _set(company, grade="A", owner_id=company.trade.boss.id)
    assert await tick_at(company, clock, 16, 9, 30) == 2
    assert company.notices(ZHAO, "14 days without contact") == 1
    assert company.notices(CHEN, "14 days without contact (Zhao)") == 1


async def test_of_somebody_disabled_the_supervisor_hears_alone(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    _set(company, grade="A")
    company.desk.write(lambda work: disable_person(work, actor=SYSTEM, person_id=company.trade.rep.id))
    assert await tick_at(company, clock, 16, 9, 30) == 1
    assert company.notices(ZHAO, "14 days without contact (Li)") == 1


async def test_each_in_their_own_hours(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    change(company, company.trade.boss, timezone="Europe/Berlin", holidays="DE")
    _set(company, grade="A")
    assert await tick_at(company, clock, 16, 9, 30) == 1
    assert await tick_at(company, clock, 16, 15, 59) == 0
    assert await tick_at(company, clock, 16, 16) == 1
    assert company.notices(ZHAO, "14 days without contact (Li)") == 1


# — quotes —


def _deal(company: TradingDesk, sent: date, *, stage: str = "quotation", title: str = "Lamps") -> int:
    def act(work: UnitOfWork) -> int:
        rep = company.trade.rep
        told = DealDetails(customer_id=company.trade.customer, title=title, amount=Money(Decimal(1000), "CNY"))
        deal_id = open_deal(work, actor=rep, platform="test", details=told)
        facts = {"quote_sent_on": sent.isoformat(), "quote_outside": True}
        table = Deal.table()
        values = {"stage": stage, "facts": facts}
        work.connection.execute(update(table).where(table.c.id == deal_id).values(values))
        return deal_id

    return int(company.desk.write(act))


@pytest.mark.parametrize("stage", ["quotation", "negotiation"])
async def test_a_quote_runs_out_and_once_more_a_week_later(company: TradingDesk, clock: Clock, stage: str) -> None:
    _deal(company, date(2026, 3, 1), stage=stage)  # holds for 30 days: through Tuesday 31 March
    assert await tick_at(company, clock, 31, 17, 59) == 0
    assert await tick_at(company, clock, 1, 8, 59, month=4) == 0
    assert await tick_at(company, clock, 1, 9, month=4) == 1
    assert company.last(LI).lines == (
        "1 quote has probably expired. Renew it, or move the deal:",
        "D-1 Lamps, Ernst Handel: quote of Sun 1 Mar 2026",
    )
    assert await tick_at(company, clock, 7, 17, month=4) == 0
    assert await tick_at(company, clock, 8, 9, month=4) == 1
    assert await tick_at(company, clock, 20, 9, month=4) == 0
    assert company.notices(ZHAO, "expired") == 0
    await company.press(LI, "Open")
    assert "Lamps" in company.last(LI).text


@pytest.mark.parametrize("stage", ["initial", "needs", "contract", "won", "lost"])
async def test_in_other_stages_it_does_not_matter(small_company: TradingDesk, clock: Clock, stage: str) -> None:
    _deal(small_company, date(2026, 3, 1), stage=stage)
    assert await tick_at(small_company, clock, 1, 9, month=4) == 0


async def test_on_hold_without_a_quote_or_moved_on_is_none(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    deal = _deal(company, date(2026, 3, 1))
    table = Deal.table()
    company.desk.write(lambda work: work.connection.execute(update(table).values(on_hold=True)))
    assert await tick_at(company, clock, 1, 9, month=4) == 0
    company.desk.write(lambda work: work.connection.execute(update(table).values(on_hold=False, facts={})))
    assert await tick_at(company, clock, 1, 9, month=4) == 0
    facts = {"quote_sent_on": "2026-03-01"}
    company.desk.write(lambda work: work.connection.execute(update(table).values(facts=facts)))
    told = {"deal_id": deal, "to_stage": "lost", "reason": "price"}
    company.desk.write(lambda work: move_deal(work, actor=company.trade.rep, platform="test", **told))
    assert await tick_at(company, clock, 1, 9, month=4) == 0


async def test_renewed_and_run_out_again_it_is_told_again(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    _deal(company, date(2026, 3, 1))
    await tick_at(company, clock, 1, 9, month=4)
    table, facts = Deal.table(), {"quote_sent_on": "2026-04-01"}
    company.desk.write(lambda work: work.connection.execute(update(table).values(facts=facts)))
    assert await tick_at(company, clock, 6, 9, month=5) == 1  # nothing ran meanwhile
    assert company.notices(LI, "quote of Wed 1 Apr 2026") == 1
