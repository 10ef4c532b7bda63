"""The rules for keyboards that no table of types can say."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tests.counterparts.telegram.refusals import breach
from tests.counterparts.telegram.rules import BUTTONS, BUTTONS_IN_ROW, CALLBACK_DATA_BYTES

_ACTIONS = ("url", "callback_data", "copy_text")
_STYLES = ("danger", "success", "primary")


def check_markup(markup: Mapping[str, Any] | None) -> None:
    """Raises the 400 for the first thing wrong with an inline or a reply keyboard."""
    if markup is None:
        return
    rows = markup.get("inline_keyboard", markup.get("keyboard", []))
    buttons = [button for row in rows for button in row]
    if len(buttons) > BUTTONS:
        raise breach("reply markup is too long", detail=f"{len(buttons)} buttons")
    if any(len(row) > BUTTONS_IN_ROW for row in rows):
        raise breach("reply markup is too long", detail=f"{max(map(len, rows))} buttons in a row")
    if any(not row for row in rows):
        raise breach("reply markup has an empty row", detail="the real server drops it")
    for button in buttons:
        if not button["text"].strip():
            raise breach("keyboard button text must be non-empty")
        if button.get("style", _STYLES[0]) not in _STYLES:
            raise breach("can't parse inline keyboard button: invalid button style specified")
        if "inline_keyboard" in markup:
            _check_inline(button)


def _check_inline(button: Mapping[str, Any]) -> None:
    actions = [name for name in _ACTIONS if name in button]
    if len(actions) != 1:
        raise breach(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
            detail=f"{button['text']!r} has {actions or 'no action'}",
        )
    if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= CALLBACK_DATA_BYTES:
        raise breach("BUTTON_DATA_INVALID", detail=f"{len(button['callback_data'].encode())} bytes")
    if "url" in button:
        parts = urlsplit(button["url"])
        if parts.scheme not in {"http", "https", "tg"} or not parts.netloc:
            raise breach(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
