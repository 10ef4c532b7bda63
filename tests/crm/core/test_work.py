"""The unit of work: all or nothing, one writer at a time, and what is raised when the database cannot be had."""

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import event, select, text

from crm.core import history
from crm.core.database import Database, sqlite_file
from crm.core.errors import AWAY, FULL, LOCKED, SettingsError, StoreUnavailable
from crm.core.events import Events
from crm.core.history import SYSTEM, HistoryEntry
from crm.core.work import UnitOfWork
from crm.people.people import Person, Team


@dataclass(frozen=True)
class Happened:
    what: str


def _note(work: UnitOfWork, act: str) -> None:
    history.record(work, actor=SYSTEM, entity="thing", entity_id=1, act=act)


def _acts(database: Database) -> list[str]:
    with database.read() as work:
        return [entry.act for entry in history.history_of(work, entity="thing", entity_id=1)]


def test_what_is_written_stays(database: Database) -> None:
    with database.write() as work:
        _note(work, "first")
    assert _acts(database) == ["first"]


def test_an_error_undoes_everything_of_both_the_statements_and_the_session(database: Database) -> None:
    with suppress(LookupError), database.write() as work:
        _note(work, "first")
        work.session.add(Team(name="North", created_at=work.now))
        work.session.flush()
        raise LookupError
    assert _acts(database) == []
    with database.read() as work:
        assert work.session.scalars(select(Team)).all() == []


def test_what_the_session_holds_is_written_at_the_end(database: Database) -> None:
    with database.write() as work:
        work.session.add(Team(name="North", created_at=work.now))
    with database.read() as work:
        assert work.session.scalars(select(Team.name)).all() == ["North"]


def test_reading_changes_nothing(database: Database) -> None:
    with database.read() as work:
        _note(work, "smuggled")
    assert _acts(database) == []


def test_relationships_are_not_loaded_behind_ones_back(database: Database, make_person: Callable[..., object]) -> None:
    make_person("Li", team="North")
    with database.read() as work:
        person = work.session.scalars(select(Person)).one()
        with pytest.raises(Exception, match="raise"):
            person.team  # noqa: B018 - looking is the point


def test_a_subscriber_acts_in_the_same_transaction(database_url: str, open_database: Callable[..., Database]) -> None:
    events = Events()
    events.subscribe(Happened, lambda work, happened: _note(work, f"heard of {happened.what}"))
    database = open_database(database_url, events=events)
    with database.write() as work:
        _note(work, "rain")
        work.emit(Happened("rain"))
        work.emit(object())
    assert _acts(database) == ["rain", "heard of rain"]


def test_a_subscriber_that_raises_undoes_the_act(database_url: str, open_database: Callable[..., Database]) -> None:
    def refuse(work: UnitOfWork, happened: Happened) -> None:
        _note(work, "heard")
        raise LookupError(happened.what)

    events = Events()
    events.subscribe(Happened, refuse)
    database = open_database(database_url, events=events)

    def act() -> None:
        with database.write() as work:
            _note(work, "rain")
            work.emit(Happened("rain"))

    with pytest.raises(LookupError):
        act()
    assert _acts(database) == []


def test_writers_take_turns(database: Database, database_url: str, open_database: Callable[..., Database]) -> None:
    """Each reads the count and writes one more, in two processes: none fails half-way, none is lost."""
    databases = (database, open_database(database_url))

    def add_one(at: Database) -> None:
        for _ in range(10):
            with at.write() as work:
                if not at.is_sqlite:
                    work.connection.execute(text("LOCK TABLE history IN EXCLUSIVE MODE"))
                count = len(history.history_of(work, entity="thing", entity_id=1))
                _note(work, str(count))

    threads = [threading.Thread(target=add_one, args=(databases[number % 2],)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _acts(database) == [str(number) for number in range(60)]


def test_a_lock_held_too_long_is_said(sqlite_url: str, open_database: Callable[..., Database]) -> None:
    database = open_database(sqlite_url, busy_timeout=0.05)
    with closing(sqlite3.connect(sqlite_file(sqlite_url) or "", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable) as raised, database.write() as work:
            _note(work, "too late")
        assert raised.value.text is LOCKED
        with database.read():
            pass  # readers do not wait
        other.execute("ROLLBACK")
    with database.write() as work:
        _note(work, "in time")
    assert _acts(database) == ["in time"]


def test_a_writer_of_this_process_is_waited_for_just_as_long(
    sqlite_url: str, open_database: Callable[..., Database]
) -> None:
    database = open_database(sqlite_url, busy_timeout=0.05)
    with database.write():
        raised: list[BaseException] = []

        def second() -> None:
            try:
                with database.write():
                    pass
            except StoreUnavailable as error:
                raised.append(error)

        thread = threading.Thread(target=second)
        thread.start()
        thread.join(5)
    assert [type(error) for error in raised] == [StoreUnavailable]


def test_a_new_file_is_opened_while_another_writes_to_it(
    tmp_path: Path, open_database: Callable[..., Database]
) -> None:
    """The change into a write-ahead log is what SQLite does not wait for by itself."""
    file = tmp_path / "new.db"
    database = open_database(f"sqlite:///{file}")
    connecting = threading.Event()
    event.listen(database.engine, "connect", lambda *_: connecting.set(), insert=True)
    read: list[object] = []

    def use() -> None:
        with database.read() as work:
            read.append(work.connection.exec_driver_sql("SELECT 1").scalar())

    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        other.execute("CREATE TABLE birds (name)")
        other.execute("BEGIN IMMEDIATE")
        thread = threading.Thread(target=use)
        thread.start()
        assert connecting.wait(5)
        thread.join(0.1)  # long enough to fail, if it does not wait
        other.execute("COMMIT")
        thread.join(10)
    assert read == [1]


def test_a_lock_is_waited_for(sqlite: Database, sqlite_url: str) -> None:
    with closing(
        sqlite3.connect(sqlite_file(sqlite_url) or "", isolation_level=None, check_same_thread=False)
    ) as other:
        other.execute("BEGIN IMMEDIATE")
        began = threading.Event()

        def write() -> None:
            began.set()
            with sqlite.write() as work:
                _note(work, "waited")

        thread = threading.Thread(target=write)
        thread.start()
        began.wait()
        assert _acts(sqlite) == []
        other.execute("ROLLBACK")
        thread.join(10)
    assert _acts(sqlite) == ["waited"]


def test_a_full_database_is_said_and_nothing_is_half_written(sqlite: Database) -> None:
    def narrow(connection: sqlite3.Connection, record: object) -> None:
        connection.execute("PRAGMA max_page_count=1")  # no less than there are

    event.listen(sqlite.engine, "connect", narrow)

    def fill() -> None:
        for number in range(10_000):
            with sqlite.write() as work:
                _note(work, f"a{number}")
                _note(work, "x" * 40)

    with pytest.raises(StoreUnavailable) as raised:
        fill()
    assert raised.value.text is FULL
    acts = _acts(sqlite)
    assert len(acts) % 2 == 0
    event.remove(sqlite.engine, "connect", narrow)
    sqlite.engine.dispose()
    with sqlite.write() as work:
        _note(work, "room again")
    assert _acts(sqlite)[-1] == "room again"


def test_a_server_that_is_not_there_is_said() -> None:
    database = Database("postgresql://nobody@/nothing?host=/nowhere")
    with pytest.raises(StoreUnavailable) as raised, database.write():
        pass
    assert raised.value.text is AWAY
    database.close()


def test_a_connection_that_broke_is_said_and_then_made_anew(
    postgres_url: str, open_database: Callable[..., Database]
) -> None:
    database = open_database(postgres_url, pool_size=1)
    other = open_database(postgres_url)
    with database.read() as work:
        process = work.connection.execute(text("SELECT pg_backend_pid()")).scalar()
    with other.write() as work:
        work.connection.execute(text("SELECT pg_terminate_backend(:process, 5000)"), {"process": process})
    with pytest.raises(StoreUnavailable) as raised, database.write() as work:
        _note(work, "lost")
    assert raised.value.text is AWAY
    with database.write() as work:
        _note(work, "anew")
    assert _acts(database) == ["anew"]


def test_a_mistake_of_our_own_is_no_passing_trouble(database: Database) -> None:
    with pytest.raises(Exception, match="nonsense") as raised, database.write() as work:
        work.connection.execute(text("SELECT nonsense"))
    assert not isinstance(raised.value, StoreUnavailable)


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://root@/db", "sqlite+nothing:///x", "postgresql+nothing:///x"])
def test_an_address_nobody_understands_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="TRADEWIND_DATABASE_URL"):
        Database(url)


def test_plain_postgres_addresses_are_understood() -> None:
    for url in ("postgres://u@h/d", "postgresql://u@h/d", "postgresql+psycopg://u@h/d"):
        assert Database(url).engine.dialect.driver == "psycopg"


def test_sqlite_is_safe_and_quick(sqlite: Database) -> None:
    with sqlite.read() as work:
        asked = {name: work.connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in _SETTINGS}
    assert asked == _SETTINGS


_SETTINGS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_history_keeps_facts_and_order(database: Database) -> None:
    with database.write() as work:
        changes = {"status": ("new", "lost"), "owner": (None, 7)}
        history.record(work, actor=SYSTEM, entity="thing", entity_id=1, act="lost", changes=changes, reason="价格")
        _note(work, "second")
        history.record(work, actor=SYSTEM, entity="thing", entity_id=2, act="other")
        now = work.now
    with database.read() as work:
        first, second = history.history_of(work, entity="thing", entity_id=1)
        assert work.session.query(HistoryEntry).count() == 3
    assert (first.at, first.platform, first.act, first.reason) == (now, "system", "lost", "价格")
    assert first.changes == {"status": ["new", "lost"], "owner": [None, 7]}
    assert (second.act, second.changes, second.reason) == ("second", {}, None)


def test_a_slow_writer_elsewhere_does_not_stop_a_reader(sqlite: Database) -> None:
    with sqlite.write() as work:
        _note(work, "not yet")
        started = time.monotonic()
        assert _acts(sqlite) == []
        assert time.monotonic() - started < 1
