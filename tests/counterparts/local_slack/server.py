"""The program as a process of its own, what it has seen, and the modal that its page would show."""

import asyncio
import json
import re
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self, TypeVar

import aiohttp

from tests.counterparts.patience import PATIENCE

from .fetch import program

Json = dict[str, Any]
T = TypeVar("T")

TEAM = "T01"
BOT = "U0BOT"
_BASE = re.compile(r"Web API base:\s+(http://\S+)/api/")


class LocalSlack:
    """One workspace with these people (account → name), each with a direct conversation `D…` with the app.

    `request_url`: where deliveries are posted, signed; without it the app connects by Socket Mode. There is one
    modal at a time in the whole workspace.
    """

    bot_token = "xoxb-1-2-local"
    app_token = "xapp-1-local"
    signing_secret = "a signing secret of local-slack"

    def __init__(self, folder: Path, people: dict[str, str], *, request_url: str = "") -> None:
        self._config = folder / "workspace.json"
        self._config.write_text(json.dumps(_config(self, people, request_url)))
        self.base = ""
        self.changed = threading.Condition()
        self._stack: list[Json] = []
        self._errors: list[Json] = []
        self._process: subprocess.Popen[str]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="local-slack")
        self._page: aiohttp.ClientWebSocketResponse
        self._watching: asyncio.Task[None]

    @property
    def api_url(self) -> str:
        return f"{self.base}/api/"

    def __enter__(self) -> Self:
        command = [str(program()), "--config", str(self._config), "--port", "0", "--base-host", "127.0.0.1"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.base = self._announced()
        self._thread.start()
        ready = threading.Event()
        self._watching = asyncio.run_coroutine_threadsafe(self._start_watching(ready), self._loop).result(10)
        assert ready.wait(10), "local-slack's page did not open"
        return self

    def __exit__(self, *_: object) -> None:
        async def stop() -> None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching

        asyncio.run_coroutine_threadsafe(stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        self._process.terminate()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()

    # What is to be seen

    def messages(self, channel: str) -> list[Json]:
        return list(self.control(f"messages/{channel}")["messages"])

    def log(self) -> list[Json]:
        """Its last thousand lines: `direction`, `kind`, `summary`, `detail`."""
        return list(self.control("log")["log"])

    def complaints(self) -> list[str]:
        """Calls that it refused, and deliveries that it could not make."""
        return [entry["summary"] for entry in self.log() if entry["direction"] == "internal"]

    @property
    def modal(self) -> Json | None:
        """The view on top."""
        with self.changed:
            return self._stack[-1] if self._stack else None

    def refusals(self) -> list[Json]:
        """Every answer of the app that put errors under a modal's fields, by block."""
        with self.changed:
            return list(self._errors)

    def wait_until(self, seek: Callable[[], T | None], what: str, *, timeout: float = PATIENCE) -> T:
        """The first true answer; asked at every change of the page, and often for what the page is not told."""
        until = time.monotonic() + timeout
        while not (found := seek()):
            assert time.monotonic() < until, f"waited for {what}; the modal is {self.modal}"
            with self.changed:
                self.changed.wait(0.02)
        return found

    def wait_connected(self, count: int = 1) -> None:
        """Once the app has connected so often."""
        greeting = "socket connected"
        self.wait_until(
            lambda: sum(entry["summary"].startswith(greeting) for entry in self.log()) >= count, "a connection"
        )

    # What is done

    def control(self, path: str, data: Json | None = None) -> Json:
        """Its own way in for tests: `message`, `command`, `interact`; answers when the app has acknowledged."""
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(f"{self.base}/_control/{path}", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=15) as answer:
            read: Json = json.load(answer)
            return read

    def as_page(self, act: Json) -> None:
        """What only its page can do: hand in or close the modal."""
        asyncio.run_coroutine_threadsafe(self._page.send_json(act), self._loop).result(10)

    def _announced(self) -> str:
        assert self._process.stdout is not None
        said = []
        for line in self._process.stdout:
            said.append(line)
            if found := _BASE.search(line):
                return found[1]
        raise AssertionError(f"local-slack did not start: {''.join(said)}")

    async def _start_watching(self, ready: threading.Event) -> "asyncio.Task[None]":
        return asyncio.create_task(self._watch(ready))

    async def _watch(self, ready: threading.Event) -> None:
        async with aiohttp.ClientSession() as client, client.ws_connect(f"{self.base}/ui", max_msg_size=0) as page:
            self._page = page
            async for message in page:
                told = message.json()
                with self.changed:
                    if told["t"] == "view":
                        self._stack = told["stack"]
                    elif told["t"] == "view_errors":
                        self._errors.append(told["errors"])
                    self.changed.notify_all()
                ready.set()


def _config(slack: LocalSlack, people: dict[str, str], request_url: str) -> Json:
    app = {
        "appId": "A01",
        "botUserId": BOT,
        "botName": "tradewind",
        "botToken": slack.bot_token,
        "appToken": slack.app_token,
        "signingSecret": slack.signing_secret,
        "mode": "events" if request_url else "socket",
    }
    rooms = [
        {"id": f"D{account}", "name": account, "is_channel": False, "is_im": True, "members": [account, BOT]}
        for account in people
    ]
    return {
        "workspace": {"name": "Acme", "domain": "acme", "teamId": TEAM},
        "apps": [app | ({"requestUrl": request_url} if request_url else {})],
        "users": [
            {"id": account, "name": name, "real_name": name, "tz": "Asia/Shanghai"} for account, name in people.items()
        ],
        "channels": rooms,
    }
