"""A delivery's id counts once; a named lease has one holder."""

import threading
from collections.abc import Callable
from datetime import timedelta

from crm.core import inbox, leases
from crm.core.database import Database
from tests.conftest import Clock


def _take(database: Database, delivery: str, platform: str = "test") -> bool:
    with database.write() as work:
        return inbox.take(work, platform=platform, delivery_id=delivery)


def test_a_delivery_is_taken_once(database: Database) -> None:
    assert _take(database, "1")
    assert not _take(database, "1")
    assert _take(database, "2")
    assert _take(database, "1", platform="other")


def test_what_was_rolled_back_was_not_taken(database: Database) -> None:
    try:
        with database.write() as work:
            assert inbox.take(work, platform="test", delivery_id="1")
            raise LookupError
    except LookupError:
        pass
    assert _take(database, "1")


def test_two_at_once_take_it_once(
    database: Database, database_url: str, open_database: Callable[..., Database]
) -> None:
    other = open_database(database_url)
    taken: list[bool] = []
    with database.write() as work:
        assert inbox.take(work, platform="test", delivery_id="1")
        thread = threading.Thread(target=lambda: taken.append(_take(other, "1")))
        thread.start()
    thread.join(10)
    assert taken == [False]


def test_the_first_answer_is_kept(database: Database) -> None:
    _take(database, "1")
    _take(database, "2")
    with database.write() as work:
        inbox.keep_outcome(work, platform="test", delivery_id="1", outcome={"toast": "已保存"})
    with database.read() as work:
        assert inbox.outcome_of(work, platform="test", delivery_id="1") == {"toast": "已保存"}
        assert inbox.outcome_of(work, platform="test", delivery_id="2") is None
        assert inbox.outcome_of(work, platform="test", delivery_id="3") is None


def test_the_old_is_forgotten(database: Database, clock: Clock) -> None:
    _take(database, "old")
    clock.move(days=7)
    _take(database, "new")
    clock.move(seconds=1)
    with database.write() as work:
        assert inbox.forget(work, older_than=timedelta(days=7)) == 1
    assert _take(database, "old")
    assert not _take(database, "new")


def _hold(database: Database, holder: str, seconds: float = 20) -> bool:
    with database.write() as work:
        return leases.hold(work, name="poll", holder=holder, seconds=seconds)


def test_one_holds_a_lease_and_renews_it(database: Database, clock: Clock) -> None:
    assert _hold(database, "a")
    assert not _hold(database, "b")
    clock.move(seconds=15)
    assert _hold(database, "a")
    clock.move(seconds=15)
    assert not _hold(database, "b")
    clock.move(seconds=6)
    assert _hold(database, "b")
    assert not _hold(database, "a")


def test_a_lease_given_back_is_free_at_once(database: Database) -> None:
    assert _hold(database, "a")
    with database.write() as work:
        leases.let_go(work, name="poll", holder="b")
    assert not _hold(database, "b")
    with database.write() as work:
        leases.let_go(work, name="poll", holder="a")
    assert _hold(database, "b")


def test_leases_of_other_names_are_other_leases(database: Database) -> None:
    assert _hold(database, "a")
    with database.write() as work:
        assert leases.hold(work, name="other", holder="b", seconds=5)


def test_of_many_at_once_one_gets_it(
    database: Database, database_url: str, open_database: Callable[..., Database]
) -> None:
    other = open_database(database_url)
    held: list[bool] = []
    threads = [
        threading.Thread(target=lambda i=i: held.append(_hold((database, other)[i % 2], f"holder {i}")))
        for i in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(held) == [False] * 7 + [True]
