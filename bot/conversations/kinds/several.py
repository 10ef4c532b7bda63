"""Several of one kind of thing: declared options, countries; typed with commas between, kept as lists."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.cards.screen import Choice
from bot.conversations.definition import Read, Refused, Taken, World
from bot.conversations.kinds.choosing import OneOf
from bot.conversations.kinds.words import Plain
from crm.core.text import T, Text, Words
from crm.language.countries import country_name, read_country

_BETWEEN = re.compile(r"[,，;；、/\n]")


@dataclass(frozen=True, slots=True)
class SeveralOf:
    """Some of a few declared options, ticked one by one or all typed: `A, C`."""

    options: Mapping[str, Text]
    names: Mapping[str, Sequence[str]]
    widget = "choices"
    numeric = False

    def read(self, text: str, world: World) -> Read:
        values: list[str] = []
        for part in _parts(text):
            match OneOf(self.options, self.names).read(part, world):
                case Taken(value):
                    values.append(value)
                case refused:
                    return refused
        return Taken(list(dict.fromkeys(values))) if values else Refused(T("This is needed."))

    def show(self, value: Any, world: World) -> Words:
        return T("{items}", items=[self.options.get(one, str(one)) for one in value])

    def text(self, value: Any, world: World) -> str:
        return ", ".join(value)

    def offer(self, query: str, world: World, *, offset: int, most: int) -> tuple[Sequence[Choice], int]:
        return OneOf(self.options, self.names).offer(query, world, offset=offset, most=most)

    def choice(self, value: str, world: World) -> Choice | None:
        return OneOf(self.options, self.names).choice(value, world)

    def holds(self, value: Any, world: World) -> bool:
        return isinstance(value, list) and all(one in self.options for one in value)

    def load(self, value: Any, world: World) -> Any:
        return value


@dataclass(frozen=True, slots=True)
class Countries(Plain):
    """Countries or regions by name or code, kept as a list of ISO 3166 alpha-2."""

    most: int = 50

    def read(self, text: str, world: World) -> Read:
        codes: list[str] = []
        for part in _parts(text):
            code = read_country(part)
            if code is None:
                return Refused(
                    T(
                        "No country or region is called {text}. Please write its name, such as Germany or 德国.",
                        text=part[:60],
                    )
                )
            codes.append(code)
        if not codes:
            return Refused(T("This is needed."))
        if len(codes) > self.most:
            return Refused(T("At most {most} of them fit here.", most=self.most))
        return Taken(list(dict.fromkeys(codes)))

    def show(self, value: Any, world: World) -> Words:
        return T("{items}", items=[country_name(code, world.language) for code in value])

    def text(self, value: Any, world: World) -> str:
        return ", ".join(country_name(code, world.language) for code in value)

    def holds(self, value: Any, world: World) -> bool:
        return isinstance(value, list) and all(read_country(str(code)) for code in value)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in _BETWEEN.split(text) if part.strip()]
