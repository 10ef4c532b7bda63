"""What a person typed, out of what Slack makes of it: escaped, addresses as links, emoji as names."""

import re
from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]

_LINK = re.compile(r"<((?:https?|ftp|mailto|tel):[^|<>]*)(?:\|([^<>]*))?>")
_SCHEMES = re.compile(r"^(?:mailto|tel):")


class _UnknownPart(Exception):
    """A kind of rich text that is not read here."""


def typed_text(event: Json) -> str:
    """The text of a message event. Rich text is read where it can be: only there an emoji is the emoji."""
    blocks = event.get("blocks") or []
    if len(blocks) == 1 and isinstance(blocks[0], dict) and blocks[0].get("type") == "rich_text":
        try:
            return "\n".join(_passage(part) for part in blocks[0]["elements"]).strip()
        except (_UnknownPart, KeyError, TypeError, ValueError):
            pass  # the plain text says the same, less exactly
    return unescape(str(event.get("text") or "")).strip()


def unescape(text: str) -> str:
    """Slack's form of a text as it was typed: links as they read, `&lt;` as `<`. Mentions stay `<@U1>`."""
    text = _LINK.sub(lambda found: found[2] or _SCHEMES.sub("", found[1]), text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def without_mention(text: str, user_id: str) -> str:
    """The text without the first mention of that user."""
    return re.sub(rf"\s*<@{re.escape(user_id)}(?:\|[^<>]*)?>\s*", " ", text, count=1).strip()


def _passage(part: Json) -> str:
    kind = part["type"]
    if kind == "rich_text_list":
        return "\n".join(_passage(item) for item in part["elements"])
    if kind in {"rich_text_section", "rich_text_quote", "rich_text_preformatted"}:
        return _run(part["elements"])
    raise _UnknownPart(kind)


def _run(elements: Sequence[Json]) -> str:
    return "".join(_element(element) for element in elements)


def _element(element: Json) -> str:
    match element["type"]:
        case "text":
            return str(element["text"])
        case "link":
            return str(element.get("text") or _SCHEMES.sub("", element["url"]))
        case "emoji":
            points = element.get("unicode")
            return "".join(chr(int(point, 16)) for point in points.split("-")) if points else f":{element['name']}:"
        case "user":
            return f"<@{element['user_id']}>"
        case "channel":
            return f"<#{element['channel_id']}>"
        case "broadcast":
            return f"@{element['range']}"
        case unknown:
            raise _UnknownPart(unknown)
