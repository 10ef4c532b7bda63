"""Many reminders at once are one list, kept true; and all of one's reminders by pages."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from bot.cards.task_list import due_page
from crm.sales.tasks.tasks import Task
from scheduler.reminders import tell_reminders
from tests.bot.trading_desk import LI, ZHAO, TradingDesk
from tests.conftest import Clock


async def _due(company: TradingDesk) -> None:
    """What the ticks do."""
    tell_reminders(company.desk.database)
    await company.desk.delivery.tick()
    await company.desk.delivery.settle()


def _fill(company: TradingDesk, count: int, **later: float) -> None:
    """So many reminders of Li's."""
    with company.desk.database.write() as work:
        row = {"person_id": company.trade.rep.id, "status": "open", "created_at": work.now}
        rows = [
            row | {"text": f"call {number}", "due_at": work.now + timedelta(seconds=number, **later)}
            for number in range(1, count + 1)
        ]
        work.connection.execute(insert(Task.table()), rows)


async def test_more_than_ten_are_one_list_that_stays_true(company: TradingDesk, clock: Clock) -> None:
    _fill(company, 12)
    clock.move(minutes=1)
    for _ in range(2):
        await _due(company)
    shown = company.last(LI)
    assert shown.lines[:2] == ("12 reminders are due", "Mon 2 Mar 2026 09:30 · call 1")
    assert shown.lines[-1] == "Page 1"
    assert shown.labels == [*(f"call {number}" for number in range(1, 9)), "Next"]
    assert company.notices(LI, "Reminder:") == 0
    await company.press(LI, "call 3")
    await company.press(LI, "Done")
    assert company.desk.room.seen[shown.ref].lines[0] == "11 reminders are due"
    assert "call 3" not in company.desk.room.seen[shown.ref].text
    await company.press(LI, "Next", on=company.desk.room.seen[shown.ref])
    second = company.desk.room.seen[shown.ref]
    assert second.labels == ["call 10", "call 11", "call 12", "Previous"]
    await company.press(LI, "call 12", on=second)
    await company.press(LI, "Snooze")
    await company.press(LI, "1 hour")
    assert company.desk.room.seen[shown.ref].lines[0] == "10 reminders are due"
    for number in (1, 2):
        await company.press(LI, f"call {number}", on=company.desk.room.seen[shown.ref])
        await company.press(LI, "Done")
    await company.press(LI, "Next", on=shown)
    assert company.desk.room.seen[shown.ref].lines[0] == "8 reminders are due"  # there is no second page any more
    assert "call 11" in company.desk.room.seen[shown.ref].labels


async def test_todays_come_before_what_was_left(company: TradingDesk, clock: Clock) -> None:
    with company.desk.database.write() as work:
        row = {"person_id": company.trade.rep.id, "status": "open", "created_at": work.now}
        due = [
            *((f"old {days}", work.now - timedelta(days=days), True) for days in range(6, 0, -1)),
            *((f"day {number}", work.now + timedelta(seconds=number), False) for number in (1, 2)),
            *((f"time {number}", work.now + timedelta(seconds=number), True) for number in (3, 4)),
        ]
        rows = [row | {"text": text, "due_at": at, "has_time": timed} for text, at, timed in due]
        work.connection.execute(insert(Task.table()), [*rows, rows[-1] | {"text": "time 5"}])
    clock.move(minutes=1)
    with company.desk.database.read() as work:
        screen = due_page(work, company.trade.rep, 0)
    labels = [str(row[0].label) for row in screen.rows[:-1]]
    assert labels == ["time 3", "time 4", "time 5", "day 1", "day 2", "old 1", "old 2", "old 3"]


async def test_when_all_is_done_it_says_so(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    _fill(company, 11)
    clock.move(minutes=1)
    await _due(company)
    shown = company.last(LI)
    for number in range(1, 12):
        await company.press(LI, f"call {number}", on=company.desk.room.seen[shown.ref])
        await company.press(LI, "Done")
    assert company.desk.room.seen[shown.ref].text == "All that was due is done."
    assert company.desk.room.seen[shown.ref].labels == []


async def test_nobody_reads_the_list_of_another(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    _fill(company, 12)
    clock.move(minutes=1)
    await _due(company)
    shown = company.last(LI)
    await company.press(ZHAO, "Next", on=shown, chat_id=LI)
    assert "call 10" not in company.everything(ZHAO)


@pytest.mark.parametrize("words", ["/remind list", "提醒 列表", "提醒 全部"])
async def test_all_of_them_by_pages(small_company: TradingDesk, words: str) -> None:
    company = small_company
    assert (await company.say(LI, words)).text == "You have no reminders."
    _fill(company, 9, days=1)
    shown = await company.say(LI, words)
    assert shown.lines[0] == "9 reminders"
    await company.press(LI, "Next")
    assert company.last(LI).lines[1] == "Tue 3 Mar 2026 09:30 · call 9"
    await company.press(LI, "call 9")
    assert company.last(LI).labels == ["Done", "Snooze"]


async def test_from_what_was_saved_to_all_of_them(small_company: TradingDesk) -> None:
    company = small_company
    await company.say(LI, "/remind call Hans tomorrow 3pm")
    await company.press(LI, "Confirm")
    await company.press(LI, "All my reminders")
    assert company.last(LI).lines == ("1 reminder", "Tue 3 Mar 2026 15:00 · call Hans")
