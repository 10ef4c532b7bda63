"""Webhooks: the server calls the bot with each update, until it is answered with a 200.

As with the real one, a chat's updates come one after the other, those of different chats side by side, and one that
is refused comes again after a pause. The address is told as https; a test says where on loopback that really is.
"""

import asyncio
import contextlib
import time
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout

from tests.counterparts.telegram.world import JSON, World

FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.3
PATIENCE = 60.0
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Calling:
    """Runs on the server's own loop. `really`: what stands in for scheme and host of the webhook's address."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.really = ""
        self._woken = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._under_way: dict[int, asyncio.Task[None]] = {}

    def begin(self) -> None:
        self._running = asyncio.create_task(self._run())

    async def end(self) -> None:
        tasks = [*self._under_way.values(), *([self._running] if self._running else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._under_way.clear()

    def wake(self) -> None:
        self._woken.set()

    async def _run(self) -> None:
        async with ClientSession(timeout=ClientTimeout(total=PATIENCE)) as session:
            while True:
                self._woken.clear()
                for update in self._due():
                    task = asyncio.create_task(self._see_through(session, update))
                    self._under_way[update["update_id"]] = task
                await self._woken.wait()

    def _due(self) -> list[JSON]:
        """What nobody is being called with, one a chat, at most `max_connections` in all."""
        with self._world.changed:
            if not self._world.webhook or not self.really:
                return []
            room = self._world.webhook.get("max_connections", 40) - len(self._under_way)
            every = [*self._world.updates.again, *self._world.updates.pending]
            busy = {_chat(self._world.updates.every[number]) for number in self._under_way}
            due: list[JSON] = []
            for update in every:
                if len(due) < room and _chat(update) not in busy:
                    due.append(update)
                    busy.add(_chat(update))
            return due

    async def _see_through(self, session: ClientSession, update: JSON) -> None:
        number, pause = update["update_id"], FIRST_PAUSE
        try:
            while await self._call(session, update) != 200:
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 2)
            self._settle(update)
        finally:
            self._under_way.pop(number, None)
            self._woken.set()

    async def _call(self, session: ClientSession, update: JSON) -> int:
        with self._world.changed:
            webhook: Mapping[str, str] = dict(self._world.webhook)
        status = 0
        if webhook:
            headers = {SECRET_HEADER: webhook["secret_token"]} if webhook.get("secret_token") else {}
            url = self.really + urlsplit(webhook["url"]).path
            with contextlib.suppress(ClientError, TimeoutError):
                async with session.post(url, json=update, headers=headers) as response:
                    await response.read()
                    status = response.status
        with self._world.changed:
            self._world.webhook_answers.append((update["update_id"], status))
            if webhook and status != 200:
                self._world.webhook_error = {"last_error_date": int(time.time()), "last_error_message": _error(status)}
            self._world.changed.notify_all()
        return status

    def _settle(self, update: JSON) -> None:
        with self._world.changed:
            updates = self._world.updates
            updates.pending = [one for one in updates.pending if one is not update]
            updates.again = [one for one in updates.again if one is not update]
            updates.confirmed_below = max(updates.confirmed_below, update["update_id"] + 1)
            self._world.changed.notify_all()


def _error(status: int) -> str:
    """As the real one words it."""
    if status == 0:
        return "Connection refused"
    return f"Wrong response from the webhook: {status} {HTTPStatus(status).phrase}"


def _chat(update: JSON) -> int:
    """What an update has to wait for: those of the same chat before it."""
    query = update.get("callback_query") or {}
    message = update.get("message") or update.get("my_chat_member") or query.get("message") or {}
    chat = message.get("chat") or {} if isinstance(message, dict) else {}
    return int(chat.get("id", update["update_id"]))
