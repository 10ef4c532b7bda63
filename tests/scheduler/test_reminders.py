"""Reminders that fall due: told once by however many tick at once, and once more never, whoever dies in between."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert

from bot.app import Application
from bot.config import Settings
from crm.core.database import Database
from crm.core.history import SYSTEM
from crm.core.outbox import enter_chat
from crm.core.rules import set_rule
from crm.people.identities import tie
from crm.people.people import Member, set_timezone
from crm.sales.reminders.reminding import tell_due
from crm.sales.tasks.tasks import Task
from scheduler import reminders
from scheduler.reminders import tell_reminders
from tests.bot.front_desk import KEY, MemoryDoor, Room
from tests.conftest import Clock, MakePerson
from tests.crm.sales.selling import at_once

PATIENCE_S = 20.0

_PROCESS = """
import sys
from datetime import datetime
import bot.tables
from crm.core.database import Database
from crm.core.work import UnitOfWork
from scheduler import reminders

url, now, how = sys.argv[1:]
database = Database(url, clock=lambda: datetime.fromisoformat(now))
reminders.BATCH = 7

def hang(work):
    print("claimed", flush=True)
    sys.stdin.readline()

if how == "hang":
    UnitOfWork.finish = hang
print("ready", flush=True)
sys.stdin.readline()
print(reminders.tell_reminders(database), flush=True)
"""


@pytest.fixture
def li(database: Database, make_person: MakePerson) -> Member:
    """Somebody who is told each by itself, however many there are."""
    _tell_singly(database)
    return make_person("Li")


def _tell_singly(database: Database) -> None:
    with database.write() as work:
        set_rule(work, actor=SYSTEM, key="tasks.list_over", value="1000000")


class Process:
    """Another process of Tradewind at this database, at this time."""

    def __init__(self, database: Database, how: str = "tell") -> None:
        arguments = [database.url, database.clock().isoformat(), how]
        self.process = subprocess.Popen(
            [sys.executable, "-c", _PROCESS, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.hear() == "ready"

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def hear(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE_S)
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()


@pytest.fixture
def processes() -> Iterator[list[Process]]:
    started: list[Process] = []
    yield started
    for one in started:
        one.end()


def _fill(database: Database, person: Member, count: int, **later: float) -> None:
    """So many reminders, due by now or `later`."""
    with database.write() as work:
        row = {"person_id": person.id, "text": "call", "status": "open", "created_at": work.now}
        due = [{"due_at": work.now + timedelta(seconds=-number % 50, **later)} for number in range(count)]
        work.connection.execute(insert(Task.table()), [row | one for one in due])


def _told(database: Database) -> list[Any]:
    """Of each outbox row: key, chat, payload."""
    with database.read() as work:
        return list(work.connection.exec_driver_sql("SELECT key, chat_id, payload FROM outbox ORDER BY id"))


def _link(database: Database, person: Member, platform: str = "test") -> int:
    with database.write() as work:
        chat = enter_chat(work, platform=platform, external_id=person.name, is_private=True, token="t").id
        tie(work, platform=platform, account_id=person.name, person_id=person.id, chat_id=chat)
        return chat


def test_threads_that_tick_at_once_tell_each_once(
    database: Database, li: Member, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "BATCH", 5)
    _link(database, li)
    _fill(database, li, 100)
    _fill(database, li, 20, days=1)
    clock.move(minutes=1)
    at_once([lambda: tell_reminders(database)] * 6)
    tell_reminders(database)  # what somebody else held when the last one looked
    keys = [row.key for row in _told(database)]
    assert (len(keys), len(set(keys))) == (100, 100)
    assert tell_reminders(database) == 0


def test_processes_that_tick_at_once_tell_each_once(
    database: Database, li: Member, clock: Clock, processes: list[Process]
) -> None:
    _link(database, li)
    _fill(database, li, 120)
    clock.move(minutes=1)
    processes += [Process(database) for _ in range(3)]
    for one in processes:
        one.go()
    told = sum(int(one.hear()) for one in processes) + tell_reminders(database)
    keys = [row.key for row in _told(database)]
    assert (told, len(keys), len(set(keys))) == (120, 120, 120)


def test_killed_between_claim_and_commit_it_is_told_by_another(
    database: Database, li: Member, clock: Clock, processes: list[Process]
) -> None:
    _link(database, li)
    _fill(database, li, 3)
    clock.move(minutes=1)
    processes.append(Process(database, "hang"))
    processes[0].go()
    assert processes[0].hear() == "claimed"
    if not database.is_sqlite:  # there it has the file's one write lock
        meanwhile = ThreadPoolExecutor(1).submit(tell_reminders, database)
        assert meanwhile.result(PATIENCE_S) == 0
    assert _told(database) == []
    processes[0].process.kill()
    until, told = time.monotonic() + PATIENCE_S, 0
    while not told and time.monotonic() < until:
        told = tell_reminders(database)
    assert told == 3
    assert len(_told(database)) == 3


def test_to_one_chat_or_kept_until_there_is_one(database: Database, make_person: MakePerson, clock: Clock) -> None:
    linked, unlinked = make_person("Linked"), make_person("Unlinked")
    _link(database, linked, "one")
    clock.move(minutes=1)
    last_used = _link(database, linked, "two")
    for person in (linked, unlinked):
        _fill(database, person, 1)
    assert tell_reminders(database) == 2
    to_linked, kept = _told(database)
    assert to_linked.chat_id == last_used
    assert kept.chat_id is None
    assert "card" in kept.payload


def test_many_due_at_once_go_in_bounded_batches(sqlite: Database, make_person: MakePerson, clock: Clock) -> None:
    _tell_singly(sqlite)
    person = make_person("Li", at=sqlite)
    _link(sqlite, person)
    _fill(sqlite, person, 2_500)
    clock.move(minutes=1)
    ran: list[str] = []
    event.listen(sqlite.engine, "before_cursor_execute", lambda *a: ran.append(a[2]))
    assert tell_reminders(sqlite) == 2_500
    assert len(_told(sqlite)) == 2_500
    inserts = [one for one in ran if one.startswith("INSERT INTO outbox")]
    assert len(inserts) == 3
    assert len(ran) < 150


def test_nothing_due_writes_nothing(sqlite: Database, make_person: MakePerson) -> None:
    person = make_person("Li", at=sqlite)
    _fill(sqlite, person, 10, days=1)
    ran: list[str] = []
    event.listen(sqlite.engine, "before_cursor_execute", lambda *a: ran.append(a[2]))
    assert tell_reminders(sqlite) == 0
    assert ran
    assert all(one.startswith(("BEGIN", "SELECT")) and "IMMEDIATE" not in one for one in ran)


def test_a_clock_that_jumps_tells_nothing_twice(database: Database, li: Member, clock: Clock) -> None:
    _link(database, li)
    _fill(database, li, 5, hours=1)
    for jump in (2, -26, 30, -3, 3):
        clock.move(hours=jump)
        tell_reminders(database)
    assert len(_told(database)) == 5


def test_a_zone_changed_on_the_day_moves_nothing(database: Database, li: Member, clock: Clock) -> None:
    """A reminder is a moment: it comes when it was said, wherever its person has gone meanwhile."""
    _link(database, li)
    _fill(database, li, 1, hours=3)
    with database.write() as work:
        set_timezone(work, actor=SYSTEM, person_id=li.id, timezone="America/New_York")
    clock.move(hours=2, minutes=59)
    assert tell_reminders(database) == 0
    clock.move(minutes=1)
    assert tell_reminders(database) == 1


def test_a_store_that_is_away_is_no_trouble(sqlite_url: str, clock: Clock, make_person: MakePerson) -> None:
    database = Database(sqlite_url, clock=clock, busy_timeout=0.05)
    person = make_person("Li", at=database)
    _fill(database, person, 1)
    clock.move(minutes=1)
    holder = Database(sqlite_url, clock=clock)
    with holder.write() as work:
        assert tell_due(work, most=1) == 1
        assert tell_reminders(database) == 0
    assert len(_told(database)) == 1
    database.close()
    holder.close()


async def test_the_running_program_tells(database: Database, li: Member, clock: Clock, tmp_path: Path) -> None:
    _link(database, li)
    _fill(database, li, 1)
    clock.move(minutes=1)
    room, up = Room(), asyncio.Event()
    values = {"secret_key": KEY, "language": "en", "port": 0, "spool_dir": tmp_path / "spool"}
    settings = Settings(_env_file=None, database_url=database.url, **values)  # type: ignore[arg-type,call-arg]
    application = Application(settings, clock=clock, platforms=[MemoryDoor(room)])
    running = asyncio.create_task(application.serve(ready=lambda _: up.set()))
    await asyncio.wait_for(up.wait(), PATIENCE_S)
    await asyncio.wait_for(room.arrivals.wait(), PATIENCE_S)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert [shown.lines[0] for shown in room.chat("Li")] == ["Reminder: call"]
