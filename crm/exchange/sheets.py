"""A table of text out of a CSV file: whatever its encoding and its delimiter."""

import codecs
import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from crm.core.errors import Invalid
from crm.core.text import T

MOST_BYTES = 64 * 1024 * 1024

_HEAD_BYTES = 64 * 1024
_DELIMITERS = (",", ";", "\t")
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_WITHOUT_MARK = ("utf-8", "gb18030")  # in this order: GBK takes nearly any bytes for text, UTF-8 does not
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # xlsx, xls


@dataclass(frozen=True, slots=True)
class SheetRow:
    """`line`: where it begins in the file, counted from 1. Cells as they stand there, spaces around them gone."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    headers: tuple[str, ...]
    rows: tuple[SheetRow, ...]


def read_sheet(data: bytes, *, is_known: Callable[[str], bool], most: int | None = None) -> Sheet:
    """The header line and the rows below it; empty rows are left out.

    Of comma, semicolon and tab the delimiter is the one that yields most headers for which `is_known` is true.
    Raises Invalid for what is no text table, and where there are more than `most` rows.
    """
    headers, rows = _read(data, is_known)
    kept = tuple(rows if most is None else islice(rows, most + 1))
    if most is not None and len(kept) > most:
        raise Invalid(T("The table has more than {most} rows; import it with: tradewind import FILE", most=most))
    return Sheet(headers=headers, rows=kept)


def read_headers(data: bytes, *, is_known: Callable[[str], bool]) -> tuple[str, ...]:
    """The header line alone, however long the table is; see `read_sheet`."""
    return _read(_head(data), is_known)[0]


def _read(data: bytes, is_known: Callable[[str], bool]) -> tuple[tuple[str, ...], Iterator[SheetRow]]:
    """The headers, and the rows yet to be read."""
    text = _decode(data)
    delimiter = max(_DELIMITERS, key=lambda one: _promise(text, one, is_known))
    rows = _rows(text, delimiter)
    first = next(rows, None)
    if first is None:
        raise Invalid(T("The file has no rows."))
    return first.cells, rows


def _head(data: bytes) -> bytes:
    """The first lines of a long table. (A line's end is one byte in UTF-8 and GBK, and part of no character.)"""
    end = data.rfind(b"\n", 0, _HEAD_BYTES)
    is_wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data if is_wide or end < 0 or len(data) <= _HEAD_BYTES else data[: end + 1]


def _decode(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise Invalid(T("The file is larger than {most} MB. Please split it.", most=MOST_BYTES // 1024 // 1024))
    if data.startswith(_WORKBOOKS):
        raise Invalid(T("This is a workbook. Please save the sheet as CSV (UTF-8) and import that."))
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _readable(data.removeprefix(mark), (encoding,))
    return _readable(data, _WITHOUT_MARK)


def _readable(data: bytes, encodings: tuple[str, ...]) -> str:
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Invalid(T("The file is no text in UTF-8 or GBK. Please save it as CSV (UTF-8)."))


def _promise(text: str, delimiter: str, is_known: Callable[[str], bool]) -> tuple[int, int]:
    try:
        headers = next(_rows(text, delimiter), SheetRow(1, ())).cells
    except Invalid:
        return 0, 0
    return sum(map(is_known, headers)), len(headers)


def _rows(text: str, delimiter: str) -> Iterator[SheetRow]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            cells = tuple(cell.strip() for cell in next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            raise Invalid(
                T("Line {line} can't be read. Is a quotation mark missing or left over there?", line=line)
            ) from error
        if any(cells):
            yield SheetRow(line, cells)
        line = reader.line_num + 1
