"""How long: two and a half hours, 1 year 2 months, 一个半小时, 3个工作日. Stands in patterns as `<span>`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from crm.language.dating import calendar as cal
from crm.language.dating.grammar import Context
from crm.language.dating.tokens import Token

_MINUTES = {"second": 0, "minute": 1, "hour": 60}
_DAYS = {"day": 1, "week": 7, "fortnight": 14}
_MONTHS = {"month": 1, "quarter": 3, "year": 12, "decade": 120}
_SIZES = {name: size for size, name in enumerate((*_MINUTES, "workday", *_DAYS, *_MONTHS))}
_COUNTED = {"art": 1, "couple": 2, "few": 3}
# Of a date as well as of a span: 3日, 3月, 3年.
_LOOSE = {"dayword": "day", "monthword": "month", "yearword": "year", "minuteword": "minute"}
_MOST = 3000
_GLUED_HOURS = frozenset({"h", "hr", "hrs", "小时"})


@dataclass(frozen=True, slots=True)
class Span:
    """`loose`: without a direction it may as well be a date (3日). `unit` is the largest that was said."""

    months: int = 0
    days: int = 0
    workdays: int = 0
    minutes: int = 0
    unit: str = ""
    loose: str = ""

    @property
    def to_minute(self) -> bool:
        return self.minutes != 0 or self.unit in _MINUTES

    def plus(self, more: "Span") -> "Span":
        return Span(
            months=self.months + more.months,
            days=self.days + more.days,
            workdays=self.workdays + more.workdays,
            minutes=self.minutes + more.minutes,
            unit=self.unit or more.unit,
            loose=self.loose or more.loose,
        )

    def day_from(self, day: date, sign: int = 1) -> date | None:
        later = cal.add_months(day, sign * self.months) if self.months else day
        later = None if later is None else cal.add_days(later, sign * self.days)
        return cal.add_workdays(later, sign * self.workdays) if later is not None and self.workdays else later

    def moment_from(self, at: datetime, sign: int = 1) -> datetime | None:
        """Days and months by the calendar, hours and minutes as they elapse; `at` is aware."""
        day = self.day_from(at.date(), sign)
        if day is None:
            return None
        moved = at if day == at.date() else cal.local_moment(day, at.timetz().replace(tzinfo=None), at)
        return cal.later_moment(moved, minutes=sign * self.minutes)


class Spans:
    """Counts and units in a row, each unit smaller than the one before it."""

    first_kinds = frozenset({"num", "each", "art", "half", "couple", "few", "quarter", "more"})

    def parse(self, tokens: Sequence[Token], at: int, _: Context) -> tuple[Span, int] | None:
        first = _one(tokens, at)
        if first is None:
            return None
        total, end, size = first[0], first[1], _SIZES[first[0].unit]
        if [_kind(tokens, end), _kind(tokens, end + 1)] == ["or", "num"]:  # a day or two
            return total, end + 2
        while end < len(tokens):
            joined = tokens[end].kind in {"and", ","}
            more = _one(tokens, end + joined) or _bare_minutes(tokens, end, total)
            if more is None or _SIZES[more[0].unit] >= size:
                break
            total, end, size = total.plus(more[0]), more[1], _SIZES[more[0].unit]
        return total, end


def _bare_minutes(tokens: Sequence[Token], at: int, before: Span) -> tuple[Span, int] | None:
    """The 30 of 1h30 and 1h 30m."""
    if (
        before.unit != "hour"
        or _kind(tokens, at) != "num"
        or tokens[at - 1].text not in _GLUED_HOURS
        or tokens[at].number > 59
    ):
        return None
    sign = _kind(tokens, at + 1) == "word" and tokens[at + 1].text == "m"
    if not sign and tokens[at].start != tokens[at - 1].end:
        return None
    return Span(minutes=tokens[at].number, unit="minute"), at + 1 + sign


def _kind(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].kind if at < len(tokens) else ""


def _one(tokens: Sequence[Token], at: int) -> tuple[Span, int] | None:
    counted = _count(tokens, at)
    if counted is None:
        return None
    count, end = counted
    each = _kind(tokens, end) == "each"
    end += each
    if _kind(tokens, end) == "half" and (each or not tokens[end].text.isascii()):
        count, end = count + Fraction(1, 2), end + 1
    end += _kind(tokens, end) in {"more", "few"}  # 十多天, 十几天
    end += _kind(tokens, end) == "-"
    business = _kind(tokens, end) == "business"
    end += business
    unit = _unit(tokens, end, each=each)
    if unit is None:
        return None
    name, loose, end = unit
    if _kind(tokens, end) == "half" and not tokens[end].text.isascii():  # 两天半
        count, end = count + Fraction(1, 2), end + 1
    elif [_kind(tokens, end + step) for step in (0, 1, 2)] == ["and", "art", "half"]:  # an hour and a half
        count, end = count + Fraction(1, 2), end + 3
    elif [_kind(tokens, end + step) for step in (0, 1, 2)] == ["and", "art", "quarter"]:  # an hour and a quarter
        count, end = count + Fraction(1, 4), end + 3
    span = _span(count, "workday" if business and name == "day" else name, loose)
    return None if span is None else (span, end)


def _unit(tokens: Sequence[Token], at: int, *, each: bool) -> tuple[str, str, int] | None:
    """Its name, the loose word if it is one, and the index behind it."""
    kind = _kind(tokens, at)
    if kind == "unit":
        return str(tokens[at].value), "", at + 1
    if kind == "ord" and tokens[at].text == "second":
        return "second", "", at + 1
    if kind == "markspan":
        return "mark", "", at + 1
    if kind == "quarter" and tokens[at].text.isascii() and _kind(tokens, at + 1) != "past":
        return "quarter", "", at + 1
    if kind == "cantohour" and each:
        return "hour", "", at + 1
    if kind in _LOOSE:
        return _LOOSE[kind], "" if each else tokens[at].text, at + 1
    return None


def _count(tokens: Sequence[Token], at: int) -> tuple[Fraction, int] | None:
    kinds = [_kind(tokens, at + step) for step in range(5)]
    if kinds[0] == "more" and tokens[at].text.isascii():  # another hour, another two
        return _count(tokens, at + 1) if kinds[1] == "num" else (Fraction(1), at + 1)
    for pattern, step, value in _SHAPES:
        if all(kind in wanted for kind, wanted in zip(kinds, pattern, strict=False)):
            return value, at + step
    if kinds[:2] == ["art", "num"] and tokens[at + 1].number >= 100 and not tokens[at + 1].is_digits:  # a hundred
        return _number(tokens, at + 1, kinds[1:])
    if kinds[0] in {"couple", "few"}:
        return Fraction(_COUNTED[kinds[0]]), at + 1 + (kinds[1] == "of")
    return _number(tokens, at, kinds) if kinds[0] == "num" else None


# Kinds in a row, how many of them are the count, and what they count.
_SHAPES: tuple[tuple[tuple[frozenset[str], ...], int, Fraction], ...] = tuple(
    (tuple(frozenset(word.split("|")) for word in pattern.split()), step, Fraction(value))
    for pattern, step, value in (
        ("each half", 2, "3/2"),
        ("art couple of", 3, "2"),
        ("art couple", 2, "2"),
        ("art few", 2, "3"),
        ("art half", 2, "1/2"),
        ("half of art", 3, "1/2"),
        ("half art", 2, "1/2"),
        ("half", 1, "1/2"),
        ("art quarter unit", 2, "1/4"),
        ("quarter unit", 1, "1/4"),
        ("art quarter of art", 4, "1/4"),
        ("quarter of art", 3, "1/4"),
        ("art", 1, "1"),
    )
)


def _number(tokens: Sequence[Token], at: int, kinds: list[str]) -> tuple[Fraction, int] | None:
    whole = tokens[at]
    if whole.number > _MOST:
        return None
    if kinds[1] == "and" and kinds[2:4] == ["art", "half"]:
        return whole.number + Fraction(1, 2), at + 4
    if kinds[1] == "and" and kinds[3] == "quarter" and (kinds[2] == "art" or tokens[at + 2].number == 3):
        return whole.number + Fraction(tokens[at + 2].number or 1, 4), at + 4  # one and a quarter hours
    if kinds[1:3] == ["and", "half"]:
        return whole.number + Fraction(1, 2), at + 3
    if kinds[1:4] == [":", "num", "unit"] and tokens[at + 3].value == "hour" and tokens[at + 2].number < 60:
        return whole.number + Fraction(tokens[at + 2].number, 60), at + 3  # in 1:30 hours
    if kinds[1] in {".", "/"} and kinds[2] == "num" and tokens[at + 2].is_digits and whole.is_digits:
        return _fraction(tokens, at)
    if kinds[1] in {"-", "to", "or", "until", "、"} and kinds[2] == "num" and whole.number < tokens[at + 2].number:
        return Fraction(whole.number), at + 3  # in 2-3 weeks
    return _number_in_words(tokens, at, kinds) or (Fraction(whole.number), at + 1)


def _fraction(tokens: Sequence[Token], at: int) -> tuple[Fraction, int] | None:
    """2.5, 1/4 of an hour; in 2/3 days is in two or three"""
    whole, after = tokens[at], tokens[at + 2]
    if after.start - whole.end != 1:
        return None
    if tokens[at + 1].kind == ".":
        return Fraction(f"{whole.text}.{after.text}"), at + 3
    hours = _kind(tokens, at + 3) != "unit" or tokens[at + 3].value in {"hour", "minute"}
    if not hours and after.number == whole.number + 1:
        return Fraction(whole.number), at + 3
    return (Fraction(whole.number, after.number), at + 3) if 0 < whole.number < after.number <= 60 else None


def _number_in_words(tokens: Sequence[Token], at: int, kinds: list[str]) -> tuple[Fraction, int] | None:
    """2 1/2, one half, 一点五, three-quarters of an"""
    whole = tokens[at]
    if kinds[1:4] == ["num", "/", "num"] and 0 < tokens[at + 1].number < tokens[at + 3].number <= 8:
        return whole.number + Fraction(tokens[at + 1].number, tokens[at + 3].number), at + 4
    if kinds[1] == "half" and whole.text == "one":
        return Fraction(1, 2), at + 2
    if kinds[1:3] == ["hourword", "num"] and not whole.is_digits and tokens[at + 1].text == "点":
        return _spoken_decimal(tokens, at)
    three = at + 1 + (kinds[1] == "-")
    shape = [_kind(tokens, three + step) for step in range(3)]
    if shape in (["unit", "of", "art"], ["quarter", "of", "art"]) and tokens[three].text.startswith("quarter"):
        return Fraction(whole.number, 4), three + 3
    return None


def _spoken_decimal(tokens: Sequence[Token], at: int) -> tuple[Fraction, int] | None:
    """一点五小时, 两点五个月; 两点五分钟 is an hour and a length, or none"""
    after, unit = tokens[at + 2], at + 3 + (_kind(tokens, at + 3) == "each")
    if after.number > 9 or _kind(tokens, unit) != "unit" or tokens[unit].value in {"minute", "second"}:
        return None
    return tokens[at].number + Fraction(after.number, 10), at + 3


def _span(count: Fraction, unit: str, loose: str) -> Span | None:
    if count > _MOST:
        return None
    if unit == "mark":
        return Span(minutes=int(count * 15), unit="minute")
    if unit in _MINUTES:
        return Span(minutes=int(count * _MINUTES[unit]), unit=unit, loose=loose)
    if unit == "workday":
        return Span(workdays=int(count), unit=unit)
    if unit in _MONTHS:
        months = count * _MONTHS[unit]
        return Span(months=int(months), days=int((months - int(months)) * 30), unit=unit, loose=loose)
    days = count * _DAYS[unit]
    rest = days - int(days)
    return Span(days=int(days), minutes=int(rest * 1440) if unit == "day" else 0, unit=unit, loose=loose)
