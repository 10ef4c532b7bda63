"""The browser chat as the program puts it together: its routes, its gateway, and what runs beside them."""

import asyncio
from collections.abc import Callable

import structlog
from starlette.routing import BaseRoute

from bot.config import Settings
from bot.platforms.web.feed import Feed
from bot.platforms.web.gateway import GatewayWeb
from bot.platforms.web.guards import check_settings
from bot.platforms.web.listener import Listener
from bot.platforms.web.posts import PLATFORM
from bot.platforms.web.streams import Streams
from bot.reception import Reception
from bot.standing import UP, Standing
from crm.core.database import Database
from crm.core.errors import StoreUnavailable

log = structlog.get_logger()

POLL_S = 1.0
"""How often the transcript is looked at for what other processes wrote."""


class WebPlatform:
    """The platform `web`. Raises SettingsError when it would be served beyond this machine."""

    name = PLATFORM
    may_send = True

    def __init__(self, settings: Settings, database: Database) -> None:
        check_settings(settings)
        self._language = settings.language
        self._database = database
        self._streams = Streams()
        self._feed = Feed(database, self._streams)
        self.gateway = GatewayWeb(database, self._streams)

    def routes(self, get_reception: Callable[[], Reception]) -> list[BaseRoute]:
        """Routes for the one app; `get_reception` is called when something comes in."""
        return Listener(self._database, self._streams, self._feed, get_reception, language=self._language).routes()

    def describe(self) -> Standing:
        """How it is doing, for the terminal, health and metrics: it is there as long as the process is."""
        return Standing(UP, "{address}/")

    async def run(self, reception: Reception) -> None:
        """Look once a second, while pages listen, for what other processes have written. Never returns."""
        while True:
            await asyncio.sleep(POLL_S)
            try:
                await self._feed.ring_for_others()
            except StoreUnavailable as error:
                log.warning("web chat cannot read", reason=str(error))

    async def close(self) -> None:
        """End the pages' streams at once, so that the server need not wait for them. They come back by themselves."""
        self._streams.close()
