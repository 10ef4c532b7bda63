"""Whose a shared chat is, when two say so at once."""

from threading import Event, Thread

import pytest
from sqlalchemy import text

from crm.core.database import Database
from crm.core.errors import Forbidden, TradewindError
from crm.people.people import Member, Role
from crm.people.team_chats import chats_of_team, shared_chat, team_of_chat, tie_chat
from tests.conftest import MakePerson


@pytest.fixture
def chat(database: Database) -> int:
    with database.write() as work:
        return shared_chat(work, platform="test", external_id="C1")


def tie(database: Database, chat: int, actor: Member) -> None:
    with database.write() as work:
        tie_chat(work, actor=actor, platform="test", chat_id=chat, team_id=actor.team_id)


def both(database: Database, chat: int, first: Member, second: Member) -> list[TradewindError]:
    """The second begins while the first has tied and not committed yet; returns what the second was told."""
    refused: list[TradewindError] = []
    begins = Event()

    def come_second() -> None:
        begins.set()
        try:
            tie(database, chat, second)
        except TradewindError as error:
            refused.append(error)

    late = Thread(target=come_second)
    with database.write() as work:
        tie_chat(work, actor=first, platform="test", chat_id=chat, team_id=first.team_id)
        late.start()
        assert begins.wait(10)
        _until_it_waits(database, late)
    late.join(30)
    assert not late.is_alive()
    return refused


def _until_it_waits(database: Database, late: Thread) -> None:
    """For the other's lock. SQLite has one writer: it cannot have got further than waiting for its turn."""
    if database.engine.dialect.name == "sqlite":
        return
    waiting = text("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    for _ in range(2000):
        with database.engine.connect() as connection:
            if connection.execute(waiting).first():
                return
        late.join(0.005)
    raise AssertionError("nobody waits for the chat")


def test_another_teams_supervisor_overrides_nobody(database: Database, make_person: MakePerson, chat: int) -> None:
    north = make_person("Zhao", Role.SUPERVISOR, team="North")
    south = make_person("Qian", Role.SUPERVISOR, team="South")
    assert [type(error) for error in both(database, chat, north, south)] == [Forbidden]
    with database.read() as work:
        assert team_of_chat(work, chat_id=chat) == north.team_id
        assert chats_of_team(work, team_id=south.team_id) == []


def test_who_says_the_same_at_once_changes_nothing(database: Database, make_person: MakePerson, chat: int) -> None:
    supervisors = [make_person(name, Role.SUPERVISOR, team="North") for name in ("Zhao", "Qian")]
    assert both(database, chat, *supervisors) == []
    with database.read() as work:
        assert team_of_chat(work, chat_id=chat) == supervisors[0].team_id
        told = work.connection.execute(text("SELECT person_id FROM history WHERE entity = 'chat'")).scalars().all()
    assert told == [supervisors[0].id]
