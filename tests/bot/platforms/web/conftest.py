import itertools
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from bot.config import Settings
from crm.core.database import Database
from tests import postgres

from .serving import Served, make_people, make_settings, serve

_numbers = itertools.count(1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = make_settings(tmp_path)
    make_people(made)
    return made


@pytest.fixture
async def served(settings: Settings) -> AsyncIterator[Served]:
    async with serve(settings) as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A migrated database with four people, of either kind."""
    name = f"web_{os.getpid()}_{next(_numbers)}"
    url = "" if request.param == "sqlite" else postgres.create_database(name)
    settings = make_settings(tmp_path, url=url)
    make_people(settings)
    opened = Database(settings.database_url)
    yield opened
    opened.close()
    if url:
        postgres.drop_database(name)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        if os.environ.get("TRADEWIND_REQUIRE_BROWSER") == "1":
            pytest.fail("There is no chromium here, and TRADEWIND_REQUIRE_BROWSER=1 asks for it.")
        pytest.skip("There is no chromium here (apt-get install chromium): the page is not tested.")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield started
        await started.close()
