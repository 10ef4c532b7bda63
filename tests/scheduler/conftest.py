"""A town with both platforms, and crews of processes that serve it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.counterparts.slack import SlackCounterpart
from tests.counterparts.telegram import TelegramCounterpart
from tests.scheduler.crew import Crew, Town


@pytest.fixture
def town() -> Iterator[Town]:
    with TelegramCounterpart() as telegram, SlackCounterpart() as slack:
        here = Town(telegram, slack)
        yield here
        assert here.violations() == []


@pytest.fixture
def crew(town: Town, database_url: str, tmp_path: Path) -> Iterator[Crew]:
    """At the test's database, on Monday, 2 March 2026, at 10:00 in Shanghai; nobody runs yet."""
    crew = Crew(database_url, tmp_path, town)
    yield crew
    crew.end()
