"""`/health` and `/metrics` of a running application, and who may see them."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event, text

import bot.app
from bot.app import Application
from bot.config import Settings
from bot.gateway import Away, Refused
from bot.inbound import PRESS, TEXT, Inbound
from bot.reception import Reception
from bot.standing import AWAY, REFUSED, STANDBY, UP, Standing
from crm.core import outbox
from crm.core.database import Database, utc_now
from crm.people.identities import tie
from tests.bot.front_desk import MemoryDoor, Room
from tests.conftest import Clock, MakePerson

FAR = ("203.0.113.7", 4711)


class Door(MemoryDoor):
    """A platform that says what it is told to say, and hands its reception out."""

    def __init__(self, name: str) -> None:
        super().__init__(Room(), name)
        self.standing = Standing(UP, f"up as {name}")
        self.reception: Reception
        self.faults: list[Exception] = []
        self.runs = 0

    def describe(self) -> Standing:
        return self.standing

    async def run(self, reception: Reception) -> None:
        self.runs += 1
        self.reception = reception
        if self.faults:
            raise self.faults.pop(0)
        await asyncio.Event().wait()


class Running:
    """An application that serves, and a client at its address."""

    def __init__(self, application: Application, doors: list[Door], lines: list[str]) -> None:
        self.application = application
        self.doors = doors
        self.lines = lines
        self.client: AsyncClient

    async def health(self) -> tuple[int, dict[str, Any]]:
        answer = await self.client.get("/health")
        return answer.status_code, answer.json()

    async def metric(self, name: str, **labels: str) -> float | None:
        """The value of the one sample with this name and these labels."""
        drawn = (await self.client.get("/metrics")).text
        samples = [one for family in text_string_to_metric_families(drawn) for one in family.samples]
        found = [one.value for one in samples if one.name == name and labels.items() <= one.labels.items()]
        assert len(found) <= 1, found
        return found[0] if found else None

    def far(self, **headers: str) -> AsyncClient:
        """A client that is not on this machine."""
        transport = ASGITransport(self.application.asgi, client=FAR)
        return AsyncClient(transport=transport, base_url="http://tradewind", headers=headers)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110 - a condition on the application, which rings no bell
                await asyncio.sleep(0.01)


Open = Callable[..., Any]


@pytest.fixture
def running(database_url: str, tmp_path: Path) -> Open:
    """Opens applications on the test's database."""

    @asynccontextmanager
    async def opened(*names: str, url: str = database_url, clock: Any = utc_now, **more: Any) -> AsyncIterator[Running]:
        settings = Settings(
            _env_file=None,
            database_url=url,
            port=0,
            secret_key="k" * 40,
            language="en",
            spool_dir=tmp_path / "s",
            **more,
        )
        doors = [Door(name) for name in names or ("test",)]
        application = Application(settings, clock=clock, platforms=[*doors])
        here = Running(application, doors, [])
        address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(application.serve(ready=address.set_result, say=here.lines.append))
        try:
            async with AsyncClient(base_url=await asyncio.wait_for(address, 10)) as here.client:
                await here.until(lambda: all(door.runs for door in doors))
                yield here
        finally:
            serving.cancel()
            with suppress(asyncio.CancelledError):
                await serving

    return opened


def _says(door: Door, words: str, number: int) -> Inbound:
    return Inbound(platform=door.name, delivery_id=str(number), account_id="Li", chat_id="Li", kind=TEXT, text=words)


def _put(database: Database, *, platform: str = "test", chat: str = "far", **more: Any) -> int:
    """A message that waits, to a chat that a dead process seems to be sending to."""
    with database.write() as work:
        entered = outbox.enter_chat(work, platform=platform, external_id=chat, is_private=True, token="somebody")
        return outbox.put(work, chat_id=entered.id, person_id=None, payload={}, **more)


# — health —


async def test_all_is_well(running: Open, database: Database, clock: Clock) -> None:
    _put(database, lane=outbox.Lane.NOTICE)
    given_up = _put(database)
    with database.write() as work:
        outbox.mark_dead(work, row_id=given_up, error="no")
    _put(database, not_before=clock.now.replace(hour=23))
    clock.move(seconds=20)
    async with running("one", "two", clock=clock) as here:
        status, told = await here.health()
        assert (status, told["status"]) == (200, "ok")
        assert told["platforms"]["one"] == {
            "state": "up",
            "since": "2026-03-02T01:30:20+00:00",
            "detail": "up as one",
        }
        assert told["database"] == {"reachable": True}
        assert (told["queue"]["waiting"], told["queue"]["given_up"]) == (2, 1)
        assert told["queue"]["oldest_due_seconds"] == 20.0
        assert told["queue"]["lanes"]["test:notice"] == {"waiting": 1, "oldest_due_seconds": 20.0}
        assert told["queue"]["lanes"]["test:reply"] == {"waiting": 1, "oldest_due_seconds": 0.0}
        await here.until(lambda: here.application.health._last_tick is not None)
        assert (await here.health())[1]["scheduler"] == {"last_tick": "2026-03-02T01:30:20+00:00"}
        clock.move(seconds=31)
        here.application.ticker.stop()
        assert (await here.health())[1]["status"] == "degraded"


async def test_platforms_that_are_not_up(running: Open, clock: Clock) -> None:
    """One of two: the rest works. Both: nobody can be served. Standing by is no trouble."""
    async with running("one", "two", clock=clock) as here:
        one, two = here.doors
        await here.health()
        clock.move(minutes=5)
        one.standing = Standing(AWAY, "cannot be reached (timed out), trying again")
        status, told = await here.health()
        assert (status, told["status"], told["platforms"]["one"]["state"]) == (200, "degraded", "away")
        assert told["platforms"]["one"]["since"] == "2026-03-02T01:35:00+00:00"
        assert told["platforms"]["two"]["since"] == "2026-03-02T01:30:00+00:00"
        two.standing = Standing(REFUSED, "the token is refused")
        assert [(await here.health())[0], (await here.health())[1]["status"]] == [503, "down"]
        two.standing = Standing(STANDBY, "stands by")
        assert (await here.health())[0] == 200


async def test_a_database_that_is_away(running: Open, sqlite_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copyfile(sqlite_url.removeprefix("sqlite:///"), folder / "tradewind.db")
    async with running(url=f"sqlite:///{folder}/tradewind.db") as here:
        assert (await here.health())[0] == 200
        here.application.ticker.stop()
        here.application.database.close()
        folder.rename(tmp_path / "gone")
        status, told = await here.health()
        assert (status, told["status"], told["queue"]) == (503, "down", None)
        assert told["database"] == {"reachable": False}
        assert await here.metric("tradewind_database_up") == 0
        assert await here.metric("tradewind_platform_up", platform="test") == 1
        async with here.far() as client:
            assert (await client.get("/health")).text == "down"
        (tmp_path / "gone").rename(folder)
        assert (await here.health())[0] == 200


async def test_looking_writes_nothing(running: Open) -> None:
    async with running() as here:
        here.application.ticker.stop()
        said: list[str] = []
        engine = here.application.database.engine
        event.listen(engine, "before_cursor_execute", lambda *given: said.append(given[2]))
        await here.health()
        await here.client.get("/metrics")
        assert said
        assert {statement.split()[0] for statement in said} <= {"SELECT", "BEGIN"}


async def test_a_platform_that_ends_by_a_fault_is_started_again(running: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.app, "_CRASH_PAUSES_S", (0.5, 0.5))
    monkeypatch.setattr(Door, "__init__", _with_a_fault(Door.__init__))
    async with running() as here:
        await here.until(lambda: any("stopped by a fault of ours" in line for line in here.lines))
        assert (await here.health())[0] == 503
        await here.until(lambda: here.doors[0].runs == 2)
        await here.until(lambda: here.lines[-1] == "test: up as test")
        assert (await here.health())[0] == 200
        assert [line.partition(" (")[0] for line in here.lines][-2:] == [
            "test: stopped by a fault of ours, starting again",
            "test: up as test",
        ]


def _with_a_fault(real: Callable[..., None]) -> Callable[..., None]:
    def made(self: Door, name: str) -> None:
        real(self, name)
        self.faults = [RuntimeError("a fault")]

    return made


# — who may see it —


async def test_strangers_hear_only_whether_it_works(running: Open) -> None:
    async with running() as here:
        async with here.far() as client:
            answer = await client.get("/health")
            assert (answer.status_code, answer.text) == (200, "ok")
            assert (await client.get("/metrics")).status_code == 403
        for header in ("X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "Via", "X-Real-IP"):  # by a proxy here
            passed_on = await here.client.get("/metrics", headers={header: "127.0.0.1"})
            assert (passed_on.status_code, "tradewind" in passed_on.text) == (403, False)
            assert (await here.client.get("/health", headers={header: "127.0.0.1"})).text == "ok"
        assert (await here.client.get("/metrics")).status_code == 200


OPEN = (
    {"public_url": "https://crm.example.com"},
    {"telegram_mode": "webhook", "telegram_token": "7300000001:x", "public_url": "http://127.0.0.1:8080"},
    {"slack_mode": "http", "slack_bot_token": "xoxb-1"},
)


@pytest.mark.parametrize("settings", OPEN)
async def test_where_the_server_is_called_from_outside_only_the_token_opens(
    running: Open, settings: dict[str, str]
) -> None:
    """A proxy on this machine need not say that it is one."""
    async with running(**settings) as here:
        refused = await here.client.get("/metrics")
        assert (refused.status_code, "tradewind_" in refused.text) == (403, False)
        assert "TRADEWIND_METRICS_TOKEN" in refused.text
        answer = await here.client.get("/health")
        assert (answer.status_code, answer.text) == (200, "ok")
    async with running(**settings, metrics_token="a long token") as here:
        assert (await here.client.get("/metrics")).status_code == 401
        shown = {"Authorization": "Bearer a long token"}
        assert "tradewind_platform_up" in (await here.client.get("/metrics", headers=shown)).text
        assert (await here.client.get("/health", headers=shown)).json()["status"] == "ok"


async def test_a_public_url_on_this_machine_opens_nothing(running: Open) -> None:
    async with running(public_url="http://localhost:8080") as here:
        assert (await here.client.get("/metrics")).status_code == 200


async def test_with_a_token_whoever_shows_it(running: Open) -> None:
    async with running(metrics_token="a long token") as here:
        for shown in ({}, {"Authorization": "Bearer another"}, {"Authorization": "a long token"}):
            async with here.far(**shown) as client:
                refused = await client.get("/metrics")
                assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
                assert (await client.get("/health")).text == "ok"
        assert (await here.client.get("/metrics")).status_code == 401
        async with here.far(Authorization="Bearer a long token") as client:
            assert "tradewind_platform_up" in (await client.get("/metrics")).text
            assert (await client.get("/health")).json()["status"] == "ok"


# — metrics —


async def test_what_comes_in_and_goes_out_is_counted(
    running: Open, database: Database, make_person: MakePerson
) -> None:
    li = make_person("Li")
    with database.write() as work:
        tie(work, platform="test", account_id="Li", person_id=li.id, chat_id=None)
    async with running() as here:
        (door,) = here.doors
        for number in (1, 2, 2):
            assert (await door.reception.receive(_says(door, "help", number))).status in {"handled", "again"}
        await here.until(lambda: outbox_states(database) == ["sent", "sent"])
        door.room.failures = [Away("gone"), Refused("never")]
        await door.reception.receive(_says(door, "help", 3))
        await here.until(lambda: door.room.failures == [])
        counted = {"platform": "test", "kind": "text"}
        assert await here.metric("tradewind_deliveries_total", outcome="handled", **counted) == 3
        assert await here.metric("tradewind_deliveries_total", outcome="again", **counted) == 1
        assert await here.metric("tradewind_handling_seconds_count", **counted) == 4
        assert await here.metric("tradewind_handling_seconds_bucket", le="+Inf", **counted) == 4
        sent = {"platform": "test", "act": "send"}
        assert await here.metric("tradewind_messages_total", result="sent", **sent) == 2
        assert await here.metric("tradewind_messages_total", result="away", **sent) == 1
        await here.until(lambda: outbox_states(database) == ["dead", "sent", "sent"])
        assert await here.metric("tradewind_messages_total", result="refused", **sent) == 1
        assert await here.metric("tradewind_sending_seconds_count", **sent) == 4
        dead = {"platform": "test", "lane": "reply", "status": "dead"}
        assert await here.metric("tradewind_outbox_messages", **dead) == 1
        async with running("other") as second:  # each has a registry of its own
            assert await second.metric("tradewind_deliveries_total", outcome="handled", **counted) is None


def outbox_states(database: Database) -> list[str]:
    with database.read() as work:
        return sorted(work.connection.execute(text("SELECT status FROM outbox")).scalars())


async def test_what_could_not_be_done_is_counted(
    running: Open, database: Database, make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A handler that fails, and a database that cannot be had."""
    li = make_person("Li")
    with database.write() as work:
        tie(work, platform="test", account_id="Li", person_id=li.id, chat_id=None)

    def broken(*given: Any) -> Any:
        raise RuntimeError("a fault")

    async with running() as here:
        (door,) = here.doors
        with monkeypatch.context() as broken_here:
            broken_here.setattr("bot.routing._typed", broken)
            await door.reception.receive(_says(door, "help", 1))
        counted = {"platform": "test", "kind": "text"}
        assert await here.metric("tradewind_deliveries_total", outcome="incident", **counted) == 1
        assert await here.metric("tradewind_deliveries_total", outcome="handled", **counted) is None
        forged = Inbound(platform="test", delivery_id="9", account_id="Li", chat_id="Li", kind=PRESS, button="forged")
        await door.reception.receive(forged)
        assert await here.metric("tradewind_deliveries_total", outcome="handled", platform="test", kind="press") == 1


async def test_what_is_kept_on_disk_is_counted(running: Open, sqlite_url: str, make_person: MakePerson) -> None:
    async with running(url=sqlite_url) as here:
        (door,) = here.doors
        here.application.ticker.stop()
        with here.application.database.write() as work:
            work.connection.execute(text("SELECT 1"))
            receipt = await door.reception.receive(_says(door, "help", 1), patience=0.05)
            assert receipt.status == "kept"
            assert await here.metric("tradewind_spool_deliveries") == 1
            assert await here.metric("tradewind_deliveries_total", outcome="kept", platform="test") == 1
        await here.until(lambda: door.room.calls != [])
        await here.until(lambda: here.application.health._spooled() == 0)
        assert await here.metric("tradewind_deliveries_total", outcome="handled", platform="test") == 1
        assert await here.metric("tradewind_spool_deliveries") == 0
