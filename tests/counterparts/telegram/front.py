"""The HTTP side, which runs on the server's own loop: routes, the token, faults, and the record of calls."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from tests.counterparts.telegram.calling import Calling
from tests.counterparts.telegram.faults import Faults
from tests.counterparts.telegram.methods import carry_out
from tests.counterparts.telegram.polling import Polling
from tests.counterparts.telegram.reading import read_parameters, read_request
from tests.counterparts.telegram.refusals import RefusedError
from tests.counterparts.telegram.rules import METHODS, UPLOAD_BYTES
from tests.counterparts.telegram.sending_limits import SendingLimits
from tests.counterparts.telegram.world import Call, Refusal, World


class HttpFront:
    """What runs on the server's own loop."""

    def __init__(self, world: World, *, token: str, faults: Faults, limits: SendingLimits | None) -> None:
        self._world = world
        self._token = token
        self._faults = faults
        self._limits = limits
        self.polling = Polling(world)
        self.calling = Calling(world)
        self.port = 0
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        app = web.Application(client_max_size=2 * UPLOAD_BYTES)
        app.router.add_route("*", "/bot{token}/{method}", self._api)
        app.router.add_get("/file/bot{token}/{path:.+}", self._file)
        app.router.add_route("*", "/{rest:.*}", self._nothing)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]
        self.calling.begin()

    def wake(self) -> None:
        """Something has changed: a poll or a call may have something to bring."""
        self.polling.wake()
        self.calling.wake()

    async def close(self) -> None:
        """Closes the socket and breaks every connection, as a server does that goes away."""
        runner, self._runner = self._runner, None
        if runner is None:
            return
        await self.calling.end()
        for site in runner.sites:
            await site.stop()
        if runner.server is not None:
            for connection in runner.server.connections:
                if connection.transport is not None:
                    connection.transport.abort()
        await runner.cleanup()

    async def _nothing(self, request: web.Request) -> web.Response:
        return _answer(RefusedError("Not Found", status=404))

    async def _file(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != self._token:
            return _answer(_unauthorized())
        with self._world.changed:
            stored = {file.path: file for file in self._world.files.values()}
        file = stored.get(request.match_info["path"])
        if file is None:
            return _answer(RefusedError("Not Found", status=404))
        return web.Response(body=file.content, content_type="application/octet-stream")

    async def _api(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        raw: Mapping[str, Any] = {}
        try:
            self._admit(request)
            raw = await read_request(request)
            result = await self._call(request, method, raw)
        except RefusedError as refused:
            self._keep(method, raw, refused)
            return _answer(refused)
        return web.json_response({"ok": True, "result": result})

    def _admit(self, request: web.Request) -> None:
        if request.match_info["token"] != self._token:
            raise _unauthorized()
        if request.match_info["method"] not in METHODS:
            raise RefusedError("Not Found", status=404, violation=True, detail="no such method")

    async def _call(self, request: web.Request, method: str, raw: Mapping[str, Any]) -> object:
        try:
            given = read_parameters(method, raw)
        except RefusedError:
            self._note(method, raw)
            raise
        self._note(method, given)
        await self._strike(request, method, after=False)
        if self._limits:
            self._limits.check(method, given.get("chat_id"))
        if method == "getUpdates":
            result: object = await self.polling.get_updates(given)
        else:
            with self._world.changed:
                result = carry_out(self._world, method, given)
        await self._strike(request, method, after=True)
        return result

    async def _strike(self, request: web.Request, method: str, *, after: bool) -> None:
        fault = self._faults.take(method, after=after)
        if fault is None:
            return
        if fault.hold:
            await fault.hold.stand()
        if fault.seconds:
            await asyncio.sleep(fault.seconds)
        if fault.drops:
            if request.transport is not None:
                request.transport.abort()
            await asyncio.Event().wait()  # ends when the lost connection cancels this handler
        if fault.refusal:
            raise fault.refusal

    def _note(self, method: str, parameters: Mapping[str, Any]) -> None:
        with self._world.changed:
            self._world.calls.append(Call(method, parameters, time.monotonic()))
            self._world.changed.notify_all()

    def _keep(self, method: str, raw: Mapping[str, Any], refused: RefusedError) -> None:
        with self._world.changed:
            self._world.refusals.append(Refusal(method, refused.status, refused.description, raw))
            if refused.violation:
                detail = f" ({refused.detail})" if refused.detail else ""
                self._world.violations.append(f"{method}: {refused.description}{detail}")
            self._world.changed.notify_all()


def _answer(refused: RefusedError) -> web.Response:
    return web.json_response(refused.body(), status=refused.status)


def _unauthorized() -> RefusedError:
    return RefusedError("Unauthorized", status=401)
