"""Calls of Slack's Web API over one pool of kept-alive connections, and the addresses of its websockets."""

import json
from collections.abc import AsyncGenerator, Callable
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientSession, ClientTimeout, ClientWebSocketResponse, ClientWSTimeout, DummyCookieJar, TCPConnector
from slack_sdk.web.async_client import AsyncWebClient

from bot.config import Settings
from bot.gateway import Away, Refused
from bot.platforms.slack.errors import TRANSPORT_ERRORS, TokenRefused, narrow
from crm.core.files import FileContent

_CONNECTIONS = 32
_CALL = ClientTimeout(total=15.0, sock_connect=5.0)
_FILE = ClientTimeout(total=120.0, sock_connect=5.0, sock_read=15.0)
_CHUNK = 64 * 1024
_HEARTBEAT_S = 10.0


class SlackClient:
    """Slack's own client with a session that is opened at the first use and closed by `close`.

    The SDK would open a connection for each call and retry on its own where a message may have been posted already;
    here it does neither. Every call raises only `bot.gateway.DeliveryError`s. `on_refused` is called where Slack does
    not take the bot's token for one.
    """

    def __init__(self, *, api_url: str, bot_token: str, app_token: str) -> None:
        self._web = AsyncWebClient(token=bot_token, base_url=api_url, retry_handlers=[])
        self.on_refused: Callable[[], None] = lambda: None
        self._bot_token = bot_token
        self._app_token = app_token
        self._api_url = api_url
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
        return await self._call(method, json=arguments)

    async def upload(self, file: FileContent, *, channel: str, words: str) -> None:
        """Put a file into a conversation, with `words` (mrkdwn) beside it. (These methods read no JSON.)"""
        wanted = {"filename": file.name, "length": len(file.content)}
        place = await self._call("files.getUploadURLExternal", params=wanted)
        url = str(place.get("upload_url"))
        if not _same_house(url, self._api_url):
            raise Refused("the file would not lie with Slack")
        try:
            async with self._session().post(url, data=file.content, timeout=_FILE, proxy=self._web.proxy) as response:
                if response.status != 200:
                    raise Away(f"upload: status {response.status}")
        except TRANSPORT_ERRORS as error:
            raise Away(f"upload: {str(error) or type(error).__name__}") from error
        shared = json.dumps([{"id": place.get("file_id"), "title": file.name}])
        told = {"files": shared, "channel_id": channel, "initial_comment": words}
        await self._call("files.completeUploadExternal", params=told)

    async def _call(self, method: str, **how: Any) -> dict[str, Any]:
        try:
            self._session()
            response = await self._web.api_call(method, **how)
        except TRANSPORT_ERRORS as error:
            narrowed = narrow(method, error)
            if isinstance(narrowed, TokenRefused) and method != "auth.test":
                self.on_refused()
            raise narrowed from error
        return _read(response.data)

    async def download(self, url: str, *, mime: str) -> AsyncGenerator[bytes]:
        """The content of a file. The token goes to Slack's own hosts only: the address comes from outside."""
        if not _same_house(url, self._api_url):
            raise Refused("the file does not lie with Slack")
        headers = {"Authorization": f"Bearer {self._bot_token}"}
        try:
            request = self._session().get(
                url, headers=headers, allow_redirects=False, timeout=_FILE, proxy=self._web.proxy
            )
            async with request as response:
                if response.status == 429 or response.status >= 500:
                    raise Away(f"file: status {response.status}")
                # A page to sign in on, where the scope is missing, comes with status 200.
                if response.status != 200 or (response.content_type == "text/html" and mime != "text/html"):
                    raise Refused(f"file: status {response.status}, {response.content_type}")
                async for chunk in response.content.iter_chunked(_CHUNK):
                    yield chunk
        except TRANSPORT_ERRORS as error:
            raise Away(f"file: {str(error) or type(error).__name__}") from error

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


def _same_house(url: str, api_url: str) -> bool:
    """Whether a file's address is one of Slack's, or of the server that stands in for Slack's API."""
    try:
        file, api = urlsplit(url), urlsplit(api_url)
        if file.scheme == "https" and (file.hostname or "").endswith(".slack.com"):
            return True
        return bool(file.netloc) and (file.scheme, file.netloc) == (api.scheme, api.netloc)
    except ValueError:
        return False
