"""A desk for each test, on both databases, and people who sit in front of it."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from crm.core.database import Database
from tests.bot.front_desk import Desk, Room
from tests.conftest import MakePerson


@pytest.fixture
async def open_desk(tmp_path: Path) -> AsyncIterator[Callable[..., Desk]]:
    """Opens desks, all in one room unless told otherwise."""
    opened: list[Desk] = []
    room = Room()

    def open_one(database: Database, worker: str = "one", spool: str = "spool") -> Desk:
        opened.append(Desk(database, room, tmp_path / spool, worker))
        return opened[-1]

    yield open_one
    for desk in opened:
        await desk.close()


@pytest.fixture
async def desk(database: Database, open_desk: Callable[..., Desk]) -> Desk:
    return open_desk(database)


@pytest.fixture
def li(desk: Desk, make_person: MakePerson) -> str:
    """The account of a rep who reads English."""
    return desk.link(make_person("Li"))
