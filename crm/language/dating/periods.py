"""Stretches of the calendar: next week, 本月, March 2027, 三季度, Q1, 上半年. Stand in patterns as `<period>`."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from crm.language.dating import calendar as cal
from crm.language.dating.grammar import Context, Found, Grammar, rule, rules
from crm.language.dating.tokens import Token

MONTHS_IN = {"month": 1, "quarter": 3, "half": 6, "year": 12}
SHIFTS = {"this": 0, "next": 1, "coming": 1, "last": -1, "past": -1}
YEAR_SHIFTS = {
    "thisyear": 0,
    "nextyear": 1,
    "yearafternext": 2,
    "threeyears": 3,
    "lastyear": -1,
    "yearbeforelast": -2,
    "threeyearsback": -3,
}
_SAID_YEAR = f"{'|'.join(YEAR_SHIFTS)}=said"


@dataclass(frozen=True, slots=True)
class Period:
    """From its first day on, a week or so many months.

    `again`: which one was not said, and after so many months (of a week: 0) comes the next. `alone`: it may be a date
    without further words (next month), `named`: by a name that says nothing of today (March, Q3).
    """

    first: date
    unit: str
    again: int | None = None
    alone: bool = False
    named: bool = False

    @property
    def last(self) -> date:
        if self.unit == "week":
            return self.first + timedelta(days=6)
        after = cal.add_months(self.first, MONTHS_IN[self.unit])
        return self.first if after is None else after - timedelta(days=1)

    def following(self) -> "Period | None":
        """The next one that may be meant."""
        if self.again is None:
            return None
        first = cal.add_days(self.first, 7) if self.unit == "week" else cal.add_months(self.first, self.again)
        return None if first is None else replace(self, first=first)


def said_year(token: Token) -> int:
    return cal.full_year(token.number, len(token.text) if token.is_digits else len(str(token.number)))


def is_year(token: Token) -> bool:
    return cal.FIRST_YEAR <= token.number < cal.LAST_YEAR


def shift(found: Found) -> int:
    """next: 1, 下下: 2, last: -1"""
    return sum(SHIFTS[found[name].kind] for name in ("rel", "rel2", "rel3") if name in found)


def _beginning(unit: str, today: date) -> date:
    if unit == "week":
        return cal.monday_of(today)
    months = MONTHS_IN[unit]
    return date(today.year, (today.month - 1) // months * months + 1, 1)


def period_of(unit: str, today: date, shifted: int) -> Period | None:
    if unit != "week" and unit not in MONTHS_IN:
        return None
    first = _beginning(unit, today)
    moved = cal.add_days(first, 7 * shifted) if unit == "week" else cal.add_months(first, shifted * MONTHS_IN[unit])
    return None if moved is None else Period(moved, unit, alone=shifted > 0)


_UNIT_WORDS = {"monthword": "month", "yearword": "year", "quarter": "quarter", "quarterword": "quarter"}


def _unit(found: Found) -> str:
    token = found["unit"]
    return str(token.value) if token.kind == "unit" else _UNIT_WORDS[token.kind]


def _relative(found: Found, context: Context) -> Period | None:
    if ("num" in found and found["num"].number != 1) or found["unit"].text in {"年", "年份"}:
        return None
    return period_of(_unit(found), context.today, shift(found))


def _after_next(found: Found, context: Context) -> Period | None:
    """the week after next, the month before last"""
    return period_of(_unit(found), context.today, 2 if "next" in found else -2)


def _bare(found: Found, context: Context) -> Period | None:
    """the month: this one, or the next once that is over"""
    found_period = period_of(_unit(found), context.today, 0)
    if found_period is None:
        return None
    return replace(found_period, again=MONTHS_IN.get(found_period.unit, 0))


def _year(found: Found, context: Context) -> int | None:
    """The year that was said, None if none was."""
    if "said" in found:
        return context.today.year + YEAR_SHIFTS[found["said"].kind]
    if "rel" in found:
        return context.today.year + shift(found)
    return said_year(found["y"]) if "y" in found else None


def _in_year(found: Found, context: Context, unit: str, number: int) -> Period | None:
    """The nth such period of the year said, or else of the year it is in next."""
    if not 1 <= number <= 12 // MONTHS_IN[unit] or ("y" in found and not _is_written_year(found)):
        return None
    year = _year(found, context)
    month = (number - 1) * MONTHS_IN[unit] + 1
    first = cal.make_day(context.today.year if year is None else year, month, 1)
    if first is None:
        return None
    period = Period(first, unit, again=12 if year is None else None, alone=year is not None, named=True)
    if year is None and period.last < context.today:
        return period.following()
    return period


def _is_written_year(found: Found) -> bool:
    """2027, or '27 and 27年"""
    year, two_digits = found["y"], found["y"].is_digits and len(found["y"].text) == 2
    return is_year(year) or (two_digits and year.number >= 20 and ("mark" in found or "yearword" in found))


def _month(found: Found, context: Context) -> Period | None:
    if "unit" in found and found["unit"].value != "year":
        return None
    return _in_year(found, context, "month", found["m"].number)


def _next_named_month(found: Found, context: Context) -> Period | None:
    """next March: the coming one; last March: the one gone by"""
    period = _in_year({"m": found["m"]}, context, "month", found["m"].number)
    if period is None:
        return None
    if found["rel"].kind in {"last", "past"}:
        first = cal.add_months(period.first, -12)
        return None if first is None else replace(period, first=first, again=None)
    if period.first <= context.today:
        period = period.following() or period
    return replace(period, again=None, alone=True)


def _quarter(found: Found, context: Context) -> Period | None:
    if "unit" in found and _unit(found) != "quarter":
        return None
    return _in_year(found, context, "quarter", found["n"].number)


def _half(found: Found, context: Context) -> Period | None:
    if "unit" in found and found["unit"].value != "year":
        return None
    if "halfyear" in found:
        return _in_year(found, context, "half", 1 if found["halfyear"].text[0] == "上" else 2)
    return _in_year(found, context, "half", found["n"].number)


def _half_month(found: Found, context: Context) -> Period | None:
    """上半月 begins on the first, 下半月 on the 16th."""
    first = context.today.replace(day=1 if found["halfmonth"].text[0] == "上" else 16)
    period = Period(first, "month", again=1, alone=True)
    return (period.following() or period) if first < context.today else period


def _whole_year(found: Found, context: Context) -> Period | None:
    if "y" in found and not _is_written_year(found):
        return None
    year = _year(found, context)
    first = None if year is None else cal.make_day(year, 1, 1)
    return None if first is None else Period(first, "year", alone="said" in found and first > context.today)


_REL = "next|this|last|coming=rel"
_U = "unit|monthword|yearword|quarter|quarterword=unit"
PERIODS = Grammar(
    (
        *rules(
            _relative,
            f"the? {_REL} each? {_U}",
            f"next=rel num each? {_U}",
            f"next=rel next=rel2 each? {_U}",
            f"next=rel next=rel2 next=rel3 each? {_U}",
            f"last=rel last=rel2 each? {_U}",
        ),
        *rules(_after_next, f"the? {_U} after next", f"the? {_U} before last"),
        *rules(_bare, "the unit|quarter=unit", "monthword|yearword|quarterword=unit", "unit|quarter=unit"),
        *rules(
            _month,
            "month=m .? ,? num=y?",
            "month=m '=mark num=y",
            "month=m of num=y",
            "month=m of? next|this|last=rel unit",
            f"{_SAID_YEAR} ofzh? num=m monthword",
            "num=y yearword ofzh? num=m monthword",
            "num=m monthword",
        ),
        *rules(_next_named_month, "next|last|coming|past=rel month=m"),
        *rules(
            _quarter,
            "quartername=n of? num=y?",
            "num=y quartername=n",
            "quartername=n '|/|-=mark num=y",
            "quartername=n of? next|this|last=rel unit",
            f"{_SAID_YEAR} ofzh? quartername=n",
            "num=y yearword? ofzh? quartername=n",
            "the? ord=n quarter=unit of? num=y?",
            "ordinal? num=n each? unit",
            f"{_SAID_YEAR} ofzh? ordinal? num=n each? unit",
            "num=y yearword ofzh? ordinal? num=n each? unit",
        ),
        *rules(
            _half,
            f"{_SAID_YEAR} ofzh? halfyear",
            "num=y yearword ofzh? halfyear",
            "halfyear",
            "halfname=n of? num=y?",
            "halfname=n of? next|this|last=rel unit",
            "the? ord=n half of the? num=y",
            "the? ord=n half of next|this=rel unit",
        ),
        rule("halfmonth", _half_month),
        *rules(_whole_year, f"{_SAID_YEAR} yearword?", "num=y yearword? yearword=again?"),
    )
)
