"""What people do in a chat, in one call each; blocking waits stay off the bot's loop."""

import asyncio
from typing import Any

from crm.core.database import Database
from crm.core.history import SYSTEM
from crm.people.identities import issue_code
from crm.people.people import Member
from tests.counterparts.telegram import ShownMessage, TelegramUser
from tests.counterparts.telegram.people import ChatView


def code_for(database: Database, person: Member) -> str:
    with database.write() as work:
        return issue_code(work, actor=SYSTEM, person_id=person.id)


async def link_by_code(database: Database, user: TelegramUser, person: Member) -> None:
    user.say(f"/start {code_for(database, person)}")
    await asyncio.to_thread(user.wait_for, f"You are linked as {person.name}.")


async def says(
    user: TelegramUser, words: str, expected: str, *, view: ChatView | None = None, **more: Any
) -> ShownMessage:
    """The first answer after these words that holds `expected`."""
    where = view or user.chat
    last = max((shown.id for shown in where.messages(everything=True)), default=0)
    user.say(words, **more)
    return await asyncio.to_thread(where.wait_for, expected, after=last)
