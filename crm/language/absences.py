"""Reads from when to when somebody is away, as people type it: `until Friday`, `tomorrow to Friday`, `3 days`.

Whatever is not about time is handed back: who decides meanwhile may be named in it.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from crm.language.dates import Reading, read_date


@dataclass(frozen=True, slots=True)
class AwayTime:
    """`since` None: from now on. `until` is the end: of a day its last midnight. `days`: so many working days instead,
    from `since` on. `rest`: the words that say something else.
    """

    since: datetime | None = None
    until: datetime | None = None
    days: int | None = None
    rest: str = ""


_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBERS = {word: n for n, word in enumerate(_WORDS, 1)}
_NUMBERS |= {"a": 1, "an": 1, "两": 2} | {word: n for n, word in enumerate("一二三四五六七八九", 1)}
_ENGLISH = "|".join(word for word in _NUMBERS if word.isascii() and len(word) > 2)
_COUNTED = re.compile(
    rf"(?<![\w.])(?<!in )(?<!within )(?P<n>\d{{1,3}}|an?|{_ENGLISH})"
    r"\s*(?:working |business |whole )?(?P<unit>days?|weeks?)\b(?!\s*(?:ago|from|later|after))"
    r"|(?P<zn>\d{1,3}|[一二两三四五六七八九十]{1,3})\s*个?(?P<zunit>工作日|天|星期|礼拜|周)"
    r"(?![后内末一二三四五六日天]|之后|之内|以后|以内)",
    re.IGNORECASE,
)
_GAP = ";"
"""Stands where the number of days was: words on both sides of it are no phrase."""
_TO = re.compile(r"\s*(?:起|开始)?[\s;,，]*(?:(?:to|till|until|through|thru)\b|[-–—~～到至])\s*", re.IGNORECASE)
_UNTIL = re.compile(r"(?:\b(?:until|till|til|to|through|thru|by)|到|至|截止|截至)\s*$", re.IGNORECASE)
_FROM = re.compile(r"(?:\b(?:from|since|starting|as of)|从|自)\s*$", re.IGNORECASE)
_UP_TO = re.compile(r"\s*(?:为止|止)")
_ON = re.compile(r"(?:起|开始|onwards?\b)", re.IGNORECASE)
_WEEKS = {"next week": 7, "this week": 0} | dict.fromkeys(("下周", "下星期", "下个星期", "下礼拜", "下个礼拜"), 7)
_WEEKS |= dict.fromkeys(("本周", "这周", "这个星期", "这星期", "本星期"), 0)
_EDGE = (
    r"(?:until|till|til|to|through|thru|from|since|starting|on|for|by|and|the|next|with|delegate|meanwhile|decides?"
    r"|到|至|直到|截止|截至|从|自|起|开始|为止|止|之前|以前|前|共|期间|由|请假|休假|出差|请|让|委托给?|交给|给|代审批?|代批|代理|代|审批|批|接手)"
)
_LEADING = re.compile(rf"^(?:[\s,，;；、:：.。()（）\-–]+|{_EDGE}(?=[\s\u2e80-\uffff@<]|$)\s*)+", re.IGNORECASE)
_TRAILING = re.compile(
    rf"(?:[\s,，;；、:：.。()（）\-–]+|(?<![^\W\d_])(?:{_EDGE})|[到至从自起止前代批]|代理|审批|代审|接手|期间)+$",
    re.IGNORECASE,
)


def read_away_time(text: str, *, now: datetime, on_day: bool = False) -> AwayTime:
    """What a text says of somebody's time away, counted from `now` (aware, in their zone).

    Two dates are a span, and one after `until` the end: how many days that makes may be said besides.
    A lone day without `until` before it is the last one; `on_day`, and for tomorrow, it is the whole absence.
    """
    counted = _COUNTED.search(text)
    if counted is not None:
        text = f"{text[: counted.start()]} {_GAP} {text[counted.end() :]}"
    first = read_date(text, now=now)
    if first is None:
        return AwayTime(rest=_rest(text)) if counted is None else _counted(counted, None, now, rest=_rest(text))
    before, after = text[: first.span[0]], text[first.span[1] :]
    to = _TO.match(after)
    second = None if to is None else _second(after[to.end() :], first, now)
    if to is not None and second is not None and second.span[0] == 0:
        rest = _rest(before, after[to.end() + second.span[1] :])
        return AwayTime(_begin(first, now), _end(second, now), rest=rest)
    if counted is not None and not _is_end(before, after):
        return _counted(counted, first, now, rest=_rest(before, after))
    return _one_date(first, text, now, on_day=on_day, before=before, after=after)


def _second(text: str, first: Reading, now: datetime) -> Reading | None:
    """The end of a span: counted from now, and from its beginning where it would lie before that."""
    found = read_date(text, now=now)
    if found is not None and found.at < first.at:
        return read_date(text, now=first.at)
    return found


def _is_end(before: str, after: str) -> bool:
    return _UNTIL.search(before) is not None or _UP_TO.match(after) is not None


def _one_date(found: Reading, text: str, now: datetime, *, on_day: bool, before: str, after: str) -> AwayTime:
    rest = _rest(before, after)
    if _FROM.search(before) or _ON.match(after):
        return AwayTime(since=_begin(found, now), rest=rest)
    is_last = _is_end(before, after)
    week = _WEEKS.get(" ".join(text[slice(*found.span)].casefold().split()))
    if week is not None:
        monday = now.date() + timedelta(days=week - now.weekday())
        ends = monday if is_last and week else monday + timedelta(days=7)
        since = None if is_last or not week else _at(monday, now)
        return AwayTime(since, _at(ends, now), rest=rest)
    is_alone = not is_last and (on_day or found.at.date() == now.date() + timedelta(days=1))
    since = _begin(found, now) if is_alone and found.granularity == "day" else None
    return AwayTime(since, _end(found, now), rest=rest)


def _counted(counted: re.Match[str], first: Reading | None, now: datetime, *, rest: str) -> AwayTime:
    """`3 days` counts working days, `a week` seven days of any kind."""
    number, unit = (counted["n"] or counted["zn"]).casefold(), (counted["unit"] or counted["zunit"]).casefold()
    count, since = _number(number), None if first is None else _begin(first, now)
    if unit.startswith(("week", "星", "礼", "周")):
        begins = (since or now).date()
        return AwayTime(since, _at(begins + timedelta(days=7 * count), now), rest=rest)
    return AwayTime(since, days=count, rest=rest)


def _number(word: str) -> int:
    if word.isdecimal():
        return int(word)
    tens, ten, ones = word.partition("十")
    if ten:
        return 10 * _NUMBERS.get(tens, 1) + _NUMBERS.get(ones, 0)
    return _NUMBERS.get(word, 1)


def _begin(found: Reading, now: datetime) -> datetime | None:
    """None for today: somebody who goes now has not been away since midnight."""
    return None if found.at <= now else found.at


def _end(found: Reading, now: datetime) -> datetime:
    return found.at if found.granularity == "minute" else _at(found.at.date() + timedelta(days=1), now)


def _at(day: date, now: datetime) -> datetime:
    return datetime.combine(day, time(), now.tzinfo)


def _rest(*parts: str) -> str:
    """What is left of these without the words that only lead to a time or to a name."""
    pieces = (piece for part in parts for piece in part.split(_GAP))
    cleaned = (_TRAILING.sub("", _LEADING.sub("", piece.strip())) for piece in pieces)
    return " ".join(part for part in cleaned if part)
