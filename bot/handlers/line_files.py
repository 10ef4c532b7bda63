"""A table dropped where the lines of an order or a quote are asked for: its rows become the lines."""

from collections.abc import Sequence
from pathlib import Path

from bot.conversations.order_lines import COLUMNS, MOST
from bot.handlers import guided
from bot.request import Reply, Request
from crm.exchange.headers import is_known
from crm.exchange.sheets import read_sheet
from crm.exchange.workbooks import SIGNATURE, read_workbook

_TABLES = {".csv", ".tsv", ".xlsx"}


def take_lines(request: Request, *, content: bytes, name: str) -> Reply | None:
    """The lines in the file, taken as if they were pasted; None where it is no table, or no lines are asked for.

    Raises Invalid for a table that cannot be read.
    """
    session = request.session
    if session is None or session.as_form or Path(name).suffix.casefold() not in _TABLES:
        return None
    if not guided.takes_lines(session):
        return None
    rows = _rows(content)
    # A tab or a line break within a cell would begin another.
    text = "\n".join("\t".join([*(" ".join(cell.split()) for cell in row), "", ""]) for row in rows)
    return guided.answer(request, session, text)


def _rows(content: bytes) -> Sequence[Sequence[str]]:
    if content.startswith(SIGNATURE):
        return read_workbook(content, most=MOST + 2)  # its heads, and one more to see that there are too many
    sheet = read_sheet(content, is_known=lambda header: is_known(COLUMNS, header))
    return [sheet.headers, *(row.cells for row in sheet.rows[: MOST + 1])]
