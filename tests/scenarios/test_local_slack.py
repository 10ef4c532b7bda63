"""The main road in a Slack that somebody else wrote: what holds only against our own counterpart falls here."""

import os
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.counterparts.local_slack import LocalSlack
from tests.counterparts.local_slack.fetch import REQUIRED, program
from tests.scenarios.conftest import TEAM
from tests.scenarios.house import House
from tests.scenarios.local_seat import LocalSlackSeat
from tests.scenarios.stories import the_main_road

FOUND = {"LED面板灯": "1"}
"""What a searched list would have found: this Slack asks no app for suggestions."""
ACCOUNTS = {f"U{number}": name for number, name in enumerate(TEAM, start=1)}


Open = Callable[..., LocalSlack]


@pytest.fixture
def open_local_slack(tmp_path: Path) -> Iterator[Open]:
    if not program().exists():
        missing = "local-slack is not here (make counterparts fetches it)"
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(f"{missing}, and {REQUIRED}=1 asks for it.")
        pytest.skip(f"{missing}: Slack is played with our own counterpart only.")
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(LocalSlack(tmp_path, ACCOUNTS, **options))


def test_the_main_road_in_socket_mode(open_local_slack: Open, tmp_path: Path) -> None:
    slack = open_local_slack()
    with House(f"sqlite:///{tmp_path / 'tradewind.db'}", tmp_path, slack=slack) as house:
        _play_the_main_road(house, slack)


def test_the_main_road_over_http(open_local_slack: Open, tmp_path: Path) -> None:
    port = _free_port()
    slack = open_local_slack(request_url=f"http://127.0.0.1:{port}/slack/events")
    signed = {"slack_mode": "http", "slack_signing_secret": SecretStr(slack.signing_secret), "port": port}
    with House(f"sqlite:///{tmp_path / 'tradewind.db'}", tmp_path, slack=slack, **signed) as house:
        slack.wait_until(lambda: _is_up(house), "Tradewind to be ready for what is posted")
        _play_the_main_road(house, slack)


def _play_the_main_road(house: House, slack: LocalSlack) -> None:
    house.stock()
    codes = {name: house.hire(name, *roles, team="欧洲组") for name, roles in TEAM.items()}
    the_main_road(*(LocalSlackSeat(slack, account, codes[name], FOUND) for account, name in ACCOUNTS.items()))
    assert [order["status"] for order in house.rows()["orders"]] == ["ready"]
    assert slack.complaints() == []


def _free_port() -> int:
    """Each of the two has to know where the other is before it starts."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _is_up(house: House) -> bool:
    try:
        urllib.request.urlopen(f"{house.address}/health", timeout=5).close()
    except urllib.error.HTTPError as error:
        error.close()
        return False
    return True
