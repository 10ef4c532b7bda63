"""What a person sees of blocks: labels, buttons, fields; what a client keeps of a half-filled form. Pure."""

import copy
import secrets
from collections.abc import Iterator
from typing import Any, NamedTuple

from .blocks import options_of

Json = dict[str, Any]
Values = dict[str, dict[str, Json]]


class NotShownError(AssertionError):
    """A person looked for something that is not on the screen, or did what Slack does not let them do."""


class Control(NamedTuple):
    """An element on the screen and the block it is in."""

    block: Json
    element: Json


def stored_blocks(blocks: list[Json]) -> list[Json]:
    """A copy as Slack keeps it: missing ids made up, `emoji` spelt out in every plain text."""
    kept = copy.deepcopy(blocks)
    for block in kept:
        block.setdefault("block_id", secrets.token_hex(3))
    for control in controls(kept):
        control.element.setdefault("action_id", secrets.token_hex(3))
    _spell_out(kept)
    return kept


def _spell_out(node: Any) -> None:
    if isinstance(node, list):
        for item in node:
            _spell_out(item)
    elif isinstance(node, dict):
        if node.get("type") == "plain_text":
            node.setdefault("emoji", True)
        for item in node.values():
            _spell_out(item)


def controls(blocks: list[Json]) -> Iterator[Control]:
    """Every interactive element, from top to bottom."""
    for block in blocks:
        if block["type"] == "actions":
            yield from (Control(block, element) for element in block["elements"])
        elif block["type"] == "input":
            yield Control(block, block["element"])
        elif "accessory" in block:
            yield Control(block, block["accessory"])


def buttons(blocks: list[Json]) -> tuple[str, ...]:
    """The labels of the buttons, from top to bottom."""
    return tuple(c.element["text"]["text"] for c in controls(blocks) if c.element["type"] == "button")


def inputs(blocks: list[Json]) -> dict[str, Control]:
    """The fields of a form by their labels, from top to bottom."""
    return {c.block["label"]["text"]: c for c in controls(blocks) if c.block["type"] == "input"}


def text_of(blocks: list[Json]) -> str:
    """All text that blocks show, a line each; labels of buttons are not among it."""
    lines: list[str] = []
    for block in blocks:
        texts = [block.get("text"), block.get("label"), *block.get("fields", [])]
        if block["type"] == "context":
            texts += block["elements"]
        lines += [text["text"] for text in texts if text]
    return "\n".join(lines)


def is_labelled(text: str, label: str) -> bool:
    """Whether a button reads `label`, with or without a sign (✅) before it."""
    if text == label:
        return True
    sign, _, rest = text.partition(" ")
    return rest == label and not any(letter.isalnum() for letter in sign)


def find_button(blocks: list[Json], label: str) -> Control | None:
    """The first button that reads `label`."""
    for control in controls(blocks):
        if control.element["type"] == "button" and is_labelled(control.element["text"]["text"], label):
            return control
    return None


def find_option(blocks: list[Json], text: str) -> tuple[Control, Json] | None:
    """The first option with that text in a list outside the fields of a form."""
    for control in controls(blocks):
        if control.block["type"] == "input":
            continue
        for option in options_of(control.element):
            if option["text"]["text"] == text:
                return control, option
    return None


def option_reading(options: list[Json], text: str, *, where: str) -> Json:
    """The option with that text; raises NotShownError with what is offered."""
    for option in options:
        if option["text"]["text"] == text:
            return option
    offered = [option["text"]["text"] for option in options]
    raise NotShownError(f"{where}: no option {text!r}, there is {offered}")


def initial_values(blocks: list[Json]) -> Values:
    """`state.values` of blocks that nobody touched yet."""
    values: Values = {}
    for block, element in controls(blocks):
        state = _initial(element)
        if state is not None:
            values.setdefault(block["block_id"], {})[element["action_id"]] = state
    return values


def kept_values(old: Values, blocks: list[Json]) -> Values:
    """The values after a redraw: what stands under the same ids and in the same kind of element stays."""
    values = initial_values(blocks)
    for block_id, actions in values.items():
        for action_id, state in actions.items():
            before = old.get(block_id, {}).get(action_id)
            if before is not None and before["type"] == state["type"]:
                actions[action_id] = before
    return values


def _initial(element: Json) -> Json | None:
    kind = element["type"]
    if kind in {"button", "overflow"}:
        return None
    if kind == "plain_text_input":
        return {"type": kind, "value": element.get("initial_value") or None}
    if kind == "datepicker":
        return {"type": kind, "selected_date": element.get("initial_date")}
    if kind == "checkboxes" or kind.startswith("multi_"):
        return {"type": kind, "selected_options": element.get("initial_options", [])}
    return {"type": kind, "selected_option": element.get("initial_option")}


def is_empty(state: Json) -> bool:
    """Whether a field has nothing in it."""
    return not next(value for key, value in state.items() if key != "type")


def refused_by_client(blocks: list[Json], values: Values) -> dict[str, str]:
    """What Slack's own client says at a press of submit, by block_id, before the app hears anything."""
    errors: dict[str, str] = {}
    for block, element in inputs(blocks).values():
        state = values[block["block_id"]][element["action_id"]]
        if is_empty(state):
            if not block.get("optional", False):
                errors[block["block_id"]] = "Please complete this required field."
        elif element["type"] == "plain_text_input":
            length = len(state["value"])
            if length > element.get("max_length", 3000):
                errors[block["block_id"]] = "This entry is too long."
            elif length < element.get("min_length", 0):
                errors[block["block_id"]] = "This entry is too short."
    return errors
