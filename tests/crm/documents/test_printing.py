"""Papers as a customer gets them: what stands on them, on how many pages, with whatever people typed."""

import io
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from crm.core.rules import shipped
from crm.documents import Bank, PackedLine, PackingList, Party, Sheet, SheetLine, bank, print_sheet, seller

CHAI = SheetLine(
    sku="NW-1",
    name="Chai",
    name_zh="印度茶",
    quantity=Decimal(2000),
    unit="boxes",
    unit_price=Decimal("12.625"),
    amount=Decimal("23987.50"),
    discount=Decimal(5),
)
QUOTE = Sheet(
    kind="quote",
    number="Q-2026-0035",
    day=date(2026, 3, 2),
    seller=Party(name="Bright Horizon Ltd.", name_zh="明景贸易有限公司", email="sales@horizon.example"),
    buyer=Party(name="Ernst Handel", contact="Hans Müller", country="Austria"),
    currency="USD",
    lines=(CHAI,),
    total=Decimal("23987.50"),
    price_terms="FOB Ningbo (Incoterms® 2020)",
    valid_until=date(2026, 4, 1),
    notes="Samples free of charge.\n含木箱包装。",
    bank=Bank(name="Bank of China", account="4012 3456"),
)

GOODS = PackedLine(sku="NW-1", name="Chai", name_zh="印度茶", quantity=Decimal(1200), unit="boxes")
PACKED = PackingList(
    number="PL-2026-0031-1",
    day=date(2026, 3, 2),
    seller=QUOTE.seller,
    buyer=Party(name="Ernst Handel", country="Austria"),
    lines=(GOODS,),
    reference="SO-2026-0031",
    extra=(("Carrier", "承运商", "MSC"), ("Packing and marks", "包装唛头", "木箱\nE.H. 1/40")),
)


def pages(sheet: Sheet | PackingList) -> list[str]:
    """The text of each page, without the blanks a layout puts anywhere."""
    reader = PdfReader(io.BytesIO(print_sheet(sheet)))
    return [re.sub(r"\s+", "", page.extract_text()) for page in reader.pages]


def text(sheet: Sheet | PackingList) -> str:
    return "".join(pages(sheet))


def test_a_quote_says_what_is_offered_in_both_languages() -> None:
    shown = text(QUOTE)
    for told in ("QUOTATION", "报价单", "Q-2026-0035", "2026-03-02", "2026-04-01", "明景贸易有限公司", "HansMüller"):
        assert told in shown
    for told in (
        "Chai",
        "印度茶",
        "2,000boxes",
        "12.625",
        "5%",
        "23,987.50",
        "USD23,987.50",
        "FOBNingbo",
        "含木箱包装",
    ):
        assert told in shown
    assert "BankofChina" not in shown  # nobody pays on a quote
    assert "Signature" not in shown


def test_a_contract_is_signed_and_an_invoice_says_where_to_pay() -> None:
    contract = text(replace(QUOTE, kind="contract", valid_until=None, reference="PO-77"))
    for told in ("SALESCONTRACT", "销售合同", "PO-77", "Signatureandstamp签字盖章", "TheBuyer买方", "BankofChina"):
        assert told in contract
    invoice = text(replace(QUOTE, kind="proforma"))
    assert "PROFORMAINVOICE" in invoice
    assert "形式发票" in invoice
    assert "40123456" in invoice


def test_a_confirmation_is_signed_by_both_and_says_where_to_pay() -> None:
    shown = text(replace(QUOTE, kind="confirmation", valid_until=None))
    for told in ("ORDERCONFIRMATION", "订单确认书", "现确认订单如下", "USD23,987.50", "BankofChina", "TheBuyer买方"):
        assert told in shown


def test_a_packing_list_says_what_left_and_has_no_place_for_prices() -> None:
    shown = text(PACKED)
    for told in (
        "PACKINGLIST",
        "装箱单",
        "PL-2026-0031-1",
        "SO-2026-0031",
        "印度茶",
        "1,200boxes",
        "承运商",
        "E.H.1/40",
    ):
        assert told in shown
    assert "Total合计1,200boxes" in shown
    for priced in ("Unitprice", "Amount", "单价", "金额", "Currency", "BankofChina"):
        assert priced not in shown
    metres = replace(GOODS, quantity=Decimal("2.5"), unit="m")
    assert "Total" not in text(replace(PACKED, lines=(GOODS, metres)))  # they do not add up


def test_a_discount_has_its_column_only_where_there_is_one() -> None:
    plain = replace(CHAI, discount=Decimal(0), amount=Decimal(25250))
    assert "Discount" not in text(replace(QUOTE, lines=(plain,)))
    assert "−50.00" in text(replace(QUOTE, lines=(plain, replace(plain, discount_sum=Decimal(50)))))


def test_a_version_is_named_from_the_second_on() -> None:
    assert "(v" not in text(QUOTE)
    assert "Q-2026-0035(v3)" in text(replace(QUOTE, version=3))


@pytest.mark.parametrize(
    ("currency", "shown"), [("JPY", "JPY23,988"), ("KWD", "KWD23,987.500"), ("CNY", "CNY23,987.50")]
)
def test_amounts_have_their_currencys_decimals(currency: str, shown: str) -> None:
    total = Decimal("23987.50") if currency != "JPY" else Decimal(23988)
    assert shown in text(replace(QUOTE, currency=currency, total=total))


def test_thirty_lines_fill_pages_with_numbers_heads_and_every_line() -> None:
    lines = tuple(replace(CHAI, sku=f"SKU-{n:03}", name="A long name of a product " * 3) for n in range(30))
    shown = pages(replace(QUOTE, lines=lines))
    assert len(shown) >= 2
    for number, page in enumerate(shown, 1):
        assert f"第{number}/{len(shown)}页" in page
        assert "Q-2026-0035" in page
    assert re.findall(r"SKU-\d{3}", "".join(shown)) == [line.sku for line in lines]
    assert all("Description" in page for page in shown if "SKU-" in page)


def test_what_people_typed_is_no_markup() -> None:
    odd = '#panic("x") $ * _ ` <a> @b \\ [c] {d} "e" // f'
    shown = text(replace(QUOTE, notes=odd, buyer=replace(QUOTE.buyer, name=odd)))
    assert shown.count(re.sub(r"\s+", "", odd)) == 2


def test_a_word_too_long_for_its_place_breaks_and_stays_on_the_page() -> None:
    longest = "X" * 400
    document = PdfReader(io.BytesIO(print_sheet(replace(QUOTE, lines=(replace(CHAI, name=longest),)))))
    right = float(document.pages[0].mediabox.right)
    reached: list[float] = []

    def note(said: str, _: object, matrix: list[float], *__: object) -> None:
        if "X" in said:
            reached.append(matrix[4])

    document.pages[0].extract_text(visitor_text=note)
    assert len(reached) > 3  # several lines
    assert max(reached) < right / 2


def test_the_same_sheet_gives_the_same_bytes() -> None:
    assert print_sheet(QUOTE) == print_sheet(QUOTE)
    assert print_sheet(QUOTE) != print_sheet(replace(QUOTE, number="Q-2026-0036"))


@settings(max_examples=25, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200), st.decimals(0, 10**10, places=4))
def test_no_text_and_no_price_breaks_a_paper(words: str, price: Decimal) -> None:
    line = replace(CHAI, name=words, name_zh=words, unit_price=price)
    sheet = replace(QUOTE, lines=(line,), notes=words, buyer=Party(name=words, address=words))
    assert print_sheet(sheet).startswith(b"%PDF")


def test_the_letterhead_is_the_rules() -> None:
    told = {
        "letterhead.name": " Bright Horizon ",
        "letterhead.address": r"Room 1\nNingbo",
        "letterhead.bank_swift": "BKCH",
    }
    rules = shipped() | told
    assert seller(rules) == Party(name="Bright Horizon", address="Room 1\nNingbo")
    assert bank(rules) == Bank(swift="BKCH")
    assert bank(shipped()) is None
