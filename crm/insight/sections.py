"""What a digest is made of: sections of lines, each line with the record that its button opens. Plain data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crm.core.text import Text, Words, pack, unpack

About = tuple[str, int]
"""A record as buttons name it: `deal`, 17."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `about`: the record it is about, `name` what that is called on a button; without one it is a figure."""

    text: Text
    about: About | None = None
    name: Words = ""


@dataclass(frozen=True, slots=True)
class Section:
    """`key` is its stable name. `more`: how many there are beyond its lines; `rest`: what is said of what is not named
    because it was named before; `verb`: where all of it is listed.
    """

    key: str
    heading: Text
    lines: tuple[Line, ...]
    more: int = 0
    rest: Text | None = None
    verb: str = ""


def section(
    key: str, heading: Text, lines: Iterable[Line], *, most: int, rest: Text | None = None, verb: str = ""
) -> list[Section]:
    """A section of at most so many lines; nothing where there is nothing to say."""
    found = tuple(lines)
    if not found and rest is None:
        return []
    return [Section(key, heading, found[:most], max(0, len(found) - most), rest, verb)]


def pack_sections(sections: Iterable[Section]) -> list[dict[str, Any]]:
    """Plain JSON, facts frozen and language open."""
    return [
        {
            "key": one.key,
            "heading": pack(one.heading),
            "lines": [
                {
                    "text": pack(line.text),
                    "about": None if line.about is None else list(line.about),
                    "name": pack(line.name),
                }
                for line in one.lines
            ],
            "more": one.more,
            "rest": pack(one.rest),
            "verb": one.verb,
        }
        for one in sections
    ]


def unpack_sections(packed: Iterable[Mapping[str, Any]]) -> tuple[Section, ...]:
    """The inverse of `pack_sections`."""
    return tuple(
        Section(
            one["key"],
            unpack(one["heading"]),
            tuple(_line(line) for line in one["lines"]),
            one["more"],
            unpack(one["rest"]),
            one["verb"],
        )
        for one in packed
    )


def _line(packed: Mapping[str, Any]) -> Line:
    about = packed["about"]
    return Line(unpack(packed["text"]), None if about is None else (about[0], about[1]), unpack(packed["name"]))
