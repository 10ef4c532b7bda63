"""Words as they are: a line, a passage, tags; and what all kinds without choices share."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.cards.screen import Choice
from bot.conversations.definition import Read, Refused, Taken, World
from crm.core.text import T, Words

NONE: tuple[tuple[Choice, ...], int] = ((), 0)


class Plain:
    """What kinds without choices share: nothing to offer, the value is its own text, any kept value holds."""

    widget = "text"
    numeric = False

    def show(self, value: Any, world: World) -> Words:
        return str(value)

    def text(self, value: Any, world: World) -> str:
        return str(value)

    def offer(self, query: str, world: World, *, offset: int, most: int) -> tuple[Sequence[Choice], int]:
        return NONE

    def choice(self, value: str, world: World) -> Choice | None:
        return None

    def holds(self, value: Any, world: World) -> bool:
        match self.read(self.text(value, world), world):
            case Taken():
                return True
        return False

    def load(self, value: Any, world: World) -> Any:
        return value

    def read(self, text: str, world: World) -> Read:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Line(Plain):
    """A line of text; line breaks and runs of spaces become one space."""

    most: int = 200

    def read(self, text: str, world: World) -> Read:
        line = " ".join(text.split())
        if not line:
            return Refused(T("This is needed."))
        if len(line) > self.most:
            return Refused(
                T(
                    "That is {length} characters long; at most {most} fit here.",
                    length=len(line),
                    most=self.most,
                )
            )
        return Taken(line)

    def holds(self, value: Any, world: World) -> bool:
        return isinstance(value, str)


@dataclass(frozen=True, slots=True)
class Passage(Plain):
    """Text of several lines, kept as written."""

    most: int = 10_000
    widget = "long"

    def read(self, text: str, world: World) -> Read:
        if len(text) > self.most:
            return Refused(
                T(
                    "That is {length} characters long; at most {most} fit here.",
                    length=len(text),
                    most=self.most,
                )
            )
        return Taken(text)

    def holds(self, value: Any, world: World) -> bool:
        return isinstance(value, str)


@dataclass(frozen=True, slots=True)
class Tags(Plain):
    """Several short words, separated by commas."""

    most: int = 20

    def read(self, text: str, world: World) -> Read:
        parts = [" ".join(part.split()).lstrip("#") for part in re.split(r"[,，;；、\n]", text)]
        tags = list(dict.fromkeys(part for part in parts if part))
        if not tags:
            return Refused(T("Write one or more words, separated by commas."))
        if len(tags) > self.most or any(len(tag) > 60 for tag in tags):
            return Refused(T("At most {most} of them, each up to 60 characters.", most=self.most))
        return Taken(tags)

    def show(self, value: Any, world: World) -> Words:
        return T("{items}", items=list(value))

    def text(self, value: Any, world: World) -> str:
        return ", ".join(value)
