"""Chats that are closed, opened again, and go by another name."""

from typing import Any

import pytest
from sqlalchemy import select, text, update

from crm.core import copies, outbox
from crm.core.copies import CardCopy
from crm.core.database import Database
from crm.core.outbox import Chat, OutboxEntry
from crm.core.text import T
from crm.people.chat_changes import MOST_SHOWN_AGAIN, chat_closed, chat_moved, chat_opened
from crm.people.identities import tie
from crm.people.people import Role
from crm.people.reach import tell
from crm.people.team_chats import team_of_chat, tie_chat
from tests.conftest import Clock, MakePerson

OLD, NEW = "-77", "-1000077"


def enter(database: Database, name: str, *, is_private: bool = False) -> int:
    with database.write() as work:
        entered = outbox.enter_chat(work, platform="telegram", external_id=name, is_private=is_private, token="t")
        outbox.let_go(work, chat_id=entered.id, token="t")
        return entered.id


def move(database: Database) -> set[int]:
    with database.write() as work:
        chat_moved(work, platform="telegram", old=OLD, new=NEW)
        return set(work.wakes)


def post(database: Database, chat_id: int, subject_id: int, ref: str | None = "9") -> int:
    with database.write() as work:
        copy_id = copies.add_copy(work, card="approval", subject_id=subject_id, chat_id=chat_id, person_id=None)
        work.connection.execute(update(CardCopy).where(CardCopy.id == copy_id).values(message_ref=ref, drawn=1))
        return copy_id


def rows(database: Database, query: Any) -> list[Any]:
    with database.read() as work:
        return list(work.connection.execute(query).all())


def test_a_chat_keeps_all_under_its_new_name(database: Database, make_person: MakePerson, clock: Clock) -> None:
    boss = make_person("Zhao", Role.SUPERVISOR, team="North")
    chat = enter(database, OLD)
    old_card = post(database, chat, 1)
    clock.move(days=8)
    cards = [post(database, chat, subject) for subject in range(2, 14)]
    never_sent = post(database, chat, 99, ref=None)
    with database.write() as work:
        tie_chat(work, actor=boss, platform="test", chat_id=chat, team_id=boss.team_id)
    assert move(database) == {chat}
    assert rows(database, select(Chat.id, Chat.external_id)) == [(chat, NEW)]
    with database.read() as work:
        assert team_of_chat(work, chat_id=chat) == boss.team_id
    assert {row.message_ref for row in rows(database, select(CardCopy.message_ref))} == {None}
    posted = [row.payload["copy"] for row in rows(database, select(OutboxEntry.payload).order_by(OutboxEntry.id))]
    assert posted == cards[-MOST_SHOWN_AGAIN:]
    assert old_card not in posted
    assert never_sent not in posted
    assert move(database) == set()  # told twice: both platforms' notes, and a refused message


def test_what_was_made_under_the_new_name_is_kept(database: Database, make_person: MakePerson) -> None:
    boss = make_person("Zhao", Role.SUPERVISOR, team="North")
    old, new = enter(database, OLD), enter(database, NEW)
    card = post(database, old, 1)
    own = post(database, new, 1, ref="4")
    with database.write() as work:
        tie_chat(work, actor=boss, platform="test", chat_id=old, team_id=boss.team_id)
        outbox.put(work, chat_id=old, person_id=None, payload={"screen": {"lines": []}})
    assert move(database) == {new}
    with database.read() as work:
        assert (team_of_chat(work, chat_id=new), team_of_chat(work, chat_id=old)) == (boss.team_id, None)
    assert {row.chat_id for row in rows(database, select(OutboxEntry.chat_id))} == {new}
    copies = rows(database, select(CardCopy.id, CardCopy.chat_id, CardCopy.message_ref).order_by(CardCopy.id))
    assert copies == [(card, new, None), (own, new, "4")]
    reachable = rows(database, text("SELECT external_id FROM chats WHERE unreachable_since IS NULL"))
    assert reachable == [(NEW,)]


@pytest.mark.parametrize("act", [chat_closed, chat_opened])
def test_a_chat_nobody_knows_changes_nothing(database: Database, act: Any) -> None:
    with database.write() as work:
        act(work, platform="telegram", external_id="5")
        chat_moved(work, platform="telegram", old="5", new="6")
    assert rows(database, select(Chat.id)) == []


def test_what_is_written_for_who_left_is_told_on_their_return(database: Database, make_person: MakePerson) -> None:
    li = make_person("Li")
    chat = enter(database, "5", is_private=True)
    with database.write() as work:
        tie(work, platform="telegram", account_id="5", person_id=li.id, chat_id=chat)
        tell(work, person_id=li.id, text=T("There is no such person."))
    with database.write() as work:
        chat_closed(work, platform="telegram", external_id="5")
    assert rows(database, select(OutboxEntry.status)) == [("dead",)]
    with database.write() as work:
        chat_opened(work, platform="telegram", external_id="5")
        assert chat in work.wakes
    assert rows(database, select(OutboxEntry.status, OutboxEntry.chat_id)) == [("pending", chat)]
