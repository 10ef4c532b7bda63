"""Tradewind as it runs, in a thread, with every door open on loopback; stories are played against it."""

import asyncio
import threading
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from pydantic import SecretStr
from sqlalchemy import select

from bot.app import Application
from bot.config import Settings
from crm.core.database import Database
from crm.core.history import COMMAND_LINE, HistoryEntry
from crm.migrations import migrate
from crm.orders.orders import Order
from crm.people.identities import issue_code
from crm.people.people import Role, add_person, find_by_name
from crm.sales.leads import Lead
from crm.sales.products import ProductDetails, save_product
from tests.counterparts.slack import SlackCounterpart
from tests.counterparts.telegram import TelegramCounterpart

# What differs from play to play and means nothing: numbers, times, doors.
_PASSING = {"id", "created_at", "changed_at", "at", "platform", "submitted_at", "decided_at"}


class House:
    """One process on one database. `start` and `stop` as often as wanted; what is in the database stays."""

    def __init__(
        self,
        url: str,
        folder: Path,
        *,
        telegram: TelegramCounterpart | None = None,
        slack: SlackCounterpart | None = None,
        web: bool = False,
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
        self.settings = Settings(_env_file=None, **given)
        self.database = Database(url)
        migrate(self.database)
        self.address = ""
        self._slack = slack
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None
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
        if self._slack is not None:
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
        """What the stories leave behind: leads and the history of records, without what differs by door and time."""
        with self.database.read() as work:
            leads = work.connection.execute(select(Lead.__table__).order_by(Lead.id)).mappings().all()
            history = (
                work.connection.execute(
                    select(HistoryEntry.__table__).where(HistoryEntry.entity == "lead").order_by(HistoryEntry.id)
                )
                .mappings()
                .all()
            )
            orders = work.connection.execute(select(Order.__table__).order_by(Order.id)).mappings().all()
        tables = {"leads": leads, "history": history, "orders": orders}
        return {
            name: [{key: value for key, value in row.items() if key not in _PASSING} for row in rows]
            for name, rows in tables.items()
        }

    def _run(self) -> None:
        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            self._task = asyncio.ensure_future(Application(self.settings).serve(ready=self._is_ready))
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
