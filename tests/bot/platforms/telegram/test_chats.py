"""Chats that change under us: blocked, opened again, groups that get another id; and what stands in a group."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from bot.cards.deck import FOR_EVERYBODY
from bot.cards.screen import Button, Screen, say
from crm.core import copies, outbox
from crm.core.database import Database
from crm.people.people import Role
from crm.people.team_chats import post_card, tie_chat
from tests.bot.platforms.telegram.acting import link_by_code, says
from tests.bot.platforms.telegram.office import Office, Open, until
from tests.conftest import MakePerson
from tests.counterparts.telegram import TelegramCounterpart
from tests.counterparts.telegram.people import ChatView


async def test_who_blocks_us_is_known_at_once_and_who_returns_too(
    telegram: TelegramCounterpart, office: Open, database: Database, make_person: MakePerson
) -> None:
    li = telegram.user(5, language_code="en")
    async with office():
        await link_by_code(database, li, make_person("Li"))
        li.blocks_bot()
        await until(lambda: _chats(database) == [("5", False)])
        li.unblocks_bot()
        await until(lambda: _chats(database) == [("5", True)])
    assert telegram.refusals == []


class Board:
    """A card that a team's chat shows, and says `card N`."""

    def __init__(self, here: Office, team_id: int) -> None:
        self._here, self._team_id = here, team_id
        self.number = 1

    def draw(self, work: Any, subject_id: int) -> Screen:
        return say(f"card {self.number}", Button("Open", "order.open:31"), Button("Decide", "approval.approve:1"))

    async def post(self) -> None:
        with self._here.database.write() as work:
            post_card(work, team_id=self._team_id, card="approval", subject_id=1)
        await self._here.delivery.tick()

    async def change(self, number: int) -> None:
        self.number = number
        with self._here.database.write() as work:
            copies.touch_card(work, card="approval", subject_id=1)
        await self._here.delivery.tick()

    async def sent(self, condition: Callable[[], bool]) -> None:
        """Lets delivery look again and again, as the scheduler does, until the condition holds."""
        end = time.monotonic() + 8
        while not condition():
            assert time.monotonic() < end
            await self._here.delivery.tick()
            await asyncio.sleep(0.02)


@pytest.fixture
def board(
    monkeypatch: pytest.MonkeyPatch, database: Database, make_person: MakePerson
) -> Callable[[Office, ChatView], Board]:
    """Ties a group to a team; returns what is shown there."""

    def tied(here: Office, group: ChatView) -> Board:
        boss = make_person("Zhao", Role.SUPERVISOR, team="North")
        assert boss.team_id is not None
        with database.write() as work:
            entered = outbox.enter_chat(
                work, platform="telegram", external_id=str(group.id), is_private=False, token="test"
            )
            outbox.let_go(work, chat_id=entered.id, token="test")
            tie_chat(work, actor=boss, platform="telegram", chat_id=entered.id, team_id=boss.team_id)
        shown = Board(here, boss.team_id)
        monkeypatch.setitem(FOR_EVERYBODY, "approval", shown.draw)
        return shown

    return tied


Tied = Callable[[Office, ChatView], Board]


@pytest.mark.parametrize("told", [True, False])
async def test_a_group_that_becomes_a_supergroup(
    telegram: TelegramCounterpart, office: Open, database: Database, board: Tied, told: bool
) -> None:
    """The team's chat goes by the new id; its cards stand there anew, and stay true."""
    group = telegram.group(-77, "Sales", kind="group")
    async with office() as here:
        await here.is_state("up")
        shown = board(here, group)
        await shown.post()
        await asyncio.to_thread(group.wait_for, "card 1")
        moved = group.becomes_supergroup(-1000077, told=told)
        if not told:
            await shown.change(2)  # which the old chat does not take
        await until(lambda: _chats(database) == [("-1000077", True)])
        await shown.sent(lambda: len(moved.messages()) == 1)
        assert moved.messages()[0].text == f"card {shown.number}"
        await shown.change(3)
        await shown.sent(lambda: [one.text for one in moved.messages()] == ["card 3"])
        assert moved.messages()[0].edited
    assert group.messages()[0].text == "card 1"


async def test_a_supergroup_that_spoke_before_we_knew(
    telegram: TelegramCounterpart, office: Open, database: Database, board: Tied
) -> None:
    """The row made meanwhile under the new id gets what belongs to the chat."""
    group = telegram.group(-77, "Sales", kind="group")
    zhao = telegram.user(5, language_code="en")
    async with office() as here:
        await here.is_state("up")
        shown = board(here, group)
        await shown.post()
        moved = group.becomes_supergroup(-1000077, told=False)
        await says(zhao, "@tradewind_bot hello", "not linked yet", chat=moved, view=moved)
        await shown.change(2)
        await until(lambda: _chats(database) == [("-77", False), ("-1000077", True)])
        await shown.sent(lambda: any(one.text == "card 2" for one in moved.messages()))


async def test_in_a_group_a_record_is_opened_in_ones_own_chat(
    telegram: TelegramCounterpart, office: Open, board: Tied
) -> None:
    group = telegram.group(-1001, "Sales")
    async with office() as here:
        await here.is_state("up")
        await board(here, group).post()
        posted = await asyncio.to_thread(group.wait_for, "card 1")
    assert posted.links == {"Open": "https://t.me/tradewind_bot?start=order-31"}
    assert [button.text for row in posted.buttons for button in row if button.data] == ["Decide"]


async def test_put_out_of_a_group_we_are_unreachable_there(
    telegram: TelegramCounterpart, office: Open, database: Database, board: Tied
) -> None:
    group = telegram.group(-1001, "Sales")
    async with office() as here:
        await here.is_state("up")
        board(here, group)
        group.removes_bot()
        await until(lambda: _chats(database) == [("-1001", False)])


def _chats(database: Database) -> list[tuple[str, bool]]:
    """The chats by name, and whether they can be reached."""
    with database.read() as work:
        rows = work.connection.execute(text("SELECT external_id, unreachable_since FROM chats ORDER BY id"))
        return [(row.external_id, row.unreachable_since is None) for row in rows]
