"""The engine of the watches: said once whoever looks, again when it got worse, and anew when it had gone away."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, update

from bot.app import Application
from bot.config import Settings
from crm.core.database import Database
from crm.core.outbox import OutboxEntry, enter_chat
from crm.core.said import Said
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.people import watching
from crm.people.identities import tie
from crm.people.people import Member, Person
from crm.people.watching import Sighting, Watch, as_list, has_news, tell_news
from crm.sales.leads.leads import Lead
from scheduler import watches
from scheduler.watches import tell_watched
from tests.bot.front_desk import KEY, MemoryDoor, Room
from tests.conftest import Clock, MakeLead, MakePerson
from tests.crm.sales.selling import at_once

PATIENCE_S = 60.0

_PROCESS = """
import sys
from datetime import datetime
import bot.tables
from crm.core.database import Database
from scheduler.watches import tell_watched

url, now = sys.argv[1:]
database = Database(url, clock=lambda: datetime.fromisoformat(now))
print("ready", flush=True)
sys.stdin.readline()
print(sum(tell_watched(database) for _ in range(5)), flush=True)
"""


class Seen:
    """A watch whose sightings the test sets: how bad it is, by record and person."""

    def __init__(self) -> None:
        self.levels: dict[tuple[int, int], int] = {}
        self.since: Any = None
        self.watch = Watch("made_up", self._find, as_list("made_up", lambda work, seen: T("Made up.")))

    def _find(self, work: UnitOfWork) -> list[Sighting]:
        return [
            Sighting(
                subject_id=subject,
                person_id=person,
                line=T("{number}", number=level),
                about=("lead", subject),
                level=level,
                since=self.since,
            )
            for (subject, person), level in self.levels.items()
        ]

    def tick(self, database: Database) -> int:
        with database.read() as work:
            if not has_news(work, self.watch):
                return 0
        with database.write() as work:
            return tell_news(work, self.watch).told


@pytest.fixture
def seen() -> Seen:
    return Seen()


def _notices(database: Database) -> list[list[tuple[str, int]]]:
    """The lines of each notice, as level and record."""
    query = select(OutboxEntry.payload).order_by(OutboxEntry.id)
    with database.read() as work:
        payloads = work.connection.execute(query).scalars().all()
    return [[(line["facts"]["number"], subject) for line, _, subject in one["lines"]] for one in payloads]


def _said(database: Database) -> int:
    with database.read() as work:
        return len(work.connection.execute(select(Said.watch)).all())


def test_once_and_again_only_when_it_got_worse(database: Database, make_person: MakePerson, seen: Seen) -> None:
    li = make_person("Li").id
    seen.levels = {(1, li): 1, (2, li): 1}
    assert [seen.tick(database) for _ in range(3)] == [1, 0, 0]
    seen.levels[2, li] = 2
    assert [seen.tick(database) for _ in range(3)] == [1, 0, 0]
    seen.levels[2, li] = 1  # better again is no news, nor is as bad as it was
    assert seen.tick(database) == 0
    seen.levels[2, li] = 2
    assert seen.tick(database) == 0
    assert _notices(database) == [[(1, 1), (1, 2)], [(2, 2)]]


def test_gone_and_come_again_is_news(database: Database, make_person: MakePerson, seen: Seen) -> None:
    li = make_person("Li").id
    seen.levels = {(1, li): 2, (2, li): 1}
    seen.tick(database)
    del seen.levels[1, li]
    assert seen.tick(database) == 0
    assert _said(database) == 1
    seen.levels[1, li] = 1
    assert [seen.tick(database) for _ in range(2)] == [1, 0]
    assert _notices(database) == [[(2, 1), (1, 2)], [(1, 1)]]


def test_what_was_said_of_an_earlier_time_is_forgotten(
    database: Database, make_person: MakePerson, seen: Seen, clock: Clock
) -> None:
    li = make_person("Li").id
    seen.levels = {(1, li): 3}
    seen.tick(database)
    clock.move(minutes=2)
    seen.levels, seen.since = {(1, li): 1}, clock.now - timedelta(minutes=1)
    assert [seen.tick(database) for _ in range(2)] == [1, 0]
    assert _notices(database) == [[(3, 1)], [(1, 1)]]


def test_in_working_hours_alone(database: Database, make_person: MakePerson, seen: Seen, clock: Clock) -> None:
    li, anna = make_person("Li").id, make_person("Anna", timezone="Europe/Berlin").id
    seen.levels = {(1, li): 1, (1, anna): 1}
    clock.move(hours=-1)  # 8:30 in Shanghai
    assert seen.tick(database) == 0
    clock.move(minutes=29)
    assert seen.tick(database) == 0
    clock.move(minutes=1)
    assert seen.tick(database) == 1
    clock.move(hours=6, minutes=59)  # 8:59 in Berlin
    assert seen.tick(database) == 0
    clock.move(minutes=1)
    assert seen.tick(database) == 1
    assert _said(database) == 2


def test_what_is_over_before_work_begins_is_never_said(
    database: Database, make_person: MakePerson, seen: Seen, clock: Clock
) -> None:
    li = make_person("Li").id
    seen.levels = {(1, li): 1}
    clock.move(hours=-4)
    seen.tick(database)
    seen.levels = {}
    clock.move(hours=4)
    assert seen.tick(database) == 0
    assert _notices(database) == []


def test_a_clock_that_jumps_says_nothing_twice(
    database: Database, make_person: MakePerson, seen: Seen, clock: Clock
) -> None:
    li = make_person("Li").id
    seen.levels = {(1, li): 1}
    assert seen.tick(database) == 1
    for hours in (26, -26, -24, 48, -23):
        clock.move(hours=hours)
        assert seen.tick(database) == 0
    assert len(_notices(database)) == 1


def test_the_same_at_the_same_moment_is_another_notice(database: Database, make_person: MakePerson, seen: Seen) -> None:
    """On a clock that stands still nothing that is news is lost."""
    li = make_person("Li").id
    for level in (1, 2, 3):
        seen.levels = {(1, li): level}
        assert seen.tick(database) == 1
    assert len(_notices(database)) == 3


def test_many_people_in_batches(
    sqlite: Database, make_person: MakePerson, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "MOST_PEOPLE", 3)
    monkeypatch.setattr(watches, "WATCHES", (seen.watch,))
    people = [make_person(at=sqlite).id for _ in range(7)]
    seen.levels = {(1, person): 1 for person in people}
    assert tell_watched(sqlite) == 7
    assert tell_watched(sqlite) == 0
    assert len(_notices(sqlite)) == 7


def _neglect(database: Database, make_person: MakePerson, make_lead: MakeLead, clock: Clock, people: int) -> None:
    """So many people with two leads each that nobody has touched; it is the day they hear of it."""
    for number in range(people):
        owner = make_person(f"Owner {number}")
        make_lead(owner)
        make_lead(owner)
    clock.move(days=9)


def _told(database: Database) -> list[int]:
    query = select(OutboxEntry.person_id).where(OutboxEntry.payload["lines"].is_not(None))
    with database.read() as work:
        return sorted(work.connection.execute(query).scalars())


def test_threads_that_look_at_once_tell_each_once(
    database: Database, make_person: MakePerson, make_lead: MakeLead, clock: Clock
) -> None:
    _neglect(database, make_person, make_lead, clock, 10)
    assert at_once([lambda: tell_watched(database)] * 5) == [None] * 5
    tell_watched(database)  # what somebody else was at when the last one looked
    assert _told(database) == sorted(set(_told(database)))
    assert len(_told(database)) == 10
    clock.move(days=1)
    at_once([lambda: tell_watched(database)] * 5)
    tell_watched(database)
    assert len(_told(database)) == 20
    with database.read() as work:
        assert set(work.connection.execute(select(Lead.owner_id)).scalars()) == {None}
        released = work.connection.exec_driver_sql("SELECT count(*) FROM history WHERE act = 'released'").scalar()
    assert released == 20


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []
    yield started
    for one in started:
        one.kill()
        one.wait(PATIENCE_S)
        assert one.stdin is not None
        assert one.stdout is not None
        one.stdin.close()
        one.stdout.close()


def test_processes_that_look_at_once_tell_each_once(
    database: Database,
    make_person: MakePerson,
    make_lead: MakeLead,
    clock: Clock,
    processes: list[subprocess.Popen[str]],
) -> None:
    _neglect(database, make_person, make_lead, clock, 12)
    arguments = [sys.executable, "-c", _PROCESS, database.url, clock.now.isoformat()]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    processes += [subprocess.Popen(arguments, text=True, **pipes) for _ in range(3)]
    for one in processes:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in processes:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    told = sum(int(one.stdout.readline()) for one in processes if one.stdout is not None)
    told += tell_watched(database)
    assert told == 12
    assert len(_told(database)) == len(set(_told(database))) == 12


def test_no_news_writes_nothing(sqlite: Database, make_person: MakePerson, make_lead: MakeLead, clock: Clock) -> None:
    owner = make_person(at=sqlite)
    make_lead(owner, at=sqlite)
    clock.move(days=9)
    assert tell_watched(sqlite) == 1
    ran: list[str] = []
    event.listen(sqlite.engine, "before_cursor_execute", lambda *a: ran.append(a[2]))
    assert tell_watched(sqlite) == 0
    assert ran
    assert all(one.startswith(("BEGIN", "SELECT")) and "IMMEDIATE" not in one for one in ran)


def test_a_store_that_is_away_is_no_trouble(
    sqlite_url: str, clock: Clock, make_person: MakePerson, make_lead: MakeLead
) -> None:
    database = Database(sqlite_url, clock=clock, busy_timeout=0.05)
    make_lead(make_person(at=database), at=database)
    clock.move(days=9)
    holder = Database(sqlite_url, clock=clock)
    with holder.write() as work:
        work.connection.execute(update(Person.table()).values(name="Busy"))
        assert tell_watched(database) == 0
    assert tell_watched(database) == 1
    database.close()
    holder.close()


async def test_the_running_program_watches(
    database: Database,
    make_person: MakePerson,
    make_lead: MakeLead,
    clock: Clock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watches, "EVERY_S", 0.1)
    li: Member = make_person("Li")
    make_lead(li)
    with database.write() as work:
        chat = enter_chat(work, platform="test", external_id="Li", is_private=True, token="t").id
        tie(work, platform="test", account_id="Li", person_id=li.id, chat_id=chat)
    clock.move(days=9)
    room, up, looked, keep_watch = Room(), asyncio.Event(), asyncio.Event(), watches.keep_watch

    async def keep_watch_once(database: Database) -> None:
        """So that none is under way when the program is stopped."""
        if not looked.is_set():
            await keep_watch(database)
            looked.set()

    monkeypatch.setattr(watches, "keep_watch", keep_watch_once)
    values = {"secret_key": KEY, "language": "en", "port": 0, "spool_dir": tmp_path / "spool"}
    settings = Settings(_env_file=None, database_url=database.url, **values)  # type: ignore[arg-type,call-arg]
    application = Application(settings, clock=clock, platforms=[MemoryDoor(room)])
    running = asyncio.create_task(application.serve(ready=lambda _: up.set()))
    await asyncio.wait_for(up.wait(), PATIENCE_S)

    async def told() -> None:
        while not any("goes back to the pool" in shown.text for shown in room.chat("Li")):
            room.arrivals.clear()
            await room.arrivals.wait()

    await asyncio.wait_for(told(), PATIENCE_S)
    await asyncio.wait_for(looked.wait(), PATIENCE_S)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
