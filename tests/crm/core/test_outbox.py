"""The outbox: who may send to a chat, in which order, and that nothing falls between two workers."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crm.core import copies, outbox, unsent
from crm.core.copies import CardCopy
from crm.core.database import Database
from crm.core.outbox import Chat, Lane
from crm.core.work import UnitOfWork
from tests.conftest import Clock

Put = Callable[..., int]


def _enter(work: UnitOfWork, token: str = "", name: str = "c1") -> outbox.EnteredChat:
    return outbox.enter_chat(work, platform="test", external_id=name, is_private=True, token=token or "none")


@pytest.fixture
def chat(database: Database) -> int:
    """A chat that nobody sends to."""
    return _make_chat(database)


def _make_chat(database: Database, name: str = "c1") -> int:
    with database.write() as work:
        entered = _enter(work, "maker", name)
        outbox.let_go(work, chat_id=entered.id, token="maker")
    return entered.id


@pytest.fixture
def put(database: Database) -> Put:
    def put_one(chat: int, says: str = "", **more: Any) -> int:
        with database.write() as work:
            return outbox.put(work, chat_id=chat, person_id=None, payload={"says": says}, **more)

    return put_one


def _waiting(database: Database, chat: int, **more: Any) -> list[str]:
    with database.read() as work:
        return [row.payload["says"] for row in outbox.waiting(work, chat_id=chat, **more)]


def _due(database: Database, *platforms: str) -> list[int]:
    with database.read() as work:
        return outbox.due_chats(work, platforms=platforms or ("test",))


def _row(database: Database, row_id: int) -> Any:
    with database.read() as work:
        return work.connection.execute(select(outbox.OutboxEntry.table()).filter_by(id=row_id)).one()


def _chat(database: Database, chat: int) -> Any:
    with database.read() as work:
        return work.connection.execute(select(Chat.table()).filter_by(id=chat)).one()


def _lease(database: Database, chat: int, token: str) -> bool:
    with database.write() as work:
        return outbox.lease_chat(work, chat_id=chat, token=token)


def _release(database: Database, chat: int, token: str) -> bool:
    with database.write() as work:
        return outbox.release_chat(work, chat_id=chat, token=token)


# — entering —


def test_a_chat_is_made_once_and_leased_to_who_came_first(database: Database) -> None:
    with database.write() as work:
        first = _enter(work, "a")
    with database.write() as work:
        second = _enter(work, "b")
    assert first.id == second.id
    assert (first.leased, second.leased) == (True, False)


def test_a_lease_that_ran_out_is_taken_over(database: Database, clock: Clock) -> None:
    with database.write() as work:
        _enter(work, "a")
    clock.move(seconds=outbox.LEASE.total_seconds())
    with database.write() as work:
        assert not _enter(work, "b").leased
    clock.move(seconds=1)
    with database.write() as work:
        assert _enter(work, "b").leased
    with database.write() as work:
        assert not _enter(work, "a").leased


def test_a_paused_chat_is_entered_and_not_leased(database: Database, chat: int, clock: Clock) -> None:
    assert _lease(database, chat, "a")
    with database.write() as work:
        outbox.pause_chat(work, chat_id=chat, token="a", seconds=10)
    with database.write() as work:
        assert not _enter(work, "b").leased
    clock.move(seconds=10)
    with database.write() as work:
        assert _enter(work, "b").leased


def test_writing_makes_somebody_reachable_again(database: Database, chat: int) -> None:
    with database.write() as work:
        outbox.mark_unreachable(work, chat_id=chat)
    assert _chat(database, chat).unreachable_since is not None
    with database.write() as work:
        _enter(work)
    assert _chat(database, chat).unreachable_since is None


def test_one_chat_at_a_time_is_entered(
    database: Database, database_url: str, open_database: Callable[..., Database]
) -> None:
    """The row is locked for the transaction, from another process too: who comes second sees what the first wrote."""
    other = open_database(database_url)
    order: list[str] = []
    with database.write() as work:
        entered = _enter(work, "a")
        begun = threading.Event()

        def second() -> None:
            begun.set()
            with other.write() as waiting:
                _enter(waiting, "b")
                order.append("second")
                order.extend(row.payload["says"] for row in outbox.waiting(waiting, chat_id=entered.id))

        thread = threading.Thread(target=second)
        thread.start()
        begun.wait(5)
        outbox.put(work, chat_id=entered.id, person_id=None, payload={"says": "hello"})
        order.append("first")
    thread.join(10)
    assert order == ["first", "second", "hello"]


# — order —


def test_lanes_go_before_age(database: Database, chat: int, put: Put) -> None:
    for says, lane in (("digest", Lane.DIGEST), ("notice", Lane.NOTICE), ("decision", Lane.DECISION)):
        put(chat, says, lane=lane)
    put(chat, "reply")
    put(chat, "later reply")
    assert _waiting(database, chat) == ["reply", "later reply", "decision", "notice", "digest"]
    assert _waiting(database, chat, most=2) == ["reply", "later reply"]


def test_what_is_for_later_waits(database: Database, chat: int, put: Put, clock: Clock) -> None:
    put(chat, "later", not_before=clock.now + timedelta(minutes=5))
    assert (_waiting(database, chat), _due(database)) == ([], [])
    clock.move(minutes=5)
    assert (_waiting(database, chat), _due(database)) == (["later"], [chat])


def test_a_key_is_used_once(database: Database, chat: int, put: Put) -> None:
    put(chat, "digest", key="digest:1:2026-03-02")
    with pytest.raises(IntegrityError):
        put(chat, "digest again", key="digest:1:2026-03-02")
    put(chat, "no key")
    put(chat, "no key either")
    assert _waiting(database, chat) == ["digest", "no key", "no key either"]


def test_who_wrote_is_woken(database: Database, chat: int) -> None:
    with database.write() as work:
        outbox.put(work, chat_id=chat, person_id=None, payload={})
        outbox.put(work, chat_id=None, person_id=None, payload={})
        assert work.wakes == {chat}


# — due —


def test_due_chats_are_of_ones_platforms_free_and_unpaused(
    database: Database, chat: int, put: Put, clock: Clock
) -> None:
    assert _due(database) == []
    put(chat)
    assert _due(database) == [chat]
    assert _due(database, "other") == []
    assert _lease(database, chat, "a")
    assert _due(database) == []
    clock.move(seconds=31)
    assert _due(database) == [chat]
    assert _lease(database, chat, "b")
    with database.write() as work:
        outbox.pause_chat(work, chat_id=chat, token="b", seconds=60)
    assert _due(database) == []
    clock.move(seconds=60)
    assert _due(database) == [chat]


def test_replies_come_before_notices_whichever_is_older(database: Database, put: Put) -> None:
    one, two, three = (_make_chat(database, name) for name in ("one", "two", "three"))
    put(one, lane=Lane.NOTICE)
    put(two, lane=Lane.DECISION)
    put(three)
    assert _due(database) == [three, two, one]


def test_a_copy_behind_makes_its_chat_due(database: Database, chat: int) -> None:
    _copy(database, chat)
    assert _due(database) == []  # its first showing is a row of the outbox
    with database.write() as work:
        copies.mark_drawn(work, copy_id=1, version=1, message_ref="m1")
    assert _due(database) == []
    with database.write() as work:
        copies.touch_card(work, card="lead", subject_id=7)
    assert work.wakes == {chat}
    assert _due(database) == [chat]


# — leases —


def test_one_sends(database: Database, chat: int, clock: Clock) -> None:
    assert _lease(database, chat, "a")
    assert not _lease(database, chat, "b")
    assert not _lease(database, chat, "a")  # a token names one acquisition
    clock.move(seconds=31)
    assert _lease(database, chat, "b")
    assert _release(database, chat, "a")  # whose lease ran out gives nothing back
    assert _chat(database, chat).sender == "b"
    assert _release(database, chat, "b")
    assert _chat(database, chat).sender is None


def test_a_lease_is_kept_while_something_waits(database: Database, chat: int, put: Put) -> None:
    assert _lease(database, chat, "a")
    row = put(chat, "new")
    assert not _release(database, chat, "a")
    assert not _lease(database, chat, "b")
    with database.write() as work:
        outbox.mark_sent(work, row_id=row, message_ref="m1")
    assert _release(database, chat, "a")


def test_a_lease_is_kept_while_a_copy_is_behind(database: Database, chat: int) -> None:
    _copy(database, chat)
    assert _lease(database, chat, "a")
    with database.write() as work:
        copies.touch_card(work, card="lead", subject_id=7)
        copies.mark_drawn(work, copy_id=1, version=1, message_ref="m1")
    assert not _release(database, chat, "a")
    with database.write() as work:
        copies.mark_drawn(work, copy_id=1, version=2, message_ref="m1")
    assert _release(database, chat, "a")


def test_a_message_being_written_is_seen_by_who_gives_the_lease_back(
    postgres_url: str, open_database: Callable[..., Database], wait_for_lock: Callable[[], None]
) -> None:
    """The race that would leave a message to the next tick: written before the release, committed after it."""
    writer, sender = open_database(postgres_url), open_database(postgres_url)
    chat = _make_chat(writer)
    assert _lease(sender, chat, "sender")
    released: list[bool] = []
    with writer.write() as work:
        assert not _enter(work, "writer").leased
        outbox.put(work, chat_id=chat, person_id=None, payload={"says": "just now"})
        thread = threading.Thread(target=lambda: released.append(_release(sender, chat, "sender")))
        thread.start()
        wait_for_lock()
        assert released == []
    thread.join(10)
    assert released == [False]
    assert _chat(sender, chat).sender == "sender"


def test_who_writes_during_the_release_gets_the_lease(
    postgres_url: str, open_database: Callable[..., Database], wait_for_lock: Callable[[], None]
) -> None:
    writer, sender = open_database(postgres_url), open_database(postgres_url)
    chat = _make_chat(writer)
    assert _lease(sender, chat, "sender")
    leased: list[bool] = []

    def write() -> None:
        with writer.write() as work:
            leased.append(_enter(work, "writer").leased)
            outbox.put(work, chat_id=chat, person_id=None, payload={"says": "just now"})

    with sender.write() as work:
        assert outbox.release_chat(work, chat_id=chat, token="sender")
        thread = threading.Thread(target=write)
        thread.start()
        wait_for_lock()
        assert leased == []
    thread.join(10)
    assert leased == [True]


# — failing —


def test_pauses_grow_to_a_minute_and_a_success_ends_them(database: Database, chat: int, clock: Clock) -> None:
    pauses = []
    for _ in range(9):
        assert _lease(database, chat, "a")
        with database.write() as work:
            until = outbox.pause_chat(work, chat_id=chat, token="a", seconds=None)
        pauses.append((until - clock.now).total_seconds())
        assert not _lease(database, chat, "b")
        clock.now = until
    assert pauses == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]
    assert _lease(database, chat, "a")
    assert _release(database, chat, "a")
    assert _lease(database, chat, "a")
    with database.write() as work:
        assert outbox.pause_chat(work, chat_id=chat, token="a", seconds=None) == clock.now + timedelta(seconds=0.5)


def test_only_the_holder_pauses(database: Database, chat: int, clock: Clock) -> None:
    assert _lease(database, chat, "a")
    clock.move(seconds=31)
    assert _lease(database, chat, "b")
    with database.write() as work:
        outbox.pause_chat(work, chat_id=chat, token="a", seconds=60)
    assert _chat(database, chat).sender == "b"
    assert _chat(database, chat).paused_until is None


def test_what_becomes_of_a_row(database: Database, chat: int, put: Put) -> None:
    sent, dead, dropped, failed = (put(chat, name) for name in ("sent", "dead", "dropped", "failed"))
    with database.write() as work:
        outbox.mark_sent(work, row_id=sent, message_ref="m1")
        outbox.mark_dead(work, row_id=dead, error="refused")
        outbox.mark_dropped(work, row_id=dropped, reason="not theirs")
        assert outbox.mark_failed(work, row_id=failed, error="once") == 1
        assert outbox.mark_failed(work, row_id=failed, error="twice") == 2
    assert _waiting(database, chat) == ["failed"]
    rows = [_row(database, one) for one in (sent, dead, dropped, failed)]
    assert [(row.status, row.attempts, row.last_error, row.message_ref) for row in rows] == [
        ("sent", 1, None, "m1"),
        ("dead", 1, "refused", None),
        ("dropped", 0, "not theirs", None),
        ("pending", 2, "twice", None),
    ]
    assert rows[0].sent_at is not None


def test_what_was_given_up_is_seen_retried_and_dropped(database: Database, chat: int, put: Put) -> None:
    rows = [put(chat, str(number)) for number in range(4)]
    with database.write() as work:
        for row in rows[:3]:
            outbox.mark_dead(work, row_id=row, error="refused")
        outbox.mark_sent(work, row_id=rows[3], message_ref="m")
        waiting = outbox.put(work, chat_id=None, person_id=None, payload={})
    with database.read() as work:
        seen = unsent.unsent_rows(work)
        assert [(row.id, row.platform, row.external_id) for row in seen] == [(r, "test", "c1") for r in rows[:3]]
        assert [row.id for row in unsent.unsent_rows(work, with_pending=True)] == [*rows[:3], waiting]
    with database.write() as work:
        assert unsent.drop_rows(work, row_ids=[rows[0], rows[3]]) == 1  # what was sent is not dropped
        assert unsent.retry_rows(work, row_ids=[rows[1]]) == 1
        assert unsent.retry_rows(work, row_ids=[]) == 1
        assert unsent.drop_rows(work, row_ids=[]) == 0
        assert unsent.drop_rows(work, row_ids=[waiting]) == 1  # by its number, though it only waits
    assert _row(database, waiting).status == "dropped"
    assert [_row(database, row).status for row in rows] == ["dropped", "pending", "pending", "sent"]
    assert _row(database, rows[1]).attempts == 0


# — copies —


def _copy(database: Database, chat: int, subject: int = 7) -> int:
    with database.write() as work:
        return copies.add_copy(work, card="lead", subject_id=subject, chat_id=chat, person_id=None)


def test_every_copy_of_a_card_falls_behind_and_no_other(database: Database) -> None:
    chats = [_make_chat(database, name) for name in ("one", "two", "three")]
    made = [_copy(database, chats[0]), _copy(database, chats[1]), _copy(database, chats[2], subject=8)]
    with database.write() as work:
        for copy in made:
            copies.mark_drawn(work, copy_id=copy, version=1, message_ref=f"m{copy}")
        copies.touch_card(work, card="lead", subject_id=7)
        copies.touch_card(work, card="lead", subject_id=7)
        copies.touch_card(work, card="order", subject_id=8)
    assert work.wakes == set(chats[:2])
    with database.read() as work:
        behind = [copies.copies_behind(work, chat_id=chat) for chat in chats]
    assert [[(copy.id, copy.wanted, copy.drawn) for copy in found] for found in behind] == [
        [(made[0], 2, 1)],
        [(made[1], 2, 1)],
        [],
    ]


def test_a_copy_that_cannot_be_drawn_is_let_be(database: Database, chat: int) -> None:
    copy = _copy(database, chat)
    with database.write() as work:
        copies.mark_drawn(work, copy_id=copy, version=1, message_ref=None)
        copies.touch_card(work, card="lead", subject_id=7)
    with database.read() as work:
        assert copies.copies_behind(work, chat_id=chat) == []
        assert work.session.query(CardCopy).count() == 1
