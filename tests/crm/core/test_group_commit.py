"""Transactions that wait for the writer together share a commit, and none of them is told before it is made."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from crm.core import history
from crm.core.database import Database, sqlite_file
from crm.core.errors import StoreUnavailable
from crm.core.history import SYSTEM
from crm.core.work import UnitOfWork
from crm.people.people import Team

PATIENCE = 10.0


class Crowd:
    """Threads that write one after another, the second and later ones waiting while the first holds the writer."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.commits = 0
        self.outcomes: dict[str, BaseException | None] = {}
        event.listen(database.engine, "commit", self._count)

    def write(self, *acts: Callable[[UnitOfWork], None]) -> None:
        """Carry the acts out, named by their place; returns when all are done."""
        held, queued = threading.Event(), threading.Event()

        def first(work: UnitOfWork) -> None:
            held.set()
            assert queued.wait(PATIENCE)
            acts[0](work)

        threads = [threading.Thread(target=self._run, args=("0", first))]
        threads[0].start()
        assert held.wait(PATIENCE)
        for number, act in enumerate(acts[1:], 1):
            threads.append(threading.Thread(target=self._run, args=(str(number), act)))
            threads[-1].start()
        self._wait_until_waiting(len(acts) - 1)
        queued.set()
        for thread in threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()

    def _wait_until_waiting(self, number: int) -> None:
        writer = self.database._writer
        assert writer is not None
        until = threading.Event()
        for _ in range(1000):
            if writer._waiting == number:
                return
            until.wait(0.005)
        raise AssertionError("they do not wait")

    def _run(self, name: str, act: Callable[[UnitOfWork], None]) -> None:
        try:
            with self.database.write() as work:
                act(work)
            self.outcomes[name] = None
        except (LookupError, StoreUnavailable) as error:
            self.outcomes[name] = error

    def _count(self, connection: object) -> None:
        self.commits += 1


@pytest.fixture
def crowd(sqlite: Database) -> Crowd:
    with sqlite.write() as work:
        _note(work, "before")
    return Crowd(sqlite)


def _note(work: UnitOfWork, act: str) -> None:
    history.record(work, actor=SYSTEM, entity="thing", entity_id=1, act=act)


def _writes(act: str) -> Callable[[UnitOfWork], None]:
    return lambda work: _note(work, act)


def _acts(database: Database) -> list[str]:
    with database.read() as work:
        return [entry.act for entry in history.history_of(work, entity="thing", entity_id=1)]


def test_who_waits_together_is_committed_together(crowd: Crowd) -> None:
    crowd.write(*(_writes(f"a{number}") for number in range(6)))
    assert sorted(_acts(crowd.database)) == sorted(["before", *(f"a{number}" for number in range(6))])
    assert set(crowd.outcomes.values()) == {None}
    assert crowd.commits < 6


def test_who_fails_is_undone_alone(crowd: Crowd) -> None:
    def fail(work: UnitOfWork) -> None:
        _note(work, "never")
        work.session.add(Team(name="North", created_at=work.now))
        work.session.flush()
        raise LookupError

    crowd.write(_writes("a"), fail, _writes("b"), fail)
    assert sorted(_acts(crowd.database)) == ["a", "b", "before"]
    assert sorted(str(type(outcome).__name__) for outcome in crowd.outcomes.values()) == [
        "LookupError",
        "LookupError",
        "NoneType",
        "NoneType",
    ]
    with crowd.database.read() as work:
        assert work.connection.execute(text("SELECT count(*) FROM teams")).scalar() == 0


def test_the_first_may_fail_too(crowd: Crowd) -> None:
    def fail(work: UnitOfWork) -> None:
        _note(work, "never")
        raise LookupError

    crowd.write(fail, _writes("a"), _writes("b"))
    assert sorted(_acts(crowd.database)) == ["a", "b", "before"]


def test_what_the_session_holds_is_written_in_every_place_of_a_group(crowd: Crowd) -> None:
    def team(name: str) -> Callable[[UnitOfWork], None]:
        return lambda work: work.session.add(Team(name=name, created_at=work.now))

    crowd.write(team("North"), team("South"), team("East"))
    with crowd.database.read() as work:
        found = work.connection.execute(text("SELECT name FROM teams ORDER BY name")).scalars().all()
    assert found == ["East", "North", "South"]


def test_nobody_is_told_before_the_commit(crowd: Crowd) -> None:
    """The commit fails: everybody in the group hears it, and nothing of theirs is there."""

    told: list[str] = []

    def and_tell(act: str) -> Callable[[UnitOfWork], None]:
        def write(work: UnitOfWork) -> None:
            _note(work, act)
            told.append(act)

        return write

    with closing(sqlite3.connect(sqlite_file(crowd.database.url) or "", isolation_level=None)) as other:
        event.listen(crowd.database.engine, "commit", _Failing(times=1))
        crowd.write(and_tell("a"), and_tell("b"), and_tell("c"))
        kept = {row[0] for row in other.execute("SELECT act FROM history")}
    assert sorted(told) == ["a", "b", "c"]
    succeeded = {name for name, outcome in crowd.outcomes.items() if outcome is None}
    failed = {name for name, outcome in crowd.outcomes.items() if isinstance(outcome, StoreUnavailable)}
    assert failed
    assert len(kept) == 1 + len(succeeded)
    assert len(succeeded) + len(failed) == 3
    with crowd.database.write() as work:
        _note(work, "afterwards")
    assert "afterwards" in _acts(crowd.database)


class _Failing:
    """The disk, at the next commits."""

    def __init__(self, *, times: int) -> None:
        self._times = times

    def __call__(self, connection: object) -> None:
        if self._times:
            self._times -= 1
            broken = sqlite3.OperationalError("disk I/O error")
            broken.sqlite_errorcode = sqlite3.SQLITE_IOERR
            raise OperationalError("COMMIT", None, broken)


def test_who_gives_up_waiting_leaves_nobody_hanging(sqlite_url: str, open_database: Callable[..., Database]) -> None:
    """The group stays open for one who waits for the writer; that one runs out of patience at the same moment."""
    database = open_database(sqlite_url)
    writer = database._writer
    assert writer is not None
    writer._waiting += 1  # somebody who is counted, and never comes
    done = threading.Event()

    def write() -> None:
        with database.write() as work:
            _note(work, "a")
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    assert done.wait(PATIENCE)
    writer._waiting -= 1
    assert _acts(database) == ["a"]
