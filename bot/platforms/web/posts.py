"""What the page may post, read strictly: a text, a press, a form that was filled in, or one that was closed."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from bot.inbound import CLOSED, FORM, PRESS, TEXT, Inbound, clean
from bot.platforms.bodies import read_body
from bot.platforms.web.guards import MOST_BYTES

PLATFORM = "web"

_CLIENT_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_MOST_VALUES = 500


class BadPost(Exception):
    """The post cannot be taken; the text says why, `status` is the answer's."""

    def __init__(self, problem: str, status: int = 400) -> None:
        super().__init__(problem)
        self.status = status


@dataclass(frozen=True, slots=True)
class Post:
    """A post that can be taken. `line` is what it adds to the transcript: a press and a form add nothing."""

    inbound: Inbound
    client_id: str
    line: str | None


async def read_json(request: Request) -> dict[str, Any]:
    """The body, an object of JSON. Raises BadPost (too long, not JSON, no object)."""
    body = await read_body(request, most=MOST_BYTES)
    if body is None:
        raise BadPost("The message is too long: a post takes at most 64 KB.", 413)
    try:
        packed = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadPost("The post is not JSON.") from error
    if not isinstance(packed, dict):
        raise BadPost("The post is not an object.")
    return packed


def read_post(chat: str, packed: Mapping[str, Any]) -> Post:
    """What was posted to a chat. Raises BadPost."""
    client_id = _string(packed, "id")
    if not _CLIENT_ID.fullmatch(client_id):
        raise BadPost("`id` is letters, digits and dashes, 64 at most.")
    kinds = [name for name in _KINDS if name in packed]
    if len(kinds) != 1:
        raise BadPost("A post has one of `text`, `press`, `form` and `close`.")
    facts = _KINDS[kinds[0]](packed)
    inbound = Inbound(
        platform=PLATFORM,
        delivery_id=f"{chat}:{client_id}",
        account_id=chat,
        chat_id=chat,
        forms=packed.get("forms") is True,
        both_views=True,
        **facts,
    )
    return Post(inbound, client_id, inbound.cleaned().text if inbound.kind == TEXT else None)


def _typed(packed: Mapping[str, Any]) -> dict[str, Any]:
    text = _string(packed, "text")
    if not clean(text).strip():
        raise BadPost("The message is empty.")
    return {"kind": TEXT, "text": text}


def _pressed(packed: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": PRESS, "button": _string(packed, "press"), "message_ref": _message(packed)}


def _filled(packed: Mapping[str, Any]) -> dict[str, Any]:
    values = packed.get("values")
    if not isinstance(values, dict) or len(values) > _MOST_VALUES:
        raise BadPost("`values` is an object of what was filled in.")
    if not all(isinstance(value, str) or _is_strings(value) for value in values.values()):
        raise BadPost("A value is a text or a list of texts.")
    return {"kind": FORM, "token": _string(packed, "form"), "values": values, "message_ref": _message_if_any(packed)}


def _closed(packed: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": CLOSED, "token": _string(packed, "close"), "message_ref": _message_if_any(packed)}


def _message_if_any(packed: Mapping[str, Any]) -> str | None:
    return _message(packed) if "message" in packed else None


def _message(packed: Mapping[str, Any]) -> str:
    message = packed.get("message")
    if type(message) is not int or not 0 < message < 2**63:
        raise BadPost("`message` is the number of the message whose button was pressed, or which shows the form.")
    return str(message)


def _is_strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _string(packed: Mapping[str, Any], name: str) -> str:
    value = packed.get(name)
    if not isinstance(value, str):
        raise BadPost(f"`{name}` is a text.")
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_KINDS = {"text": _typed, "press": _pressed, "form": _filled, "close": _closed}
