"""Rules for what is counted from now or from a day: 三天后, in 2 weeks, 过两天, a week from Friday, 春节前一周."""

from datetime import date, datetime, timedelta

from crm.language.dating import calendar as cal
from crm.language.dating.durations import Span
from crm.language.dating.grammar import Context, Day, Found, Moment, Offset, Pieces, Rule, rule, rules
from crm.language.dating.named_days import coming_holiday, holiday
from crm.language.dating.tokens import Token


def _count(span: Span, context: Context, sign: int) -> Pieces | None:
    """From now; days and longer give a day, hours and minutes a minute."""
    if span.to_minute:
        moment = span.moment_from(context.now, sign)
        return None if moment is None else Moment(moment)
    day = span.day_from(context.today, sign)
    return None if day is None else Day(day, on=lambda weekday: _on_weekday(day, weekday, span))


def _on_weekday(day: date, weekday: int, span: Span) -> date:
    """两周后的周五 is that of the week; two months from now on a Tuesday is the first one from then on."""
    if span.unit in {"week", "fortnight"} and not span.months:
        return cal.monday_of(day) + timedelta(days=weekday)
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def _ahead(found: Found, context: Context) -> Pieces | None:
    span: Span = found["span"].value
    if span.loose == "号" or ("dayref" in found and found["dayref"].number != 0):
        return None
    return _count(span, context, 1)


def _within(found: Found, context: Context) -> Pieces | None:
    """in 3 days; 3日 alone is a date; a day from right now is a minute"""
    if "n" in found:  # two upcoming days
        days = {"day": 1, "week": 7}.get(str(found["unit"].value), 0) * found["n"].number
        return _count(Span(days=days, unit="day"), context, 1) if days else None
    span: Span = found["span"].value
    if "now" in found and found["now"].text != "now" and not span.loose:
        moment = span.moment_from(_minute(context.now))
        return None if moment is None else Moment(moment)
    return None if span.loose else _count(span, context, 1)


def _next_few(found: Found, context: Context) -> Pieces | None:
    """the next two weeks; `the last two weeks` are over"""
    return _within(found, context) if found["span"].text not in {"a", "an", "half"} else None


def _alone(found: Found, context: Context) -> Pieces | None:
    """2 weeks, 3天: as the whole answer it is counted from now."""
    if (found["span"].text in {"a", "an"} and not context.asked) or found["span"].value.unit == "second":
        return None
    return _within(found, context) if context.whole else None


def _on_from(found: Found, context: Context) -> Pieces | None:
    """a week today, tomorrow week, week from now"""
    span: Span | None = found["span"].value if "span" in found else _one_unit(found["unit"])
    if span is None or span.unit not in {"week", "fortnight", "month", "year"} or span.loose:
        return None
    start = cal.add_days(context.today, found["dayref"].number if "dayref" in found else 0)
    day = None if start is None else span.day_from(start)
    return None if day is None else Day(day)


def _counted_on(found: Found, context: Context) -> Pieces | None:
    """从今天起两周后"""
    span: Span = found["span"].value
    start = cal.add_days(context.today, found["dayref"].number)
    day = None if start is None or span.to_minute else span.day_from(start)
    return None if day is None else Day(day)


def _back(found: Found, context: Context) -> Pieces | None:
    span: Span = found["span"].value
    if span.loose in {"号", "月", "月份", "分"} or ("dayref" in found and found["dayref"].number != 0):
        return None
    return _count(span, context, -1)


def _offset(found: Found, context: Context) -> Pieces | None:
    """Moves what stands beside it; alone it counts from now."""
    forward = found["to"].kind in {"after", "from", "behind", "next"}
    span: Span | None = found["span"].value if "span" in found else None
    if span is None:
        span = _one_unit(found["unit"])
    if span is None or span.loose in {"号", "月", "年"}:
        return None
    sign = 1 if forward else -1
    weeks = span.unit in {"week", "fortnight"} and not span.months
    return Offset(lambda at: span.moment_from(at, sign), to_minute=span.to_minute, forward=forward, by_weeks=weeks)


def _nth_beside(found: Found, _: Context) -> Pieces | None:
    """the first working day after Christmas, 春节后第三天"""
    unit, nth = (
        ("day", 2) if "dayref" in found else (str(found["unit"].value), found["n"].number if "n" in found else 1)
    )
    if "dayref" in found and found["dayref"].text != "第二天":
        return None
    if unit not in {"day", "workday"} or not 1 <= nth <= 366:
        return None
    forward = found["to"].kind in {"after", "behind"}
    working = unit == "workday" or "business" in found
    span = Span(workdays=nth, unit="workday") if working else Span(days=nth, unit="day")
    return Offset(lambda at: span.moment_from(at, 1 if forward else -1), to_minute=False, forward=forward)


def _one_unit(token: Token) -> Span | None:
    """the day after, the week before"""
    unit = str(token.value)
    if token.text.endswith("s"):
        return None
    days, months = {"day": 1, "week": 7, "fortnight": 14}.get(unit, 0), {"month": 1, "year": 12}.get(unit, 0)
    return Span(days=days, months=months, unit=unit) if days or months else None


def _holiday_beside(found: Found, context: Context) -> Pieces | None:
    """春节一周后, 圣诞节第二天"""
    day = holiday({"holiday": found["holiday"]}, context)
    if "dayref" in found:
        number = found["dayref"].number
        return (day, _moved_by(Span(days=1, unit="day"), 1)) if isinstance(day, Day) and number == 1 else day
    span: Span = found["span"].value
    if not isinstance(day, Day) or span.loose:
        return None
    return day, _moved_by(span, 1 if found["to"].kind == "behind" else -1)


def _moved_by(span: Span, sign: int) -> Offset:
    return Offset(lambda at: span.moment_from(at, sign), to_minute=span.to_minute, forward=sign > 0)


def _before_cny(found: Found, context: Context) -> Pieces | None:
    """before CNY, 2 weeks after CNY: the feast, where it cannot be the currency"""
    day = coming_holiday("chinese new year", context)
    if day is None or "span" not in found:
        return day
    span: Span = found["span"].value
    return None if span.loose else (day, _moved_by(span, 1 if found["to"].kind == "after" else -1))


def _minutes_sign(found: Found, context: Context) -> Pieces | None:
    """in 5', in 30m: as the whole text, for 30m is a length"""
    if not context.whole or found["n"].number > 600 or ("m" in found and found["m"].text != "m"):
        return None
    return _count(Span(minutes=found["n"].number, unit="minute"), context, 1)


def _next_unit(found: Found, context: Context) -> Pieces | None:
    """the next hour"""
    minutes = {"minute": 1, "hour": 60}.get(str(found["unit"].value))
    if found["unit"].value == "fortnight":
        return _count(Span(days=14, unit="fortnight"), context, 1)
    moment = None if minutes is None else cal.later_moment(context.now, minutes=minutes)
    return None if moment is None else Moment(moment)


def _now(_: Found, context: Context) -> Pieces | None:
    """Alone or where the sentence ends: `call him now`, but not `now we need …`."""
    return Moment(_minute(context.now), weak=True)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


_S = "<span>=span"
SPAN_RULES: tuple[Rule, ...] = (
    *rules(
        _within,
        f"in about? {_S} time?",
        f"in less|more than {_S}",
        f"in nearly {_S} time?",
        f"in the? next|coming|this|past {_S}",
        f"{_S} later",
        f"{_S} time",
        "num=n coming unit",
        f"{_S} from|after now",
        f"after {_S}",
    ),
    *rules(_next_few, f"the? next|coming {_S}"),
    *rules(
        _ahead,
        f"{_S} about? behind|inside",
        f"{_S} behind ofzh dayref",
        f"pass {_S} about? behind|inside?",
    ),
    rule(_S, _alone),
    *rules(_on_from, f"{_S} dayref", f"dayref in {_S} time?", "dayref unit", "the? unit from now"),
    *rules(_counted_on, f"from? dayref|now onward {_S} behind|inside?"),
    *rules(_back, f"{_S} ago", f"{_S} about? front", f"{_S} front ofzh dayref"),
    *rules(
        _offset,
        f"{_S} after|from|before=to",
        f"in {_S} after|from=to",
        "the? unit after|before|from=to",
        "the unit next=to &holiday|the|dayref|month",
        f"front|behind=to {_S} inside?",
    ),
    *rules(
        _nth_beside,
        "the? ord=n business? unit after|before=to",
        "the? next business? unit after=to",
        "front=to ofzh? finally num=n each? unit",
        "front|behind=to ofzh? ordinal num=n each? unit",
        "behind=to ofzh? dayref",
    ),
    *rules(_next_unit, "the? next unit", "in the unit"),
    *rules(_holiday_beside, f"holiday ofzh? {_S} about? behind|front=to", "holiday ofzh? dayref"),
    *rules(_before_cny, "before|after|by|until|about=cue cny !num", f"{_S} before|after=to cny !num"),
    *rules(_minutes_sign, "in about? num=n ' !'", "in about? num=n word=m"),
    rule("now", _now),
)
