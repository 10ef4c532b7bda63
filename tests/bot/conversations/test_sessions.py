"""Sessions as rows: a turn is used up once, whoever comes first; one is active a person and chat."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from bot.conversations import sessions
from bot.conversations.draft import ASK, Draft
from bot.conversations.sessions import Session
from crm.core import outbox
from crm.core.database import Database
from crm.people.people import Member
from tests.conftest import Clock, MakePerson

DRAFT = Draft(answers={"company": "万通", "tags": ["a"]}, skipped=("reach",), place=ASK, path=("lines", 0, "product"))


@pytest.fixture
def li(make_person: MakePerson) -> Member:
    return make_person("Li")


def _start(database: Database, person: Member, chat: str = "c") -> Session:
    with database.write() as work:
        entered = outbox.enter_chat(work, platform="test", external_id=chat, is_private=True, token="t")
        return sessions.start_session(
            work,
            chat_id=entered.id,
            person_id=person.id,
            conversation="lead",
            version=3,
            draft=DRAFT,
            subject_id=7,
            as_form=False,
        )


def _advance(database: Database, session: Session, draft: Draft = DRAFT) -> Session | None:
    with database.write() as work:
        return sessions.advance(work, session, draft)


def _get(database: Database, session: Session) -> Session:
    with database.read() as work:
        found = sessions.get_session(work, session.id)
    assert found is not None
    return found


def test_a_session_comes_back_as_it_was(database: Database, li: Member) -> None:
    session = _start(database, li)
    assert _get(database, session) == session
    assert (session.token, session.version, session.subject_id) == (f"{session.id}.1", 3, 7)


def test_a_turn_is_used_up_once(database: Database, li: Member) -> None:
    """Both have read the same turn: only the first writes."""
    session = _start(database, li)
    first = _advance(database, session, DRAFT.at("review"))
    assert _advance(database, session, DRAFT.at("edit")) is None
    assert first is not None
    assert _get(database, session) == first
    assert (first.turn, first.draft.place) == (2, "review")


def test_what_is_put_aside_makes_its_buttons_stale(database: Database, li: Member) -> None:
    session = _start(database, li)
    with database.write() as work:
        sessions.set_status(work, session, "parked")
    assert _advance(database, session) is None
    assert _get(database, session).token != session.token


def test_a_draft_is_kept_without_using_up_its_turn(database: Database, li: Member) -> None:
    session = _start(database, li)
    with database.write() as work:
        sessions.keep(work, session, DRAFT.at("review"))
    assert (_get(database, session).turn, _get(database, session).draft.place) == (1, "review")
    assert _advance(database, session) is not None
    with database.write() as work:
        sessions.keep(work, session, DRAFT.at("edit"))  # too late
    assert _get(database, session).draft == DRAFT


def test_one_is_active_a_person_and_chat(database: Database, li: Member, make_person: MakePerson) -> None:
    _start(database, li)
    with pytest.raises(IntegrityError):
        _start(database, li)
    _start(database, li, "another chat")
    _start(database, make_person())


def test_continue_means_what_was_put_aside_last(database: Database, li: Member, clock: Clock) -> None:
    put_aside = []
    for _ in range(3):
        session = _start(database, li)
        clock.move(minutes=1)
        with database.write() as work:
            sessions.set_status(work, session, "parked")
        put_aside.append(session)
    with database.read() as work:
        found = sessions.latest_parked(work, chat_id=session.chat_id, person_id=li.id)
        assert found is not None
        assert found.id == put_aside[-1].id
        assert sessions.latest_parked(work, chat_id=session.chat_id, person_id=99) is None


def test_only_what_is_open_and_old_expires(database: Database, li: Member, clock: Clock) -> None:
    done, parked = _start(database, li), None
    with database.write() as work:
        sessions.advance(work, done, DRAFT, status="done")
    parked = _start(database, li)
    with database.write() as work:
        sessions.set_status(work, parked, "parked")
    clock.move(days=1)
    fresh = _start(database, li)
    clock.move(days=1)
    with database.write() as work:
        assert sessions.expire_sessions(work, life=timedelta(days=1, hours=12)) == 1
    assert [_get(database, one).status for one in (done, parked, fresh)] == ["done", "expired", "active"]
