"""Rules for weeks by their number, as shipping and production plans have them: week 50, CW50, KW 2, 第50周."""

from datetime import date

from crm.language.dating import calendar as cal
from crm.language.dating.grammar import Context, Day, Found, Pieces, Rule, rules
from crm.language.dating.periods import is_year


def _week(found: Found, context: Context) -> Pieces | None:
    """Its Monday; without a year that of the coming week of the number."""
    number, unit = found["n"], found.get("unit")
    if unit is not None and unit.value != "week":
        return None
    if unit is not None and not unit.text.isascii() and number.number < 10:
        return None  # 第一周 may count the weeks of a plan
    if unit is not None and unit.text.isascii() and not (context.whole or "cue" in found or "y" in found):
        return None  # this week 5 leads
    if "y" in found:
        return _day(cal.monday_of_week(found["y"].number, number.number)) if is_year(found["y"]) else None
    years = (context.today.year, context.today.year + 1)
    mondays = (cal.monday_of_week(year, number.number) for year in years)
    this_monday = cal.monday_of(context.today)
    return _day(next((monday for monday in mondays if monday is not None and monday >= this_monday), None))


def _day(monday: date | None) -> Day | None:
    return None if monday is None else Day(monday)


WEEK_NUMBERS: tuple[Rule, ...] = (
    *rules(
        _week,
        "in|by|before|until|from|for|after=cue unit num=n !unit|month|ord|word",
        "unit num=n !unit|month|ord",
        "in|by|before|until|from|for|after=cue? unit num=n of|/|-|in? num=y",
        "weeknumber=n",
        "weeknumber=n of|/|-|in? num=y",
        "ordinal num=n unit",
    ),
)
