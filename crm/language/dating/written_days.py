"""Rules for days that are written out: 11月20日, 5 December 2026, 25/12, 2026-12-25."""

from datetime import date

from crm.language.dating import calendar as cal
from crm.language.dating.grammar import Context, Day, Found, Nonsense, Pieces, Rule, rule, rules
from crm.language.dating.tokens import Token

YEAR_SHIFTS = {"thisyear": 0, "nextyear": 1, "yearafternext": 2, "lastyear": -1}


def day_or_none(found: date | None) -> Day | None:
    return None if found is None else Day(found)


def is_digits(token: Token) -> bool:
    return token.text.isascii() and token.text.isdigit()


def said_year(token: Token) -> int:
    return cal.full_year(token.number, len(token.text) if is_digits(token) else len(str(token.number)))


def exact_day(year: int, month: int, number: int) -> Day | Nonsense:
    found = cal.make_day(year, month, number)
    return Nonsense() if found is None else Day(found)


def coming_day(context: Context, month: int, number: int) -> Day | None:
    """The coming one; the years around it stay open to a weekday."""
    found = cal.coming_month_day(context.today, month, number)
    if found is None:
        return None
    near = (cal.make_day(context.today.year + shift, month, number) for shift in (0, 1))
    return Day(found, others=tuple(day for day in near if day is not None))


def _year_month_day(found: Found, _: Context) -> Pieces | None:
    return exact_day(said_year(found["y"]), found["m"].number, found["d"].number)


def _month_day(found: Found, context: Context) -> Pieces | None:
    return coming_day(context, found["m"].number, found["d"].number) or Nonsense()


def _said_year_month_day(found: Found, context: Context) -> Pieces | None:
    year = context.today.year + YEAR_SHIFTS[found["y"].kind]
    return exact_day(year, found["m"].number, found["d"].number)


def _month_day_year(found: Found, _: Context) -> Pieces | None:
    year = found["y"].number
    two_digits = "mark" in found and is_digits(found["y"]) and len(found["y"].text) == 2
    if year < 1000 and not two_digits:
        return None
    return exact_day(said_year(found["y"]), found["m"].number, found["d"].number)


def _spoken_year(found: Found, _: Context) -> Pieces | None:
    """nineteen seventy eight"""
    century, rest = found["c"], found["y"]
    if century.number not in {19, 20} or is_digits(century) or not 10 <= rest.number <= 99:
        return None
    return exact_day(century.number * 100 + rest.number, found["m"].number, found["d"].number)


def _english_month_day(found: Found, context: Context) -> Pieces | None:
    if not 1 <= found["d"].number <= 31:
        return None
    return _month_day(found, context)


BY_WORDS: tuple[Rule, ...] = (
    *rules(
        _year_month_day,
        "num=y yearword num=m monthword num=d dayword?",
        "num=y -|.|/? num=m monthword num=d dayword",
    ),
    rule("thisyear|nextyear|yearafternext|lastyear=y num=m monthword num=d dayword?", _said_year_month_day),
    rule("num=m monthword num=d dayword?", _month_day),
    *rules(
        _month_day_year,
        "month=m the? ord|num=d ,|.? num=y",
        "the? ord|num=d of? month=m .|,|of? num=y",
        "ord|num=d -|/=mark month=m -|/ num=y",
        "month=m -|/=mark num|ord=d -|/|, num=y",
        "the? ord=d unit of month=m ,? num=y",
    ),
    *rules(_spoken_year, "month=m the? ord|num=d ,? num=c num=y", "the? ord|num=d of? month=m num=c num=y"),
    *rules(
        _english_month_day,
        "month=m .|-|/|,? the? ord|num=d",
        "the? ord|num=d -|/? of? month=m",
        "the? ord=d unit of month=m",
    ),
)


def _three_numbers(found: Found, context: Context) -> Pieces | None:
    """Year first with four digits, else the day first unless that is impossible."""
    a, b, c = found["a"], found["b"], found["c"]
    if not all(map(is_digits, (a, b, c))) or max(len(b.text), 1) > 2:
        return None
    if len(a.text) == 4 and len(c.text) <= 2:
        return exact_day(a.number, b.number, c.number)
    if len(a.text) > 2 or len(c.text) not in {2, 4}:
        return None
    year = said_year(c)
    orders = [(b.number, a.number), (a.number, b.number)]
    if context.month_first:
        orders.reverse()
    for month, number in orders:
        day = cal.make_day(year, month, number)
        if day is not None:
            return Day(day)
    return Nonsense() if len(c.text) == 4 else None


def _spaced_numbers(found: Found, context: Context) -> Pieces | None:
    return _three_numbers(found, context) if context.whole and len(found["a"].text) == 4 else None


def _two_numbers(found: Found, context: Context) -> Pieces | None:
    a, b = found["a"], found["b"]
    if not (is_digits(a) and is_digits(b)) or max(len(a.text), len(b.text)) > 2 or b.start - a.end != 1:
        return None
    if (a.number, b.number) == (24, 7):  # at any time
        return None
    orders = [(b.number, a.number), (a.number, b.number)]
    if context.month_first:
        orders.reverse()
    for month, number in orders:
        day = coming_day(context, month, number)
        if day is not None:
            return day
    return None


def _two_numbers_alone(found: Found, context: Context) -> Pieces | None:
    return _two_numbers(found, context) if context.whole or "cue" in found else None


def _eight_digits(found: Found, _: Context) -> Pieces | None:
    text = found["num"].text
    if not is_digits(found["num"]) or len(text) != 8:
        return None
    return day_or_none(cal.make_day(int(text[:4]), int(text[4:6]), int(text[6:])))


BY_NUMBERS: tuple[Rule, ...] = (
    rule("num=a -|/|. num=b -|/|. num=c", _three_numbers),
    rule("num=a num=b num=c", _spaced_numbers),
    rule("num=a / num=b", _two_numbers),
    rule("on|by|before|to=cue num=a .|- num=b", _two_numbers_alone),
    rule("num=a .|-|· num=b", _two_numbers_alone),
    rule("num", _eight_digits),
)
