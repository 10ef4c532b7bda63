"""Approvals that nobody gives, as people live through them: reminded in their own hours, then the superior too."""

from datetime import UTC, datetime

import pytest

from crm.people.people import Role
from tests.bot.trading_desk import CHEN, LI, SUN, XU, ZHAO, TradingDesk
from tests.bot.watching import change, leave, tick_at
from tests.conftest import Clock, MakePerson

WAITED = "1 order has waited for your decision for 8 working hours: SO-2026-0001"
LEFT = "1 order was left undecided for 24 working hours; now you may decide too: SO-2026-0001"
ORDER = "SO-2026-0001 Ernst Handel"


def _cards(company: TradingDesk, account: str) -> int:
    return sum("Submitted by" in shown.text for shown in company.desk.room.chat(account))


async def test_reminded_with_the_card_after_eight_hours_of_work(company: TradingDesk, clock: Clock) -> None:
    await company.order()
    assert await tick_at(company, clock, 2, 17, 29) == 0
    assert await tick_at(company, clock, 2, 17, 30) == 1
    line, card = company.desk.room.chat(ZHAO)[-2:]
    assert line.text == WAITED
    assert card.lines[0].startswith(ORDER)
    assert "✅ Approve" in card.labels
    assert await tick_at(company, clock, 2, 17, 31) == 0
    assert await tick_at(company, clock, 3, 10) == 0
    assert company.notices(ZHAO, WAITED) == 1
    assert company.notices(SUN, "has waited") == company.notices(CHEN, "has waited") == 0
    await company.press(ZHAO, "Approve", on=card)
    assert all("✅ Approve" not in shown.labels for shown in company.desk.room.chat(ZHAO))


async def test_after_twenty_four_the_superior_decides_too(company: TradingDesk, clock: Clock) -> None:
    await company.order()
    await tick_at(company, clock, 2, 17, 30)
    assert await tick_at(company, clock, 4, 15, 29) == 0
    assert await tick_at(company, clock, 4, 15, 30) == 3
    line, card = company.desk.room.chat(CHEN)[-2:]
    assert line.text == LEFT
    assert "✅ Approve" in card.labels
    assert "Waiting for: Zhao, Chen" in card.lines
    assert "Waiting for: Zhao, Chen" in company.card(ZHAO).lines
    assert company.last(LI).lines == (
        "1 order has been left undecided for too long:",
        f"{ORDER}: Zhao has not decided, Chen may now too",
    )
    assert company.notices(ZHAO, f"{ORDER}: Chen may now decide too") == 1
    assert await tick_at(company, clock, 4, 15, 31) == 0
    await company.press(CHEN, "Approve", on=card)
    assert "✓ Sales supervisor: Chen" in company.card(ZHAO).lines
    assert company.card(SUN).labels[0] == "✅ Approve"
    acts = [(row.act, row.person_id) for row in company.desk.rows("SELECT act, person_id FROM history ORDER BY id")]
    assert acts.count(("escalated", None)) == 1


async def test_the_slow_one_may_still_decide(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    await company.order()
    await tick_at(company, clock, 4, 15, 30)
    card = company.card(CHEN)
    await company.approve(ZHAO)
    assert "✅ Approve" not in company.card(CHEN).labels
    assert "Zhao decided" in await company.press(CHEN, "Approve", on=card)


async def test_a_weekend_counts_for_nobody(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    clock.now = datetime(2026, 3, 6, 9, tzinfo=UTC)  # Friday, 17:00
    await company.order()
    assert await tick_at(company, clock, 7, 12) == 0
    assert await tick_at(company, clock, 9, 9) == 0
    assert await tick_at(company, clock, 9, 15, 59) == 0
    assert await tick_at(company, clock, 9, 16) == 1


async def test_chinese_new_year_counts_for_nobody_and_shifted_days_do(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    clock.now = datetime(2026, 2, 13, 9, tzinfo=UTC)  # Friday, 17:00, before the Saturday that is worked
    await company.order()
    assert await tick_at(company, clock, 14, 15, 59, month=2) == 0
    assert await tick_at(company, clock, 14, 16, month=2) == 1
    assert await tick_at(company, clock, 23, 17, month=2) == 0  # the last day off
    assert await tick_at(company, clock, 25, 13, 59, month=2) == 0  # 10 hours before the feast, 9 and 5 after it
    assert await tick_at(company, clock, 25, 14, month=2) == 3


async def test_in_the_hours_of_where_the_approver_is(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    change(company, company.trade.boss, timezone="Europe/Berlin", holidays="DE")
    await company.order()  # 2:30 in the night there
    assert await tick_at(company, clock, 2, 17, 30) == 0
    assert await tick_at(company, clock, 2, 23, 59) == 0
    assert await tick_at(company, clock, 3, 0) == 1  # 17:00 there
    assert company.notices(ZHAO, WAITED) == 1
    # 24 hours: Wednesday 15:00 there, when Chen in Shanghai has gone home. He hears of it when he comes to work.
    assert await tick_at(company, clock, 4, 22) == 0
    assert await tick_at(company, clock, 5, 8, 59) == 0
    assert await tick_at(company, clock, 5, 9) == 2
    assert company.notices(CHEN, LEFT) == 1
    assert company.notices(ZHAO, "may now decide too") == 0  # it is night there
    assert await tick_at(company, clock, 5, 16) == 1
    assert company.notices(ZHAO, "may now decide too") == 1


async def test_days_away_count_for_nobody(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    await company.order()
    leave(company, company.trade.boss, days=2)  # until Wednesday, 9:30
    assert await tick_at(company, clock, 3, 18) == 0
    assert await tick_at(company, clock, 4, 17, 29) == 0
    assert await tick_at(company, clock, 4, 17, 30) == 1


async def test_of_who_stands_in_from_when_it_came_to_them(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    await company.order()
    leave(company, company.trade.boss, after=0.25, days=30, delegate=company.trade.finance)  # from 15:30
    assert await tick_at(company, clock, 3, 14, 29) == 0
    assert await tick_at(company, clock, 3, 14, 30) == 1
    assert company.notices(SUN, WAITED) == 1
    assert await tick_at(company, clock, 5, 12, 29) == 0
    assert await tick_at(company, clock, 5, 12, 30) == 3
    assert company.notices(CHEN, LEFT) == 1  # who is above Zhao, not above Sun
    assert company.notices(ZHAO, WAITED) == 0


async def test_a_decision_ends_it(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    await company.order()
    clock.move(hours=7)
    await company.approve(ZHAO)
    assert await tick_at(company, clock, 2, 17, 30) == 0
    assert await tick_at(company, clock, 3, 15, 29) == 0
    assert await tick_at(company, clock, 3, 15, 30) == 1  # 16:30 to 18:00, and half past six hours: of finance
    assert company.notices(SUN, WAITED) == 1


async def test_a_recall_ends_it_and_a_resubmission_begins_anew(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    order = await company.order()
    await tick_at(company, clock, 2, 17, 30)
    company.trade.recall(order)
    assert await tick_at(company, clock, 4, 15, 30) == 0
    company.trade.resubmit(order)
    assert await tick_at(company, clock, 5, 14, 29) == 0
    assert await tick_at(company, clock, 5, 14, 30) == 1
    assert company.notices(ZHAO, WAITED) == 2


async def test_never_to_the_submitter(small_company: TradingDesk, clock: Clock) -> None:
    """Zhao's own order: Chen decides in his stead; finance is Sun, whose superior Zhao is."""
    company = small_company
    trade = company.trade
    change(company, trade.finance, superior_id=trade.boss.id)
    customer = trade.add_customer("Own", trade.boss)
    trade.submit(trade.draft(customer_id=customer), trade.boss)
    await company.desk.delivery.tick()
    await company.desk.delivery.settle()
    await company.approve(CHEN)
    assert await tick_at(company, clock, 4, 15, 30) == 4  # Sun is reminded, Chen may too, Sun and Zhao hear of it
    rows = company.desk.rows("SELECT person_id FROM step_escalations")
    assert [row.person_id for row in rows] == [trade.gm.id]
    assert company.notices(ZHAO, "SO-2026-0001 Own: Sun has not decided, Chen may now too") == 1


async def test_past_a_superior_who_is_away(small_company: TradingDesk, clock: Clock, make_person: MakePerson) -> None:
    company, trade = small_company, small_company.trade
    middle = make_person("Ma", Role.SUPERVISOR, at=company.desk.database)
    change(company, trade.boss, superior_id=middle.id)
    leave(company, middle, days=30)
    await company.order()
    await tick_at(company, clock, 4, 15, 30)
    assert [row.person_id for row in company.desk.rows("SELECT person_id FROM step_escalations")] == [trade.gm.id]


async def test_where_there_is_no_superior_the_administrators_hear(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    await company.order()
    await company.approve(ZHAO)  # finance has no team, and no superior
    assert await tick_at(company, clock, 4, 15, 30) == 2
    assert company.last(XU).lines == (
        "1 order is left undecided, and there is no superior who might decide instead:",
        f"{ORDER}, with Sun",
    )
    assert await tick_at(company, clock, 5, 15, 30) == 0
    change(company, company.trade.finance, superior_id=company.trade.gm.id)
    assert await tick_at(company, clock, 5, 15, 31) == 3
    assert company.notices(CHEN, LEFT) == 1


async def test_no_problem_while_another_has_not_had_their_time(
    small_company: TradingDesk, clock: Clock, make_person: MakePerson
) -> None:
    company = small_company
    make_person("Anna", Role.FINANCE, timezone="Europe/Berlin", at=company.desk.database)
    await company.order()
    await company.approve(ZHAO)
    await tick_at(company, clock, 4, 15, 30)
    assert company.notices(XU, "left undecided") == 0
    await tick_at(company, clock, 4, 22)  # 15:00 where Anna is
    assert company.notices(XU, "left undecided") == 0  # it is night where Xu is
    await tick_at(company, clock, 5, 9)
    assert company.last(XU).lines[-1] == f"{ORDER}, with Sun, Anna"


async def test_each_approver_by_their_own_hours(
    small_company: TradingDesk, clock: Clock, make_person: MakePerson
) -> None:
    company = small_company
    qian = make_person("Qian", Role.SUPERVISOR, team="North", timezone="Europe/Berlin", at=company.desk.database)
    await company.link(qian)
    await company.order()
    assert await tick_at(company, clock, 2, 17, 30) == 1
    assert company.notices("Qian", WAITED) == 0
    assert await tick_at(company, clock, 3, 0) == 1
    assert company.notices("Qian", WAITED) == company.notices(ZHAO, WAITED) == 1
    await tick_at(company, clock, 4, 15, 30)
    assert await tick_at(company, clock, 4, 22) == 0  # Qian's time is over too: Chen may already
    assert company.notices(CHEN, "left undecided") == 1


async def test_several_at_once_have_one_line_above(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    await company.order()
    await company.order()
    before = _cards(company, ZHAO)
    assert await tick_at(company, clock, 2, 17, 30) == 1
    assert company.notices(ZHAO, "2 orders have waited for your decision for 8 working hours:") == 1
    assert _cards(company, ZHAO) == before + 2


async def test_too_many_at_once_are_one_list(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    company.trade.rule("tasks.list_over", "1")
    await company.order()
    await company.order()
    before = _cards(company, ZHAO)
    await tick_at(company, clock, 2, 17, 30)
    assert company.last(ZHAO).lines[1:] == ("1. SO-2026-0001 Ernst Handel", "2. SO-2026-0002 Ernst Handel")
    assert company.last(ZHAO).labels == ["1", "2"]
    assert _cards(company, ZHAO) == before
    await company.press(ZHAO, "2")
    assert company.last(ZHAO).lines[0].startswith("SO-2026-0002")


@pytest.mark.parametrize("rule", ["orders.remind_after_hours", "orders.escalate_after_hours"])
async def test_a_rule_at_nought_is_none(small_company: TradingDesk, clock: Clock, rule: str) -> None:
    company = small_company
    company.trade.rule(rule, "0")
    await company.order()
    await tick_at(company, clock, 12, 15, 30)
    assert company.notices(ZHAO, "waited for your decision") == (rule != "orders.remind_after_hours")
    assert company.notices(CHEN, "left undecided") == (rule != "orders.escalate_after_hours")
