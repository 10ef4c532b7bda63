"""Slack as the program puts it together: its gateway, and what runs while it is connected."""

import json
from typing import Any

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.config import Settings
from bot.platforms.slack.client import SlackClient
from bot.platforms.slack.connection import Connection, Pauses
from bot.platforms.slack.gateway import PLATFORM, SlackGateway
from bot.platforms.slack.listener import ENVELOPE, Listener
from bot.platforms.slack.people import Directory
from bot.reception import Reception
from crm.core.database import Database

log = structlog.get_logger()

Json = dict[str, Any]


class SlackPlatform:
    """The platform `slack`. Any number of processes may be connected: Slack gives each delivery to one of them.

    `pauses` is between tries to connect.
    """

    name = PLATFORM
    may_send = True

    def __init__(self, settings: Settings, database: Database) -> None:
        self.pauses = Pauses()
        self._settings = settings
        self._client = SlackClient.of(settings)
        self.gateway = SlackGateway(self._client, clock=database.clock)
        self._directory = Directory(self._client)
        self._connection: Connection | None = None
        self._listener: Listener | None = None

    @property
    def state(self) -> str:
        """`starting`, `connected`, `away`, `refused` or `closed`; see Connection."""
        return "starting" if self._connection is None else self._connection.state

    @property
    def detail(self) -> str:
        """Why the state is what it is; may be empty."""
        return "" if self._connection is None else self._connection.detail

    async def run(self, reception: Reception) -> None:
        """Be connected and hand over what comes, until cancelled. Slack being away, also at the start, ends nothing."""

        async def prepare() -> None:
            if self._listener is None:
                identity = await self._client.call("auth.test")
                log.info("slack workspace", team=identity.get("team"), bot=identity.get("user"))
                self._listener = Listener(
                    settings=self._settings,
                    client=self._client,
                    directory=self._directory,
                    reception=reception,
                    identity=identity,
                )

        async def take(envelope: Json) -> Json | None:
            assert self._listener is not None
            return await dispatch(self._listener.app, envelope)

        self._listener = None
        self._connection = Connection(self._client, prepare=prepare, take=take, pauses=self.pauses)
        await self._connection.run()

    async def close(self) -> None:
        """After `run` has ended and nothing is to be sent any more: let go of all connections."""
        if self._listener is not None:
            await self._listener.close()
        await self._directory.close()
        await self._client.close()


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
