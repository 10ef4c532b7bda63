"""A reminder is its own form: a call, when again, the customer's clock, a deal that is lost."""

from functools import partial

import pytest
from sqlalchemy import update

from crm.core.history import SYSTEM
from crm.people.people import set_timezone
from crm.sales.customers.customers import Customer
from crm.sales.leads.leads import Lead
from scheduler.reminders import tell_reminders
from tests.bot.trading_desk import LI, TradingDesk
from tests.conftest import Clock


async def _due(company: TradingDesk) -> None:
    """What the ticks do."""
    tell_reminders(company.desk.database)
    await company.desk.delivery.tick()
    await company.desk.delivery.settle()


async def _told(company: TradingDesk, clock: Clock, record: str, hours: float = 1) -> None:
    """A reminder about this record, told."""
    await company.say(LI, f"/remind ask for the samples in {hours:g} hours")
    await company.press(LI, "More fields")
    await company.say(LI, record)
    await company.press(LI, "Confirm")
    clock.move(hours=hours)
    await _due(company)


def _ernst(company: TradingDesk, **values: str) -> None:
    ernst = update(Customer.table()).where(Customer.table().c.name == "Ernst Handel").values(**values)
    company.desk.write(lambda work: work.connection.execute(ernst))


def _tasks(company: TradingDesk) -> list[str]:
    return [row.status for row in company.desk.rows("SELECT status FROM tasks ORDER BY id")]


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("next Tuesday 3pm", "Tue 10 Mar 2026 15:00"),
        ("下周二下午3点", "Tue 10 Mar 2026 15:00"),
        ("friday", "Fri 6 Mar 2026 09:00"),
    ],
)
async def test_a_date_typed_after_the_offer_is_the_next(
    company: TradingDesk, clock: Clock, typed: str, at: str
) -> None:
    await _told(company, clock, "Ernst")
    await company.press(LI, "Called")
    assert "is in the past" in (await company.say(LI, "yesterday 3pm")).text
    assert (await company.say(LI, typed)).text == f"I will remind you {at}: ask for the samples"
    assert _tasks(company) == ["continued", "open"]
    assert "did not understand" in (await company.say(LI, typed)).text


async def test_what_is_no_date_goes_its_own_way(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    await _told(company, clock, "Ernst")
    await company.press(LI, "No answer")
    assert "did not understand" in (await company.say(LI, "he is on holiday")).text
    assert (await company.say(LI, "deals")).text == "There are no open deals."
    clock.move(hours=2)
    assert "did not understand" in (await company.say(LI, "tomorrow 3pm")).text
    assert _tasks(company) == ["done"]


async def test_nothing_but_a_call_asks_for_the_next(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    await _told(company, clock, "Ernst")
    await company.press(LI, "Done")
    assert "did not understand" in (await company.say(LI, "tomorrow 3pm")).text
    assert _tasks(company) == ["done"]


async def test_another_date_by_its_own_question(company: TradingDesk, clock: Clock) -> None:
    await _told(company, clock, "Ernst")
    await company.press(LI, "Called")
    offer = company.last(LI)
    await company.press(LI, "Another date", on=offer)
    assert company.last(LI).lines[-1].startswith("When")
    await company.say(LI, "every Friday 10am")
    assert company.last(LI).text.startswith("I will remind you every Friday at 10:00, first Fri 6 Mar 2026 10:00")
    assert await company.press(LI, "Another date", on=offer) == "The next reminder is set already."


async def test_a_draft_under_way_is_not_disturbed(small_company: TradingDesk, clock: Clock) -> None:
    """Pressed in the middle of something else, the offer takes no answer that was meant for that."""
    company = small_company
    await _told(company, clock, "Ernst")
    await company.say(LI, "/lead")
    await company.press(LI, "Called")
    shown = await company.say(LI, "Monday Trading")
    assert "Company: Monday Trading" in shown.lines
    assert _tasks(company) == ["done"]


async def test_the_rhythm_of_its_grade(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    _ernst(company, grade="A")
    await _told(company, clock, "Ernst")
    await company.press(LI, "No answer")
    assert company.last(LI).labels == [
        "+1 · Tue 3 Mar 2026",
        "+3 · Thu 5 Mar 2026",
        "+7 · Mon 9 Mar 2026",
        "Grade A: +14 · Mon 16 Mar 2026",
        "Another date",
    ]


async def test_their_time_and_their_morning(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    _ernst(company, country="DE")
    await _told(company, clock, "Ernst")  # half past ten in Shanghai
    assert "Their time: 03:30 (Germany) – outside working hours" in company.last(LI).lines
    await company.press(LI, "Snooze")
    assert company.last(LI).labels[2] == "Customer's morning: Mon 2 Mar 2026 16:00"
    await company.press(LI, "Customer's morning: Mon 2 Mar 2026 16:00")
    clock.move(hours=5, minutes=30)
    await _due(company)
    assert "Their time: 09:00 (Germany)" in company.last(LI).lines


async def test_their_morning_is_one_on_which_they_work(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    _ernst(company, country="DE")
    clock.move(days=5)  # Saturday, early in Germany
    await _told(company, clock, "Ernst")
    await company.press(LI, "Snooze")
    assert company.last(LI).labels[2] == "Customer's morning: Mon 9 Mar 2026 16:00"


async def test_where_the_clocks_agree_nothing_is_said(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    for country in ("CN", "SG"):
        _ernst(company, country=country)
        await _told(company, clock, "Ernst")
        assert "Their time" not in company.last(LI).text
        await company.press(LI, "Snooze")
        assert company.last(LI).labels == ["1 hour", "Tomorrow morning", "Back"]


async def test_a_country_of_many_times_names_the_city(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    _ernst(company, country="US")
    await _told(company, clock, "Ernst")
    expected = "Their time: Sun 1 Mar 2026 21:30 (United States, New York) – outside working hours"
    assert expected in company.last(LI).lines


async def test_a_lost_deal_asks_its_reason_and_ends_the_reminder(company: TradingDesk, clock: Clock) -> None:
    await company.say(LI, "/deal", "Ernst", "Lamps", "skip", "12.5k", "30 April", "skip")
    await company.press(LI, "Confirm")
    await company.say(LI, "/remind ask again 1 June")
    await company.press(LI, "More fields")
    await company.say(LI, "D-1")
    await company.press(LI, "Confirm")
    await _told(company, clock, "D-1")
    card = company.last(LI)
    assert card.labels == ["Called", "No answer", "Done", "Snooze", "Open", "Lost"]
    await company.press(LI, "Lost")
    assert company.last(LI).lines[-1].startswith("Reason")
    assert _tasks(company) == ["open", "told"]
    await company.press(LI, "Price")
    await company.press(LI, "Confirm")
    assert [row.stage for row in company.desk.rows("SELECT stage FROM deals")] == ["lost"]
    assert _tasks(company) == ["open", "done"]  # what is to come was set for a reason
    assert await company.press(LI, "Called", on=card) == "This reminder is over already."
    await company.say(LI, "/remind list")
    await company.press(LI, "ask again")
    assert company.last(LI).labels == ["Called", "No answer", "Done", "Snooze", "Open"]


async def test_mornings_are_those_of_working_days(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    clock.move(days=4)  # Friday
    await _told(company, clock, "Ernst")
    await company.press(LI, "Snooze")
    assert company.last(LI).labels[1] == "Morning of Mon 9 Mar 2026"
    assert await company.press(LI, "Morning of Mon 9 Mar 2026") == "I will remind you again Mon 9 Mar 2026 09:00."


async def test_what_is_offered_is_on_working_days(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    clock.move(days=4)  # Friday
    shown = await company.say(LI, "/remind call Hans")
    assert shown.labels[:4] == ["in 1 hour", "this afternoon", "Monday 9:00", "next Monday"]
    await company.press(LI, "Monday 9:00")
    assert "When: Mon 9 Mar 2026 09:00" in company.last(LI).lines
    await company.press(LI, "Cancel")
    clock.move(days=55)  # before the first of May, which China has off until the fifth
    shown = await company.say(LI, "/remind call Hans")
    assert shown.labels[:3] == ["in 1 hour", "this afternoon", "Wednesday 9:00"]
    assert "next Monday" not in shown.labels


async def test_a_follow_up_with_a_time_is_a_reminder(company: TradingDesk, clock: Clock) -> None:
    await company.say(LI, "/lead Zaanse & Co", "Roland", "skip", "skip", "other", "500 LED panels", "skip", "skip")
    await company.say(LI, "tomorrow 3pm")
    await company.press(LI, "To the review")
    await company.press(LI, "Confirm")
    clock.move(days=1, hours=5, minutes=30)
    await _due(company)
    assert company.last(LI).lines[0] == "Follow up: Zaanse & Co: 500 LED panels"
    assert "About: L-1 Zaanse & Co" in company.last(LI).lines
    card = company.last(LI)
    await company.press(LI, "Snooze", on=card)
    await company.press(LI, "1 hour")
    await company.press(LI, "Open", on=card)
    assert any("Next follow-up" in line and "16:00" in line for line in company.last(LI).lines)
    clock.move(hours=1)
    await _due(company)
    assert (await company.say(LI, "/today")).text.count("Zaanse & Co") == 1
    await company.press(LI, "Called")
    assert "2026-03-05" in str(company.desk.rows("SELECT next_follow_up_at FROM leads")[0].next_follow_up_at)
    await company.press(LI, "+3 · Fri 6 Mar 2026")  # in place of what the plan has next
    assert "2026-03-06" in str(company.desk.rows("SELECT next_follow_up_at FROM leads")[0].next_follow_up_at)
    assert sorted(_tasks(company)) == ["continued", "dropped", "open"]


async def _follow_up_told(company: TradingDesk, clock: Clock) -> None:
    """A lead whose next follow-up has a time, and was told at it."""
    await company.say(LI, "/lead Zaanse & Co", "Roland", "skip", "skip", "other", "500 LED panels", "skip", "skip")
    await company.say(LI, "tomorrow 3pm")
    await company.press(LI, "To the review")
    await company.press(LI, "Confirm")
    clock.move(days=1, hours=5, minutes=30)
    await _due(company)


async def test_promised_after_the_lead_is_closed_it_is_told(company: TradingDesk, clock: Clock) -> None:
    await _follow_up_told(company, clock)
    await company.press(LI, "Called")
    company.desk.write(lambda work: work.connection.execute(update(Lead.table()).values(status="disqualified")))
    await company.press(LI, "+3 · Fri 6 Mar 2026")
    clock.move(days=2, hours=18)
    await _due(company)
    assert company.last(LI).lines[0] == "Reminder: Zaanse & Co: 500 LED panels"


async def test_put_off_after_the_lead_is_anothers_it_is_told(company: TradingDesk, clock: Clock) -> None:
    await _follow_up_told(company, clock)
    company.desk.write(lambda work: work.connection.execute(update(Lead.table()).values(owner_id=None)))
    await company.press(LI, "Snooze")
    await company.press(LI, "1 hour")
    clock.move(hours=1)
    await _due(company)
    assert company.last(LI).lines[0] == "Reminder: Zaanse & Co: 500 LED panels"


async def test_a_zone_of_ones_own_decides_whether_theirs_differs(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    _ernst(company, country="DE")
    moved = partial(set_timezone, actor=SYSTEM, person_id=company.trade.rep.id, timezone="Europe/Paris")
    company.desk.write(moved)
    await _told(company, clock, "Ernst")
    assert "Their time" not in company.last(LI).text


async def test_where_there_are_pages_another_date_is_one(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    await _told(company, clock, "Ernst")
    await company.press(LI, "Called")
    await company.desk.press(LI, "Another date", forms=True, trigger="t1")
    form = company.last(LI).form
    assert form is not None
    assert [one.key for one in form.inputs] == ["when"]
    problems = (await company.desk.fill(LI, {"when": "yesterday"}, token=form.token, forms=True)).problems
    assert "is in the past" in problems["when"]
    await company.desk.fill(LI, {"when": "Friday 10am"}, token=form.token, forms=True)
    assert company.last(LI).text == "I will remind you Fri 6 Mar 2026 10:00: ask for the samples"
