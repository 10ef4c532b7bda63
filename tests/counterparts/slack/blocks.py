"""A strict reader of Block Kit: every key known, every size within its limit, every reference resolved.

`problems_of_blocks`, `problems_of_view` and `problems_of_options` answer with a list of sentences, empty
where all is well.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from .limits import EXTERNAL_ID, LIMITS, VIEW_BYTES

Json = dict[str, Any]

_COMMON = frozenset({"type", "block_id"})
# block type → (required keys, optional keys)
_BLOCKS: dict[str, tuple[set[str], set[str]]] = {
    "section": (set(), {"text", "fields", "accessory", "expand"}),
    "actions": ({"elements"}, set()),
    "context": ({"elements"}, set()),
    "divider": (set(), set()),
    "header": ({"text"}, set()),
    "input": ({"label", "element"}, {"hint", "optional", "dispatch_action"}),
}
_SELECT = {"placeholder", "initial_option", "confirm", "focus_on_load"}
_MULTI = {"placeholder", "initial_options", "max_selected_items", "confirm", "focus_on_load"}
_ELEMENTS: dict[str, tuple[set[str], set[str]]] = {
    "button": ({"text"}, {"url", "value", "style", "confirm", "accessibility_label"}),
    "static_select": (set(), _SELECT | {"options", "option_groups"}),
    "external_select": (set(), _SELECT | {"min_query_length"}),
    "multi_static_select": (set(), _MULTI | {"options", "option_groups"}),
    "multi_external_select": (set(), _MULTI | {"min_query_length"}),
    "plain_text_input": (
        set(),
        {
            *("initial_value", "multiline", "min_length", "max_length"),
            *("placeholder", "focus_on_load", "dispatch_action_config"),
        },
    ),
    "datepicker": (set(), {"initial_date", "placeholder", "confirm", "focus_on_load"}),
    "overflow": ({"options"}, {"confirm"}),
    "checkboxes": ({"options"}, {"initial_options", "confirm", "focus_on_load"}),
    "radio_buttons": ({"options"}, {"initial_option", "confirm", "focus_on_load"}),
}
_IN_ACTIONS = set(_ELEMENTS) - {"plain_text_input"}
_IN_INPUT = set(_ELEMENTS) - {"button", "overflow"}
_MODAL = {
    *("type", "title", "blocks", "submit", "close", "private_metadata", "callback_id", "external_id"),
    *("clear_on_close", "notify_on_close"),
}
_HOME = {"type", "blocks", "private_metadata", "callback_id", "external_id"}
_DISPATCH = {"on_enter_pressed", "on_character_entered"}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def problems_of_blocks(blocks: Any, *, where: str, at_most: int) -> list[str]:
    """What Slack would refuse in a list of blocks."""
    return list(_blocks(blocks, where, at_most))


def problems_of_view(view: Any) -> list[str]:
    """What Slack would refuse in a modal or a home tab."""
    return list(_view(view))


def problems_of_options(answer: Any) -> list[str]:
    """What Slack would refuse in the answer to a block_suggestion; an empty list of options is fine."""
    if not isinstance(answer, dict) or len(answer) != 1 or next(iter(answer)) not in {"options", "option_groups"}:
        return [f"suggestions: one of options and option_groups expected, got {answer!r}"]
    if "options" in answer:
        return list(_options(answer["options"], "suggestions", at_least=0, at_most=100, selectable=True))
    return list(_option_groups(answer["option_groups"], "suggestions"))


def _view(view: Any) -> Iterator[str]:
    if not isinstance(view, dict) or view.get("type") not in {"modal", "home"}:
        yield f"view: type must be modal or home, got {view!r}"
        return
    modal = view["type"] == "modal"
    known = _MODAL if modal else _HOME
    yield from (f"view: unknown key {key!r}" for key in view.keys() - known)
    yield from (f"view: {key} is missing" for key in ({"title", "blocks"} if modal else {"blocks"}) - view.keys())
    for key in ("title", "submit", "close"):
        if key in view:
            yield from _text(view[key], f"view.{key}", kinds={"plain_text"}, at_most=LIMITS["view"][key]["max_length"])
    for key, most in (
        ("private_metadata", LIMITS["view"]["private_metadata"]["max_length"]),
        ("callback_id", LIMITS["view"]["callback_id"]["max_length"]),
        ("external_id", EXTERNAL_ID),
    ):
        if key in view:
            yield from _string(view[key], f"view.{key}", at_most=most, at_least=0)
    for key in ("clear_on_close", "notify_on_close"):
        yield from _flag(view, key, "view")
    blocks = view.get("blocks")
    yield from _blocks(blocks, "view", LIMITS["view"]["blocks"]["max_items"])
    listed = [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []
    if modal and "submit" not in view and any(block.get("type") == "input" for block in listed):
        yield "view: input blocks need a submit"
    if json.dumps(listed).count('"focus_on_load": true') > 1:
        yield "view: focus_on_load on more than one element"
    if len(json.dumps(view)) > VIEW_BYTES:
        yield f"view: larger than {VIEW_BYTES} bytes"


def _blocks(blocks: Any, where: str, at_most: int) -> Iterator[str]:
    if not isinstance(blocks, list) or not blocks:
        yield f"{where}: blocks must be a list with at least one block"
        return
    if len(blocks) > at_most:
        yield f"{where}: {len(blocks)} blocks, at most {at_most}"
    seen: set[str] = set()
    for number, block in enumerate(blocks):
        place = f"{where}.blocks[{number}]"
        if not isinstance(block, dict) or block.get("type") not in _BLOCKS:
            yield f"{place}: unknown block {block!r}"
            continue
        yield from _block(block, f"{place}({block['type']})")
        block_id = block.get("block_id")
        if block_id is not None and block_id in seen:
            yield f"{place}: block_id {block_id!r} is used twice"
        seen.add(str(block_id))


def _block(block: Json, place: str) -> Iterator[str]:
    kind = block["type"]
    required, optional = _BLOCKS[kind]
    yield from _keys(block, place, required=required, optional=optional | _COMMON)
    if "block_id" in block:
        yield from _string(block["block_id"], f"{place}.block_id", at_most=LIMITS["block_id"]["max_length"])
    if kind == "section":
        yield from _section(block, place)
    elif kind == "header":
        most = LIMITS["header"]["text"]["max_length"]
        yield from _text(block.get("text"), f"{place}.text", kinds={"plain_text"}, at_most=most)
    elif kind == "context":
        elements = block.get("elements")
        yield from _count(elements, f"{place}.elements", at_most=LIMITS["context"]["elements"]["max_items"])
        for element in _listed(elements):
            yield from _text(element, f"{place}.elements", at_most=LIMITS["text"]["max_length"])
    elif kind == "actions":
        elements = block.get("elements")
        yield from _count(elements, f"{place}.elements", at_most=LIMITS["actions"]["elements"]["max_items"])
        yield from _action_ids(elements, place)
        for element in _listed(elements):
            yield from _element(element, place, allowed=_IN_ACTIONS)
    elif kind == "input":
        yield from _text(
            block.get("label"),
            f"{place}.label",
            kinds={"plain_text"},
            at_most=LIMITS["input"]["label"]["max_length"],
        )
        if "hint" in block:
            most = LIMITS["input"]["hint"]["max_length"]
            yield from _text(block["hint"], f"{place}.hint", kinds={"plain_text"}, at_most=most)
        yield from _flag(block, "optional", place)
        yield from _flag(block, "dispatch_action", place)
        yield from _element(block.get("element"), place, allowed=_IN_INPUT)


def _section(block: Json, place: str) -> Iterator[str]:
    if "text" not in block and "fields" not in block:
        yield f"{place}: text or fields is missing"
    if "text" in block:
        yield from _text(block["text"], f"{place}.text", at_most=LIMITS["section"]["text"]["max_length"])
    if "fields" in block:
        fields = LIMITS["section"]["fields"]
        yield from _count(block["fields"], f"{place}.fields", at_most=fields["max_items"])
        for field in _listed(block["fields"]):
            yield from _text(field, f"{place}.fields", at_most=fields["item_max_length"])
    if "accessory" in block:
        yield from _element(block["accessory"], place, allowed=_IN_ACTIONS)
    yield from _flag(block, "expand", place)


def _element(element: Any, place: str, *, allowed: set[str]) -> Iterator[str]:
    kind = element.get("type") if isinstance(element, dict) else None
    if kind not in allowed:
        yield f"{place}: no such element here: {element!r}"
        return
    required, optional = _ELEMENTS[kind]
    place = f"{place}.{kind}"
    yield from _keys(element, place, required=required, optional=optional | {"type", "action_id"})
    if "action_id" in element:
        yield from _string(element["action_id"], f"{place}.action_id", at_most=LIMITS["action_id"]["max_length"])
    if "placeholder" in element:
        most = LIMITS["select"]["placeholder"]["max_length"]
        yield from _text(element["placeholder"], f"{place}.placeholder", kinds={"plain_text"}, at_most=most)
    if "confirm" in element:
        yield from _confirm(element["confirm"], f"{place}.confirm")
    yield from _flag(element, "focus_on_load", place)
    if kind == "button":
        yield from _button(element, place)
    elif kind == "plain_text_input":
        yield from _plain_text_input(element, place)
    elif kind == "datepicker":
        if "initial_date" in element and not _DATE.fullmatch(str(element["initial_date"])):
            yield f"{place}.initial_date: {element['initial_date']!r} is no YYYY-MM-DD"
    elif kind in {"external_select", "multi_external_select"}:
        length = element.get("min_query_length", 0)
        if not isinstance(length, int) or isinstance(length, bool) or length < 0:
            yield f"{place}.min_query_length: {length!r}"
        one = [element["initial_option"]] if "initial_option" in element else []
        for option in [*one, *_listed(element.get("initial_options"))]:
            yield from _option(option, f"{place}.initial_option", selectable=True)
    else:
        yield from _choices(element, place)


def _button(element: Json, place: str) -> Iterator[str]:
    limits = LIMITS["button"]
    most = limits["text"]["max_length"]
    yield from _text(element.get("text"), f"{place}.text", kinds={"plain_text"}, at_most=most)
    for key in ("url", "value", "accessibility_label"):
        if key in element:
            yield from _string(element[key], f"{place}.{key}", at_most=limits[key]["max_length"])
    if element.get("style", "primary") not in {"primary", "danger"}:
        yield f"{place}.style: {element['style']!r}"


def _plain_text_input(element: Json, place: str) -> Iterator[str]:
    most = LIMITS["plain_text_input"]["max_length"]["max"]
    yield from _flag(element, "multiline", place)
    for key, least in (("min_length", 0), ("max_length", 1)):
        length = element.get(key, least)
        if not isinstance(length, int) or isinstance(length, bool) or not least <= length <= most:
            yield f"{place}.{key}: {length!r} is not within {least}…{most}"
    if "initial_value" in element:
        room = element.get("max_length", most)
        yield from _string(element["initial_value"], f"{place}.initial_value", at_most=room, at_least=0)
    config = element.get("dispatch_action_config")
    if config is not None and (
        not isinstance(config, dict)
        or config.keys() != {"trigger_actions_on"}
        or not config["trigger_actions_on"]
        or set(config["trigger_actions_on"]) - _DISPATCH
    ):
        yield f"{place}.dispatch_action_config: {config!r}"


def _choices(element: Json, place: str) -> Iterator[str]:
    kind = element["type"]
    if kind in {"static_select", "multi_static_select"}:
        if ("options" in element) == ("option_groups" in element):
            yield f"{place}: exactly one of options and option_groups"
        if "option_groups" in element:
            yield from _option_groups(element["option_groups"], place)
        least, most = 1, LIMITS["select"]["options"]["max_items"]
    else:
        least, most = LIMITS[kind]["options"]["min_items"], LIMITS[kind]["options"]["max_items"]
    if "options" in element:
        selectable = kind in {"static_select", "multi_static_select", "overflow"}
        yield from _options(
            element["options"],
            place,
            at_least=least,
            at_most=most,
            selectable=selectable,
            links=kind == "overflow",
        )
    offered = options_of(element)
    if "initial_option" in element and element["initial_option"] not in offered:
        yield f"{place}.initial_option equals none of the options: {element['initial_option']!r}"
    if "initial_options" in element:
        chosen = element["initial_options"]
        if not isinstance(chosen, list) or not chosen or any(option not in offered for option in chosen):
            yield f"{place}.initial_options are not all options: {chosen!r}"


def options_of(element: Json) -> list[Any]:
    """The options of an element, those in groups included."""
    grouped = [option for group in _listed(element.get("option_groups")) for option in _listed(group.get("options"))]
    return [*_listed(element.get("options")), *grouped]


def _option_groups(groups: Any, place: str) -> Iterator[str]:
    yield from _count(groups, f"{place}.option_groups", at_most=LIMITS["select"]["option_groups"]["max_items"])
    limits = LIMITS["option_group"]
    for group in _listed(groups):
        yield from _keys(group, f"{place}.option_groups", required={"label", "options"}, optional=set())
        most = limits["label"]["max_length"]
        yield from _text(group.get("label"), f"{place}.label", kinds={"plain_text"}, at_most=most)
        most = limits["options"]["max_items"]
        yield from _options(group.get("options"), place, at_least=1, at_most=most, selectable=True)


def _options(
    options: Any, place: str, *, at_least: int, at_most: int, selectable: bool, links: bool = False
) -> Iterator[str]:
    yield from _count(options, f"{place}.options", at_most=at_most, at_least=at_least)
    for option in _listed(options):
        yield from _option(option, f"{place}.options", selectable=selectable, links=links)


def _option(option: Any, place: str, *, selectable: bool, links: bool = False) -> Iterator[str]:
    optional = {"description", "url"} if links else {"description"}
    yield from _keys(option, place, required={"text", "value"}, optional=optional)
    if not isinstance(option, dict):
        return
    limits = LIMITS["option"]
    # Radio buttons and checkboxes may be in mrkdwn, what folds out may not.
    kinds = {"plain_text"} if selectable else {"plain_text", "mrkdwn"}
    yield from _text(option.get("text"), f"{place}.text", kinds=kinds, at_most=limits["text"]["max_length"])
    if "description" in option:
        most = limits["description"]["max_length"]
        yield from _text(option["description"], f"{place}.description", kinds=kinds, at_most=most)
    for key in ("value", "url"):
        if key in option:
            yield from _string(option[key], f"{place}.{key}", at_most=limits[key]["max_length"])


def _confirm(confirm: Any, place: str) -> Iterator[str]:
    yield from _keys(confirm, place, required={"title", "text", "confirm", "deny"}, optional={"style"})
    if not isinstance(confirm, dict):
        return
    for key, limit in LIMITS["confirmation"].items():
        yield from _text(confirm.get(key), f"{place}.{key}", kinds={"plain_text"}, at_most=limit["max_length"])


def _text(text: Any, place: str, *, at_most: int, kinds: set[str] | None = None) -> Iterator[str]:
    kinds = kinds or {"plain_text", "mrkdwn"}
    if not isinstance(text, dict) or text.get("type") not in kinds:
        yield f"{place}: a text object of {'/'.join(sorted(kinds))} expected, got {text!r}"
        return
    own = "emoji" if text["type"] == "plain_text" else "verbatim"
    yield from _keys(text, place, required={"text"}, optional={"type", own})
    yield from _flag(text, own, place)
    yield from _string(text.get("text"), f"{place}.text", at_most=at_most)


def _string(value: Any, place: str, *, at_most: int, at_least: int = 1) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{place}: a string expected, got {value!r}"
    elif not at_least <= len(value) <= at_most:
        yield f"{place}: {len(value)} characters, {at_least} to {at_most} allowed"


def _flag(holder: Json, key: str, place: str) -> Iterator[str]:
    if not isinstance(holder.get(key, False), bool):
        yield f"{place}.{key}: true or false expected, got {holder[key]!r}"


def _keys(holder: Any, place: str, *, required: set[str], optional: set[str] | frozenset[str]) -> Iterator[str]:
    if not isinstance(holder, dict):
        yield f"{place}: an object expected, got {holder!r}"
        return
    yield from (f"{place}: unknown key {key!r}" for key in holder.keys() - required - optional)
    yield from (f"{place}: {key} is missing" for key in required - holder.keys())


def _count(items: Any, place: str, *, at_most: int, at_least: int = 1) -> Iterator[str]:
    if not isinstance(items, list):
        yield f"{place}: a list expected, got {items!r}"
    elif not at_least <= len(items) <= at_most:
        yield f"{place}: {len(items)} of them, {at_least} to {at_most} allowed"


def _action_ids(elements: Any, place: str) -> Iterator[str]:
    seen: set[str] = set()
    for element in _listed(elements):
        action_id = element.get("action_id") if isinstance(element, dict) else None
        if action_id is not None and action_id in seen:
            yield f"{place}: action_id {action_id!r} is used twice"
        seen.add(str(action_id))


def _listed(items: Any) -> list[Any]:
    return items if isinstance(items, list) else []
