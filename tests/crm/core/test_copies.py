"""Copies of cards that several transactions touch at once: they wait, and never for each other."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import select

from crm.core import copies
from crm.core.copies import CardCopy
from crm.core.database import Database
from crm.core.outbox import enter_chat
from crm.core.work import UnitOfWork
from tests.crm.sales.selling import at_once

COPIES = CardCopy.table()


@pytest.fixture
def postgres(postgres_url: str, open_database: Callable[..., Database]) -> Database:
    return open_database(postgres_url)


def _add(database: Database, subjects: list[int]) -> None:
    with database.write() as work:
        chat = enter_chat(work, platform="test", external_id="one", is_private=True, token="t").id
        for subject in subjects:
            copies.add_copy(work, card="lead", subject_id=subject, chat_id=chat, person_id=None)


def _wanted(database: Database) -> dict[int, int]:
    with database.read() as work:
        return {row.subject_id: row.wanted for row in work.connection.execute(select(COPIES))}


def _touch(work: UnitOfWork, subject: int) -> None:
    copies.touch_card(work, card="lead", subject_id=subject)


def test_two_that_touch_in_opposite_order_do_not_lock_each_other_out(postgres: Database) -> None:
    _add(postgres, [1, 2])
    both_have_one = Barrier(2, timeout=20)

    def touch(first: int, second: int) -> None:
        with postgres.write() as work:
            _touch(work, first)
            both_have_one.wait()
            _touch(work, second)

    for _ in range(5):
        assert at_once([lambda: touch(1, 2), lambda: touch(2, 1)]) == [None, None]
    assert _wanted(postgres) == {1: 11, 2: 11}


def test_who_waits_for_a_copy_holds_none_that_comes_after_it(
    postgres: Database, wait_for_lock: Callable[[], None]
) -> None:
    _add(postgres, [*range(1, 41)])
    locked = select(COPIES.c.id).order_by(COPIES.c.id)

    def touch_all() -> None:
        with postgres.write() as work:
            for subject in range(40, 0, -1):
                _touch(work, subject)

    waiting = Thread(target=touch_all)
    with postgres.write() as holder:
        holder.connection.execute(locked.where(COPIES.c.subject_id == 1).with_for_update()).all()
        waiting.start()
        wait_for_lock()
        with postgres.read() as other:
            free = locked.where(COPIES.c.subject_id > 1).with_for_update(nowait=True)
            assert len(other.connection.execute(free).all()) == 39
    waiting.join(20)
    assert set(_wanted(postgres).values()) == {2}


@pytest.mark.parametrize("order", [("first", "second"), ("second", "first")])
def test_what_is_collected_is_written_in_one_order(database: Database, order: tuple[str, str]) -> None:
    written: list[str] = []

    def a_first(work: UnitOfWork, items: list[Any]) -> None:
        written.extend(items)

    def b_second(work: UnitOfWork, items: list[Any]) -> None:
        written.extend(items)

    writers = {"first": a_first, "second": b_second}
    with database.write() as work:
        for name in order:
            work.collect(writers[name], name)
    assert written == ["first", "second"]
