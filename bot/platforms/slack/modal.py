"""A form as a Slack modal. Pure; never raises: what does not fit is shortened, searched for, or left out."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from bot.cards.screen import Choice, Form, FormButton, Input
from bot.inbound import clean
from bot.platforms.slack.renderer import draw_lines
from bot.platforms.slack.text import ELLIPSIS, cut, length, plain, section
from bot.wording import Wording
from crm.core.text import T, Words

Json = dict[str, Any]
Piece = tuple[Input, list[Json]]
"""A field and its blocks: the field itself, perhaps what is wrong with it before it, and buttons after it."""

FORM = "form"
"""The callback_id of every form."""
VALUE = "value"
"""The action_id of a field, with a number behind it once we have changed what stands in it; the block_id is the
field's path."""
PRESS = "press:"
"""What the ids of buttons begin with."""

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
_ABOVE = 8
"""Blocks for the lines above the fields."""
_SPARE = 8
"""Blocks that lines leave to what waits behind "More fields"."""
_NO_MORE_LINES = T("No further lines fit here one by one. “Several lines at once” takes them, under More fields.")
_NOT_ALL = T("Not every field fits here. The others can be filled in step by step.")


def render_form(form: Form, wording: Wording) -> Json:
    """The view of a form; its token, sealed already, is the view's `private_metadata`."""
    view = {
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": form.token,
        "notify_on_close": form.submit is not None,
        "title": plain(wording(form.title), _TITLE),
        **({} if form.submit is None else {"submit": plain(wording(form.submit), _TITLE)}),
        "close": plain(wording(form.close), _TITLE),
    }
    last = _buttons([button for button in form.buttons if not button.below], "", wording)
    room = _BYTES - _size(view) - _size(last)
    if form.lines and not form.inputs:
        return view | {"blocks": [*_to_read(form, wording, room=room, most=_BLOCKS - len(last)), *last]}
    above = _to_read(form, wording, room=room // 4, most=_ABOVE) if form.lines else []
    pieces = [(field, _piece(field, form, wording)) for field in _distinct(form.inputs)]
    _search_long_lists([block for _, blocks in pieces for block in blocks], room - _size(above))
    kept = _fitting(pieces, room - _size(above), _BLOCKS - len(last) - len(above))
    blocks = [*above, *(block for _, blocks in kept for block in blocks)]
    notes = [_NOT_ALL] if len(kept) < len(pieces) else []
    if _leaves_no_line(blocks, form):
        notes.append(_NO_MORE_LINES)
        blocks = [block for block in blocks if block["type"] != "actions" or not _adds(block)]
    blocks += [*last, *({"type": "context", "elements": [plain(wording(note), _LABEL)]} for note in notes)]
    return view | {"blocks": blocks or [section(ELLIPSIS)]}


def redrawn(view: Json, opened: Json) -> Json:
    """The view for in place of one that is open (as Slack tells it, with its state).

    Slack leaves what stands in a field of the same ids, whatever the new view says. So a field that is to show what
    it shows keeps its ids, and one that we fill in ourselves gets another.
    """
    before = {block.get("block_id"): block["element"] for block in opened["blocks"] if block["type"] == "input"}
    state = (opened.get("state") or {}).get("values") or {}
    for block in view["blocks"]:
        old = before.get(block.get("block_id")) if block["type"] == "input" else None
        if old is None:
            continue
        element, action = block["element"], str(old["action_id"])
        stands = (state.get(block["block_id"]) or {}).get(action)
        shown = entered(_initial_state(old) if stands is None else stands)
        is_same = old["type"] == element["type"] and (shown or None) == (entered(_initial_state(element)) or None)
        element["action_id"] = action if is_same else _next_id(action)
    return view


def entered(state: Json) -> Any:
    """What a field's state says was typed or chosen: a text, a value, a list of values, or None."""
    if "selected_options" in state:
        return [chosen["value"] for chosen in state["selected_options"] or ()]
    if "selected_option" in state:
        return (state["selected_option"] or {}).get("value")
    return state.get("value")


def _initial_state(element: Json) -> Json:
    """The state of a field nobody has touched."""
    if element["type"].startswith("multi_"):
        return {"selected_options": element.get("initial_options")}
    if element["type"].endswith("_select"):
        return {"selected_option": element.get("initial_option")}
    return {"value": element.get("initial_value")}


def _next_id(action: str) -> str:
    name, _, number = action.partition(".")
    return f"{name}.{int(number or 0) + 1 if number.isdecimal() or not number else 1}"


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


def _to_read(form: Form, wording: Wording, *, room: int, most: int) -> list[Json]:
    """The lines of a form; of too many the middle gives way: at the end stands what it all comes to."""
    blocks = list(draw_lines(form.lines, wording)) or [section(ELLIPSIS)]
    head, tail = blocks[: len(blocks) // 2], blocks[len(blocks) // 2 :]
    gap: list[Json] = []
    while len(head) + len(gap) + len(tail) > most or _size([*head, *gap, *tail]) > room:
        gap = [section(ELLIPSIS)]
        head, tail = (head[:-1], tail) if len(head) >= len(tail) else (head, tail[1:])
    return [*head, *gap, *tail]


def _distinct(inputs: Sequence[Input]) -> list[Input]:
    """The fields without those whose path Slack would not carry, or has already."""
    return list({field.key: field for field in reversed(inputs) if 0 < len(field.key) <= _ID}.values())[::-1]


def _piece(field: Input, form: Form, wording: Wording) -> list[Json]:
    trouble = [] if field.problem is None else [section(f"⚠️ {wording(field.problem)}")]
    buttons = [button for button in form.buttons if button.below == field.key]
    return [*trouble, _field(field, wording), *_buttons(buttons, field.key, wording)]


def _buttons(buttons: Sequence[FormButton], below: str, wording: Wording) -> list[Json]:
    """A row of buttons; none where there are none."""
    elements = [
        {
            "type": "button",
            "action_id": PRESS + button.code,
            "text": plain(wording(button.label), 75),
            "value": button.code,
        }
        for button in buttons[:25]
    ]
    return [{"type": "actions", "block_id": (PRESS + below)[:_ID], "elements": elements}] if elements else []


def _adds(block: Json) -> bool:
    return any(element["value"].startswith("add:") for element in block["elements"])


def _leaves_no_line(blocks: Sequence[Json], form: Form) -> bool:
    """Whether a line could be added, but there is no room for it."""
    groups = {button.code.partition(":")[2] for button in form.buttons if button.code.startswith("add:")}
    line = max((sum(field.key.startswith(f"{group}.0.") for field in form.inputs) for group in groups), default=0)
    return bool(groups) and len(blocks) + line + _SPARE > _BLOCKS


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


def _fitting(pieces: list[Piece], room: int, most: int) -> list[Piece]:
    """The pieces without those that are too many or too large: what is least missed goes first, from the end."""
    kept = list(pieces)
    number, size = sum(len(blocks) for _, blocks in kept), sum(_size(blocks) for _, blocks in kept)
    while kept and (number > most - (len(kept) < len(pieces)) or size > room):
        last = min(reversed(kept), key=lambda piece: _weight(piece[0]))
        kept.remove(last)
        number, size = number - len(last[1]), size - _size(last[1])
    return kept


def _weight(field: Input) -> int:
    """How much a field would be missed. What a line says already is kept without a place of its own."""
    has_value = field.value not in (None, "", [])
    if field.problem is not None:
        return 4
    if not field.required:
        return 1 if has_value else 0
    return (2 if field.key.count(".") == 2 else 3) if has_value else 4


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
    if field.refreshes and not element.get("multiline"):
        block["dispatch_action"] = True
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
