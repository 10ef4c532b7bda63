"""Webhook mode: Telegram calls us with each update, at an address that only it is told.

The address and the secret shown there are both derived from the house's key, so that every process knows them and
none has to keep them. An update is acknowledged when its effects are committed; what is not, Telegram brings again.
Any process may be called; who holds the token's lease asks for the calls, and sends.
"""

import asyncio
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram.error import BadRequest, InvalidToken, RetryAfter, TelegramError

from bot.config import Settings
from bot.platforms.bodies import read_body
from bot.platforms.telegram.api import Api, Webhook
from bot.platforms.telegram.intake import Intake, Update, said
from bot.platforms.telegram.listener import AWAY
from bot.platforms.telegram.narrowing import seconds
from bot.platforms.telegram.pace import Pace, Pauses
from crm.core.errors import SettingsError

log = structlog.get_logger()

HEADER = "X-Telegram-Bot-Api-Secret-Token"
MOST_BYTES = 1024 * 1024
"""Far more than any update has."""
_REFUSED = "Telegram does not take the webhook's address: check TRADEWIND_PUBLIC_URL"
_UNANSWERED = "Telegram cannot deliver to TRADEWIND_PUBLIC_URL"
_FRESH_S = 3600.0
"""A failed call longer ago than this is no trouble any more, even while something waits to be brought."""
_FAILURE_CHARACTERS = 200
_NO_PUBLIC_URL = (
    "TRADEWIND_TELEGRAM_MODE=webhook needs TRADEWIND_PUBLIC_URL, the https address where Telegram finds this server"
)


class Address:
    """Where Telegram calls, and what it shows there. Raises SettingsError without a public address or a key."""

    def __init__(self, settings: Settings) -> None:
        public = settings.public_url.rstrip("/")
        of_telegram = settings.telegram_api_url.startswith("https://api.telegram.org")
        if not public or (of_telegram and not public.startswith("https://")):
            raise SettingsError(_NO_PUBLIC_URL)
        token = settings.telegram_token.get_secret_value().strip()
        self.path = f"/telegram/{_derived(settings, 'path', token)[:40]}"
        self.secret = _derived(settings, "secret", token)
        self.url = public + self.path


class Endpoint:
    """What Telegram calls. Until `open`, and after `close`, it is asked to call again later.

    `taken_at`: when an update was last taken here (Unix time).
    """

    def __init__(self, address: Address) -> None:
        self.taken_at = 0.0
        self._address = address
        self._intake: Intake | None = None
        self._turns: dict[str, asyncio.Future[None]] = {}
        self._under_way: set[asyncio.Task[Response]] = set()

    def route(self) -> Route:
        return Route(self._address.path, self._called, methods=["POST"])

    def open(self, intake: Intake) -> None:
        self._intake = intake

    async def close(self, *, within: float) -> None:
        """Take nothing more, and let what is under way come to its end, for so many seconds."""
        self._intake = None
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=max(0.0, within))

    async def _called(self, request: Request) -> Response:
        shown = request.headers.get(HEADER, "")
        if not hmac.compare_digest(shown.encode("utf-8", "replace"), self._address.secret.encode()):
            return Response(status_code=403)
        body = await read_body(request, most=MOST_BYTES)
        if body is None:
            return Response(status_code=413)
        intake = self._intake
        if intake is None:
            return Response(status_code=503)
        # A task of its own: what has begun is done, even if the connection breaks meanwhile.
        task = asyncio.create_task(self._take(intake, body))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        response = await asyncio.shield(task)
        if response.status_code == 200:
            self.taken_at = time.time()
        return response

    async def _take(self, intake: Intake, body: bytes) -> Response:
        raw = _parsed(body)
        if raw is None:
            log.error("telegram: unreadable call passed over", bytes=len(body))
            return Response()
        update = intake.read(raw)
        if update is None:
            return Response()
        taken = await self._in_turn(intake, update)
        return Response(status_code=200 if taken else 503)

    async def _in_turn(self, intake: Intake, update: Update) -> bool:
        """After those of the same chat that came before: one of them may still be fetching its file."""
        before = self._turns.get(update.chat_id)
        turn = self._turns[update.chat_id] = asyncio.get_running_loop().create_future()
        try:
            if before is not None:
                await asyncio.wait({before})
            receipt = await intake.take(update)
        finally:
            turn.set_result(None)
            if self._turns.get(update.chat_id) is turn:
                del self._turns[update.chat_id]
        return receipt.status not in {"unavailable", "failed"}


class Registration:
    """Sees to it that Telegram calls us. `report(state, detail)` is told `up` or `connecting` at each look: to have
    asked for the calls is not yet to get them. `taken_at()`: when one last came here.
    """

    def __init__(
        self,
        api: Api,
        address: Address,
        *,
        pace: Pace,
        report: Callable[[str, str], None],
        taken_at: Callable[[], float],
    ) -> None:
        self._api = api
        self._address = address
        self._pace = pace
        self._report = report
        self._taken_at = taken_at
        self._asked_at: float | None = None  # what an earlier version asked for may lack a kind of update

    async def listen(self) -> None:
        """Ask for the calls, and look now and then whether it still stands. Raises InvalidToken."""
        pauses = Pauses(self._pace.first_pause, self._pace.longest_pause)
        while True:
            try:
                failing = await self._look()
            except InvalidToken:
                raise
            except TelegramError as error:
                self._asked_at = None
                trouble = _REFUSED if isinstance(error, BadRequest) else AWAY
                self._report("connecting", f"{trouble} ({said(error)})")
                asked = seconds(error) if isinstance(error, RetryAfter) else 0.0
                await asyncio.sleep(max(pauses.next(), asked))
            else:
                if failing is None:
                    pauses.over()
                    self._report("up", "")
                else:
                    self._report("connecting", failing)
                await asyncio.sleep(self._pace.check if failing is None else pauses.next())

    async def finish(self, *, confirm: bool) -> None:
        """Telegram goes on calling: another process takes the updates, or it keeps them until we are back."""

    async def _look(self) -> str | None:
        """Ask for the calls where nobody has yet; returns what keeps them from coming."""
        webhook = await self._api.webhook()
        if self._asked_at is None or webhook.url != self._address.url:
            await self._api.bring_updates_to(self._address.url, secret=self._address.secret)
            self._asked_at = time.time()
        # A call that failed while we were not there yet says nothing, nor does one after which others have come.
        return failing(webhook, self._address, since=max(self._asked_at, self._taken_at()))


def failing(webhook: Webhook, address: Address, *, since: float) -> str | None:
    """That updates wait because a call failed after `since` (Unix time), and how; None where nothing is wrong.

    Whatever the failure says, the address and the secret are not in it.
    """
    if webhook.url != address.url or not webhook.waiting or not webhook.failure:
        return None
    if webhook.failed_at <= max(since, time.time() - _FRESH_S):
        return None
    failure = webhook.failure.replace(address.path, "…").replace(address.secret, "…")
    return f"{_UNANSWERED} ({' '.join(failure.split())[:_FAILURE_CHARACTERS]})"


def _derived(settings: Settings, what: str, token: str) -> str:
    """A name that nobody can guess who has not the key; another token has another."""
    return hmac.digest(settings.key().encode(), f"telegram webhook {what}\x00{token}".encode(), "sha256").hex()


def _parsed(body: bytes) -> dict[str, Any] | None:
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return raw if isinstance(raw, dict) and isinstance(raw.get("update_id"), int) else None
