"""The same story through every door, and the rows it leaves."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from crm.people.people import Role
from tests.counterparts.slack import SlackCounterpart
from tests.counterparts.telegram import TelegramCounterpart
from tests.scenarios.house import House
from tests.scenarios.seats import Seat, SlackSeat, TelegramSeat, WebSeat
from tests.scenarios.stories import a_lead_in_chinese

Play = Callable[[str], tuple[House, Seat]]


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    """Open a house with one door, and seat 李伟 at it."""
    with ExitStack() as stack:

        def seated(door: str) -> tuple[House, Seat]:
            telegram = stack.enter_context(TelegramCounterpart()) if door == "telegram" else None
            slack = stack.enter_context(SlackCounterpart()) if door == "slack" else None
            url = f"sqlite:///{tmp_path / door}.db"
            house = stack.enter_context(House(url, tmp_path, telegram=telegram, slack=slack, web=door == "web"))
            code = house.hire("李伟", Role.REP)
            if telegram is not None:
                stack.callback(lambda: _assert_clean(telegram.violations))
                return house, TelegramSeat(telegram, 1001, code)
            if slack is not None:
                stack.callback(lambda: _assert_clean(slack.violations))
                return house, SlackSeat(slack, "U1", code)
            return house, WebSeat(house.address, "李伟")

        yield seated


def test_a_lead_leaves_the_same_rows_through_every_door(play: Play) -> None:
    left: dict[str, Any] = {}
    for door in ("web", "telegram", "slack"):
        house, rep = play(door)
        a_lead_in_chinese(rep)
        left[door] = house.rows()
    assert left["web"]["leads"][0]["company"] == "万通贸易"
    assert left["web"]["leads"][0]["phone"] == "+8613800138000"
    assert left["telegram"] == left["web"]
    assert left["slack"] == left["web"]


def _assert_clean(violations: list[str]) -> None:
    assert violations == []
