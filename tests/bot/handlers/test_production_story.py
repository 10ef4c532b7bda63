"""Production in the chat: asked on the day, answered by one tap, the board, and who makes what."""

from decimal import Decimal

import pytest

from crm.people.people import Member, Role
from scheduler.watches import tell_watched
from tests.bot.trading_desk import LI, SUN, XU, ZHAO, TradingDesk
from tests.conftest import Clock, MakePerson

WU, LIN = "Wu", "Lin"
LAMPS = ("/order Ernst", "Lamp", "200", "18", "skip", "No more lines", "FOB Ningbo", "1 May 2026", "Hamburg", "net 30")


@pytest.fixture
async def wu(company: TradingDesk, make_person: MakePerson) -> Member:
    """In production; the company makes lamps, 100 a day."""
    wu = make_person(WU, Role.PRODUCTION, at=company.trade.database)
    await company.link(wu)
    company.trade.add_product("LAMP", "Lamp", cost="10", stock=Decimal(0), category="Lighting")
    await company.say(XU, "/rules makers")
    await company.press(XU, "Add or change")
    await company.say(XU, "Hangzhou Lamps", "Lighting", "100", "Monday to Friday", "skip", "Wu")
    await company.press(XU, "Confirm")
    assert "Lighting: 100 a day, Monday to Friday; Wu" in company.last(XU).text
    return wu


async def _order(company: TradingDesk, *typed: str) -> None:
    await company.say(LI, *(typed or LAMPS))
    await company.press(LI, "Submit")
    await company.approve(ZHAO, SUN)


async def test_an_order_is_made_from_the_question_to_the_goods(
    company: TradingDesk, wu: Member, make_person: MakePerson, clock: Clock
) -> None:
    await company.link(make_person(LIN, Role.LOGISTICS, at=company.trade.database))
    await _order(company)
    assert company.notices(WU, "New to make: SO-2026-0001 Ernst Handel. Start on") == 1
    card = await company.say(LI, "/orders SO-2026-0001")
    assert "Ready to ship: planned for Mon 9 Mar 2026" in card.text
    assert "Done" not in card.labels
    clock.move(days=3)
    tell_watched(company.trade.database)
    await company.desk.delivery.tick()
    await company.desk.delivery.settle()
    asked = company.last(WU)
    assert "Materials in: planned for Thu 5 Mar 2026. Is it reached?" in asked.text
    assert "CNY" not in asked.text
    assert [label.removeprefix("✅ ") for label in asked.labels] == ["Done", "Late", "Problem", "Open"]
    await company.press(WU, "Done")
    assert company.last(WU).text == "Recorded: SO-2026-0001, Materials in. It is now: In production."
    assert "Materials in: reached on" in asked_again(company)
    await company.say(WU, "生产进度 SO-2026-0001", "ready", "done")
    await company.press(WU, "Confirm")
    assert "It is now: Ready to ship." in company.last(WU).text
    assert company.notices(LIN, "SO-2026-0001 Ernst Handel is ready to ship.") == 1
    assert company.notices(LI, "SO-2026-0001 Ernst Handel is ready to ship.") == 1


def asked_again(company: TradingDesk) -> str:
    """The card on which Wu was asked, as it stands now."""
    return next(shown.text for shown in company.desk.room.chat(WU) if "Materials in" in shown.text and shown.labels)


async def test_late_is_told_with_a_text_for_the_customer(company: TradingDesk, wu: Member) -> None:
    await _order(company, *(word.replace("1 May 2026", "10 March 2026") for word in LAMPS))
    await company.say(WU, "/orders SO-2026-0001")
    await company.press(WU, "Late")
    await company.say(WU, "yesterday")
    assert "is in the past" in company.last(WU).text
    await company.say(WU, "16 March")
    await company.press(WU, "Confirm")
    assert company.notices(LI, "SO-2026-0001 Ernst Handel: ready on Wed 18 Mar 2026 at the earliest") == 1
    assert company.notices(ZHAO, "SO-2026-0001 Ernst Handel: ready on Wed 18 Mar 2026 at the earliest") == 1
    await company.press(LI, "Text about the delay")
    assert (
        "your order SO-2026-0001 is delayed in production. We now expect delivery on 18 March." in company.last(LI).text
    )


async def test_a_problem_is_an_alert_to_who_sold(company: TradingDesk, wu: Member) -> None:
    await _order(company)
    await company.say(WU, "/milestone SO-2026-0001", "quality", "problem", "20 March", "glass is scratched")
    await company.press(WU, "Confirm")
    assert company.notices(LI, "a quality problem before “Quality passed”: glass is scratched") == 1
    assert company.notices(ZHAO, "a quality problem before “Quality passed”: glass is scratched") == 1
    assert "Quality passed: glass is scratched" in (await company.say(WU, "/orders SO-2026-0001")).text


async def test_in_chinese_what_stands_on_the_buttons_may_be_typed(company: TradingDesk, wu: Member) -> None:
    await _order(company)
    await company.say(WU, "/settings language zh")
    await company.say(WU, "/生产进度 SO-2026-0001", "可发货", "延期")
    assert "新日期" in company.last(WU).text.splitlines()[-1]
    await company.say(WU, "3月16日")
    assert "节点: 可发货" in company.last(WU).text
    await company.press(WU, "确认")
    assert company.last(WU).text == "已登记：SO-2026-0001，可发货。订单现在：已批准。"


async def test_the_board_and_the_load(company: TradingDesk, wu: Member) -> None:
    assert "Nothing is being made" in (await company.say(WU, "/board")).text
    await _order(company)
    shown = await company.say(WU, "看板")
    assert "SO-2026-0001 Ernst Handel · Materials in by Thu 5 Mar 2026 · agreed Fri 1 May 2026" in shown.text
    assert "CNY" not in shown.text
    await company.press(WU, "Load by week")
    assert "Hangzhou Lamps, Lighting: this week 40%, next 0%, then 0% and 0%" in company.last(WU).text
    assert "Load by week" not in (await company.say(LI, "/board")).labels
    assert (await company.say(LI, "/milestone")).text == "milestone is for other roles than yours."
