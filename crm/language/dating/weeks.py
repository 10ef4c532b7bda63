"""Rules for days of a week: Friday, 下周二, the weekend, the second Monday of next month."""

from datetime import timedelta

from crm.language.dating import calendar as cal
from crm.language.dating.grammar import Context, Day, Found, Nonsense, Pieces, Rule, Weekday, rule, rules
from crm.language.dating.months import is_month, shifted_month
from crm.language.dating.written_days import day_or_none


def _bare_weekday(found: Found, _: Context) -> Pieces | None:
    return Weekday(found["w"].number, weak=found["w"].kind == "shortday")


def _said_weekday(found: Found, _: Context) -> Pieces | None:
    return Weekday(found["w"].number)


_WEEK_SHIFTS = {"this": 0, "next": 1, "last": -1}


def _weekday_of_week(found: Found, context: Context) -> Pieces | None:
    """Weeks begin on Monday: next Tuesday is next week's."""
    if "unit" in found and found["unit"].value != "week":
        return None
    weeks = sum(_WEEK_SHIFTS[found[name].kind] for name in ("rel", "rel2", "rel3") if name in found)
    monday = cal.monday_of(context.today)
    return day_or_none(cal.add_days(monday, 7 * weeks + found["w"].number))


def _coming_weekday(found: Found, context: Context) -> Pieces | None:
    ahead = (found["w"].number - context.today.weekday()) % 7 or 7
    return day_or_none(cal.add_days(context.today, ahead))


def _past_weekday(found: Found, context: Context) -> Pieces | None:
    back = (context.today.weekday() - found["w"].number) % 7 or 7
    return day_or_none(cal.add_days(context.today, -back))


def _weekend(found: Found, context: Context) -> Pieces | None:
    saturday = cal.monday_of(context.today) + timedelta(days=5)
    weeks = sum(_WEEK_SHIFTS[found[name].kind] for name in ("rel", "rel2") if name in found)
    if "rel" not in found and context.today > saturday:
        weeks = 1
    return day_or_none(cal.add_days(saturday, 7 * weeks))


def _monday_of_next_week(found: Found, context: Context) -> Pieces | None:
    if found["unit"].value not in {"week", "year"}:
        return None
    if found["unit"].value == "year":
        return day_or_none(cal.make_day(context.today.year + 1, 1, 1))
    return day_or_none(cal.add_days(cal.monday_of(context.today), 14 if "rel2" in found else 7))


def _nth_weekday(found: Found, context: Context) -> Pieces | None:
    nth = -1 if "last" in found else found["ord"].number
    if "rel" in found:
        first = shifted_month(found, context)
        if first is None or not is_month(found):
            return None
        return day_or_none(cal.nth_weekday(first.year, first.month, found["w"].number, nth)) or Nonsense()
    month = found["m"].number
    if not (1 <= month <= 12 and nth <= 5):
        return None
    years = [found["y"].number] if "y" in found else [context.today.year, context.today.year + 1]
    for year in years:
        day = cal.nth_weekday(year, month, found["w"].number, nth) if 1900 <= year < 2200 else None
        if day is not None and (day >= context.today or "y" in found):
            return Day(day)
    return None


OF_WEEK: tuple[Rule, ...] = (
    *rules(_bare_weekday, "weekday=w", "shortday=w .?"),
    rule("on|by|before|to shortday=w .?", _said_weekday),
    *rules(
        _weekday_of_week,
        "next|this|last=rel each? weekday|shortday=w",
        "next=rel next=rel2 each? weekday=w",
        "next=rel next=rel2 next=rel3 each? weekday=w",
        "last=rel last=rel2 each? weekday=w",
        "weekday|shortday=w of? next|this|last=rel unit",
        "next|this|last=rel unit on? weekday|shortday=w",
    ),
    rule("the? coming weekday|shortday=w", _coming_weekday),
    rule("past weekday|shortday=w", _past_weekday),
    *rules(_weekend, "the? weekend", "this|next=rel each? weekend", "next=rel next=rel2 each? weekend"),
    *rules(_monday_of_next_week, "next each? unit", "next next=rel2 each? unit"),
    *rules(
        _nth_weekday,
        "the? ord weekday|shortday=w of|in month=m num=y?",
        "the? last weekday|shortday=w of|in month=m num=y?",
        "the? ord weekday|shortday=w of|in next|this|last=rel unit",
        "the? last weekday|shortday=w of|in next|this=rel unit",
        "num=m monthword ofzh? ordinal num=ord each? weekday=w",
    ),
)
