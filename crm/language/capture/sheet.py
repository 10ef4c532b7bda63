"""A message as it is taken apart: what is understood is crossed out, what is left can be read in order."""

import re
import unicodedata
from collections.abc import Iterator

HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
_ABBREVIATED = r"(?<!\bMr)(?<!\bMs)(?<!\bMrs)(?<!\bDr)(?<!\bSt)(?<!\bNo)(?<!\bCo)(?<!\bInc)(?<!\bLtd)(?<!\b[A-Za-z])"
_ABBREVIATED += r"(?<!\bSp)(?<!\bFa)(?<!\bHr)(?<!\bFr)(?<!\bca)(?<!\bSdn)(?<!\bBhd)(?<!\bPvt)(?<!\bPty)(?<!\bapprox)"
_LEGAL_BEHIND = r"(?!\s*(?i:ltd|limited|inc|llc|llp|corp|gmbh|s\.?a\b|s\.?r\.?l|s\.?l\b|plc|pty|pvt|sdn|b\.?v))"
_BREAK = re.compile(
    r"\n+"
    rf"|(?<![0-9]),{_LEGAL_BEHIND}|,(?![0-9]){_LEGAL_BEHIND}"
    r"|[;。!?|｜•·、\t]|(?<=[A-Za-z0-9])(?<!budget)(?<!Budget):\s+"
    rf"|{_ABBREVIATED}(?<![0-9])\.(?=\s|$)|(?<=[0-9])\.(?=\s+[A-Z]|\s*$)"
    r"|\s[-–—/]+\s"
    rf"|(?<=[{HAN}])\s+(?=[{HAN}])"
    r"|\s(?:and|then|und)\s+(?=(?:then |please |we |i )*(?:will |should |to )?"
    r"(?:call|ring|phone|follow|visit|meet|send|get back|wants?\b|needs?\b|has a budget|budget))"
)
_SHORTENED = re.compile(r"\b(?:Ltd|Inc|Co|Corp|Bhd|Pvt|Pty)$|\b\w\.\s?\w$")
"""Ends of names whose last dot belongs to them: Ltd., S.A., Sp. z o.o."""
_EDGES = " \t\r\n,.;:!?，。；：！？、|｜·•-–—/\\()（）[]【】<>《》\"'“”"


def plain(text: str) -> str:
    """Full-width letters, digits and marks as narrow ones, each character in its place."""
    if text.isascii():
        return text
    return "".join(map(_plain, text))


def _plain(character: str) -> str:
    if character in "、。·｜":
        return character
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character


class Sheet:
    """The text, the pieces it falls into by punctuation, and what of it has been crossed out."""

    def __init__(self, text: str) -> None:
        self.text = plain(text)
        self._gone = bytearray(len(self.text))
        self._kept: list[tuple[int, int]] = []
        self.pieces = list(_pieces(self.text))

    def cross_out(self, start: int, end: int) -> None:
        for index in range(start, end):
            self._gone[index] = 1

    def keep(self, start: int, end: int) -> None:
        """For the notes as it stands, and for nothing else."""
        self._kept.append((start, end))
        self.cross_out(start, end)

    def left(self) -> list[str]:
        """What no field took, in order: what was kept, and what was never crossed out."""
        return [self.text[start:end].strip() for start, end in sorted([*self._kept, *self.free()])]

    def is_free(self, start: int, end: int) -> bool:
        return not any(self._gone[start:end])

    def shown(self, start: int = 0, end: int | None = None) -> str:
        """What is left between two places, each crossed-out character a line break."""
        end = len(self.text) if end is None else end
        return "".join("\n" if self._gone[index] else self.text[index] for index in range(start, end))

    def runs(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The stretches between two places that are not crossed out and hold a letter or a digit."""
        for match in re.finditer(r"[^\n]+", self.shown(start, end)):
            stretch = trimmed(match[0])
            if any(character.isalnum() for character in stretch):
                first = start + match.start() + match[0].index(stretch)
                yield first, first + len(stretch)

    def free(self) -> Iterator[tuple[int, int]]:
        """What is left of every piece, in order."""
        for start, end in self.pieces:
            yield from self.runs(start, end)


def trimmed(text: str) -> str:
    """Without blanks and marks around it; a closing bracket stays with its opening one."""
    bare = text.strip(_EDGES)
    start = text.find(bare)
    behind, before = text[start + len(bare) :], text[:start]
    if behind[:1] in {")", "）"} and bare.count("(") + bare.count("（") > bare.count(")") + bare.count("）"):
        bare += behind[0]
    elif behind[:1] == "." and _SHORTENED.search(bare):
        bare += "."
    elif before[-1:] in {"(", "（"} and bare.count(")") + bare.count("）") > bare.count("(") + bare.count("（"):
        bare = before[-1] + bare
    return bare


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _BREAK.finditer(text):
        if text[start : match.start()].strip():
            yield start, match.start()
        start = match.end()
    if text[start:].strip():
        yield start, len(text)
