"""What somebody has to do themselves, in the morning, whatever their roles; and what of it is shown how."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bot.app import subscriptions
from crm.core.history import Actor
from crm.core.money import Money
from crm.ledger.receivables import add_receivable
from crm.people.people import Member, Role
from tests.bot.front_desk import Desk
from tests.bot.handlers.mornings import EVENING, MORNING, Morning
from tests.conftest import Clock, MakePerson
from tests.crm.orders.trading import Trade


@pytest.fixture
async def company(desk: Desk, make_person: MakePerson, clock: Clock) -> Morning:
    desk.database.events = subscriptions()
    found = Morning(desk, Trade(desk.database, make_person), clock)
    await found.write_first()
    return found


async def _join(company: Morning, make_person: MakePerson, role: Role) -> Member:
    person = make_person("Wu", role, at=company.database)
    company.desk.link(person)
    await company.write_first("Wu")
    return person


async def test_a_supervisor_hears_in_the_morning_what_is_for_today(company: Morning, clock: Clock) -> None:
    boss = company.trade.boss
    company.remind(boss, "send the prices", clock.now + timedelta(hours=1))
    company.remind(boss, "call the bank", MORNING + timedelta(hours=5))
    await company.at(MORNING - timedelta(minutes=1))
    assert company.digests("Zhao") == []
    for minutes in (0, 1, 60):
        await company.at(MORNING + timedelta(minutes=minutes))
    (shown,) = company.digests("Zhao")
    assert shown.lines == (
        "Your day · Tue 3 Mar 2026",
        "Overdue follow-ups",
        "send the prices · 1 day overdue",
        "To do today",
        "13:30 call the bank",
    )
    await company.at(EVENING)
    evening = company.digests("Zhao")[-1]
    assert evening.lines == ("Your day · Tue 3 Mar 2026", "Overdue follow-ups", "send the prices · 1 day overdue")
    await company.at(MORNING + timedelta(days=1))
    assert len(company.digests("Zhao")) == 2, "nothing for today: what was left is told in the evening"


@pytest.mark.parametrize("role", [Role.PRODUCTION, Role.LOGISTICS, Role.ADMIN, Role.GM])
async def test_whoever_has_something_to_do_hears_of_it(
    company: Morning, make_person: MakePerson, clock: Clock, role: Role
) -> None:
    person = await _join(company, make_person, role)
    await company.at(MORNING)
    assert company.digests("Wu") == [], "nothing to say"
    company.remind(person, "ship it", MORNING + timedelta(hours=3))
    await company.at(MORNING + timedelta(hours=1))
    assert company.digests("Wu") == [], "this day's was decided in the morning"
    await company.at(MORNING + timedelta(days=1))
    assert company.digests("Wu")[0].lines[1:] == ("Overdue follow-ups", "ship it · 1 day overdue")
    assert company.digests("Xu") == []


async def test_the_general_manager_on_monday_hears_both_in_one(company: Morning) -> None:
    monday = MORNING + timedelta(days=6)
    company.remind(company.trade.gm, "sign the lease", monday + timedelta(hours=2))
    await company.at(monday)
    (shown,) = company.digests("Chen")
    assert shown.lines[:3] == ("Your day · Mon 9 Mar 2026", "To do today", "10:30 sign the lease")
    assert shown.lines[3] == "Last week, Mon 2 Mar 2026 to Sun 8 Mar 2026"


async def test_who_has_a_morning_digest_gets_no_second(company: Morning) -> None:
    for person in (company.trade.rep, company.trade.finance):
        company.remind(person, "call the bank", MORNING + timedelta(hours=5))
    await company.at(MORNING)
    for name in ("Li", "Sun"):
        (shown,) = company.digests(name)
        assert shown.text.count("13:30 call the bank") == 1


@pytest.mark.parametrize(
    ("due_on", "words"), [(date(2026, 3, 5), "CNY 900 due in 2 days"), (date(2026, 3, 3), "CNY 900 due today")]
)
async def test_what_is_overdue_stands_apart_from_what_is_due(company: Morning, due_on: date, words: str) -> None:
    for amount, day in (("60", date(2026, 2, 26)), ("40", date(2026, 3, 1)), ("900", due_on)):
        with company.database.write() as work:
            add_receivable(
                work,
                actor=Actor(None, "test"),
                customer_id=company.trade.customer,
                amount=Money(Decimal(amount), "CNY"),
                rate=Decimal(1),
                base="CNY",
                due_on=day,
            )
    await company.at(MORNING)
    for name in ("Li", "Sun"):
        assert company.digests(name)[0].lines[-1] == f"Ernst Handel · CNY 100 · 5 days overdue · {words}"


async def test_an_undecided_order_that_is_due_today(company: Morning) -> None:
    company.trade.submit(company.trade.draft(delivery_on=date(2026, 3, 3)))
    await company.at(MORNING)
    assert company.digests()[0].lines[-1] == "SO-2026-0001 Ernst Handel · undecided, delivery today"


async def test_deciding_on_somebody_s_order_is_nothing_that_they_did(company: Morning, clock: Clock) -> None:
    trade = company.trade
    trade.rule("orders.general_manager_over", "1000000")
    order = trade.submit(trade.draft(delivery_on=date(2099, 1, 1)))
    clock.now = datetime(2026, 3, 9, 2, tzinfo=UTC)
    for person in (trade.boss, trade.finance):
        trade.press(order, person)
    await company.at(EVENING + timedelta(days=6))
    assert "Li: nothing for 5 working days" in company.digests("Zhao")[-1].lines
