"""A workbook's first sheet as rows of text."""

import pytest

from crm.core.errors import Invalid
from crm.exchange.workbooks import read_workbook
from tests.crm.exchange.making_workbooks import workbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def test_words_and_numbers_where_they_stand() -> None:
    data = workbook([["品名", "Qty", "", "Off"], [None, None], ["Chai\n茶", 500, None, 0.05]], percent_column=3)
    assert read_workbook(data, most=10) == [("品名", "Qty", "", "Off"), ("Chai 茶", "500", "", "5%")]


@pytest.mark.parametrize(("written", "read"), [(19.100000000000001, "19.1"), (1e3, "1000"), (0.5, "0.5"), (12, "12")])
def test_numbers_as_people_wrote_them(written: float, read: str) -> None:
    assert read_workbook(workbook([[written]]), most=1) == [(read,)]


def test_words_in_pieces_inline_and_out_of_formulas() -> None:
    cells = (
        '<c t="inlineStr"><is><r><t>LED </t></r><r><t>panel</t></r><rPh sb="0" eb="1"><t>x</t></rPh></is></c>'
        '<c t="str"><f>A1&amp;"!"</f><v>LED panel!</v></c><c t="b"><v>1</v></c><c/>'
    )
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData><row>{cells}</row></sheetData></worksheet>'
    assert read_workbook(workbook([], sheet=sheet), most=5) == [("LED panel", "LED panel!", "1", "")]


def test_no_more_rows_than_asked_for() -> None:
    assert read_workbook(workbook([[n] for n in range(1, 9)]), most=3) == [("1",), ("2",), ("3",)]


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04 and no more",
        workbook([], sheet="<worksheet"),
        workbook([], sheet=f'<!DOCTYPE w [<!ENTITY a "aaaa">]><worksheet xmlns="{MAIN}">&a;</worksheet>'),
        workbook([], sheet=f'<worksheet xmlns="{MAIN}"><row><c t="s"><v>77</v></c></row></worksheet>'),
        workbook([], sheet=f'<worksheet xmlns="{MAIN}"><row><c><v>x</v></c></row></worksheet>'),
        workbook([], sheet=f'<worksheet xmlns="{MAIN}"><row><c r="ZZZZ1"><v>1</v></c></row></worksheet>'),
        workbook([], sheet=" " * (17 * 1024 * 1024)),
    ],
)
def test_what_is_no_list_of_goods_is_refused_in_one_sentence(data: bytes) -> None:
    with pytest.raises(Invalid, match="save the sheet as CSV"):
        read_workbook(data, most=5)
