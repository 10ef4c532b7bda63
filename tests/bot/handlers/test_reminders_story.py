"""Reminders as people live through them: said in one line, told when due, answered by a press."""

from functools import partial

import pytest

from crm.sales.leads.leads import LeadDetails, log_lead
from scheduler.reminders import tell_reminders
from tests.bot.trading_desk import LI, XU, ZHAO, TradingDesk
from tests.conftest import Clock, MakePerson

REVIEWED = ("Set a reminder", "Text: call Hans", "When: Tue 3 Mar 2026 15:00")


async def _due(company: TradingDesk) -> None:
    """What the ticks do."""
    tell_reminders(company.desk.database)
    await company.desk.delivery.tick()
    await company.desk.delivery.settle()


def _tasks(company: TradingDesk) -> list[tuple[str, str]]:
    return [(row.text, row.status) for row in company.desk.rows("SELECT text, status FROM tasks ORDER BY id")]


async def test_said_in_one_line_confirmed_told_and_done(company: TradingDesk, clock: Clock) -> None:
    shown = await company.say(LI, "/remind call Hans tomorrow 3pm")
    assert shown.lines[:-1] == REVIEWED
    await company.press(LI, "Confirm")
    assert company.last(LI).text == "I will remind you Tue 3 Mar 2026 15:00: call Hans"
    assert company.last(LI).labels == ["Open", "Undo", "All my reminders"]
    clock.move(days=1)
    await _due(company)
    assert "Reminder" not in company.last(LI).text
    clock.move(hours=5, minutes=30)
    for _ in range(3):
        await _due(company)
    assert company.notices(LI, "Reminder: call Hans") == 1
    card = company.last(LI)
    assert card.lines == ("Reminder: call Hans", "When: Tue 3 Mar 2026 15:00")
    assert card.labels == ["Done", "Snooze"]
    assert await company.press(LI, "Done", on=card) == "Done."
    assert company.last(LI).labels == []
    assert company.last(LI).lines[-1] == "Done Tue 3 Mar 2026 15:00"
    assert await company.press(LI, "Done", on=card) == "This reminder is over already."
    assert _tasks(company) == [("call Hans", "done")]


async def test_in_chinese_without_a_space_between_date_and_text(small_company: TradingDesk) -> None:
    company = small_company
    await company.say(LI, "/settings language zh")
    shown = await company.say(LI, "提醒 明天下午3点给王经理打电话")
    assert "给王经理打电话" in shown.lines[1]
    assert shown.lines[2].endswith("2026年3月3日 周二 15:00")
    await company.press(LI, "确认")
    assert _tasks(company) == [("给王经理打电话", "open")]


async def test_what_is_not_said_is_asked(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    shown = await company.say(LI, "/remind")
    assert shown.lines[-1].startswith("Text")
    shown = await company.say(LI, "call Hans")
    assert shown.lines[-1].startswith("When")
    offered = ["in 1 hour", "this afternoon", "tomorrow 9:00", "next Monday"]
    assert [label for label in shown.labels if label in offered] == offered
    await company.press(LI, "next Monday")
    assert "When: Mon 9 Mar 2026 09:00" in company.last(LI).lines
    await company.press(LI, "Cancel")
    shown = await company.say(LI, "/remind tomorrow 3pm")
    assert "When: Tue 3 Mar 2026 15:00" in shown.lines
    assert shown.lines[-1].startswith("Text")
    await company.press(LI, "Cancel")
    clock.move(hours=7)  # half past four in the afternoon
    assert "this afternoon" not in (await company.say(LI, "/remind call Hans")).labels


async def test_a_time_gone_by_is_refused_and_the_text_kept(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    past = "Sun 1 Mar 2026 15:00 is in the past. Write a time to come, such as tomorrow 3pm."
    shown = await company.say(LI, "/remind call Hans yesterday 3pm")
    assert "Text: call Hans" in shown.lines
    assert shown.lines[-2] == past
    assert shown.lines[-1].startswith("When")
    assert past in (await company.say(LI, "yesterday 3pm")).lines
    assert "Please write a date, such as" in (await company.say(LI, "when he is back")).text
    await company.say(LI, "in 1 hour")
    clock.move(hours=2)
    await company.press(LI, "Confirm")
    assert "Mon 2 Mar 2026 10:30 is in the past. Write a time" in company.last(LI).text
    assert company.last(LI).lines[-1].startswith("When")
    await company.say(LI, "tomorrow 3pm")
    await company.press(LI, "Confirm")
    assert _tasks(company) == [("call Hans", "open")]


async def test_undone_it_is_never_told(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    await company.say(LI, "/remind call Hans in 1 hour")
    await company.press(LI, "Confirm")
    await company.press(LI, "Undo")
    assert company.last(LI).text == "The reminder is taken back."
    clock.move(hours=2)
    await _due(company)
    assert company.notices(LI, "Reminder") == 0
    assert _tasks(company) == [("call Hans", "dropped")]


@pytest.mark.parametrize(
    ("label", "until"), [("1 hour", "Mon 2 Mar 2026 11:30"), ("Tomorrow morning", "Tue 3 Mar 2026 09:00")]
)
async def test_snoozed_once_and_told_again(company: TradingDesk, clock: Clock, label: str, until: str) -> None:
    await company.say(LI, "/remind call Hans in 1 hour")
    await company.press(LI, "Confirm")
    clock.move(hours=1)
    await _due(company)
    await company.press(LI, "Snooze")
    choices = company.last(LI)
    assert choices.labels == ["1 hour", "Tomorrow morning", "Back"]
    assert await company.press(LI, label, on=choices) == f"I will remind you again {until}."
    assert f"When: {until}" in company.last(LI).lines
    clock.move(minutes=1)
    told = await company.press(LI, label, on=choices)
    assert told == f"This reminder was put off already, until {until}."
    clock.move(days=1)
    await _due(company)
    assert company.notices(LI, "Reminder: call Hans") == 2
    assert _tasks(company) == [("call Hans", "told")]


async def test_back_from_snooze_shows_the_card_again(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    await company.say(LI, "/remind call Hans in 1 hour")
    await company.press(LI, "Confirm")
    clock.move(hours=1)
    await _due(company)
    await company.press(LI, "Snooze")
    await company.press(LI, "Back")
    assert company.last(LI).labels == ["Done", "Snooze"]


async def _about(company: TradingDesk, clock: Clock, record: str) -> None:
    """A reminder about this record, told."""
    await company.say(LI, "/remind ask for the samples in 1 hour")
    await company.press(LI, "More fields")
    await company.say(LI, record)
    await company.press(LI, "Confirm")
    clock.move(hours=1)
    await _due(company)


async def test_about_a_customer_called_is_history_and_the_next_is_offered(company: TradingDesk, clock: Clock) -> None:
    await _about(company, clock, "Ernst")
    card = company.last(LI)
    assert "About: Ernst Handel" in card.lines
    assert card.labels == ["Called", "No answer", "Done", "Snooze", "Open"]
    await company.press(LI, "Called", on=card)
    offer = company.last(LI)
    asked = "When again? Choose a day or write one; if there is nothing more to do, leave it."
    assert offer.text == f"Noted for Ernst Handel. {asked}"
    assert await company.press(LI, "No answer", on=card) == "This reminder is over already."
    said = company.desk.rows("SELECT kind, text FROM communications")
    assert [(row.kind, row.text) for row in said] == [("call", "Called: ask for the samples")]
    days = ["+3 · Thu 5 Mar 2026", "+7 · Mon 9 Mar 2026", "Grade C: +90 · Mon 1 Jun 2026", "Another date"]
    assert offer.labels == days  # the last but one would be a Sunday
    await company.press(LI, "+3 · Thu 5 Mar 2026", on=offer)
    assert company.last(LI).text == "I will remind you Thu 5 Mar 2026 09:00: ask for the samples"
    assert await company.press(LI, "+7 · Mon 9 Mar 2026", on=offer) == "The next reminder is set already."
    assert _tasks(company) == [("ask for the samples", "continued"), ("ask for the samples", "open")]
    await company.press(LI, "Open", on=card)
    assert company.last(LI).lines[0] == "Ernst Handel"


async def test_about_offers_what_one_may_see_of_every_kind(small_company: TradingDesk, make_person: MakePerson) -> None:
    company = small_company
    await company.desk.log_lead(LI, "万通贸易")
    await company.say(LI, "/deal", "Ernst", "Lamps", "skip", "12.5k", "30 April", "skip")
    await company.press(LI, "Confirm")
    await company.link(make_person("Qian", team="South", at=company.desk.database))
    for account, offered in ((LI, ["Ernst Handel", "L-1 万通贸易", "D-1 Lamps"]), ("Qian", [])):
        await company.say(account, "/remind call tomorrow 3pm")
        await company.press(account, "More fields")
        assert company.last(account).labels[: len(offered)] == offered
        shown = await company.say(account, "L-1")
        assert ("About: L-1 万通贸易" in shown.lines) is bool(offered)


async def test_from_a_card_it_is_about_that_record(small_company: TradingDesk) -> None:
    company = small_company
    await company.say(LI, "/customer Ernst")
    await company.press(LI, "Remind me")
    assert company.last(LI).lines == ("Set a reminder", "About: Ernst Handel", company.last(LI).lines[-1])
    await company.say(LI, "call Hans", "tomorrow 3pm")
    await company.press(LI, "Confirm")
    await company.press(LI, "Open")
    assert "About: Ernst Handel" in company.last(LI).lines


async def test_about_a_lead_called_is_contacted(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    told = LeadDetails(company="万通贸易", contact="王经理", source="other", product_need="lamps")
    company.desk.write(partial(log_lead, actor=company.trade.rep, platform="test", details=told))
    await _about(company, clock, "万通")
    await company.press(LI, "No answer")
    await company.press(LI, "+1 · Tue 3 Mar 2026")
    assert [row.status for row in company.desk.rows("SELECT status FROM leads")] == ["new"]
    clock.move(days=1)
    await _due(company)
    for following in (
        "+3 · Fri 6 Mar 2026",
        "+3 · Mon 9 Mar 2026",
    ):  # one contacted before is called again all the same
        await company.press(LI, "Called")
        assert company.last(LI).text.startswith("Noted for L-1 万通贸易. When again?")
        assert [row.status for row in company.desk.rows("SELECT status FROM leads")] == ["contacted"]
        await company.press(LI, following)
        clock.move(days=3)
        await _due(company)
    assert company.desk.rows("SELECT notes FROM leads")[0].notes.splitlines() == [
        "2026-03-02 Li: No answer: ask for the samples",
        "2026-03-03 Li: Called: ask for the samples",
        "2026-03-06 Li: Called: ask for the samples",
    ]


async def test_today_has_what_is_due(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    for said in ("call Hans this afternoon", "call Maria tomorrow 9:00"):
        await company.say(XU, f"/remind {said}")
        await company.press(XU, "Confirm")
    shown = await company.say(XU, "/today")
    assert "15:00 call Hans" in shown.lines
    assert "Maria" not in shown.text
    assert (await company.say(ZHAO, "/today")).text == "Nothing waits for you today."
    await company.press(XU, "call Hans", on=shown)
    await company.press(XU, "Done")
    assert (await company.say(XU, "/today")).text == "Nothing waits for you today."


async def test_a_stranger_to_the_reminder_cannot_press_it(small_company: TradingDesk) -> None:
    company = small_company
    await company.say(LI, "/remind call Hans tomorrow 3pm")
    await company.press(LI, "Confirm")
    saved = company.last(LI)
    assert await company.press(ZHAO, "Undo", on=saved, chat_id=LI) == "There is no such reminder of yours."
    assert _tasks(company) == [("call Hans", "open")]


async def test_as_a_page_it_comes_filled_in(small_company: TradingDesk) -> None:
    company = small_company
    await company.desk.say(LI, "/remind call Hans tomorrow 3pm", forms=True, trigger="t1")
    form = company.last(LI).form
    assert form is not None
    assert {one.key: one.value for one in form.inputs if one.value} == {"text": "call Hans", "when": "2026-03-03 15:00"}
    await company.desk.fill(LI, {"text": "call Hans", "when": "tomorrow 4pm"}, token=form.token, forms=True)
    assert company.last(LI).text == "I will remind you Tue 3 Mar 2026 16:00: call Hans"
    await company.desk.say(LI, "/remind call Hans yesterday 3pm", forms=True, trigger="t2")
    form = company.last(LI).form
    assert form is not None
    assert len(form.lines) == 1
