"""Calls of Slack's Web API over one pool of kept-alive connections, and the addresses of its websockets."""

from typing import Any

from aiohttp import ClientSession, ClientTimeout, ClientWebSocketResponse, ClientWSTimeout, DummyCookieJar, TCPConnector
from slack_sdk.web.async_client import AsyncWebClient

from bot.config import Settings
from bot.platforms.slack.errors import TRANSPORT_ERRORS, narrow

_CONNECTIONS = 32
_CALL = ClientTimeout(total=15.0, sock_connect=5.0)
_HEARTBEAT_S = 10.0


class SlackClient:
    """Slack's own client with a session that is opened at the first use and closed by `close`.

    The SDK would open a connection for each call and retry on its own where a message may have been posted already;
    here it does neither. Every call raises only `bot.gateway.DeliveryError`s.
    """

    def __init__(self, *, api_url: str, bot_token: str, app_token: str) -> None:
        self._web = AsyncWebClient(token=bot_token, base_url=api_url, retry_handlers=[])
        self._app_token = app_token
        self._closed = False

    @classmethod
    def of(cls, settings: Settings) -> "SlackClient":
        """The client that the settings describe."""
        return cls(
            api_url=settings.slack_api_url,
            bot_token=settings.slack_bot_token.get_secret_value(),
            app_token=settings.slack_app_token.get_secret_value(),
        )

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """The answer to one call of the Web API with the bot's token."""
        try:
            self._session()
            response = await self._web.api_call(method, json=arguments)
        except TRANSPORT_ERRORS as error:
            raise narrow(method, error) from error
        return _read(response.data)

    async def open_socket(self) -> ClientWebSocketResponse:
        """A new websocket, not yet greeted."""
        method = "apps.connections.open"
        try:
            session = self._session()
            answer = await self._web.apps_connections_open(app_token=self._app_token)
            return await session.ws_connect(
                str(answer["url"]),
                heartbeat=_HEARTBEAT_S,
                proxy=self._web.proxy,
                timeout=ClientWSTimeout(ws_close=1.0),
            )
        except TRANSPORT_ERRORS as error:
            raise narrow(method, error) from error

    async def close(self) -> None:
        """Close all connections. Calls after that raise Away."""
        self._closed = True
        session, self._web.session = self._web.session, None
        if session is not None:
            await session.close()

    def _session(self) -> ClientSession:
        if self._closed:
            raise ConnectionError("the connections to Slack are closed")
        if self._web.session is None:
            connector = TCPConnector(limit=_CONNECTIONS, keepalive_timeout=60)
            self._web.session = ClientSession(connector=connector, timeout=_CALL, cookie_jar=DummyCookieJar())
        return self._web.session


def _read(data: Any) -> dict[str, Any]:
    return data if isinstance(data, dict) else {}
