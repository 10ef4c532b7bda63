"""A real server for the browser chat's tests: the whole application on a free port, in the test's own event loop."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from bot.app import Application
from bot.config import Settings
from crm.core.database import Database
from crm.core.history import COMMAND_LINE
from crm.migrations import migrate
from crm.people.people import Role, add_person

PATIENCE_S = 60
"""How long something that happens by itself may take; a test that waits so long has failed."""


def make_settings(home: Path, *, url: str = "", port: int = 0, host: str = "127.0.0.1", **more: Any) -> Settings:
    return Settings(
        _env_file=None,
        database_url=url or f"sqlite:///{home / 'tradewind.db'}",
        host=host,
        port=port,
        secret_key="for tests only: 32 bytes at least",
        webchat=True,
        spool_dir=home / "spool",
        **more,
    )


def make_people(settings: Settings) -> None:
    """The tables, and four people: 1 李伟 (zh_CN), 2 Anna Berg (en), 3 王芳 (zh_CN), 4 Chen Hao (en)."""
    database = Database(settings.database_url)
    migrate(database)
    with database.write() as work:
        for name, role, language, team in (
            ("李伟", Role.REP, "zh_CN", "华东组"),
            ("Anna Berg", Role.REP, "en", "Europe"),
            ("王芳", Role.SUPERVISOR, "zh_CN", "华东组"),
            ("Chen Hao", Role.GM, "en", None),
        ):
            add_person(
                work,
                actor=COMMAND_LINE,
                name=name,
                roles=[role],
                language=language,
                timezone="Asia/Shanghai",
                team=team,
            )
    database.close()


@dataclass(frozen=True, slots=True)
class Served:
    """A running application, its address, and a client that behaves as its own page does."""

    app: Application
    url: str
    client: httpx.AsyncClient
    serving: "asyncio.Task[None]"

    async def stop(self) -> None:
        """Stop as Ctrl-C does, and wait until it has."""
        self.serving.cancel()
        await asyncio.gather(self.serving, return_exceptions=True)

    async def open(self, person: int) -> str:
        answer = await self.client.post("/api/chats", json={"person": person})
        answer.raise_for_status()
        return answer.json()["chat"]

    async def post(self, chat: str, **packed: Any) -> httpx.Response:
        return await self.client.post(f"/api/chats/{chat}/messages", json=packed)

    async def lines(self, chat: str) -> list[dict[str, Any]]:
        answer = await self.client.get(f"/api/chats/{chat}/messages")
        answer.raise_for_status()
        return answer.json()["messages"]


@asynccontextmanager
async def serve(settings: Settings) -> AsyncIterator[Served]:
    """Run the application until the block is left; then stop it as Ctrl-C does."""
    app = Application(settings)
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(app.serve(ready=ready.set_result))
    await asyncio.wait({serving, ready}, return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        await serving
    url = ready.result()
    async with httpx.AsyncClient(base_url=url, headers={"Origin": url}, timeout=PATIENCE_S, trust_env=False) as client:
        served = Served(app, url, client, serving)
        try:
            yield served
        finally:
            await served.stop()


def port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port


class Listening:
    """One open stream of events, read as they come."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.aiter_lines()

    async def event(self) -> tuple[str, str, dict[str, Any]]:
        """The next event: its name, its id and its data. Comments and settings are passed over."""
        name = number = data = ""
        async with asyncio.timeout(PATIENCE_S):
            async for line in self._lines:
                if line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("id: "):
                    number = line[4:]
                elif line.startswith("data: "):
                    data = line[6:]
                elif not line and name:
                    return name, number, json.loads(data)
        raise EOFError

    async def message(self) -> dict[str, Any]:
        """The next line of a chat; signs of typing are passed over."""
        while True:
            name, _, data = await self.event()
            if name != "typing":
                assert name == "message", name
                return data

    async def ends(self) -> bool:
        """Whether the stream ends by itself."""
        async with asyncio.timeout(PATIENCE_S):
            async for _ in self._lines:
                pass
        return True


@asynccontextmanager
async def listen(served: Served, chats: str, **headers: str) -> AsyncIterator[Listening]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with served.client.stream("GET", "/api/events", params={"chats": chats}, headers=named) as response:
        assert response.status_code == 200
        yield Listening(response)
