"""The async edge: order per chat, a locked and a full database, what is kept on disk, many at once, two processes."""

import asyncio
import json
import sqlite3
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event
from structlog.testing import capture_logs

from bot.inbound import TEXT, Inbound
from bot.spool import Spool
from crm.core.database import Database, sqlite_file
from tests.bot.front_desk import Desk
from tests.conftest import MakePerson

OpenDesk = Callable[..., Desk]
OpenDatabase = Callable[..., Database]


@contextmanager
def _locked(url: str) -> Iterator[Callable[[], object]]:
    """Another program writes, and does not stop until told to."""
    with closing(sqlite3.connect(sqlite_file(url) or "", isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield lambda: other.execute("ROLLBACK")


async def _to_the_review(desk: Desk, account: str) -> None:
    await desk.say(account, "/lead Ernst")
    for words in ("Roland", "skip", "skip", "other", "lamps"):
        await desk.say(account, words)
    await desk.press(account, "To the review")


async def _until(condition: Callable[[], bool], advance: Callable[[], Awaitable[None]] | None = None) -> None:
    async with asyncio.timeout(20):
        while not condition():
            if advance is not None:
                await advance()
            await asyncio.sleep(0.005)


def _kept(desk: Desk) -> list[Path]:
    return sorted(desk.spool.glob("*"))


# — a locked database —


async def test_a_database_locked_for_three_seconds(
    sqlite_url: str, open_database: OpenDatabase, open_desk: OpenDesk, make_person: MakePerson
) -> None:
    """Slack is told within its three seconds, and the lead is logged as soon as that is possible."""
    database = open_database(sqlite_url)
    desk = open_desk(database)
    li = desk.link(make_person("Li", at=database))
    await _to_the_review(desk, li)
    with _locked(sqlite_url) as unlock:
        started = time.monotonic()
        receipt = await desk.press(li, "Confirm", patience=2.0, settle=False)
        assert receipt.status == "kept"
        assert 1.9 < time.monotonic() - started < 2.5
        assert len(_kept(desk)) == 1
        assert desk.leads() == []
        await asyncio.sleep(max(0.0, started + 3 - time.monotonic()))  # the three seconds of the story
        unlock()
    await _until(lambda: desk.leads() == ["Ernst"])
    await _until(lambda: _kept(desk) == [])
    await desk.delivery.settle()
    assert desk.room.last(li).text == "Saved lead L-1: Ernst"


async def test_what_was_kept_is_done_after_a_restart(
    sqlite_url: str, open_database: OpenDatabase, open_desk: OpenDesk, make_person: MakePerson
) -> None:
    database = open_database(sqlite_url, busy_timeout=0.05)
    desk = open_desk(database)
    li = desk.link(make_person("Li", at=database))
    await _to_the_review(desk, li)
    with _locked(sqlite_url) as unlock, capture_logs():
        receipt = await desk.press(li, "Confirm", patience=2.0)
        assert receipt.status == "kept"  # at once: there is nothing to wait for
        assert (await desk.say(li, "/leads", patience=2.0)).status == "kept"
        await desk.reception.drain()  # in vain
        assert len(_kept(desk)) == 2
        await desk.close()
        unlock()
    again = open_desk(database, "two")
    await again.reception.drain()
    await again.delivery.settle()
    assert again.leads() == ["Ernst"]
    assert _kept(again) == []
    assert "1 open lead" in again.room.last(li).lines  # in the order in which it came
    await again.reception.drain()
    assert again.leads() == ["Ernst"]


async def test_what_was_kept_and_done_all_the_same_is_not_done_twice(
    sqlite_url: str, open_database: OpenDatabase, open_desk: OpenDesk, make_person: MakePerson, tmp_path: Path
) -> None:
    """The process died between the commit and the removal of the file."""
    database = open_database(sqlite_url)
    desk = open_desk(database)
    li = desk.link(make_person("Li", at=database))
    said = desk.inbound(li, TEXT, text="/lead Ernst")
    Spool(tmp_path / "spool").keep(said)
    await desk.take(said)
    after = open_desk(database, "two")
    await after.reception.drain()
    await after.delivery.settle()
    assert len(after.rows("SELECT 1 FROM conversation_sessions")) == 1
    assert len(after.room.calls) == 1
    assert _kept(after) == []


async def test_what_comes_after_something_kept_waits_for_it(
    sqlite_url: str, open_database: OpenDatabase, open_desk: OpenDesk, make_person: MakePerson
) -> None:
    database = open_database(sqlite_url, busy_timeout=0.05)
    desk = open_desk(database)
    li = desk.link(make_person("Li", at=database))
    with _locked(sqlite_url) as unlock, capture_logs():
        assert (await desk.say(li, "/lead Ernst", patience=2.0)).status == "kept"
        unlock()
    receipt = await desk.say(li, "Roland")
    assert receipt.status == "handled"
    assert desk.room.last(li).lines[1:3] == ("Company: Ernst", "Contact: Roland")
    assert _kept(desk) == []


async def test_without_patience_a_locked_database_is_unavailable(
    sqlite_url: str, open_database: OpenDatabase, open_desk: OpenDesk, make_person: MakePerson
) -> None:
    """The platform delivers again, and then it is done."""
    database = open_database(sqlite_url, busy_timeout=0.05)
    desk = open_desk(database)
    li = desk.link(make_person("Li", at=database))
    said = desk.inbound(li, TEXT, text="/lead Ernst")
    with _locked(sqlite_url) as unlock, capture_logs() as logs:
        receipt = await desk.take(said)
        assert receipt.status == "unavailable"
        assert receipt.toast
        assert _kept(desk) == []
        unlock()
    assert [line["event"] for line in logs] == ["store unavailable"]
    assert (await desk.take(said)).status == "handled"
    assert "Company: Ernst" in desk.room.last(li).lines


# — a full database —


def _room_of(database: Database) -> Callable[[bool], None]:
    """Say whether the database may grow no further; called before anything is done with it."""
    full: list[bool] = [False]

    def limit(connection: sqlite3.Connection, record: object) -> None:
        if full[0]:
            connection.execute("PRAGMA max_page_count=1")  # SQLite takes what there is for the least

    def set_full(now: bool) -> None:
        full[0] = now
        database.engine.dispose()  # the limit is a connection's own

    event.listen(database.engine, "connect", limit)
    return set_full


async def test_a_full_database(
    sqlite_url: str, open_database: OpenDatabase, open_desk: OpenDesk, make_person: MakePerson
) -> None:
    """Nothing is half written, the platform is asked to come again, and all is well when there is room."""
    database = open_database(sqlite_url)
    set_full = _room_of(database)
    desk = open_desk(database)
    li = desk.link(make_person("Li", at=database))
    await _to_the_review(desk, li)
    set_full(True)
    written = {
        "leads": "id",
        "history": "id",
        "inbox": "id",
        "outbox": "id",  # what is sent meanwhile may be marked so
        "conversation_sessions": "id, turn, state, status",
    }
    with capture_logs() as logs:
        number = 0
        while True:
            before = {table: desk.rows(f"SELECT {what} FROM {table} ORDER BY id") for table, what in written.items()}
            said = desk.inbound(li, TEXT, text="x" * 3000, delivery_id=f"full-{number}")
            receipt = await desk.take(said, settle=False)
            if receipt.status == "unavailable":
                break
            number += 1
    assert {table: desk.rows(f"SELECT {what} FROM {table} ORDER BY id") for table, what in written.items()} == before
    assert "full" in " ".join(str(line) for line in logs)
    set_full(False)
    assert (await desk.take(said)).status == "handled"
    await desk.press(li, "Confirm")
    assert desk.leads() == ["Ernst"]


async def test_a_full_database_and_a_door_that_cannot_wait(
    sqlite_url: str, open_database: OpenDatabase, open_desk: OpenDesk, make_person: MakePerson
) -> None:
    database = open_database(sqlite_url)
    set_full = _room_of(database)
    desk = open_desk(database)
    li = desk.link(make_person("Li", at=database))
    set_full(True)
    with capture_logs():
        receipt = await desk.say(li, "/lead " + "x" * 200, patience=2.0)
        while receipt.status == "handled":
            receipt = await desk.say(li, "x" * 3000, patience=2.0)
    assert receipt.status == "kept"
    set_full(False)
    await desk.reception.drain()
    assert _kept(desk) == []


# — many at once —


def _asked(desk: Desk, account: str) -> list[str]:
    """What was asked there, in the order of sending: a question that is answered does not stay."""
    sent = [shown for call, shown in desk.room.calls if call == "send" and shown.chat == account]
    return [shown.lines[-1].split(":")[0].removesuffix(" (optional)") for shown in sent]


WORDS = ("/lead Company", "Roland", "skip", "skip")
ASKED = ["Contact", "Phone or e-mail", "Country or region", "Source"]


async def test_200_updates_of_50_people_by_one_process(desk: Desk, make_person: MakePerson) -> None:
    people = [desk.link(make_person(f"P{number}")) for number in range(50)]
    receipts = await asyncio.gather(*(desk.say(person, words, settle=False) for words in WORDS for person in people))
    await desk.delivery.settle()
    assert {receipt.status for receipt in receipts} == {"handled"}
    for person in people:
        assert _asked(desk, person) == ASKED
    assert desk.outbox() == [("sent", 1)] * 200


async def test_200_updates_of_50_people_by_two_processes(
    desk: Desk, database_url: str, open_database: OpenDatabase, open_desk: OpenDesk, make_person: MakePerson
) -> None:
    """Each person's words come in turn to the one and to the other, as behind a load balancer."""
    desks = (desk, open_desk(open_database(database_url), "two"))
    people = [desk.link(make_person(f"P{number}")) for number in range(50)]

    async def talk(number: int, person: str) -> None:
        for at, words in enumerate(WORDS):
            receipt = await desks[(number + at) % 2].say(person, words, settle=False)
            assert receipt.status == "handled"

    await asyncio.gather(*(talk(number, person) for number, person in enumerate(people)))
    # What one process wrote while the other was sending goes with the other's lease: nobody has to tick.
    for one in desks * 2:
        await one.delivery.settle()
    for person in people:
        assert _asked(desk, person) == ASKED
    assert desk.outbox() == [("sent", 1)] * 200


async def test_the_same_updates_at_two_processes_at_once_are_done_once(
    desk: Desk, database_url: str, open_database: OpenDatabase, open_desk: OpenDesk, make_person: MakePerson
) -> None:
    desks = (desk, open_desk(open_database(database_url), "two"))
    people = [desk.link(make_person(f"P{number}")) for number in range(10)]
    receipts = await asyncio.gather(
        *(one.say(person, "/lead Ernst", delivery_id=person, settle=False) for person in people for one in desks)
    )
    for one in desks:
        await one.delivery.settle()
    assert sorted(receipt.status for receipt in receipts) == ["again"] * 10 + ["handled"] * 10
    assert [len(desk.room.chat(person)) for person in people] == [1] * 10


async def test_the_same_tap_at_two_processes_at_once_counts_once(
    desk: Desk, database_url: str, open_database: OpenDatabase, open_desk: OpenDesk, make_person: MakePerson
) -> None:
    """Deliveries with ids of their own: the turn is what is used up once."""
    desks = (desk, open_desk(open_database(database_url), "two"))
    li = desk.link(make_person("Li"))
    await _to_the_review(desk, li)
    review = desk.room.last(li)
    taps = [one.press(li, "Confirm", on=review, settle=False) for one in desks * 4]
    receipts = await asyncio.gather(*taps)
    for one in desks:
        await one.delivery.settle()
    assert sorted(receipt.toast for receipt in receipts) == [""] + ["This is saved already."] * 7
    assert desk.leads() == ["Ernst"]


async def test_a_slow_chat_does_not_hold_up_another(desk: Desk, make_person: MakePerson) -> None:
    slow, quick = (desk.link(make_person(name)) for name in ("Slow", "Quick"))
    gate = asyncio.Event()
    desk.room.gates.append(gate)
    await desk.say(slow, "/help", settle=False)
    await _until(lambda: desk.room.gates == [])
    await desk.say(quick, "/help", settle=False)
    await _until(lambda: len(desk.room.chat(quick)) == 1)
    assert desk.room.chat(slow) == []
    gate.set()
    await desk.delivery.settle()
    assert len(desk.room.chat(slow)) == 1


async def test_what_one_person_says_at_once_is_done_in_order(desk: Desk, li: str) -> None:
    await asyncio.gather(*(desk.say(li, "/help", delivery_id=str(number), settle=False) for number in range(60)))
    await desk.delivery.settle()
    traces = [row.trace for row in desk.rows("SELECT trace FROM outbox ORDER BY id")]
    assert traces == [f"test:{number}" for number in range(60)]


async def test_turns_are_forgotten_with_their_last_user(desk: Desk, li: str) -> None:
    await asyncio.gather(*(desk.say(li, "/help") for _ in range(5)))
    assert desk.reception._turns == {}


# — the spool itself —


def _said(number: int, chat: str = "c", text: str = "x") -> Inbound:
    return Inbound(platform="test", delivery_id=str(number), account_id="a", chat_id=chat, kind=TEXT, text=text)


def test_the_spool_keeps_order_and_odd_texts(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "spool"
    spool = Spool(folder)
    texts = ["first", "\x00", "\ud800", "🏮", "长" * 4000]
    for number, text in enumerate(texts):
        spool.keep(_said(number, text=text))
    spool.keep(_said(9, chat="d"))
    again = Spool(folder)
    assert [kept.inbound.text for kept in again.waiting("test", "c")] == texts
    assert len(again.everything()) == 6
    for kept in again.waiting("test", "c"):
        again.done(kept)
        again.done(kept)  # a second time does nothing
    assert again.waiting("test", "c") == []
    assert [kept.inbound.chat_id for kept in Spool(folder).everything()] == ["d"]


def test_a_broken_file_in_the_spool_stops_nobody(tmp_path: Path) -> None:
    Spool(tmp_path).keep(_said(1))
    (tmp_path / "0.json").write_text("{")
    (tmp_path / "1.json").write_text(json.dumps({"unknown": 1}))
    (tmp_path / "2.part").write_text("half")
    with capture_logs() as logs:
        spool = Spool(tmp_path)
    assert [kept.inbound.delivery_id for kept in spool.everything()] == ["1"]
    assert [line["event"] for line in logs] == ["spool file unreadable"] * 2


def test_what_is_kept_while_something_else_is_done_is_not_forgotten(tmp_path: Path) -> None:
    """The one happens in a thread, the other in the loop."""
    spool = Spool(tmp_path)
    kept = [spool.keep(_said(number)) for number in range(200)]
    newer: list[int] = []

    def keep_more() -> None:
        for number in range(200, 400):
            spool.keep(_said(number))
            newer.append(number)

    thread = threading.Thread(target=keep_more)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        thread.start()
        for one in kept:
            spool.done(one)
        thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert [int(one.inbound.delivery_id) for one in spool.waiting("test", "c")] == newer


@pytest.mark.parametrize("patience", [None, 2.0])
async def test_what_nobody_foresaw_is_an_answer_too(
    sqlite_url: str, open_database: OpenDatabase, open_desk: OpenDesk, patience: float | None
) -> None:
    """No table at all: even the incident cannot be written down."""
    database = open_database(sqlite_url)
    desk = open_desk(database)
    with database.write() as work:
        work.connection.exec_driver_sql("DROP TABLE inbox")
    with capture_logs() as logs:
        receipt = await desk.say("a", "hello", patience=patience)
    assert receipt.status == ("unavailable" if patience is None else "kept")
    assert [line["event"] for line in logs] == ["incident", "delivery failed"]
