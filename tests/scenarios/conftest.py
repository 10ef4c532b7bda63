"""Houses with their doors open and their people seated."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from crm.people.people import Role
from tests.counterparts.slack import SlackCounterpart
from tests.counterparts.telegram import TelegramCounterpart
from tests.scenarios.house import House
from tests.scenarios.seats import Seat, SlackSeat, TelegramSeat, WebSeat

TEAM = {
    "李伟": (Role.REP,),
    "林雅琴": (Role.SUPERVISOR,),
    "孙丽华": (Role.FINANCE,),
    "陈国栋": (Role.GM,),
}
Play = Callable[..., tuple[House, list[Seat]]]


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    """Open a house whose four people sit at the doors named, in the order of TEAM."""
    with ExitStack() as stack:

        def seated(*doors: str) -> tuple[House, list[Seat]]:
            telegram = stack.enter_context(TelegramCounterpart()) if "telegram" in doors else None
            slack = stack.enter_context(SlackCounterpart()) if "slack" in doors else None
            url = f"sqlite:///{tmp_path / '-'.join(doors)}.db"
            house = stack.enter_context(House(url, tmp_path, telegram=telegram, slack=slack, web="web" in doors))
            house.stock()
            for counterpart in filter(None, (telegram, slack)):
                stack.callback(lambda counterpart=counterpart: _assert_clean(counterpart.violations))
            codes = {name: house.hire(name, *roles, team="欧洲组") for name, roles in TEAM.items()}
            seats: list[Seat] = []
            for number, (name, door) in enumerate(zip(TEAM, doors, strict=False), start=1):
                if door == "telegram" and telegram is not None:
                    seats.append(TelegramSeat(telegram, 1000 + number, codes[name]))
                elif door == "slack" and slack is not None:
                    seats.append(SlackSeat(slack, f"U{number}", codes[name]))
                else:
                    seats.append(WebSeat(house.address, name))
            return house, seats

        yield seated


def _assert_clean(violations: list[str]) -> None:
    assert violations == []
