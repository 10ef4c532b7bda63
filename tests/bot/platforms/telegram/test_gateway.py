"""Sending and editing, through the library and HTTP: what arrives, and every way to fail by its name."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.cards.screen import Button, Screen, body, labelled, title
from bot.gateway import Away, DeliveryError, Later, Message, Refused, Unreachable, Vanished
from bot.platforms.telegram.api import Api
from bot.platforms.telegram.gateway import TelegramGateway
from bot.wording import wording
from tests.counterparts.telegram import TelegramCounterpart

SCREEN = Screen(
    (title("L-17 <Ernst> & Co"), labelled("Status", "New")),
    ((Button("Claim", "lead.claim:17", "primary", "✅"), Button("Drop", "lead.drop:17", "danger")),),
)


def message(screen: Screen = SCREEN, chat_id: str = "5") -> Message:
    return Message(
        chat_id=chat_id,
        is_private=True,
        screen=screen,
        wording=wording("en", "Asia/Shanghai"),
        sign=lambda action: f"{action}~seal",
    )


@pytest.fixture
async def gateway(telegram: TelegramCounterpart) -> AsyncIterator[TelegramGateway]:
    telegram.user(5)
    api = Api(token=telegram.token, url=telegram.base_url)
    await api.connect()
    yield TelegramGateway(api)
    await api.shutdown()


async def test_sent_as_drawn(telegram: TelegramCounterpart, gateway: TelegramGateway) -> None:
    ref = await gateway.send(message())
    [shown] = telegram.user(5).messages()
    assert str(shown.id) == ref
    assert shown.text == "L-17 <Ernst> & Co\nStatus: New"
    assert [[tuple(button) for button in row] for row in shown.buttons] == [
        [("✅ Claim", "lead.claim:17~seal"), ("Drop", "lead.drop:17~seal")]
    ]
    sent = telegram.calls("sendMessage")[0].parameters
    assert sent["link_preview_options"] == {"is_disabled": True}
    assert [button["style"] for button in sent["reply_markup"]["inline_keyboard"][0]] == ["primary", "danger"]


async def test_edited_in_place_and_the_buttons_go(telegram: TelegramCounterpart, gateway: TelegramGateway) -> None:
    ref = await gateway.send(message())
    await gateway.edit(message(Screen((body("Claimed."),))), ref)
    [shown] = telegram.user(5).messages()
    assert (shown.text, shown.buttons, shown.edits) == ("Claimed.", (), 1)


async def test_showing_it_already_is_no_error(telegram: TelegramCounterpart, gateway: TelegramGateway) -> None:
    ref = await gateway.send(message())
    await gateway.edit(message(), ref)
    [refusal] = telegram.refusals
    assert "message is not modified" in refusal.description


FAULTS: list[tuple[dict[str, Any], type[DeliveryError]]] = [
    ({"status": 403, "description": "Forbidden: bot was blocked by the user"}, Unreachable),
    ({"status": 403, "description": "Forbidden: user is deactivated"}, Unreachable),
    ({"status": 400, "description": "Bad Request: chat not found"}, Unreachable),
    ({"status": 400, "description": "Bad Request: PEER_ID_INVALID"}, Unreachable),
    ({"status": 400, "description": "Bad Request: not enough rights to send text messages to the chat"}, Unreachable),
    ({"status": 400, "description": "Bad Request: can't parse entities"}, Refused),
    ({"status": 400, "description": "Bad Request: message text is empty"}, Refused),
    ({"status": 500}, Away),
    ({"status": 502}, Away),
    ({"status": 503}, Away),
    ({"status": 401}, Away),
    ({"status": 404}, Away),
]


@pytest.mark.parametrize(("fault", "error"), FAULTS)
async def test_narrowed(
    telegram: TelegramCounterpart, gateway: TelegramGateway, fault: dict[str, Any], error: type[DeliveryError]
) -> None:
    telegram.fail_next("sendMessage", **fault)
    with pytest.raises(error) as caught:
        await gateway.send(message())
    assert telegram.token not in str(caught.value)


async def test_too_many_waits_as_long_as_asked(telegram: TelegramCounterpart, gateway: TelegramGateway) -> None:
    telegram.fail_next("sendMessage", status=429, retry_after=17)
    with pytest.raises(Later) as caught:
        await gateway.send(message())
    assert caught.value.seconds == 17


@pytest.mark.parametrize("after", [False, True])
async def test_a_broken_connection(telegram: TelegramCounterpart, gateway: TelegramGateway, *, after: bool) -> None:
    telegram.drop_connection("sendMessage", after=after)
    with pytest.raises(Away):
        await gateway.send(message())
    assert len(telegram.user(5).messages()) == int(after)
    await gateway.send(message())


async def test_nobody_listens(telegram: TelegramCounterpart, gateway: TelegramGateway) -> None:
    telegram.go_away()
    with pytest.raises(Away) as caught:
        await gateway.send(message())
    assert telegram.token not in str(caught.value)
    telegram.come_back()
    await gateway.send(message())


async def test_an_answer_that_takes_too_long(telegram: TelegramCounterpart) -> None:
    telegram.user(5)
    api = Api(token=telegram.token, url=telegram.base_url, patience=0.1)
    await api.connect()
    try:
        with telegram.hold("sendMessage"), pytest.raises(Away, match="no answer within"):
            await TelegramGateway(api).send(message())
    finally:
        await api.shutdown()


async def test_the_message_to_be_edited_is_gone(telegram: TelegramCounterpart, gateway: TelegramGateway) -> None:
    ref = await gateway.send(message())
    telegram.fail_next("editMessageText", status=400, description="Bad Request: message can't be edited")
    with pytest.raises(Vanished):
        await gateway.edit(message(), ref)
    for nowhere in ("999999", "not a number"):
        with pytest.raises(Vanished):
            await gateway.edit(message(), nowhere)


async def test_blocked_by_the_person(telegram: TelegramCounterpart, gateway: TelegramGateway) -> None:
    telegram.user(5).blocks_bot()
    with pytest.raises(Unreachable, match="blocked"):
        await gateway.send(message())


async def test_a_chat_that_never_was(gateway: TelegramGateway) -> None:
    with pytest.raises(Unreachable, match="Chat not found"):
        await gateway.send(message(chat_id="404"))
    with pytest.raises(Refused):
        await gateway.send(message(chat_id="somewhere"))


async def test_not_connected_yet_is_away(telegram: TelegramCounterpart) -> None:
    with pytest.raises(Away):
        await TelegramGateway(Api(token=telegram.token, url=telegram.base_url)).send(message())
