"""Numbers as they are written: digits with separators, Chinese numerals, English number words.

Everything here works on folded text (see `folding.py`) and never looks behind the place it is asked for.
"""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from decimal import Decimal

MAX_INTEGER_DIGITS = 15

HAN_DIGITS = {
    **{character: value for value, character in enumerate("零一二三四五六七八九")},
    **{character: value for value, character in enumerate("〇壹贰叁肆伍陆柒捌玖")},
    "两": 2,
    "俩": 2,
}
HAN_TENS = {"廿": 20, "卅": 30, "卌": 40}
HAN_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
HAN_SCALES = {"万": 10_000, "亿": 100_000_000}
HAN_NUMERALS = frozenset([*HAN_DIGITS, *HAN_TENS, *HAN_UNITS, *HAN_SCALES])

_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
WORD_ONES = {word: value for value, word in enumerate(f"{_ONES} seventeen eighteen nineteen".split())}
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
WORD_TENS = {word: value * 10 for value, word in enumerate(_TENS.split(), start=2)}
WORD_SCALES = {
    "thousand": 10**3,
    "million": 10**6,
    "millions": 10**6,
    "billion": 10**9,
    "billions": 10**9,
    "lakh": 10**5,
    "lakhs": 10**5,
    "crore": 10**7,
    "crores": 10**7,
}
# Written right behind the digits: 12.5k, 1.2m, 30w (= 30万).
LETTER_SCALES = {"k": 10**3, "m": 10**6, "mn": 10**6, "mio": 10**6, "bn": 10**9, "w": 10**4}

# Tried in this order; each is bounded by what may not follow it, so that 1,2,3 is not read as 1,2.
_DIGITS = tuple(
    re.compile(pattern)
    for pattern in (
        r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?(?![0-9]|,[0-9])",  # 1,200.50
        r"[0-9]{1,3}(?:'[0-9]{3})+(?:\.[0-9]+)?(?![0-9]|'[0-9])",  # 1'200.50
        r"[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]+)?(?![0-9]|,[0-9])",  # 12,00,000
        r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]{1,2}(?![0-9]|[.,][0-9])",  # 1.200,50
        r"[0-9]{1,3}(?:\.[0-9]{3}){2,}(?![0-9]|[.,][0-9])",  # 1.200.500
        r"[0-9]+,[0-9]{1,2}(?![0-9]|[.,][0-9])",  # 12,5: no thousands look like this
        r"[0-9]*\.[0-9]+(?![0-9]|\.[0-9])",  # 12.5 .77
        r"[0-9]+",
    )
)
_GERMAN = (3, 4, 5)
_LETTER_SCALE = re.compile(r"(?: ?(k)|(mio|mn|bn|m|w))(?![a-z0-9²³])")
_SPACED_SCALE = re.compile(r" (万|亿)")
_WORD_SCALE = re.compile(rf"[ -]?({'|'.join(WORD_SCALES)}|hundred)(?![a-z])")
_EXPONENT = re.compile(r"e[+-]?[0-9]")
_HAN_DIGIT = f"[{''.join(HAN_DIGITS)}]"
# Too many digits to be a number, or two neighbours: 两三天 is two or three days, 三五个 three to five.
_NO_HAN_NUMBER = re.compile(
    rf"{_HAN_DIGIT}{{{MAX_INTEGER_DIGITS + 1}}}"
    rf"|(?:一[二两]|[二两]三|三四|四五|五六|六七|七八|八九|三五)(?!{_HAN_DIGIT})"
)
_WORD_BEFORE = re.compile(r"(?<![a-z0-9_])[a-z]+\Z")
_WORD = re.compile(r"[a-z]+")
_WORD_GAP = re.compile(r"(?: and |[ -])(?=[a-z])")
_START = re.compile(rf"[0-9]|\.(?=[0-9])|[{''.join(HAN_NUMERALS)}]|[a-z]+")
_ARTICLES = frozenset({"a", "an"})
_NUMBER_WORDS = frozenset([*WORD_ONES, *WORD_TENS, *_ARTICLES])


@dataclass(frozen=True, slots=True)
class Numeral:
    """`value` at `start:end` of the folded text; `scale` is what a trailing 万, k or million multiplied it by."""

    value: Decimal
    start: int
    end: int
    scale: int = 1


def find_numerals(text: str, start: int = 0, *, behind_words: Container[str] = ()) -> Iterator[Numeral]:
    """Every number in the text, left to right, none inside a word or inside another number.

    Digits may touch one of `behind_words` before them: usd1200.
    """
    behind = start
    for match in _START.finditer(text, start):
        at = match.start()
        if at < behind or not (_may_start(text, at) or _touches(text, at, behind_words)):
            continue
        numeral = scan_numeral(text, at)
        if numeral is not None:
            behind = numeral.end
            yield numeral


def _may_start(text: str, at: int) -> bool:
    before = text[at - 1] if at else " "
    first = text[at]
    if first in HAN_NUMERALS:
        return before not in HAN_NUMERALS and not before.isdigit() and before != "."
    if first.isalpha():
        return not (before.isascii() and before.isalnum())
    inside_number = before.isdigit() or (before in ".,'" and at > 1 and text[at - 2].isdigit())
    return not inside_number and not (before.isascii() and (before.isalpha() or before == "_"))


def _touches(text: str, at: int, words: Container[str]) -> bool:
    word = _WORD_BEFORE.search(text[max(0, at - 8) : at])
    return text[at].isdigit() and word is not None and word[0] in words


def scan_numeral(text: str, start: int) -> Numeral | None:
    """The number that begins exactly at `start`, or None: too long, an exponent, no number."""
    first = text[start]
    if first in "0123456789.":
        numeral = _scan_digits(text, start)
    elif first in HAN_NUMERALS:
        numeral = _scan_han(text, start)
    else:
        numeral = _scan_words(text, start)
    if numeral is None or numeral.value >= 10**MAX_INTEGER_DIGITS:
        return None
    return numeral


def _scan_digits(text: str, start: int) -> Numeral | None:
    plain = scan_plain_digits(text, start)
    if plain is None or _EXPONENT.match(text, plain.end):
        return None
    if plain.end < len(text) and text[plain.end] in HAN_NUMERALS:
        return _scan_han(text, start)
    if spaced := _SPACED_SCALE.match(text, plain.end):
        scale = HAN_SCALES[spaced[1]]
        return Numeral(value=plain.value * scale, start=start, end=spaced.end(), scale=scale)
    if letter := _LETTER_SCALE.match(text, plain.end):
        scale = LETTER_SCALES[letter[1] or letter[2]]
    elif letter := _WORD_SCALE.match(text, plain.end):
        scale = WORD_SCALES.get(letter[1], 100)
    else:
        return plain
    return Numeral(value=plain.value * scale, start=start, end=letter.end(), scale=scale)


def scan_plain_digits(text: str, start: int) -> Numeral | None:
    """Digits with their separators, nothing multiplied."""
    for index, pattern in enumerate(_DIGITS):
        match = pattern.match(text, start)
        if match is None:
            continue
        digits = match[0].replace("'", "")
        if index in _GERMAN:
            digits = digits.replace(".", "").replace(",", ".")
        digits = digits.replace(",", "")
        if len(digits.partition(".")[0].lstrip("0")) > MAX_INTEGER_DIGITS or len(digits) > 40:
            return None
        return Numeral(value=Decimal(digits), start=start, end=match.end())
    return None


def scan_han(text: str, start: int, *, decimals: bool = True) -> Numeral | None:
    """A number with at least one Chinese numeral, digits may stand among them: 三千五, 3万5, 二〇二六, 三点五.

    `decimals=False` leaves 点 alone, which is the hour in a time.
    """
    return _scan_han(text, start, decimals=decimals)


def _scan_han(text: str, start: int, *, decimals: bool = True) -> Numeral | None:
    if text[start] in "百佰千仟万亿":  # 万通贸易, 百货: names and words rather than numbers
        return None
    if _NO_HAN_NUMBER.match(text, start):
        return None
    plain = _scan_han_digits(text, start, decimals=decimals)
    return plain if plain is not None else _HanSum(text).scan(start)


def _scan_han_digits(text: str, start: int, *, decimals: bool) -> Numeral | None:
    """Digit after digit without units: 二〇二六, 一三八; with decimals 三点五."""
    end = start
    while end < len(text) and text[end] in HAN_DIGITS:
        end += 1
    if end == start or end - start > MAX_INTEGER_DIGITS:
        return None
    if end < len(text) and (text[end] in HAN_UNITS or text[end] in HAN_SCALES):
        return None
    digits = "".join(str(HAN_DIGITS[character]) for character in text[start:end])
    point = end + 1
    if decimals and text[end : end + 1] == "点":
        while point < len(text) and text[point] in HAN_DIGITS and point - end < 8:
            point += 1
        if point > end + 1:
            digits += "." + "".join(str(HAN_DIGITS[character]) for character in text[end + 1 : point])
            end = point
            if text[end : end + 1] in HAN_SCALES:
                scale = HAN_SCALES[text[end]]
                return Numeral(value=Decimal(digits) * scale, start=start, end=end + 1, scale=scale)
    return Numeral(value=Decimal(digits), start=start, end=end)


class _HanSum:
    """Adds up 一万二千三百 character by character; a last digit alone counts tenths of the unit before it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._total = Decimal(0)  # closed by 万 or 亿
        self._section = Decimal(0)  # below 万
        self._pending: Decimal | None = None
        self._unit = 1  # the last unit seen
        self._after_zero = False
        self._lone_digit = False

    def scan(self, start: int) -> Numeral | None:
        text, at = self._text, start
        while at < len(text) and at - start < 40:
            step = self._take(at)
            if step == 0:
                break
            at += step
        if at == start or text[at : at + 1] in HAN_NUMERALS:  # 一二百: one or two hundred
            return None
        ends_in_scale = self._pending is None and text[at - 1] in "万亿千百"
        value = self._total + self._section + self._last_digit()
        return Numeral(value=value, start=start, end=at, scale=self._unit if ends_in_scale else 1)

    def _take(self, at: int) -> int:
        character = self._text[at]
        if character in HAN_UNITS:
            if self._pending is None and self._unit != 1 and not self._after_zero:
                return 0  # 二百百
            return self._take_unit(HAN_UNITS[character])
        if character in HAN_SCALES:
            return self._take_scale(HAN_SCALES[character])
        if self._pending is not None:
            return 0
        if character in HAN_TENS:
            self._section += HAN_TENS[character]
            self._unit = 10
            return 1
        if character in "零〇":
            self._after_zero = True
            return 1
        if character in HAN_DIGITS:
            self._pending, self._lone_digit = Decimal(HAN_DIGITS[character]), True
            return 1
        if character in "0123456789.":
            digits = scan_plain_digits(self._text, at)
            if digits is None:
                return 0
            self._pending, self._lone_digit = digits.value, digits.end - at == 1
            return digits.end - at
        return 0

    def _take_unit(self, unit: int) -> int:
        self._section += (Decimal(1) if self._pending is None else self._pending) * unit
        self._pending, self._unit, self._after_zero = None, unit, False
        return 1

    def _take_scale(self, scale: int) -> int:
        section = self._section + (self._pending or 0)
        if section == 0 and self._total == 0:
            return 0
        if section == 0:  # 万亿: what came so far is multiplied
            self._total, section = Decimal(0), self._total + section
        self._total += section * scale
        self._section, self._pending, self._unit, self._after_zero = Decimal(0), None, scale, False
        return 1

    def _last_digit(self) -> Decimal:
        if self._pending is None:
            return Decimal(0)
        if self._lone_digit and self._unit >= 100 and not self._after_zero:
            return self._pending * self._unit / 10
        return self._pending


def _scan_words(text: str, start: int) -> Numeral | None:
    """English number words; stops before what does not add up (seven thirty is two numbers)."""
    total = section = 0
    seen, at, end, room, scale = False, start, start, 100, 1
    while word := _WORD.match(text, at):
        name = word[0]
        if name in WORD_ONES and room > WORD_ONES[name] and (WORD_ONES[name] or not seen):
            section, room = section + WORD_ONES[name], 0
        elif name in WORD_TENS and room > 10:
            section, room = section + WORD_TENS[name], 10
        elif name == "hundred" and 0 < section < 100:
            section, room, scale = section * 100, 100, 100
        elif name in WORD_SCALES and section:
            total, section, room, scale = total + section * WORD_SCALES[name], 0, 100, WORD_SCALES[name]
        elif name in _ARTICLES and not seen and re.match(r" (hundred|thousand|million)", text[word.end() :][:10]):
            section, room = 1, 0
        else:
            break
        seen, end = True, word.end()
        gap = _WORD_GAP.match(text, end)
        if gap is None:
            break
        at = gap.end()
    if not seen:
        return None
    ends_in_scale = section == 0 and total > 0
    return Numeral(value=Decimal(total + section), start=start, end=end, scale=scale if ends_in_scale else 1)
