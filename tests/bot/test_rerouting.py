"""Who blocked us on one platform is reached on another, or when they are back; nothing comes twice, nothing is lost."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import event

from bot.delivery import Delivery
from bot.gateway import Message, Unreachable
from crm.core import copies, outbox, unsent
from crm.core.database import Database
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.people import reach
from crm.people.identities import tie
from crm.people.people import Member
from tests.bot.front_desk import Desk, MemoryDoor
from tests.conftest import MakePerson


@dataclass
class BlockedDoor(MemoryDoor):
    """A platform on which some have blocked us."""

    blocked: set[str] = field(default_factory=set)

    async def send(self, message: Message) -> str:
        if message.chat_id in self.blocked:
            raise Unreachable("bot was blocked by the user")
        return await super().send(message)

    async def edit(self, message: Message, ref: str) -> None:
        if message.chat_id in self.blocked:
            raise Unreachable("bot was blocked by the user")
        await super().edit(message, ref)


class House:
    """A desk with two platforms, `test` and `other`; Li is on both, in the chats `li` and `li-other`."""

    def __init__(self, desk: Desk, li: Member) -> None:
        self.desk = desk
        self.li = li
        self.test = BlockedDoor(desk.room)
        self.other = BlockedDoor(desk.room, "other")
        self.delivery = Delivery(desk.database, [self.test, self.other], desk.keys, desk.settings, worker="both")
        self.chat = self._enter("test", "li")
        self.second = self._enter("other", "li-other")

    def _enter(self, platform: str, chat: str) -> int:
        def act(work: UnitOfWork) -> int:
            entered = outbox.enter_chat(work, platform=platform, external_id=chat, is_private=True, token="t")
            outbox.let_go(work, chat_id=entered.id, token="t")
            tie(work, platform=platform, account_id=chat, person_id=self.li.id, chat_id=entered.id)
            return entered.id

        return int(self.desk.write(act))

    def choose(self, platform: str) -> None:
        self.desk.write(lambda work: work.connection.exec_driver_sql(f"UPDATE people SET notify_on = '{platform}'"))

    def tell(self, words: str, key: str | None = None) -> None:
        self.desk.write(lambda work: reach.tell(work, person_id=self.li.id, text=T(words), key=key))

    def show_lead(self) -> None:
        self.desk.write(lambda work: reach.show_card(work, person_id=self.li.id, card="lead", subject_id=1))

    async def tick(self) -> None:
        await self.delivery.tick()
        await self.delivery.settle()

    def seen(self, chat: str) -> list[str]:
        return [shown.lines[0] for shown in self.desk.room.chat(chat)]

    def states(self) -> list[str]:
        return [status for status, _ in self.desk.outbox()]

    def unreachable(self) -> list[Any]:
        return [row.external_id for row in self.desk.rows("SELECT * FROM chats WHERE unreachable_since IS NOT NULL")]


@pytest.fixture
async def house(desk: Desk, make_person: MakePerson, make_lead: Any) -> AsyncIterator[House]:
    li = make_person("li")
    make_lead(li)
    here = House(desk, li)
    here.choose("test")
    yield here
    await here.delivery.close()


async def test_a_notice_goes_to_the_other_platform(house: House) -> None:
    house.test.blocked.add("li")
    house.tell("First.", key="once")
    house.tell("Second.")
    await house.tick()
    assert house.seen("li") == []
    assert house.seen("li-other") == ["First.", "Second."]
    assert house.states() == ["sent", "sent"]
    assert house.unreachable() == ["li"]
    house.tell("First.", key="once")
    await house.tick()
    assert house.seen("li-other") == ["First.", "Second."]


async def test_a_card_that_is_there_already_does_not_come_twice(house: House) -> None:
    house.test.blocked.add("li")
    house.show_lead()
    await house.tick()
    assert len(house.seen("li-other")) == 1
    assert sorted(house.states()) == ["dropped", "sent"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite lets one write at a time
@pytest.mark.parametrize("step", range(7))
async def test_a_card_that_arrives_there_while_a_chat_is_left_does_not_come_twice(
    house: House, open_database: Callable[..., Database], database_url: str, step: int
) -> None:
    """Sent and marked between any two statements with which the closed chat's card is looked at."""
    house.show_lead()
    house.test.blocked.add("li")
    delivery = Delivery(
        open_database(database_url), [house.other], house.desk.keys, house.desk.settings, worker="another"
    )
    statements = 0

    async def arrive() -> None:
        await delivery.tick()
        await delivery.close()

    def leave() -> None:
        with house.desk.database.write() as work, ThreadPoolExecutor(1) as meanwhile:

            @event.listens_for(work.connection, "after_cursor_execute")
            def let_it_arrive(*_: Any) -> None:
                nonlocal statements
                statements += 1
                if statements == step + 1:
                    meanwhile.submit(asyncio.run, arrive()).result(60)

            reach.leave_chat(work, chat_id=house.chat, reason="blocked")

    await asyncio.to_thread(leave)
    assert statements > step
    await house.tick()
    assert len(house.seen("li-other")) == 1
    assert sorted(house.states()) == ["dropped", "sent"]


async def test_a_card_meant_for_the_blocked_chat_alone_goes_to_the_other_and_is_kept_true(house: House) -> None:
    house.desk.write(lambda work: outbox.mark_unreachable(work, chat_id=house.second))
    house.show_lead()
    house.desk.write(lambda work: reach.return_to_chat(work, chat_id=house.second))
    house.test.blocked.add("li")
    await house.tick()
    [card] = house.desk.room.chat("li-other")
    house.desk.write(lambda work: copies.touch_card(work, card="lead", subject_id=1))
    await house.tick()
    assert house.desk.room.seen[card.ref].edits == 1
    assert house.states() == ["sent"]


async def test_without_another_platform_it_is_kept_and_delivered_when_the_person_writes(house: House) -> None:
    house.test.blocked.add("li")
    house.other.blocked.add("li-other")
    house.tell("Kept.")
    house.show_lead()
    await house.tick()
    assert house.seen("li") == house.seen("li-other") == []
    assert set(house.states()) <= {"dead", "dropped"}
    with house.desk.database.read() as work:
        listed = [row.last_error for row in unsent.unsent_rows(work)]
    assert listed
    assert all("nobody reads there" in error for error in listed)
    house.tell("Written meanwhile.")
    house.test.blocked.clear()
    await house.desk.say("li", "/help")
    await house.tick()
    shown = house.seen("li")
    assert shown[0].startswith("What I can do")
    assert shown.count("Kept.") == shown.count("Written meanwhile.") == 1
    assert len(shown) == 4  # and the card, once
    assert house.unreachable() == ["li-other"]
    await house.desk.say("li", "/help")
    assert len(house.seen("li")) == 5


async def test_two_chats_found_closed_at_once_do_not_rely_on_each_other(
    house: House, open_database: Callable[..., Database], database_url: str
) -> None:
    """The one waits until the other is done, and then keeps what was sent on to it."""
    house.show_lead()
    second = open_database(database_url)

    def leave_second() -> None:
        with second.write() as work:
            reach.leave_chat(work, chat_id=house.second, reason="blocked")

    with house.desk.database.write() as work:
        reach.leave_chat(work, chat_id=house.chat, reason="blocked")
        leaving = asyncio.create_task(asyncio.to_thread(leave_second))
        await asyncio.wait({leaving}, timeout=0.5)
        assert not leaving.done()
    await leaving
    assert sorted(house.states()) == ["dead", "dropped"]


async def test_what_was_kept_goes_to_a_chat_linked_later(house: House) -> None:
    house.test.blocked.add("li")
    house.other.blocked.add("li-other")
    house.tell("Kept.")
    await house.tick()
    chat = house._enter("test", "li-new")
    house.desk.write(lambda work: reach.deliver_kept(work, person_id=house.li.id, chat_id=chat))
    await house.tick()
    assert house.seen("li-new") == ["Kept."]


async def test_an_answer_is_not_sent_to_another_platform(house: House) -> None:
    house.desk.room.failures.append(Unreachable("bot was blocked by the user"))
    await house.desk.say("li", "/help")
    await house.tick()
    assert house.seen("li-other") == []
    assert house.states() == ["dead"]
    await house.desk.say("li", "/leads")  # back again: an answer to yesterday's question is of no use
    await house.tick()
    assert house.states() == ["dead", "sent"]


async def test_a_card_in_a_blocked_chat_is_mended_when_its_reader_is_back(house: House) -> None:
    house.show_lead()
    await house.tick()
    [card] = house.desk.room.chat("li")
    house.test.blocked.add("li")
    house.desk.write(lambda work: copies.touch_card(work, card="lead", subject_id=1))
    await house.tick()
    await house.tick()
    assert house.desk.room.seen[card.ref].edits == 0
    house.test.blocked.clear()
    house.desk.write(lambda work: reach.return_to_chat(work, chat_id=house.chat))
    await house.tick()
    assert house.desk.room.seen[card.ref].edits == 1


async def test_what_is_retried_by_hand_and_arrives_shows_that_somebody_reads_there(house: House) -> None:
    house.test.blocked.add("li")
    house.other.blocked.add("li-other")
    house.choose("other")
    house.tell("Kept.")
    await house.tick()
    house.test.blocked.clear()
    house.other.blocked.clear()
    house.desk.write(lambda work: unsent.retry_rows(work, row_ids=[]))
    await house.tick()
    assert house.seen("li") + house.seen("li-other") == ["Kept."]
    assert len(house.unreachable()) == 1
