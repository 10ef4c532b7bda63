"""Reads a date or a time as people type it, in Chinese or English, for something that is still to come."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from crm.language.dating.assembly import assemble, resolve
from crm.language.dating.grammar import Context, Nonsense
from crm.language.dating.tokens import tokenise
from crm.language.folding import Folded, fold

_HAN = re.compile(r"[\u4e00-\u9fff]")
# Words and marks around a date that is the whole text: "on Friday.", "by 20号", "5月1号之前".
_LEAD = frozenset({"on", "by", "at", "about", "before", "for", "to", "in", "the", "|", "("})
_TRAIL = frozenset({".", "!", "?", "。", ",", "front", "about", ")", ";", "before"})


@dataclass(frozen=True, slots=True)
class Reading:
    at: datetime  # aware, in now's zone; a day is its 00:00
    granularity: Literal["day", "minute"]
    span: tuple[int, int]  # what part of the text as typed was read


def read_date(text: str, *, now: datetime, whole: bool = False) -> Reading | None:
    """The first date or time in the text, counted from `now` (aware).

    What may be meant twice is read as the coming one: a weekday, `20号`, `25/12`, `三点`. A slash date is day/month,
    month/day in a Chinese text or where nothing else is possible. With `whole` the text must be the date alone.
    """
    if now.tzinfo is None:
        raise ValueError("now must carry a time zone")
    folded = fold(text)
    tokens = tokenise(folded.text)
    context = Context(now=now, month_first=_HAN.search(folded.text) is not None, whole=whole)
    at = 0
    while at < len(tokens):
        found = assemble(folded.text, tokens, at, context)
        if isinstance(found, Nonsense):
            return None
        if found is not None and found.recurring:
            at = found.end
            continue
        if found is not None:
            if whole and any(token.kind not in _TRAIL for token in tokens[found.end :]):
                return None
            resolved = resolve(found, context)
            return None if resolved is None else _reading(folded, resolved, tokens[at].start, tokens[found.end - 1].end)
        if whole and tokens[at].kind not in _LEAD:
            return None
        at += 1
    return None


def _reading(folded: Folded, resolved: tuple[datetime, bool], start: int, end: int) -> Reading:
    moment, is_minute = resolved
    return Reading(
        at=moment,
        granularity="minute" if is_minute else "day",
        span=folded.span(start, end),
    )
