"""A screen as Telegram shows it: one text in HTML, and buttons under it. Pure, and never at a loss."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from bot.cards.screen import Line, Screen, Style
from bot.inbound import clean
from bot.platforms.telegram.keyboard import Link, Rows, lay_out, no_link
from bot.wording import Wording

TEXT_UNITS = 4096
"""Telegram's limit, in UTF-16 units of the text as it is read, markup not counted."""
_LEAST_UNITS = 24
"""A line is not shortened below this; rather, lines are left out."""
_TAGS = {Style.TITLE: "b", Style.MUTED: "i", Style.PROMPT: "b", Style.COPY: "pre"}
_NOTHING = "…"
"""What is sent where there is nothing to read: Telegram refuses an empty message."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """`text` is HTML; `buttons` are the rows of the inline keyboard."""

    text: str
    buttons: Rows = ()


@dataclass(frozen=True, slots=True)
class _Piece:
    """One line, already in the reader's words."""

    style: Style
    text: str

    def html(self) -> str:
        escaped = escape(self.text, quote=False)
        tag = _TAGS.get(self.style)
        return f"<{tag}>{escaped}</{tag}>" if tag and self.text.strip() else escaped


def render(screen: Screen, wording: Wording, sign: Callable[[str], str], link: Link = no_link) -> Drawn:
    """Draw a screen for one reader. `sign` turns a button's action into its key; a form is left to other doors.

    `link` gives the address that a button opens instead of calling back, where it has one.
    """
    pieces = [_Piece(line.style, _words(line, wording)) for line in screen.lines]
    fitting = _fit(pieces)
    if not any(_is_read(piece.text) for piece in fitting):
        fitting = [_Piece(Style.BODY, _NOTHING)]
    lines = [piece.html() for piece in fitting]
    if len(fitting) > 1 and fitting[-1].style is Style.PROMPT:
        lines[-1] = "\n" + lines[-1]
    return Drawn("\n".join(lines), lay_out(screen.rows, wording, sign, link))


def units(text: str) -> int:
    """The length as Telegram counts it: UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def clip(text: str, most: int) -> str:
    """At most so many UTF-16 units, the last one an ellipsis where something was cut off."""
    if units(text) <= most:
        return text
    # A pair cut in two leaves half a character, which is dropped.
    kept = text.encode("utf-16-le")[: 2 * (most - 1)].decode("utf-16-le", "ignore")
    return kept.rstrip() + "…"


def _words(line: Line, wording: Wording) -> str:
    text = clean(wording(line.words))
    match line.style:
        case Style.FIELD if line.label is not None:
            colon = "：" if wording.language == "zh_CN" else ": "
            return f"{clean(wording(line.label))}{colon}{text}"
        case Style.PROBLEM:
            return f"⚠️ {text}"
    return text


def _fit(pieces: list[_Piece]) -> list[_Piece]:
    """Shorten the longest lines, all to one length; the prompt stays whole. Too many lines: some go."""
    budget = TEXT_UNITS - len(pieces)
    if sum(units(piece.text) for piece in pieces) <= budget:
        return pieces
    most = TEXT_UNITS // (2 * (_LEAST_UNITS + 1))
    if len(pieces) > most:
        # What comes first says what this is about, what comes last is what is asked.
        pieces = [*pieces[: most - 2], _Piece(Style.MUTED, "…"), pieces[-1]]
        budget = TEXT_UNITS - len(pieces)
    *others, last = pieces
    if last.style is Style.PROMPT:
        asked = _Piece(last.style, clip(last.text, budget - _LEAST_UNITS * len(others)))
        return [*_shortened(others, budget - units(asked.text)), asked]
    return _shortened(pieces, budget)


def _shortened(pieces: list[_Piece], budget: int) -> list[_Piece]:
    cap = _cap([units(piece.text) for piece in pieces], budget)
    return [_Piece(piece.style, clip(piece.text, cap)) for piece in pieces]


def _cap(lengths: list[int], budget: int) -> int:
    """The length to which the longest have to be cut so that all together keep to the budget."""
    left = budget
    for done, length in enumerate(sorted(lengths)):
        share = left // (len(lengths) - done)
        if length > share:
            return share
        left -= length
    return budget


def _is_read(text: str) -> bool:
    """Whether anything of it is seen: Telegram trims the rest, and then finds the message empty."""
    return any(character.isprintable() and not character.isspace() for character in text)
