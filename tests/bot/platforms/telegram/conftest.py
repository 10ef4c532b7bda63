"""Telegram's room put together for tests: the counterpart, a real database, and the real way in and out."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from bot.cards.keys import Keys
from bot.config import Settings
from bot.delivery import Delivery
from bot.dispatcher import Dispatcher
from bot.handlers import menu
from bot.inbound import Inbound
from bot.platforms.telegram.pace import Pace
from bot.platforms.telegram.platform import TelegramPlatform
from bot.reception import Reception
from bot.spool import Spool
from bot.tables import metadata
from crm.core.database import Database
from crm.core.history import Actor
from crm.people.identities import tie
from crm.people.people import Role, add_person
from tests.bot.platforms.telegram.office import PUBLIC, QUICK, Office, Open, served
from tests.counterparts.telegram import TelegramCounterpart


@pytest.fixture
def telegram() -> Iterator[TelegramCounterpart]:
    with TelegramCounterpart() as counterpart:
        yield counterpart
        assert counterpart.violations == []


@pytest.fixture
def busy_timeout() -> float:
    """Seconds until the database counts as locked; modules that lock it have less patience."""
    return 20.0


@pytest.fixture
def database(tmp_path: Path, busy_timeout: float) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path}/tradewind.db", busy_timeout=busy_timeout)
    metadata.create_all(opened.engine)
    yield opened
    opened.close()


@pytest.fixture
def office(telegram: TelegramCounterpart, database: Database, tmp_path: Path) -> Open:
    """Opens an office on the counterpart; `token`, `pace`, `mode` and the like as wanted."""

    @asynccontextmanager
    async def opened(
        *,
        token: str = telegram.token,
        pace: Pace = QUICK,
        name: str = "one",
        mode: str = "polling",
        url: str = "",
    ) -> AsyncIterator[Office]:
        settings = Settings(
            _env_file=None,
            telegram_token=token,
            telegram_api_url=url or telegram.base_url,
            secret_key="k" * 32,
            language="en",
            telegram_mode=mode,
            public_url=PUBLIC if mode == "webhook" else "",
            spool_dir=tmp_path / f"spool-{name}",
        )
        keys = Keys(settings.key())
        platform = TelegramPlatform(settings, database, commands=menu, pace=pace)
        delivery = Delivery(database, [platform], keys, settings, worker=name)
        dispatcher = Dispatcher(database, settings, keys, worker=name, bots=lambda: {"telegram": platform.username})
        reception = Reception(dispatcher, delivery, Spool(settings.spool_dir))
        async with served(Starlette(routes=platform.routes(lambda: reception))) as served_at:
            telegram.calls_reach(served_at)
            running = asyncio.create_task(platform.run(reception))
            here = Office(database, platform, delivery, reception, running, settings, served_at)
            try:
                yield here
            finally:
                await here.stop()
                await reception.close()
                await delivery.close()
                await platform.close()

    return opened


@pytest.fixture
def linked(database: Database) -> Callable[[int], None]:
    """Makes a rep whose Telegram account is linked."""

    def link(account: int) -> None:
        with database.write() as work:
            actor = Actor(None, "cli")
            person = add_person(
                work, actor=actor, name=f"Rep {account}", roles=[Role.REP], language="en", timezone="Asia/Shanghai"
            )
            tie(work, platform="telegram", account_id=str(account), person_id=person.id, chat_id=None)

    return link


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Inbound]:
    """What reached the dispatcher, in order; it is carried out all the same."""
    taken: list[Inbound] = []
    handle = Dispatcher.handle

    def watched(self: Dispatcher, inbound: Inbound, *more: Any) -> Any:
        taken.append(inbound)
        return handle(self, inbound, *more)

    monkeypatch.setattr(Dispatcher, "handle", watched)
    return taken
