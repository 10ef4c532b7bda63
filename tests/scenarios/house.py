"""Tradewind as it runs, in a thread, with every door open on loopback; stories are played against it."""

import asyncio
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from pydantic import SecretStr
from sqlalchemy import Table, select

from bot.app import Application
from bot.config import Settings
from crm.core.database import Clock, Database, utc_now
from crm.core.history import COMMAND_LINE
from crm.core.tables import Base
from crm.migrations import migrate
from crm.people.identities import issue_code
from crm.people.people import Role, add_person, find_by_name
from crm.sales.catalogue.products import ProductDetails, save_product
from tests.counterparts.local_slack import LocalSlack
from tests.counterparts.slack import SlackCounterpart
from tests.counterparts.telegram import TelegramCounterpart

_OF_THE_CHAT = {
    *("inbox", "outbox", "chats", "chat_identities", "card_copies", "conversation_sessions", "link_codes"),
    *("link_attempts", "leases", "web_chats", "web_messages"),
}
"""Tables of how something was said; all others are of what is so."""
_PASSING = {"id", "platform"}


class House:
    """One process on one database. `start` and `stop` as often as wanted; what is in the database stays."""

    def __init__(
        self,
        url: str,
        folder: Path,
        *,
        telegram: TelegramCounterpart | None = None,
        slack: SlackCounterpart | LocalSlack | None = None,
        web: bool = False,
        clock: Clock = utc_now,
        **settings: Any,
    ) -> None:
        given: dict[str, Any] = {
            "database_url": url,
            "port": 0,
            "secret_key": SecretStr("a secret of at least thirty-two bytes"),
            "spool_dir": folder / "spool",
            "webchat": web,
        }
        if telegram is not None:
            given |= {"telegram_token": SecretStr(telegram.token), "telegram_api_url": telegram.base_url}
        if slack is not None:
            given |= {
                "slack_bot_token": SecretStr(slack.bot_token),
                "slack_app_token": SecretStr(slack.app_token),
                "slack_api_url": slack.api_url,
            }
        self.settings = Settings(_env_file=None, **(given | settings))
        self.clock = clock
        self.database = Database(url, clock=clock)
        migrate(self.database)
        self.address = ""
        self._slack = slack
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None
        self.application: Application
        self._loop: asyncio.AbstractEventLoop
        self._task: asyncio.Task[None]
        self._error: BaseException | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.database.close()

    def start(self) -> None:
        self._ready.clear()
        self._thread = threading.Thread(target=self._run, name="house")
        self._thread.start()
        assert self._ready.wait(15), "Tradewind did not start"
        if self._error is not None:
            raise self._error
        if self._slack is not None and self.settings.slack_mode == "socket":
            self._slack.wait_connected(1)

    def stop(self) -> None:
        assert self._thread is not None
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(15)
        assert not self._thread.is_alive(), "Tradewind did not stop"

    def hire(self, name: str, *roles: Role, language: str = "zh_CN", team: str | None = None) -> str:
        """Add somebody; returns a one-time code for them."""
        with self.database.write() as work:
            add_person(
                work,
                actor=COMMAND_LINE,
                name=name,
                roles=roles,
                language=language,
                timezone="Asia/Shanghai",
                team=team,
            )
        return self.code(name)

    def stock(self) -> None:
        """One product to sell."""
        with self.database.write() as work:
            details = ProductDetails(
                sku="LP-6060",
                name="LED panel 600x600",
                name_zh="LED面板灯",
                unit="pcs",
                currency="CNY",
                list_price=Decimal(300),
                floor_price=Decimal(250),
                cost=Decimal(200),
                stock=Decimal(5000),
                lead_time_days=20,
            )
            save_product(work, actor=COMMAND_LINE, details=details)

    def code(self, name: str) -> str:
        with self.database.write() as work:
            return issue_code(work, actor=COMMAND_LINE, person_id=find_by_name(work, name=name).id)

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """What stories leave behind: every table of the business, without what differs by door and time."""
        with self.database.read() as work:
            return {
                table.name: [
                    _lasting(row)
                    for row in work.connection.execute(select(table).order_by(*_order(table))).mappings()
                    if row.get("act") != "account linked"
                ]
                for table in Base.metadata.sorted_tables
                if table.name not in _OF_THE_CHAT
            }

    def send_what_is_due(self) -> None:
        """Have delivery look now, and wait until it has nothing under way."""

        async def send() -> None:
            await self.application.delivery.tick()
            await self.application.delivery.settle()

        asyncio.run_coroutine_threadsafe(send(), self._loop).result(30)

    def _run(self) -> None:
        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            self.application = Application(self.settings, clock=self.clock)
            self._task = asyncio.ensure_future(self.application.serve(ready=self._is_ready))
            with suppress(asyncio.CancelledError):
                await self._task

        try:
            asyncio.run(serve())
        except Exception as error:  # noqa: BLE001 - raised again where the house is opened
            self._error = error
            self._ready.set()

    def _is_ready(self, address: str) -> None:
        self.address = address
        self._ready.set()


def _order(table: Table) -> list[Any]:
    return list(table.primary_key.columns)


def _lasting(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A row without its door, and without moments: when it was is no part of the story, whether it was is."""
    kept = {name: value for name, value in row.items() if name not in _PASSING}
    return {name: "then" if isinstance(value, datetime) else value for name, value in kept.items()}
