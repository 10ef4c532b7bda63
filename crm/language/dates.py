"""Reads a date or a time as people type it, in Chinese or English, for something that is still to come."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from crm.language.dating.assembly import assemble
from crm.language.dating.grammar import Context, Nonsense
from crm.language.dating.resolution import resolve
from crm.language.dating.tokens import Token, tokenise
from crm.language.folding import fold

_HAN = re.compile(r"[\u4e00-\u9fff]")
# Words and marks around a date that is the whole text: "on Friday.", "by 20号", "5月1号之前".
_LEAD = frozenset(
    {
        "on",
        "by",
        "at",
        "about",
        "before",
        "for",
        "to",
        "in",
        "the",
        "|",
        "(",
        "until",
        "from",
        "early",
        "late",
        "between",
    }
)
_TRAIL = frozenset(
    {".", "!", "?", "。", ",", "front", "about", ")", ";", "before", "behind", "ofzh", "by", "onward", "inside"}
)


@dataclass(frozen=True, slots=True)
class Reading:
    at: datetime  # aware, in now's zone; a day is its 00:00
    granularity: Literal["day", "minute"]
    span: tuple[int, int]  # what part of the text as typed was read


def read_date(text: str, *, now: datetime, whole: bool = False) -> Reading | None:
    """The first date or time in the text, counted from `now` (aware).

    What may be meant twice is read as the coming one: a weekday, `20号`, `25/12`, `三点`. A slash date is day/month,
    month/day in a Chinese text or where nothing else is possible; 12-5 is month-day. A range is read as its start.
    With `whole` the text must be the date alone.
    """
    if now.tzinfo is None:
        raise ValueError("now must carry a time zone")
    folded = fold(text)
    tokens = tokenise(folded.text)
    month_first = _HAN.search(folded.text) is not None
    found = None
    if len(tokens) <= _LONGEST_ALONE or whole:
        found = _find(folded.text, tokens, Context(now, month_first=month_first, whole=True, asked=whole))
    if found is None and not whole:
        found = _find(folded.text, tokens, Context(now, month_first=month_first, whole=False, asked=False))
    if found is None:
        return None
    moment, is_minute, start, end = found
    return Reading(at=moment, granularity="minute" if is_minute else "day", span=folded.span(start, end))


# A text of more words and marks is not a date alone.
_LONGEST_ALONE = 24


def _find(text: str, tokens: Sequence[Token], context: Context) -> tuple[datetime, bool, int, int] | None:
    """The first one that is not over, else the first of all."""
    at, past = 0, None
    while at < len(tokens):
        found = assemble(text, tokens, at, context)
        if isinstance(found, Nonsense):
            return past
        if found is None:
            if context.whole and tokens[at].kind not in _LEAD:
                return None
            at += 1
            continue
        if not found.passed_over:
            if context.whole and any(token.kind not in _TRAIL for token in tokens[found.range_end :]):
                return None
            resolved = resolve(found.pieces, context)
            reading = None if resolved is None else (*resolved, tokens[at].start, tokens[found.end - 1].end)
            if reading is None or context.whole or _is_to_come(reading[0], context, to_minute=reading[1]):
                return reading or past
            past = past or reading
        at = found.range_end
    return past


def _is_to_come(at: datetime, context: Context, *, to_minute: bool) -> bool:
    return at >= context.now.replace(second=0, microsecond=0) if to_minute else at.date() >= context.today
