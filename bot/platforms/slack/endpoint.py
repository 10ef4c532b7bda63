"""Deliveries over HTTP: one address, signed by Slack, answered once their effects are committed."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import structlog
from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.config import Settings
from bot.gateway import DeliveryError
from bot.platforms.bodies import read_body
from bot.platforms.slack.errors import TokenRefused
from bot.platforms.slack.link_state import LinkState, Pauses
from crm.core.database import Clock
from crm.core.errors import SettingsError

log = structlog.get_logger()

PATH = "/slack/events"
"""Where commands, events, presses, forms and searched lists arrive, all of them."""
MOST_BYTES = 2 * 1024 * 1024
"""A view has at most 250,000 bytes, and comes twice escaped."""
FRESH_S = 300
"""How old a signature may be: Slack's own rule against replays."""


class Endpoint:
    """Takes what Slack posts; `link` says whether it can be taken. `prepare` is awaited before anything is."""

    def __init__(
        self,
        *,
        signing_secret: str,
        prepare: Callable[[], Awaitable[None]],
        get_app: Callable[[], AsyncApp | None],
        pauses: Pauses,
        clock: Clock,
    ) -> None:
        self.link = LinkState()
        self._secret = signing_secret
        self._prepare = prepare
        self._get_app = get_app
        self._pauses = pauses
        self._clock = clock

    async def run(self) -> None:
        """Get ready, as often as it takes; then stand ready until cancelled."""
        failures = 0
        try:
            while True:
                try:
                    await self._prepare()
                except DeliveryError as error:
                    failures += 1
                    refused = isinstance(error, TokenRefused)
                    self.link.note("refused" if refused else "away", str(error))
                    await asyncio.sleep(self._pauses.after(failures, refused=refused))
                else:
                    self.link.note("connected")
                    await asyncio.Event().wait()
        finally:
            self.link.state = "closed"

    async def answer(self, request: Request) -> Response:
        """401 for what Slack has not signed just now, 503 for what cannot be taken: an event comes again then."""
        try:
            body = await read_body(request, most=MOST_BYTES)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return Response(status_code=413)
        now = self._clock().timestamp()
        timestamp = request.headers.get("x-slack-request-timestamp", "")
        if not is_signed(self._secret, timestamp, request.headers.get("x-slack-signature", ""), body, now=now):
            log.warning("slack request refused: not signed with TRADEWIND_SLACK_SIGNING_SECRET, or too old")
            return Response(status_code=401)
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return Response(status_code=400)
        challenge = _challenge(text)
        if challenge is not None:
            return PlainTextResponse(challenge)
        app = self._get_app()
        if app is None or self.link.state == "closed":
            return Response(status_code=503, headers={"Retry-After": "5"})
        response = await app.async_dispatch(AsyncBoltRequest(body=text, headers=dict(request.headers)))
        if response.status >= 500:
            return Response(status_code=503)
        return to_starlette_response(response)


def routes(answer: Callable[[Request], Awaitable[Response]]) -> list[BaseRoute]:
    """The one route, for the one app."""
    return [Route(PATH, answer, methods=["POST"])]


def request_url(settings: Settings) -> str:
    """Where Slack is to post. Raises SettingsError where nobody outside could reach us."""
    if urlsplit(settings.public_url).scheme != "https":
        raise SettingsError(
            "TRADEWIND_PUBLIC_URL must be set, beginning with https://, for Slack to deliver over HTTP "
            "(or choose TRADEWIND_SLACK_MODE=socket, which needs no address)"
        )
    return settings.public_url.rstrip("/") + PATH


def is_signed(secret: str, timestamp: str, signature: str, body: bytes, *, now: float) -> bool:
    """Whether Slack has signed this body (version v0) within the last minutes."""
    if not (timestamp.isascii() and timestamp.isdecimal()) or len(timestamp) > 12:
        return False
    if abs(now - int(timestamp)) > FRESH_S:
        return False
    digest = hmac.new(secret.encode(), b"v0:%s:" % timestamp.encode() + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"v0={digest}".encode(), signature.encode("utf-8", "replace"))


def _challenge(text: str) -> str | None:
    """What Slack wants to hear back when the address is entered in the app's settings."""
    if not text.startswith("{"):
        return None
    try:
        said = json.loads(text)
    except ValueError:
        return None
    return str(said.get("challenge") or "") if said.get("type") == "url_verification" else None
