"""Rules for times of day: 3pm, 15:30, half past 3, 三点一刻, noon, tomorrow morning's morning."""

from dataclasses import replace

from crm.language.dating import calendar as cal
from crm.language.dating.grammar import (
    Clock,
    Context,
    Day,
    Found,
    Part,
    Pieces,
    Rule,
    Weekday,
    rule,
    rules,
)
from crm.language.dating.tokens import Token
from crm.language.dating.vocabulary import TODAY_PARTS

# Greetings and words of other things: parts of a day only beside a day or a time.
_WEAK_WORDS = (
    "早 晚 夜 上班 上班时 一上班 开工 收工 放工 下班 下班时 午饭 dawn daybreak lunch morning "
    "mornings afternoon afternoons evening evenings night nighttime cop am pm dinner supper breakfast"
)
_WEAK_PARTS = frozenset(_WEAK_WORDS.split())


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
    if (minute.is_digits and len(minute.text) != 2) or ("unit" in found and found["unit"].value != "hour"):
        return None
    if "hour" in found and found["hour"].text != "h":  # 1hr30 is a length of time
        return None
    if "sign" in found and (found["sign"].text != "h" or minute.start - found["h"].end != 1):
        return None
    if "doubt" in found and (minute.start - found["h"].end != 1 or minute.text not in {"00", "15", "30", "45"}):
        return None
    written = found["h"].text
    clock = make_clock(found["h"].number, minute.number, found.get("ampm"))
    if clock is not None and ("hour" in found or (len(written) == 2 and written[0] == "0")) and "ampm" not in found:
        clock = replace(clock, sure=True)  # 08:30 and 8h30 are written by the 24-hour clock
    return replace(clock, doubtful=True) if clock is not None and "doubt" in found else clock


def _spoken_hour_minute(found: Found, context: Context) -> Pieces | None:
    """ten thirty: numbers in words; without am or pm only as the whole text or with `at`."""
    hour, minute = found["h"], found["m"]
    if hour.is_digits and minute.is_digits and "at" in found and context.whole and len(minute.text) == 2:
        return make_clock(hour.number, minute.number, found.get("ampm"))  # at 12 15
    if minute.is_digits or (hour.is_digits and "ampm" not in found) or not 1 <= hour.number <= 12:
        return None
    if not (1 <= minute.number <= 9 if "oh" in found else 10 <= minute.number <= 59):
        return None
    said = "at" in found or "ampm" in found
    clock = make_clock(hour.number, minute.number, found.get("ampm"), weak=not (context.whole or said))
    return clock if clock is None or said or minute.number % 5 == 0 else replace(clock, doubtful=True)


def _hour(found: Found, _: Context) -> Pieces | None:
    """3 pm; 5A may be amperes"""
    clock = make_clock(found["h"].number, 0, found.get("ampm"))
    doubtful = "ampm" in found and "oclock" not in found and found["ampm"].text in {"a", "p"}
    return replace(clock, doubtful=True) if clock is not None and doubtful else clock


def _run_together(found: Found, _: Context) -> Pieces | None:
    """330 p.m., 1930 hours"""
    if "hundred" in found["h"].text and "unit" in found and found["unit"].value == "hour":  # nineteen hundred hours
        return make_clock(found["h"].number // 100, 0)
    if not found["h"].is_digits or len(found["h"].text) not in {3, 4}:
        return None
    if "unit" in found and (found["unit"].value != "hour" or len(found["h"].text) != 4):
        return None
    clock = make_clock(found["h"].number // 100, found["h"].number % 100, found.get("ampm"))
    return replace(clock, sure=True) if clock is not None and "unit" in found else clock


def _basic_time(found: Found, _: Context) -> Pieces | None:
    """The 1500 of 20261205T1500."""
    clock = make_clock(*divmod(found["h"].number, 100))
    return None if clock is None else replace(clock, sure=True)


def _at_hour(found: Found, _: Context) -> Pieces | None:
    number = found["h"].number
    if found["h"].is_digits and len(found["h"].text) in {3, 4}:
        if number % 100 == 0 and "about" in found and "ampm" not in found and len(found["h"].text) == 3:
            return None  # around 500
        clock = make_clock(number // 100, number % 100, found.get("ampm"), weak=True)
        return replace(clock, sure=True) if clock is not None and found["h"].text[0] == "0" else clock
    clock = make_clock(number, 0, found.get("ampm"), weak=True) if 1 <= number <= 24 else None
    doubtful = "ampm" not in found and ("at" not in found or found["at"].text != "at")  # 500 @18, about 5
    if "ish" in found and "about" not in found:
        return clock
    return replace(clock, doubtful=True) if clock is not None and doubtful else clock


def _hour_sign(found: Found, context: Context) -> Pieces | None:
    """at 14h; 15h alone, for nobody counts so many hours"""
    if found["unit"].text != "h":
        return None
    clock = make_clock(found["h"].number, 0)
    if clock is None or "at" in found or (context.whole and found["h"].number > 12):
        return clock
    return replace(clock, doubtful=True) if found["h"].number >= 8 else None  # 15 Dec 10h


def _bare_hour(found: Found, _: Context) -> Pieces | None:
    """Friday before 10, tomorrow by 5: beside a day only"""
    clock = make_clock(found["h"].number, 0, found.get("ampm")) if 1 <= found["h"].number <= 24 else None
    return clock if clock is None or "ampm" in found else replace(clock, doubtful=True)


def _hour_beside_weekday(found: Found, context: Context) -> Pieces | None:
    """Friday 9, 9 Friday morning, Friday 1730: as the whole text"""
    hour = found["h"]
    if not context.whole:
        return None
    if hour.is_digits and len(hour.text) == 4:
        clock = None if 1900 <= hour.number < 2100 else make_clock(hour.number // 100, hour.number % 100)
        clock = None if clock is None else replace(clock, sure=True)
    else:
        clock = make_clock(hour.number, 0) if 1 <= hour.number <= 12 else None
    if clock is None:
        return None
    if "w" in found:
        return (Weekday(found["w"].number), clock)
    day = cal.add_days(context.today, found["dayref"].number)
    return None if day is None else (Day(day), clock)


def _hour_of_part(found: Found, context: Context) -> Pieces | None:
    """8 this evening, 3 in the morning"""
    clock, part = make_clock(found["h"].number, 0), Part(str(found["part"].value))
    if clock is None:
        return None
    return (clock, Day(context.today), part) if "this" in found else (clock, part)


def _hour_of_day(found: Found, context: Context) -> Pieces | None:
    """9 tomorrow"""
    clock = make_clock(found["h"].number, 0)
    day = cal.add_days(context.today, found["dayref"].number)
    if clock is None or day is None or not context.whole:
        return None
    return (clock, Day(day), Part(str(found["part"].value))) if "part" in found else (clock, Day(day))


def _range_of_day(found: Found, context: Context) -> Pieces | None:
    """tomorrow 10-12, 明天9-11"""
    first, last, said = found["h"], found["e"], found["day"]
    if said.start > last.start and not (context.whole or "part" in found):
        return None  # we order 5 to 8 tomorrow
    if not (first.is_digits and last.is_digits and 1 <= first.number <= 23 and first.number % 12 < last.number <= 24):
        return None
    date = None if said.kind == "weekday" else cal.add_days(context.today, said.number)
    clock = make_clock(first.number, 0)
    if clock is None or (date is None and said.kind != "weekday"):
        return None
    day = Weekday(said.number) if date is None else Day(date)
    return (day, clock, Part(str(found["part"].value))) if "part" in found else (day, clock)


def _hour_of_tonight(found: Found, context: Context) -> Pieces | None:
    offset, part = TODAY_PARTS[found["todaypart"].text]
    clock = make_clock(found["h"].number, 0)
    day = cal.add_days(context.today, offset)
    return None if clock is None or day is None else (clock, Day(day), Part(part))


def _half_past(found: Found, _: Context) -> Pieces | None:
    weak = "past" not in found
    if weak and not found["half"].text.isascii():
        return None
    return make_clock(found["h"].number, 30, found.get("ampm"), weak=weak)


def _beside_hour(found: Found, _: Context) -> Pieces | None:
    """quarter past, ten to"""
    hour = 12 if "part" in found else found["h"].number
    if "to" in found and "n" in found and "h" in found and "unit" not in found and _is_range(found["n"], found["h"]):
        return None
    if "part" in found and found["part"].value not in {"noon", "midnight"}:
        return None
    minutes = 15 if "quarter" in found else 30 if "half" in found else found["n"].number
    if "unit" in found and found["unit"].value != "minute":
        return None
    joint = found.get("to") or found.get("past")
    if "unit" in found and "ampm" in found and joint is not None and joint.kind in {"before", "after"}:
        return None  # a count of minutes from a time, where the clocks may change between
    if not (1 <= hour <= 24 and 1 <= minutes <= 59):
        return None
    if "to" in found:
        hour, minutes = (hour - 1 or 12), 60 - minutes
    clock = make_clock(hour, minutes, found.get("ampm"))
    if clock is not None and "part" in found:
        return Clock((clock.hour + 12 * (found["part"].value == "midnight")) % 24, clock.minute, sure=True)
    return clock


def _is_range(first: Token, second: Token) -> bool:
    """2 to 4pm begins at two; ten to four and 20 to 4 do not."""
    return first.is_digits and second.is_digits and first.number < second.number


def _range_start(found: Found, _: Context) -> Pieces | None:
    """2-4pm: what was said of the end holds for the start, unless it would lie behind the end."""
    start, end = found["h"], found["e"]
    if not (1 <= start.number <= 12 and 1 <= end.number <= 12):
        return None
    minute = found["m"].number if "m" in found else 0
    afternoon = found["ampm"].value == "p"
    if start.number % 12 > end.number % 12:  # 11-1pm
        afternoon = not afternoon
    return Clock(start.number % 12 + (12 if afternoon else 0), minute, sure=True) if minute < 60 else None


def _range_begin(found: Found, _: Context) -> Pieces | None:
    """between 3 and 5, beside a day"""
    if not (1 <= found["h"].number <= 12 and 1 <= found["e"].number <= 12):
        return None
    clock = make_clock(found["h"].number, 0)
    return None if clock is None else replace(clock, doubtful=True)


def _chinese(found: Found, _: Context) -> Pieces | None:
    minute = 0
    if "q" in found:
        minute = found["q"].number * 15
    elif "m" in found:
        minute = found["m"].number
        if len(found["m"].text) == 1 and "minuteword" not in found and "pass" not in found:
            return None  # 三点五, 3点5: 3.5
    elif "half" in found:
        minute = 30
    elif "five" in found:
        minute = found["five"].number * 5
    if "missing" in found:  # 差五分三点
        hour = found["h"].number
        return make_clock((hour - 1) or 12, 60 - minute) if 0 < minute < 60 and 1 <= hour <= 24 else None
    clock = make_clock(found["h"].number, minute)
    little = found["h"].text == "一" and len(found) == 2  # 一点 is a little, too
    return replace(clock, doubtful=True) if clock is not None and little else clock


def _canto_fives(found: Found, _: Context) -> Pieces | None:
    """下午三点三 counts the fives on the dial; beside a part of the day only, for 三点三 alone is 3.3."""
    five = found["five"]
    if five.is_digits or five.text[0] in "零〇" or not 1 <= five.number <= 11:
        return None
    clock = make_clock(found["h"].number, five.number * (1 if "minuteword" in found else 5))
    return None if clock is None else (Part(str(found["part"].value)), clock)


def _part(found: Found, context: Context) -> Pieces | None:
    token = found["part"]
    return Part(str(token.value), weak=token.text in _WEAK_PARTS and not context.whole)


def _said_part(found: Found, _: Context) -> Pieces | None:
    return Part(str(found["part"].value))


def _twelve(found: Found, _: Context) -> Pieces | None:
    """12 noon, 12 midnight"""
    part = str(found["part"].value)
    return Part(part) if found["h"].number == 12 and part in {"noon", "midnight"} else None


def _firstthing(_: Found, __: Context) -> Pieces | None:
    return Part("morning", weak=True)


# Behind a number they say that it is no hour.
_NO_HOUR = "month|monthword|dayword|of|unit|hourword|ampm|ish|oclock|ord|num|.|/|:|-|to|until|and"
CLOCK_RULES: tuple[Rule, ...] = (
    *rules(
        _hour_minute,
        "num=h : num=m ish? ampm?",
        "after|before=cue num=h : num=m ampm?",
        "num=h : num=m : num=s ampm?",
        "num=h : num=m : num=s . num=f ampm?",
        "num=h . num=m ish? ampm",
        "num=h .=doubt num=m",
        "at|about num=h . num=m ish? ampm?",
        "num=h unit=hour num=m ampm?",
        "num=h : num=m unit",
        "num=h . num=m unit=sign",
        "num=h : num=m -|to|until num : num !:|-",
    ),
    *rules(_spoken_hour_minute, "at|about=at? num=h -? num=m unit? ampm?", "at|about=at? num=h -? oh -? num=m ampm?"),
    *rules(
        _hour,
        "num=h ish? ampm",
        "num=h . ampm",
        "num=h oclock ampm?",
        "at|about num=h oclock ampm?",
        "num=h ish? ampm oclock",
        "num=h ampm ish",
    ),
    *rules(_run_together, "num=h ish? ampm", "num=h unit"),
    rule("basictime=h", _basic_time),
    *rules(
        _at_hour,
        "at num=h ish? ampm? !unit|monthword",
        "about num=h ish? ampm? !unit|monthword|-|or|to",
        "at about num=h ampm? !unit|monthword|-|or|to",
        "num=h ish",
    ),
    *rules(_hour_sign, "at num=h unit", "num=h unit"),
    *rules(
        _bare_hour,
        f"after|before|by|until=cue num=h !{_NO_HOUR}|or|business",
        "after|before|by|until=cue num=h ish? ampm",
    ),
    *rules(
        _hour_beside_weekday,
        f"weekday|shortday=w num=h !{_NO_HOUR}",
        f"dayref num=h !{_NO_HOUR}",
        "num=h on? weekday|shortday=w !num|ord|month",
    ),
    *rules(
        _range_begin,
        "from|between num=h to|and|-|until num=e !unit|month|monthword|dayword|ampm|business|ord|.|/|:",
    ),
    *rules(_hour_of_part, "num=h this part", "num=h oclock? in the part", "num=h oclock? at part"),
    rule("num=h dayref part?", _hour_of_day),
    *rules(
        _range_of_day,
        f"dayref|weekday=day from? num=h to|-|until num=e part? !{_NO_HOUR}|business",
        "from? num=h to|-|until|or num=e dayref|weekday=day part?",
    ),
    rule("num=h todaypart", _hour_of_tonight),
    *rules(_half_past, "at? half past|after=past num=h ampm?", "half num=h ampm?"),
    *rules(
        _beside_hour,
        "at? art? quarter past|after num=h ampm?",
        "at? art? quarter to|before|of=to num=h ampm? !monthword|month|.",
        "art? quarter past|after part",
        "art? quarter to|before=to part",
        "at? num=n unit? past|after num=h ampm?",
        "at? num=n unit? to|before=to num=h ampm?",
        "num=n unit? past|after part",
        "num=n unit? to|before=to part",
        "num=n unit from num=h ampm",
        "half past=half part",
    ),
    *rules(_range_start, "num=h -|to|and=to num=e ampm", "num=h : num=m -|to|and=to num=e ampm"),
    *rules(
        _chinese,
        "num=h hourword whole?",
        "num=h -|until|to|、=range num hourword",
        "num=h hourword pass|and? num=m minuteword?",
        "num=h hourword pass num=q markword",
        "num=h hourword num=m minuteword num unit|secondword",
        "num=h hourword half",
        "num=h hourword num=q markword",
        "num=h hourword cantomark half",
        "num=h hourword cantomark whole",
        "num=h hourword cantomark num=five",
        "num=h hourword num=five each? cantofive",
        "missing num=m minuteword|unit num=h hourword",
        "missing num=q markword num=h hourword",
        "num=h hourword missing num=m minuteword",
        "num=h hourword missing num=q markword",
    ),
    rule("part num=h hourword num=five minuteword? !markword|markspan|cantofive|each", _canto_fives),
    rule("part", _part),
    *rules(_said_part, "in the part", "at part", "by|before|after=cue part", "part front|behind"),
    rule("num=h part", _twelve),
    rule("firstthing", _firstthing),
)
