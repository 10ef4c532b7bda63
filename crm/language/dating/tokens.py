"""Cuts a folded text into the words of dates and times; what is none of them stays as a word or a mark."""

import re
from dataclasses import dataclass
from typing import Any

from crm.language.dating.typos import meant
from crm.language.dating.vocabulary import GROUPS, LETTER_UNITS, LONGEST_HAN, NUMBER_WORDS, ORDINALS, TABLE
from crm.language.numerals import HAN_NUMERALS, scan_han, scan_numeral

_SPACE = re.compile(r"\s+")
_MERIDIEM = re.compile(r"([ap])(?:\s?\.)?\s?m(?![a-z])(?:\s?\.)?")
_MERIDIEM_LETTER = re.compile(r"([ap])(?![a-z])\.?")
_ORDINAL_DIGITS = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)(?![a-z])")
_DIGITS = re.compile(r"[0-9]+")
_TWO = re.compile(r"2[a-z]+")  # 2moro
_WORD = re.compile(r"o'clock|[a-z]+")
_POSSESSIVE = re.compile(r"'s?(?![a-z0-9])")
_QUARTER = re.compile(r"(?:q([1-4])(?![a-z0-9])|([1-4])q(?![a-z])(?![0-9]{3}(?![0-9])))")
_WEEK_NUMBER = re.compile(  # CW50; with a blank behind it KW may be a power
    r"(?:[ck]w-?|cw |(?:(?<=in )|(?<=by )|(?<=etd )|(?<=eta )|(?<=\A))kw |(?:calendar|cal) w(?:ee)?k )"
    r"([0-5]?[0-9])(?![a-z0-9.,])"
)
_HALF_YEAR = re.compile(r"h([12])(?=[ /-]?(?:20)?[0-9]{2}(?![0-9])| of\b| (?:this|next|last) year\b|\s*$)")
_ORDINAL_TAIL = re.compile(r"[ -](first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)(?![a-z])")
_ISH = re.compile(r"-?ish(?![a-z])")
_ONES = "〇一二三四五六七八九"
_ABOUT = re.compile(
    r"([一二两三四五六七八])([两三四五六七八九])"
    r"(?=点|(?:个?(?:天|日|周|星期|礼拜|年|小时|钟头|分钟)|个月)(?:后|内|之|以|左右)|(?<=过..)(?:天|周|个))"
)
_WEEKS_LONG = re.compile(r"周[一二三四五六1-7](?:天(?!气)|次)")  # 一周5天
_IN_MINUTES = re.compile(r"\bin [0-9]{1,3}\Z")  # in 30m
_BASIC_TIME = re.compile(r"t([0-9]{4})(?:[0-9]{2})?(?![0-9])")  # 20261205T1500
_GLUED = frozenset({"h", "t", "ish", "min", "mins", "hr", "hrs", "days", "day", "weeks", "week", "d", "w"})
_MINUTES = re.compile(r"(?<=[0-9]h)[0-9]{1,2}m(?![a-z])|(?<=[0-9]h )[0-9]{1,2}m(?![a-z])")  # 1h 30m
# Traditional characters of dates that the folding of all texts leaves alone; one for one, so that places stay.
_TRADITIONAL = str.maketrans(
    "晝會鐘鍾舊陽陰臘閏兒勞動婦親萬復燈掃龍雙時間後裏里尋馬來頭師獨總統軍紀線場個幾數約於終淩黃遲趕倆結",
    "昼会钟钟旧阳阴腊闰儿劳动妇亲万复灯扫龙双时间后里里寻马来头师独总统军纪线场个几数约于终凌黄迟赶俩结",
)


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is a name of the vocabulary, `num` (digits, Chinese or English), `word`, or the mark itself."""

    kind: str
    value: Any
    start: int
    end: int
    text: str

    @property
    def number(self) -> int:
        return self.value if isinstance(self.value, int) else 0

    @property
    def is_digits(self) -> bool:
        return self.text.isascii() and self.text.isdigit()


def tokenise(text: str) -> tuple[Token, ...]:
    """`text` is folded."""
    if not text.isascii():
        text = text.translate(_TRADITIONAL)
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        if space := _SPACE.match(text, at):
            at = space.end()
            continue
        previous = tokens[-1] if tokens else None
        if (
            text[at] == "'"
            and previous is not None
            and previous.end == at
            and previous.kind != "num"
            and (match := _POSSESSIVE.match(text, at))
        ):
            at = match.end()  # next week's Tuesday, two weeks' time
            continue
        kind, value, end = _token_at(text, at, previous)
        tokens.append(Token(kind=kind, value=value, start=at, end=end, text=text[at:end]))
        at = end
    return tuple(tokens)


def _token_at(text: str, at: int, previous: Token | None) -> tuple[str, int | str, int]:
    character = text[at]
    if "0" <= character <= "9":
        return _digits(text, at, previous)
    if "a" <= character <= "z":
        return _letters(text, at, previous)
    if "\u4e00" <= character <= "\u9fff" or character == "〇":
        return _han(text, at)
    if character == "-" and previous is not None and previous.end == at and (match := _ISH.match(text, at)):
        return "ish", "ish", match.end()
    return (*TABLE.get(character, (character, character)), at + 1)


def _letters(text: str, at: int, previous: Token | None) -> tuple[str, int | str, int]:
    behind = None if previous is None else _behind_number(text, at, previous)
    if behind is not None:
        return behind
    for kind, pattern in (("weeknumber", _WEEK_NUMBER), ("quartername", _QUARTER), ("halfname", _HALF_YEAR)):
        if match := pattern.match(text, at):
            return kind, int(match[1]), match.end()
    return _word(text, at)


def _behind_number(text: str, at: int, previous: Token) -> tuple[str, int | str, int] | None:
    """What letters are only there: am, the p of 3p, 11ish, 3d, 08:00Z, 20261205T1500."""
    point = previous.kind == "." and previous.end == at and text[max(0, previous.start - 1)].isdigit()  # 7.p.m.
    if not point and previous.kind not in {"num", "ord", "oclock", "ish", "basictime"}:
        return None
    if match := _MERIDIEM.match(text, at):
        return "ampm", match[1], match.end()
    if point or previous.end != at:
        return None
    if len(previous.text) == 8 and (match := _BASIC_TIME.match(text, at)):
        return "basictime", int(match[1]), match.end()
    if match := _MERIDIEM_LETTER.match(text, at):
        return "ampm", match[1], match.end()
    if match := _ISH.match(text, at):
        return "ish", "ish", match.end()
    alone = not text[at + 1 : at + 2].isalnum()
    if alone and text[at] in LETTER_UNITS:
        return "unit", LETTER_UNITS[text[at]], at + 1
    return ("zone", "utc", at + 1) if alone and text[at] == "z" else None


def _digits(text: str, at: int, previous: Token | None) -> tuple[str, int | str, int]:
    if match := _ORDINAL_DIGITS.match(text, at):
        return "ord", int(match[1]), match.end()
    glued = (
        previous is not None
        and previous.end == at
        and previous.kind in {"word", "_"}
        and previous.text.isascii()
        and previous.text != "t"  # 2026-12-25T08:00
    )
    if not glued and text[at] == "2" and (match := _TWO.match(text, at)) and match[0] in TABLE:
        return (*TABLE[match[0]], match.end())
    if not glued and (match := _QUARTER.match(text, at)):
        return "quartername", int(match[2]), match.end()
    match = _DIGITS.match(text, at)
    end = match.end() if match else at + 1
    if text[end : end + 1].isascii() and text[end : end + 1].isalpha():
        glued = glued or not _may_follow(text, end)
    if glued or end - at > 8:
        return "word", text[at:end], end
    return "num", int(text[at:end]), end


def _may_follow(text: str, end: int) -> bool:
    """Whether the letters right behind digits leave them a number: 5pm, 3days, 25dec."""
    tail = _WORD.match(text, end)
    if (
        tail is None
        or tail[0] in _GLUED
        or tail[0] in TABLE
        or (tail[0] == "m" and (_MINUTES.search(text[: end + 1][-6:]) or _IN_MINUTES.search(text[:end])))
    ):
        return True
    if tail[0] == "z" or _MERIDIEM_LETTER.match(text, end) or _MERIDIEM.match(text, end):
        return True
    return tail[0].startswith("t") and text[end + 1 : end + 2].isdigit()


def _word(text: str, at: int) -> tuple[str, int | str, int]:
    match = _WORD.match(text, at)
    end = match.end() if match else at + 1
    word = text[at:end]
    for group in GROUPS.get(word, ()):
        if text.startswith(group, at) and not text[at + len(group) : at + len(group) + 1].isalnum():
            return (*TABLE[group], at + len(group))
    if word in NUMBER_WORDS:
        numeral = scan_numeral(text, at)
        if numeral is not None and numeral.value == int(numeral.value):
            value = int(numeral.value)
            tail = _ORDINAL_TAIL.match(text, numeral.end)
            if tail is not None and value in {20, 30}:
                return "ord", value + ORDINALS[tail[1]], tail.end()
            return "num", value, numeral.end
    known = TABLE.get(word) or TABLE.get(meant(word)) or TABLE.get(word.removesuffix("ish"))
    return (*known, end) if known is not None else ("word", word, end)


def _behind_numerals(text: str, at: int) -> int:
    while at < len(text) and text[at] in HAN_NUMERALS:
        at += 1
    return at


def _han(text: str, at: int) -> tuple[str, int | str, int]:
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if text[at] in "零〇" and after.isdigit():
        return "and", "and", at + 1  # 8点零5
    if text[at] == "元" and after == "月" and not (before.isdigit() or before in HAN_NUMERALS):
        return "num", 1, at + 1
    if text[at] == "次" and after in {"月", "周"} and not (before.isdigit() or before in _NUMERALS or before == "几"):
        return "next", "next", at + 1
    longest = 1 if _WEEKS_LONG.match(text, at) and before in HAN_NUMERALS else LONGEST_HAN
    for length in range(min(longest, len(text) - at), 0, -1):
        word = text[at : at + length]
        if word in TABLE and not (
            word[0] in HAN_NUMERALS and (length == 1 or text[at + length : at + length + 1] in _NUMERALS)
        ):
            return (*TABLE[word], at + length)
    if about := _ABOUT.match(text, at):  # 两三天后, 八九点 begins at the smaller
        low, high = (_ONES.index(about[number].replace("两", "二")) for number in (1, 2))
        if high - low == 1 or (low, high) == (3, 5):
            return "num", low, about.end()
    if text[at] in HAN_NUMERALS:
        numeral = scan_han(text, at, decimals=False)
        if numeral is not None and numeral.value == int(numeral.value) and numeral.value < 10_000:
            return "num", int(numeral.value), numeral.end
        return "word", text[at], _behind_numerals(text, at) if numeral is None else numeral.end
    return "word", text[at], at + 1


_NUMERALS = frozenset(HAN_NUMERALS) | {"."}
