"""Socket Mode through the worst of days."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest
from structlog.testing import capture_logs

from bot.platforms.slack.examination import examine_token
from bot.platforms.slack.link_state import Pauses
from tests.bot.platforms.slack.running import Tradewind
from tests.counterparts.slack import Person, SlackCounterpart


@pytest.fixture
def idle(make_tradewind, li: Person) -> Tradewind:
    """Not started yet."""
    made = make_tradewind()
    made.add(li, "Li Na")
    return made


def test_slack_being_away_at_the_start_is_waited_for(slack: SlackCounterpart, idle: Tradewind, li: Person) -> None:
    slack.go_away()
    with capture_logs() as logs:
        idle.start(wait=False)
        idle.wait_state("away")
        slack.come_back()
        slack.wait_connected()
        idle.wait_state("connected")
    assert [entry["event"] for entry in logs if entry["log_level"] == "warning"] == ["slack away"]
    li.say("help")
    li.wait_for("settings")


def test_a_broken_connection_is_renewed_and_nothing_is_lost(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person
) -> None:
    for number in range(3):
        slack.disconnect()
        li.say("help", wait=False).wait(10)
        slack.wait_until(lambda wanted=number + 1: len([m for m in li.messages() if m.from_bot]) == wanted)
    slack.go_away()
    slack.wait_connected(0)
    tradewind.wait_state("away")
    slack.come_back()
    slack.wait_connected()
    assert li.command("/crm", "help").acked


def test_a_notice_brings_a_second_connection_before_the_first_ends(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person
) -> None:
    slack.warn()
    slack.wait_connected(2)
    for _ in range(2):  # in turn, over both
        assert li.command("/crm", "help").acked
    slack.refresh()
    assert li.command("/crm", "help").acked
    assert len(slack.calls_of("apps.connections.open")) == 2
    slack.refresh()
    slack.wait_call("apps.connections.open", count=3)
    slack.wait_connected()
    assert li.command("/crm", "help").acked


def test_what_is_under_way_is_acknowledged_over_the_next_connection(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person
) -> None:
    li.command("/crm", "help")
    other = sqlite3.connect(tradewind.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        command = li.command("/crm", "leads", wait=False).wait_sent()
        slack.disconnect()
        slack.wait_call("apps.connections.open", count=2)
        slack.wait_connected()
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert command.wait().acked


def test_what_is_under_way_is_acknowledged_before_the_end(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person
) -> None:
    li.command("/crm", "help")
    other = sqlite3.connect(tradewind.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    command = li.command("/crm", "leads", wait=False).wait_sent()
    with ThreadPoolExecutor(1) as aside:
        stopped = aside.submit(tradewind.stop)
        tradewind.wait_state("closed")
        assert not command.acked
        other.execute("ROLLBACK")
        other.close()
        stopped.result()
    assert command.acked
    assert command.answer is None


@pytest.mark.parametrize("method", ["auth.test", "apps.connections.open"])
def test_tokens_that_are_refused_are_told_once(slack: SlackCounterpart, idle: Tradewind, method: str) -> None:
    slack.fail_next(method, error="token_revoked", times=3)
    with capture_logs() as logs:
        idle.start(wait=False)
        idle.wait_state("refused")
        assert "token_revoked" in idle.platform.detail
        slack.wait_connected()  # it goes on trying: the token may be given back
        idle.wait_state("connected")
    assert len(slack.calls_of(method)) == 4
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["slack refused"]


def test_a_busy_slack_is_left_alone(slack: SlackCounterpart, idle: Tradewind) -> None:
    slack.fail_next("apps.connections.open", error="ratelimited", retry_after=1)
    idle.start()
    idle.wait_state("connected")


def test_the_doctor_sees_both_tokens(slack: SlackCounterpart, idle: Tradewind) -> None:
    assert idle.run(examine_token(idle.settings)) is None
    slack.fail_next("apps.connections.open", error="not_allowed_token_type")
    assert "not_allowed_token_type" in str(idle.run(examine_token(idle.settings)))
    slack.fail_next("auth.test", error="invalid_auth")
    assert "invalid_auth" in str(idle.run(examine_token(idle.settings)))


def test_pauses_grow_and_end_somewhere() -> None:
    pauses = Pauses(first=1, most=8, refused=100)
    grown = [pauses.after(failures, refused=False) for failures in (1, 2, 3, 4, 5, 5000)]
    assert all(0.8 * base <= pause <= 1.2 * base for pause, base in zip(grown, (1, 2, 4, 8, 8, 8), strict=True))
    assert 80 <= pauses.after(1, refused=True) <= 120


def test_logs_carry_no_token(slack: SlackCounterpart, idle: Tradewind) -> None:
    slack.fail_next("auth.test", error="invalid_auth")
    with capture_logs() as logs:
        idle.start()
    assert "xoxb" not in str(logs)
    assert "xapp" not in str(logs)
