"""Reads a discount as people give it: per cent off, or the Chinese 折, which names what is left to pay."""

import re
from dataclasses import dataclass
from decimal import Decimal

from crm.language.folding import Folded, fold
from crm.language.numbers import is_all, minus_before
from crm.language.numerals import HAN_DIGITS, Numeral, find_numerals

_ZHE = re.compile(r"\s?折")
_PERCENT = re.compile(r"\s?(?:%|percent\b|per cent\b|pct\b|个百分点|个点|点)(?:\s?(?:off|discount|优惠|折扣))?")
_AHEAD = re.compile(r"(?:打|享|优惠|折扣|减|让利?|降|discount|less|minus|off|of|[:：]|\s)*\Z")
_PARTS_OF_HUNDRED = re.compile(r"百分之")
_HALF = re.compile(r"\s*(?:半价|对折|half price|half off)\s*\Z")
_NONE = re.compile(r"\s*(?:无|没有|不打折|无折扣|无优惠|原价|none|no discount|no|nil)\s*\Z")


@dataclass(frozen=True, slots=True)
class DiscountReading:
    percent: Decimal  # off the price, 0 to 100
    span: tuple[int, int]


def read_discount(text: str, *, whole: bool = True) -> DiscountReading | None:
    """Per cent off: `5` and `5%` are 5, `9折` is 10, `95折` and `九五折` are 5, `8.5折` is 15.

    Without `whole` the first one with a sign (%, 折) in the text. Outside 0 to 100 is None.
    """
    folded = fold(text)
    everything = folded.span(0, len(folded.text))
    if _HALF.match(folded.text):
        return DiscountReading(percent=Decimal(50), span=everything)
    if _NONE.match(folded.text):
        return DiscountReading(percent=Decimal(0), span=everything)
    for numeral in find_numerals(folded.text):
        reading = _discount(folded, numeral, whole=whole)
        if reading is not None or whole:
            return reading
    return None


def _discount(folded: Folded, numeral: Numeral, *, whole: bool) -> DiscountReading | None:
    text = folded.text
    start, end = numeral.start, numeral.end
    if minus_before(text, start) is not None:
        return None
    percent: Decimal | None
    if zhe := _ZHE.match(text, end):
        percent, end = _off_from_zhe(numeral.value, text[start:end]), zhe.end()
    elif sign := _PERCENT.match(text, end):
        percent, end = numeral.value, sign.end()
    elif _PARTS_OF_HUNDRED.match(text, max(0, start - 3)):
        percent, start = numeral.value, start - 3
    elif whole:
        percent = numeral.value
    else:
        return None
    ahead = text[max(0, start - 30) : start]
    if whole and not (is_all(text, start - len(ahead), end) and _AHEAD.match(ahead)):
        return None
    if percent is None or not 0 <= percent <= 100:
        return None
    return DiscountReading(percent=percent, span=folded.span(start, end))


def _off_from_zhe(value: Decimal, written: str) -> Decimal | None:
    """9折 pays 90 %, 95折 pays 95 %, 10折 pays all; 八五折 is written digit by digit."""
    if not 0 < value < 100:
        return None
    by_digit = len(written) == 2 and all(character in HAN_DIGITS for character in written)
    paid = value * 10 if value <= 10 and not by_digit else value
    return 100 - paid
