"""Reminders that come again: said in one line, told each time, stopped; in both languages."""

from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from crm.sales.tasks.tasks import Task
from scheduler.reminders import tell_reminders
from tests.bot.trading_desk import LI, TradingDesk
from tests.conftest import Clock

SHANGHAI = ZoneInfo("Asia/Shanghai")


async def _due(company: TradingDesk) -> None:
    """What the ticks do."""
    tell_reminders(company.desk.database)
    await company.desk.delivery.tick()
    await company.desk.delivery.settle()


def _open(company: TradingDesk) -> list[str]:
    """What is still to be told, in Shanghai's time."""
    query = select(Task.due_at).where(Task.status == "open").order_by(Task.due_at)
    with company.desk.database.read() as work:
        return [f"{at.astimezone(SHANGHAI):%d %b %H:%M}" for at in work.connection.execute(query).scalars()]


async def test_every_monday_until_it_is_stopped(company: TradingDesk, clock: Clock) -> None:
    shown = await company.say(LI, "/remind every Monday 9am call Hans")
    assert shown.lines[1:3] == ("Text: call Hans", "When: every Monday at 09:00, first Mon 9 Mar 2026 09:00")
    await company.press(LI, "Confirm")
    assert company.last(LI).text == "I will remind you every Monday at 09:00, first Mon 9 Mar 2026 09:00: call Hans"
    clock.move(days=6, hours=23, minutes=30)
    for _ in range(2):
        await _due(company)
    assert company.notices(LI, "Reminder: call Hans") == 1
    card = company.last(LI)
    assert card.lines == ("Reminder: call Hans", "When: Mon 9 Mar 2026 09:00", "Repeats: every Monday at 09:00")
    assert card.labels == ["Done", "Snooze", "Stop repeating"]
    assert await company.press(LI, "Done", on=card) == "Done."
    clock.move(days=7)
    await _due(company)
    assert company.last(LI).lines[1] == "When: Mon 16 Mar 2026 09:00"
    assert await company.press(LI, "Stop repeating") == "It will not come again."
    assert company.last(LI).labels == ["Done", "Snooze"]
    assert await company.press(LI, "Stop repeating", on=card) == "This reminder does not come again."
    clock.move(days=7)
    await _due(company)
    assert company.notices(LI, "Reminder: call Hans") == 2
    assert _open(company) == []


async def test_in_chinese(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    await company.say(LI, "/settings language zh")
    shown = await company.say(LI, "提醒 每周一上午9点 给王经理打电话")
    assert shown.lines[1].endswith("给王经理打电话")
    assert "2026年3月9日 周一 09:00" in shown.lines[2]
    await company.press(LI, "确认")
    assert _open(company) == ["09 Mar 09:00"]


@pytest.mark.parametrize("words", ["every 2 weeks on Thursday 3pm", "每两周的周四 下午3点"])
async def test_typed_as_the_time(small_company: TradingDesk, clock: Clock, words: str) -> None:
    company = small_company
    await company.say(LI, "/remind call Hans")
    await company.say(LI, words)
    assert "When: every 2 weeks on Thursday at 15:00, first Thu 5 Mar 2026 15:00" in company.last(LI).lines
    await company.press(LI, "Confirm")
    clock.move(days=4)
    await _due(company)
    assert _open(company) == ["19 Mar 15:00"]


async def test_as_a_page_it_comes_as_it_could_be_typed(small_company: TradingDesk) -> None:
    company = small_company
    await company.desk.say(LI, "/remind every 3 days from 10 March call Hans", forms=True, trigger="t1")
    form = company.last(LI).form
    assert form is not None
    values = {one.key: str(one.value) for one in form.inputs if one.value}
    assert values == {"text": "call Hans", "when": "every 3 days from 2026-03-10 09:00"}
    await company.desk.fill(LI, values, token=form.token, forms=True)
    rows = company.desk.rows("SELECT recurrence, due_at FROM tasks")
    assert [(row.recurrence, str(row.due_at)[:10]) for row in rows] == [("D3@0900", "2026-03-10")]


async def test_missed_ones_are_not_made_up_for(company: TradingDesk, clock: Clock) -> None:
    await company.say(LI, "/remind every day 9am read the rates")
    await company.press(LI, "Confirm")
    clock.move(days=4, hours=2)  # Friday half past eleven
    await _due(company)
    assert company.notices(LI, "Reminder: read the rates") == 1
    assert company.last(LI).lines[1] == "When: Fri 6 Mar 2026 09:00"
    assert company.last(LI).lines[-1] == "This comes late: it could not be told in time."
    assert _open(company) == ["07 Mar 09:00"]


async def test_done_before_it_is_told_the_next_one_comes(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    await company.say(LI, "/remind every Monday 9am call Hans")
    await company.press(LI, "Confirm")
    await company.press(LI, "Open")
    await company.press(LI, "Done")
    assert _open(company) == ["16 Mar 09:00"]


async def test_undone_it_never_comes(small_company: TradingDesk) -> None:
    company = small_company
    await company.say(LI, "/remind every Monday 9am call Hans")
    await company.press(LI, "Confirm")
    await company.press(LI, "Undo")
    assert _open(company) == []


async def test_put_off_it_comes_again_once(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    await company.say(LI, "/remind every Monday 9am call Hans")
    await company.press(LI, "Confirm")
    clock.move(days=7)
    await _due(company)
    await company.press(LI, "Snooze")
    await company.press(LI, "1 hour")
    clock.move(hours=1)
    await _due(company)
    assert company.notices(LI, "Reminder: call Hans") == 2
    assert _open(company) == ["16 Mar 09:00"]


async def test_after_a_call_the_next_time_is_said(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    await company.say(LI, "/remind every Monday 9am call Hans")
    await company.press(LI, "More fields")
    await company.say(LI, "Ernst")
    await company.press(LI, "Confirm")
    clock.move(days=7)
    await _due(company)
    await company.press(LI, "Called")
    assert company.last(LI).text == "Noted for Ernst Handel. The next time is Mon 16 Mar 2026 09:00."
    await company.press(LI, "Stop repeating")
    assert _open(company) == []
