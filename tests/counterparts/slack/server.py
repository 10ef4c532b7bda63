"""The loopback Slack itself: a thread with its own event loop, and what a test says to it."""

import asyncio
import copy
import json
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from aiohttp import web

from tests.counterparts.patience import PATIENCE

from . import payloads, uploads, webapi
from .deliveries import Delivery
from .faults import Fault, Faults, Hold
from .links import Links
from .people import Person
from .rooms import Room
from .signing import HttpAnswer, post_signed
from .workspace import BOT_USER, Channel, Profile, Workspace

Json = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Call:
    """A call of the Web API: its arguments as they came (token left out); `answer` None where it got none."""

    method: str
    arguments: Json
    answer: Json | None


class SlackCounterpart:
    """A small, strict Slack on 127.0.0.1, in a thread of its own; for tests in this and other processes.

    `clock` (seconds) ages triggers. `redeliver_after` seconds unacknowledged, an event goes out again,
    at most three times; None: only on demand. Its methods block and may be called from any thread but the one
    that runs the bot's loop.
    """

    bot_user = BOT_USER

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        redeliver_after: float | None = None,
        bot_token: str = "xoxb-loopback",
        app_token: str = "xapp-loopback",
        signing_secret: str = "loopback-signing-secret",
    ) -> None:
        self.bot_token, self.app_token, self.signing_secret = bot_token, app_token, signing_secret
        self.workspace = Workspace(clock=clock)
        self.calls: list[Call] = []
        self.port = 0
        self._faults = Faults()
        self._links = Links(self.workspace, self._faults, redeliver_after=redeliver_after)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="slack-counterpart", daemon=True)
        self._runner: web.AppRunner | None = None
        self._persons: dict[str, Person] = {}
        self._revoked = False

    # Life

    def start(self) -> Self:
        """Listen on a free port."""
        self._thread.start()
        self._run(self._up())
        return self

    def stop(self) -> None:
        """Break everything off and end the thread."""
        if self._runner is not None:
            self._run(self._down())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def go_away(self) -> None:
        """Not listening any more, all connections broken off; what happened so far is remembered."""
        self._run(self._down())

    def come_back(self) -> None:
        """Listening again, on the same port."""
        self._run(self._up())

    @property
    def base(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def api_url(self) -> str:
        """What an SDK takes as its base_url."""
        return f"{self.base}/api/"

    # What is there

    @property
    def violations(self) -> list[str]:
        """What the app did that Slack does not allow; a test ends with `assert not slack.violations`."""
        with self.workspace.changed:
            return list(self.workspace.violations)

    @property
    def deliveries(self) -> list[Delivery]:
        """All that was sent to the app."""
        with self.workspace.changed:
            return list(self._links.deliveries)

    def calls_of(self, method: str) -> list[Call]:
        """The calls of one method, in order."""
        with self.workspace.changed:
            return [call for call in self.calls if call.method == method]

    def wait_call(self, method: str, *, count: int = 1, timeout: float = PATIENCE) -> Call:
        """The call with that number, once it was made."""
        self.wait_until(lambda: len(self.calls_of(method)) >= count, timeout=timeout, what=f"{count} × {method}")
        return self.calls_of(method)[count - 1]

    def wait_connected(self, count: int = 1, timeout: float = PATIENCE) -> None:
        """Once the app has (at least) so many connections; 0 waits for none."""
        open_now = self._links.connections
        self.wait_until(
            lambda: len(open_now) >= count if count else not open_now,
            timeout=timeout,
            what=lambda: f"{count} connections, {len(open_now)} open",
        )

    def wait_until(
        self, seek: Callable[[], T | None], *, timeout: float = PATIENCE, what: Callable[[], str] | str = ""
    ) -> T:
        """The first true answer of `seek`, which is asked at every change here."""
        return self.workspace.wait_until(seek, timeout=timeout, what=what)

    # Who is there

    def user(
        self,
        user_id: str,
        *,
        real_name: str = "Li Na",
        locale: str = "zh-CN",
        tz: str = "Asia/Shanghai",
        email: str = "",
    ) -> Person:
        """A person with a direct conversation with the bot; the same one for the same id."""
        with self.workspace.changed:
            if user_id not in self._persons:
                profile = Profile(
                    user_id,
                    real_name,
                    locale,
                    tz,
                    email or f"{user_id.lower()}@loopback.example",
                    f"D{user_id}",
                )
                self.workspace.people[user_id] = profile
                self.workspace.channels[profile.dm] = Channel(profile.dm, "directmessage", user_id)
                self._persons[user_id] = Person(self, profile)
            return self._persons[user_id]

    def channel(self, channel_id: str, *, name: str = "sales", has_bot: bool = True) -> Room:
        """A channel, which the bot is a member of or not."""
        with self.workspace.changed:
            self.workspace.channels.setdefault(channel_id, Channel(channel_id, name, has_bot=has_bot))
        return Room(self.workspace, channel_id)

    # What is delivered

    def deliver(
        self,
        kind: str,
        payload: Json,
        *,
        accepts_answer: bool = True,
        on_answer: Callable[[Json | None], None] | None = None,
    ) -> Delivery:
        """Send any payload; the persons here do so for what they do."""
        delivery = Delivery(self.workspace, kind, copy.deepcopy(payload), accepts_answer, on_answer)
        with self.workspace.changed:
            self._links.deliveries.append(delivery)
        self._send(self._links.deliver(delivery))
        return delivery

    def redeliver(self, envelope_id: str) -> Delivery:
        """The very same envelope once more."""
        delivery, _ = self._links.envelopes[envelope_id]
        self._send(self._links.deliver(delivery, envelope_id=envelope_id))
        return delivery

    def retry(self, delivery: Delivery) -> None:
        """A retry as Slack makes it by itself: the same event in a new envelope, the attempt counted."""
        self._run(self._links.retry(delivery))

    def deliver_over_http(self, url: str) -> None:
        """From now on all deliveries are posted to `url`, signed, instead of going over websockets."""
        self._links.http = (url, self.signing_secret)

    def deliver_http(
        self,
        url: str,
        signing_secret: str,
        payload: Json,
        kind: str,
        *,
        timestamp: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> HttpAnswer:
        """Post one delivery (`slash_commands`, `events_api`, `interactive`); the options forge it."""
        return self._run(post_signed(url, signing_secret, payload, kind, timestamp=timestamp, headers=headers))

    def warn(self) -> None:
        """Tell the oldest connection that it will be closed soon."""
        self._run(self._links.disconnect("warning", close=False))

    def refresh(self) -> None:
        """Ask the oldest connection to be renewed, and close it."""
        self._run(self._links.disconnect("refresh_requested", close=True))

    def disconnect(self) -> None:
        """Break all websockets off, while still listening."""
        self._loop.call_soon_threadsafe(self._links.abort)

    # What goes wrong

    def revoke_tokens(self, *, tell: bool = True) -> None:
        """Take the bot's token back, as when the app is removed from the workspace; `tell`: by event, too."""
        self._revoked = True
        if tell:
            for inner in (
                {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT_USER]}},
                {"type": "app_uninstalled"},
            ):
                self.deliver("events_api", payloads.event(inner), accepts_answer=False)

    def restore_tokens(self) -> None:
        """The same token counts again, as when the app is installed once more."""
        self._revoked = False

    def fail_next(
        self,
        method: str,
        *,
        error: str = "internal_error",
        status: int | None = None,
        retry_after: int | None = None,
        times: int = 1,
    ) -> None:
        """Refuse the next calls, without effect; `ratelimited` is a 429 with Retry-After, a 5xx no JSON."""
        if error == "ratelimited":
            status, retry_after = status or 429, 1 if retry_after is None else retry_after
        fault = Fault("refuse", error=error, status=status or 200, retry_after=retry_after)
        self._faults.add(method, fault, times)

    def drop_next(self, method: str, *, after_effect: bool, times: int = 1) -> None:
        """Break the connection of the next calls off, before they did anything or when it is done."""
        self._faults.add(method, Fault("drop", before=not after_effect), times)

    def hold_next(self, method: str, *, after_effect: bool) -> Hold:
        """Make the next call stand still, before it did anything or before it is answered."""
        hold = Hold(self._loop)
        self._faults.add(method, Fault("hold", before=not after_effect, hold=hold))
        return hold

    def lose_acks(self, times: int = 1, *, kind: str | None = None) -> None:
        """The next acknowledgements (of a kind) never arrive."""
        self._faults.lose_acks(kind, times)

    # The server

    async def _up(self) -> None:
        app = web.Application(client_max_size=4 * 1024**2)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/respond/{key}", self._respond)
        app.router.add_get("/link", self._links.serve)
        app.router.add_post("/upload/{id}", self._upload)
        app.router.add_get("/files-pri/{id}/{way:.*}", self._file)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def _down(self) -> None:
        self._links.abort()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        given, error = await self._arguments(request, method)
        if method in uploads.NO_JSON and request.content_type == "application/json":
            error = "invalid_arguments"
        fault = self._faults.take(method)
        if fault is not None and fault.before:
            refused = await self._suffer(fault, request)
            if refused is not None:
                self._record(method, given, None)
                return refused
        answer = {"ok": False, "error": error} if error else webapi.call(self.workspace, method, given)
        if method == "apps.connections.open" and answer["ok"]:
            answer["url"] = f"ws://127.0.0.1:{self.port}/link?ticket={self._links.new_ticket()}"
        if method == "files.getUploadURLExternal" and answer["ok"]:
            answer["upload_url"] = f"{self.base}/upload/{answer['file_id']}"
        if fault is not None and not fault.before:
            self._record(method, given, None)
            refused = await self._suffer(fault, request)
            return refused or web.json_response(answer)
        self._record(method, given, answer)
        return web.json_response(answer)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        fault = self._faults.take("upload")
        if fault is not None and (refused := await self._suffer(fault, request)) is not None:
            return refused
        return web.Response(status=uploads.take(self.workspace, request.match_info["id"], await request.read()))

    async def _file(self, request: web.Request) -> web.StreamResponse:
        file = self.workspace.files.get(request.match_info["id"])
        fault = self._faults.take("file")
        self._record("file", {"id": request.match_info["id"]}, {})
        if fault is not None:
            refused = await self._suffer(fault, request)
            if refused is not None:
                return refused
        if request.headers.get("Authorization") != f"Bearer {self.bot_token}" or self._revoked:
            return web.Response(text="<html>sign in</html>", content_type="text/html")  # Slack: no error, a page
        if file is None:
            return web.Response(status=404)
        return web.Response(body=file.content, content_type=file.mime)

    async def _arguments(self, request: web.Request, method: str) -> tuple[Json, str | None]:
        given: Json = dict(request.query)
        if request.content_type == "application/json" and request.can_read_body:
            try:
                body = json.loads(await request.read())
            except ValueError:
                return given, "invalid_json"
            if not isinstance(body, dict):
                return given, "json_not_object"
            body.pop("token", None)  # Slack reads no token from JSON
            given |= body
        else:
            given |= dict(await request.post())
        token = given.pop("token", None)
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        token = bearer if scheme == "Bearer" else token
        if token is None:
            return given, "not_authed"
        wanted = self.app_token if method == "apps.connections.open" else self.bot_token
        if token == wanted and not (self._revoked and token == self.bot_token):
            return given, None
        if token == wanted:
            return given, "token_revoked"
        return given, "not_allowed_token_type" if token in {
            self.app_token,
            self.bot_token,
        } else "invalid_auth"

    async def _suffer(self, fault: Fault, request: web.Request) -> web.StreamResponse | None:
        """The fault's answer; None where the call goes on."""
        if fault.kind == "hold":
            assert fault.hold is not None
            await fault.hold.stand()
            return None
        if fault.kind == "drop":
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        if fault.status >= 500:
            return web.Response(status=fault.status, text="<html>upstream</html>", content_type="text/html")
        return web.json_response({"ok": False, "error": fault.error}, status=fault.status, headers=headers)

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        error = webapi.respond(self.workspace, request.match_info["key"], await request.json())
        return web.Response(text="ok") if error is None else web.Response(status=404, text=error)

    def _record(self, method: str, given: Json, answer: Json | None) -> None:
        with self.workspace.changed:
            self.calls.append(Call(method, given, answer))
            self.workspace.changed.notify_all()

    def _send(self, act: Coroutine[Any, Any, None]) -> None:
        future = asyncio.run_coroutine_threadsafe(act, self._loop)
        if self._links.http is None:  # over HTTP sending ends with the answer only
            future.result(10)

    def _run(self, act: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(act, self._loop).result(10)
