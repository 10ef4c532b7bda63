"""One or several of what is there: declared options, and records found by search."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.cards.screen import Choice
from bot.conversations.definition import Among, Read, Refused, Taken, World
from bot.wording import wording
from crm.core.text import T, Text, Words
from crm.people.people import LANGUAGES


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few declared options, by value; typed by its name in either language.

    `names` of an option are further words that mean it.
    """

    options: Mapping[str, Text]
    names: Mapping[str, Sequence[str]]
    widget = "choice"
    numeric = False

    def read(self, text: str, world: World) -> Read:
        wanted = text.casefold()
        for value, label in self.options.items():
            words = (value, label.message, *self.names.get(value, ()))
            if wanted in {word.casefold() for word in words}:
                return Taken(value)
        near = [value for value in self.options if any(wanted in word.casefold() for word in self._words(value))]
        if len(near) == 1:
            return Taken(near[0])
        return Refused(T("Please choose one: {options}.", options=list(self.options.values())))

    def show(self, value: Any, world: World) -> Words:
        return self.options.get(value, str(value))

    def text(self, value: Any, world: World) -> str:
        return str(value)

    def offer(self, query: str, world: World, *, offset: int, most: int) -> tuple[Sequence[Choice], int]:
        choices = [Choice(value, label) for value, label in self.options.items()]
        return choices[offset : offset + most], len(choices)

    def choice(self, value: str, world: World) -> Choice | None:
        return Choice(value, self.options[value]) if value in self.options else None

    def holds(self, value: Any, world: World) -> bool:
        return value in self.options

    def load(self, value: Any, world: World) -> Any:
        return value

    def _words(self, value: str) -> tuple[str, ...]:
        return (self.options[value].message, *self.names.get(value, ()))


@dataclass(frozen=True, slots=True)
class Record:
    """A record of a source the World can search: a customer, a product, a deal. Kept by its value (an id).

    `open`: where nothing of the source fits, the text itself is taken (a category nobody has listed yet).
    """

    source: str
    open: bool = False
    widget = "search"
    numeric = False

    def read(self, text: str, world: World) -> Read:
        found, total = world.search(self.source, text, offset=0, most=2)
        named = [
            choice for choice in found if isinstance(choice.label, str) and choice.label.casefold() == text.casefold()
        ]
        if len(named) == 1 or total == 1:
            return Taken((named or list(found))[0].value)
        if total > 1:
            return Among(text)
        if self.open:
            return Taken(" ".join(text.split())[:100])
        if self.source == "product" and not world.search(self.source, "", offset=0, most=1)[1]:
            return Refused(T("There are no products yet: your administrator imports them."))
        return Refused(T("Nothing called {text} was found. Part of the name is enough.", text=text[:60]))

    def show(self, value: Any, world: World) -> Words:
        found = world.find(self.source, value)
        return str(value) if found is None else found.label

    def text(self, value: Any, world: World) -> str:
        found = world.find(self.source, value)
        return found.label if found is not None and isinstance(found.label, str) else str(value)

    def offer(self, query: str, world: World, *, offset: int, most: int) -> tuple[Sequence[Choice], int]:
        return world.search(self.source, query, offset=offset, most=most)

    def choice(self, value: str, world: World) -> Choice | None:
        return world.find(self.source, value)

    def holds(self, value: Any, world: World) -> bool:
        return isinstance(value, str) and (self.open or world.find(self.source, value) is not None)

    def load(self, value: Any, world: World) -> Any:
        return value


@dataclass(frozen=True, slots=True)
class Records(Record):
    """Several records of a source, ticked one by one or all typed with commas between."""

    widget = "choices"

    def read(self, text: str, world: World) -> Read:
        values: list[str] = []
        for part in re.split(r"[,，;；、\n]", text):
            if not part.strip():
                continue
            match Record.read(self, part.strip(), world):
                case Taken(value):
                    values.append(value)
                case Among(query):
                    return Among(query)
                case refused:
                    return refused
        return Taken(list(dict.fromkeys(values))) if values else Refused(T("This is needed."))

    def show(self, value: Any, world: World) -> Words:
        return T("{items}", items=[Record.show(self, one, world) for one in value])

    def text(self, value: Any, world: World) -> str:
        return ", ".join(Record.text(self, one, world) for one in value)

    def holds(self, value: Any, world: World) -> bool:
        return isinstance(value, list) and all(Record.holds(self, one, world) for one in value)


@dataclass(frozen=True, slots=True)
class Chips:
    """A sentence of one's own, or one of a few offered: kept as typed, or as the key of the one offered."""

    offered: Mapping[str, Text]
    most: int = 1000
    widget = "choice"
    numeric = False

    def read(self, text: str, world: World) -> Read:
        if len(text) > self.most:
            return Refused(
                T("That is {length} characters long; at most {most} fit here.", length=len(text), most=self.most)
            )
        same = (key for key, chip in self.offered.items() if text.casefold() in _said(chip))
        return Taken(next(same, text))

    def show(self, value: Any, world: World) -> Words:
        return self.offered.get(value, str(value))

    def text(self, value: Any, world: World) -> str:
        return str(value)

    def offer(self, query: str, world: World, *, offset: int, most: int) -> tuple[Sequence[Choice], int]:
        choices = [Choice(key, chip) for key, chip in self.offered.items()]
        return choices[offset : offset + most], len(choices)

    def choice(self, value: str, world: World) -> Choice | None:
        return Choice(value, self.offered[value]) if value in self.offered else None

    def holds(self, value: Any, world: World) -> bool:
        return isinstance(value, str)

    def load(self, value: Any, world: World) -> Any:
        return value


def _said(label: Text) -> set[str]:
    """A label in every language, as it might be typed."""
    return {wording(language, "UTC")(label).casefold() for language in LANGUAGES}
