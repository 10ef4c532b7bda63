"""One normal form for what people type, with the way back to the characters as typed."""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# A message of a chat platform has 4,096 characters; what lies beyond this is not read at all.
READ_LIMIT = 12_000

# Traditional forms that occur in dates, numbers, units and amounts, and dashes and quotes of every kind.
_SAME_AS = str.maketrans(
    {
        **dict(
            zip(
                "負週點號禮個後這兩萬億當時鐘間從國慶節聖誕飯農曆過現見雙張條隻臺噸幣圓塊盧錢貳參陸叄聽歲對內紙開",
                "负周点号礼个后这两万亿当时钟间从国庆节圣诞饭农历过现见双张条只台吨币元块卢钱贰叁陆叁听岁对内纸开",
                strict=True,
            )
        ),
        "\u2044": "/",
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2212": "-",
        "\u2018": "'",
        "\u2019": "'",
        "\u301c": "~",
    }
)
# Marks that are drawn as nothing: byte order mark, zero-width characters, direction marks, soft hyphen.
_INVISIBLE = frozenset("\ufeff\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u00ad")


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` is what readers look at; `span` tells which characters of the original a piece of it stands for."""

    text: str
    origin: tuple[int, ...] | None  # index in the original of each character of `text`; None = the same
    original: str

    def span(self, start: int, end: int) -> tuple[int, int]:
        if self.origin is None or end <= start:
            return start, end
        return self.origin[start], self.origin[end - 1] + 1

    def typed(self, start: int, end: int) -> str:
        """The characters as typed behind a piece of the folded text."""
        first, last = self.span(start, end)
        return self.original[first:last]


def fold(text: str) -> Folded:
    """Lower case, compatibility forms (NFKC) and traditional characters made plain, invisible marks dropped."""
    text = text[:READ_LIMIT]
    if text.isascii():
        return Folded(text=text.lower(), origin=None, original=text)
    pieces: list[str] = []
    origin: list[int] = []
    for index, character in enumerate(text):
        plain = _fold_character(character)
        pieces.append(plain)
        origin.extend([index] * len(plain))
    return Folded(text="".join(pieces), origin=tuple(origin), original=text)


@lru_cache(maxsize=8192)
def _fold_character(character: str) -> str:
    if character in _INVISIBLE:
        return ""
    return unicodedata.normalize("NFKC", character).lower().translate(_SAME_AS)
