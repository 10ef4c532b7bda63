"""Rules for days with a name: tomorrow, 今晚, this evening, Christmas, 农历八月十五."""

from crm.language.dating import calendar as cal
from crm.language.dating.festivals import festival_in
from crm.language.dating.grammar import Clock, Context, Day, Found, Part, Pieces, Rule, Weekday, rule, rules
from crm.language.dating.lunar import lunar_day
from crm.language.dating.periods import YEAR_SHIFTS, Period, is_year, said_year
from crm.language.dating.vocabulary import TODAY_PARTS
from crm.language.dating.written_days import day_or_none


def _day_ref(found: Found, context: Context) -> Pieces | None:
    return day_or_none(cal.add_days(context.today, found["dayref"].number))


def _today_part(found: Found, context: Context) -> Pieces | None:
    offset, part = TODAY_PARTS[found["todaypart"].text]
    day = day_or_none(cal.add_days(context.today, offset))
    return None if day is None else (day, Part(part))


def _this_part(found: Found, context: Context) -> Pieces | None:
    days = -1 if "last" in found else 1 if "next" in found else 0
    day = day_or_none(cal.add_days(context.today, days))
    return None if day is None else (day, Part(str(found["part"].value)))


def _day_beside(found: Found, context: Context) -> Pieces | None:
    """day after tomorrow, day before yesterday"""
    if found["unit"].value != "day":
        return None
    step = 1 if "after" in found else -1
    return day_or_none(cal.add_days(context.today, found["dayref"].number + step))


def _next_day(found: Found, context: Context) -> Pieces | None:
    """the next day, 下一个工作日"""
    unit = found["unit"].value
    if "num" in found and found["num"].number != 1:
        return None
    if "last" in found:
        return (
            day_or_none(cal.add_days(context.today, -1)) if (unit, found["last"].text) == ("day", "previous") else None
        )
    if unit == "workday" or (unit == "day" and "business" in found):
        return day_or_none(cal.add_workdays(context.today, 1))
    return day_or_none(cal.add_days(context.today, 1)) if unit == "day" else None


def _same_day(found: Found, context: Context) -> Pieces | None:
    """this day next week, same date next month, 下个月的今天, 明年同一天"""
    if "dayref" in found and found["dayref"].number != 0:
        return None
    if "unit" in found and found["unit"].value not in {"day", "date"}:
        return None
    period: Period = found["period"].value
    today = context.today
    if period.unit == "week":
        return day_or_none(cal.add_days(period.first, today.weekday()))
    if period.unit not in {"month", "year"} or period.again is not None:
        return None
    months = (period.first.year - today.year) * 12
    months += period.first.month - today.month if period.unit == "month" else 0
    return day_or_none(cal.add_months(today, months))


def _this_time(found: Found, context: Context) -> Pieces | None:
    clock = Clock(context.now.hour, context.now.minute, sure=True, weak=True)
    if "period" not in found:
        return clock
    day = _same_day(found, context)
    return (clock, day) if isinstance(day, Day) else None


def _end_of_day(found: Found, context: Context) -> Pieces | None:
    day = _day_ref(found, context)
    return (day, Part("end")) if isinstance(day, Day) else None


def _end_of_weekday(found: Found, _: Context) -> Pieces | None:
    return Weekday(found["w"].number), Part("end")


def _end_of_said_day(_: Found, __: Context) -> Pieces | None:
    """end of next Friday, by the end of 5 December: the day follows"""
    return Part("end", weak=True)


def _eve(found: Found, context: Context) -> Pieces | None:
    day = holiday({"holiday": found["holiday"]}, context)
    if not isinstance(day, Day):
        return None
    eve = cal.add_days(day.date, -1)
    return day_or_none(eve if eve is None or eve >= context.today else day.date)


def _evening(found: Found, context: Context) -> Pieces | None:
    """this eve, tomorrow eve"""
    said = found["day"]
    day = cal.add_days(context.today, said.number if said.kind == "dayref" else 0)
    return None if day is None or not said.text.isascii() else (Day(day), Part("evening"))


def _part_end(_: Found, __: Context) -> Pieces | None:
    return Part("end")


def holiday(found: Found, context: Context) -> Pieces | None:
    """The coming one, or that of a year that was said."""
    name, this_year = found["holiday"].text, context.today.year
    shift = {"last": -1, "this": 0}.get(found["rel"].kind) if "rel" in found else None
    if "unit" in found and found["unit"].value != "year":
        return None
    if "y" in found:
        return day_or_none(next(iter(festival_in(name, said_year(found["y"]))), None)) if is_year(found["y"]) else None
    if "said" in found:
        shift = YEAR_SHIFTS[found["said"].kind]
    elif "unit" in found and found["rel"].kind == "next":
        shift = 1
    if shift is not None and ("said" in found or "unit" in found):
        return day_or_none(next(iter(festival_in(name, this_year + shift)), None))
    coming = coming_holiday(name, context)
    return day_or_none(coming.earlier) if coming is not None and shift == -1 else coming


def coming_holiday(name: str, context: Context) -> Day | None:
    this_year = context.today.year
    days = [day for year in range(this_year - 1, this_year + 3) for day in festival_in(name, year)]
    coming = next((day for day in days if day >= context.today), None)
    earlier = max((day for day in days if day < context.today), default=None)
    return None if coming is None else Day(coming, earlier=earlier)


_LUNAR_MONTHS = {"正月": 1, "冬月": 11, "腊月": 12}


def _lunar(found: Found, context: Context) -> Pieces | None:
    """正月初五, 农历八月十五, 腊月廿三: the coming one, or that of the lunar year that was said"""
    month, day = _LUNAR_MONTHS.get(found["lm"].text, 0) if "lm" in found else found["m"].number, found["d"]
    if "lunar" not in found and "lm" not in found and day.kind == "num" and "廿" not in day.text:
        return None
    if "y" in found:
        return day_or_none(lunar_day(said_year(found["y"]), month, day.number))
    if "said" in found:
        return day_or_none(lunar_day(context.today.year + YEAR_SHIFTS[found["said"].kind], month, day.number))
    years = (context.today.year - 1, context.today.year, context.today.year + 1)
    days = (lunar_day(year, month, day.number) for year in years)
    return day_or_none(next((found_day for found_day in days if found_day and found_day >= context.today), None))


# Known by their dates alone: nobody means 15 August.
_FOLK_DAYS = frozenset({(3, 3), (7, 7), (8, 15), (9, 9)})


def _folk_day(found: Found, context: Context) -> Pieces | None:
    """八月十五, 8月十五, 三月三"""
    month, day = found["m"].number, found["d"]
    if (month, day.number) not in _FOLK_DAYS or day.is_digits:
        return None
    if "said" in found:
        return day_or_none(lunar_day(context.today.year + YEAR_SHIFTS[found["said"].kind], month, day.number))
    years = (context.today.year - 1, context.today.year, context.today.year + 1)
    days = (lunar_day(year, month, day.number) for year in years)
    return day_or_none(next((found_day for found_day in days if found_day and found_day >= context.today), None))


_SAID = f"{'|'.join(YEAR_SHIFTS)}=said"
_P = "<period>=period"
LUNAR: tuple[Rule, ...] = (
    *rules(
        _lunar,
        "lunar? lunarmonth=lm lunarday|num=d dayword?",
        "lunar num=m monthword lunarday|num=d dayword?",
        "lunar num=y yearword num=m monthword lunarday|num=d dayword?",
        f"lunar {_SAID} num=m monthword lunarday|num=d dayword?",
        "num=m monthword lunarday|num=d",
        f"{_SAID} lunar? num=m monthword lunarday|num=d",
        f"{_SAID} lunar num=m monthword lunarday|num=d dayword?",
        f"{_SAID} lunar? lunarmonth=lm lunarday|num=d",
        "num=y yearword lunar? num=m monthword lunarday|num=d",
        "num=y yearword lunar? lunarmonth=lm lunarday|num=d",
    ),
    rule(f"{_SAID}? num=m monthword num=d !dayword|-|until|、|num|unit|each", _folk_day),
)
NAMED: tuple[Rule, ...] = (
    *rules(_day_ref, "the? dayref"),
    rule("todaypart", _today_part),
    *rules(_this_part, "this each? part", "last part", "the next part"),
    *rules(_day_beside, "the? unit after dayref", "the? unit before dayref"),
    *rules(_next_day, "the? next|coming num? each? business? unit", "the? last unit"),
    *rules(
        _same_day,
        f"this|same unit|date {_P}",
        f"{_P} ofzh? dayref",
        f"{_P} ofzh? sameday",
        f"{_P} ,? the? same unit|date",
    ),
    *rules(_this_time, "this|same time", f"this|same time {_P}", f"{_P} ofzh? thistime", "thistime", "the same time"),
    *rules(_end_of_day, "the? end of dayref", "eod dayref", "by eod dayref"),
    *rules(_end_of_weekday, "the? end of the? this? weekday=w", "eod on? weekday|shortday=w"),
    *rules(
        _end_of_said_day,
        "the? end of &next &weekday|shortday",
        "the? end of &coming &weekday|shortday",
        "the? end of &num|ord &month",
        "the? end of &the &ord",
        "the? end of &holiday",
    ),
    *rules(_eve, "the? eve of holiday", "holiday ofzh? eve"),
    rule("the? eod", _part_end),
    rule("this|dayref=day eve !of", _evening),
    *rules(
        holiday,
        "the? next|this|last|coming=rel? holiday",
        "next|last=rel num? each holiday",
        "holiday of|in? num=y?",
        "num=y yearword? ofzh? holiday",
        f"{_SAID} ofzh? holiday",
        "holiday of? next|this|last=rel unit",
    ),
)
