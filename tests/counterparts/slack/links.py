"""Socket Mode: the websockets to the app, and the envelopes on them. All of it runs on the server's loop."""

import asyncio
import json
import secrets
import uuid
from typing import Any

import aiohttp
from aiohttp import web

from .deliveries import Delivery
from .faults import Faults
from .limits import EVENT_RETRIES
from .signing import post_signed
from .workspace import APP, Workspace

Json = dict[str, Any]


class Links:
    """The connections of the app, served in turn; with `http` set, deliveries go there instead."""

    def __init__(self, workspace: Workspace, faults: Faults, *, redeliver_after: float | None) -> None:
        self.workspace = workspace
        self.faults = faults
        self.redeliver_after = redeliver_after
        self.http: tuple[str, str] | None = None
        self.connections: list[tuple[web.WebSocketResponse, web.Request]] = []
        self.envelopes: dict[str, tuple[Delivery, str]] = {}
        self.deliveries: list[Delivery] = []
        self._tickets: set[str] = set()
        self._turn = 0
        self._timers: dict[Delivery, asyncio.TimerHandle] = {}
        self._retries: set[asyncio.Task[None]] = set()

    def new_ticket(self) -> str:
        """A right to one connection."""
        ticket = secrets.token_hex(12)
        self._tickets.add(ticket)
        return ticket

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """The life of one connection."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            self.workspace.violate("websocket: unknown or used ticket")
            return web.Response(status=403)
        self._tickets.remove(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(json.dumps(self._hello()))
        self._changed(self.connections.append, (socket, request))
        await self._send_due()
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._read(message.data)
        finally:
            self._forget(socket)
        return socket

    async def deliver(self, delivery: Delivery, *, envelope_id: str | None = None) -> None:
        """Send over the connection whose turn it is; with `envelope_id` the very same envelope again."""
        if envelope_id is None:
            envelope_id = str(uuid.uuid4())
            delivery.envelope_ids.append(envelope_id)
            self.envelopes[envelope_id] = delivery, json.dumps(delivery.envelope(envelope_id))
        if self.http is not None:
            await self._deliver_http(delivery)
        else:
            await self._deliver_socket(delivery, self.envelopes[envelope_id][1])
        # What is due goes out with the next connection; over HTTP there is none to wait for.
        waits = delivery.kind == "events_api" and not delivery.acked and (self.http or not delivery.due)
        if waits and self.redeliver_after is not None:
            self._later(self.redeliver_after, delivery)

    async def retry(self, delivery: Delivery) -> None:
        """An unacknowledged event goes out again: same event, new envelope, the attempt counted."""
        if delivery.acked or delivery.attempt >= EVENT_RETRIES:
            return
        if self.http is None and not self.connections:
            delivery.due = True
            return
        delivery.attempt += 1
        await self.deliver(delivery)

    async def disconnect(self, reason: str, *, close: bool) -> None:
        """Tell the oldest connection to go: `warning`, or `refresh_requested` and close it."""
        socket, _ = self.connections[0]
        await socket.send_str(json.dumps({"type": "disconnect", "reason": reason, "debug_info": {"host": "loopback"}}))
        if close:
            self._forget(socket)
            await socket.close()

    def abort(self) -> None:
        """Break all connections off, without a closing frame; events to be retried wait for the next one."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        if self.redeliver_after is not None:
            for delivery in self.deliveries:
                delivery.due = delivery.kind == "events_api" and not delivery.acked
        for socket, request in list(self.connections):
            self._forget(socket)
            if request.transport is not None:
                request.transport.abort()

    async def _deliver_socket(self, delivery: Delivery, text: str) -> None:
        while self.connections:
            self._turn += 1
            socket, _ = self.connections[self._turn % len(self.connections)]
            delivery.mark_sent()
            try:
                await socket.send_str(text)
            except ConnectionError:
                delivery.sends -= 1
                self._forget(socket)
            else:
                return
        delivery.fail("dispatch_failed: the app has no connection")

    async def _deliver_http(self, delivery: Delivery) -> None:
        assert self.http is not None
        url, secret = self.http
        delivery.mark_sent()
        try:
            answer = await post_signed(url, secret, delivery.payload, delivery.kind, retry=delivery.attempt)
        except (aiohttp.ClientError, OSError) as error:
            delivery.fail(f"dispatch_failed: {error}")
            return
        if answer.status == 200:
            self._acknowledge(delivery, answer.payload() if delivery.accepts_answer else None)
        else:
            delivery.fail(f"dispatch_failed: status {answer.status}")

    def _read(self, text: str) -> None:
        try:
            said = json.loads(text)
        except ValueError:
            said = None
        if not isinstance(said, dict) or said.keys() - {"envelope_id", "payload"}:
            self.workspace.violate(f"websocket: no acknowledgement: {text[:200]}")
            return
        delivery, _ = self.envelopes.get(said.get("envelope_id", ""), (None, ""))
        if delivery is None:
            self.workspace.violate(f"websocket: acknowledged an unknown envelope: {text[:200]}")
            return
        self._acknowledge(delivery, said.get("payload") or None)

    def _acknowledge(self, delivery: Delivery, answer: Json | None) -> None:
        if self.faults.loses_ack(delivery.kind):
            with self.workspace.changed:
                delivery.lost_acks += 1
                self.workspace.changed.notify_all()
            return
        delivery.acknowledge(answer)

    def _later(self, seconds: float, delivery: Delivery) -> None:
        loop = asyncio.get_running_loop()

        def go() -> None:
            self._timers.pop(delivery, None)
            task = loop.create_task(self.retry(delivery))
            self._retries.add(task)
            task.add_done_callback(self._retries.discard)

        if delivery in self._timers:
            self._timers[delivery].cancel()
        self._timers[delivery] = loop.call_later(seconds, go)

    async def _send_due(self) -> None:
        for delivery in [delivery for delivery in self.deliveries if delivery.due and not delivery.acked]:
            await self.retry(delivery)

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.connections) + 1,
            "debug_info": {"host": "loopback", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": APP},
        }

    def _forget(self, socket: web.WebSocketResponse) -> None:
        gone = next((pair for pair in self.connections if pair[0] is socket), None)
        if gone is not None:
            self._changed(self.connections.remove, gone)

    def _changed(self, change: Any, *arguments: Any) -> None:
        with self.workspace.changed:
            change(*arguments)
            self.workspace.changed.notify_all()
