"""Files on their way in: fetched in their turn, within limits, for people we know, and not for ever."""

import asyncio
import os
import time
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from bot import incoming
from bot.config import Settings
from bot.inbound import FILE, TEXT, Inbound
from bot.platforms.telegram.webhook import HEADER, Address
from crm.core.database import Database
from crm.core.files import Attachment, StoredFile
from tests.bot.platforms.telegram.acting import link_by_code
from tests.bot.platforms.telegram.office import Open, locked, until
from tests.conftest import MakePerson
from tests.counterparts.telegram import TelegramCounterpart


def contents(database: Database) -> dict[str, bytes]:
    """What was kept, by name."""
    query = select(Attachment.name, StoredFile.content).join(StoredFile, StoredFile.id == Attachment.file_id)
    with database.read() as work:
        return {row.name: row.content for row in work.connection.execute(query.order_by(Attachment.id))}


def is_taken(inbound: Inbound) -> bool:
    """Whether the door's own copy is gone."""
    return not Path(inbound.values["path"]).exists()


async def test_a_document_is_fetched(
    telegram: TelegramCounterpart, office: Open, database: Database, make_person: MakePerson, seen: list[Inbound]
) -> None:
    li = telegram.user(5, language_code="en")
    big = bytes(range(256)) * 1024
    async with office() as here:
        await link_by_code(database, li, make_person("Li"))
        li.send_file("..\\..\\合同 a.pdf", big, mime="application/pdf", caption="for Ernst")
        await until(lambda: len(seen) == 2)
        inbound = seen[1]
    assert (inbound.kind, inbound.text) == (FILE, "for Ernst")
    described = {name: value for name, value in inbound.values.items() if name != "path"}
    assert described == {"name": "合同 a.pdf", "mime": "application/pdf", "size": len(big)}
    assert contents(database) == {"合同 a.pdf": big}
    assert is_taken(inbound)
    assert Path(inbound.values["path"]).parent == here.settings.spool_dir / "incoming"


async def test_a_photo_and_an_album(
    telegram: TelegramCounterpart, office: Open, database: Database, make_person: MakePerson, seen: list[Inbound]
) -> None:
    li = telegram.user(5, language_code="en")
    async with office():
        await link_by_code(database, li, make_person("Li"))
        li.send_photo(b"\xff\xd8\xff picture")
        for name in ("a.csv", "b.csv"):
            li.send_file(name, name.encode(), album="1")
        await until(lambda: len(seen) == 4)
    assert [one.values["name"] for one in seen[1:]] == ["photo.jpg", "a.csv", "b.csv"]
    assert contents(database) == {"photo.jpg": b"\xff\xd8\xff picture", "a.csv": b"a.csv", "b.csv": b"b.csv"}
    assert all(map(is_taken, seen[1:]))


async def test_a_file_that_is_too_large(
    telegram: TelegramCounterpart,
    office: Open,
    database: Database,
    make_person: MakePerson,
    seen: list[Inbound],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    li = telegram.user(5, language_code="en")
    async with office() as here:
        await link_by_code(database, li, make_person("Li"))
        li.send_file("told.pdf", b"x" * (20 * 1024 * 1024 + 1))
        await until(lambda: len(seen) == 2)
        telegram.fail_next("getFile", status=400, description="Bad Request: file is too big")
        li.send_file("refused.pdf", b"x")
        await until(lambda: len(seen) == 3)
        monkeypatch.setattr(incoming, "MOST_BYTES", 1000)
        li.send_file("untold.pdf", b"x" * 1001)  # more comes than was said
        await until(lambda: len(seen) == 4)
        assert [one.values.get("problem") for one in seen[1:]] == ["too_large"] * 3
        assert list((here.settings.spool_dir / "incoming").glob("*")) == []
    assert len(telegram.calls("getFile")) == 2


async def test_trouble_with_a_file_is_waited_out_or_said(
    telegram: TelegramCounterpart, office: Open, database: Database, make_person: MakePerson, seen: list[Inbound]
) -> None:
    li = telegram.user(5, language_code="en")
    async with office():
        await link_by_code(database, li, make_person("Li"))
        telegram.fail_next("getFile", status=500)
        telegram.drop_connection("getFile")
        li.send_file("a.pdf", b"a")
        await until(lambda: len(seen) == 2)
        telegram.fail_next("getFile", status=502, times=3)
        li.send_file("b.pdf", b"b")
        await until(lambda: len(seen) == 3)
        telegram._world.files.popitem()
        li.send_file("c.pdf", b"c")
    assert contents(database) == {"a.pdf": b"a"}
    assert seen[2].values["problem"] == "unavailable"
    assert "path" not in seen[2].values


async def test_strangers_fill_no_disk(telegram: TelegramCounterpart, office: Open, seen: list[Inbound]) -> None:
    li = telegram.user(5, language_code="en")
    async with office():
        li.send_file("a.pdf", b"a" * 1000)
        await asyncio.to_thread(li.wait_for, "not linked yet")
    assert telegram.calls("getFile") == []
    assert "path" not in seen[0].values


class TestWithLittlePatience:
    @pytest.fixture
    def busy_timeout(self) -> float:
        return 0.3

    async def test_a_file_is_fetched_once_however_often_it_is_tried(
        self,
        telegram: TelegramCounterpart,
        office: Open,
        database: Database,
        make_person: MakePerson,
        seen: list[Inbound],
    ) -> None:
        li = telegram.user(5, language_code="en")
        async with office() as here:
            await link_by_code(database, li, make_person("Li"))
            await here.delivery.settle()
            with locked(database):
                li.send_file("a.pdf", b"a")
                await until(lambda: len(seen) >= 3)
            paths = {one.values["path"] for one in seen[1:]}
            assert len(paths) == 1
        assert len(telegram.calls("getFile")) == 1


async def test_what_comes_after_a_file_waits_for_it(
    telegram: TelegramCounterpart, office: Open, database: Database, make_person: MakePerson, seen: list[Inbound]
) -> None:
    """In webhook mode too, where each update is a call of its own, and Telegram waits for none."""
    li = telegram.user(5, language_code="en")
    async with office(mode="webhook") as here, httpx.AsyncClient(trust_env=False, timeout=10) as client:
        await here.is_state("up")
        await link_by_code(database, li, make_person("Li"))
        telegram.calls_reach("")  # from now on the calls are made here
        where = Address(here.settings)

        async def bring(update: int) -> int:
            raw = telegram._world.updates.every[update]
            answer = await client.post(here.url + where.path, json=raw, headers={HEADER: where.secret})
            return answer.status_code

        with telegram.hold("getFile") as held:
            first = asyncio.create_task(bring(li.send_file("a.pdf", b"a")))
            await asyncio.to_thread(held.wait_reached)
            second = asyncio.create_task(bring(li.say("after it")))
            await until(lambda: here.platform._endpoint is not None and len(here.platform._endpoint._under_way) == 2)
            assert len(seen) == 1
        assert [await first, await second] == [200, 200]
    assert [one.kind for one in seen[1:]] == [FILE, TEXT]


def test_leftovers_are_deleted_after_a_day(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, spool_dir=tmp_path)
    folder = incoming.incoming_folder(settings)
    folder.mkdir()
    for name, age in (("old", 25), ("new", 23)):
        (folder / name).write_bytes(b"x")
        os.utime(folder / name, (time.time() - age * 3600,) * 2)
    incoming.forget_incoming(settings)
    assert [path.name for path in folder.iterdir()] == ["new"]
