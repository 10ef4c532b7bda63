"""Sending and editing: a line in the transcript, or one of the few named ways to fail."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event

from bot.cards.screen import Button, Screen, labelled, prompt, say, title
from bot.gateway import Away, Message, Unreachable, Vanished
from bot.platforms.web import transcript
from bot.platforms.web.entrance import open_chat
from bot.platforms.web.gateway import GatewayWeb
from bot.platforms.web.streams import Streams
from bot.wording import wording
from crm.core.database import Database

from .serving import make_people, make_settings


def message(chat: str, text: str) -> Message:
    return Message(chat_id=chat, is_private=True, screen=say(text), wording=wording("en", "UTC"), sign=str)


def shown(database: Database, chat: str) -> list[str]:
    with database.read() as work:
        return [entry.body["lines"][0]["text"] for entry in transcript.last_lines(work, chat=chat)]


@pytest.fixture
def chat(database: Database) -> str:
    with database.write() as work:
        return open_chat(work, person_id=2)["chat"]


async def test_a_message_is_sent_edited_and_rings_the_pages_that_show_it(database: Database, chat: str):
    streams = Streams()
    gateway = GatewayWeb(database, streams)
    with streams.listen([chat]) as stream, streams.listen(["person-3"]) as other:
        ref = await gateway.send(message(chat, "one"))
        assert await stream.wait(0)
        await gateway.send(message(chat, "two"))
        await gateway.edit(message(chat, "one, mended"), ref)
        await gateway.edit(message(chat, "one, mended"), ref)
        assert await stream.wait(0)
        assert not await other.wait(0)
    assert shown(database, chat) == ["one, mended", "two"]


async def test_of_an_answered_question_only_what_was_asked_is_left(database: Database, chat: str):
    gateway = GatewayWeb(database, Streams())
    lines = (title("New lead"), labelled("Company", "Ernst"), prompt("Contact?"))
    question = Screen(lines, ((Button("Skip", "c:1.1:skip"),),))
    ref = await gateway.send(replace(message(chat, ""), screen=question))
    await gateway.retire(chat, ref)
    with database.read() as work:
        (entry,) = transcript.last_lines(work, chat=chat)
    assert [line["text"] for line in entry.body["lines"]] == ["Contact?"]
    assert entry.body["rows"] == []
    await gateway.retire(chat, "999")  # gone meanwhile: nothing to take away


async def test_a_chat_nobody_has_opened_is_unreachable(database: Database):
    gateway = GatewayWeb(database, Streams())
    with pytest.raises(Unreachable):
        await gateway.send(message("person-1", "hello"))
    with pytest.raises(Unreachable):
        await gateway.edit(message("person-1", "hello"), "1")


async def test_a_line_that_is_not_there_or_of_another_chat_has_vanished(database: Database, chat: str):
    gateway = GatewayWeb(database, Streams())
    with database.write() as work:
        open_chat(work, person_id=3)
    other = await gateway.send(message("person-3", "theirs"))
    for ref in ("999", other, "", "x", "-1", "１"):
        with pytest.raises(Vanished):
            await gateway.edit(message(chat, "mine"), ref)
    assert shown(database, "person-3") == ["theirs"]


async def test_a_database_that_cannot_be_written_is_away(tmp_path: Path):
    settings = make_settings(tmp_path)
    make_people(settings)
    database = Database(settings.database_url, busy_timeout=0.05)
    with database.write() as work:
        chat = open_chat(work, person_id=2)["chat"]
    gateway = GatewayWeb(database, Streams())
    ref = await gateway.send(message(chat, "one"))
    other = sqlite3.connect(tmp_path / "tradewind.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Away):
        await gateway.send(message(chat, "two"))
    with pytest.raises(Away):
        await gateway.edit(message(chat, "two"), ref)
    other.execute("ROLLBACK")
    other.close()
    assert shown(database, chat) == ["one"]
    database.close()


def full(database: Database) -> None:
    """From now on the database takes no more pages."""

    @event.listens_for(database.engine, "connect")
    def _limit(connection, record):
        connection.execute("PRAGMA max_page_count=1")

    database.engine.dispose()


async def test_a_full_database_is_away(tmp_path: Path):
    settings = make_settings(tmp_path)
    make_people(settings)
    database = Database(settings.database_url)
    with database.write() as work:
        chat = open_chat(work, person_id=2)["chat"]
    full(database)
    gateway = GatewayWeb(database, Streams())
    with pytest.raises(Away):
        await gateway.send(message(chat, "x" * 10_000))
    database.close()
