"""Reads how something comes again as people type it, in Chinese or English: `every other Monday 9am`, `每月1号`."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from crm.language.dates import read_date
from crm.language.folding import fold
from crm.people.calendar import WorkCalendar
from crm.sales.tasks.recurrence import DAY, LAST, MONTH, MOST_APART, WEEK, WORKDAY, Recurrence

_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10, "other": 2, "second": 2, "third": 3}
_HAN = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2, "日": 7, "天": 7}
_DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_EVERY = r"\b(?:every|each)\s+"
_COUNT = rf"(?:(?P<apart>\d{{1,3}}|{'|'.join(_NUMBERS)})\s+)?"
_NAME = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
)
_AND = r"(?:\s*(?:,|&|and\b)\s*)+"
_NAMES = rf"(?P<days>{_NAME}s?\b(?:{_AND}{_NAME}s?\b)*)"
_ORDINAL = r"\d{1,2}(?:st|nd|rd|th)\b"
_ORDINALS = rf"(?:the\s+)?(?P<days>{_ORDINAL}(?:{_AND}(?:the\s+)?{_ORDINAL})*|last\s+day\b|end\b|day\s+\d{{1,2}}\b)"

# A `weekly report` is no appointment.
_ALONE = r"(?=\s*(?:$|[,.;]|at\b|on\b|from\b|\d))"

_ZH_COUNT = r"(?P<skips>隔)?(?P<apart>\d{1,3}|[两一二三四五六七八九十]{1,3})?个?"
_ZH_WEEK = r"(?:周|星期|礼拜)"
_ZH_DAYS = rf"(?P<days>{_ZH_WEEK}?[一二三四五六日天](?:[、,和及与 ]*{_ZH_WEEK}?[一二三四五六日天])*(?!次|报))"
_ZH_NUMBER = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_ZH_NUMBERS = rf"(?P<days>{_ZH_NUMBER}[号日](?:[、,和及与 ]*{_ZH_NUMBER}[号日])*|最后一天|月?底|月?末)"

_Found = re.Match[str]
_PATTERNS: tuple[tuple[str, str], ...] = (
    (WORKDAY, rf"(?:{_EVERY}|\bon\s+)(?:week|work|working\s+|business\s+)-?days?\b"),
    (WORKDAY, r"每个?工作日|工作日每天"),
    (MONTH, rf"(?:\bon\s+)?{_ORDINALS}\s+of\s+(?:every|each)\s+{_COUNT}months?\b"),
    (MONTH, rf"(?:{_EVERY}{_COUNT}months?|\bmonthly{_ALONE})\b(?:\s+(?:on\s+)?{_ORDINALS})?"),
    (MONTH, rf"每{_ZH_COUNT}月(?:的?{_ZH_NUMBERS}|一次)?"),
    ("quarter", rf"\bevery\s+quarter\b|\bquarterly\b{_ALONE}|每个?季度"),
    ("year", rf"\bevery\s+year\b|\b(?:yearly|annually)\b{_ALONE}|每年"),
    (WEEK, rf"(?:{_EVERY}{_COUNT}weeks?|\bweekly{_ALONE})\b(?:\s+(?:on\s+)?{_NAMES})?"),
    (WEEK, rf"{_EVERY}{_COUNT}{_NAMES}"),
    (WEEK, rf"\bon\s+(?P<days>{_NAME}s\b(?:{_AND}{_NAME}s\b)*)"),
    ("fortnight", rf"\bevery\s+fortnight\b|\b(?:bi-?weekly|fortnightly)\b{_ALONE}"),
    (WEEK, rf"每{_ZH_COUNT}{_ZH_WEEK}(?:的?{_ZH_DAYS}|一次)?"),
    (DAY, rf"{_EVERY}{_COUNT}(?:days?\b|(?=morning\b|afternoon\b|evening\b))|\bdaily\b{_ALONE}"),
    (DAY, rf"每{_ZH_COUNT}(?:天|日(?!报))|天天"),
)
_COMPILED = tuple((unit, re.compile(pattern)) for unit, pattern in _PATTERNS)
_UNTIL = re.compile(r"(?:\b(?:until|till|to)|直到|[到至])\s*$")
_EARLY = time(7)
"""What is told of a day is told in its waking hours: `9点` is nine in the morning, `3点` three in the afternoon."""


@dataclass(frozen=True, slots=True)
class Repeating:
    """What was read: how it comes again, when first (UTC), and which parts of the text as typed said so."""

    recurrence: Recurrence
    first: datetime
    spans: tuple[tuple[int, int], ...]


def may_repeat(text: str) -> bool:
    """Whether there is anything to be read: cheap, and asks nothing of the person."""
    return _search(fold(text).text) is not None


def read_repeating(text: str, *, now: datetime, person: WorkCalendar, morning: time) -> Repeating | None:
    """How something comes again, where the text says so; `morning`: the time of day where it tells none.

    `now` aware, in the person's zone. Counted from today, or from the day the text names (`from 1 June`).
    """
    folded = fold(text)
    found = _search(folded.text)
    if found is None:
        return None
    unit, match = found
    start, end = folded.span(*match.span())
    rest = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    told = read_date(rest, now=datetime.combine(now.date(), _EARLY, now.tzinfo))
    if told is not None and _UNTIL.search(fold(rest[: told.span[0]]).text):
        told = None
    spans = ((start, end),) if told is None else ((start, end), told.span)
    at = told.at.time().replace(tzinfo=None) if told is not None and told.granularity == "minute" else morning
    since = now.date() if told is None else max(now.date(), told.at.date())
    recurrence = _recurrence(unit, match, at, since)
    if recurrence is None:
        return None
    # `6am` said at seven is tomorrow's, and no day that was named.
    is_named = told is not None and (told.granularity == "day" or since > now.date() + timedelta(days=1))
    first = _first(recurrence, "days" in match.groupdict() and match["days"] is not None, is_named, since, now, person)
    return Repeating(recurrence, first, tuple(sorted(spans)))


def as_typed(recurrence: Recurrence, first: datetime, language: str, *, now: datetime, person: WorkCalendar) -> str:
    """What could be typed for this, and is read as the same again."""
    words = (_typed_zh if language == "zh_CN" else _typed_en)(recurrence)
    short = f"{words} {recurrence.at:%H:%M}"
    read = read_repeating(short, now=now, person=person, morning=recurrence.at)
    if read is not None and read.first == first:
        return short
    local = first.astimezone(person.zone)
    return f"{words} {'从' if language == 'zh_CN' else 'from '}{local:%Y-%m-%d %H:%M}"


def _search(folded: str) -> tuple[str, _Found] | None:
    return next(((unit, match) for unit, one in _COMPILED if (match := one.search(folded))), None)


def _recurrence(unit: str, match: _Found, at: time, since: date) -> Recurrence | None:
    named = match.groupdict().get("days")
    apart = _apart(match.groupdict())
    if not 1 <= apart <= MOST_APART:
        return None
    match unit:
        case "quarter" | "year":
            return Recurrence(MONTH, at, 3 if unit == "quarter" else 12, (since.day,))
        case "fortnight":
            return Recurrence(WEEK, at, 2, (since.isoweekday(),))
        case "W":
            return Recurrence(WEEK, at, apart, _weekdays(named) if named else (since.isoweekday(),))
        case "M":
            days = _days_of_month(named) if named else (since.day,)
            return None if not all(1 <= day <= LAST for day in days) else Recurrence(MONTH, at, apart, days)
    return Recurrence(unit, at, apart)


def _first(
    recurrence: Recurrence, has_days: bool, is_named: bool, since: date, now: datetime, person: WorkCalendar
) -> datetime:
    """`every 2 weeks` begins in two weeks, `every 2 weeks on Monday` on the first Monday, any of them `from 1 June`."""
    is_one_day = recurrence.unit in {DAY, WORKDAY} and recurrence.apart == 1
    waits = not has_days and not is_named and not is_one_day
    begin = datetime.combine(since, time(), person.zone) - timedelta(seconds=1)
    if waits:
        today = datetime.combine(now.date(), recurrence.at, person.zone)
        return recurrence.next_after(max(now, today), person, last=today)
    return replace(recurrence, apart=1).next_after(max(now, begin), person, last=begin)


def _apart(said: dict[str, str | None]) -> int:
    number = said.get("apart")
    apart = 1 if number is None else _number(number)
    return apart + 1 if said.get("skips") else apart


def _number(word: str) -> int:
    if word.isdecimal():
        return int(word)
    if word in _NUMBERS:
        return _NUMBERS[word]
    tens, ten, ones = word.partition("十")
    return (_HAN[tens] if tens else 1) * 10 + (_HAN[ones] if ones else 0) if ten else _HAN.get(word, 0)


def _weekdays(said: str) -> tuple[int, ...]:
    if said.isascii():
        return tuple(sorted({_DAY_NAMES.index(name) + 1 for name in re.findall("|".join(_DAY_NAMES), said)}))
    return tuple(sorted({_HAN[day] for day in re.findall("[一二三四五六日天]", re.sub("星期|礼拜", "", said))}))


def _days_of_month(said: str) -> tuple[int, ...]:
    if re.fullmatch(r"last\s+day|end|最后一天|月?底|月?末", said):
        return (LAST,)
    pattern = r"\d{1,2}" if said.isascii() else rf"({_ZH_NUMBER})[号日]"
    return tuple(sorted({_number(day) for day in re.findall(pattern, said)}))


def _typed_en(recurrence: Recurrence) -> str:
    apart, days = recurrence.apart, recurrence.days
    every = "every" if apart == 1 else f"every {apart}"
    plural = "" if apart == 1 else "s"
    match recurrence.unit:
        case "D":
            return f"{every} day{plural}"
        case "B":
            return "every weekday"
        case "W":
            named = " and ".join(_DAY_NAMES[day - 1].title() for day in days)
            return f"{every} {named}" if apart == 1 else f"{every} weeks on {named}"
    named = "the last day" if days == (LAST,) else " and ".join(f"the {_ordinal(day)}" for day in days)
    return f"{every} month{plural} on {named}"


def _typed_zh(recurrence: Recurrence) -> str:
    apart, days = recurrence.apart, recurrence.days
    every = "每" if apart == 1 else f"每{apart}"
    match recurrence.unit:
        case "D":
            return f"{every}天"
        case "B":
            return "每个工作日"
        case "W":
            return f"{every}{'' if apart == 1 else '周的'}{'、'.join('周' + '一二三四五六日'[day - 1] for day in days)}"
    named = "最后一天" if days == (LAST,) else "、".join(f"{day}号" for day in days)
    return f"{every}{'' if apart == 1 else '个'}月{named}"


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if 10 < number < 14 else ending}"
