"""Rules for days of a week: Friday, 下周二, the weekend, the second Monday of next month, Monday week."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from crm.language.dating import calendar as cal
from crm.language.dating.durations import Span
from crm.language.dating.grammar import Context, Day, Found, Nonsense, Offset, Pieces, Rule, Weekday, rule, rules
from crm.language.dating.periods import Period, shift
from crm.language.dating.written_days import day_or_none


def _bare_weekday(found: Found, _: Context) -> Pieces | None:
    return Weekday(found["w"].number, weak=found["w"].kind == "shortday")


def _midweek(found: Found, context: Context) -> Pieces | None:
    """midweek, midweek next week"""
    if "unit" in found and found["unit"].value != "week":
        return None
    if "period" in found:
        period: Period = found["period"].value
        return day_or_none(cal.add_days(period.first, 2)) if period.unit == "week" else None
    return day_or_none(cal.add_days(context.today, (2 - context.today.weekday()) % 7))


def _said_weekday(found: Found, _: Context) -> Pieces | None:
    return Weekday(found["w"].number)


def _weekday_of_week(found: Found, context: Context) -> Pieces | None:
    """Weeks begin on Monday: next Tuesday is next week's. `this Monday`, said on a Tuesday, is the coming one."""
    weekday, shifted = found["w"].number, shift(found)
    day = cal.add_days(cal.monday_of(context.today), 7 * shifted + weekday)
    if day is not None and shifted == 0 and day < context.today and found["w"].text.isascii():
        day = cal.add_days(day, 7)
    return None if day is None else Day(day, weekday=weekday)


def _weekday_of_period(found: Found, _: Context) -> Pieces | None:
    period: Period = found["period"].value
    if period.unit != "week" or period.again is not None:
        return None
    day = cal.add_days(period.first, found["w"].number)
    return None if day is None else Day(day, weekday=found["w"].number)


def _weekday_beyond(found: Found, context: Context) -> Pieces | None:
    """Friday after next, the Friday before last"""
    weeks = 2 if "next" in found else -2
    return day_or_none(cal.add_days(cal.monday_of(context.today), 7 * weeks + found["w"].number))


def _ahead(weekday: int, today: date) -> int:
    return (weekday - today.weekday()) % 7 or 7


def _coming_weekday(found: Found, context: Context) -> Pieces | None:
    return day_or_none(cal.add_days(context.today, _ahead(found["w"].number, context.today)))


def _past_weekday(found: Found, context: Context) -> Pieces | None:
    back = (context.today.weekday() - found["w"].number) % 7 or 7
    return day_or_none(cal.add_days(context.today, -back))


def _weekday_ago(found: Found, context: Context) -> Pieces | None:
    """two Mondays ago"""
    back = (context.today.weekday() - found["w"].number) % 7 or 7
    return day_or_none(cal.add_days(context.today, -back - 7 * (found["n"].number - 1)))


def _weekday_and_weeks(found: Found, context: Context) -> Pieces | None:
    """Monday week, a week on Monday, two weeks on Friday, two Sundays from now"""
    weeks = 1
    if "span" in found:
        span: Span = found["span"].value
        if span.days % 7 or not span.days or span.months or span.to_minute:
            return None
        weeks = span.days // 7
    elif "n" in found:
        weeks = found["n"].number - 1
    elif "unit" in found and found["unit"].value not in {"week", "fortnight"}:
        return None
    if "unit" in found and found["unit"].value == "fortnight":
        weeks = 2
    return day_or_none(cal.add_days(context.today, _ahead(found["w"].number, context.today) + 7 * weeks))


def _weekend(found: Found, context: Context) -> Pieces | None:
    saturday = cal.monday_of(context.today) + timedelta(days=5)
    weeks = 2 if "beyond" in found else -2 if "before" in found else shift(found)
    if "rel" not in found and context.today > saturday:
        weeks = 1
    return day_or_none(cal.add_days(saturday, 7 * weeks))


def _weekend_of_period(found: Found, context: Context) -> Pieces | None:
    """The first one of next month, of the week after next."""
    period: Period = found["period"].value
    weeks = found["n"].number - 1 if "n" in found else 0
    saturday = cal.add_days(period.first, (5 - period.first.weekday()) % 7 + 7 * weeks)
    if "n" in found and (saturday is None or saturday > period.last):
        return None
    if "last" in found:
        saturday = cal.add_days(period.last, -((period.last.weekday() - 5) % 7))
    following = period.following()
    if saturday is not None and saturday < context.today and following is not None:
        return _weekend_of_period({**found, "period": replace(found["period"], value=following)}, context)
    return day_or_none(saturday)


def _nth_weekday(found: Found, context: Context) -> Pieces | None:
    """The second Monday of next month, 十月第一个星期一, the last but one Friday of 2027."""
    nth = found["n"].number if "n" in found else 1
    period: Period | None = found["period"].value
    last = any(name in found for name in ("last", "finally", "reverse"))
    while period is not None and 1 <= nth <= 53:
        day = _nth_in(period, found["w"].number, -nth if last else nth)
        if day is None and not period.named:
            return Nonsense()
        if day is not None and (day >= context.today or period.again is None):
            return Day(day)
        period = period.following()
    return None


def _nth_in(period: Period, weekday: int, nth: int) -> date | None:
    if nth < 0:
        day = cal.add_days(period.last, -((period.last.weekday() - weekday) % 7) + 7 * (nth + 1))
    else:
        day = cal.add_days(period.first, (weekday - period.first.weekday()) % 7 + 7 * (nth - 1))
    return day if day is not None and period.first <= day <= period.last else None


def _nth_weekday_alone(found: Found, context: Context) -> Pieces | None:
    """the second Tuesday: of this month while it is to come, else of the next"""
    nth, first = found["n"].number, context.today.replace(day=1)
    if not 1 <= nth <= 5:
        return None
    day = cal.nth_weekday(first.year, first.month, found["w"].number, nth)
    following = cal.add_months(first, 1)
    if day is None:
        return Nonsense()
    if day < context.today and following is not None:
        day = cal.nth_weekday(following.year, following.month, found["w"].number, nth)
    return day_or_none(day)


def _beside(found: Found, _: Context) -> Pieces | None:
    """the Friday after Christmas, the first Monday after Easter"""
    weekday, forward = found["w"].number, found["to"].kind in {"after", "behind"}
    more = 7 * (found["n"].number - 1 if "n" in found else 0)

    def move(at: datetime) -> datetime | None:
        days = _ahead(weekday, at.date()) if forward else -((at.weekday() - weekday) % 7 or 7)
        day = cal.add_days(at.date(), days + (more if forward else -more))
        return None if day is None else cal.local_moment(day, at.timetz().replace(tzinfo=None), at)

    return Offset(move, to_minute=False, forward=forward)


def _weekend_around(found: Found, _: Context) -> Pieces | None:
    """the weekend of 5 December, the weekend before Christmas"""
    side = found["to"].kind if "to" in found else "of"

    def move(at: datetime) -> datetime | None:
        day = cal.monday_of(at.date()) + timedelta(days=5)
        if side == "before" and day >= at.date():
            day -= timedelta(days=7)
        elif side == "after" and day <= at.date():
            day += timedelta(days=7)
        return cal.local_moment(day, at.timetz().replace(tzinfo=None), at)

    return Offset(move, to_minute=False, forward=True)


def _nearest(found: Found, _: Context) -> Pieces | None:
    """the closest Monday to 5 October"""
    weekday = found["w"].number

    def move(at: datetime) -> datetime | None:
        day = cal.add_days(at.date(), (weekday - at.weekday() + 3) % 7 - 3)
        return None if day is None else cal.local_moment(day, at.timetz().replace(tzinfo=None), at)

    return Offset(move, to_minute=False, forward=True)


_W = "weekday|shortday=w"
_P = "<period>=period"
OF_WEEK: tuple[Rule, ...] = (
    *rules(_bare_weekday, "weekday=w .?", "shortday=w .?"),
    *rules(_midweek, "middle=mid -? unit", "midweek=mid", f"midweek=mid of? {_P}"),
    rule("on|by|before|to shortday=w .?", _said_weekday),
    *rules(
        _weekday_of_week,
        f"the? next|this|last=rel each? {_W}",
        "next=rel num? each? weekday=w",
        "next=rel next=rel2 each? weekday=w",
        "next=rel next=rel2 next=rel3 each? weekday=w",
        "last=rel last=rel2 each? weekday=w",
        f"{_W} next|this|last=rel",
    ),
    *rules(_weekday_of_period, f"{_W} ,? of|in|from? the? {_P}", f"{_P} ofzh|on|,? {_W}"),
    *rules(_weekday_beyond, f"the? {_W} after next", f"the? {_W} before last"),
    *rules(_coming_weekday, f"the? this? coming {_W}", f"the? next coming {_W}", f"the? {_W} coming"),
    rule(f"past {_W}", _past_weekday),
    rule(f"num=n {_W} ago", _weekday_ago),
    *rules(
        _weekday_and_weeks,
        f"{_W} unit",
        f"<span>=span on {_W}",
        f"<span>=span {_W}",
        f"num=n {_W} from now|dayref",
        f"num=n {_W} later",
    ),
    *rules(
        _weekend,
        "the? weekend",
        "the? this|next|last=rel each? weekend",
        "next=rel next=rel2 each? weekend",
        "last=rel last=rel2 each? weekend",
        "the? this? coming weekend",
        "the? weekend after next=beyond",
        "the? weekend before last",
    ),
    *rules(
        _weekend_of_period, f"the? weekend of {_P}", f"the? ord=n weekend of|in {_P}", f"the? last weekend of|in {_P}"
    ),
    *rules(
        _nth_weekday,
        f"the? ord=n {_W} of|in? the? {_P}",
        f"{_P} ord=n {_W}",
        f"the? ord=n? to? last {_W} of|in? the? {_P}",
        f"{_P} ofzh? ordinal num=n each? weekday=w",
        f"{_P} ofzh? finally num=n each? weekday=w",
        f"{_P} ofzh? reverse num=n each? weekday=w",
    ),
    *rules(_nth_weekday_alone, f"the? ord=n {_W}"),
    *rules(
        _weekend_around,
        "the? weekend of &month &num|ord",
        "the? weekend of &month &.|the &num|ord|the",
        "the? weekend of &num|ord &month|of",
        "the? weekend of &the &ord",
        "the? weekend of &holiday",
        "the? weekend after|before=to",
    ),
    rule(f"the? nearest {_W} to|of", _nearest),
    *rules(
        _beside,
        f"the? ord=n? {_W} after|before=to !part|num",
        f"the? last {_W} before=to",
        f"the? ord=n? {_W} after|before=to &num &month|monthword|dayword|of|/|-",
        "behind|front=to ofzh? ordinal num=n each? weekday=w",
        "front=to ofzh? finally num=n each? weekday=w",
        "behind=to ofzh weekday=w",
    ),
)
