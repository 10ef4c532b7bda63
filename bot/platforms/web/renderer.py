"""Draws a screen as the page's JSON: lines and rows of buttons, every word already in the reader's language.

The page puts each text into the document as text, so nothing here is escaped and nothing can become markup.
"""

from typing import Any

from bot.cards.screen import Button, Line
from bot.gateway import Message
from bot.platforms.web.forms import draw_form
from crm.core.text import Words

MOST_CHARACTERS = 20_000
"""Of one text; a longer one ends in an ellipsis."""
MOST_LINES = 500
MOST_BUTTONS = 300


def draw(message: Message) -> dict[str, Any]:
    """What the page is to show: `{language, lines: [{style, text, label?}], rows: [[{label, key, role?, note?}]]}`.

    With a `form` where the screen has one: the same question among all of its conversation (see draw_form); with a
    `file`, `{id, name, size}`, where one is sent with it.
    """
    lines = message.screen.lines
    if len(lines) > MOST_LINES:  # the last line is what is asked for: it stays
        lines = (*lines[: MOST_LINES - 1], lines[-1])
    drawn: dict[str, Any] = {
        "language": message.wording.language,
        "lines": [_line(message, line) for line in lines],
        "rows": _rows(message),
    }
    if message.document is not None:
        file = message.document
        drawn["file"] = {"id": file.id, "name": file.name, "size": len(file.content)}
    form = message.screen.form
    return drawn if form is None else drawn | {"form": draw_form(form, message.wording)}


def _line(message: Message, line: Line) -> dict[str, Any]:
    drawn = {"style": line.style.value, "text": _text(message, line.words)}
    if line.label is not None:
        drawn["label"] = _text(message, line.label)
    return drawn


def _rows(message: Message) -> list[list[dict[str, Any]]]:
    left = MOST_BUTTONS
    rows = []
    for row in message.screen.rows:
        buttons = [drawn for button in row[:left] if (drawn := _button(message, button)) is not None]
        left -= len(buttons)
        if buttons:
            rows.append(buttons)
    return rows


def _button(message: Message, button: Button) -> dict[str, Any] | None:
    try:
        key = message.sign(button.action)
    except ValueError:  # an action too long for any platform: better one button less than no message
        return None
    label = _text(message, button.label)
    drawn = {"label": f"{button.mark} {label}" if button.mark else label, "key": key}
    if button.role:
        drawn["role"] = button.role
    if button.note is not None:
        drawn["note"] = _text(message, button.note)
    return drawn


def _text(message: Message, words: Words) -> str:
    drawn = message.wording(words)
    return drawn if len(drawn) <= MOST_CHARACTERS else drawn[: MOST_CHARACTERS - 1] + "…"
