"""The rows of a workbook's first sheet (xlsx: Office Open XML), as text cells.

Only what a list of goods needs: words and numbers. What a formula came to when it was saved is read, no formula run.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from crm.core.errors import Invalid
from crm.core.text import T

SIGNATURE = b"PK\x03\x04"
_MOST_BYTES = 16 * 1024 * 1024
"""Of one part, unpacked."""
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PERCENT = {"9", "10"}  # the formats 0% and 0.00%
_LETTERS = re.compile(r"[A-Z]+")
_MOST_COLUMNS = 16_384
_UNREADABLE = T("This workbook can't be read. Please save the sheet as CSV (UTF-8) and send that.")


def read_workbook(data: bytes, *, most: int) -> list[tuple[str, ...]]:
    """The first sheet's rows from the top, empty ones left out, at most so many. Raises Invalid."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            words, percent = _shared_words(parts), _percent_styles(parts)
            sheet = _part(parts, _first_sheet(parts))
            rows = (_cells(row, words, percent) for row in sheet.iter(f"{_MAIN}row"))
            return [row for _, row in zip(range(most), (row for row in rows if any(row)), strict=False)]
    except (zipfile.BadZipFile, ET.ParseError, LookupError, ValueError, ArithmeticError, OSError) as error:
        raise Invalid(_UNREADABLE) from error
    except (RuntimeError, NotImplementedError) as error:  # with a password, or packed in a way nobody uses
        raise Invalid(_UNREADABLE) from error


def _part(parts: zipfile.ZipFile, name: str) -> Element:
    with parts.open(name) as part:
        content = part.read(_MOST_BYTES + 1)
    # What was packed to burst, and a document that defines its own entities, is no list of goods.
    if len(content) > _MOST_BYTES or b"<!DOCTYPE" in content or b"\0" in content:
        raise Invalid(_UNREADABLE)
    return ET.fromstring(content)  # noqa: S314 - without a document type there are no entities to expand


def _first_sheet(parts: zipfile.ZipFile) -> str:
    sheet = _part(parts, "xl/workbook.xml").find(f".//{_MAIN}sheet")
    for relation in _part(parts, "xl/_rels/workbook.xml.rels"):
        if sheet is not None and relation.get("Id") == sheet.get(_RELATION):
            target = relation.get("Target", "")
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    raise Invalid(_UNREADABLE)


def _shared_words(parts: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in parts.namelist():
        return []
    return [_words(one) for one in _part(parts, "xl/sharedStrings.xml").iter(f"{_MAIN}si")]


def _words(holder: Element) -> str:
    """The text, also where it is written in pieces of several looks; how to read it aloud is not of it."""
    pieces = [piece for child in holder if child.tag != f"{_MAIN}rPh" for piece in child.iter(f"{_MAIN}t")]
    return "".join(piece.text or "" for piece in pieces)


def _percent_styles(parts: zipfile.ZipFile) -> set[str]:
    """The numbers of the styles that show 0.05 as 5 %."""
    if "xl/styles.xml" not in parts.namelist():
        return set()
    looks = _part(parts, "xl/styles.xml").find(f"{_MAIN}cellXfs")
    return {str(at) for at, look in enumerate(looks if looks is not None else ()) if look.get("numFmtId") in _PERCENT}


def _cells(row: Element, words: list[str], percent: set[str]) -> tuple[str, ...]:
    cells: list[str] = []
    for place, value in _placed(row, words, percent):
        cells += [""] * (place - len(cells) + 1)
        cells[place] = " ".join(value.split())
    return tuple(cells)


def _placed(row: Element, words: list[str], percent: set[str]) -> Iterator[tuple[int, str]]:
    place = -1
    for cell in row.iter(f"{_MAIN}c"):
        named = _LETTERS.match(cell.get("r", ""))
        place = place + 1 if named is None else _column(named[0])
        if place >= _MOST_COLUMNS:
            raise Invalid(_UNREADABLE)
        yield place, _value(cell, words, cell.get("s", "0") in percent)


def _value(cell: Element, words: list[str], is_percent: bool) -> str:
    kind, written = cell.get("t", "n"), cell.findtext(f"{_MAIN}v") or ""
    if kind == "inlineStr":
        inline = cell.find(f"{_MAIN}is")
        return "" if inline is None else _words(inline)
    if kind == "s":
        return words[int(written)]
    if kind != "n" or not written:
        return written
    # A number is kept as the nearest binary one: 19.1 may stand there as 19.100000000000001.
    number = Decimal(repr(float(written)))
    return f"{(number * 100).normalize():f}%" if is_percent else f"{number.normalize():f}"


def _column(letters: str) -> int:
    """`A` is 0, `AA` 26."""
    number = 0
    for letter in letters[:4]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
