"""Patterns over tokens, and the pieces of a moment that they make."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from crm.language.dating.tokens import Token


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule may know besides its tokens.

    `month_first`: 12/5 and 12.5 in a Chinese text name the month first (12-5 does everywhere). `whole`: the text is
    nothing but a date; `asked`: and a date was asked for, so that 5.12 is one.
    """

    now: dt.datetime
    month_first: bool
    whole: bool
    asked: bool
    _parsed: dict[tuple[str, int], tuple[Any, int] | None] = field(default_factory=dict)

    @property
    def today(self) -> dt.date:
        return self.now.date()

    def parsed(self, name: str, part: "Phrase", tokens: Sequence[Token], at: int) -> tuple[Any, int] | None:
        """The phrase that begins at `at`, looked for once."""
        key = name, at
        if key not in self._parsed:
            self._parsed[key] = part.parse(tokens, at, self)
        return self._parsed[key]


@dataclass(frozen=True, slots=True)
class Day:
    """A day; `on` gives the day that the phrase means if a weekday is said beside it.

    `weekday`: it was said by its weekday (this Friday), so that a date in figures or words beside it says the same.
    `earlier`: the one before, where it comes back every year: weeks after Christmas may be weeks after the last one.
    """

    date: dt.date
    on: Callable[[int], dt.date] | None = None
    weak: bool = False  # the number may count something else: needs a word before it or nothing behind it
    led: bool = False  # a month by its name: needs in, by, until … before it
    weekday: int | None = None
    earlier: dt.date | None = None

    def fits(self, weekday: int) -> bool:
        return (self.date if self.on is None else self.on(weekday)).weekday() == weekday


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
    """A time of day. `sure`: am or pm was said, or the hour leaves no choice.

    `weak`: needs a day beside it or the text's end behind it; `doubtful`: needs a day, or to be asked for.
    """

    hour: int
    minute: int = 0
    sure: bool = False
    weak: bool = False
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """A minute counted from now. `weak`: now itself, which needs the text's end behind it."""

    at: dt.datetime
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Zone:
    """Whose clocks are meant; `leading`: its name may stand before the time, with a day between."""

    tz: dt.tzinfo
    leading: bool = False


@dataclass(frozen=True, slots=True)
class Offset:
    """Two days before …, the Friday after …: what stands beside it is moved."""

    move: Callable[[dt.datetime], dt.datetime | None]
    to_minute: bool  # the count is in hours or minutes
    forward: bool
    by_weeks: bool = False


@dataclass(frozen=True, slots=True)
class Nonsense:
    """Looks like a date and is none (30 February): nothing shorter may be read out of it."""


Piece = Day | Weekday | Part | Clock | Moment | Zone | Offset | Nonsense
Pieces = Piece | tuple[Piece, ...]
Found = Mapping[str, Token]
Build = Callable[[Found, Context], Any]
"""What the tokens found mean: pieces of a moment, a period, or None where they mean nothing."""


class Phrase(Protocol):
    """Something with a grammar of its own that stands in patterns as `<name>`; its token's value is what it means."""

    first_kinds: frozenset[str]

    def parse(self, tokens: Sequence[Token], at: int, context: Context) -> tuple[Any, int] | None: ...


@dataclass(frozen=True, slots=True)
class _Item:
    kinds: frozenset[str]
    name: str
    optional: bool
    phrase: str  # the name of a phrase, else empty
    follows: bool | None = None  # True: must follow, and is not taken; False: must not


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern and what it means.

    A pattern is kinds of tokens in a row: `month num|ord ,? num=year?`. `|` separates alternatives, `?` makes
    an item optional, `=` names it (its name is else its first kind), `<period>` is a phrase. At its
    end `!of|-` must not follow, and `&num &:` must.
    """

    pattern: tuple[_Item, ...]
    build: Build


def rule(pattern: str, build: Build) -> Rule:
    return Rule(pattern=tuple(_item(word) for word in pattern.split()), build=build)


def rules(build: Build, *patterns: str) -> tuple[Rule, ...]:
    """Several ways to say one thing."""
    return tuple(rule(pattern, build) for pattern in patterns)


def _item(word: str) -> _Item:
    optional = word.endswith("?")
    kinds, _, name = word.removesuffix("?").partition("=")
    if word[0] in "!&" and len(word) > 1:
        return _Item(frozenset(word[1:].split("|")), name="", optional=True, phrase="", follows=word[0] == "&")
    alternatives = kinds.split("|")
    phrase = kinds[1:-1] if kinds.startswith("<") else ""
    return _Item(kinds=frozenset(alternatives), name=name or alternatives[0], optional=optional, phrase=phrase)


class Grammar:
    """All rules, looked up by the kind of their first token."""

    def __init__(self, rules_in_order: Sequence[Rule], phrases: Mapping[str, Phrase] | None = None) -> None:
        self._phrases = phrases or {}
        self._by_kind: dict[str, list[tuple[int, Rule]]] = {}
        for order, one in enumerate(rules_in_order):
            for kind in self._first_kinds(one):
                self._by_kind.setdefault(kind, []).append((order, one))
        self.first_kinds = frozenset(self._by_kind)

    def parse(self, tokens: Sequence[Token], at: int, context: Context) -> tuple[Any, int] | None:
        return self.longest(tokens, at, context, contradicted=_never)

    def longest(
        self, tokens: Sequence[Token], at: int, context: Context, *, contradicted: Callable[[Token], bool]
    ) -> tuple[Any, int] | None:
        """What the longest match that begins at `at` means, and the index behind it; ties go to the earlier rule.

        A match whose last token is `contradicted` by what follows it does not count.
        """
        matches: list[tuple[int, int, Rule, dict[str, Token]]] = []
        for order, one in self._by_kind.get(tokens[at].kind, ()):
            found: dict[str, Token] = {}
            end = self._match(one.pattern, 0, tokens, at, found, context)
            if end is not None:
                matches.append((-end, order, one, found))
        for negative_end, _, one, found in sorted(matches, key=lambda match: match[:2]):
            if contradicted(tokens[-negative_end - 1]):
                continue
            meant = one.build(found, context)
            if meant is not None:
                return meant, -negative_end
        return None

    def _first_kinds(self, one: Rule) -> frozenset[str]:
        kinds: set[str] = set()
        for item in one.pattern:
            kinds |= self._phrases[item.phrase].first_kinds if item.phrase else item.kinds
            if not item.optional:
                break
        return frozenset(kinds)

    def _match(
        self,
        pattern: tuple[_Item, ...],
        index: int,
        tokens: Sequence[Token],
        at: int,
        found: dict[str, Token],
        context: Context,
    ) -> int | None:
        """Greedy with backtracking over the optional items; patterns are short, so is the search."""
        if index == len(pattern):
            return at
        item = pattern[index]
        if item.follows is not None:
            return _looks_ahead(pattern[index:], tokens, at, taken=at)
        taken = self._take(item, tokens, at, context)
        if taken is not None:
            before = found.get(item.name)
            found[item.name] = taken[0]
            end = self._match(pattern, index + 1, tokens, taken[1], found, context)
            if end is not None:
                return end
            if before is None:
                del found[item.name]
            else:
                found[item.name] = before
        return self._match(pattern, index + 1, tokens, at, found, context) if item.optional else None

    def _take(self, item: _Item, tokens: Sequence[Token], at: int, context: Context) -> tuple[Token, int] | None:
        if at >= len(tokens):
            return None
        first = tokens[at]
        if not item.phrase:
            return (first, at + 1) if first.kind in item.kinds else None
        phrase = self._phrases[item.phrase]
        parsed = context.parsed(item.phrase, phrase, tokens, at) if first.kind in phrase.first_kinds else None
        if parsed is None:
            return None
        value, end = parsed
        token = Token(kind=item.phrase, value=value, start=first.start, end=tokens[end - 1].end, text=first.text)
        return token, end


def _looks_ahead(items: tuple[_Item, ...], tokens: Sequence[Token], at: int, *, taken: int) -> int | None:
    for ahead, item in enumerate(items):
        there = at + ahead < len(tokens) and tokens[at + ahead].kind in item.kinds
        if there is not item.follows:
            return None
    return taken


def _never(_: Token) -> bool:
    return False
