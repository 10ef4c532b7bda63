"""Two who decide at the same instant, each in a process of their own: one decision, and the other is told whose."""

import asyncio
from collections.abc import Callable

import pytest

from crm.core.database import Database
from crm.people.people import Role
from tests.bot.front_desk import Desk
from tests.bot.trading_desk import LI, SUN, ZHAO, TradingDesk, open_trading_desk
from tests.conftest import MakePerson

ZHOU = "Zhou"


@pytest.fixture
async def company(desk: Desk, make_person: MakePerson) -> TradingDesk:
    opened = await open_trading_desk(desk, make_person)
    await opened.link(make_person(ZHOU, Role.SUPERVISOR, team="North"))
    return opened


@pytest.fixture
def second(
    company: TradingDesk, open_desk: Callable[..., Desk], open_database: Callable[..., Database], database_url: str
) -> Desk:
    """Another process in the same room, with connections of its own."""
    assert company.desk.worker != "two"
    return open_desk(open_database(database_url), worker="two", spool="spool-two")


async def test_two_approvers_through_two_processes(company: TradingDesk, second: Desk) -> None:
    await company.order()
    cards = {account: company.card(account) for account in (ZHAO, ZHOU)}
    toasts = await asyncio.gather(
        company.desk.press(ZHAO, "Approve", on=cards[ZHAO]), second.press(ZHOU, "Approve", on=cards[ZHOU])
    )
    await _settle(company.desk, second)
    (step,) = company.desk.rows("SELECT decided_by FROM approval_steps WHERE role = 'supervisor'")
    winner = ZHAO if step.decided_by == company.trade.boss.id else ZHOU
    said = {ZHAO: toasts[0].toast, ZHOU: toasts[1].toast}
    loser = ({ZHAO, ZHOU} - {winner}).pop()
    assert said[winner] == "Order SO-2026-0001: decided. Next: Finance"
    assert said[loser].startswith(f"{winner} decided on order SO-2026-0001 already, on Mon 2 Mar 2026 09:30: approved")
    acts = company.desk.rows("SELECT act FROM history WHERE entity = 'order' AND act = 'approve'")
    assert len(acts) == 1
    for account in (ZHAO, ZHOU):
        assert f"✓ Sales supervisor: {winner}" in company.card(account).lines
        assert company.card(account).labels == []
    assert company.notices(LI, f"{winner} (Sales supervisor) approved") == 1
    assert company.notices(LI, f"{loser} (Sales supervisor) approved") == 0
    assert company.notices(SUN, "Submitted by: Li") == 1


async def test_one_approves_while_the_other_rejects(company: TradingDesk, second: Desk) -> None:
    await company.order()
    card = company.card(ZHAO)
    await second.press(ZHOU, "Reject", on=company.card(ZHOU))
    await asyncio.gather(company.desk.press(ZHAO, "Approve", on=card), second.say(ZHOU, "too cheap"))
    await _settle(company.desk, second)
    (order,) = company.desk.rows("SELECT status FROM orders")
    steps = company.desk.rows("SELECT status FROM approval_steps ORDER BY position")
    assert (order.status, [step.status for step in steps]) in (
        ("pending", ["approved", "pending"]),
        ("rejected", ["rejected", "cancelled"]),
    )
    assert company.notices(LI, "Zhao (Sales supervisor) approved") == (order.status == "pending")
    assert company.notices(LI, "was rejected by Zhou") == (order.status == "rejected")


async def test_an_approver_decides_while_the_rep_recalls(company: TradingDesk, second: Desk) -> None:
    await company.order()
    card, submitted = company.card(ZHAO), company.last(LI)
    await asyncio.gather(company.desk.press(ZHAO, "Approve", on=card), second.press(LI, "Recall", on=submitted))
    await _settle(company.desk, second)
    (order,) = company.desk.rows("SELECT status FROM orders")
    assert order.status == "recalled"  # before the decision or after it
    assert company.desk.rows("SELECT * FROM approval_steps WHERE status IN ('pending', 'waiting')") == []
    for account in (ZHAO, ZHOU):
        assert company.card(account).labels == []


async def test_two_orders_at_once_see_each_other_at_the_limit(company: TradingDesk, second: Desk) -> None:
    """Each fits the limit alone; together they pass it, and one of them says so."""
    company.trade.set_limit("10000")
    colleague = ("/order Ernst", "Chai 300 @20", "No more lines", "EXW", "1 May 2026", "Graz", "net 30")
    await company.say(LI, *colleague)
    await company.say(ZHAO, *colleague)
    await asyncio.gather(company.desk.press(LI, "Submit"), second.press(ZHAO, "Submit"))
    await _settle(company.desk, second)
    over = company.notices(LI, "over the credit limit") + company.notices(ZHAO, "over the credit limit of")
    numbers = [row.number for row in company.desk.rows("SELECT number FROM orders ORDER BY number")]
    assert numbers == ["SO-2026-0001", "SO-2026-0002"]
    assert over >= 1


async def _settle(*desks: Desk) -> None:
    """What one process leaves for a chat that the other just sends to goes with the next tick."""
    for desk in desks:
        await desk.delivery.tick()
        await desk.delivery.settle()
