"""The small trading company behind this door: `company` on either database, `small_company` on SQLite alone."""

from collections.abc import Callable

import pytest

from bot.app import subscriptions
from crm.core.database import Database
from tests.bot.front_desk import Desk
from tests.bot.handlers.mornings import Morning
from tests.bot.trading_desk import TradingDesk, open_trading_desk
from tests.conftest import Clock, MakePerson
from tests.crm.orders.trading import Trade


@pytest.fixture
async def company(desk: Desk, make_person: MakePerson) -> TradingDesk:
    return await open_trading_desk(desk, make_person)


@pytest.fixture
async def small_company(sqlite: Database, open_desk: Callable[..., Desk], make_person: MakePerson) -> TradingDesk:
    return await open_trading_desk(open_desk(sqlite), make_person)


@pytest.fixture
async def morning(desk: Desk, make_person: MakePerson, clock: Clock) -> Morning:
    desk.database.events = subscriptions()
    company = Morning(desk, Trade(desk.database, make_person), clock)
    await company.write_first()
    return company
