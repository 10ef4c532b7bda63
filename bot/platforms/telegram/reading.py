"""What an update means: from Telegram's JSON to an Inbound, to something said of a chat itself, or to nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from telegram.constants import MessageAttachmentType

from bot.inbound import PRESS, TEXT, Inbound
from bot.platforms.telegram.api import Me
from bot.platforms.telegram.sharing import Malformed, shared_in

__all__ = ["CLOSED", "MOVED", "OPENED", "ChatChange", "Malformed", "callback_of", "read_update"]

CLOSED, OPENED, MOVED = "closed", "opened", "moved"

_COMMAND = re.compile(r"/(?P<verb>\w+)(?:@(?P<bot>\w+))?(?=\s|$)(?P<rest>.*)", re.DOTALL)
_CONTENT = frozenset(kind.value for kind in MessageAttachmentType) | {"checklist"}
"""What people send that is no text. Anything else without a text is Telegram's own note (a message was pinned)."""
_IN = frozenset({"member", "administrator", "creator"})


@dataclass(frozen=True, slots=True)
class ChatChange:
    """`closed`: we are blocked or put out there; `opened`: not any more; `moved`: the chat's id is `to` now."""

    kind: str
    chat_id: str
    to: str = ""


def read_update(update: Mapping[str, Any], me: Me) -> Inbound | ChatChange | None:
    """What came in; None for what is not for us. Raises Malformed."""
    match update:
        case {"update_id": int(number), "callback_query": query}:
            return _press(query, f"{me.id}:{number}")
        case {"update_id": int(), "message": {"chat": {"id": int(chat)}, "migrate_to_chat_id": int(to)}}:
            return ChatChange(MOVED, str(chat), str(to))
        case {"update_id": int(), "message": {"chat": {"id": int(chat)}, "migrate_from_chat_id": int(old)}}:
            return ChatChange(MOVED, str(old), str(chat))
        case {"update_id": int(number), "message": message}:
            return _message(message, f"{me.id}:{number}", me)
        case {"update_id": int(), "my_chat_member": member}:
            return _membership(member)
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


def _membership(member: Any) -> ChatChange:
    match member:
        case {"chat": {"id": int(chat)}, "new_chat_member": {"status": str(status)} as now}:
            may_write = status in _IN or (status == "restricted" and now.get("can_send_messages") is True)
            return ChatChange(OPENED if may_write else CLOSED, str(chat))
    raise Malformed("my_chat_member")


def _message(message: Any, delivery_id: str, me: Me) -> Inbound | None:
    match message:
        case {
            "message_id": int(),
            "from": {"id": int(account)} as sender,
            "chat": {"id": int(chat), "type": str(type_)},
        }:
            pass
        case _:
            raise Malformed("message")
    typed = message.get("text", message.get("caption", ""))
    if not isinstance(typed, str):
        raise Malformed("message")
    is_private, is_passed_on = type_ == "private", "forward_origin" in message
    said = _for_us(typed, message, me, is_private=is_private)
    # Somebody else's words, in which a command is none; in a group nobody passes anything on to us.
    if said is None or sender.get("is_bot") or (is_passed_on and not is_private):
        return None
    shared = shared_in(message)
    text, addressed = said
    text = typed if is_passed_on else text
    return Inbound(
        platform="telegram",
        delivery_id=delivery_id,
        account_id=str(account),
        chat_id=str(chat),
        kind=TEXT if shared is None else shared.kind,
        is_private=is_private,
        addressed=addressed,
        text=text,
        replies_to=_replied(message, me),
        values={} if shared is None else shared.values,
        language=_language(sender),
    )


def _for_us(typed: str, message: Mapping[str, Any], me: Me, *, is_private: bool) -> tuple[str, bool] | None:
    """The text without our name in it, and whether it was said to us by name. In a group only what is, or may be, said
    to us counts.
    """
    if not typed and not message.keys() & _CONTENT:
        return None
    command = _COMMAND.fullmatch(typed)
    if command and (command["bot"] is None or command["bot"].casefold() == me.username.casefold()):
        return f"/{command['verb']}{command['rest']}", is_private or command["bot"] is not None
    if is_private:
        return typed, True
    if command:
        return None
    mention = re.compile(rf"(?<!\w)@{re.escape(me.username)}(?!\w)", re.IGNORECASE)
    if mention.search(typed):
        return mention.sub("", typed).strip(), True
    return None if _replied(message, me) is None else (typed, False)


def _replied(message: Mapping[str, Any], me: Me) -> str | None:
    """The message of ours that this one answers."""
    match message.get("reply_to_message"):
        case {"message_id": int(ref), "from": {"id": int(author)}} if author == me.id:
            return str(ref)
    return None


def _language(sender: Mapping[str, Any]) -> str:
    code = str(sender.get("language_code", "")).casefold()
    main = re.split("[-_]", code)[0]
    return {"zh": "zh_CN", "en": "en"}.get(main, "")
