"""Hours and weekdays as people type them: `9-18`, `9am to 6:30pm`, `早上9点到下午6点`, `Mon-Fri`, `周一至周五`."""

import re
from datetime import time

from crm.language.folding import fold
from crm.language.numerals import scan_han

_LONGEST = 60
_HAN = "零〇一二两三四五六七八九十"
_MORNING = ("凌晨", "清晨", "清早", "早上", "早晨", "上午", "早")
_NOON = "中午"
_EVENING = ("下午", "傍晚", "晚上", "夜里", "晚")
_PARTS = "|".join((*_MORNING, *_EVENING, _NOON))
_CLOCK = re.compile(
    rf"(?P<part>{_PARTS})? ?"
    rf"(?:(?P<packed>[0-9]{{3,4}})|(?P<hour>[0-9]{{1,2}}|[{_HAN}]{{1,3}})"
    rf"(?: ?[:.h点时] ?(?:(?P<minute>[0-9]{{2}}|[{_HAN}]{{1,3}})分?|(?P<half>半)|(?P<quarters>[一三])刻)?)?)"
    r"[钟整]? ?(?P<half_day>[ap]\.?m\.?)?(?: ?uhr| ?o'?clock)?"
)
_WORDS = {"noon": time(12), "midday": time(12), "midnight": time(0), "正午": time(12), "午夜": time(0)}
_BETWEEN = re.compile(r" ?(?:-|~|\bto\b|\buntil\b|\btill\b|\band\b|到|至) ?")
_FROM = re.compile(r"^(?:from |between |从|自)")
_NINE_TO_FIVE = re.compile(r"^[朝早](?P<from>[^上晨].*?)晚(?P<to>[^上].*)$")
LONGEST_MINUTES = 16 * 60
"""Hours longer than this are a slip of the tongue."""


def read_clock_time(text: str) -> time | None:
    """A time of day that the whole text names, or None."""
    read = _read_clock(_plain(text))
    return None if read is None else read[0]


def read_hours(text: str, *, at_night: bool = False) -> tuple[time, time] | None:
    """From when to when, as the whole text names it, or None.

    Where that would be very long, the half of the day is meant that was left out: `9-6` ends in the evening (or, for
    hours `at_night`, `10-7` begins there), `9am-6` too. No time at all between the two is nothing at night.
    """
    plain = _FROM.sub("", _plain(text))
    spoken = _NINE_TO_FIVE.match(plain)
    parts = [f"早上{spoken['from']}", f"晚上{spoken['to']}"] if spoken else _BETWEEN.split(plain)
    if len(parts) != 2:
        return None
    first, second = _read_clock(parts[0]), _read_clock(parts[1])
    if first is None or second is None:
        return None
    (starts, starts_surely), (ends, ends_surely) = first, second
    if minutes_between(starts, ends) > LONGEST_MINUTES and not (at_night and starts == ends):
        if not starts_surely and 0 < starts.hour < 12 and (at_night or ends_surely):
            starts = _half_a_day_on(starts)
        elif not ends_surely and 0 < ends.hour < 12:
            ends = _half_a_day_on(ends)
    return starts, ends


def minutes_between(starts: time, ends: time) -> int:
    """How long it is from one time of day to the next time it is the other: 1 to 1,440."""
    minutes = (ends.hour - starts.hour) * 60 + ends.minute - starts.minute
    return minutes if minutes > 0 else minutes + 24 * 60


def read_weekdays(text: str) -> str | None:
    """The days of the week that the whole text names, as ISO digits in order (`12345`), or None."""
    plain = _plain(text)
    if plain in _WEEKS:
        return _WEEKS[plain]
    days: set[int] = set()
    since: int | None = None
    runs = False
    at = 0
    while at < len(plain):
        token = _TOKEN.match(plain, at)
        if token is None:
            return None
        at = token.end()
        if token["to"]:
            if since is None or runs:
                return None
            runs = True
        elif token["day"]:
            day = _DAYS.get(token["day"][-1]) or _DAYS[token["day"][:3]]
            days |= set(_run(since, day)) if runs and since is not None else {day}
            since, runs = day, False
    return None if runs or not days else "".join(str(day) for day in sorted(days))


_DAYS = {name: number for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), start=1)}
_DAYS |= {name: number for number, name in enumerate("一二三四五六日", start=1)} | {"天": 7}
_DAYS |= {str(number): number for number in range(1, 8)}
_TOKEN = re.compile(
    r"(?P<to> ?(?:-|~|\bto\b|\bthrough\b|\bthru\b|\buntil\b|\btill\b|到|至) ?)"
    r"|(?P<apart>[ ,;/&+、和及]|\band\b)"
    r"|(?P<day>(?:mon|tue|wed|thu|fri|sat|sun)(?:s|r|rs|days?|sdays?|rsdays?|nesdays?|urdays?)?(?![a-z])"
    r"|(?:周|星期|礼拜)?[一二三四五六日天]|[1-7])"
)
_WEEKS = {
    **dict.fromkeys(("every day", "everyday", "daily", "all days", "每天", "天天", "全年无休"), "1234567"),
    **dict.fromkeys(("weekdays", "working days", "工作日", "双休"), "12345"),
    **dict.fromkeys(("单休",), "123456"),
}


def _run(since: int, until: int) -> list[int]:
    """The days from one to the other, over Sunday where it comes first: Sunday to Thursday."""
    return [(since - 1 + ahead) % 7 + 1 for ahead in range((until - since) % 7 + 1)]


def _plain(text: str) -> str:
    return " ".join(fold(text).text.split()) if len(text) <= _LONGEST else ""


def _read_clock(plain: str) -> tuple[time, bool] | None:
    """The time, and whether it is said which half of the day is meant."""
    plain = plain.strip()
    if plain in _WORDS:
        return _WORDS[plain], True
    found = _CLOCK.fullmatch(plain)
    if found is None:
        return None
    if found["packed"]:
        hour, minute = divmod(int(found["packed"]), 100)
    else:
        hour, minute = _number(found["hour"]), _minute(found)
    if hour == 24 and minute == 0:
        hour = 0
    hour = _in_half(hour, found)
    if not (0 <= hour <= 23 and 0 <= minute <= 59):
        return None
    return time(hour, minute), bool(found["half_day"] or found["part"])


def _minute(found: re.Match[str]) -> int:
    if found["half"]:
        return 30
    if found["quarters"]:
        return 15 if found["quarters"] == "一" else 45
    return _number(found["minute"]) if found["minute"] else 0


def _in_half(hour: int, found: re.Match[str]) -> int:
    half, part = (found["half_day"] or "")[:1], found["part"]
    if half and not 1 <= hour <= 12:
        return hour if half == "p" and 12 < hour < 24 else -1
    if half == "a" or part in _MORNING:
        return hour % 12 if hour == 12 and part != "上午" else hour
    if part in {"晚上", "夜里", "晚"} and hour == 12:
        return 0
    if (half == "p" or part in _EVENING) and hour < 12:
        return hour + 12
    return hour + 12 if part == _NOON and hour < 6 else hour


def _number(digits: str) -> int:
    if digits.isdigit() and digits.isascii():
        return int(digits)
    numeral = scan_han(digits, 0, decimals=False)
    return int(numeral.value) if numeral is not None and numeral.end == len(digits) else -1


def _half_a_day_on(clock: time) -> time:
    return clock.replace(hour=(clock.hour + 12) % 24)
