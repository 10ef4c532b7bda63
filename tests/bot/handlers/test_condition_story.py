"""An approver approves with a condition: the rep accepts or declines it, or lets its day go by."""

from scheduler.conditions import lapse_all
from tests.bot.trading_desk import LI, SUN, ZHAO, TradingDesk
from tests.conftest import Clock


async def _on_condition(company: TradingDesk, *until: str) -> None:
    await company.order()
    await company.press(ZHAO, "Approve with condition")
    await company.say(ZHAO, "Only with the old packing", *(until or ("skip",)))
    assert company.last(ZHAO).text == "Order SO-2026-0001: approved as soon as your condition is accepted."


async def test_accepted_it_is_approved_and_stands_in_the_notes(company: TradingDesk) -> None:
    await _on_condition(company)
    told = "approves order SO-2026-0001 for Ernst Handel on a condition: Only with the old packing. Do you accept it?"
    assert company.notices(LI, told) == 1
    assert company.trade.states(1) == ["supervisor=condition", "finance=waiting"]
    assert "Approve" not in " ".join(company.card(ZHAO).labels)
    assert "Li has to accept the condition" in company.card(ZHAO).text
    await company.press(LI, "Accept condition")
    assert company.trade.states(1) == ["supervisor=approved", "finance=pending"]
    assert company.notices(ZHAO, "Li accepts your condition on order SO-2026-0001.") == 1
    row = company.desk.rows("SELECT notes, payment_terms FROM orders")[0]
    assert (row.notes, row.payment_terms) == ("Zhao: Only with the old packing", "T/T 30/70")
    await company.approve(SUN)
    assert company.trade.status(1) == "ready"


async def test_declined_it_waits_for_the_same_approver_again(company: TradingDesk) -> None:
    await _on_condition(company)
    await company.press(LI, "Decline condition")
    assert company.trade.states(1) == ["supervisor=pending", "finance=waiting"]
    assert company.notices(ZHAO, "Li does not accept your condition on order SO-2026-0001.") == 1
    assert company.desk.rows("SELECT notes FROM orders")[0].notes is None
    await company.approve(ZHAO)
    assert company.trade.states(1) == ["supervisor=approved", "finance=pending"]


async def test_not_answered_by_its_day_it_is_open_again_once(company: TradingDesk, clock: Clock) -> None:
    await _on_condition(company, "4 March 2026")
    database = company.trade.database
    clock.move(days=2)
    assert lapse_all(database) == 0, "its last day is still its day"
    clock.move(days=1)
    assert lapse_all(database) == 1
    assert lapse_all(database) == 0
    assert company.trade.states(1) == ["supervisor=pending", "finance=waiting"]
    await company.say(LI, "/orders SO-2026-0001")
    assert "Accept condition" not in company.last(LI).labels
    for account in (LI, ZHAO):
        await company.say(account, "/orders")
        assert company.notices(account, "The condition on order SO-2026-0001 was not answered by Wed 4 Mar 2026") == 1


async def test_a_condition_does_not_get_past_the_credit_limit(company: TradingDesk) -> None:
    company.trade.set_limit("100")
    await company.order()
    await company.approve(ZHAO)
    assert "Approve with condition" not in company.card(SUN).labels
    await company.desk.press(SUN, "Ask")
    assert company.trade.states(1) == ["supervisor=approved", "finance=pending"]
