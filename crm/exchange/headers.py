"""Which column of a file holds what: headers matched with declared synonyms, Chinese and English."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crm.core.text import Text

_IN_BRACKETS = re.compile(r"[(\[（【][^)\]）】]*[)\]）】]")


@dataclass(frozen=True, slots=True)
class Column:
    """Something a file may tell. `synonyms`: headers for it, separated by blanks, the likeliest first."""

    key: str
    label: Text
    synonyms: str
    is_needed: bool = False

    def forms(self) -> list[str]:
        return [_plain(form) for form in self.synonyms.split()]


@dataclass(frozen=True, slots=True)
class Matched:
    """`places`: where in a row each column stands, by its key; `unread`: headers that mean nothing here."""

    places: dict[str, int]
    unread: list[str]

    def told(self, cells: Sequence[str]) -> dict[str, str]:
        """What a row tells, by column; empty cells tell nothing."""
        return {key: cells[place] for key, place in self.places.items() if place < len(cells) and cells[place]}


def match_headers(columns: Iterable[Column], headers: Sequence[str]) -> Matched:
    """Find each column's header: letter case, blanks, signs and what stands in brackets do not matter.

    Where several headers fit one column the likeliest synonym wins; a header goes to the first column it fits.
    """
    where: dict[str, int] = {}
    for place, header in enumerate(headers):
        for form in (_plain(header), _plain(_IN_BRACKETS.sub("", header))):
            if form:
                where.setdefault(form, place)
    places: dict[str, int] = {}
    for column in columns:
        free = (where[form] for form in column.forms() if form in where and where[form] not in places.values())
        found = next(free, None)
        if found is not None:
            places[column.key] = found
    unread = [header for place, header in enumerate(headers) if header and place not in places.values()]
    return Matched(places=places, unread=unread)


def is_known(columns: Iterable[Column], header: str) -> bool:
    """Whether a header means any of these columns."""
    return bool(match_headers(columns, [header]).places)


def _plain(header: str) -> str:
    folded = unicodedata.normalize("NFKC", header).casefold()
    return "".join(character for character in folded if character.isalnum())
