"""One process of Tradewind with Telegram alone, and what may happen around it."""

import asyncio
import socket
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass

import uvicorn
from sqlalchemy import text
from starlette.applications import Starlette

from bot.config import Settings
from bot.delivery import Delivery
from bot.platforms.telegram.pace import Pace
from bot.platforms.telegram.platform import TelegramPlatform
from bot.reception import Reception
from crm.core.database import Database
from tests.counterparts.patience import PATIENCE

QUICK = Pace(
    first_pause=0.02,
    longest_pause=0.2,
    poll=5,
    standby=0.05,
    check=0.2,
    sweep=0.05,
    between_menus=0.0,
    typing_after=0.2,
)
PUBLIC = "https://tradewind.example"


@dataclass
class Office:
    """`running` is the platform's `run`; `url`: where its webhook is, on loopback."""

    database: Database
    platform: TelegramPlatform
    delivery: Delivery
    reception: Reception
    running: asyncio.Task[None]
    settings: Settings
    url: str = ""

    async def is_state(self, state: str) -> None:
        await until(lambda: self.platform.state == state)

    async def stop(self) -> None:
        """Ends receiving, as at a shutdown; nothing is closed yet."""
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)

    def traces(self) -> list[tuple[int, str]]:
        """What every message was an answer to, with its chat, in the order of writing."""
        with self.database.read() as work:
            rows = work.connection.execute(text("SELECT chat_id, trace FROM outbox ORDER BY id"))
            return [(row.chat_id, row.trace) for row in rows]


Open = Callable[..., AbstractAsyncContextManager[Office]]


@asynccontextmanager
async def served(asgi: Starlette) -> AsyncIterator[str]:
    """The app on a free port of loopback; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(asgi, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server._serve([listening]))
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


@contextmanager
def locked(database: Database) -> Iterator[None]:
    """Another program writes, and does not stop."""
    path = str(database.engine.url.database)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def until(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Returns when the condition holds; fails after `seconds`."""
    await asyncio.to_thread(_wait, condition, seconds)


def _wait(condition: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds} s in vain"
        time.sleep(0.005)
