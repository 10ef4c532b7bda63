"""Put together: the database, the one way in, the one way out, the platforms, the ticks, the one ASGI app."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import structlog
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from bot import asking
from bot.asking import ask_model, model_of
from bot.cards.keys import Keys
from bot.config import Settings
from bot.conversations.sessions import expire_sessions
from bot.delivery import Delivery
from bot.dispatcher import Dispatcher
from bot.gateway import Door
from bot.handlers import menu
from bot.health import Health
from bot.incoming import forget_incoming
from bot.logs import redactor
from bot.mail import open_post
from bot.metrics import Metrics
from bot.observation import Observation
from bot.open_routes import open_routes
from bot.reception import Reception
from bot.server import Server, address_of, listening, serving
from bot.spool import Spool
from bot.standing import Standing
from bot.standings import Say, Standings
from crm.core import copies, files, inbox
from crm.core.database import Clock, Database, utc_now
from crm.core.events import Events
from crm.core.rules import seed_rules
from crm.fulfilment.payments import keep_schedules
from crm.fulfilment.planning import plan_orders
from crm.insight.figures import keep_figures
from crm.migrations import require_current
from crm.orders.new_deciders import tell_new_deciders
from crm.sales.collisions.handover_requests import close_with_leads
from crm.sales.deals.pipeline_totals import keep_pipeline
from crm.sales.fairs.fairs import follow_leads
from crm.sales.leads.assignment_rules import seed_assignment
from crm.sales.leads.lead_form import seed_lead_form
from scheduler import (
    absences,
    campaigns,
    capacity,
    conditions,
    digests,
    fairs,
    looking_after,
    quotes,
    reminders,
    watches,
)
from scheduler.ticker import Ticker

log = structlog.get_logger()

INBOX_LIFE = timedelta(days=7)
HOME_LIFE = timedelta(days=7)
UNATTACHED_LIFE = timedelta(days=30)
"""How long a page of one's own is kept true after it was looked at."""

STOP_S = 4.5
"""So long a stop may take in all: who asked for it is told 5."""
_FOR_LISTENERS, _FOR_RECEPTION, _FOR_DELIVERY = 3.2, 3.5, 4.2
"""Seconds after the stop was asked for at which no more is waited for each of these."""
_CRASH_PAUSES_S = (1.0, 60.0)
"""First and longest pause before a platform that has ended by a fault of ours is started again."""


class Platform(Door, Protocol):
    """A platform as the application runs it."""

    async def run(self, reception: Reception) -> None:
        """Listen until cancelled."""
        ...

    async def close(self) -> None: ...

    def describe(self) -> Standing:
        """How it is doing now."""
        ...


class Application:
    """One process of Tradewind. `platforms` may be given for tests; by default the settings decide."""

    def __init__(self, settings: Settings, *, clock: Clock = utc_now, platforms: list[Platform] | None = None) -> None:
        self.settings = settings
        self.worker = f"{socket.gethostname()[:20]}-{os.getpid()}"
        keys = Keys(settings.key())
        self.database = Database(settings.database_url, clock=clock, events=subscriptions(), watch_clock=True)
        self.platforms = configured_platforms(settings, self.database) if platforms is None else platforms
        dispatcher = Dispatcher(self.database, settings, keys, worker=self.worker, bots=self._bots)
        self.metrics = Metrics()
        watch = Observation(self.metrics)
        doors = [watch.door(platform) for platform in self.platforms]
        self.delivery = Delivery(self.database, doors, keys, settings, worker=self.worker)
        spool = Spool(settings.spool_dir)
        self.reception = Reception(dispatcher, self.delivery, spool, observe=watch.handled)
        self.standings = Standings(self.platforms, clock=clock, redact=redactor(settings))
        self.health = Health(
            self.database,
            self.standings,
            self.metrics,
            spooled=lambda: len(spool.everything()),
            token=settings.metrics_token.get_secret_value(),
            is_open=settings.opened_by() is not None,
        )
        self.post = open_post(settings, name=self.worker, clock=clock)
        self.ticker = Ticker()
        self.asgi = Starlette(routes=self._routes())

    async def serve(self, *, ready: Callable[[str], None], say: Say | None = None) -> None:
        """Run until cancelled. `ready` is called with the address once everything listens; `say` is given a line for
        a person about each platform, and again whenever how it is doing changes.

        Raises SettingsError when the port is taken or the schema is not the program's.
        """
        await asyncio.to_thread(require_current, self.database)
        await asyncio.to_thread(seed, self.database, self.settings)
        with listening(self.settings.host, self.settings.port) as sock:
            async with serving(self.asgi, sock) as server, self._running(server):
                address = address_of(sock)
                ready(address)
                await self.standings.announce(say or _keep_silent, address)

    @asynccontextmanager
    async def _running(self, server: Server) -> AsyncIterator[None]:
        self._start_ticks()
        listeners = [asyncio.create_task(self._listen(platform)) for platform in self.platforms]
        try:
            yield
        finally:
            await self._stop(server, listeners)

    async def _stop(self, server: Server, listeners: Collection[asyncio.Task[None]]) -> None:
        """Take nothing more, finish what is under way, let go: each for as long as is left to it."""
        clock = asyncio.get_running_loop().time
        begun = clock()

        def left(until: float) -> float:
            return max(0.0, begun + until - clock())

        self.ticker.stop()
        if self.post is not None:
            self.post.take_no_more()
        server.take_no_more()
        for listener in listeners:
            listener.cancel()
        if listeners:
            await asyncio.wait(listeners, timeout=left(_FOR_LISTENERS))
        await self.reception.close(seconds=left(_FOR_RECEPTION))
        await self.delivery.close(seconds=left(_FOR_DELIVERY))
        if self.post is not None:
            self.post.close()
        closing = [asyncio.create_task(platform.close()) for platform in self.platforms]
        if closing:
            await asyncio.wait(closing, timeout=left(STOP_S))
        self.database.close()

    async def _listen(self, platform: Platform) -> None:
        """Run a platform for ever: one that ends by a fault of ours must not be gone until somebody notices."""
        pause, longest = _CRASH_PAUSES_S
        while True:
            try:
                await platform.run(self.reception)
            except Exception as error:
                log.exception("platform stopped", platform=platform.name, again_in=pause)
                self.standings.note_crash(platform.name, f"{type(error).__name__}: {error}")
            else:
                return
            await asyncio.sleep(pause)
            pause = min(longest, pause * 2)
            self.standings.note_crash(platform.name, None)

    def _start_ticks(self) -> None:
        self.ticker.every(1, "pulse", self.health.tick)
        self.ticker.every(1, "outbox", self.delivery.tick)
        self.ticker.every(5, "spool", self.reception.drain)
        self.ticker.every(reminders.EVERY_S, "reminders", partial(reminders.remind, self.database))
        self.ticker.every(digests.EVERY_S, "digests", partial(digests.digest, self.database))
        self.ticker.every(watches.EVERY_S, "watches", partial(watches.keep_watch, self.database))
        self.ticker.every(quotes.EVERY_S, "quotes", partial(quotes.expire, self.database))
        self.ticker.every(conditions.EVERY_S, "conditions", partial(conditions.lapse, self.database))
        self.ticker.every(capacity.EVERY_S, "capacity", partial(capacity.lapse, self.database))
        self.ticker.every(absences.EVERY_S, "absences", partial(absences.follow_absences, self.database))
        if (model := model_of(self.settings)) is not None:
            ask = partial(ask_model, self.database, self.reception, model, timezone=self.settings.timezone)
            self.ticker.every(asking.EVERY_S, "model", ask)
        self.ticker.every(fairs.EVERY_S, "fairs", partial(fairs.show_fairs, self.database))
        self.ticker.every(looking_after.EVERY_S, "service", partial(looking_after.look_after, self.database))
        if self.post is not None:
            send = partial(campaigns.send_campaigns, self.database, self.post)
            self.ticker.every(campaigns.EVERY_S, "campaigns", send)
        self.ticker.every(300, "housekeeping", self._keep_house)
        self.ticker.start()

    async def _keep_house(self) -> None:
        await asyncio.to_thread(keep_house, self.database)
        await asyncio.to_thread(forget_incoming, self.settings)

    def _bots(self) -> dict[str, str]:
        """What people find us by on each platform that tells."""
        names = {platform.name: getattr(platform, "username", "") for platform in self.platforms}
        return {platform: name for platform, name in names.items() if name}

    def _routes(self) -> list[BaseRoute]:
        routes = self.health.routes() + open_routes(self.settings, self.database, wake=self.delivery.wake)
        for platform in self.platforms:
            offered: Any = getattr(platform, "routes", None)
            if offered is not None:
                routes += offered(lambda: self.reception)
        return routes


def _keep_silent(line: str) -> None:
    """Nobody listens."""


def keep_house(database: Database) -> None:
    """Close drafts too old to be continued; forget deliveries too old to come again, pages nobody looks at, and files
    nobody has said where to put.
    """
    with database.write() as work:
        expire_sessions(work)
        copies.let_rest(work, card="home", older_than=HOME_LIFE)
        copies.let_rest(work, card="due", older_than=HOME_LIFE)
        inbox.forget(work, older_than=INBOX_LIFE)
        files.forget_unattached(work, older_than=UNATTACHED_LIFE)


def seed(database: Database, settings: Settings) -> None:
    """Write the company's own numbers into a database that has none yet: `tradewind.toml` here, and its currency."""
    with database.write() as work:
        own = Path("tradewind.toml")
        seed_rules(work, own if own.is_file() else None, base_currency=settings.currency, timezone=settings.timezone)
        seed_assignment(work, own if own.is_file() else None)
        seed_lead_form(work, own if own.is_file() else None)


def subscriptions() -> Events:
    """Who hears of what inside the same transaction."""
    events = Events()
    keep_figures(events)
    keep_pipeline(events)
    tell_new_deciders(events)
    close_with_leads(events)
    follow_leads(events)
    keep_schedules(events)  # before the plan, which asks whether production may begin
    plan_orders(events)
    return events


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
