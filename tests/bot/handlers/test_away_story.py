"""Being away as people live through it: said in a line, cards that change hands, and a word on return."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm.core.history import SYSTEM
from crm.people.people import Member, Role, set_language
from scheduler.absences import tell_absences
from tests.bot.trading_desk import CHEN, LI, SUN, XU, ZHAO, TradingDesk
from tests.conftest import Clock, MakeLead, MakePerson

REVIEWED = ["✅ Approve", "❌ Reject", "Approve with condition", "Send back", "Ask"]


async def _settle(company: TradingDesk) -> int:
    done = tell_absences(company.desk.database)
    await company.desk.delivery.tick()
    await company.desk.delivery.settle()
    return done


async def _leave(company: TradingDesk, account: str = ZHAO, words: str = f"/away until Friday @{SUN}") -> None:
    await company.say(account, words)
    await company.press(account, "Confirm")


def _read_in(company: TradingDesk, language: str, *people: Member) -> None:
    for person in people:
        company.desk.write(
            lambda work, who=person: set_language(work, actor=SYSTEM, person_id=who.id, language=language)
        )


async def test_one_line_and_a_confirmation(company: TradingDesk) -> None:
    await company.order()
    review = await company.say(ZHAO, f"/away until Friday @{SUN}")
    assert review.lines[:4] == (
        "Going away",
        "Until: Fri 6 Mar 2026, the whole day",
        f"Decides for me: {SUN}",
        "You are away through Fri 6 Mar 2026. Your next working time begins on Mon 9 Mar 2026.",
    )
    await company.press(ZHAO, "Confirm")
    assert company.last(ZHAO).lines == (
        "You are away through Fri 6 Mar 2026. Your next working time begins on Mon 9 Mar 2026.",
        "Sun decides for you meanwhile.",
        "1 order that waits went there.",
    )
    assert company.last(ZHAO).labels == ["Back now", "Change", "Undo"]
    told = f"{ZHAO} is away through Fri 6 Mar 2026, and you decide for them meanwhile. What waits comes to you."
    assert company.notices(SUN, told) == 1
    card = company.card(SUN)
    assert "For Zhao, who is away through Fri 6 Mar 2026" in card.lines
    assert card.labels == REVIEWED
    assert company.card(ZHAO).lines[-1] == "Waiting for: Sun for Zhao"
    assert company.card(ZHAO).labels == REVIEWED  # who is away may still decide


async def test_the_delegate_decides_and_everybody_reads_for_whom(company: TradingDesk) -> None:
    await company.order()
    await _leave(company, words=f"/away until Friday @{CHEN}")
    await company.approve(CHEN)
    for account in (ZHAO, CHEN, SUN):
        assert "✓ Sales supervisor: Chen for Zhao" in company.card(account).lines
    assert company.notices(LI, "Chen for Zhao (Sales supervisor) approved order SO-2026-0001") == 1
    assert not set(REVIEWED) & set(company.card(CHEN).labels)


async def test_in_chinese(company: TradingDesk) -> None:
    trade = company.trade
    _read_in(company, "zh_CN", trade.boss, trade.finance)
    await company.order()
    review = await company.say(ZHAO, f"委托审批 到周五 @{SUN}")
    assert "2026年3月6日 周五" in review.lines[1]
    assert review.lines[2].endswith(SUN)
    await company.press(ZHAO, "确认")
    assert "2026年3月6日 周五" in company.last(SUN).text + company.everything(SUN)
    card = next(one for one in company.desk.room.chat(SUN) if "✅ 同意" in one.labels)
    assert any(ZHAO in line and "2026年3月6日 周五" in line for line in card.lines)
    for words in ("销假", "我回来了"):
        await company.say(ZHAO, words)
    assert company.desk.rows("SELECT ended_at FROM absences")[0].ended_at is not None
    assert "✅ 同意" not in company.desk.room.seen[card.ref].labels


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ("away 3 days", "Wed 4 Mar 2026, the whole day"),
        (f"away 3 days {SUN}", "Wed 4 Mar 2026, the whole day"),
        ("away tomorrow to Friday Chen", "Fri 6 Mar 2026, the whole day"),
        ("请假 到周五", "Fri 6 Mar 2026, the whole day"),
        ("出差 明天到周五 Chen", "Fri 6 Mar 2026, the whole day"),
        ("/away until today 17:00", "Mon 2 Mar 2026 17:00"),
    ],
)
async def test_ways_to_say_it(small_company: TradingDesk, words: str, until: str) -> None:
    company = small_company
    shown = await company.say(ZHAO, words)
    assert f"Until: {until}" in shown.lines
    if "Chen" in words:
        assert "From: Tue 3 Mar 2026" in shown.lines
        assert "Decides for me: Chen" in shown.lines


async def test_step_by_step(small_company: TradingDesk) -> None:
    company = small_company
    question = await company.say(ZHAO, "away")
    assert question.lines[-1].startswith("Until")
    assert question.labels[:4] == ["today", "tomorrow", "Friday", "1 week"]
    assert "Please write a day" in (await company.say(ZHAO, "blue")).text
    assert "is in the past" in (await company.say(ZHAO, "1 March 2026")).text
    question = await company.say(ZHAO, "Friday")
    assert question.lines[-1].startswith("Decides for me")
    assert question.labels[:2] == ["Chen", "Sun"]
    assert "Li may not decide on orders" in (await company.say(ZHAO, "Li")).text
    assert "Somebody else has to decide for you" in (await company.say(ZHAO, "Zhao")).text
    assert "Nothing called Wuff" in (await company.say(ZHAO, "Wuff")).text
    review = await company.say(ZHAO, "skip")
    assert "Nobody decides for you meanwhile: what waits stays with you." in review.lines
    await company.press(ZHAO, "Confirm")
    assert company.last(ZHAO).lines[0].startswith("You are away through Fri 6 Mar 2026")


async def test_a_wrong_name_loses_nothing(small_company: TradingDesk) -> None:
    company = small_company
    asked = await company.say(ZHAO, f"/away until Friday @{XU}")
    assert "Xu may not decide on orders: choose a supervisor, finance or the general manager." in asked.lines
    assert "Until: Fri 6 Mar 2026, the whole day" in asked.lines
    await company.say(ZHAO, "Chen")
    await company.press(ZHAO, "Confirm")
    assert "Chen decides for you meanwhile." in company.last(ZHAO).lines


async def test_a_rep_is_asked_for_nobody(small_company: TradingDesk) -> None:
    company = small_company
    review = await company.say(LI, "请假 到周五")
    assert "Decides for me" not in review.text
    await company.press(LI, "Confirm")
    assert company.last(LI).lines == (
        "You are away through Fri 6 Mar 2026. Your next working time begins on Mon 9 Mar 2026.",
    )
    assert "nobody has to decide for you" in (await company.say(LI, f"/away until Friday {CHEN}")).text


async def test_away_by_who_is_away_says_so_and_offers_the_way_back(company: TradingDesk, clock: Clock) -> None:
    await _leave(company)
    clock.move(hours=1)
    shown = await company.say(ZHAO, "away")
    assert shown.labels == ["Back now", "Change", "Undo"]
    await company.press(ZHAO, "Change")
    assert "Until: Fri 6 Mar 2026, the whole day" in company.last(ZHAO).lines
    assert "This takes the place of what was noted before: through Fri 6 Mar 2026" in company.last(ZHAO).lines
    await company.press(ZHAO, "Cancel")
    await company.press(ZHAO, "Back now", on=shown)
    assert "Nothing happened meanwhile" in company.desk.room.seen[shown.ref].text
    assert "You are not away." in (await company.desk.press(ZHAO, "Undo", on=shown)).toast + "You are not away."
    assert "over, or was changed" in (await company.desk.press(ZHAO, "Back now", on=shown)).toast
    assert (await company.say(ZHAO, "away off")).text == "You are not away."
    assert company.notices(SUN, "Zhao is back: what is still open is theirs to decide again. Thank you!") == 1


async def test_undo(small_company: TradingDesk) -> None:
    company = small_company
    await _leave(company)
    await company.press(ZHAO, "Undo")
    assert company.last(ZHAO).text == "Noted: you are not away."
    assert await _settle(company) == 0  # nothing is told of a mistake
    assert company.desk.rows("SELECT welcomed_at FROM absences")[0].welcomed_at is not None


async def test_back_early_the_delegates_copy_is_not_theirs_any_more(company: TradingDesk) -> None:
    await company.order()
    await _leave(company, words=f"/away until Friday @{SUN}")
    card = company.card(SUN)
    await company.say(ZHAO, "销假")
    assert company.desk.room.seen[card.ref].labels == []  # finance sees it, and decides later
    assert "For Zhao" not in company.desk.room.seen[card.ref].text
    stale = await company.desk.press(SUN, "Approve", on=card)
    assert "not yours to decide" in stale.toast
    await company.approve(ZHAO)
    assert company.card(SUN).labels == REVIEWED


async def test_a_supervisor_of_elsewhere_sees_no_more_of_it(company: TradingDesk, make_person: MakePerson) -> None:
    other = make_person("Wu", Role.SUPERVISOR, team="South")
    await company.link(other)
    await company.order()
    await _leave(company, words="/away until Friday @Wu")
    card = company.card("Wu")
    assert card.labels == REVIEWED
    await company.say(ZHAO, "销假")
    assert company.desk.room.seen[card.ref].lines == ("This is not yours to decide any more.",)


async def test_by_the_clock_with_nobody_pressing(company: TradingDesk, clock: Clock) -> None:
    await company.order()
    await _leave(company, words=f"/away tomorrow to Friday {CHEN}")
    assert company.desk.room.last(CHEN).text.startswith("Zhao is away from Tue 3 Mar 2026 through Fri 6 Mar 2026")
    clock.now = datetime(2026, 3, 3, 0, 59, tzinfo=UTC)  # Tuesday in Shanghai, and Chen is not at work yet
    assert await _settle(company) == 0
    clock.move(minutes=1)
    assert (await _settle(company), await _settle(company)) == (1, 0)
    assert "For Zhao, who is away through Fri 6 Mar 2026" in company.card(CHEN).lines
    await company.approve(CHEN)
    clock.now = datetime(2026, 3, 6, 16, tzinfo=UTC)  # Saturday begins: nobody is woken
    assert (await _settle(company), await _settle(company)) == (1, 0)
    assert company.notices(ZHAO, "Welcome back!") == 0
    clock.now = datetime(2026, 3, 9, 0, 59, tzinfo=UTC)
    assert await _settle(company) == 0
    clock.now += timedelta(minutes=1)  # Monday, 9:00
    assert (await _settle(company), await _settle(company)) == (1, 0)
    welcome = company.last(ZHAO)
    assert welcome.lines == (
        "Welcome back! While you were away: 1 order decided for you by Chen",
        "SO-2026-0001 Ernst Handel: approved by Chen for you",
    )
    await company.press(ZHAO, "Open")
    assert "✓ Sales supervisor: Chen for Zhao" in company.last(ZHAO).lines


async def test_what_waits_on_return(company: TradingDesk, make_lead: MakeLead, clock: Clock) -> None:
    trade = company.trade
    await _leave(company, words=f"/away until Wednesday {CHEN}")
    decided, waiting = trade.submit(), trade.submit()
    trade.press(decided, trade.gm, "send_back", reason="the marks")
    make_lead(trade.boss, company="Alfreds", next_follow_up_at=clock.now + timedelta(days=1))
    clock.move(days=1, hours=2)
    await company.say(ZHAO, "我回来了")
    assert await _settle(company) == 0
    told = "1 order waits for you, 1 order decided for you by Chen, 1 follow-up fell due"
    assert company.last(ZHAO).lines == (
        f"Welcome back! While you were away: {told}",
        "1. Decide: SO-2026-0002 Ernst Handel · CNY 2,000",
        "2. SO-2026-0001 Ernst Handel: sent back by Chen for you",
        "3. Tue 3 Mar 2026 · L-1 Alfreds",
    )
    await company.press(ZHAO, "1")
    assert company.card(ZHAO).labels == REVIEWED
    assert trade.status(waiting) == "pending"


async def test_nothing_happened_is_one_line(small_company: TradingDesk, clock: Clock) -> None:
    company = small_company
    await _leave(company, LI, "/away until Wednesday")
    clock.now = datetime(2026, 3, 5, 1, tzinfo=UTC)
    assert (await _settle(company), await _settle(company)) == (2, 0)
    assert company.last(LI).text == "Welcome back! Nothing happened meanwhile that waits for you."


async def test_the_list_of_decisions_says_for_whom(small_company: TradingDesk) -> None:
    company = small_company
    await _leave(company, words=f"/away until Friday @{CHEN}")
    company.trade.submit()
    company.trade.submit()
    await _settle(company)
    shown = await company.say(CHEN, "approvals")
    assert "SO-2026-0001 Ernst Handel · CNY 2,000 · submitted by Li · for Zhao" in shown.lines


async def test_the_groups_card_says_who_stands_in_and_no_margin(company: TradingDesk) -> None:
    group: dict[str, Any] = {"chat_id": "north", "is_private": False}
    await company.desk.say(ZHAO, "/settings", **group)
    await company.desk.press(ZHAO, "North", **group)
    await company.order()
    await _leave(company, words=f"/away until Friday @{CHEN}")
    card = company.desk.room.last("north")
    assert "Waiting for: Chen for Zhao" in card.lines
    assert "argin" not in card.text
    await company.desk.press(CHEN, "Approve", on=card, **group)
    assert "✓ Sales supervisor: Chen for Zhao" in company.desk.room.last("north").lines


async def test_who_is_away_stands_where_people_stand(small_company: TradingDesk) -> None:
    company = small_company
    await _leave(company)
    assert "Away: through Fri 6 Mar 2026, Sun decides" in (await company.say(ZHAO, "settings")).lines
    assert "You decide for: Zhao through Fri 6 Mar 2026" in (await company.say(SUN, "settings")).lines
    assert "Zhao (away through Fri 6 Mar 2026): " in (await company.say(XU, "people")).text
    await company.say(ZHAO, "away off")
    for account, words in ((ZHAO, "settings"), (SUN, "settings"), (XU, "people")):
        assert "6 Mar" not in (await company.say(account, words)).text


async def test_a_mention_of_slack_is_the_person_of_that_account(small_company: TradingDesk) -> None:
    company = small_company
    company.desk.link(company.trade.gm, "U0CHEN", platform="slack")
    review = await company.say(ZHAO, "/away until Friday <@U0CHEN>")
    assert "Decides for me: Chen" in review.lines
    await company.say(ZHAO, "cancel")
    await company.say(ZHAO, "/away until Friday")
    assert "Decides for me: Chen" in (await company.say(ZHAO, "<@U0CHEN|chen>")).lines
    await company.say(ZHAO, "cancel")
    assert "Nothing called <@U0GONE> was found" in (await company.say(ZHAO, "/away until Friday <@U0GONE>")).text


async def test_a_longer_absence_is_said_on_the_cards_too(small_company: TradingDesk) -> None:
    company = small_company
    await company.order()
    await _leave(company)
    first, card = company.last(ZHAO), company.card(SUN)
    await _leave(company, words=f"/away until 13 March @{SUN}")
    assert "For Zhao, who is away through Fri 13 Mar 2026" in company.desk.room.seen[card.ref].lines
    for label in ("Back now", "Change", "Undo"):  # of the absence noted before
        assert "That is over, or was changed meanwhile." in (await company.desk.press(ZHAO, label, on=first)).toast
    assert "through Fri 13 Mar 2026" in (await company.say(ZHAO, "away")).text
