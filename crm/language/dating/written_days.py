"""Rules for days that are written out: 11月20日, 5 December 2026, 25/12, 2026-12-25."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from crm.language.dating import calendar as cal
from crm.language.dating.grammar import Context, Day, Found, Nonsense, Part, Pieces, Rule, Weekday, rule, rules
from crm.language.dating.periods import YEAR_SHIFTS, is_year, said_year


def day_or_none(found: date | None) -> Day | None:
    return None if found is None else Day(found)


def exact_day(year: int, month: int, number: int) -> Day | Nonsense:
    found = cal.make_day(year, month, number)
    return Nonsense() if found is None else Day(found)


def coming_day(context: Context, month: int, number: int) -> Day | None:
    """The coming one; a weekday beside it may ask for the one of a year around."""
    found = cal.coming_month_day(context.today, month, number)
    if found is None:
        return None
    near = _years_around(context, month, number)
    earlier = max((day for day in near if day < context.today), default=None)
    return Day(found, on=lambda weekday: _fitting(near, weekday, context) or found, earlier=earlier)


def _years_around(context: Context, month: int, number: int) -> list[date]:
    days = (cal.make_day(context.today.year + shift, month, number) for shift in (-1, 0, 1))
    return [day for day in days if day is not None]


def _fitting(days: Sequence[date], weekday: int, context: Context) -> date | None:
    """The coming one that is such a weekday, else one of this year gone by."""
    fitting = [day for day in days if day.weekday() == weekday and day.year >= context.today.year]
    return next(iter([day for day in fitting if day >= context.today] or fitting), None)


def _year_month_day(found: Found, _: Context) -> Pieces | None:
    return exact_day(said_year(found["y"]), found["m"].number, found["d"].number)


def _month_day(found: Found, context: Context) -> Pieces | None:
    return coming_day(context, found["m"].number, found["d"].number) or Nonsense()


def _said_year_month_day(found: Found, context: Context) -> Pieces | None:
    year = context.today.year + YEAR_SHIFTS[found["y"].kind]
    return exact_day(year, found["m"].number, found["d"].number)


def _month_day_year(found: Found, _: Context) -> Pieces | None:
    """A year of two digits needs a mark before it, or to be none of the day's hours."""
    year = found["y"]
    if year.number < 1000 and year.start < min(found["m"].start, found["d"].start):
        return None  # 30 Nov 9am
    two_digits = year.is_digits and len(year.text) == 2 and ("mark" in found or 25 <= year.number < 69)
    if (year.number < 1000 and not two_digits) or found["d"].number > 31:
        return None
    return exact_day(said_year(year), found["m"].number, found["d"].number)


def _spoken_year(found: Found, _: Context) -> Pieces | None:
    """nineteen seventy eight, twenty oh five"""
    century, rest = found["c"], found["y"]
    if century.number not in {19, 20} or century.is_digits or rest.is_digits:
        return None
    if not (1 <= rest.number <= 9 if "oh" in found else 10 <= rest.number <= 99):
        return None
    return exact_day(century.number * 100 + rest.number, found["m"].number, found["d"].number)


def _english_month_day(found: Found, context: Context) -> Pieces | None:
    if not 1 <= found["d"].number <= 31 or ("unit" in found and found["unit"].value != "day"):
        return None
    return _month_day(found, context)


def _end_of_month_day(found: Found, context: Context) -> Pieces | None:
    """by the end of December 5"""
    day = _english_month_day(found, context)
    return (day, Part("end")) if isinstance(day, Day) else None


def _first_of_days(found: Found, context: Context) -> Pieces | None:
    """Dec 5-7, 5-7 December 2027"""
    first, last = found["d"].number, found["e"].number
    if not 1 <= first < last <= 31 or ("y" in found and not is_year(found["y"])):
        return None
    if "y" in found:
        return exact_day(found["y"].number, found["m"].number, first)
    return _month_day(found, context)


def _first_of_han_days(found: Found, context: Context) -> Pieces | None:
    """12月5-8号, 5号到8号"""
    first, last = found["d"].number, found["e"].number
    if not 1 <= first < last <= 31:
        return None
    return _month_day(found, context) if "m" in found else day_or_none(cal.coming_day_of_month(context.today, first))


BY_WORDS: tuple[Rule, ...] = (
    *rules(
        _year_month_day,
        "num=y yearword num=m monthword num=d dayword?",
        "num=y -|.|/? num=m monthword num=d dayword",
    ),
    rule(f"{'|'.join(YEAR_SHIFTS)}=y ofzh? num=m monthword num=d dayword?", _said_year_month_day),
    *rules(_month_day, "num=m monthword num=d dayword?", "num=m . num=d dayword"),
    *rules(
        _month_day_year,
        "month=m .? the? ord|num=d ,|.|of? '=mark? num=y",
        "the? ord|num=d .|of? month=m .|,|of? '=mark? num=y",
        "ord|num=d -|/|.=mark month=m -|/|.? '? num=y",
        "month=m -|/|.=mark num|ord=d -|/|,|. '? num=y",
        "the? ord=d unit of month=m ,? num=y",
        "num=y -|/|.|,? month=m -|/|.|,? the? ord|num=d",
        "month=m - num=y - num=d",
        "num=d - num=y - month=m",
    ),
    *rules(
        _spoken_year,
        "month=m the? ord|num=d ,? num=c oh|zero=oh? num=y",
        "the? ord|num=d of? month=m ,? num=c oh|zero=oh? num=y",
    ),
    *rules(
        _first_of_days,
        "month=m .? the? ord|num=d -|to|until|/|or|and the? ord|num=e ,? num=y?",
        "the? ord|num=d -|to|until|/|or|and the? ord|num=e of? month=m ,? num=y?",
        "between|from the? ord|num=d and|to|-|until the? ord|num=e of? month=m ,? num=y?",
        "between|from month=m the? ord|num=d and|to|-|until the? ord|num=e ,? num=y?",
    ),
    *rules(
        _first_of_han_days,
        "num=m monthword num=d -|until num=e dayword",
        "num=d -|until|、 num=e dayword",
    ),
    rule("the? end of month=m the? ord|num=d", _end_of_month_day),
    *rules(
        _english_month_day,
        "month=m .|-|/|,? the? ord|num=d",
        "the? ord|num=d -|/|.? of? month=m",
        "the? ord=d unit of month=m",
    ),
)


def _three_numbers(found: Found, context: Context) -> Pieces | None:
    """Year first with four digits; else the day first, with slashes and dots in a Chinese text the month."""
    a, b, c = found["a"], found["b"], found["c"]
    if not (a.is_digits and b.is_digits and c.is_digits) or max(len(b.text), 1) > 2:
        return None
    if len(a.text) == 4 and len(c.text) <= 2:
        return exact_day(a.number, b.number, c.number)
    if (
        len(a.text) == 2
        and 20 <= a.number < 60
        and len(c.text) == 1
        and c.start - b.end == 1
        and found["mark"].kind == "/"
    ):
        return exact_day(2000 + a.number, b.number, c.number)
    if len(a.text) > 2 or len(c.text) not in {2, 4}:
        return None
    year = said_year(c)
    orders = [(b.number, a.number), (a.number, b.number)]
    if context.month_first and "mark" in found and found["mark"].kind != "-":
        orders.reverse()
    for month, number in orders:
        day = cal.make_day(year, month, number)
        if day is not None:
            return Day(day)
    return Nonsense() if len(c.text) == 4 else None


def _spaced_numbers(found: Found, context: Context) -> Pieces | None:
    years = sorted(len(found[name].text) == 4 for name in ("a", "c"))
    return _three_numbers(found, context) if context.whole and years == [False, True] else None


def _two_numbers(found: Found, context: Context) -> Pieces | None:
    a, b = found["a"], found["b"]
    if not (a.is_digits and b.is_digits) or max(len(a.text), len(b.text)) > 2 or b.start - a.end != 1:
        return None
    if (a.number, b.number) == (24, 7):  # at any time
        return None
    orders = [(b.number, a.number), (a.number, b.number)]
    if context.month_first or found["mark"].kind == "-":
        orders.reverse()
    days = [day for month, number in orders if (day := coming_day(context, month, number)) is not None]
    return _either(days[0], days[-1], context.today) if days else None


def _either(day: Day, other: Day, today: date) -> Day:
    """A weekday beside it says which of the numbers is the month."""
    first, second = day.on, other.on
    if first is None or second is None:
        return day

    def on(weekday: int) -> date:
        fitting = [found for found in (first(weekday), second(weekday)) if found.weekday() == weekday]
        coming = [found for found in fitting if found >= today]
        return min(coming, default=next(iter(fitting), first(weekday)))

    return replace(day, on=on)


def _weekday_and_numbers(found: Found, context: Context) -> Pieces | None:
    """Friday 7.6, this Friday 12-4, Fri 12/4: where one of the readings is such a day; Friday 7.30 is a time"""
    if found["mark"].kind == "." and found["b"].text in {"00", "15", "30", "45"}:
        return None
    day = _two_numbers(found, context)
    if not isinstance(day, Day) or not day.fits(found["w"].number):
        return None
    return Weekday(found["w"].number), day


def _first_of_numbers(found: Found, context: Context) -> Pieces | None:
    """12/1-12/5; 1/2-3/4 are sizes"""
    if {found["b"].text, found["d"].text} <= {"2", "4", "8", "16", "32"} or found["c"].start - found["b"].end > 1:
        return None
    last = _two_numbers({"a": found["c"], "b": found["d"], "mark": found["mark"]}, context)
    return _two_numbers(found, context) if last is not None else None


def _two_numbers_alone(found: Found, context: Context) -> Pieces | None:
    said = found["mark"].text == "·" or ("cue" in found and found["cue"].text != "~")
    if context.month_first and found["a"].start == 0 and found["a"].number > found["b"].number:
        said = said or found["mark"].kind == "-"  # 6-3 春游: no range, for that would rise
    return _two_numbers(found, context) if context.asked or said else None


def _two_numbers_before(found: Found, context: Context) -> Pieces | None:
    """12.15前交货"""
    return _two_numbers(found, context) if context.month_first else None


def _eight_digits(found: Found, _: Context) -> Pieces | None:
    text = found["num"].text
    if not found["num"].is_digits or len(text) != 8:
        return None
    return day_or_none(cal.make_day(int(text[:4]), int(text[4:6]), int(text[6:])))


BY_NUMBERS: tuple[Rule, ...] = (
    *rules(
        _three_numbers, "num=a /=mark num=b / num=c", "num=a /=mark num=b , num=c", "num=a -|/|.=mark num=b -|/|. num=c"
    ),
    rule("num=a num=b num=c", _spaced_numbers),
    *rules(_two_numbers, "num=a -|.|/|·=mark num=b .? &num &:|hourword", "num=a -|.|/|·=mark num=b &part"),
    rule("num=a .=mark num=b . &at|, &num", _two_numbers),
    rule("num=a /=mark num=b", _two_numbers),
    rule("num=a .|-|/=mark num=b ( weekday|shortday=w )", _weekday_and_numbers),
    *rules(_first_of_numbers, "num=a /=mark num=b -|until|to num=c / num=d", "num=a .=mark num=b until num=c . num=d"),
    rule("this|next|on=rel? weekday|shortday=w ,? num=a .|-|/=mark num=b !ampm", _weekday_and_numbers),
    rule("on|by|before|to|than|until=cue num=a .|-=mark num=b", _two_numbers_alone),
    rule("num=a .|-=mark num=b .? !in", _two_numbers_alone),
    rule("num=a ·=mark num=b", _two_numbers_alone),
    rule("num=a .=mark num=b &front", _two_numbers_before),
    rule("num", _eight_digits),
)
