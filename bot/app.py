"""Put together: the database, the one way in, the one way out, the platforms, the ticks, the one ASGI app."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from bot.cards.keys import Keys
from bot.config import Settings
from bot.conversations.sessions import expire_sessions
from bot.delivery import Delivery
from bot.dispatcher import Dispatcher
from bot.gateway import Door
from bot.handlers import menu
from bot.reception import Reception
from bot.spool import Spool
from crm.core import inbox
from crm.core.database import Clock, Database, utc_now
from crm.core.errors import SettingsError
from crm.core.events import Events
from crm.core.rules import seed_rules
from crm.migrations import require_current
from scheduler.ticker import Ticker

log = structlog.get_logger()

INBOX_LIFE = timedelta(days=7)


class Platform(Door, Protocol):
    """A platform as the application runs it."""

    async def run(self, reception: Reception) -> None:
        """Listen until cancelled."""
        ...

    async def close(self) -> None: ...


class Application:
    """One process of Tradewind. `platforms` may be given for tests; by default the settings decide."""

    def __init__(self, settings: Settings, *, clock: Clock = utc_now, platforms: list[Platform] | None = None) -> None:
        self.settings = settings
        self.worker = f"{socket.gethostname()[:20]}-{os.getpid()}"
        keys = Keys(settings.key())
        self.database = Database(settings.database_url, clock=clock, events=subscriptions())
        self.platforms = configured_platforms(settings, self.database) if platforms is None else platforms
        dispatcher = Dispatcher(self.database, settings, keys, worker=self.worker)
        self.delivery = Delivery(self.database, self.platforms, keys, settings, worker=self.worker)
        self.reception = Reception(dispatcher, self.delivery, Spool(settings.spool_dir))
        self.ticker = Ticker()
        self.asgi = Starlette(routes=self._routes())

    async def serve(self, *, ready: Callable[[str], None]) -> None:
        """Run until cancelled. `ready` is called with the address once everything listens.

        Raises SettingsError when the port is taken or the schema is not the program's.
        """
        await asyncio.to_thread(require_current, self.database)
        await asyncio.to_thread(seed, self.database, self.settings)
        with _listening(self.settings.host, self.settings.port) as sock:
            async with _http(self.asgi, sock), self._running():
                host, port = sock.getsockname()[:2]
                ready(f"http://{f'[{host}]' if ':' in host else host}:{port}")
                await asyncio.Event().wait()

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[None]:
        self._start_ticks()
        listeners = [asyncio.create_task(self._listen(platform)) for platform in self.platforms]
        try:
            yield
        finally:
            self.ticker.stop()
            for listener in listeners:
                listener.cancel()
            await asyncio.gather(*listeners, return_exceptions=True)
            await self.reception.close()
            await self.delivery.close()
            await asyncio.gather(*(platform.close() for platform in self.platforms), return_exceptions=True)
            self.database.close()

    async def _listen(self, platform: Platform) -> None:
        try:
            await platform.run(self.reception)
        except Exception:
            log.exception("platform stopped", platform=platform.name)

    def _start_ticks(self) -> None:
        self.ticker.every(1, "outbox", self.delivery.tick)
        self.ticker.every(5, "spool", self.reception.drain)
        self.ticker.every(300, "housekeeping", self._keep_house)
        self.ticker.start()

    async def _keep_house(self) -> None:
        await asyncio.to_thread(keep_house, self.database)

    def _routes(self) -> list[BaseRoute]:
        routes: list[BaseRoute] = [Route("/health", self._health)]
        for platform in self.platforms:
            offered: Any = getattr(platform, "routes", None)
            if offered is not None:
                routes += offered(lambda: self.reception)
        return routes

    async def _health(self, request: Request) -> JSONResponse:
        states = {platform.name: getattr(platform, "state", "up") for platform in self.platforms}
        return JSONResponse({"status": "ok", "platforms": states})


def keep_house(database: Database) -> None:
    """Close drafts too old to be continued, and forget deliveries too old to come again."""
    with database.write() as work:
        expire_sessions(work)
        inbox.forget(work, older_than=INBOX_LIFE)


def seed(database: Database, settings: Settings) -> None:
    """Write the company's own numbers into a database that has none yet: `tradewind.toml` here, and its currency."""
    with database.write() as work:
        own = Path("tradewind.toml")
        seed_rules(work, own if own.is_file() else None, base_currency=settings.currency)


def subscriptions() -> Events:
    """Who hears of what inside the same transaction."""
    return Events()


def configured_platforms(settings: Settings, database: Database) -> list[Platform]:
    """The platforms the settings name; their packages are loaded only then."""
    platforms: list[Platform] = []
    if settings.webchat:
        from bot.platforms.web.platform import WebPlatform

        platforms.append(WebPlatform(settings, database))
    if settings.telegram_token.get_secret_value():
        from bot.platforms.telegram.platform import TelegramPlatform

        platforms.append(TelegramPlatform(settings, database, commands=menu))
    if settings.slack_bot_token.get_secret_value():
        from bot.platforms.slack.platform import SlackPlatform

        platforms.append(SlackPlatform(settings, database))
    return platforms


class _Server(uvicorn.Server):
    """uvicorn without its signal handling: stopping is the command line's business."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def _http(asgi: Starlette, sock: socket.socket) -> AsyncIterator[None]:
    config = uvicorn.Config(
        asgi, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2, server_header=False
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[sock]))
    while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn tells of its start in no other way
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await serving


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, port))
            sock.listen(128)
        except (OSError, OverflowError) as error:
            raise SettingsError(f"Cannot listen on {host}:{port}: {error}. Choose another port.") from error
        yield sock


def set_up_logs(*, verbose: bool = False) -> None:
    """Structured lines on standard error; never tokens, codes or message texts at info level."""
    level = 10 if verbose else 20
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )
