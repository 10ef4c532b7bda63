"""What an update means: from Telegram's JSON to an Inbound, or to nothing."""

import re
from collections.abc import Mapping
from typing import Any

from telegram.constants import MessageAttachmentType

from bot.inbound import PRESS, TEXT, Inbound
from bot.platforms.telegram.api import Me

_COMMAND = re.compile(r"/(?P<verb>\w+)(?:@(?P<bot>\w+))?(?=\s|$)(?P<rest>.*)", re.DOTALL)
_CONTENT = frozenset(kind.value for kind in MessageAttachmentType) | {"checklist"}
"""What people send that is no text. Anything else without a text is Telegram's own note (a message was pinned)."""


class Malformed(Exception):
    """An update that no Telegram would send."""


def read_update(update: Mapping[str, Any], me: Me) -> Inbound | None:
    """What came in; None for what is not for us. Raises Malformed."""
    match update:
        case {"update_id": int(number), "callback_query": query}:
            return _press(query, f"{me.id}:{number}")
        case {"update_id": int(number), "message": message}:
            return _text(message, f"{me.id}:{number}", me)
    return None


def callback_of(update: Mapping[str, Any]) -> str | None:
    """The id under which this update's press wants its answer, if it is a press."""
    match update:
        case {"callback_query": {"id": str(callback)}}:
            return callback
    return None


def _press(query: Any, delivery_id: str) -> Inbound | None:
    match query:
        case {
            "id": str(),
            "data": str(data),
            "from": {"id": int(account)} as sender,
            "message": {"message_id": int(ref), "chat": {"id": int(chat), "type": str(kind)}},
        }:
            return Inbound(
                platform="telegram",
                delivery_id=delivery_id,
                account_id=str(account),
                chat_id=str(chat),
                kind=PRESS,
                is_private=kind == "private",
                button=data,
                message_ref=str(ref),
                language=_language(sender),
            )
        case {"id": str(), "from": {"id": int()}} if "data" not in query or "message" not in query:
            return None  # a game, or a message sent through us into a chat we are not in
    raise Malformed("callback_query")


def _text(message: Any, delivery_id: str, me: Me) -> Inbound | None:
    match message:
        case {
            "message_id": int(),
            "from": {"id": int(account)} as sender,
            "chat": {"id": int(chat), "type": str(kind)},
        }:
            pass
        case _:
            raise Malformed("message")
    typed = message.get("text", message.get("caption", ""))
    if not isinstance(typed, str):
        raise Malformed("message")
    is_private = kind == "private"
    text = _for_us(typed, message, me, is_private=is_private)
    if text is None or sender.get("is_bot"):
        return None
    return Inbound(
        platform="telegram",
        delivery_id=delivery_id,
        account_id=str(account),
        chat_id=str(chat),
        kind=TEXT,
        is_private=is_private,
        text=text,
        language=_language(sender),
    )


def _for_us(typed: str, message: Mapping[str, Any], me: Me, *, is_private: bool) -> str | None:
    """The text without our name in it. In a group only what is said to us counts."""
    if not typed and not message.keys() & _CONTENT:
        return None
    command = _COMMAND.fullmatch(typed)
    if command and (command["bot"] is None or command["bot"].casefold() == me.username.casefold()):
        return f"/{command['verb']}{command['rest']}"
    if is_private:
        return typed
    if command:
        return None
    mention = re.compile(rf"(?<!\w)@{re.escape(me.username)}(?!\w)", re.IGNORECASE)
    if mention.search(typed):
        return mention.sub("", typed).strip()
    match message.get("reply_to_message"):
        case {"from": {"id": int(author)}} if author == me.id:
            return typed
    return None


def _language(sender: Mapping[str, Any]) -> str:
    code = str(sender.get("language_code", "")).casefold()
    main = re.split("[-_]", code)[0]
    return {"zh": "zh_CN", "en": "en"}.get(main, "")
