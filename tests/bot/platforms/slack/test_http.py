"""Slack over HTTP: signed deliveries, forged and old ones, redelivered ones, what cannot be taken."""

import json
import sqlite3
import time
import urllib.request
from collections.abc import Callable

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from bot.platforms.slack.endpoint import MOST_BYTES, is_signed
from bot.platforms.slack.examination import examine_token
from crm.core.errors import SettingsError
from tests.bot.platforms.slack.running import Tradewind
from tests.counterparts.slack import Person, SlackCounterpart, signature


@pytest.fixture
def mode() -> str:
    return "http"


def payload_of(text: str, *, event_id: str = "Ev1", ts: str = "7.7") -> dict:
    event = {
        "type": "message",
        "channel_type": "im",
        "user": "U1",
        "channel": "DU1",
        "ts": ts,
        "text": text,
    }
    return {"type": "event_callback", "team_id": "T0TEAM", "event_id": event_id, "event": event}


def post(tradewind: Tradewind, body: bytes, headers: dict[str, str]) -> int:
    request = urllib.request.Request(f"{tradewind.address}/slack/events", data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_a_whole_lead(slack: SlackCounterpart, tradewind: Tradewind, li: Person) -> None:
    li.command("/crm", "lead")
    li.open_view()
    li.fill({"Company": "Ernst", "Contact": "Anna", "Source": "Exhibition", "Product need": "m", "Budget": "plenty"})
    li.submit()
    assert list(li.errors()) == ["Budget"]
    li.fill({"Budget": "5k USD"})
    li.submit()
    li.wait_closed()
    card = li.wait_for("Ernst")
    li.press("Undo", ts=card.ts)
    li.wait_for("taken back")
    assert len(tradewind.leads()) == 1
    assert slack.calls_of("apps.connections.open") == []


def test_what_is_not_signed_is_refused_unread(slack: SlackCounterpart, tradewind: Tradewind, li: Person) -> None:
    url, secret, payload = f"{tradewind.address}/slack/events", slack.signing_secret, payload_of("help")
    now = int(time.time())
    with capture_logs() as logs:
        for given in (
            slack.deliver_http(url, "another secret", payload, "events_api"),
            slack.deliver_http(url, secret, payload, "events_api", timestamp=now - 301),
            slack.deliver_http(url, secret, payload, "events_api", timestamp=now + 301),
            slack.deliver_http(url, secret, payload, "events_api", headers={"X-Slack-Signature": "v0=é"}),
            slack.deliver_http(url, secret, payload, "events_api", headers={"X-Slack-Request-Timestamp": "soon"}),
            slack.deliver_http(url, secret, {"type": "url_verification", "challenge": "c"}, "events_api", timestamp=1),
        ):
            assert given.status == 401
            assert given.body == ""
    assert "help" not in str(logs)
    assert post(tradewind, b"{}", {}) == 401
    assert li.messages() == []


def test_the_address_is_verified(slack: SlackCounterpart, tradewind: Tradewind) -> None:
    asked = {"type": "url_verification", "token": "t", "challenge": "3eZbrw1a"}
    answer = slack.deliver_http(f"{tradewind.address}/slack/events", slack.signing_secret, asked, "events_api")
    assert (answer.status, answer.body) == (200, "3eZbrw1a")


def test_an_event_that_comes_again_does_nothing_twice(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person
) -> None:
    url = f"{tradewind.address}/slack/events"
    for retry in range(3):
        headers = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"} if retry else {}
        answer = slack.deliver_http(url, slack.signing_secret, payload_of("help"), "events_api", headers=headers)
        assert answer.status == 200
    li.wait_for("settings")
    li.say("leads")
    slack.wait_until(lambda: len([one for one in li.messages() if one.from_bot]) >= 2)
    assert len([one for one in li.messages() if one.from_bot]) == 2


def test_an_acknowledgement_that_gets_lost_brings_it_again(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person
) -> None:
    slack.lose_acks(kind="events_api")
    li.say("help", wait=False).wait(10)
    li.wait_for("settings")
    assert len([one for one in li.messages() if one.from_bot]) == 1


def test_what_cannot_be_taken_comes_again(
    slack: SlackCounterpart, tradewind: Tradewind, li: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive = tradewind.application.reception.receive
    refusals = iter([OSError("no space left on the device"), OSError("still none")])

    async def full(*given, **more):
        for refusal in refusals:
            raise refusal
        return await receive(*given, **more)

    monkeypatch.setattr(tradewind.application.reception, "receive", full)
    delivery = li.say("help", wait=False).wait(10)
    assert delivery.sends == 3
    li.wait_for("settings")


def test_more_than_slack_ever_sends_is_refused(slack: SlackCounterpart, tradewind: Tradewind) -> None:
    body = b"x" * (MOST_BYTES + 1)
    now = int(time.time())
    signed = {
        "X-Slack-Request-Timestamp": str(now),
        "X-Slack-Signature": signature(slack.signing_secret, now, body),
        "Content-Type": "application/json",
    }
    assert post(tradewind, body, signed) == 413
    odd = b"\xff\xfe{"
    signed["X-Slack-Signature"] = signature(slack.signing_secret, now, odd)
    assert post(tradewind, odd, signed) == 400


def test_a_locked_database_is_told_in_time(slack: SlackCounterpart, tradewind: Tradewind, li: Person) -> None:
    li.command("/crm", "help")
    other = sqlite3.connect(tradewind.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        command = li.command("/crm", "leads")
        assert command.answer["text"] == "Saving…"
    finally:
        other.execute("ROLLBACK")
        other.close()


def test_slack_being_away_at_the_start_is_waited_for(
    slack: SlackCounterpart, make_tradewind: Callable[..., Tradewind], li: Person
) -> None:
    tradewind = make_tradewind(mode="http")
    tradewind.add(li, "Li Na")
    slack.fail_next("auth.test", status=503, times=2)
    hold = slack.hold_next("auth.test", after_effect=False)
    tradewind.start(wait=False)
    tradewind.wait_state("away")
    hold.reached()
    answer = slack.deliver_http(
        f"{tradewind.address}/slack/events", slack.signing_secret, payload_of("help"), "events_api"
    )
    assert answer.status == 503
    hold.release()
    tradewind.wait_state("connected")
    li.say("help")
    li.wait_for("settings")


def test_a_token_that_is_refused_at_the_start_is_told_once(
    slack: SlackCounterpart, make_tradewind: Callable[..., Tradewind]
) -> None:
    tradewind = make_tradewind(mode="http")
    slack.fail_next("auth.test", error="invalid_auth", times=3)
    with capture_logs() as logs:
        tradewind.start(wait=False)
        tradewind.wait_state("refused")
        assert "invalid_auth" in tradewind.platform.detail
        tradewind.wait_state("connected")
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["slack refused"]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"mode": "http", "slack_signing_secret": SecretStr(" ")}, "TRADEWIND_SLACK_SIGNING_SECRET"),
        ({"mode": "socket", "slack_app_token": SecretStr("")}, "TRADEWIND_SLACK_APP_TOKEN"),
    ],
)
def test_a_secret_that_is_missing_is_named_in_one_sentence(
    make_tradewind: Callable[..., Tradewind], given: dict, named: str
) -> None:
    tradewind = make_tradewind(**given)
    with pytest.raises(SettingsError, match=f"^{named} must be set[^\n]*$"):
        tradewind.start(wait=False)
    assert named in str(tradewind.run(examine_token(tradewind.settings)))


def test_the_doctor_needs_no_app_token(slack: SlackCounterpart, tradewind: Tradewind) -> None:
    assert tradewind.run(examine_token(tradewind.settings)) is None
    assert slack.calls_of("apps.connections.open") == []


def test_signatures() -> None:
    body = json.dumps({"a": 1}).encode()
    good = signature("secret", 1000, body)
    assert is_signed("secret", "1000", good, body, now=1300)
    assert not is_signed("secret", "1000", good, body, now=1301)
    assert not is_signed("secret", "1000", good, body + b" ", now=1000)
    assert not is_signed("secret", "1001", good, body, now=1000)
    for odd in ("", "-1", "1e3", "１０００", "1000.0", "9" * 400):
        assert not is_signed("secret", odd, good, body, now=1000)
