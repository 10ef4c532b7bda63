"""The one way out: in order, once, held while the platform is in trouble, given up where it is of no use."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from bot.cards.screen import Button, Screen, pack_screen, say
from bot.gateway import Away, Later, Refused, Unreachable
from crm.core import copies, outbox, unsent
from crm.core.database import Database
from crm.core.errors import StoreUnavailable
from crm.core.history import COMMAND_LINE
from crm.core.outbox import Lane
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.people.people import Role, disable_person, find_by_name
from crm.sales.leads.leads import disqualify_lead
from tests.bot.front_desk import Desk
from tests.conftest import Clock, MakePerson


def _put(desk: Desk, chat: str, *lines: str, lane: Lane = Lane.REPLY, screen: Screen | None = None) -> None:
    """Write messages into a chat's outbox without telling delivery."""

    def act(work: UnitOfWork) -> None:
        entered = outbox.enter_chat(work, platform="test", external_id=chat, is_private=True, token="put")
        for line in lines:
            payload = {"screen": pack_screen(screen or say(line))}
            outbox.put(work, chat_id=entered.id, person_id=None, payload=payload, lane=lane)
        if entered.leased:
            outbox.let_go(work, chat_id=entered.id, token="put")

    desk.write(act)


def _texts(desk: Desk, chat: str) -> list[str]:
    return [shown.text for shown in desk.room.chat(chat)]


def _chat(desk: Desk, chat: str = "c") -> tuple[str | None, int, bool]:
    """Who sends, how many failures, and whether somebody reads there."""
    (row,) = desk.rows("SELECT * FROM chats WHERE external_id = :chat", chat=chat)
    return row.sender, row.failures, row.unreachable_since is None


async def test_a_tick_sends_what_waits_in_order(desk: Desk) -> None:
    _put(desk, "c", "notice", lane=Lane.NOTICE)
    _put(desk, "c", *(f"reply {number}" for number in range(25)))
    _put(desk, "d", "other chat")
    await desk.delivery.tick()
    assert _texts(desk, "c") == [*(f"reply {number}" for number in range(25)), "notice"]
    assert _texts(desk, "d") == ["other chat"]
    assert set(desk.outbox()) == {("sent", 1)}
    assert _chat(desk) == (None, 0, True)
    await desk.delivery.tick()
    assert len(desk.room.calls) == 27


async def test_what_is_written_while_sending_goes_with_the_same_lease(desk: Desk) -> None:
    _put(desk, "c", "first")
    gate = asyncio.Event()
    desk.room.gates.append(gate)
    ticking = asyncio.create_task(desk.delivery.tick())
    await desk.room.arrivals.wait()
    _put(desk, "c", "second")
    await desk.delivery.tick()  # somebody else's tick leaves the chat alone
    assert desk.room.calls == []
    gate.set()
    await ticking
    assert _texts(desk, "c") == ["first", "second"]


async def test_two_processes_send_each_message_once_and_in_order(
    desk: Desk, database_url: str, open_database: Callable[..., Database], open_desk: Callable[..., Desk]
) -> None:
    other = open_desk(open_database(database_url), "two")
    for chat in range(10):
        _put(desk, f"c{chat}", *map(str, range(12)))
    await asyncio.gather(*(one.delivery.tick() for one in (desk, other) * 3))
    for chat in range(10):
        assert _texts(desk, f"c{chat}") == list(map(str, range(12)))


async def test_a_platform_that_asks_to_wait_is_waited_for(desk: Desk, clock: Clock) -> None:
    _put(desk, "c", "first", "second")
    desk.room.failures.append(Later("429", 7))
    await desk.delivery.tick()
    assert desk.outbox() == [("pending", 1), ("pending", 0)]
    clock.move(seconds=6.9)
    await desk.delivery.tick()
    assert desk.room.calls == []
    clock.move(seconds=0.1)
    await desk.delivery.tick()
    assert _texts(desk, "c") == ["first", "second"]
    assert _chat(desk) == (None, 0, True)


async def test_what_was_sent_before_the_trouble_is_not_sent_again(desk: Desk, clock: Clock) -> None:
    _put(desk, "c", "first", "second", "third")
    gates = [asyncio.Event(), asyncio.Event()]
    desk.room.gates.extend(gates)
    ticking = asyncio.create_task(desk.delivery.tick())
    gates[0].set()
    while len(desk.room.calls) < 1:
        desk.room.arrivals.clear()
        await desk.room.arrivals.wait()
    desk.room.failures.append(Away("502"))
    gates[1].set()
    await ticking
    assert desk.outbox() == [("sent", 1), ("pending", 1), ("pending", 0)]
    clock.move(seconds=1)
    await desk.delivery.tick()
    assert _texts(desk, "c") == ["first", "second", "third"]


async def test_a_platform_away_is_tried_for_ever_with_growing_pauses(desk: Desk, clock: Clock) -> None:
    _put(desk, "c", "first", "second")
    for _ in range(30):
        desk.room.failures[:] = [Away("no route")]
        await desk.delivery.tick()
        assert desk.room.failures == []
        clock.move(seconds=60)
    assert desk.outbox() == [("pending", 30), ("pending", 0)]
    await desk.delivery.tick()
    assert _texts(desk, "c") == ["first", "second"]


async def test_a_reply_does_not_overtake_what_waits(desk: Desk, li: str, clock: Clock) -> None:
    desk.room.failures.append(Later("429", 5))
    await desk.say(li, "/help")
    await desk.say(li, "hello")
    assert desk.room.calls == []
    clock.move(seconds=5)
    await desk.delivery.tick()
    first, second = _texts(desk, li)
    assert first.startswith("What I can do")
    assert second.startswith("I did not understand")


async def test_who_blocked_us_is_marked_and_the_message_given_up(desk: Desk, li: str) -> None:
    desk.room.failures.append(Unreachable("blocked by the user"))
    await desk.say(li, "/help")
    assert desk.outbox() == [("dead", 1)]
    assert _chat(desk, li) == (None, 0, False)
    await desk.say(li, "/help")  # who writes can be reached
    assert _chat(desk, li) == (None, 0, True)
    assert desk.outbox() == [("dead", 1), ("sent", 1)]


async def test_what_is_refused_is_given_up_at_once_and_what_follows_is_sent(desk: Desk) -> None:
    _put(desk, "c", "bad", "good")
    desk.room.failures.append(Refused("message is too long"))
    with capture_logs() as logs:
        await desk.delivery.tick()
    assert desk.outbox() == [("dead", 1), ("sent", 1)]
    assert _texts(desk, "c") == ["good"]
    assert [line["event"] for line in logs] == ["message refused"]
    (row,) = desk.rows("SELECT last_error FROM outbox WHERE status = 'dead'")
    assert row.last_error == "message is too long"
    desk.write(lambda work: unsent.retry_rows(work, row_ids=[]))
    await desk.delivery.tick()
    assert _texts(desk, "c") == ["good", "bad"]


async def test_what_fails_without_a_name_is_tried_five_times_and_nothing_overtakes_it(desk: Desk, clock: Clock) -> None:
    _put(desk, "c", "puzzling", "second", "third")
    for tried in range(1, 5):
        desk.room.failures.append(ZeroDivisionError("renderer"))
        with capture_logs() as logs:
            await desk.delivery.tick()
        assert [line["event"] for line in logs] == ["message failed"]
        assert desk.outbox() == [("pending", tried), ("pending", 0), ("pending", 0)]
        assert desk.room.calls == []
        clock.move(seconds=60)
    desk.room.failures.append(ZeroDivisionError("renderer"))
    await desk.delivery.tick()
    assert [status for status, _ in desk.outbox()] == ["dead", "sent", "sent"]
    assert _texts(desk, "c") == ["second", "third"]
    (row,) = desk.rows("SELECT last_error FROM outbox WHERE status = 'dead'")
    assert row.last_error == "ZeroDivisionError: renderer"


async def test_what_cannot_be_drawn_hurts_nobody_else(desk: Desk, clock: Clock) -> None:
    """A template with a fact missing: found out when it is drawn."""
    _put(desk, "c", "", screen=say(T("Saved lead {number}: {company}", number="L-1")))
    _put(desk, "d", "other")
    for _ in range(6):
        with capture_logs():
            await desk.delivery.tick()
        clock.move(seconds=60)
    assert [status for status, _ in desk.outbox()] == ["dead", "sent"]


# — replacing and copies —


async def test_a_message_to_be_replaced_that_vanished_is_sent_anew(desk: Desk, li: str) -> None:
    await desk.say(li, "/lead Ernst")
    shown = desk.room.seen.pop(desk.room.last(li).ref)  # its reader has deleted it
    await desk.press(li, "Cancel", on=shown)
    assert desk.room.last(li).text == "“New lead” is cancelled; nothing was saved."
    assert desk.room.last(li).ref != shown.ref


async def _two_cards(desk: Desk, li: str, boss: str) -> tuple[str, str]:
    """The card of one lead in two chats; returns the messages."""
    await desk.log_lead(li)
    await desk.press(li, "Open")
    await desk.take(desk.inbound(boss, "press", button=desk.keys.seal("lead.open:1", platform="test", chat_id=boss)))
    return desk.room.last(li).ref, desk.room.last(boss).ref


@pytest.fixture
def boss(desk: Desk, make_person: MakePerson) -> str:
    return desk.link(make_person("Boss", Role.GM))


async def test_every_copy_of_a_card_shows_what_is(desk: Desk, li: str, boss: str) -> None:
    mine, theirs = await _two_cards(desk, li, boss)
    assert "Disqualify" in desk.room.seen[mine].labels
    assert desk.room.seen[theirs].labels == []  # a general manager looks, and does not sell
    await desk.press(li, "Disqualify")
    await desk.press(li, "No budget")
    for ref in (mine, theirs):
        shown = desk.room.seen[ref]
        assert "Status: Disqualified: No budget" in shown.lines
        assert (shown.labels, shown.edits) == ([], 1)


async def test_edits_coalesce(desk: Desk, li: str, boss: str) -> None:
    mine, theirs = await _two_cards(desk, li, boss)
    for _ in range(5):
        desk.write(lambda work: copies.touch_card(work, card="lead", subject_id=1))
    await desk.delivery.tick()
    assert [desk.room.seen[ref].edits for ref in (mine, theirs)] == [1, 1]
    await desk.delivery.tick()
    assert [desk.room.seen[ref].edits for ref in (mine, theirs)] == [1, 1]


async def test_a_change_while_the_card_is_being_sent_is_mended_right_after(desk: Desk, li: str) -> None:
    await desk.log_lead(li)
    gate = asyncio.Event()
    desk.room.arrivals.clear()
    desk.room.gates.append(gate)
    await desk.press(li, "Open", settle=False)
    await desk.room.arrivals.wait()
    person = _member(desk, "Li")
    desk.write(lambda work: disqualify_lead(work, actor=person, platform="test", lead_id=1, reason="Other"))
    gate.set()
    await desk.delivery.settle()
    card = desk.room.last(li)
    assert "Status: Disqualified: Other" in card.lines
    assert card.edits == 1


async def test_a_copy_whose_reader_may_not_see_it_any_more_says_so(desk: Desk, li: str, boss: str) -> None:
    _, theirs = await _two_cards(desk, li, boss)
    person = _member(desk, "Boss")
    desk.write(lambda work: work.connection.exec_driver_sql(f"DELETE FROM person_roles WHERE person_id = {person.id}"))
    desk.write(lambda work: copies.touch_card(work, card="lead", subject_id=1))
    await desk.delivery.tick()
    assert desk.room.seen[theirs].lines == ("There is no lead L-1.",)


async def test_a_copy_that_vanished_is_let_be(desk: Desk, li: str, boss: str) -> None:
    mine, theirs = await _two_cards(desk, li, boss)
    del desk.room.seen[theirs]
    for _ in range(2):
        desk.write(lambda work: copies.touch_card(work, card="lead", subject_id=1))
        await desk.delivery.tick()
    assert theirs not in desk.room.seen
    assert desk.room.seen[mine].edits == 2
    assert desk.rows("SELECT message_ref FROM card_copies WHERE message_ref IS NULL") == [(None,)]


async def test_a_copy_that_cannot_be_edited_now_is_edited_later(desk: Desk, li: str, clock: Clock) -> None:
    await desk.log_lead(li)
    await desk.press(li, "Open")
    card = desk.room.last(li).ref
    desk.write(lambda work: copies.touch_card(work, card="lead", subject_id=1))
    desk.room.failures.append(Later("429", 3))
    await desk.delivery.tick()
    assert desk.room.seen[card].edits == 0
    clock.move(seconds=3)
    await desk.delivery.tick()
    assert desk.room.seen[card].edits == 1


# — permission at delivery —


def _member(desk: Desk, name: str):
    with desk.database.read() as work:
        return find_by_name(work, name=name)


async def test_a_card_asked_for_is_dropped_when_permission_is_lost_on_the_way(
    desk: Desk, li: str, boss: str, clock: Clock
) -> None:
    await desk.log_lead(li)
    desk.room.failures.append(Later("429", 3))
    opened = desk.inbound(boss, "press", button=desk.keys.seal("lead.open:1", platform="test", chat_id=boss))
    await desk.take(opened)
    person = _member(desk, "Boss")
    desk.write(lambda work: work.connection.exec_driver_sql(f"DELETE FROM person_roles WHERE person_id = {person.id}"))
    clock.move(seconds=3)
    await desk.delivery.tick()
    assert desk.room.chat(boss) == []
    assert desk.outbox()[-1][0] == "dropped"


@pytest.mark.parametrize("act", ["say", "press"])
async def test_nothing_more_is_shown_to_a_disabled_person(desk: Desk, li: str, clock: Clock, act: str) -> None:
    """Also not in the place of a message they have already."""
    await desk.say(li, "/lead Secret Ltd")
    shown = desk.room.last(li)
    desk.room.failures.append(Later("429", 3))
    await (desk.say(li, "Roland") if act == "say" else desk.press(li, "Cancel"))
    person = _member(desk, "Li")
    desk.write(lambda work: disable_person(work, actor=COMMAND_LINE, person_id=person.id))
    clock.move(seconds=3)
    await desk.delivery.tick()
    if act == "say":
        assert desk.room.chat(li) == [shown]
        assert desk.outbox()[-1][0] == "dropped"
    else:
        assert [one.text for one in desk.room.chat(li)] == ["This is not for you any more."]
        assert desk.room.last(li).buttons == ()


# — leases —


async def test_a_dead_senders_chat_is_taken_over_when_its_lease_ends(desk: Desk, clock: Clock) -> None:
    _put(desk, "c", "left behind")
    desk.write(lambda work: outbox.lease_chat(work, chat_id=1, token="dead"))
    await desk.delivery.tick()
    assert desk.room.calls == []
    clock.move(seconds=30, microseconds=1)
    await desk.delivery.tick()
    assert _texts(desk, "c") == ["left behind"]
    assert _chat(desk) == (None, 0, True)


async def test_a_sender_that_comes_back_too_late_does_not_disturb_the_new_one(
    desk: Desk,
    database_url: str,
    open_database: Callable[..., Database],
    open_desk: Callable[..., Desk],
    clock: Clock,
) -> None:
    other = open_desk(open_database(database_url), "two")
    _put(desk, "c", "first")
    slow, quick = asyncio.Event(), asyncio.Event()
    desk.room.gates.extend([slow, quick])
    late = asyncio.create_task(desk.delivery.tick())
    await desk.room.arrivals.wait()
    clock.move(seconds=31)
    desk.room.arrivals.clear()
    new = asyncio.create_task(other.delivery.tick())
    await desk.room.arrivals.wait()
    slow.set()
    await late
    assert _chat(desk)[0] is not None  # still the new one's
    _put(desk, "c", "second")
    quick.set()
    await new
    assert [shown.text for _, shown in desk.room.calls] == ["first", "first", "second"]
    assert _chat(desk) == (None, 0, True)


async def test_what_may_not_be_sent_here_is_left_to_others(
    desk: Desk, li: str, database_url: str, open_database: Callable[..., Database], open_desk: Callable[..., Desk]
) -> None:
    """As with a Telegram token that another process polls."""
    desk.door.may_send = False
    await desk.say(li, "/help")
    assert desk.room.calls == []
    assert _chat(desk, li)[0] is None
    await desk.delivery.tick()
    other = open_desk(open_database(database_url), "two")
    await other.delivery.tick()
    assert len(desk.room.chat(li)) == 1


async def test_a_message_sent_but_not_marked_at_once_is_marked_later(
    sqlite_url: str, open_database: Callable[..., Database], open_desk: Callable[..., Desk]
) -> None:
    """The database is locked just when the platform has taken the message."""
    import sqlite3
    from contextlib import closing

    from crm.core.database import sqlite_file

    desk = open_desk(open_database(sqlite_url, busy_timeout=0.05))
    _put(desk, "c", "once")
    gate = asyncio.Event()
    desk.room.gates.append(gate)
    ticking = asyncio.create_task(desk.delivery.tick())
    await desk.room.arrivals.wait()
    failed = asyncio.Event()
    loop = asyncio.get_running_loop()
    mark = desk.delivery._mark

    def watched(*arguments: object) -> bool:
        try:
            return mark(*arguments)  # type: ignore[arg-type]
        except StoreUnavailable:
            loop.call_soon_threadsafe(failed.set)
            raise

    desk.delivery._mark = watched  # type: ignore[method-assign]
    with closing(sqlite3.connect(sqlite_file(sqlite_url) or "", isolation_level=None)) as locker:
        locker.execute("BEGIN IMMEDIATE")
        gate.set()
        await failed.wait()
        locker.execute("ROLLBACK")
    await ticking
    await desk.delivery.tick()
    assert len(desk.room.calls) == 1
    assert desk.outbox() == [("sent", 1)]


async def test_a_process_that_stops_leaves_the_rest_for_the_next(desk: Desk, database: Database) -> None:
    _put(desk, "c", "first")
    await desk.close()
    reopened = replace(desk, worker="next")
    await reopened.delivery.tick()
    assert _texts(desk, "c") == ["first"]
    await reopened.close()


async def test_a_process_that_stops_while_sending_keeps_nobody_waiting(desk: Desk, database: Database) -> None:
    """Its leases need not run out first: the clock stands still here."""
    desk.room.gates.append(asyncio.Event())  # never opened: the platform hangs
    _put(desk, "c", "first")
    ticking = asyncio.create_task(desk.delivery.tick())
    await asyncio.wait_for(desk.room.arrivals.wait(), 5)
    await desk.delivery.close(seconds=0.05)
    ticking.cancel()
    reopened = replace(desk, worker="next")
    await reopened.delivery.tick()
    assert _texts(desk, "c") == ["first"]
    await reopened.close()


async def test_buttons_are_signed_for_their_chat(desk: Desk) -> None:
    screen = Screen((), ((Button(T("Undo"), "lead.undo:1"),),))
    _put(desk, "c", "", screen=screen)
    await desk.delivery.tick()
    key = desk.room.last("c").key("Undo")
    assert desk.keys.open(key, platform="test", chat_id="c") == "lead.undo:1"
    assert desk.keys.open(key, platform="test", chat_id="d") is None
