"""Workbooks as spreadsheet programs save them, as small as they can be."""

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STYLES = f'<styleSheet xmlns="{_MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="9"/></cellXfs></styleSheet>'
PERCENT = "1"
"""The style of a cell that shows 0.05 as 5 %."""


def workbook(rows: Sequence[Sequence[str | float | None]], *, sheet: str = "", percent_column: int = -1) -> bytes:
    """Words are shared, numbers as they are, None left out. `sheet`: the sheet's own XML instead."""
    shared: list[str] = []
    written = "".join(_row(number, row, shared, percent_column) for number, row in enumerate(rows, start=1))
    words = "".join(f"<si><t>{escape(one)}</t></si>" for one in shared)
    relation = f'<Relationship Id="rId7" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="Order" sheetId="1" r:id="rId7"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": "<Relationships "
        f'xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relation}</Relationships>',
        "xl/styles.xml": _STYLES,
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">{words}</sst>',
        "xl/worksheets/sheet1.xml": sheet or f'<worksheet xmlns="{_MAIN}"><sheetData>{written}</sheetData></worksheet>',
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return packed.getvalue()


def _row(number: int, row: Sequence[str | float | None], shared: list[str], percent_column: int) -> str:
    cells = ""
    for at, value in enumerate(row):
        place = f"{chr(ord('A') + at)}{number}"
        if isinstance(value, str):
            shared.append(value)
            cells += f'<c r="{place}" t="s"><v>{len(shared) - 1}</v></c>'
        elif value is not None:
            style = f' s="{PERCENT}"' if at == percent_column and number > 1 else ""
            cells += f'<c r="{place}"{style}><v>{value!r}</v></c>'
    return f'<row r="{number}">{cells}</row>'
