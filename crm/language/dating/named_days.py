"""Rules for days with a name: tomorrow, 今晚, end of the day, 年底, Christmas."""

from datetime import date

from crm.language.dating import calendar as cal
from crm.language.dating.grammar import Context, Day, Found, Part, Pieces, Rule, Weekday, rule, rules
from crm.language.dating.vocabulary import DAY_REFS, HOLIDAYS, TODAY_PARTS
from crm.language.dating.written_days import YEAR_SHIFTS, day_or_none, said_year


def _day_ref(found: Found, context: Context) -> Pieces | None:
    return day_or_none(cal.add_days(context.today, DAY_REFS[str(found["dayref"].text)]))


def _today_part(found: Found, context: Context) -> Pieces | None:
    offset, part = TODAY_PARTS[found["todaypart"].text]
    day = day_or_none(cal.add_days(context.today, offset))
    return None if day is None else (day, Part(part))


def _this_part(found: Found, context: Context) -> Pieces | None:
    return Day(context.today), Part(str(found["part"].value))


def _day_beside(found: Found, context: Context) -> Pieces | None:
    """day after tomorrow, day before yesterday"""
    if found["unit"].value != "day":
        return None
    step = 1 if "after" in found else -1
    return day_or_none(cal.add_days(context.today, DAY_REFS[found["dayref"].text] + step))


def _next_day(found: Found, context: Context) -> Pieces | None:
    return day_or_none(cal.add_days(context.today, 1)) if found["unit"].value == "day" else None


def _end_of_unit(found: Found, context: Context) -> Pieces | None:
    """End of the month, the week (its Friday), the quarter, the year; a day ends at 23:59."""
    unit = found["unit"].value if "unit" in found else "quarter" if "quarter" in found else _ENDS[found["end"].kind]
    today = context.today
    if unit == "day":
        return Day(today), Part("end")
    if unit == "week":
        return day_or_none(cal.add_days(cal.monday_of(today), 4 if today.weekday() < 5 else 11))
    if unit == "month":
        return Day(cal.month_end(today))
    if unit == "quarter":
        return Day(cal.month_end(date(today.year, (today.month + 2) // 3 * 3, 1)))
    return Day(date(today.year, 12, 31)) if unit == "year" else None


_ENDS = {"eod": "day", "eow": "week", "eom": "month", "eoq": "quarter", "eoy": "year"}


def _end_of_next_year(_: Found, context: Context) -> Pieces | None:
    return day_or_none(cal.make_day(context.today.year + 1, 12, 31))


def _end_of_day(found: Found, context: Context) -> Pieces | None:
    day = _day_ref(found, context)
    return (day, Part("end")) if isinstance(day, Day) else None


def _end_of_weekday(found: Found, _: Context) -> Pieces | None:
    return Weekday(found["w"].number), Part("end")


def _holiday(found: Found, context: Context) -> Pieces | None:
    """The coming one, or that of a year that was said."""
    name, this_year = found["holiday"].text, context.today.year
    if "y" in found:
        return day_or_none(_holiday_in(name, said_year(found["y"]))) if found["y"].number >= 1000 else None
    if "said" in found:
        return day_or_none(_holiday_in(name, this_year + YEAR_SHIFTS[found["said"].kind]))
    days = (_holiday_in(name, year) for year in (this_year, this_year + 1))
    return day_or_none(next((day for day in days if day is not None and day >= context.today), None))


def _beside_holiday(found: Found, context: Context) -> Pieces | None:
    """two days before Christmas, the day after Thanksgiving"""
    count = found["n"].number if "n" in found else 1
    days = {"day": 1, "week": 7}.get(str(found["unit"].value))
    holiday = _holiday(found, context)
    if days is None or not isinstance(holiday, Day):
        return None
    return day_or_none(cal.add_days(holiday.date, (1 if "after" in found else -1) * count * days))


def _holiday_in(name: str, year: int) -> date | None:
    month, day, *moves = HOLIDAYS[name]
    if not moves:
        return cal.make_day(year, month, day)
    if not cal.FIRST_YEAR <= year <= cal.LAST_YEAR:
        return None
    nth = cal.nth_weekday(year, month, day, moves[0])
    return None if nth is None else cal.add_days(nth, moves[1])


NAMED: tuple[Rule, ...] = (
    rule("dayref", _day_ref),
    rule("todaypart", _today_part),
    rule("this part", _this_part),
    *rules(_day_beside, "the? unit after dayref", "the? unit before dayref"),
    rule("the? next unit", _next_day),
    *rules(
        _end_of_unit,
        "the? eod|eow|eom|eoq|eoy=end",
        "this eom|eoy|eoq=end",
        "the? end of the|this? unit|quarter",
        "before|by eod|eom|eoy=end",
    ),
    rule("nexteoy", _end_of_next_year),
    rule("the? end of dayref", _end_of_day),
    *rules(_end_of_weekday, "the? end of this? weekday=w"),
    *rules(
        _holiday,
        "next? holiday num=y?",
        "num=y yearword holiday",
        "thisyear|nextyear|lastyear=said holiday",
    ),
    *rules(
        _beside_holiday,
        "num=n unit before holiday num=y?",
        "num=n unit after holiday num=y?",
        "the? unit before holiday num=y?",
        "the? unit after holiday num=y?",
    ),
)
