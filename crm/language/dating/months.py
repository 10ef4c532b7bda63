"""Rules for days of a month and the edges of longer periods: 20号, 下个月5号, mid March, 季度末, last day of June."""

from dataclasses import replace
from datetime import date, timedelta

from crm.language.dating import calendar as cal
from crm.language.dating.grammar import Context, Day, Found, Nonsense, Part, Pieces, Rule, Weekday, rule, rules
from crm.language.dating.periods import MONTHS_IN, Period, period_of
from crm.language.dating.written_days import day_or_none, exact_day


def coming_number(context: Context, number: int, *, weak: bool = False) -> Day | None:
    first = cal.coming_day_of_month(context.today, number)
    if first is None:
        return None

    def on(weekday: int) -> date:
        """Friday the 13th may be far away: before a quarter of a year, one that has just gone by is likelier."""
        day: date | None = first
        for _ in range(60):
            if day is None or day.weekday() == weekday:
                break
            day = cal.coming_day_of_month(day + timedelta(days=1), number)
        gone = _gone_by(context.today, number, weekday)
        return gone if gone is not None and day is not None and (day - context.today).days > 62 else day or first

    return Day(first, on=on, weak=weak)


def _gone_by(today: date, number: int, weekday: int) -> date | None:
    """Of this month or the last one."""
    months = (today, today.replace(day=1) - timedelta(days=1))
    days = [cal.make_day(month.year, month.month, number) for month in months]
    gone = (day for day in days if day is not None and 0 < (today - day).days <= 31 and day.weekday() == weekday)
    return next(gone, None)


def _day_of_month(found: Found, context: Context) -> Pieces | None:
    if found["d"].text == "second" and "the" not in found:
        return None
    weak = found["d"].kind != "num" and not ("the" in found and found["d"].text[0].isdigit())
    return coming_number(context, found["d"].number, weak=weak)


def _day_number(found: Found, context: Context) -> Pieces | None:
    """on 15; by the 27, if nothing follows"""
    return coming_number(context, found["d"].number, weak=True)


def _bare_number(found: Found, context: Context) -> Pieces | None:
    """the 24: as the whole text"""
    return coming_number(context, found["d"].number) if context.whole and found["d"].is_digits else None


def _weekday_and_day(found: Found, context: Context) -> Pieces | None:
    if found["d"].kind == "num" and found["d"].number <= 12 and "the" not in found:
        return None  # Thursday 9 is an hour
    day = coming_number(context, found["d"].number)
    return None if day is None else (Weekday(found["w"].number), day)


def _day_of_period(found: Found, context: Context) -> Pieces | None:
    """20th of next month, 下个月5号; a month by its name alone is the business of `written_days`."""
    period: Period = found["period"].value
    if "unit" in found and found["unit"].value != "day":
        return None
    if period.unit != "month" or (period.named and period.again is not None):
        return None
    if found["d"].kind == "num" and found["period"].text.isascii() and "of" not in found:
        return None  # next month 20 boxes
    if period.again is not None:  # the 20th of the month
        return coming_number(context, found["d"].number)
    return exact_day(period.first.year, period.first.month, found["d"].number)


def _period(found: Found, context: Context) -> Pieces | None:
    """next month: its first day"""
    period: Period = found["period"].value
    if period.alone:
        return day_or_none(period.first)
    if not period.named:
        return None
    day = _coming(period, context, "begin")
    if period.unit == "month":
        return replace(day, led="front" not in found)
    return replace(day, weak=True)


def edge_of(period: Period, edge: str) -> date:
    """An end of the week is its Friday."""
    if period.unit == "week":
        return period.first + timedelta(days={"begin": 0, "early": 0, "middle": 2}.get(edge, 4))
    days = (period.last - period.first).days
    if edge == "end":
        return period.last
    if edge in {"begin", "early"}:
        return period.first
    if period.unit == "month":
        return period.first + timedelta(days={"middle": 14, "ten": 10}.get(edge, 20))
    if edge == "late":
        return cal.add_months(period.first, MONTHS_IN[period.unit] * 2 // 3) or period.first
    middle = cal.add_months(period.first, MONTHS_IN[period.unit] // 2) or period.first
    return middle + timedelta(days=14 if period.unit == "quarter" and days else 0)


_WORDED = {
    "上旬": "begin",
    "中旬": "ten",
    "中下旬": "ten",
    "下旬": "late",
    "初期": "begin",
    "中期": "middle",
    "初": "begin",
    "头": "begin",
    "中": "middle",
    "later": "late",
}
_SAID_EDGES = frozenset({"begin", "early", "middle", "end", "late"})


def _coming(period: Period, context: Context, edge: str) -> Day:
    """The edge that is still to come, if it was not said of which period."""
    day = edge_of(period, edge)
    while day < context.today and (following := period.following()) is not None:
        period, day = following, edge_of(following, edge)
    if day < context.today <= period.last and edge == "late":
        day = period.last  # late this year, said in November
    return Day(day)


def _edge(found: Found, context: Context) -> Pieces | None:
    token = found["e"]
    edge = token.kind if token.kind in _SAID_EDGES else _WORDED.get(token.text, "end")
    if edge == "end" and found["period"].value.unit == "week" and token.kind == "edge":
        return None
    return _coming(found["period"].value, context, edge)


_ENDS = {"eow": "week", "eom": "month", "eoq": "quarter", "eoy": "year"}


def _named_end(found: Found, context: Context) -> Pieces | None:
    """eom, eow"""
    period = period_of(_ENDS[found["e"].kind], context.today, 0)
    if period is None:
        return None
    if "y" in found:
        last = cal.make_day(found["y"].number, 12, 31) if period.unit == "year" else None
        return day_or_none(last)
    return _coming(replace(period, again=MONTHS_IN.get(period.unit, 0)), context, "end")


def _nth_of_period(found: Found, context: Context) -> Pieces | None:
    """The third day of October, 本月最后一天, the last working day of the quarter, the second week of May."""
    period: Period = found["period"].value
    unit = str(found["unit"].value) if "unit" in found else "day"
    unit = {"dayword": "day", "monthword": "month"}.get(unit, unit)
    if "business" in found and unit == "day":
        unit = "workday"
    nth = found["n"].number if "n" in found else 1
    if (
        "last" in found
        or "finally" in found
        or "reverse" in found
        or ("which" in found and found["which"].kind == "finally")
    ):
        nth = -nth
    day = _nth_day(period, unit, nth)
    while day is not None and day < context.today and (following := period.following()) is not None:
        period, day = following, _nth_day(following, unit, nth)
    return Nonsense() if day is None and unit == "day" else day_or_none(day)


def _nth_day(period: Period, unit: str, nth: int) -> date | None:
    if nth == 0 or abs(nth) > 366:
        return None
    if unit == "workday":
        before, after = period.first - timedelta(days=1), period.last + timedelta(days=1)
        day = cal.add_workdays(before if nth > 0 else after, nth)
    elif unit == "week" and period.unit == "year":
        return cal.monday_of_week(period.first.year, nth if nth > 0 else 53)
    elif unit in {"day", "week"}:
        step = {"day": 1, "week": 7}[unit]
        start = period.first - timedelta(days=step) if nth > 0 else period.last + timedelta(days=1)
        day = cal.add_days(start, nth * step)
    elif unit == "month":
        start = period.first if nth > 0 else period.last.replace(day=1)
        day = cal.add_months(start, nth - 1 if nth > 0 else nth + 1)
    else:
        return None
    return day if day is not None and period.first <= day <= period.last else None


def _half_of_month(found: Found, context: Context) -> Pieces | None:
    """the second half of January"""
    period: Period = found["period"].value
    nth = found["n"].number if "n" in found else 1 + (found["halfmonth"].text[0] == "下")
    if period.unit != "month" or nth not in {1, 2}:
        return None
    halves = replace(period, first=period.first.replace(day=1 + 15 * (nth - 1)))
    return _coming(halves, context, "begin")


def _end_of_period_day(found: Found, context: Context) -> Pieces | None:
    """end of the day"""
    return Part("end") if found["unit"].value == "day" else None


_P = "<period>=period"
# Behind a month these say a day of it.
_MORE = "num|ord|the|ofzh|lunarday|edge|end|finally|ordinal|reverse"
OF_MONTH: tuple[Rule, ...] = (
    rule("num=d dayword", _day_of_month),
    rule("the? ord=d", _day_of_month),
    rule("the num=d", _bare_number),
    *rules(
        _day_number,
        "on the? num=d !month|of|monthword|hourword|dayword|unit|yearword|quarter",
        "for|by|before|until the num=d !month|of|monthword|hourword|dayword|unit|yearword|quarter|word",
    ),
    *rules(
        _weekday_and_day,
        "weekday|shortday=w .|,? the? ord=d !month|of",
        "weekday|shortday=w the num=d !month|of|unit",
        "weekday|shortday=w num=d !month|of|unit|monthword|past|to",
    ),
    *rules(
        _day_of_period,
        f"{_P} ofzh? num=d dayword",
        f"{_P} the? ord=d",
        f"{_P} on=of the? ord|num=d",
        f"{_P} , the ord=d",
        f"{_P} num=d",
        f"the? ord|num=d of|in=of the? {_P}",
        f"the? ord=d unit of|in=of the? {_P}",
        f"the? ord=d {_P}",
    ),
    *rules(_period, f"the? {_P} !{_MORE}", f"{_P} ofzh? front"),
    *rules(
        _edge,
        f"the? begin|early|middle|end|late|later=e -|of|in? the? {_P}",
        f"the? begin|middle|end=e - of - {_P}",
        f"{_P} ofzh|-? monthword|yearword? edge|begin|end=e",
        f"{_P} inside=e",
        f"{_P} end|edge=e inside",
        f"{_P} begin=e front",
        f"the? {_P} end=e",
    ),
    *rules(
        _named_end, "the? eow|eom|eoq|eoy=e", "eoy=e num=y", "this eow|eom|eoq|eoy=e", "before|by eow|eom|eoy|eoq=e"
    ),
    rule("the? end of the|this? unit", _end_of_period_day),
    *rules(_half_of_month, f"the? ord=n half of the? {_P}", f"{_P} halfmonth"),
    *rules(
        _nth_of_period,
        f"the? ord=n to? last? business? unit of|in the? {_P}",
        f"the? last business? unit of|in the? {_P}",
        f"{_P} ofzh? ordinal num=n each? unit|dayword",
        f"{_P} ofzh? ordinal|finally=which num=n each monthword=unit",
        f"{_P} ofzh? finally num=n each? unit|dayword",
        f"{_P} ofzh? reverse num=n each? unit|dayword",
        f"the? last of the? {_P}",
    ),
)
