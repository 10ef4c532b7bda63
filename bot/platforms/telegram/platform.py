"""Telegram as the program knows it: connects, takes the lease, receives, and tells what state it is in."""

import asyncio
import time
from collections.abc import Callable

import structlog
from starlette.routing import BaseRoute
from telegram.error import InvalidToken, RetryAfter, TelegramError

from bot.config import Settings
from bot.platforms.telegram.api import Api, Me
from bot.platforms.telegram.describing import describe
from bot.platforms.telegram.gateway import TelegramGateway
from bot.platforms.telegram.intake import Intake
from bot.platforms.telegram.lease import PollingLease
from bot.platforms.telegram.limits import Limiter
from bot.platforms.telegram.listener import AWAY, Listener
from bot.platforms.telegram.menus import Commands, Menus
from bot.platforms.telegram.narrowing import seconds
from bot.platforms.telegram.pace import Pace, Pauses
from bot.platforms.telegram.webhook import Address, Endpoint, Registration
from bot.reception import Reception
from bot.standing import Standing
from crm.core.database import Database
from crm.core.errors import StoreUnavailable
from crm.people.chat_changes import chat_moved

log = structlog.get_logger()

_REFUSED = (
    "Telegram refuses the token: check TRADEWIND_TELEGRAM_TOKEN and TRADEWIND_TELEGRAM_API_URL, then start again; "
    "the other platforms go on"
)
_STANDBY = "another process works for this bot; this one takes over when that one stops"


class TelegramPlatform:
    """One bot. `state`: `connecting`, `standby`, `up` or `refused`; `detail` says why it is not up.

    `mode`: how updates come, `polling` or `webhook`; `username`: what people find the bot by, once Telegram has told.
    `may_send` is true while this process holds the lease, until `close`. Raises SettingsError where webhooks lack an
    address.
    """

    name = "telegram"

    def __init__(self, settings: Settings, database: Database, *, commands: Commands, pace: Pace | None = None) -> None:
        token = settings.telegram_token.get_secret_value().strip()
        self.mode = settings.telegram_mode
        self._address = Address(settings) if self.mode == "webhook" else None
        self._endpoint = Endpoint(self._address) if self._address is not None else None
        self._settings = settings
        self._database = database
        self._pace = pace or Pace()
        self._api = Api(token=token, url=settings.telegram_api_url)
        name = f"telegram:{token.partition(':')[0]}"[:100]
        self._lease = PollingLease(database, name=name, seconds=self._pace.lease)
        self._commands = commands
        self._moves: set[asyncio.Task[None]] = set()
        self._api.when_moved(self._note_move)
        self.gateway = TelegramGateway(self._api, Limiter() if settings.telegram_limits else None)
        self.state = "connecting"
        self.detail = ""
        self.username = ""

    @property
    def may_send(self) -> bool:
        return self._lease.held

    def describe(self) -> Standing:
        """How it is doing, for the terminal, health and metrics."""
        username = self._api.username if self.state == "up" else ""
        return describe(self.state, self.detail, username=username, mode=self.mode)

    def routes(self, reception: Callable[[], Reception]) -> list[BaseRoute]:
        """What Telegram calls in webhook mode."""
        return [] if self._endpoint is None else [self._endpoint.route()]

    async def run(self, reception: Reception) -> None:
        """Receive until cancelled. What is under way at that moment is finished, in 3 seconds at most.

        The lease is kept until `close`, so that the last replies can still be sent.
        """
        try:
            me = await self._connect()
            self.username = me.username
            await (self._poll(me, reception) if self._endpoint is None else self._be_called(me, reception))
        except InvalidToken:
            self._become("refused", _REFUSED)
            await self._lease.let_go()
            await asyncio.Event().wait()

    async def close(self) -> None:
        """Give the lease back and close all connections. Nothing can be sent after this."""
        await asyncio.gather(*self._moves, return_exceptions=True)
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
        """Poll whenever the lease is held. Raises InvalidToken."""
        while True:
            await self._stand_by()
            intake = self._intake(me, reception)
            await self._hold(me, Listener(self._api, intake, pace=self._pace, report=self._become))

    async def _be_called(self, me: Me, reception: Reception) -> None:
        """Take what Telegram brings, and ask for it whenever the lease is held. Raises InvalidToken."""
        assert self._address is not None
        assert self._endpoint is not None
        intake, endpoint = self._intake(me, reception), self._endpoint
        registration = Registration(
            self._api, self._address, pace=self._pace, report=self._become, taken_at=lambda: endpoint.taken_at
        )
        endpoint.open(intake)
        try:
            while True:
                await self._stand_by()
                await self._hold(me, registration)
        finally:
            until = time.monotonic() + self._pace.finish
            await endpoint.close(within=self._pace.finish)
            await intake.finish(within=until - time.monotonic())

    def _intake(self, me: Me, reception: Reception) -> Intake:
        return Intake(self._api, me, reception, self._database, self._settings, pace=self._pace)

    async def _hold(self, me: Me, listener: Listener | Registration) -> None:
        """Listen, and keep the menus, as long as the lease is held. Raises InvalidToken."""
        listening = asyncio.create_task(listener.listen())
        keeping = asyncio.create_task(self._lease.keep())
        menus = asyncio.create_task(Menus(self._api, me, self._database, self._commands, pace=self._pace).keep())
        try:
            await asyncio.wait({listening, keeping}, return_when=asyncio.FIRST_COMPLETED)
            if listening.done():
                listening.result()
        finally:
            listening.cancel()
            menus.cancel()
            await asyncio.gather(listening, menus, return_exceptions=True)
            await listener.finish(confirm=self._lease.held)
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

    def _note_move(self, old: str, new: str) -> None:
        """A message could not go out because its group has another id now: it goes there when it is tried again."""
        task = asyncio.create_task(asyncio.to_thread(self._write_move, old, new))
        self._moves.add(task)
        task.add_done_callback(self._moves.discard)

    def _write_move(self, old: str, new: str) -> None:
        try:
            with self._database.write() as work:
                chat_moved(work, platform=self.name, old=old, new=new)
        except StoreUnavailable as unavailable:
            log.warning("store unavailable", reason=str(unavailable))  # the next try finds it out again

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
