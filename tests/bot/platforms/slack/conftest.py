import gc
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bot.platforms.slack.running import Tradewind
from tests.counterparts.slack import Person, SlackCounterpart


@pytest.fixture
def slack() -> Iterator[SlackCounterpart]:
    with SlackCounterpart(redeliver_after=0.2) as counterpart:
        yield counterpart


@pytest.fixture
def li(slack: SlackCounterpart) -> Person:
    return slack.user("U1", real_name="Li Na", locale="en-GB")


@pytest.fixture
def make_tradewind(
    slack: SlackCounterpart, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> Iterator[Callable[..., Tradewind]]:
    """Makes applications; afterwards none may have left anything behind, nor broken one of Slack's rules."""
    caplog.set_level(logging.ERROR)
    made: list[Tradewind] = []

    def make(**settings: Any) -> Tradewind:
        made.append(Tradewind(slack, tmp_path, **settings))
        return made[-1]

    yield make
    for one in made:
        one.close()
    gc.collect()
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []
    assert slack.violations == []


@pytest.fixture
def mode() -> str:
    """How Slack delivers; a test may be parametrized with both."""
    return "socket"


@pytest.fixture
def tradewind(make_tradewind: Callable[..., Tradewind], li: Person, mode: str) -> Tradewind:
    """Running, connected, with Li Na as a rep."""
    running = make_tradewind(mode=mode)
    running.add(li, "Li Na")
    running.start()
    return running
