"""What a message shares instead of saying it: a contact card, a file, somebody else's words."""

import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.inbound import CONTACT, FILE, FORWARD

FILE_ID = "file_id"
"""The one value of a file that stays in this room: by it the content is fetched."""
_FILES = ("document", "video", "audio")
_NAME_CHARACTERS = 200


class Malformed(Exception):
    """An update that no Telegram would send."""


@dataclass(frozen=True, slots=True)
class Shared:
    """The kind and the values of the Inbound to be."""

    kind: str
    values: Mapping[str, Any]


def shared_in(message: Mapping[str, Any]) -> Shared | None:
    """What is shared; None for what is said in one's own words. Raises Malformed."""
    if "contact" in message:
        return Shared(CONTACT, _contact(message["contact"]))
    file = _file(message)
    if file is not None:
        return Shared(FILE, file)
    if "forward_origin" in message and ("text" in message or "caption" in message):
        return Shared(FORWARD, _origin(message["forward_origin"]))
    return None


def _contact(card: Any) -> dict[str, str]:
    match card:
        case {"phone_number": str(phone), "first_name": str(first)}:
            pass
        case _:
            raise Malformed("contact")
    if "user_id" in card and not phone.startswith("+"):
        phone = f"+{phone}"  # of somebody on Telegram it comes in international form, without the sign
    values = {"name": _full_name(card, first), "phone": phone}
    visiting_card = str(card.get("vcard", ""))
    company = _line_of(visiting_card, "ORG").partition(";")[0].strip()
    email = _line_of(visiting_card, "EMAIL")
    return values | ({"company": company} if company else {}) | ({"email": email} if email else {})


def _line_of(card: str, name: str) -> str:
    """The value of the first such line of a vCard, its folded lines put together."""
    unfolded = re.sub(r"\r?\n[ \t]", "", card)
    found = re.search(rf"^(?:[\w-]+\.)?{name}(?:;[^:\r\n]*)?:(.*)$", unfolded, re.IGNORECASE | re.MULTILINE)
    return re.sub(r"\\([,;\\])", r"\1", found[1]).strip() if found else ""


def _file(message: Mapping[str, Any]) -> dict[str, Any] | None:
    """Name, type, size as the sender's client tells them; a picture has a name of our own."""
    if message.get("photo"):
        sizes = message["photo"]
        if not isinstance(sizes, list):
            raise Malformed("photo")
        return _described("photo", sizes[-1], mime="image/jpeg")  # the last one is the largest
    kind = next((kind for kind in _FILES if kind in message), None)
    return None if kind is None else _described(kind, message[kind], mime="application/octet-stream")


def _described(kind: str, file: Any, *, mime: str) -> dict[str, Any]:
    match file:
        case {"file_id": str(file_id)}:
            pass
        case _:
            raise Malformed(kind)
    mime = str(file.get("mime_type") or mime)
    size = file.get("file_size")
    # A client may send a path, of either kind of machine; only its last part is a name.
    name = str(file.get("file_name") or "").replace("\\", "/").rpartition("/")[2].strip()
    name = name or f"{kind}{mimetypes.guess_extension(mime) or ''}"
    return {
        "name": name[-_NAME_CHARACTERS:],
        "mime": mime[:100],
        "size": size if isinstance(size, int) else 0,
        FILE_ID: file_id,
    }


def _origin(origin: Any) -> dict[str, str]:
    """Who said it, and when (ISO 8601, UTC)."""
    match origin:
        case {"type": "user", "date": int(date), "sender_user": {"first_name": str(first)} as user}:
            author = _full_name(user, first)
        case {"type": "hidden_user", "date": int(date), "sender_user_name": str(author)}:
            pass
        case {"type": "chat", "date": int(date), "sender_chat": dict(chat)}:
            author = _signed(chat, origin)
        case {"type": "channel", "date": int(date), "chat": dict(chat)}:
            author = _signed(chat, origin)
        case _:
            raise Malformed("forward_origin")
    try:
        said_at = datetime.fromtimestamp(date, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise Malformed("forward_origin") from error
    return {"author": author, "said_at": said_at.isoformat()}


def _signed(chat: Mapping[str, Any], origin: Mapping[str, Any]) -> str:
    """Who signed it, where somebody did, else the name of the chat or channel."""
    title = chat.get("title") or chat.get("first_name") or chat.get("username") or ""
    return str(origin.get("author_signature") or title)


def _full_name(person: Mapping[str, Any], first: str) -> str:
    return f"{first} {person.get('last_name') or ''}".strip()
