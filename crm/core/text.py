"""Texts for people, kept apart from any language until somebody reads them.

A service, a conversation or a notice says *what* is to be told (`T("Saved lead {number}.", number=…)`);
the language is chosen where the reader is known. A text survives a trip through JSON with its facts
frozen, so a notice written today reads right in whatever language its reader has tomorrow.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from crm.core.money import Money


@dataclass(frozen=True, slots=True)
class Text:
    """A message and the facts in it; drawn later in the reader's language and forms.

    `message` is the English wording and the catalogue's key, with `{name}` placeholders; `plural`, where
    given, is chosen by the fact `n`; `context` tells apart words that English spells alike.
    """

    message: str
    plural: str | None = None
    context: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


Words: TypeAlias = Text | str
"""What can be shown: a text of ours, or somebody's own words as they are."""


@dataclass(frozen=True, slots=True)
class DayOf:
    """A fact: the day of a moment, in the zone of whoever reads it (for a shared chat, the company's)."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Named:
    """A fact: what something is called, in the reader's language where it has a name there."""

    name: str
    name_zh: str | None


def T(message: str, /, *, context: str | None = None, **facts: Any) -> Text:  # noqa: N802 - the field's short mark, as _() elsewhere
    """Mark a message for the catalogues. `message` must be a literal."""
    return Text(message, None, context, facts)


def TN(one: str, many: str, /, *, n: int, **facts: Any) -> Text:  # noqa: N802
    """Mark a message with a plural form, chosen by `n`. Both must be literals."""
    return Text(one, many, None, {"n": n, **facts})


def pack(value: Any) -> Any:
    """Turn words and the facts in them into plain JSON. Raises TypeError for anything else."""
    match value:
        case None | bool() | int() | str():
            return value
        case Text(message, plural, context, facts):
            packed: dict[str, Any] = {"$text": message}
            if plural is not None:
                packed["plural"] = plural
            if context is not None:
                packed["context"] = context
            if facts:
                packed["facts"] = {name: pack(fact) for name, fact in facts.items()}
            return packed
        case Money(amount, currency):
            return {"$money": [str(amount), currency]}
        case Decimal():
            return {"$number": str(value)}
        case DayOf(at):
            return {"$day": at.isoformat()}
        case Named(name, name_zh):
            return {"$named": [name, name_zh]}
        case datetime():
            return {"$at": value.isoformat()}
        case date():
            return {"$date": value.isoformat()}
        case list() | tuple():
            return [pack(item) for item in value]
    raise TypeError(f"a text cannot carry {type(value).__name__}")


def unpack(value: Any) -> Any:
    """The inverse of `pack`."""
    match value:
        case {"$text": message}:
            facts = {name: unpack(fact) for name, fact in value.get("facts", {}).items()}
            return Text(message, value.get("plural"), value.get("context"), facts)
        case {"$money": [amount, currency]}:
            return Money(Decimal(amount), currency)
        case {"$number": number}:
            return Decimal(number)
        case {"$named": [name, name_zh]}:
            return Named(name, name_zh)
        case {"$day": at}:
            return DayOf(datetime.fromisoformat(at))
        case {"$at": at}:
            return datetime.fromisoformat(at)
        case {"$date": day}:
            return date.fromisoformat(day)
        case list():
            return [unpack(item) for item in value]
    return value
