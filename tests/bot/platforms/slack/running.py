"""Tradewind as it runs, in a thread of its own, with the loopback Slack as its only platform."""

import asyncio
import threading
import time
from collections.abc import Awaitable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from pydantic import SecretStr
from sqlalchemy import select

from bot.app import Application
from bot.config import Settings
from bot.platforms.slack.link_state import Pauses
from bot.platforms.slack.platform import SlackPlatform
from crm.core.database import Database
from crm.core.history import COMMAND_LINE
from crm.migrations import migrate
from crm.people.identities import tie
from crm.people.people import Role, add_person
from crm.sales.leads.leads import Lead
from tests.counterparts.slack import Person, SlackCounterpart

T = TypeVar("T")
QUICK = Pauses(first=0.02, most=0.1, refused=0.1)


class Tradewind:
    """The application on a database of its own; `start` and `stop` as often as wanted.

    With `mode` http, Slack is told its address whenever it has started.
    """

    def __init__(self, slack: SlackCounterpart, folder: Path, *, mode: str = "socket", **settings: Any) -> None:
        self.slack = slack
        self.mode = mode
        self.address = ""
        self.file = folder / "tradewind.db"
        given = {
            "database_url": f"sqlite:///{self.file}",
            "port": 0,
            "secret_key": SecretStr("k" * 40),
            "language": "en",
            "slack_bot_token": SecretStr(slack.bot_token),
            "slack_mode": mode,
            "slack_app_token": SecretStr(slack.app_token if mode == "socket" else ""),
            "slack_signing_secret": SecretStr(slack.signing_secret if mode == "http" else ""),
            "slack_api_url": slack.api_url,
            "spool_dir": folder / "spool",
            **settings,
        }
        self.settings = Settings(_env_file=None, **given)
        self.database = Database(self.settings.database_url)
        migrate(self.database)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._serving: Future[None] | None = None
        self.platform: SlackPlatform
        self.application: Application

    def add(self, user: Person, name: str, language: str = "en", roles: tuple[Role, ...] = (Role.REP,)) -> int:
        """Their id."""
        with self.database.write() as work:
            member = add_person(
                work, actor=COMMAND_LINE, name=name, roles=roles, language=language, timezone="Asia/Shanghai"
            )
            tie(work, platform="slack", account_id=user.id, person_id=member.id, chat_id=None)
        return member.id

    def start(self, *, wait: bool = True) -> None:
        listening = threading.Event()

        def listens(address: str) -> None:
            self.address = address
            listening.set()

        async def serve() -> None:
            database = Database(self.settings.database_url)
            self.platform = SlackPlatform(self.settings, database)
            self.platform.pauses = QUICK
            application = self.application = Application(self.settings, platforms=[self.platform])
            try:
                await application.serve(ready=listens)
            finally:
                database.close()

        self._serving = asyncio.run_coroutine_threadsafe(serve(), self._loop)
        self._serving.add_done_callback(lambda done: listening.set())
        assert listening.wait(10)
        if self._serving.done():
            self._serving.result()
        if self.mode == "http":
            self.slack.deliver_over_http(f"{self.address}/slack/events")
        if wait and self.mode == "http":
            self.wait_state("connected")
        elif wait:
            self.slack.wait_connected()

    def wait_state(self, state: str) -> None:
        until = time.monotonic() + 10
        while self.platform.state != state:
            assert time.monotonic() < until, f"{self.platform.state}, not {state}"
            time.sleep(0.005)

    def stop(self) -> None:
        serving, self._serving = self._serving, None
        if serving is not None:
            serving.cancel()

            async def settled() -> list[str]:
                own = asyncio.current_task()
                while others := [task for task in asyncio.all_tasks() if task is not own]:
                    await asyncio.wait(others, timeout=10)
                    if not any(task.done() for task in others):
                        return [repr(task) for task in others]
                return []

            assert self.run(settled()) == []

    def close(self) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        self.database.close()

    def run(self, act: Awaitable[T]) -> T:
        async def awaited() -> T:
            return await act

        return asyncio.run_coroutine_threadsafe(awaited(), self._loop).result(30)

    def leads(self) -> list[Any]:
        with self.database.read() as work:
            return list(work.connection.execute(select(Lead.table()).order_by(Lead.table().c.id)))
