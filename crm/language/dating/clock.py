"""Rules for times of day: 3pm, 15:30, half past 3, 三点一刻, noon, tomorrow morning's morning."""

from crm.language.dating import calendar as cal
from crm.language.dating.grammar import Clock, Context, Day, Found, Part, Pieces, Rule, Zone, rule, rules
from crm.language.dating.tokens import Token
from crm.language.dating.vocabulary import DAY_REFS, TODAY_PARTS, ZONES

# Single characters and greetings: parts of a day only beside a day or a time.
_WEAK_PARTS = frozenset({"早", "晚", "夜", "morning", "afternoon", "evening", "night"})


def _is_digits(token: Token) -> bool:
    return token.text.isascii() and token.text.isdigit()


def make_clock(hour: int, minute: int, ampm: Token | None = None, *, weak: bool = False) -> Clock | None:
    if hour == 24 and minute == 0 and ampm is None:
        return Clock(24, 0, sure=True)
    if not (0 <= hour <= 23 and 0 <= minute <= 59):
        return None
    if ampm is None or hour > 12:
        return Clock(hour, minute, sure=hour > 12 or hour == 0, weak=weak)
    return Clock(hour % 12 + (12 if ampm.value == "p" else 0), minute, sure=True)


def _hour_minute(found: Found, _: Context) -> Pieces | None:
    minute = found["m"]
    if _is_digits(minute) and len(minute.text) != 2:
        return None
    written = found["h"].text
    clock = make_clock(found["h"].number, minute.number, found.get("ampm"))
    if clock is not None and len(written) == 2 and written[0] == "0":
        return Clock(clock.hour, clock.minute, sure=True)  # 08:30 is written by the 24-hour clock
    return clock


def _spoken_hour_minute(found: Found, context: Context) -> Pieces | None:
    """ten thirty: numbers in words; without am or pm only as the whole text or with `at`."""
    hour, minute = found["h"], found["m"]
    if _is_digits(hour) or _is_digits(minute) or not (1 <= hour.number <= 12 and 10 <= minute.number <= 59):
        return None
    weak = not (context.whole or "at" in found or "ampm" in found)
    return make_clock(hour.number, minute.number, found.get("ampm"), weak=weak)


def _hour(found: Found, _: Context) -> Pieces | None:
    return make_clock(found["h"].number, 0, found.get("ampm"))


def _run_together(found: Found, _: Context) -> Pieces | None:
    """330 p.m."""
    if not _is_digits(found["h"]) or len(found["h"].text) not in {3, 4}:
        return None
    return make_clock(found["h"].number // 100, found["h"].number % 100, found.get("ampm"))


def _at_hour(found: Found, _: Context) -> Pieces | None:
    number = found["h"].number
    if _is_digits(found["h"]) and len(found["h"].text) == 3:
        return make_clock(number // 100, number % 100, found.get("ampm"), weak=True)
    return make_clock(number, 0, found.get("ampm"), weak=True) if 1 <= number <= 24 else None


def _hour_sign(found: Found, _: Context) -> Pieces | None:
    """at 14h"""
    clock = make_clock(found["h"].number, 0)
    return clock if found["unit"].text == "h" else None


def _hour_of_part(found: Found, context: Context) -> Pieces | None:
    """8 this evening"""
    clock = make_clock(found["h"].number, 0)
    return None if clock is None else (clock, Day(context.today), Part(str(found["part"].value)))


def _hour_of_day(found: Found, context: Context) -> Pieces | None:
    """9 tomorrow"""
    clock = make_clock(found["h"].number, 0)
    day = cal.add_days(context.today, DAY_REFS[found["dayref"].text])
    return None if clock is None or day is None or not context.whole else (clock, Day(day))


def _hour_of_tonight(found: Found, context: Context) -> Pieces | None:
    offset, part = TODAY_PARTS[found["todaypart"].text]
    clock = make_clock(found["h"].number, 0)
    day = cal.add_days(context.today, offset)
    return None if clock is None or day is None else (clock, Day(day), Part(part))


def _half_past(found: Found, _: Context) -> Pieces | None:
    return make_clock(found["h"].number, 30, found.get("ampm"))


def _beside_hour(found: Found, _: Context) -> Pieces | None:
    """quarter past, ten to"""
    hour = 12 if "part" in found else found["h"].number
    if "part" in found and found["part"].value not in {"noon", "midnight"}:
        return None
    minutes = 15 if "quarter" in found else found["n"].number
    if "unit" in found and found["unit"].value != "minute":
        return None
    if not (1 <= hour <= 24 and 1 <= minutes <= 59):
        return None
    if "to" in found:
        hour, minutes = (hour - 1 or 12), 60 - minutes
    clock = make_clock(hour, minutes, found.get("ampm"))
    if clock is not None and "part" in found and found["part"].value == "noon":
        return Clock(clock.hour, clock.minute, sure=True)
    return clock


def _chinese(found: Found, _: Context) -> Pieces | None:
    minute = 0
    if "m" in found:
        minute = found["m"].number
    elif "half" in found:
        minute = 30
    elif "q" in found:
        minute = found["q"].number * 15
    elif "five" in found:
        minute = found["five"].number * 5
    return make_clock(found["h"].number, minute)


def _part(found: Found, context: Context) -> Pieces | None:
    token = found["part"]
    return Part(str(token.value), weak=token.text in _WEAK_PARTS and not context.whole)


def _said_part(found: Found, _: Context) -> Pieces | None:
    return Part(str(found["part"].value))


def _zone(found: Found, _: Context) -> Pieces | None:
    return Zone(ZONES[found["zone"].text])


CLOCK_RULES: tuple[Rule, ...] = (
    *rules(
        _hour_minute,
        "num=h : num=m ampm?",
        "num=h : num=m : num=s ampm?",
        "num=h . num=m ampm",
        "at|about num=h . num=m ampm?",
        "num=h unit num=m",
    ),
    *rules(_spoken_hour_minute, "at? num=h num=m ampm?"),
    *rules(_hour, "num=h ish? ampm", "num=h oclock ampm?"),
    rule("num=h ish? ampm", _run_together),
    *rules(_at_hour, "at|about num=h ish? ampm?", "at about num=h ampm?"),
    rule("at num=h unit", _hour_sign),
    rule("num=h this part", _hour_of_part),
    rule("num=h dayref", _hour_of_day),
    rule("num=h todaypart", _hour_of_tonight),
    rule("half past num=h ampm?", _half_past),
    *rules(
        _beside_hour,
        "art? quarter past|after num=h ampm?",
        "art? quarter to|before=to num=h ampm?",
        "art? quarter past|after part",
        "art? quarter to|before=to part",
        "num=n unit? past|after num=h ampm?",
        "num=n unit? to|before=to num=h ampm?",
        "num=n unit? past|after part",
        "num=n unit from num=h ampm",
    ),
    *rules(
        _chinese,
        "num=h hourword",
        "num=h hourword whole",
        "num=h hourword num=m minuteword?",
        "num=h hourword num=m minuteword num unit",
        "num=h hourword half",
        "num=h hourword num=q markword",
        "num=h hourword cantomark half",
        "num=h hourword cantomark num=five",
        "num=h hourword num=five each? cantofive",
    ),
    rule("part", _part),
    *rules(_said_part, "in the part", "at part"),
    rule("zone", _zone),
)
