"""How requests reach the Bot API: python-telegram-bot's request interface over aiohttp.

Its own httpx client costs about three times as much per message, and more when many are in flight.
"""

import json
import os
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, FormData, TCPConnector

# The library's own opt-in: without it each 429 warns that `retry_after` will one day be a timedelta.
os.environ.setdefault("PTB_TIMEDELTA", "true")

from telegram._utils.defaultvalue import DefaultValue
from telegram._utils.types import ODVInput
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

_PIECE_BYTES = 64 * 1024
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_UPLOAD_S = 60.0
"""Seconds without a byte of answer that an upload may take; texts get the transport's own `read_timeout`."""


class Transport(BaseRequest):
    """One pool of at most `connections` kept-alive connections. Times in seconds.

    Raises python-telegram-bot's `TimedOut` and `NetworkError`, as its interface demands.
    """

    def __init__(self, url: str, *, connections: int, read_timeout: float = 10.0, connect_timeout: float = 5.0) -> None:
        self._connections = connections
        self._read_timeout = read_timeout
        self._connect_timeout = connect_timeout
        self._proxy = _proxy_for(url)
        self._session: ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        return self._read_timeout

    async def initialize(self) -> None:
        if self._session is None:
            self._session = ClientSession(
                connector=TCPConnector(limit=self._connections, keepalive_timeout=60),
                cookie_jar=DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
                proxy=self._proxy,
            )

    async def shutdown(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Send one request; returns the status and the body, whatever the status is."""
        if self._session is None:
            raise NetworkError("the connection to Telegram is closed")
        uploads = request_data is not None and request_data.contains_files
        patience = _given(read_timeout, _UPLOAD_S if uploads else self._read_timeout)
        connecting = _given(connect_timeout, self._connect_timeout)
        # aiohttp's `connect` counts the wait for a free connection in; so many waiting is as good as no network.
        timeout = ClientTimeout(total=None, connect=patience, sock_connect=connecting, sock_read=patience)
        body, headers = _body(request_data)
        try:
            async with self._session.request(method, url, data=body, headers=headers, timeout=timeout) as response:
                return response.status, await response.read()
        except TimeoutError as error:
            raise TimedOut(f"no answer within {patience:g} s") from error
        except (ClientError, OSError) as error:
            raise NetworkError(f"{type(error).__name__}: {error}") from error

    async def stream(self, url: str) -> AsyncIterator[bytes]:
        """What lies at this address, piece by piece; anything but a 200 raises NetworkError."""
        if self._session is None:
            raise NetworkError("the connection to Telegram is closed")
        timeout = ClientTimeout(total=None, sock_connect=self._connect_timeout, sock_read=self._read_timeout)
        try:
            async with self._session.get(url, timeout=timeout) as response:
                if response.status != HTTPStatus.OK:
                    raise NetworkError(f"the file server answers {response.status}")
                async for piece in response.content.iter_chunked(_PIECE_BYTES):
                    yield piece
        except TimeoutError as error:
            raise TimedOut(f"no answer within {self._read_timeout:g} s") from error
        except (ClientError, OSError) as error:
            raise NetworkError(f"{type(error).__name__}: {error}") from error

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer's envelope. The library's own logs a traceback when a proxy answers with a page."""
        try:
            answer = json.loads(payload.decode("utf-8", "replace"))
        except ValueError:
            answer = None
        if not isinstance(answer, dict) or not answer.keys() & {"result", "description"}:
            raise TelegramError("what answers is not the Bot API")
        return answer


def _given(value: ODVInput[float], default: float) -> float:
    return default if value is None or isinstance(value, DefaultValue) else value


def _body(request_data: RequestData | None) -> tuple[bytes | FormData | None, dict[str, str]]:
    if request_data is None or not (parameters := request_data.parameters or request_data.contains_files):
        return None, {}
    if not request_data.contains_files:
        return json.dumps(parameters).encode(), {"Content-Type": "application/json"}
    form = FormData(quote_fields=False)
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in request_data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return form, {}


def _proxy_for(url: str) -> str | None:
    """The proxy that the environment names for this server, looked up once and not at each request."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    proxy = getproxies().get(parts.scheme)
    if proxy is None or host in _LOOPBACK or proxy_bypass(host) or not proxy.startswith("http"):
        return None
    return proxy
