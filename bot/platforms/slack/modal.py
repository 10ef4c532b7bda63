"""A form as a Slack modal. Pure; never raises: what does not fit is shortened, searched for, or left out."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from bot.cards.screen import Choice, Form, Input
from bot.inbound import clean
from bot.platforms.slack.renderer import draw_lines
from bot.platforms.slack.text import ELLIPSIS, cut, length, plain, section
from bot.wording import Wording
from crm.core.text import T, Words

Json = dict[str, Any]
Piece = tuple[Input, list[Json]]
"""A field and its blocks: the field itself, perhaps what is wrong with it before it."""

FORM = "form"
"""The callback_id of every form."""
VALUE = "value"
"""The action_id of every field; the block_id is the field's path."""

_TITLE = 24
_LABEL = 2000
_TYPED = 3000
_OPTION, _OPTION_VALUE = 75, 150
_OPTIONS = 100
_BLOCKS = 100
_ID = 255
_BYTES = 240_000
"""Slack takes 250,000 for a whole view."""
_SEARCHED = {"static_select": "external_select", "multi_static_select": "multi_external_select"}
_NOT_ALL = T("Not every field fits here. The others can be filled in step by step.")


def render_form(form: Form, wording: Wording) -> Json:
    """The view of a form; its token, sealed already, is the view's `private_metadata`."""
    view = {
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": form.token,
        "notify_on_close": True,
        "title": plain(wording(form.title), _TITLE),
        "submit": plain(wording(form.submit), _TITLE),
        "close": plain(wording(form.close), _TITLE),
    }
    if form.lines:
        drawn = list(draw_lines(form.lines, wording))[:_BLOCKS]
        return view | {"blocks": drawn or [section(ELLIPSIS)]}
    pieces = [(field, _piece(field, wording)) for field in _distinct(form.inputs)]
    room = _BYTES - _size(view)
    _search_long_lists([block for _, blocks in pieces for block in blocks], room)
    kept = _fitting(pieces, room)
    blocks = [block for _, blocks in kept for block in blocks]
    if len(kept) < len(pieces):
        blocks.append({"type": "context", "elements": [plain(wording(_NOT_ALL), _LABEL)]})
    return view | {"blocks": blocks or [section(ELLIPSIS)]}


def render_note(title: Words, text: Words, close: Words, wording: Wording) -> Json:
    """A small modal that only says something, in place of a form."""
    return {
        "type": "modal",
        "callback_id": "note",
        "title": plain(wording(title), _TITLE),
        "close": plain(wording(close), _TITLE),
        "blocks": [section(wording(text))],
    }


def option(choice: Choice, wording: Wording) -> Json:
    """An option; what is too long for its text goes on in its description, the note after it."""
    label = clean(wording(choice.label)).strip() or choice.value
    text, rest = (label, "") if length(label) <= _OPTION else cut(label, _OPTION - 1)
    note = "" if choice.note is None else clean(wording(choice.note)).strip()
    described = " · ".join(part for part in (ELLIPSIS + rest if rest else "", note) if part)
    drawn: Json = {"text": plain(text + (ELLIPSIS if rest else ""), _OPTION), "value": choice.value}
    return drawn | ({"description": plain(described, _OPTION)} if described else {})


def options(choices: Iterable[Choice], wording: Wording) -> list[Json]:
    """Options of the choices: each value once, none that Slack could not carry, at most a hundred."""
    fitting = {choice.value: choice for choice in reversed(list(choices)) if 0 < length(choice.value) <= _OPTION_VALUE}
    return [option(choice, wording) for choice in list(reversed(fitting.values()))[:_OPTIONS]]


def _distinct(inputs: Sequence[Input]) -> list[Input]:
    """The fields without those whose path Slack would not carry, or has already."""
    return list({field.key: field for field in reversed(inputs) if 0 < len(field.key) <= _ID}.values())[::-1]


def _piece(field: Input, wording: Wording) -> list[Json]:
    drawn = _field(field, wording)
    return [drawn] if field.problem is None else [section(f"⚠️ {wording(field.problem)}"), drawn]


def _search_long_lists(blocks: list[Json], room: int) -> None:
    """Where the view would be too large, have its longest lists searched instead of shown, as many as it takes."""
    excess = sum(map(_size, blocks)) - room
    for block in sorted((block for block in blocks if "options" in block.get("element", {})), key=_size, reverse=True):
        if excess <= 0:
            return
        before = _size(block)
        element = block["element"]
        del element["options"]
        element |= {"type": _SEARCHED[element["type"]], "min_query_length": 0}
        excess -= before - _size(block)


def _fitting(pieces: list[Piece], room: int) -> list[Piece]:
    """The pieces without the last optional ones, then the last required ones, that are too many or too large."""
    kept = list(pieces)
    number, size = sum(len(blocks) for _, blocks in kept), sum(_size(blocks) for _, blocks in kept)
    while kept and (number > _BLOCKS - (len(kept) < len(pieces)) or size > room):
        last = next((piece for piece in reversed(kept) if not piece[0].required), kept[-1])
        kept.remove(last)
        number, size = number - len(last[1]), size - _size(last[1])
    return kept


def _field(field: Input, wording: Wording) -> Json:
    label = clean(wording(field.label)).strip() or field.key
    if field.kind in {"text", "long"}:
        value = "" if field.value is None else clean(str(field.value))
        if length(value) > _TYPED:
            # Slack could only show a part, and handing that in would lose the rest: shown, and kept as it is.
            return section(f"{label}\n{value}")
        element = _typed(field, value)
    else:
        element = _chosen(field, wording)
    block: Json = {
        "type": "input",
        "block_id": field.key,
        "label": plain(label, _LABEL),
        "optional": not field.required,
        "element": element,
    }
    hint = "" if field.hint is None else clean(wording(field.hint)).strip()
    return block | ({"hint": plain(hint, _LABEL)} if hint else {})


def _typed(field: Input, value: str) -> Json:
    element: Json = {
        "type": "plain_text_input",
        "action_id": VALUE,
        "multiline": field.kind == "long" or "\n" in value,
        "max_length": _TYPED,
    }
    return element | ({"initial_value": value} if value else {})


def _chosen(field: Input, wording: Wording) -> Json:
    """A list: all of it where it has at most a hundred options, else one that is searched while one types."""
    many = field.kind == "choices"
    offered = options(field.choices, wording)
    wanted = _values(field.value)
    chosen = [one for one in offered if one["value"] in wanted]
    is_whole = field.kind != "search" and 0 < len(field.choices) <= _OPTIONS and bool(offered)
    if not is_whole:
        known = {one["value"] for one in chosen}
        missing = [Choice(value, value) for value in wanted if value not in known]
        by_value = {choice.value: choice for choice in field.choices}
        chosen += options([by_value.get(choice.value, choice) for choice in missing], wording)
    kind = "static_select" if is_whole else "external_select"
    element: Json = {"type": f"multi_{kind}" if many else kind, "action_id": VALUE}
    element |= {"options": offered} if is_whole else {"min_query_length": 0}
    if not chosen:
        return element
    return element | ({"initial_options": chosen} if many else {"initial_option": chosen[0]})


def _values(value: Any) -> list[str]:
    if value is None or value == "":
        return []
    return [str(one) for one in value] if isinstance(value, (list, tuple)) else [str(value)]


def _size(view: Any) -> int:
    return len(json.dumps(view))
