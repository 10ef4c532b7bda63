"""Socket Mode: a websocket that is always there, envelopes taken from it, acknowledgements sent back.

The SDK's client is not used: it acknowledges over whichever connection is the newest, retries for ever with the same
used-up address in the same rhythm, a traceback each time, and drops its tasks unawaited.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import structlog
from aiohttp import ClientError, ClientWebSocketResponse, WSMsgType

from bot.gateway import Away, DeliveryError
from bot.platforms.slack.client import SlackClient
from bot.platforms.slack.errors import TokenRefused
from bot.platforms.slack.link_state import LinkState, Pauses

log = structlog.get_logger()

Json = dict[str, Any]

Take: TypeAlias = Callable[[Json], Awaitable[Json | None]]
"""Deals with an envelope: the payload of its acknowledgement (perhaps empty), None for no acknowledgement."""

_HELLO_S = 10.0
_OPENING_S = 15.0
_RETIRING_S = 60.0
"""How long a connection that Slack has given notice of may still deliver."""
_STEADY_S = 10.0
"""A connection that has lived so long counts as a good one: after it there is no pause."""
_ACKNOWLEDGE_S = 2.5
"""How long an acknowledgement waits for a connection, and the end of a connection for acknowledgements."""


@dataclass(eq=False, slots=True)
class _Link:
    """One websocket; `leaving` is set once another one is needed."""

    socket: ClientWebSocketResponse
    since: float = field(default_factory=time.monotonic)
    leaving: asyncio.Event = field(default_factory=asyncio.Event)


class Connection:
    """Keeps us connected while `run` runs; `link` says whether we are. `prepare` is awaited before the first
    connection.
    """

    def __init__(
        self, client: SlackClient, *, prepare: Callable[[], Awaitable[None]], take: Take, pauses: Pauses
    ) -> None:
        self.link = LinkState()
        self._client = client
        self._prepare = prepare
        self._take = take
        self._pauses = pauses
        self._failures = 0
        self._ending = False
        self._links: list[_Link] = []
        self._linked = asyncio.Event()
        self._readers: set[asyncio.Task[None]] = set()
        self._serving: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Connect, and again whenever a connection ends, until cancelled; then let what is under way be answered."""
        try:
            while True:
                link = await self._connect()
                await link.leaving.wait()
                self._count(link)
        finally:
            self.link.state = "closed"
            await self._end()

    # Connecting

    async def _connect(self) -> _Link:
        while True:
            if self._failures:
                await asyncio.sleep(self._pauses.after(self._failures, refused=self.link.state == "refused"))
            try:
                await self._prepare()
                link = await self._open()
            except DeliveryError as error:
                self._failures += 1
                self.link.note("refused" if isinstance(error, TokenRefused) else "away", str(error))
            else:
                self.link.note("connected")
                return link

    async def _open(self) -> _Link:
        try:
            async with asyncio.timeout(_OPENING_S):
                socket = await self._client.open_socket()
        except TimeoutError as error:
            raise Away("the websocket could not be opened in time") from error
        try:
            async with asyncio.timeout(_HELLO_S):
                greeting = await socket.receive_json()
            if greeting.get("type") != "hello":
                raise Away(f"no greeting from Slack: {greeting.get('type')} {greeting.get('reason', '')}")
        except (TimeoutError, TypeError, ValueError, ClientError) as error:
            await socket.close()
            raise Away("no greeting from Slack") from error
        except BaseException:
            await socket.close()
            raise
        link = _Link(socket)
        self._links.append(link)
        self._linked.set()
        self._spawn(self._readers, self._read(link))
        return link

    def _count(self, link: _Link) -> None:
        """A connection that ended soon is followed by a pause like a failed one."""
        self._failures = 0 if time.monotonic() - link.since > _STEADY_S else self._failures + 1
        if not self._links and self.link.state == "connected":
            self.link.note("away", "the connection has ended")

    # Reading and answering

    async def _read(self, link: _Link) -> None:
        try:
            async with asyncio.timeout(None) as limit:
                async for frame in link.socket:
                    if frame.type is WSMsgType.TEXT and self._heed(link, frame.data):
                        limit.reschedule(asyncio.get_running_loop().time() + _RETIRING_S)
        except (TimeoutError, ClientError, OSError) as error:
            log.debug("slack connection ended", reason=str(error))
        finally:
            self._forget(link)
            link.leaving.set()
            await link.socket.close()

    def _heed(self, link: _Link, text: str) -> bool:
        """Deal with one frame; True where Slack gives notice of this connection's end."""
        try:
            said = json.loads(text)
            kind = said["type"]
        except (ValueError, TypeError, KeyError):
            log.warning("slack frame not understood", size=len(text))
            return False
        if kind == "disconnect":
            if said.get("reason") == "link_disabled":
                self.link.note("refused", "Socket Mode is turned off in the app's settings")
            link.leaving.set()
            return True
        if "envelope_id" in said and not self._ending:
            self._spawn(self._serving, self._serve(link, said))
        return False

    async def _serve(self, link: _Link, envelope: Json) -> None:
        try:
            answer = await self._take(envelope)
        except Exception:
            log.exception("slack envelope failed", envelope_id=envelope["envelope_id"])
            return
        if answer is not None:
            said = {"envelope_id": envelope["envelope_id"]} | ({"payload": answer} if answer else {})
            await self._acknowledge(link, json.dumps(said))

    async def _acknowledge(self, link: _Link, text: str) -> None:
        """Over the connection that brought it, or where that is gone, over one that takes its place in time."""
        try:
            async with asyncio.timeout(_ACKNOWLEDGE_S):
                while True:
                    for other in [link, *reversed(self._links)]:
                        if await _send(other, text):
                            return
                        self._forget(other)
                    await self._linked.wait()
        except TimeoutError:
            log.warning("slack acknowledgement not sent: no connection")

    # Ending

    def _forget(self, link: _Link) -> None:
        if link in self._links:
            self._links.remove(link)
        if not self._links:
            self._linked.clear()

    async def _end(self) -> None:
        """Take nothing more, answer what was taken, close."""
        self._ending = True
        if self._serving:
            await asyncio.wait(self._serving, timeout=_ACKNOWLEDGE_S)
        left = [*self._serving, *self._readers]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _spawn(self, tasks: set[asyncio.Task[None]], act: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(act)
        tasks.add(task)
        task.add_done_callback(tasks.discard)


async def _send(link: _Link, text: str) -> bool:
    if link.socket.closed:
        return False
    try:
        await link.socket.send_str(text)
    except (ClientError, ConnectionError):
        return False
    return True
