"""Several order lines in one message: `Chai 500 @18; Chang 200 @19 95折`, one after another or one below another."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.conversations.definition import Answers, Kind, Refused, Taken, World
from bot.conversations.kinds import Discount, Quantity, Record, UnitPrice
from crm.core.text import T

_SEPARATOR = re.compile(r"[;；\n]+")
# A product's name, a quantity (with its unit), a price behind @ (or 单价, at, a), perhaps a discount.
_LINE = re.compile(
    r"(?P<product>\S.*?)[\s,，]+(?P<quantity>[\d０-９][\d０-９,.，kK万千]*\s*[^\s@\d]{0,8}?)\s*"
    r"(?:@|＠|单价|每[个件套台只]?|\bat\b)\s*(?P<price>\S+?)(?:\s+(?P<discount>\S*(?:折|%|％)))?$"
)
_MOST = 500


def read_lines(text: str, answers: Answers, world: World) -> Sequence[Mapping[str, Any]] | Refused | None:
    """The lines a message holds; None when its first part is not of that form, so that it may be a product's name.

    One line that cannot be read refuses the whole message, naming the line: nothing is taken in silently.
    """
    parts = [part.strip() for part in _SEPARATOR.split(text[:50_000]) if part.strip()]
    if not parts or _LINE.match(parts[0]) is None:
        return None
    if len(parts) > _MOST:
        return Refused(T("There can be at most {most} lines.", most=_MOST))
    return _read_all(parts, world)


def _read_all(parts: Sequence[str], world: World) -> Sequence[Mapping[str, Any]] | Refused:
    typed = {found["product"].strip() for part in parts if (found := _LINE.match(part))}
    named = world.recall("products named", "\n".join(typed)) or {}
    lines = []
    for part in parts:
        line = _read_line(part, named, world)
        if isinstance(line, Refused):
            return line
        lines.append(line)
    return lines


def _read_line(part: str, named: Mapping[str, Any], world: World) -> Mapping[str, Any] | Refused:
    found = _LINE.match(part)
    if found is None:
        return Refused(T("I could not read “{line}”. Write it like: Chai 500 @18 95折", line=part[:60]))
    line: dict[str, Any] = {}
    for key, kind in _KINDS.items():
        typed = found[key if key != "unit_price" else "price"]
        if typed is None:
            continue
        if key == "product" and typed.strip() in named:
            line[key] = named[typed.strip()]
            continue
        match kind.read(typed.strip(), world):
            case Taken(value):
                line[key] = value
            case Refused(problem):
                return Refused(T("“{line}”: {problem}", line=part[:60], problem=problem))
            case _:
                several = T("several products match; write more of the name")
                return Refused(T("“{line}”: {problem}", line=part[:60], problem=several))
    return line


_KINDS: dict[str, Kind] = {
    "product": Record("product"),
    "quantity": Quantity(),
    "unit_price": UnitPrice(),
    "discount": Discount(),
}
