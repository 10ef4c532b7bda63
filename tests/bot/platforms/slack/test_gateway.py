"""Sending, editing, opening modals; every way in which Slack can refuse."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.cards.screen import Screen, say
from bot.gateway import Away, DeliveryError, Later, Message, Refused, Unreachable, Vanished
from bot.platforms.slack.client import SlackClient
from bot.platforms.slack.errors import TokenRefused
from bot.platforms.slack.gateway import SlackGateway
from bot.wording import wording
from crm.core.database import utc_now
from tests.bot.platforms.slack.screens import FORM, LEAD, WORST, worst_form
from tests.counterparts.slack import Person, SlackCounterpart


@pytest.fixture
async def client(slack: SlackCounterpart) -> AsyncIterator[SlackClient]:
    opened = SlackClient(api_url=slack.api_url, bot_token=slack.bot_token, app_token=slack.app_token)
    yield opened
    await opened.close()


@pytest.fixture
def gateway(client: SlackClient) -> SlackGateway:
    return SlackGateway(client)


def message(screen: Screen, li: Person, trigger: str | None = None, age: float = 0.0) -> Message:
    return Message(
        chat_id=li.channel_id,
        is_private=True,
        screen=screen,
        wording=wording("en", "Asia/Shanghai"),
        sign=lambda action: action,
        trigger=trigger,
        written_at=utc_now() - timedelta(seconds=age),
    )


def trigger_of(slack: SlackCounterpart, li: Person) -> str:
    with slack.workspace.changed:
        return slack.workspace.new_trigger(li.id)


async def test_send_and_edit(slack: SlackCounterpart, gateway: SlackGateway, li: Person) -> None:
    ref = await gateway.send(message(LEAD, li))
    [sent] = li.messages()
    assert ref == sent.ts
    await gateway.edit(message(say("less"), li), sent.ts)
    await gateway.edit(message(say("less"), li), sent.ts)  # showing it already is no error
    [edited] = li.messages()
    assert (edited.shown, edited.buttons) == ("less", ())
    assert slack.violations == []


async def test_the_worst_screens_are_taken(slack: SlackCounterpart, gateway: SlackGateway, li: Person) -> None:
    ref = await gateway.send(message(WORST, li))
    assert ref is not None
    await gateway.edit(message(WORST, li), ref)
    slack.workspace.clock = lambda: 0.0  # how long the worst form takes to draw is not asked here
    opened = await gateway.send(message(Screen((), (), worst_form()), li, trigger_of(slack, li), age=-60))
    assert str(opened).startswith("view:")
    assert slack.violations == []


async def test_a_form_opens_while_the_trigger_lives(slack: SlackCounterpart, gateway: SlackGateway, li: Person) -> None:
    asking = Screen(LEAD.lines, LEAD.rows, FORM)
    trigger = trigger_of(slack, li)
    ref = await gateway.send(message(asking, li, trigger, age=2))
    view = li.open_view()
    assert ref == f"view:{view.id}"
    assert view.private_metadata == FORM.token
    assert li.messages() == []
    with pytest.raises(Vanished):
        await gateway.edit(message(asking, li), ref)

    again = await gateway.send(message(asking, li, trigger))  # used up
    assert again == li.messages()[0].ts
    late = await gateway.send(message(asking, li, trigger_of(slack, li), age=2.6))
    assert late == li.messages()[1].ts
    assert len(slack.calls_of("views.open")) == 2


@pytest.mark.parametrize("error", ["expired_trigger_id", "exchanged_trigger_id", "view_too_large", "ratelimited"])
async def test_a_form_that_cannot_be_opened_is_asked_in_a_message(
    slack: SlackCounterpart, gateway: SlackGateway, li: Person, error: str
) -> None:
    slack.fail_next("views.open", error=error)
    asking = Screen(LEAD.lines, LEAD.rows, FORM)
    ref = await gateway.send(message(asking, li, trigger_of(slack, li)))
    assert ref == li.messages()[0].ts


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        *((code, Unreachable) for code in ("channel_not_found", "user_not_found", "is_archived", "user_disabled")),
        *((code, Vanished) for code in ("message_not_found", "cant_update_message", "edit_window_closed")),
        *((code, TokenRefused) for code in ("invalid_auth", "token_revoked", "account_inactive", "missing_scope")),
        *((code, Away) for code in ("internal_error", "fatal_error", "service_unavailable")),
        *((code, Refused) for code in ("invalid_blocks", "msg_too_long", "no_text", "something_new")),
        ("ratelimited", Later),
    ],
)
@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update"])
async def test_errors_are_narrowed(
    slack: SlackCounterpart,
    gateway: SlackGateway,
    li: Person,
    method: str,
    error: str,
    meaning: type[DeliveryError],
) -> None:
    slack.fail_next(method, error=error, retry_after=7)
    with pytest.raises(DeliveryError) as raised:
        await (
            gateway.send(message(LEAD, li)) if method == "chat.postMessage" else gateway.edit(message(LEAD, li), "1")
        )
    assert type(raised.value) is meaning
    assert error in str(raised.value)
    assert method in str(raised.value)
    if isinstance(raised.value, Later):
        assert raised.value.seconds == 7


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_slack_in_trouble_is_away(
    slack: SlackCounterpart, gateway: SlackGateway, li: Person, status: int
) -> None:
    slack.fail_next("chat.postMessage", status=status)
    with pytest.raises(Away, match=str(status)):
        await gateway.send(message(LEAD, li))


async def test_a_broken_line_is_away_and_nothing_is_sent_twice_by_the_sdk(
    slack: SlackCounterpart, gateway: SlackGateway, li: Person
) -> None:
    slack.drop_next("chat.postMessage", after_effect=True)
    with pytest.raises(Away):
        await gateway.send(message(LEAD, li))
    assert len(li.messages()) == 1
    await asyncio.to_thread(slack.go_away)
    with pytest.raises(Away):
        await gateway.send(message(LEAD, li))


async def test_a_client_that_is_closed_is_away(client: SlackClient, gateway: SlackGateway, li: Person) -> None:
    await client.close()
    with pytest.raises(Away, match="closed"):
        await gateway.send(message(LEAD, li))


async def test_messages_share_connections(slack: SlackCounterpart, gateway: SlackGateway, li: Person) -> None:
    await gateway.send(message(LEAD, li))
    started = time.perf_counter()
    await asyncio.gather(*(gateway.send(message(LEAD, li)) for _ in range(50)))
    assert time.perf_counter() - started < 5
    assert len(li.messages()) == 51
