"""Cuts a folded text into the words of dates and times; what is none of them stays as a word or a mark."""

import re
from dataclasses import dataclass

from crm.language.dating.vocabulary import LONGEST_HAN, NUMBER_WORDS, ORDINALS, PHRASES, TABLE
from crm.language.numerals import HAN_NUMERALS, scan_han, scan_numeral

_SPACE = re.compile(r"\s+")
_MERIDIEM = re.compile(r"([ap])(?:\s?\.)?\s?m(?![a-z])(?:\s?\.)?")
_MERIDIEM_LETTER = re.compile(r"([ap])(?![a-z])\.?")
_ORDINAL_DIGITS = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)(?![a-z])")
_DIGITS = re.compile(r"[0-9]+")
_WORD = re.compile(r"o'clock|[a-z]+")
_ORDINAL_TAIL = re.compile(r"[ -](first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)(?![a-z])")
_PHRASE = re.compile(rf"(?:{'|'.join(map(re.escape, PHRASES))})(?![a-z])")
_ISH = re.compile(r"ish(?![a-z])")
_GLUED = frozenset({"h", "t", "ish", "min", "mins", "hr", "hrs", "days", "day", "weeks", "week", "d", "w"})


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is a name of the vocabulary, `num` (digits, Chinese or English), `word`, or the mark itself."""

    kind: str
    value: int | str
    start: int
    end: int
    text: str

    @property
    def number(self) -> int:
        return self.value if isinstance(self.value, int) else 0


def tokenise(text: str) -> tuple[Token, ...]:
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        if space := _SPACE.match(text, at):
            at = space.end()
            continue
        kind, value, end = _token_at(text, at, tokens[-1] if tokens else None)
        tokens.append(Token(kind=kind, value=value, start=at, end=end, text=text[at:end]))
        at = end
    return tuple(tokens)


def _token_at(text: str, at: int, previous: Token | None) -> tuple[str, int | str, int]:
    character = text[at]
    behind_number = previous is not None and previous.kind in {"num", "ord", "oclock", "ish"}
    if "0" <= character <= "9":
        return _digits(text, at, previous)
    if "a" <= character <= "z":
        if behind_number and (match := _MERIDIEM.match(text, at)):
            return "ampm", match[1], match.end()
        if behind_number and previous is not None and previous.end == at:
            if match := _MERIDIEM_LETTER.match(text, at):
                return "ampm", match[1], match.end()
            if match := _ISH.match(text, at):
                return "ish", "ish", match.end()
        return _word(text, at)
    if "\u4e00" <= character <= "\u9fff" or character == "〇":
        return _han(text, at)
    return (*TABLE.get(character, (character, character)), at + 1)


def _digits(text: str, at: int, previous: Token | None) -> tuple[str, int | str, int]:
    if match := _ORDINAL_DIGITS.match(text, at):
        return "ord", int(match[1]), match.end()
    match = _DIGITS.match(text, at)
    end = match.end() if match else at + 1
    glued = (
        previous is not None
        and previous.end == at
        and previous.kind in {"word", "_"}
        and previous.text.isascii()
        and previous.text != "t"  # 2026-12-25T08:00
    )
    tail = _WORD.match(text, end)
    if tail is not None and tail[0] not in _GLUED and tail[0] not in TABLE and not _MERIDIEM_LETTER.match(text, end):
        glued = glued or not _MERIDIEM.match(text, end)
    if glued or end - at > 8:
        return "word", text[at:end], end
    return "num", int(text[at:end]), end


def _word(text: str, at: int) -> tuple[str, int | str, int]:
    match = _WORD.match(text, at)
    end = match.end() if match else at + 1
    word = text[at:end]
    if phrase := _PHRASE.match(text, at):
        return (*TABLE[phrase[0]], phrase.end())
    if word in NUMBER_WORDS:
        numeral = scan_numeral(text, at)
        if numeral is not None and numeral.value == int(numeral.value):
            value = int(numeral.value)
            tail = _ORDINAL_TAIL.match(text, numeral.end)
            if tail is not None and value in {20, 30}:
                return "ord", value + ORDINALS[tail[1]], tail.end()
            return "num", value, numeral.end
    known = TABLE.get(word)
    return (*known, end) if known is not None else ("word", word, end)


def _behind_numerals(text: str, at: int) -> int:
    while at < len(text) and text[at] in HAN_NUMERALS:
        at += 1
    return at


def _han(text: str, at: int) -> tuple[str, int | str, int]:
    for length in range(min(LONGEST_HAN, len(text) - at), 0, -1):
        word = text[at : at + length]
        if word in TABLE and not (length == 1 and word in HAN_NUMERALS):
            return (*TABLE[word], at + length)
    if text[at] in HAN_NUMERALS:
        numeral = scan_han(text, at, decimals=False)
        if numeral is not None and numeral.value == int(numeral.value) and numeral.value < 10_000:
            return "num", int(numeral.value), numeral.end
        return "word", text[at], _behind_numerals(text, at) if numeral is None else numeral.end
    return "word", text[at], at + 1
