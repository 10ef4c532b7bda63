"""Telegram as the program knows it: connects, takes the lease, polls, and tells what state it is in."""

import asyncio
from collections.abc import Callable

import structlog
from telegram import BotCommand
from telegram.error import InvalidToken, RetryAfter, TelegramError

from bot.config import Settings
from bot.platforms.telegram.api import Api, Me
from bot.platforms.telegram.gateway import TelegramGateway
from bot.platforms.telegram.lease import PollingLease
from bot.platforms.telegram.listener import AWAY, Listener
from bot.platforms.telegram.narrowing import seconds
from bot.platforms.telegram.pace import Pace, Pauses
from bot.reception import Reception
from crm.core.database import Database

log = structlog.get_logger()

Commands = Callable[[str], list[tuple[str, str]]]
"""The menu in a language (`en`, `zh_CN`): pairs of a Latin verb and what it does."""

_REFUSED = (
    "Telegram refuses the token: check TRADEWIND_TELEGRAM_TOKEN and TRADEWIND_TELEGRAM_API_URL, then start again; "
    "the other platforms go on"
)
_STANDBY = "another process polls this token; this one takes over when that one stops"


class TelegramPlatform:
    """One bot. `state`: `connecting`, `standby`, `up` or `refused`; `detail` says why it is not up.

    `may_send` is true while this process holds the lease, from the first poll until `close`.
    """

    name = "telegram"

    def __init__(self, settings: Settings, database: Database, *, commands: Commands, pace: Pace | None = None) -> None:
        token = settings.telegram_token.get_secret_value().strip()
        self._pace = pace or Pace()
        self._api = Api(token=token, url=settings.telegram_api_url)
        name = f"telegram:{token.partition(':')[0]}"[:100]
        self._lease = PollingLease(database, name=name, seconds=self._pace.lease)
        self._commands = commands
        self.gateway = TelegramGateway(self._api)
        self.state = "connecting"
        self.detail = ""

    @property
    def may_send(self) -> bool:
        return self._lease.held

    async def run(self, reception: Reception) -> None:
        """Receive until cancelled. What is under way at that moment is finished, in 3 seconds at most.

        The lease is kept until `close`, so that the last replies can still be sent.
        """
        try:
            me = await self._connect()
            while True:
                await self._stand_by()
                await self._poll(me, reception)
        except InvalidToken:
            self._become("refused", _REFUSED)
            await self._lease.let_go()
            await asyncio.Event().wait()

    async def close(self) -> None:
        """Give the lease back and close all connections. Nothing can be sent after this."""
        await self._lease.let_go()
        await self._api.shutdown()

    async def _connect(self) -> Me:
        """Ask until somebody answers. Raises InvalidToken."""
        pauses = Pauses(self._pace.first_pause, self._pace.longest_pause)
        while True:
            try:
                return await self._api.connect()
            except InvalidToken:
                raise
            except TelegramError as error:
                self._become("connecting", f"{AWAY} ({type(error).__name__}: {error})")
                asked = seconds(error) if isinstance(error, RetryAfter) else 0.0
            await asyncio.sleep(max(pauses.next(), asked))

    async def _stand_by(self) -> None:
        while not await self._lease.take():
            self._become("standby", _STANDBY)
            await asyncio.sleep(self._pace.standby)

    async def _poll(self, me: Me, reception: Reception) -> None:
        """Poll as long as the lease is held. Raises InvalidToken."""
        listener = Listener(self._api, me, reception, pace=self._pace, report=self._become)
        listening = asyncio.create_task(listener.listen())
        keeping = asyncio.create_task(self._lease.keep())
        menu = asyncio.create_task(self._set_menu())
        try:
            await asyncio.wait({listening, keeping}, return_when=asyncio.FIRST_COMPLETED)
            if listening.done():
                listening.result()
        finally:
            listening.cancel()
            menu.cancel()
            await asyncio.gather(listening, menu, return_exceptions=True)
            await listener.finish(confirm=self._lease.held)
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

    async def _set_menu(self) -> None:
        """The verbs behind the menu button, in English for everybody and in Chinese for Chinese clients."""
        for language, code in (("en", None), ("zh_CN", "zh")):
            menu = [BotCommand(verb, what) for verb, what in self._commands(language)]
            try:
                await self._api.set_my_commands(menu, language_code=code)
            except TelegramError as error:
                log.warning("telegram: menu not set", language=language, reason=f"{type(error).__name__}: {error}")

    def _become(self, state: str, detail: str) -> None:
        """Note the state; one line in the log when it changes, none when only its wording does."""
        before, now = (self.state, _gist(self.detail)), (state, _gist(detail))
        self.state, self.detail = state, detail
        if before == now:
            return
        if state == "up":
            log.info("telegram up")
        else:
            log.warning("telegram not up", state=state, detail=detail)


def _gist(detail: str) -> str:
    return detail.partition(" (")[0]
