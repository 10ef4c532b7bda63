"""What stands on a quote's papers, and when there are any."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from crm.core import files
from crm.core.errors import Conflict, NotFound
from crm.documents import Sheet
from crm.orders.quotes.papers import Paper, print_paper, sheet_of
from crm.people.people import Member
from tests.crm.orders.quoting import END_OF_MARCH, Quoting
from tests.crm.orders.trading import TODAY, Trade


@pytest.fixture
def quoting(trade: Trade) -> Quoting:
    return Quoting(trade)


def _sheet(quoting: Quoting, quote: int, paper: Paper = "quote", viewer: Member | None = None) -> Sheet:
    with quoting.trade.database.read() as work:
        return sheet_of(work, viewer=viewer or quoting.trade.rep, quote_id=quote, paper=paper)


def test_the_same_data_on_all_three(quoting: Quoting, trade: Trade) -> None:
    trade.rule("letterhead.name", "Tradewind Ltd")
    trade.rule("letterhead.bank_name", "Bank of Ningbo")
    line = trade.line("100", "18", product=quoting.floored, discount=Decimal(5))
    quote = quoting.sent(lines=(line,), lead_time="25 days", notes="neutral cartons")
    paper = _sheet(quoting, quote)
    assert (paper.kind, paper.number, paper.version, paper.reference) == ("quote", "Q-2026-0001", 1, "")
    assert (paper.day, paper.valid_until, paper.bank) == (TODAY, END_OF_MARCH, None)
    assert (paper.seller.name, paper.buyer.name, paper.buyer.country) == ("Tradewind Ltd", "Ernst Handel", "Austria")
    assert (paper.price_terms, paper.payment_terms) == ("FOB Ningbo (Incoterms® 2020)", "T/T 30/70")
    assert (paper.lead_time, paper.notes, paper.prepared_by) == ("25 days", "neutral cartons", "Li")
    (one,) = paper.lines
    assert (one.sku, one.quantity, one.unit_price, one.discount, one.amount) == ("OOLONG", 100, 18, 5, 1710)
    assert paper.total == 1710
    for kind, number in (("contract", "SC-2026-0001"), ("proforma", "PI-2026-0001")):
        other = _sheet(quoting, quote, kind)  # type: ignore[arg-type]
        assert (other.number, other.reference, other.valid_until) == (number, "Q-2026-0001", None)
        assert other.bank is not None
        assert (other.lines, other.total) == (paper.lines, paper.total)


def test_a_domestic_price_says_so(quoting: Quoting) -> None:
    quote = quoting.write(incoterm="TAX", place=None)
    assert _sheet(quoting, quote).price_terms == "Tax included, ex works 含税出厂价"


def test_no_paper_of_a_price_that_is_not_approved(quoting: Quoting, trade: Trade) -> None:
    quote = quoting.write(price="14")
    with pytest.raises(Conflict):
        _sheet(quoting, quote)
    quoting.decide(quote, trade.boss, "send_back", reason="more")
    with pytest.raises(Conflict):
        _sheet(quoting, quote)
    quoting.change(quote, quoting.draft("14"))
    quoting.decide(quote, trade.boss)
    assert _sheet(quoting, quote).total == 1400


def test_contract_and_invoice_wait_until_it_is_sent(quoting: Quoting) -> None:
    quote = quoting.write()
    for paper in ("contract", "proforma"):
        with pytest.raises(Conflict):
            _sheet(quoting, quote, paper)  # type: ignore[arg-type]
    quoting.send(quote)
    quoting.accept(quote)
    assert _sheet(quoting, quote, "contract").day == TODAY


def test_for_whom_it_is_not(quoting: Quoting, trade: Trade, make_person: Any) -> None:
    quote = quoting.write()
    with pytest.raises(NotFound):
        _sheet(quoting, quote, viewer=make_person("Wang", team="South", at=trade.database))


def test_a_paper_is_kept_under_the_quote_once_for_each_that_differs(quoting: Quoting, trade: Trade) -> None:
    quote = quoting.sent()

    def printed() -> tuple[int, str]:
        with trade.database.write() as work:
            return print_paper(work, viewer=trade.rep, quote_id=quote, paper="quote")

    first = printed()
    assert printed() == first
    trade.rule("letterhead.name", "Tradewind Ltd")
    assert printed()[0] != first[0]
    with trade.database.read() as work:
        rows = files.attachments_of(work, entity="quote", entity_id=quote, most=10)
        assert [row.name for row in rows] == ["Q-2026-0001.pdf"] * 2
        kept = files.read_file(work, file_id=first[0], name=first[1])
        assert kept is not None
        assert kept.content.startswith(b"%PDF-")


def test_a_later_version_says_which_it_is(quoting: Quoting, trade: Trade) -> None:
    version = quoting.version(quoting.sent(), quoting.draft("17", valid_until=date(2026, 4, 30)))
    with trade.database.write() as work:
        _, name = print_paper(work, viewer=trade.rep, quote_id=version, paper="quote")
    assert name == "Q-2026-0001-v2.pdf"
    assert _sheet(quoting, version).version == 2
