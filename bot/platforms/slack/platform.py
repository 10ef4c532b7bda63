"""Slack as the program puts it together: its gateway, and what runs while it is connected."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.config import Settings
from bot.platforms.slack import endpoint
from bot.platforms.slack.client import SlackClient
from bot.platforms.slack.connection import Connection
from bot.platforms.slack.describing import describe
from bot.platforms.slack.endpoint import Endpoint
from bot.platforms.slack.gateway import PLATFORM, SlackGateway
from bot.platforms.slack.link_state import Pauses
from bot.platforms.slack.listener import ENVELOPE, Listener
from bot.platforms.slack.people import Directory
from bot.platforms.slack.tokens import TokenWatch
from bot.reception import Reception
from bot.standing import Standing
from crm.core.database import Database
from crm.core.errors import SettingsError
from crm.people.identities import LinkedAccount, find_account

log = structlog.get_logger()

Json = dict[str, Any]


class SlackPlatform:
    """The platform `slack`, over Socket Mode or HTTP as the settings say. Any number of processes may be connected:
    Slack gives each delivery to one of them.

    `pauses` is between tries to connect. Raises SettingsError where the mode's secret is missing.
    """

    name = PLATFORM
    may_send = True

    def __init__(self, settings: Settings, database: Database) -> None:
        check_settings(settings)
        self.pauses = Pauses()
        self._settings = settings
        self._database = database
        self._client = SlackClient.of(settings)
        self.gateway = SlackGateway(self._client, clock=database.clock)
        self._directory = Directory(self._client, recall=self._recall)
        self._tokens = TokenWatch(self._client)
        self._door: Connection | Endpoint | None = None
        self._listener: Listener | None = None
        self._identity: Json = {}

    @property
    def state(self) -> str:
        """`starting`, `connected`, `away`, `refused` or `closed`; see LinkState."""
        if self._tokens.is_refused:
            return "refused"
        return "starting" if self._door is None else self._door.link.state

    @property
    def detail(self) -> str:
        """Why the state is what it is; may be empty."""
        if self._tokens.is_refused:
            return self._tokens.link.detail
        return "" if self._door is None else self._door.link.detail

    def describe(self) -> Standing:
        """How it is doing, for the terminal, health and metrics."""
        return describe(self.state, self.detail, identity=self._identity, mode=self._settings.slack_mode)

    def routes(self, get_reception: Callable[[], Reception]) -> list[BaseRoute]:
        """The address that Slack posts to, where it does; what comes is taken while `run` runs."""
        return endpoint.routes(self._answer) if self._settings.slack_mode == "http" else []

    async def run(self, reception: Reception) -> None:
        """Be connected and hand over what comes, until cancelled. Slack being away, also at the start, ends nothing."""

        async def prepare() -> None:
            if self._listener is None:
                identity = self._identity = await self._client.call("auth.test")
                log.info("slack workspace", team=identity.get("team"), bot=identity.get("user"))
                self._listener = Listener(
                    settings=self._settings,
                    client=self._client,
                    directory=self._directory,
                    reception=reception,
                    identity=identity,
                    doubt=self._tokens.doubt,
                )

        async def take(envelope: Json) -> Json | None:
            assert self._listener is not None
            return await dispatch(self._listener.app, envelope)

        self._listener = None
        if self._settings.slack_mode == "http":
            self._door = Endpoint(
                signing_secret=self._settings.slack_signing_secret.get_secret_value(),
                prepare=prepare,
                get_app=lambda: None if self._listener is None else self._listener.app,
                pauses=self.pauses,
                clock=self._database.clock,
            )
        else:
            self._door = Connection(self._client, prepare=prepare, take=take, pauses=self.pauses)
        watching = asyncio.create_task(self._tokens.run(self.pauses))
        try:
            await self._door.run()
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def close(self) -> None:
        """After `run` has ended and nothing is to be sent any more: let go of all connections."""
        if self._listener is not None:
            await self._listener.close()
        await self._directory.close()
        await self._client.close()

    async def _answer(self, request: Request) -> Response:
        if not isinstance(self._door, Endpoint):
            return Response(status_code=503)
        return await self._door.answer(request)

    async def _recall(self, account_id: str) -> LinkedAccount | None:
        def look() -> LinkedAccount | None:
            with self._database.read() as work:
                return find_account(work, platform=PLATFORM, account_id=account_id)

        return await asyncio.to_thread(look)


def check_settings(settings: Settings) -> None:
    """Raises SettingsError, in one sentence, where what the mode needs is missing."""
    if settings.slack_mode == "http":
        if not settings.slack_signing_secret.get_secret_value().strip():
            raise SettingsError(
                "TRADEWIND_SLACK_SIGNING_SECRET must be set for TRADEWIND_SLACK_MODE=http: "
                "it stands under Basic Information in the app's settings"
            )
    elif not settings.slack_app_token.get_secret_value().strip():
        raise SettingsError(
            "TRADEWIND_SLACK_APP_TOKEN must be set for Slack's Socket Mode: an app-level token (xapp-…) with the scope "
            "connections:write, made under Basic Information in the app's settings"
        )


async def dispatch(app: AsyncApp, envelope: Json) -> Json | None:
    """What Bolt answers to an envelope: the acknowledgement's payload, empty for none; None: not to be acknowledged."""
    request = AsyncBoltRequest(
        mode="socket_mode", body=envelope.get("payload") or {}, context={ENVELOPE: envelope["envelope_id"]}
    )
    response = await app.async_dispatch(request)
    if response.status != 200:
        return None
    if not response.body or not envelope.get("accepts_response_payload", True):
        return {}
    read = json.loads(response.body) if response.body.startswith("{") else {"text": response.body}
    return dict(read)
