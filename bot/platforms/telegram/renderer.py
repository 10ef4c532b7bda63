"""A screen as Telegram shows it: one text in HTML, and buttons under it. Pure, and never at a loss."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from bot.cards.screen import Line, Screen, Style
from bot.inbound import clean
from bot.platforms.telegram.keyboard import Link, Rows, lay_out, no_link
from bot.wording import Wording
from crm.core.text import T

TEXT_UNITS = 4096
"""Telegram's limit, in UTF-16 units of the text as it is read, markup not counted."""
_READABLE_UNITS = 300
"""Lines are not shortened below this; rather, some are left out: a line's figures stand at its end."""
_GAP_UNITS = 40
"""Room for the line that says how many."""
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
    fitting = _fit(pieces, wording)
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


def _fit(pieces: list[_Piece], wording: Wording) -> list[_Piece]:
    """Shorten the longest lines, all to one length; too many lines: the middle gives way. The prompt stays whole.

    What comes first says what this is about, what comes last what it comes to and what is asked.
    """
    budget = TEXT_UNITS - len(pieces)
    if sum(units(piece.text) for piece in pieces) <= budget:
        return pieces
    asked = [_Piece(one.style, clip(one.text, TEXT_UNITS // 2)) for one in pieces[-1:] if one.style is Style.PROMPT]
    others = pieces[: len(pieces) - len(asked)]
    room = TEXT_UNITS - sum(units(piece.text) + 2 for piece in asked)
    if _cap([units(piece.text) for piece in others], room - len(others)) < _READABLE_UNITS:
        others = _without_middle(others, room, wording)
    return [*_shortened(others, room - len(others)), *asked]


def _without_middle(pieces: list[_Piece], room: int, wording: Wording) -> list[_Piece]:
    """As many lines from both ends as there is room for, each readable, and how many are left out between them."""
    room -= _GAP_UNITS
    head: list[_Piece] = []
    tail: list[_Piece] = []
    while len(head) + len(tail) < len(pieces):
        from_end = len(tail) < len(head)
        piece = pieces[-1 - len(tail)] if from_end else pieces[len(head)]
        room -= min(units(piece.text), _READABLE_UNITS) + 1
        if room < 0:
            break
        if from_end:
            tail.insert(0, piece)
        else:
            head.append(piece)
    left = len(pieces) - len(head) - len(tail)
    gap = _Piece(Style.MUTED, wording(T("… and {count} more lines", count=left)))
    return [*head, gap, *tail]


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
