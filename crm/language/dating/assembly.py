"""Puts the pieces of one moment together: the day, the weekday that checks it, the part of the day, the time."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone

from crm.language.dating import calendar as cal
from crm.language.dating.clock import CLOCK_RULES
from crm.language.dating.grammar import (
    Clock,
    Context,
    Day,
    Grammar,
    Moment,
    Nonsense,
    Part,
    Piece,
    Weekday,
    Zone,
)
from crm.language.dating.months import OF_MONTH
from crm.language.dating.named_days import NAMED
from crm.language.dating.spans import SPAN_RULES
from crm.language.dating.tokens import Token
from crm.language.dating.vocabulary import PART_HOURS
from crm.language.dating.weeks import OF_WEEK
from crm.language.dating.written_days import BY_NUMBERS, BY_WORDS

GRAMMAR = Grammar((*BY_WORDS, *BY_NUMBERS, *OF_MONTH, *OF_WEEK, *NAMED, *SPAN_RULES, *CLOCK_RULES))

# An hour of a named day without am or pm lies in these hours: a follow-up at 3 is not meant for the night.
OFFICE_MINUTES = range(6 * 60 + 30, 19 * 60)
_GLUE = frozenset({",", "on", "at", "for", "about", "of", "ofzh", "the", "in", "-", "(", ")", "、", "by", "|"})
_STOPS = frozenset({".", ",", "!", "?", ";", "。", "、"})
# Each Monday is no single day, and what lasts since Monday is not to come.
_RECURRING = re.compile(r"(?:每个?(?:工作日|[年月周天日])?|\bevery(?: day)?|\beach|\bsince)(?: at)?\s*\Z")
_MOST_GLUE = 3
# Words that say that a date follows.
_AHEAD = frozenset({"on", "by", "before", "for", "from", "to", "at", "about"})
# Behind a piece that ends in such a token, these words say that it was no date: 两点要求, 3/4 inch, 3号仓库.
_CONTRADICTED: dict[str, re.Pattern[str]] = {
    "hourword": re.compile(
        r"\s*(?:要求|建议|意见|说明|原因|问题|想法|内容|注意|希望|看法|理由|优势|好处|区别|需求|结论|"
        r"感受|反馈|补充|提示|声明|不同|共识|钱|几|多(?!钟)|优惠|折扣|利润)"
    ),
    "dayword": re.compile(r"\s*(?:楼|仓|门|线|店|机|厅|馆|院|柜|床|房|桌|库|产品|样|车间|公馆|钢|色)"),
    "num": re.compile(
        r"\s*(?:inch|\"|''|”|″|英寸|寸|mm\b|cm\b|m\b|h\b|hours?\b|kg|g\b|lb|oz|cup|%|percent|pcs|pieces|sets|units|boxes|box\b|cartons|ctns|pairs|bags|tons|rolls|pallets|bottles|usd|eur|"
        r"cny|rmb|dollar|euro|k\b|点|时|个|件|套|台|箱|米|美元|元|块|折|[.,/][0-9]|[-:*x×][0-9])"
    ),
    "ord": re.compile(
        r"\s+(?:order|item|time|batch|floor|shipment|payment|quarter|half|step|party|version|place|class|"
        r"street|avenue|sample|quote|customer|line|largest|best|biggest|half)\b"
    ),
    "part": re.compile(r"好|茶"),
}


@dataclass(slots=True)
class Assembled:
    """The pieces found so far; `end` is the index behind the last token used.

    What is `recurring` (每周一, since Monday) is to be passed over.
    """

    end: int
    recurring: bool = False
    day: Day | None = None
    weekday: Weekday | None = None
    part: Part | None = None
    clock: Clock | None = None
    moment: Moment | None = None
    zone: Zone | None = None
    pieces: list[Piece] = field(default_factory=list)

    def accepts(self, piece: Piece) -> bool:
        if self.moment is not None:
            return False
        if isinstance(piece, Day):
            return self.day is None
        if isinstance(piece, Weekday):
            return self.weekday is None
        if isinstance(piece, Part):
            return self.part is None
        if isinstance(piece, Clock):
            return self.clock is None
        if isinstance(piece, Zone):
            return self.clock is not None and self.zone is None
        return isinstance(piece, Moment) and not self.pieces

    def add(self, piece: Piece) -> None:
        self.pieces.append(piece)
        if isinstance(piece, Day):
            self.day = piece
        elif isinstance(piece, Weekday):
            self.weekday = piece
        elif isinstance(piece, Part):
            self.part = piece
        elif isinstance(piece, Clock):
            self.clock = piece
        elif isinstance(piece, Zone):
            self.zone = piece
        elif isinstance(piece, Moment):
            self.moment = piece


# Before such a number: a size, a model, the number of a document.
_NUMBERED = re.compile(
    r"(?:规格|型号|尺寸|比例|编号|单号|号码|发票号|合同号|model|size|ratio|item|invoice|order|p/?o|art|no)\s*[.:#]?\s*\Z"
)


def assemble(text: str, tokens: Sequence[Token], at: int, context: Context) -> Assembled | Nonsense | None:
    """The pieces that begin at token `at` and hang together, or None: no date begins here."""
    start = tokens[at].start
    numbered = tokens[at].kind == "num" and _NUMBERED.search(text[max(0, start - 12) : start])
    if numbered or _inside_number(tokens, at):
        return None
    first = _pieces_at(text, tokens, at, context)
    if first is None:
        return None
    if isinstance(first[0][0], Nonsense):
        return Nonsense()
    recurring = _RECURRING.search(text[max(0, start - 12) : start]) is not None
    found = Assembled(end=at, recurring=recurring)
    _take(found, first)
    while (more := _next_pieces(text, tokens, found, context)) is not None:
        if any(isinstance(piece, Nonsense) for piece in more[0]):
            return Nonsense()
        _take(found, more)
    ahead = at > 0 and tokens[at - 1].kind in _AHEAD
    return found if _is_enough(found, tokens, context, ahead=ahead) else None


def _take(found: Assembled, pieces: tuple[tuple[Piece, ...], int]) -> None:
    for piece in pieces[0]:
        found.add(piece)
    found.end = pieces[1]


def _inside_number(tokens: Sequence[Token], at: int) -> bool:
    """The 5 of 12.5 and the 3 of 第3点 begin nothing."""
    if at and tokens[at - 1].kind == "ordinal" and tokens[at].kind == "num":
        return True
    if at and tokens[at].kind == "num" and tokens[at - 1].text == "#":
        return True
    if at < 2 or tokens[at].kind != "num":
        return False
    mark, before = tokens[at - 1], tokens[at - 2]
    touches = mark.end == tokens[at].start and before.end == mark.start
    return touches and mark.kind in ".,/:*" and before.kind in {"num", "word"} and before.text[-1:].isdigit()


def _pieces_at(text: str, tokens: Sequence[Token], at: int, context: Context) -> tuple[tuple[Piece, ...], int] | None:
    if at >= len(tokens):
        return None

    def contradicted(last: Token) -> bool:
        pattern = _CONTRADICTED.get(last.kind)
        return pattern is not None and pattern.match(text, last.end) is not None

    return GRAMMAR.longest(tokens, at, context, contradicted=contradicted)


def _next_pieces(
    text: str, tokens: Sequence[Token], found: Assembled, context: Context
) -> tuple[tuple[Piece, ...], int] | None:
    """The next pieces that fit, behind a few words that only join."""
    at = found.end
    for _ in range(_MOST_GLUE + 1):
        more = _pieces_at(text, tokens, at, context)
        if more is not None and all(found.accepts(piece) or isinstance(piece, Nonsense) for piece in more[0]):
            return more
        if at >= len(tokens) or not (tokens[at].kind in _GLUE or tokens[at].text == "t"):
            return None
        at += 1
    return None


def _is_enough(found: Assembled, tokens: Sequence[Token], context: Context, *, ahead: bool) -> bool:
    """A weak word alone (sat, morning, at 5) is a date only where the text is nothing else."""
    if context.whole or len(found.pieces) > 1:
        return any(not isinstance(piece, Zone) for piece in found.pieces)
    only = found.pieces[0]
    if isinstance(only, Clock | Day) and only.weak:
        if isinstance(only, Day) and ahead:
            return True
        follower = tokens[found.end] if found.end < len(tokens) else None
        return follower is None or follower.kind in _STOPS
    if isinstance(only, Weekday | Part) and only.weak:
        return ahead and isinstance(only, Weekday)
    return not isinstance(only, Zone)


def resolve(found: Assembled, context: Context) -> tuple[datetime, bool] | None:
    """The moment in now's zone, and whether its minute was meant."""
    if found.moment is not None:
        return found.moment.at, True
    clock, part = found.clock, found.part
    if clock is None and part is None:
        day = _chosen_day(found, context, None)
        return None if day is None else (cal.local_moment(day, time(0), context.now), False)
    named = found.day is not None or found.weekday is not None
    hours = _clock_choices(clock, part)
    at = _on_named_day(found, context, hours) if named else _coming_time(context, hours)
    if at is None:
        return None
    if found.zone is not None:
        east = timezone(timedelta(hours=found.zone.hours))
        at = at.replace(tzinfo=east).astimezone(UTC).astimezone(context.now.tzinfo)
    return at, True


def _chosen_day(found: Assembled, context: Context, minutes: int | None) -> date | None:
    """The day said; a weekday beside it chooses among what it may mean; alone it is the coming one.

    A weekday that is today's means today only with a time still to come.
    """
    if found.day is not None:
        if found.weekday is None:
            return found.day.date
        fitting = [day for day in found.day.others if day.weekday() == found.weekday.number]
        coming = [day for day in fitting if day >= context.today]
        return next(iter(coming or fitting), found.day.date)
    if found.weekday is None:
        return context.today
    ahead = (found.weekday.number - context.today.weekday()) % 7
    now_minutes = context.now.hour * 60 + context.now.minute
    if ahead == 0 and (minutes is None or minutes <= now_minutes):
        ahead = 7
    return cal.add_days(context.today, ahead)


def _on_named_day(found: Assembled, context: Context, choices: list[int]) -> datetime | None:
    """The likeliest reading; today the one that is still to come (今天9点 at noon is tonight)."""
    day = _chosen_day(found, context, choices[0])
    if day is None:
        return None
    now = context.now.hour * 60 + context.now.minute
    ahead = [minutes for minutes in choices if minutes >= now] if day == context.today else []
    return _at_minutes(day, (ahead or choices)[0], context)


def _coming_time(context: Context, choices: list[int]) -> datetime | None:
    """The first of the readings that is still ahead today, else tomorrow's."""
    for minutes in sorted(choices):
        at = _at_minutes(context.today, minutes, context)
        if at is not None and at >= context.now.replace(second=0, microsecond=0):
            return at
    tomorrow = cal.add_days(context.today, 1)
    return None if tomorrow is None else _at_minutes(tomorrow, choices[0], context)


def _at_minutes(day: date, minutes: int, context: Context) -> datetime | None:
    later = cal.add_days(day, minutes // 1440)
    if later is None:
        return None
    return cal.local_moment(later, time(minutes % 1440 // 60, minutes % 60), context.now)


def _clock_choices(clock: Clock | None, part: Part | None) -> list[int]:
    """Minutes after the day's midnight, the likeliest reading first."""
    if part is not None and part.name == "end":
        return [23 * 60 + 59] if clock is None else [clock.hour * 60 + clock.minute]
    if clock is None:
        return [_part_hour(part) * 60]
    said = clock.hour * 60 + clock.minute
    if clock.sure:
        return [said]
    if part is not None:
        return [_in_part(clock, part.name)]
    if clock.hour == 12:
        return [said]
    later = said + 720
    return [said, later] if said in OFFICE_MINUTES else [later, said]


def _part_hour(part: Part | None) -> int:
    if part is None:
        return 0
    return 24 if part.name == "midnight" else PART_HOURS[part.name]


def _in_part(clock: Clock, name: str) -> int:
    hour, minutes = clock.hour, clock.minute
    if name in {"afternoon", "evening"}:
        hour = hour + 12 if hour < 12 else hour
    elif name in {"night", "midnight"}:
        hour = 24 if hour == 12 else hour + (12 if 5 <= hour < 12 else 24)
    elif name == "noon":
        hour = hour + 12 if hour < 3 else hour
    elif hour == 12:  # 12 in the morning
        hour = 0 if name == "dawn" else 12
    return hour * 60 + minutes
