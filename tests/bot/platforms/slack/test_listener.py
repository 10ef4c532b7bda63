"""The Bolt app by itself: a request in, what the way in was asked, and what Slack is answered."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from pydantic import SecretStr

from bot.config import Settings
from bot.inbound import Inbound
from bot.platforms.slack.client import SlackClient
from bot.platforms.slack.listener import PATIENCE_S, Listener
from bot.platforms.slack.people import Directory
from bot.platforms.slack.platform import dispatch
from bot.reception import Receipt
from crm.people.identities import LinkedAccount
from tests.counterparts.slack import Person, SlackCounterpart

Json = dict[str, Any]
VIEW = {
    "id": "V1",
    "type": "modal",
    "callback_id": "form",
    "private_metadata": "tok",
    "title": {"type": "plain_text", "text": "t"},
    "blocks": [{"type": "input", "block_id": "company"}],
    "state": {"values": {"company": {"value": {"type": "plain_text_input", "value": "x\x00y"}}}},
}
WHO = {"user": {"id": "U1", "team_id": "T0TEAM"}, "team": {"id": "T0TEAM"}}


class Recording:
    """Takes what comes and answers what it was told to."""

    def __init__(self) -> None:
        self.answers: Receipt | Exception = Receipt("handled")
        self.taken: list[Inbound] = []

    async def receive(self, inbound: Inbound, *, patience: float | None = None, record: Any = None) -> Receipt:
        assert patience is not None
        assert 0 < patience <= PATIENCE_S
        self.taken.append(inbound)
        if isinstance(self.answers, Exception):
            raise self.answers
        return self.answers


@pytest.fixture
def reception() -> Recording:
    return Recording()


@pytest.fixture
async def deliver(slack: SlackCounterpart, reception: Recording, li: Person) -> AsyncIterator[Callable[..., Any]]:
    settings = Settings(
        _env_file=None, language="en", slack_api_url=slack.api_url, slack_bot_token=SecretStr(slack.bot_token)
    )
    client = SlackClient.of(settings)

    async def recall(account_id: str) -> LinkedAccount:
        return LinkedAccount("")

    directory = Directory(client, recall=recall)
    listener = Listener(
        settings=settings,
        client=client,
        directory=directory,
        reception=reception,  # type: ignore[arg-type]
        identity=await client.call("auth.test"),
        doubt=lambda: None,
    )

    async def handle(payload: Json, envelope_id: str = "e1", *, accepts: bool = True) -> Json | None:
        envelope = {"envelope_id": envelope_id, "payload": payload, "accepts_response_payload": accepts}
        return await dispatch(listener.app, envelope)

    yield handle
    await listener.close()
    await directory.close()
    await client.close()


def command(text: str = "lead", channel: str = "DU1") -> Json:
    return {
        "command": "/crm",
        "text": text,
        "user_id": "U1",
        "team_id": "T0TEAM",
        "channel_id": channel,
        "trigger_id": "t",
    }


def typed(**more: Any) -> Json:
    event = {"type": "message", "user": "U1", "channel": "DU1", "ts": "1.2", "text": "hello", **more}
    return {"type": "event_callback", "team_id": "T0TEAM", "event_id": "Ev", "event": event}


def press() -> Json:
    actions = [{"type": "button", "action_id": "press:0", "block_id": "b", "value": "key"}]
    place = {"channel": {"id": "DU1"}, "container": {"type": "message", "message_ts": "1.2"}}
    return {"type": "block_actions", "trigger_id": "t", "actions": actions, **WHO, **place}


def submission() -> Json:
    return {"type": "view_submission", "trigger_id": "t", "view": VIEW, **WHO}


async def test_what_the_way_in_is_told(deliver: Callable[..., Any], reception: Recording) -> None:
    assert await deliver(command()) == {}
    assert await deliver(typed(), accepts=False) == {}
    assert await deliver(press()) == {}
    assert await deliver(submission()) == {"response_action": "clear"}
    assert await deliver({"type": "view_closed", "view": VIEW, **WHO}) == {}
    kinds = [(inbound.kind, inbound.delivery_id, inbound.chat_id, inbound.forms) for inbound in reception.taken]
    assert kinds == [
        ("text", "e1", "DU1", True),
        ("text", "DU1:1.2", "DU1", False),
        ("press", "e1", "DU1", True),
        ("form", "e1", "DU1", True),
        ("closed", "e1", "DU1", False),
    ]
    assert reception.taken[3].values == {"company": "xy"}


async def test_nothing_was_written(deliver: Callable[..., Any], reception: Recording, li: Person, slack: Any) -> None:
    reception.answers = Receipt("unavailable")
    assert await deliver(typed()) is None  # it comes again
    assert "Nothing was saved" in (await deliver(command()))["text"]
    assert "Nothing was saved" in (await deliver(submission()))["errors"]["company"]
    assert await deliver(press()) == {}
    await asyncio.to_thread(slack.wait_call, "chat.postEphemeral")


@pytest.mark.parametrize("payload", [command(), typed(), press(), submission()])
async def test_a_failure_is_not_acknowledged(
    deliver: Callable[..., Any], reception: Recording, payload: Json, caplog: pytest.LogCaptureFixture
) -> None:
    reception.answers = OSError("no space left")
    assert await deliver(payload) is None
    assert "no space left" in caplog.text


async def test_what_is_said_in_passing(
    deliver: Callable[..., Any], reception: Recording, li: Person, slack: SlackCounterpart
) -> None:
    reception.answers = Receipt("handled", "<b> done")
    told = await deliver(command())
    assert (told["response_type"], told["text"]) == ("ephemeral", "&lt;b&gt; done")
    for payload in (press(), submission(), typed()):
        await deliver(payload)
    await asyncio.to_thread(slack.wait_call, "chat.postEphemeral", count=3)
    assert {message.shown for message in li.ephemerals()} == {"<b> done"}
    assert slack.violations == []


async def test_what_is_nobodys_business(deliver: Callable[..., Any], reception: Recording) -> None:
    note = VIEW | {"callback_id": "note"}
    link = press() | {"actions": [{"type": "button", "action_id": "x", "block_id": "b"}]}
    for payload in (typed(bot_id="B"), typed(type="team_join"), link, {"type": "view_closed", "view": note, **WHO}):
        assert await deliver(payload) == {}
    assert reception.taken == []
