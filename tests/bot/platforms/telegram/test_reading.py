"""From payloads to Inbounds."""

from typing import Any

import pytest

from bot.inbound import PRESS, TEXT, Inbound
from bot.platforms.telegram.api import Me
from bot.platforms.telegram.reading import CLOSED, MOVED, OPENED, ChatChange, Malformed, callback_of, read_update

ME = Me(7, "tradewind_bot")
PRIVATE = {"id": 5, "type": "private"}
GROUP = {"id": -100, "type": "supergroup", "title": "Sales"}
LI = {"id": 5, "is_bot": False, "first_name": "Li", "language_code": "zh-hans"}


def message(text: str | None, chat: dict[str, Any] = PRIVATE, **more: Any) -> dict[str, Any]:
    content = {} if text is None else {"text": text}
    return {"update_id": 31, "message": {"message_id": 9, "date": 1, "from": LI, "chat": chat, **content, **more}}


def press(**changes: Any) -> dict[str, Any]:
    query = {
        "id": "77",
        "from": LI,
        "chat_instance": "1",
        "data": "lead.claim:17~x",
        "message": {"message_id": 9, "date": 1, "chat": PRIVATE, "from": {"id": 7, "is_bot": True}},
    }
    kept = {name: value for name, value in {**query, **changes}.items() if value is not None}
    return {"update_id": 32, "callback_query": kept}


def member(status: str, **more: Any) -> dict[str, Any]:
    told = {"chat": PRIVATE, "from": LI, "date": 1, "new_chat_member": {"user": {"id": 7}, "status": status, **more}}
    return {"update_id": 33, "my_chat_member": told}


def read_text(text: str | None, chat: dict[str, Any] = PRIVATE, **more: Any) -> str | None:
    found = read_update(message(text, chat, **more), ME)
    return None if found is None else found.text


def test_a_text_in_private() -> None:
    assert read_update(message("Ernst Handel"), ME) == Inbound(
        platform="telegram",
        delivery_id="7:31",
        account_id="5",
        chat_id="5",
        kind=TEXT,
        text="Ernst Handel",
        language="zh_CN",
    )


def test_a_press() -> None:
    assert read_update(press(), ME) == Inbound(
        platform="telegram",
        delivery_id="7:32",
        account_id="5",
        chat_id="5",
        kind=PRESS,
        button="lead.claim:17~x",
        message_ref="9",
        language="zh_CN",
    )


def test_a_press_on_a_message_too_old_to_be_shown_still_says_which() -> None:
    inaccessible = {"message_id": 9, "chat": GROUP, "date": 0}
    found = read_update(press(message=inaccessible), ME)
    assert found is not None
    assert (found.message_ref, found.chat_id, found.is_private) == ("9", "-100", False)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("/lead", "/lead"),
        ("/lead@tradewind_bot Canton Fair", "/lead Canton Fair"),
        ("/lead@TradeWind_Bot\nErnst\nHandel", "/lead\nErnst\nHandel"),
        ("/start ABCD-EFGH-JKLM", "/start ABCD-EFGH-JKLM"),
        ("/录单 Ernst", "/录单 Ernst"),
        ("/lead@another_bot", "/lead@another_bot"),
        ("  3/4 inch /pipe  ", "  3/4 inch /pipe  "),
        ("hello @tradewind_bot", "hello @tradewind_bot"),
        ("\x00<b>\ud800", "\x00<b>\ud800"),
    ],
)
def test_what_is_typed_in_private(typed: str, text: str) -> None:
    assert read_text(typed) == text


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("good morning everybody", None),
        ("/lead", "/lead"),
        ("/lead@tradewind_bot x", "/lead x"),
        ("/lead@another_bot x", None),
        ("@tradewind_bot leads", "leads"),
        ("leads please, @Tradewind_Bot", "leads please,"),
        ("mail me@tradewind_bot", None),
        ("@tradewind_bottle leads", None),
    ],
)
def test_in_a_group_only_what_is_said_to_us_counts(typed: str, text: str | None) -> None:
    assert read_text(typed, GROUP) == text


def test_a_reply_to_us_in_a_group_counts_and_one_to_somebody_else_does_not() -> None:
    assert read_text("Ernst", GROUP, reply_to_message={"message_id": 1, "from": {"id": 7, "is_bot": True}}) == "Ernst"
    assert read_text("Ernst", GROUP, reply_to_message={"message_id": 1, "from": {"id": 6}}) is None


@pytest.mark.parametrize(
    ("typed", "addressed"),
    [("/lead", False), ("/lead@tradewind_bot x", True), ("leads please, @Tradewind_Bot", True), ("Ernst", False)],
)
def test_in_a_group_only_our_name_says_that_we_are_meant(typed: str, addressed: bool) -> None:
    ours = {"reply_to_message": {"message_id": 1, "from": {"id": 7, "is_bot": True}}}
    read = read_update(message(typed, GROUP, **ours), ME)
    assert isinstance(read, Inbound)
    assert read.addressed is addressed
    private = read_update(message(typed, **ours), ME)
    assert isinstance(private, Inbound)
    assert private.addressed


def test_what_is_passed_on_in_a_group_is_not_for_us() -> None:
    origin = {"type": "hidden_user", "date": 1, "sender_user_name": "Hans"}
    assert read_text("/lead@tradewind_bot they wrote", forward_origin=origin) == "/lead@tradewind_bot they wrote"
    assert read_text("/lead what they wrote", GROUP, forward_origin=origin) is None


@pytest.mark.parametrize(
    ("update", "change"),
    [
        (message(None, GROUP, migrate_to_chat_id=-1009), ChatChange(MOVED, "-100", "-1009")),
        (message(None, GROUP, migrate_from_chat_id=-77), ChatChange(MOVED, "-77", "-100")),
        (member("kicked"), ChatChange(CLOSED, "5")),
        (member("left"), ChatChange(CLOSED, "5")),
        (member("member"), ChatChange(OPENED, "5")),
        (member("administrator"), ChatChange(OPENED, "5")),
        (member("restricted", can_send_messages=False), ChatChange(CLOSED, "5")),
        (member("restricted", can_send_messages=True), ChatChange(OPENED, "5")),
    ],
)
def test_what_is_said_of_a_chat_itself(update: dict[str, Any], change: ChatChange) -> None:
    assert read_update(update, ME) == change


def test_what_is_no_text_comes_as_its_caption_or_empty() -> None:
    assert read_text(None, photo=[], caption="their card") == "their card"
    assert read_text(None, voice={"file_id": "x"}) == ""
    assert read_text(None, sticker={"file_id": "x"}) == ""
    assert read_text(None, GROUP, voice={"file_id": "x"}) is None


def test_telegrams_own_notes_and_other_bots_are_nobodys_business() -> None:
    assert read_text(None, pinned_message={}) is None
    assert read_update(message("hi", **{"from": {"id": 8, "is_bot": True}}), ME) is None
    assert read_update({"update_id": 1, "edited_message": message("x")["message"]}, ME) is None


def test_a_press_on_nothing_of_ours_is_only_answered() -> None:
    game = press(data=None, game_short_name="chess")
    assert read_update(game, ME) is None
    assert callback_of(game) == "77"


@pytest.mark.parametrize(("code", "language"), [("zh", "zh_CN"), ("zh-hant", "zh_CN"), ("en-GB", "en"), ("de", "")])
def test_language(code: str, language: str) -> None:
    found = read_update(message("x", **{"from": {"id": 5, "language_code": code}}), ME)
    assert found is not None
    assert found.language == language


@pytest.mark.parametrize(
    "update",
    [
        {"update_id": 1, "message": None},
        {"update_id": 1, "message": {}},
        {"update_id": 1, "message": {"message_id": 1, "chat": PRIVATE, "text": "x"}},
        {"update_id": 1, "message": {"message_id": 1, "from": LI, "chat": {"id": "5"}, "text": "x"}},
        {"update_id": 1, "message": {"message_id": 1, "from": LI, "chat": PRIVATE, "text": ["x"]}},
        {"update_id": 1, "callback_query": []},
        {"update_id": 1, "my_chat_member": {}},
        message(None, contact={"phone_number": 5}),
        message(None, document={"file_name": "a.pdf"}),
        message(None, photo="large"),
        message("x", forward_origin={"type": "somebody", "date": 1}),
        message("x", forward_origin={"type": "hidden_user", "date": 10**20, "sender_user_name": "H"}),
        press(message={"message_id": "9", "chat": PRIVATE}),
        press(data=5),
    ],
)
def test_what_no_telegram_would_send(update: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read_update(update, ME)
