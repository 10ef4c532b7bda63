"""Patterns over tokens, and the pieces of a moment that they make."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from crm.language.dating.tokens import Token


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule may know besides its tokens."""

    now: dt.datetime
    month_first: bool  # 12/5 and 12.5 in a Chinese text name the month first
    whole: bool  # the text is meant to be a date and nothing else

    @property
    def today(self) -> dt.date:
        return self.now.date()


@dataclass(frozen=True, slots=True)
class Day:
    """A day; `others` are further days that the phrase may mean, for a weekday beside it to choose from."""

    date: dt.date
    others: tuple[dt.date, ...] = ()
    weak: bool = False  # the number may count something else: needs a word before it or nothing behind it


@dataclass(frozen=True, slots=True)
class Weekday:
    """A weekday by its bare name; `weak` names (sat, sun) are words too and need company."""

    number: int
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day: morning, 晚上; weak where the word alone would not be a time (good morning)."""

    name: str
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day. `sure`: am or pm was said, or the hour leaves no choice. `weak`: needs a day beside it."""

    hour: int
    minute: int = 0
    sure: bool = False
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """A minute counted from now."""

    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Zone:
    """Hours east of Greenwich."""

    hours: float


@dataclass(frozen=True, slots=True)
class Nonsense:
    """Looks like a date and is none (30 February): nothing shorter may be read out of it."""


Piece = Day | Weekday | Part | Clock | Moment | Zone | Nonsense
Pieces = Piece | tuple[Piece, ...]
Found = Mapping[str, Token]
Build = Callable[[Found, Context], Pieces | None]


@dataclass(frozen=True, slots=True)
class _Item:
    kinds: frozenset[str]
    name: str
    optional: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern and what it means.

    A pattern is kinds of tokens in a row: `month num|ord ,? num=year?`. `|` separates alternatives, `?` makes
    an item optional, `=` names it (its name is else its first kind).
    """

    pattern: tuple[_Item, ...]
    build: Build

    @property
    def first_kinds(self) -> frozenset[str]:
        kinds: set[str] = set()
        for item in self.pattern:
            kinds |= item.kinds
            if not item.optional:
                break
        return frozenset(kinds)


def rule(pattern: str, build: Build) -> Rule:
    return Rule(pattern=tuple(_item(word) for word in pattern.split()), build=build)


def rules(build: Build, *patterns: str) -> tuple[Rule, ...]:
    """Several ways to say one thing."""
    return tuple(rule(pattern, build) for pattern in patterns)


def _item(word: str) -> _Item:
    optional = word.endswith("?")
    kinds, _, name = word.removesuffix("?").partition("=")
    alternatives = kinds.split("|")
    return _Item(kinds=frozenset(alternatives), name=name or alternatives[0], optional=optional)


class Grammar:
    """All rules, looked up by the kind of their first token."""

    def __init__(self, rules_in_order: Sequence[Rule]) -> None:
        self._by_kind: dict[str, list[Rule]] = {}
        for one in rules_in_order:
            for kind in one.first_kinds:
                self._by_kind.setdefault(kind, []).append(one)

    def longest(
        self, tokens: Sequence[Token], at: int, context: Context, *, contradicted: Callable[[Token], bool]
    ) -> tuple[tuple[Piece, ...], int] | None:
        """The pieces of the longest match that begins at `at`, and the index behind it; ties go to the earlier rule.

        A match whose last token is `contradicted` by what follows it does not count.
        """
        matches: list[tuple[int, int, Rule, dict[str, Token]]] = []
        for order, one in enumerate(self._by_kind.get(tokens[at].kind, ())):
            found: dict[str, Token] = {}
            end = _match(one.pattern, 0, tokens, at, found)
            if end is not None:
                matches.append((-end, order, one, found))
        for negative_end, _, one, found in sorted(matches, key=lambda match: match[:2]):
            if contradicted(tokens[-negative_end - 1]):
                continue
            piece = one.build(found, context)
            if piece is not None:
                return piece if isinstance(piece, tuple) else (piece,), -negative_end
        return None


def _match(
    pattern: tuple[_Item, ...], index: int, tokens: Sequence[Token], at: int, found: dict[str, Token]
) -> int | None:
    """Greedy with backtracking over the optional items; patterns are short, so is the search."""
    if index == len(pattern):
        return at
    item = pattern[index]
    if at < len(tokens) and tokens[at].kind in item.kinds:
        before = dict(found)
        found[item.name] = tokens[at]
        end = _match(pattern, index + 1, tokens, at + 1, found)
        if end is not None:
            return end
        found.clear()
        found.update(before)
    return _match(pattern, index + 1, tokens, at, found) if item.optional else None
