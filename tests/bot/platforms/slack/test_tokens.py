"""The app removed from the workspace, its token taken back and given again, while Tradewind runs."""

import pytest
from structlog.testing import capture_logs

from bot.platforms.slack.examination import examine_token
from tests.bot.platforms.slack.running import Tradewind
from tests.counterparts.slack import Person, SlackCounterpart

pytestmark = pytest.mark.parametrize("mode", ["socket", "http"])


@pytest.mark.parametrize("told", [True, False])
def test_a_token_taken_back_is_told_once_and_nothing_is_lost(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person, told: bool
) -> None:
    li.say("help")
    first = li.wait_for("settings")
    tradewind.wait_state("connected")
    with capture_logs() as logs:
        slack.revoke_tokens(tell=told)
        li.say("deals")  # taken all the same; its answer waits
        tradewind.wait_state("refused")
        assert "token_revoked" in tradewind.platform.detail
        assert "TRADEWIND_SLACK_BOT_TOKEN" in tradewind.platform.describe().sentence
        slack.wait_call("auth.test", count=4)
        assert "token_revoked" in str(tradewind.run(examine_token(tradewind.settings)))
        slack.restore_tokens()
        tradewind.wait_state("connected")
        li.wait_for("no open deals", after=first.ts)
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["slack refused"]


def test_a_call_that_lacks_a_scope_says_nothing_of_the_token(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person
) -> None:
    li.say("help")
    li.wait_for("settings")
    slack.fail_next("chat.postMessage", error="missing_scope")
    with capture_logs() as logs:
        li.say("deals")
        slack.wait_call("auth.test", count=2)
        li.wait_for("no open deals")
    assert tradewind.platform.state == "connected"
    assert [entry for entry in logs if entry["event"] == "slack refused"] == []
