"""`Nudge`: the submitter of a waiting order asks again, once in so many hours."""

from tests.bot.trading_desk import LI, SUN, ZHAO, TradingDesk
from tests.conftest import Clock


async def test_whoever_decides_gets_the_card_again_under_a_line_that_says_who_asks(
    company: TradingDesk, clock: Clock
) -> None:
    await company.order()
    cards = company.everything(ZHAO).count("SO-2026-0001 Ernst Handel")
    await company.say(LI, "/orders SO-2026-0001")
    await company.press(LI, "Nudge")
    assert company.last(LI).text == "Asked again: Zhao."
    assert company.notices(ZHAO, "Li asks for your decision on order SO-2026-0001: Ernst Handel, CNY 9,000.") == 1
    assert company.everything(ZHAO).count("SO-2026-0001 Ernst Handel") > cards
    assert "Approve" in " ".join(company.last(ZHAO).labels)
    assert (await company.press(LI, "Nudge")).startswith("You asked at ")
    assert company.notices(ZHAO, "asks for your decision") == 1
    clock.move(hours=4)
    await company.press(LI, "Nudge")
    assert company.notices(ZHAO, "asks for your decision") == 2
    assert [row.act for row in company.desk.rows("SELECT act FROM history WHERE act = 'nudged'")] == ["nudged"] * 2


async def test_it_goes_to_the_step_that_is_open_and_to_nobody_when_all_is_decided(
    company: TradingDesk, clock: Clock
) -> None:
    await company.order()
    await company.approve(ZHAO)
    await company.say(LI, "/orders SO-2026-0001")
    card = company.last(LI)
    await company.press(LI, "Nudge")
    assert (company.notices(SUN, "asks for your decision"), company.notices(ZHAO, "asks for your decision")) == (1, 0)
    assert "Nudge" not in (await company.say(ZHAO, "/orders SO-2026-0001")).labels
    await company.approve(SUN)
    clock.move(hours=5)
    assert "Nudge" not in (await company.say(LI, "/orders SO-2026-0001")).labels
    assert "can't be done any more" in (await company.desk.press(LI, "Nudge", on=card)).toast
