"""A stuck approval is given to somebody by an administrator; who waits for whom is seen."""

from tests.bot.trading_desk import CHEN, LI, SUN, XU, ZHAO, TradingDesk
from tests.conftest import Clock


async def test_an_administrator_gives_a_step_to_somebody_who_may_decide(company: TradingDesk) -> None:
    await company.order()
    assert "Reassign" not in (await company.say(LI, "/orders SO-2026-0001")).labels
    await company.say(XU, "/orders SO-2026-0001")
    await company.press(XU, "Reassign")
    await company.say(XU, "Chen", "Zhao is ill")
    await company.press(XU, "Confirm")
    assert company.last(XU).text == "Chen has the card of order SO-2026-0001 and may decide now."
    assert company.notices(CHEN, "Xu asks you to decide on order SO-2026-0001 (Sales supervisor): Zhao is ill") == 1
    await company.approve(CHEN)
    assert company.trade.states(1) == ["supervisor=approved", "finance=pending"]
    row = company.desk.rows("SELECT reason FROM history WHERE act = 'reassigned'")[0]
    assert row.reason == "Zhao is ill"


async def test_never_to_the_submitter_nor_to_who_may_already(company: TradingDesk) -> None:
    await company.order(LI)
    await company.say(XU, "/orders SO-2026-0001")
    await company.press(XU, "Reassign")
    await company.say(XU, "Zhao", "again")
    assert await company.press(XU, "Confirm") == "Zhao may decide on it already."
    await company.say(XU, "/cancel", "/orders SO-2026-0001")
    await company.press(XU, "Reassign")
    await company.say(XU, "Li")
    assert company.desk.rows("SELECT count(*) AS n FROM step_escalations")[0].n == 0


async def test_who_waits_for_whom(company: TradingDesk, clock: Clock) -> None:
    assert (await company.say(CHEN, "/approvals all")).text == "No order waits for a decision."
    await company.order()
    await company.order()
    await company.approve(ZHAO)
    clock.move(hours=2)
    text = (await company.say(CHEN, "审批 全部")).text
    assert "Zhao: 1 order, CNY 9,000" in text
    assert "Sun: 1 order, CNY 9,000" in text
    assert "from Li" in text
    assert "other roles" in (await company.say(LI, "/approvals all")).text
    await company.say(SUN, "/approvals")
    assert company.desk.rows("SELECT count(*) AS n FROM approval_steps WHERE status = 'pending'")[0].n == 2
