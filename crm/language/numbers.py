"""Reads a plain number."""

from dataclasses import dataclass
from decimal import Decimal

from crm.language.folding import fold
from crm.language.numerals import find_numerals

_MINUS_SIGNS = ("-", "minus", "negative", "负")


@dataclass(frozen=True, slots=True)
class NumberReading:
    value: Decimal
    span: tuple[int, int]  # what part of the text as typed was read


def read_number(text: str, *, whole: bool = False) -> NumberReading | None:
    """The first number in the text: `1,200.50`, `1.200,50`, `12.5k`, `30万`, `三千五`, `two thousand`.

    A sign counts where it cannot be a hyphen. More than 15 integer digits, or an exponent, is no number.
    With `whole` nothing but the number may stand in the text.
    """
    folded = fold(text)
    for numeral in find_numerals(folded.text):
        sign_at = minus_before(folded.text, numeral.start)
        start = numeral.start if sign_at is None else sign_at
        if whole and not is_all(folded.text, start, numeral.end):
            return None
        value = numeral.value if sign_at is None else -numeral.value
        return NumberReading(value=value, span=folded.span(start, numeral.end))
    return None


def minus_before(text: str, start: int) -> int | None:
    """Where the minus sign before `start` begins; a hyphen between two things (`30 - 50`, `A-5`) is none."""
    ahead = max(0, start - 12)
    before = text[ahead:start].rstrip()
    for sign in _MINUS_SIGNS:
        if before.endswith(sign):
            left = before[: -len(sign)]
            joins = left.strip() and (not left[-1].isspace() or text[start - 1].isspace())
            return None if joins and left.rstrip()[-1] not in "([{:;,=" else ahead + len(left)
    return None


def is_all(text: str, start: int, end: int) -> bool:
    """Only white space stands before `start` and behind `end`."""
    return not text[:start].strip() and not text[end:].strip()
