"""Rules for what is counted from now or from a day: 三天后, in 2 weeks, half an hour later, 过两天."""

from datetime import date, timedelta

from crm.language.dating import calendar as cal
from crm.language.dating.grammar import Context, Day, Found, Moment, Pieces, Rule, rule, rules
from crm.language.dating.vocabulary import DAY_REFS

_MINUTES = {"minute": 1, "hour": 60, "second": 0}
_WORD_UNITS = {"monthword": "month", "yearword": "year", "dayword": "day"}
_COUNTED = {"few": 3, "couple": 2, "art": 1}


def _count(found: Found, context: Context, *, sign: int) -> Pieces | None:
    """`n` units from now; days and longer give a day, hours and minutes a minute."""
    count = found["n"].number if found["n"].kind == "num" else _COUNTED[found["n"].kind]
    unit = _unit(found)
    if unit in _MINUTES:
        minutes = count * _MINUTES[unit] + (30 if "half" in found else 0)
        moment = cal.later_moment(context.now, minutes=sign * minutes)
        return None if moment is None else Moment(moment)
    day = later_day(context.today, sign * count, unit)
    if day is not None and "half" in found and unit in {"month", "year"}:
        day = cal.add_days(day, 15 * sign) if unit == "month" else cal.add_months(day, 6 * sign)
    return None if day is None else _near(day)


def _near(day: date) -> Day:
    """A counted day; a weekday beside it (two months from now on a Tuesday) may move it on by some days."""
    return Day(day, others=tuple(day + timedelta(days=later) for later in range(7)))


def _unit(found: Found) -> str:
    if "unit" in found:
        unit = str(found["unit"].value)
        return "workday" if unit == "day" and "business" in found else unit
    return _WORD_UNITS[found["word"].kind]


def later_day(start: date, count: int, unit: str) -> date | None:
    if unit == "workday":
        return cal.add_workdays(start, count)
    days = {"day": 1, "week": 7, "fortnight": 14}.get(unit)
    if days is not None:
        return cal.add_days(start, count * days)
    months = {"month": 1, "quarter": 3, "year": 12}.get(unit)
    return None if months is None or abs(count) > 3000 else cal.add_months(start, count * months)


def _ahead(found: Found, context: Context) -> Pieces | None:
    return _count(found, context, sign=1)


def _ahead_alone(found: Found, context: Context) -> Pieces | None:
    """2 weeks, 3天: as the whole answer it is counted from now."""
    return _count(found, context, sign=1) if context.whole else None


def _back(found: Found, context: Context) -> Pieces | None:
    return _count(found, context, sign=-1)


def _half(found: Found, context: Context) -> Pieces | None:
    """Half an hour, a day (12 hours), a month (15 days), a year."""
    sign = -1 if "ago" in found else 1
    unit = _unit(found)
    minutes = {"hour": 30, "day": 720}.get(unit)
    if minutes is not None:
        moment = cal.later_moment(context.now, minutes=sign * minutes)
        return None if moment is None else Moment(moment)
    if unit == "month":
        day = cal.add_days(context.today, sign * 15)
    else:
        day = cal.add_months(context.today, sign * 6) if unit == "year" else None
    return None if day is None else Day(day)


def _quarter_hours(found: Found, context: Context) -> Pieces | None:
    quarters = found["n"].number if "n" in found else 1
    moment = cal.later_moment(context.now, minutes=(-15 if "ago" in found else 15) * quarters)
    return None if moment is None else Moment(moment)


def _fraction(found: Found, context: Context) -> Pieces | None:
    """in 1/2 h, in three-quarters of an hour"""
    parts = found["d"].number if "d" in found else 4
    if found["unit"].value != "hour" or not 0 < found["n"].number < parts <= 60:
        return None
    moment = cal.later_moment(context.now, minutes=60 * found["n"].number // parts)
    return None if moment is None else Moment(moment)


def _from_day(found: Found, context: Context) -> Pieces | None:
    """two days after tomorrow, a week from Monday"""
    count = found["n"].number if found["n"].kind == "num" else _COUNTED[found["n"].kind]
    if "dayref" in found:
        start = cal.add_days(context.today, DAY_REFS[found["dayref"].text])
    else:
        start = cal.add_days(context.today, (found["w"].number - context.today.weekday()) % 7 or 7)
    sign = -1 if "before" in found else 1
    day = None if start is None else later_day(start, sign * count, _unit(found))
    return None if day is None else _near(day)


def _weekdays_on(found: Found, context: Context) -> Pieces | None:
    """two Sundays from now"""
    first = (found["w"].number - context.today.weekday()) % 7 or 7
    if not 1 <= found["n"].number <= 60:
        return None
    day = cal.add_days(context.today, first + 7 * (found["n"].number - 1))
    return None if day is None else Day(day)


def _now(_: Found, context: Context) -> Pieces | None:
    return Moment(context.now.replace(second=0, microsecond=0)) if context.whole else None


_N = "num|art|few=n"
SPAN_RULES: tuple[Rule, ...] = (
    *rules(
        _ahead,
        f"in about? {_N} more? -? business? unit",
        "in art? couple|few=n of? unit",
        "in less than art=n unit",
        "in num=n and art? half unit",
        f"{_N} more? business? unit later",
        f"{_N} business? unit from now",
        "art? couple=n of? unit later",
        "art? couple=n of? unit from now",
        "coming num=n business? unit",
        "the? next num=n business? unit",
        "num=n each? business? unit behind|inside",
        "num=n each? monthword|yearword|dayword=word behind|inside",
        "num=n each half unit behind|inside",
        "num=n each half monthword=word behind|inside",
        "num=n unit half behind",
        "num=n yearword=word half behind",
        "pass num=n each? unit behind?",
        "pass num=n each? monthword|yearword=word behind?",
        "pass num=n each half unit behind?",
    ),
    *rules(
        _ahead_alone,
        f"{_N} business? unit",
        "num=n each? unit",
        "num=n each monthword=word",
    ),
    *rules(
        _back,
        f"{_N} business? unit ago",
        "art? couple|few=n of? unit ago",
        "num=n each? unit front|ago",
        "num=n each? monthword|yearword|dayword=word front|ago",
    ),
    *rules(
        _half,
        "in half art? unit",
        "in art half unit",
        "half art? unit later",
        "half art? unit from now",
        "half art? unit ago",
        "half each? unit behind|inside",
        "half each? unit front=ago",
        "pass half each? unit behind?",
        "half each? monthword|yearword=word behind|inside",
        "half each? monthword|yearword=word front=ago",
        "pass half each? monthword|yearword=word behind?",
    ),
    *rules(
        _quarter_hours,
        "num=n markspan behind",
        "num=n markspan front=ago",
        "in art? quarter of art unit",
        "pass num=n markspan",
    ),
    *rules(_fraction, "in num=n / num=d art? unit", "in num=n -? unit=quarters of art unit"),
    *rules(
        _from_day,
        f"{_N} unit from|after dayref",
        f"{_N} unit before dayref",
        f"{_N} unit from|after weekday|shortday=w",
    ),
    *rules(_weekdays_on, "num=n weekday|shortday=w from now", "num=n weekday|shortday=w later"),
    rule("now", _now),
)
