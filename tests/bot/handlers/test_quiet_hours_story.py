"""Quiet hours in the life of the company: what waits, what does not, and what its sender may do about it."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import delete, select

from crm.core import outbox
from crm.core.history import SYSTEM
from crm.core.outbox import OutboxEntry
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.language.working_time import read_hours
from crm.people.identities import ChatIdentity, tie
from crm.people.people import Member, Role, set_timezone
from crm.people.reach import leave_chat, tell
from crm.people.working_time import set_quiet_hours
from tests.bot.trading_desk import CHEN, LI, SUN, ZHAO, TradingDesk
from tests.conftest import Clock, MakePerson

# The clock stands at 9:30 in Shanghai, on Monday, 2 March 2026.
AT_TEN = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def be_quiet(company: TradingDesk, person: Member, hours: str = "22:00-10:00") -> None:
    company.desk.write(partial(set_quiet_hours, actor=SYSTEM, person_id=person.id, hours=read_hours(hours)))


def write_to(company: TradingDesk, person: Member, words: str = "Settings", **more: Any) -> None:
    company.desk.write(lambda work: tell(work, person_id=person.id, text=T("{words}", words=words), **more))


async def deliver(company: TradingDesk) -> None:
    await company.desk.delivery.tick()
    await company.desk.delivery.settle()


def heard(company: TradingDesk, account: str, words: str) -> int:
    """How often this was sent to them, whatever became of it."""
    return sum(
        words in shown.text for call, shown in company.desk.room.calls if call == "send" and shown.chat == account
    )


async def test_a_notice_waits_for_the_end_and_comes_then_once(company: TradingDesk, clock: Clock) -> None:
    be_quiet(company, company.trade.rep)
    write_to(company, company.trade.rep, "the news")
    await deliver(company)
    assert heard(company, LI, "the news") == 0
    clock.now = AT_TEN.replace(hour=1, minute=59, second=59)
    await deliver(company)
    assert heard(company, LI, "the news") == 0
    clock.now = AT_TEN
    await deliver(company)
    await deliver(company)
    assert heard(company, LI, "the news") == 1


async def test_an_answer_is_never_held(company: TradingDesk) -> None:
    be_quiet(company, company.trade.rep)
    assert (await company.say(LI, "/settings")).lines[0] == "Your settings"


async def test_what_is_urgent_rings(company: TradingDesk) -> None:
    be_quiet(company, company.trade.rep)
    write_to(company, company.trade.rep, "the line has stopped", urgent=True)
    await deliver(company)
    assert heard(company, LI, "the line has stopped") == 1


async def test_what_was_written_before_and_comes_late_is_held_too(company: TradingDesk, clock: Clock) -> None:
    be_quiet(company, company.trade.rep, "9:31-10:00")
    write_to(company, company.trade.rep, "the news")
    clock.move(minutes=5)  # nothing could be sent meanwhile
    await deliver(company)
    assert heard(company, LI, "the news") == 0
    clock.now = AT_TEN
    await deliver(company)
    assert heard(company, LI, "the news") == 1


async def test_quiet_hours_taken_back_let_everything_out(company: TradingDesk) -> None:
    be_quiet(company, company.trade.rep)
    write_to(company, company.trade.rep, "the news")
    await company.say(LI, "设置 免打扰 关")
    await deliver(company)
    assert heard(company, LI, "the news") == 1


async def test_who_moves_waits_for_the_end_over_there(company: TradingDesk, clock: Clock) -> None:
    li = company.trade.rep
    be_quiet(company, li)
    write_to(company, li, "the news")
    await company.say(LI, "/settings timezone Europe/Berlin")  # 2:30 at night
    assert held_until(company, li) == [datetime(2026, 3, 2, 9, 0, tzinfo=UTC)]
    clock.now = AT_TEN
    await deliver(company)
    assert heard(company, LI, "the news") == 0
    company.desk.write(partial(set_timezone, actor=SYSTEM, person_id=li.id, timezone="America/New_York"))  # 21:00
    await deliver(company)
    assert heard(company, LI, "the news") == 1


async def test_the_night_the_clocks_are_put_forward(company: TradingDesk, clock: Clock) -> None:
    li = company.trade.rep
    clock.now = datetime(2026, 3, 28, 22, 0, tzinfo=UTC)
    await company.say(LI, "/settings timezone Europe/Berlin", "/settings quiet 22:00-2:30")
    write_to(company, li, "the news")
    assert held_until(company, li) == [datetime(2026, 3, 29, 1, 0, tzinfo=UTC)]  # 2:00, which is 3:00: there is no 2:30


async def test_the_browser_does_not_ring(company: TradingDesk) -> None:
    li = company.trade.rep
    be_quiet(company, li)
    add_chat(company, li, "web")
    await company.say(LI, "/settings notify web")
    write_to(company, li)
    assert held_until(company, li) == [None]


@pytest.mark.parametrize(("platform", "until"), [("slack", AT_TEN), ("web", None)])
async def test_what_goes_to_another_chat_stays_held_where_that_rings(
    company: TradingDesk, platform: str, until: datetime | None
) -> None:
    li = company.trade.rep
    be_quiet(company, li)
    write_to(company, li)
    chat = company.desk.rows("SELECT id FROM chats WHERE external_id = 'Li'")[0].id
    there = add_chat(company, li, platform)
    company.desk.write(partial(leave_chat, chat_id=chat, reason="blocked"))
    rows = company.desk.rows("SELECT chat_id FROM outbox WHERE status = 'pending'")
    assert ([row.chat_id for row in rows], held_until(company, li)) == ([there], [until])


async def test_what_is_urgent_stays_so_in_another_chat(company: TradingDesk) -> None:
    li = company.trade.rep
    be_quiet(company, li)
    write_to(company, li, urgent=True)
    chat = company.desk.rows("SELECT id FROM chats WHERE external_id = 'Li'")[0].id
    add_chat(company, li, "slack")
    company.desk.write(partial(leave_chat, chat_id=chat, reason="blocked"))
    assert held_until(company, li) == [None]


async def test_who_links_their_first_chat_at_night_is_left_in_peace(company: TradingDesk, clock: Clock) -> None:
    wang = company.trade.finance
    company.desk.write(lambda work: unlink(work, wang))
    be_quiet(company, wang)
    write_to(company, wang, "the news")
    await company.link(wang)
    assert heard(company, SUN, "the news") == 0
    clock.now = AT_TEN
    await deliver(company)
    assert heard(company, SUN, "the news") == 1


async def test_an_approver_in_quiet_hours_gets_the_card_when_they_end(company: TradingDesk, clock: Clock) -> None:
    be_quiet(company, company.trade.boss)
    await company.order()
    answer = company.last(LI)
    assert "Zhao has quiet hours until Mon 2 Mar 2026 10:00; the card comes then." in answer.lines
    assert answer.labels == ["Open", "Recall", "Urgent"]
    assert heard(company, ZHAO, "Submitted by") == 0
    clock.now = AT_TEN
    await deliver(company)
    assert heard(company, ZHAO, "Submitted by") == 1
    assert await company.press(LI, "Urgent") == "Whoever decides on order SO-2026-0001 has got it already."


async def test_what_cannot_wait_is_marked_urgent_once_a_day(company: TradingDesk, clock: Clock) -> None:
    be_quiet(company, company.trade.boss, "21:00-13:00")
    await company.order()
    await company.press(LI, "Urgent")
    assert company.last(LI).text == "Order SO-2026-0001 is marked as urgent and is with Zhao now."
    assert "Urgent: Li asks for a decision now." in company.card(ZHAO).lines
    assert heard(company, ZHAO, "Submitted by") == 1
    await company.press(LI, "Open")
    assert "Urgent" not in company.last(LI).labels
    await company.order()
    assert await company.press(LI, "Urgent") == "You may mark 1 order as urgent a day."
    assert heard(company, ZHAO, "SO-2026-0002") == 0
    clock.now = datetime(2026, 3, 2, 16, 1, tzinfo=UTC)  # past midnight in Shanghai
    await deliver(company)  # (it came at 13:00)
    await company.order()
    await company.press(LI, "Urgent")
    assert heard(company, ZHAO, "SO-2026-0003") == 1
    clock.move(hours=12)
    await deliver(company)
    assert heard(company, ZHAO, "SO-2026-0003") == 1
    acts = company.desk.rows("SELECT act FROM history WHERE entity = 'order' AND act = 'urgent'")
    assert len(acts) == 2


async def test_a_card_decided_while_it_waits_is_not_sent(company: TradingDesk, clock: Clock) -> None:
    be_quiet(company, company.trade.boss)
    await company.order()
    await company.press(LI, "Recall")
    clock.now = AT_TEN
    await deliver(company)
    assert heard(company, ZHAO, "Submitted by") == 0
    await company.order()
    assert heard(company, ZHAO, "SO-2026-0002") == 1


async def test_who_sleeps_through_a_step_hears_nothing_of_it(
    company: TradingDesk, clock: Clock, make_person: MakePerson
) -> None:
    wu = make_person("Wu", Role.SUPERVISOR, team="North")
    await company.link(wu)
    be_quiet(company, company.trade.boss)
    await company.order()
    assert "Zhao has quiet hours until Mon 2 Mar 2026 10:00; the card comes then." in company.last(LI).lines
    await company.approve("Wu")
    assert heard(company, SUN, "Submitted by") == 1  # the order goes on
    clock.now = AT_TEN
    await deliver(company)
    assert heard(company, ZHAO, "Submitted by") == 0


async def test_only_the_submitter_says_what_is_urgent(company: TradingDesk) -> None:
    be_quiet(company, company.trade.boss)
    await company.order()
    button = company.last(LI)
    assert "Urgent" in button.labels
    await company.say(CHEN, "/orders SO-2026-0001")
    assert "Urgent" not in company.last(CHEN).labels
    assert not any("quiet hours" in line for line in company.last(CHEN).lines)


async def test_an_order_decided_meanwhile_is_not_urgent(company: TradingDesk) -> None:
    be_quiet(company, company.trade.boss)
    await company.order()
    told = company.last(LI)
    await company.press(LI, "Recall")
    stale = await company.press(LI, "Urgent", on=told)
    assert stale == "Order SO-2026-0001 is: Recalled. That can't be done any more."


def add_chat(company: TradingDesk, person: Member, platform: str) -> int:
    """An account of theirs on another platform, with a chat of its own."""

    def add(work: UnitOfWork) -> int:
        chat = outbox.enter_chat(work, platform=platform, external_id="there", is_private=True, token="nobody")
        outbox.let_go(work, chat_id=chat.id, token="nobody")
        tie(work, platform=platform, account_id="there", person_id=person.id, chat_id=chat.id)
        return chat.id

    return int(company.desk.write(add))


def unlink(work: UnitOfWork, person: Member) -> None:
    work.connection.execute(delete(ChatIdentity).where(ChatIdentity.person_id == person.id))


def held_until(company: TradingDesk, person: Member) -> list[datetime | None]:
    """Until when each message waits that is still to be sent to them."""
    with company.desk.database.read() as work:
        pending = select(OutboxEntry.not_before).where(OutboxEntry.person_id == person.id)
        return list(work.connection.execute(pending.where(OutboxEntry.status == "pending")).scalars())
