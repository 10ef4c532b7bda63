"""A screen as a Slack message: Block Kit, and the text for notifications. Pure; never raises at a person.

All words go into plain text objects, which know no markup, mention or link; only what is to be copied stands in a
code block, escaped.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.cards.screen import Button, Line, Screen, Style
from bot.inbound import clean
from bot.platforms.slack.text import ELLIPSIS, cut, escape, length, plain, section, shorten
from bot.wording import Wording

Json = dict[str, Any]

MOST_BLOCKS = 50
_HOME_BLOCKS, _HOME_BYTES = 100, 240_000
"""Slack takes 250,000 bytes for a whole view."""
_SECTION = 3000
_HEADER = 150
_CONTEXT = 2000
_COPY = 2900
"""Room for what is copied, before the marks around it."""
_FALLBACK = 3000
_LABEL = 75
_ROW, _WIDE_ROW = 5, 25
_FENCE = "```"
_STYLES = {"primary", "danger"}
_MERGED = {Style.BODY, Style.FIELD, Style.PROBLEM}


@dataclass(frozen=True, slots=True)
class Drawn:
    """`text` is what notifications and screen readers say; `blocks` (at most 50) is what one sees."""

    text: str
    blocks: list[Json]


def render(screen: Screen, wording: Wording, sign: Callable[[str], str]) -> Drawn:
    """Draw a screen. `sign` turns a button's action into the key that leaves the house."""
    return Drawn(_fallback(screen, wording), _blocks(screen, wording, sign, MOST_BLOCKS))


def render_home(screen: Screen, wording: Wording, sign: Callable[[str], str]) -> Json:
    """Draw a screen as the view of the app's home. What is too much for one view gives way from the lines' end."""
    blocks = _blocks(screen, wording, sign, _HOME_BLOCKS)
    size = len(json.dumps(blocks))
    last = len(blocks) - len(_buttons(screen.rows, wording, sign)) - 1
    while size > _HOME_BYTES and last > 0:
        size -= len(json.dumps(blocks.pop(last)))
        last -= 1
    return {"type": "home", "blocks": blocks}


def home_notice(text: str) -> Json:
    """One line that is drawn already, as the app's home."""
    return {"type": "home", "blocks": [section(text)]}


def line_text(line: Line, wording: Wording) -> str:
    """A line in words, its label in front."""
    words = clean(wording(line.words))
    if line.label is not None:
        colon = "：" if wording.language == "zh_CN" else ": "
        return f"{clean(wording(line.label))}{colon}{words}"
    return f"⚠️ {words}" if line.style is Style.PROBLEM else words


def notice(text: str) -> Drawn:
    """One line that is drawn already, as a message."""
    return Drawn(shorten(escape(text), _FALLBACK) or ELLIPSIS, [section(text)])


def draw_lines(lines: Sequence[Line], wording: Wording) -> Iterator[Json]:
    """Blocks of the lines; neighbours that look alike share one."""
    together: list[str] = []
    for line in lines:
        text = line_text(line, wording)
        if not text.strip():
            continue
        if line.style in _MERGED and length("\n".join([*together, text])) <= _SECTION:
            together.append(text)
            continue
        yield from _sections("\n".join(together))
        together = [text] if line.style in _MERGED else []
        if not together:
            yield from _own_block(line.style, text)
    yield from _sections("\n".join(together))


def _own_block(style: Style, text: str) -> Iterator[Json]:
    if style is Style.TITLE and length(text) <= _HEADER and "\n" not in text:
        yield {"type": "header", "text": plain(text, _HEADER)}
    elif style is Style.MUTED:
        yield {"type": "context", "elements": [plain(text, _CONTEXT)]}
    elif style is Style.COPY:
        yield from _copy(text)
    else:
        yield from _sections(text)


def _sections(text: str) -> Iterator[Json]:
    while text.strip():
        part, text = cut(text, _SECTION)
        if part.strip():
            yield section(part)


def _copy(text: str) -> Iterator[Json]:
    """Code blocks. A fence inside would end the block: an invisible joiner keeps its marks apart."""
    text = escape(text.replace(_FENCE, "`\u2060`\u2060`"))
    while text.strip():
        part, text = cut(text, _COPY)
        broken = part.rfind("&", -4)  # not through the middle of an entity
        if text and broken > 0 and ";" not in part[broken:]:
            part, text = part[:broken], part[broken:] + text
        yield {"type": "section", "text": {"type": "mrkdwn", "text": f"{_FENCE}\n{part}\n{_FENCE}", "verbatim": True}}


def _blocks(screen: Screen, wording: Wording, sign: Callable[[str], str], most: int) -> list[Json]:
    buttons = _buttons(screen.rows, wording, sign)
    room = most - len(buttons)
    blocks = list(draw_lines(screen.lines, wording))
    if len(blocks) > room:
        # The last line is what is asked for: the middle gives way.
        blocks = [*blocks[: room - 2], section(ELLIPSIS), blocks[-1]]
    return [*blocks, *buttons] or [section(ELLIPSIS)]


def _buttons(rows: Sequence[Sequence[Button]], wording: Wording, sign: Callable[[str], str]) -> list[Json]:
    """Blocks of the buttons: a row each, and where there are too many rows, as many as fit into each block."""
    count = 0
    blocks: list[Json] = []
    for row in rows:
        elements = []
        for button in row:
            elements.append(_button(button, count, wording, sign))
            count += 1
        if len(row) == 1 and row[0].note is not None and (note := clean(wording(row[0].note))).strip():
            blocks.append(section(note) | {"accessory": elements[0]})
            continue
        blocks += [_actions(elements[start : start + _ROW]) for start in range(0, len(elements), _ROW)]
    if len(blocks) <= MOST_BLOCKS // 2:
        return blocks
    every = [element for block in blocks for element in block.get("elements", [block.get("accessory")])]
    every = every[: _WIDE_ROW * (MOST_BLOCKS // 2)]
    return [_actions(every[start : start + _WIDE_ROW]) for start in range(0, len(every), _WIDE_ROW)]


def _actions(elements: list[Json]) -> Json:
    return {"type": "actions", "elements": elements}


def _button(button: Button, number: int, wording: Wording, sign: Callable[[str], str]) -> Json:
    label = wording(button.label)
    drawn: Json = {
        "type": "button",
        "action_id": f"press:{number}",
        "text": plain(f"{button.mark} {label}" if button.mark else label, _LABEL),
        "value": sign(button.action),
    }
    return drawn | ({"style": button.role} if button.role in _STYLES else {})


def _fallback(screen: Screen, wording: Wording) -> str:
    lines = [line_text(line, wording) for line in screen.lines]
    if not any(line.strip() for line in lines):
        lines = [clean(wording(button.label)) for row in screen.rows for button in row]
    return shorten(escape("\n".join(lines)), _FALLBACK).strip() or ELLIPSIS
