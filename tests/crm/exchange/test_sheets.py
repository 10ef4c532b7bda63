"""Tables out of files as offices write them: encodings, delimiters, quotes; and what is no table."""

import pytest

from crm.core.errors import Invalid
from crm.core.text import T
from crm.exchange.headers import Column, is_known, match_headers
from crm.exchange.sheets import Sheet, read_headers, read_sheet

COLUMNS = (Column("name", T("Name"), "companyname company 公司名称"), Column("notes", T("Notes"), "notes 备注"))


def read(data: bytes) -> Sheet:
    return read_sheet(data, is_known=lambda header: is_known(COLUMNS, header))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_whatever_the_office_saved_it_as(encoding: str, delimiter: str, newline: str) -> None:
    lines = [delimiter.join(row) for row in (["公司名称", "备注"], ["万通贸易", "灯，锅"], ["中国重汽", "x"])]
    sheet = read((newline.join(lines) + newline).encode(encoding))
    assert sheet.headers == ("公司名称", "备注")
    assert [row.cells for row in sheet.rows] == [("万通贸易", "灯，锅"), ("中国重汽", "x")]


def test_the_delimiter_is_the_one_that_makes_known_headers() -> None:
    assert read(b'Company;"Notes";A,B,C,D\nx;y;z\n').headers == ("Company", "Notes", "A,B,C,D")


def test_quotes_keep_delimiters_and_line_ends_and_lines_are_counted_as_in_the_file() -> None:
    sheet = read(b'Company,Notes\n\n"A, ""the"" B","one\ntwo"\n , \nC,\n')
    assert [(row.line, row.cells) for row in sheet.rows] == [(3, ('A, "the" B', "one\ntwo")), (6, ("C", ""))]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b"PK\x03\x04 a workbook",
        b"Company\nx\x00y\n",
        b"\xff\xff\xff\xff",
        b'Company,Notes\n"A,b\nC,d\n',
        b'Company,Notes\n"A"b,c\n',
        b"Company\n" + b'"' + b"x" * 200_000 + b'"\n',
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(Invalid):
        read(data)


@pytest.mark.parametrize(
    "header",
    ["CompanyName", "company_name", "COMPANY NAME *", "Company", "公司名称（必填）", "公司名称", " company-name "],
)
def test_headers_match_whatever_their_letter_case_signs_and_brackets(header: str) -> None:
    assert match_headers(COLUMNS, ["x", header]).places == {"name": 1}


def test_of_several_headers_for_a_column_the_likeliest_is_read_and_the_rest_named() -> None:
    matched = match_headers(COLUMNS, ["Company", "Fax", "Company name", "", "Notes"])
    assert (matched.places, matched.unread) == ({"name": 2, "notes": 4}, ["Company", "Fax"])
    assert matched.told(["a", "b", "c"]) == {"name": "c"}
    assert matched.told(["a", "b", "c", "d", ""]) == {"name": "c"}


def test_no_more_rows_than_are_wanted() -> None:
    table = b"Company,Notes\nA,\n\nB,\n"
    assert len(read_sheet(table, is_known=bool, most=2).rows) == 2
    with pytest.raises(Invalid):
        read_sheet(table, is_known=bool, most=1)


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "utf-16"])
def test_the_headers_of_a_long_table_are_had_from_its_beginning(encoding: str) -> None:
    table = ("公司名称,备注\n" + "万通贸易,灯\n" * 20_000).encode(encoding)
    assert read_headers(table, is_known=bool) == ("公司名称", "备注")


def test_what_follows_the_headers_is_not_looked_at_for_them() -> None:
    table = b"Company,Notes\n" + b"A,B\n" * 20_000 + b'"never closed'
    assert read_headers(table, is_known=bool) == ("Company", "Notes")
    assert read_headers(table + b"\xff\xff", is_known=bool) == ("Company", "Notes")
