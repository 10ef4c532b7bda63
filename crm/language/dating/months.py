"""Rules for days of a month: 20号, the 20th, 下个月5号, end of next month, 月底."""

from dataclasses import replace
from datetime import date, timedelta

from crm.language.dating import calendar as cal
from crm.language.dating.grammar import Context, Day, Found, Pieces, Rule, Weekday, rule, rules
from crm.language.dating.written_days import day_or_none, exact_day


def _day_of_month(found: Found, context: Context) -> Pieces | None:
    number = found["d"].number
    weak = found["d"].kind != "num" and not ("the" in found and found["d"].text[0].isdigit())
    near = [cal.coming_day_of_month(context.today, number)]
    for _ in range(60):  # Friday the 13th may be far away
        last = near[-1]
        near.append(None if last is None else cal.coming_day_of_month(last + timedelta(days=1), number))
    days = tuple(day for day in near if day is not None)
    return Day(days[0], others=days, weak=weak) if days else None


def _day_number(found: Found, context: Context) -> Pieces | None:
    """on 15"""
    day = _day_of_month(found, context)
    return replace(day, weak=True) if isinstance(day, Day) else None


def _weekday_and_day(found: Found, context: Context) -> Pieces | None:
    if found["d"].kind == "num" and found["d"].number <= 12:
        return None  # Thursday 9 is an hour
    day = _day_of_month(found, context)
    return (Weekday(found["w"].number), day) if isinstance(day, Day) else None


_MONTH_SHIFTS = {"this": 0, "next": 1, "coming": 1, "last": -1, "past": -1}


def shifted_month(found: Found, context: Context) -> date | None:
    shift = sum(_MONTH_SHIFTS[found[name].kind] for name in ("rel", "rel2") if name in found)
    return cal.add_months(context.today.replace(day=1), shift)


def is_month(found: Found) -> bool:
    return "unit" not in found or found["unit"].value == "month"


def _day_of_shifted_month(found: Found, context: Context) -> Pieces | None:
    first = shifted_month(found, context)
    if first is None or not is_month(found):
        return None
    return exact_day(first.year, first.month, found["d"].number)


def _first_of_shifted_month(found: Found, context: Context) -> Pieces | None:
    return day_or_none(shifted_month(found, context)) if is_month(found) else None


def _end_of_shifted_month(found: Found, context: Context) -> Pieces | None:
    first = shifted_month(found, context)
    return None if first is None or not is_month(found) else Day(cal.month_end(first))


def _end_of_named_month(found: Found, context: Context) -> Pieces | None:
    month = found["m"].number
    if not 1 <= month <= 12:
        return None
    year = found["y"].number if "y" in found else context.today.year + (month < context.today.month)
    first = cal.make_day(year, month, 1)
    if first is None:
        return None
    back = found["ord"].number - 1 if "ord" in found else 0
    return Day(cal.month_end(first) - timedelta(days=back))


def _start_of_month(_: Found, context: Context) -> Pieces | None:
    first = context.today.replace(day=1)
    return day_or_none(first if first == context.today else cal.add_months(first, 1))


def _middle_of_month(_: Found, context: Context) -> Pieces | None:
    return day_or_none(cal.coming_day_of_month(context.today, 15))


OF_MONTH: tuple[Rule, ...] = (
    rule("num=d dayword", _day_of_month),
    rule("the? ord=d", _day_of_month),
    rule("on the? num=d", _day_number),
    *rules(_weekday_and_day, "weekday|shortday=w .|,? the? ord=d", "weekday|shortday=w num=d"),
    *rules(
        _day_of_shifted_month,
        "next|this|last=rel each? monthword num=d dayword?",
        "next|last=rel next|last=rel2 each? monthword num=d dayword?",
        "the? ord|num=d of|in the? next|this|last|coming=rel unit",
    ),
    *rules(_first_of_shifted_month, "next=rel each? monthword", "next|coming=rel unit"),
    *rules(
        _end_of_shifted_month,
        "next|this|last=rel each? eom",
        "the? end of next|this|last=rel unit",
    ),
    *rules(_end_of_named_month, "num=m eom", "the? end of month=m", "the? ord? last unit of month=m num=y?"),
    rule("bom", _start_of_month),
    rule("mom", _middle_of_month),
    rule("next=rel each? bom", _first_of_shifted_month),
)
