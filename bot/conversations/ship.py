"""The conversations `ship`, `delivered` and the change of a shipment. Guide 3.3."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from bot.conversations.definition import DERIVED, Answers, Conversation, Field, FieldProblem, Refused, Taken, World
from bot.conversations.kinds import Chips, Line, OneOf, Quantity, Record, When
from bot.conversations.proposals import today
from crm.core.text import T, Text
from crm.fulfilment.shipments import MODES

EVERYTHING = "all"
_EVERYTHING_SAID = {EVERYTHING, "everything", "all of it", "全部", "所有", "全发", "全部发", "都发"}

_MODE_WORDS = {
    "sea": ("海运", "ship", "vessel", "ocean"),
    "air": ("空运", "plane"),
    "rail": ("铁路", "train", "中欧班列"),
    "road": ("公路", "truck", "lorry", "卡车", "汽运"),
    "express": ("快递", "courier", "parcel"),
    "pickup": ("自提", "客户自提"),
}
_GOODS = Chips({EVERYTHING: T("All that is left")})
_SEPARATOR = re.compile(r"[;；\n]+")
_PART = re.compile(r"(?P<product>\S.*?)[\s,，x×*:：]+(?P<quantity>[\d０-９][\d０-９,.，kK万千]*)\s*[^\s\d]{0,8}")


def read_goods(typed: str | None, lines: Sequence[Mapping[str, Any]], world: World) -> dict[int, Decimal] | Text | None:
    """Which lines leave, how much of each: `all` (None), `Chai 200; Chang 50`, a number where there is one line.

    `lines`: what is left to ship, as `recall("to ship", …)` gives it. A sentence where it cannot be read.
    """
    if typed is None or typed.strip().casefold() in _EVERYTHING_SAID:
        return None
    found: dict[int, Decimal] = {}
    for part in filter(None, (part.strip() for part in _SEPARATOR.split(typed))):
        if len(lines) == 1 and part[:1].isdecimal():
            line, quantity = lines[0], part
        else:
            match = _PART.fullmatch(part)
            if match is None:
                return T("I could not read “{line}”. Write it like: Chai 200; Chang 50", line=part[:60])
            named = _named(match["product"], lines)
            if len(named) != 1:
                return T("“{name}” is not one line of this order that is left to ship.", name=match["product"][:60])
            line, quantity = named[0], match["quantity"]
        match Quantity().read(quantity, world):
            case Taken(value):
                found[line["id"]] = Decimal(Quantity().load(value, world))
            case Refused(problem):
                return problem
        if found[line["id"]] > Decimal(line["left"]):
            facts = {"product": line["name"], "quantity": Decimal(line["left"]), "unit": line["unit"]}
            return T("Of {product} there are {quantity} {unit} to ship.", **facts)
    return found or T("At least one line must leave.")


def _named(text: str, lines: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Lines by place, SKU or name; by a part of the name where none is called so."""
    wanted = text.strip().casefold()
    names = [(line, [str(name).casefold() for name in _names(line)]) for line in lines]
    return [line for line, known in names if wanted in known] or [
        line for line, known in names if any(wanted in name for name in known[1:])
    ]


def _names(line: Mapping[str, Any]) -> list[Any]:
    return [line["position"], *(line[name] for name in ("sku", "name", "name_zh") if line[name])]


def _to_ship(answers: Answers, world: World) -> Mapping[str, Any]:
    order = answers.get("order")
    return {} if not order else world.recall("to ship", str(order)) or {}


def _said_goods(text: str, answers: Answers, world: World) -> tuple[Answers, Text | None] | None:
    """What is wrong with the lines as they were typed, said at once; None where they can be read."""
    match _GOODS.read(text, world):
        case Taken(value):
            wrong = read_goods(value, _to_ship(answers, world).get("lines", ()), world)
            return ({}, wrong) if isinstance(wrong, Text) else None
        case _:
            return None


def _has_lines(answers: Answers) -> bool:
    """Asked where there is something to choose."""
    lines = answers.get(DERIVED, {}).get("lines", ())
    return len(lines) > 1 or any(Decimal(line["left"]) != 1 for line in lines)


def _check(answers: Answers, world: World) -> Sequence[FieldProblem]:
    found = []
    if "lines" in answers:
        read = read_goods(answers["lines"], _to_ship(answers, world).get("lines", ()), world)
        if isinstance(read, Text):
            found.append(FieldProblem("lines", read))
    if {"shipped_on", "expected_on"} <= answers.keys() and answers["expected_on"]["at"][:10] < answers["shipped_on"][
        "at"
    ][:10]:
        found.append(FieldProblem("expected_on", T("It can't arrive before it leaves.")))
    return found


_CARRIER = Field(
    key="carrier",
    label=T("Carrier"),
    kind=Line(most=200),
    hint=T("shipping line, forwarder or courier; known from many tracking numbers by itself"),
)
_TRACKING = Field(key="tracking", label=T("Tracking number or B/L"), kind=Line(most=100), hint=T("it may follow later"))
_EXPECTED = Field(
    key="expected_on",
    label=T("Expected arrival"),
    kind=When(past=True, coming=True),
    required=True,
    hint=T("a day, such as 25/12"),
)

SHIP = Conversation(
    name="ship",
    version=1,
    title=T("Shipment"),
    derive=_to_ship,
    check=_check,
    remarks="ship",
    steps=(
        Field(
            key="order",
            label=T("Order"),
            kind=Record("order to ship"),
            required=True,
            hint=T("choose, or type its number"),
            decides=True,
        ),
        Field(
            key="lines",
            label=T("Lines"),
            kind=_GOODS,
            hint=T("all, or so much of which: Chai 200; Chang 50"),
            when=_has_lines,
            said=_said_goods,
        ),
        Field(
            key="mode", label=T("Mode"), kind=OneOf(MODES, _MODE_WORDS), required=True, hint=T("how does it travel?")
        ),
        _CARRIER,
        _TRACKING,
        Field(
            key="shipped_on",
            label=T("Shipped on"),
            kind=When(past=True),
            required=True,
            hint=T("a day, such as today or 25/12"),
            propose=today,
        ),
        _EXPECTED,
    ),
)

CHANGE_SHIPMENT = Conversation(
    name="change_shipment",
    version=1,
    title=T("Change the shipment"),
    steps=(_CARRIER, _TRACKING, _EXPECTED),
)

DELIVERED = Conversation(
    name="delivered",
    version=1,
    title=T("Delivery"),
    steps=(
        Field(
            key="shipment",
            label=T("Shipment"),
            kind=Record("shipment under way"),
            required=True,
            hint=T("choose, or type the order's number"),
        ),
        Field(
            key="delivered_on",
            label=T("Delivered on"),
            kind=When(past=True),
            required=True,
            hint=T("a day, such as today or 25/12"),
            propose=today,
        ),
        Field(key="received_by", label=T("Received by"), kind=Line(most=200), hint=T("who signed for it, if you know")),
    ),
)
