"""Texts as Slack takes them: plain text objects, which show every character as it is, and never one too long."""

from typing import Any

from bot.inbound import clean

ELLIPSIS = "…"
_JOINERS = "\u200d\ufe0f"


def length(text: str) -> int:
    """The length as the stricter of Slack's clients counts it: UTF-16 units, so an emoji is two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def shorten(text: str, most: int) -> str:
    """The text, cut to `most` with an ellipsis at its end where it is longer."""
    if length(text) <= most:
        return text
    return cut(text, most - 1)[0].rstrip(_JOINERS + " ") + ELLIPSIS


def cut(text: str, most: int) -> tuple[str, str]:
    """The text in two: what fits into `most`, and the rest."""
    if length(text) <= most:
        return text, ""
    room, end = most, 0
    while (room := room - length(text[end])) >= 0:
        end += 1
    return text[:end], text[end:]


def plain(text: str, most: int) -> dict[str, Any]:
    """A plain text object. `emoji` is off: `:tada:` in somebody's words stays what they typed."""
    return {"type": "plain_text", "text": shorten(clean(text), most) or ELLIPSIS, "emoji": False}


def escape(text: str) -> str:
    """The text for where Slack reads mrkdwn, without mentions and links in it."""
    return clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def section(text: str) -> dict[str, Any]:
    """A block of plain text."""
    return {"type": "section", "text": plain(text, 3000)}
