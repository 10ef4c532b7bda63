"""What stands on an order's confirmation and invoice, when there are any, and for whom."""

from datetime import date
from typing import Any

import pytest

from crm.core.errors import Conflict, Forbidden, NotFound
from crm.documents import Sheet
from crm.orders.papers import OrderPaper, order_sheet, print_order_paper
from crm.people.people import Member, Role
from tests.crm.orders.trading import TODAY, Trade


def _approved(trade: Trade, **told: Any) -> int:
    order = trade.submit(trade.draft(trade.line("500", "18"), payment_terms="T/T 30/70", **told))
    trade.press(order, trade.boss)
    trade.press(order, trade.finance)
    assert trade.status(order) == "approved"
    return order


def _sheet(trade: Trade, order: int, paper: OrderPaper = "confirmation", viewer: Member | None = None) -> Sheet:
    with trade.database.read() as work:
        return order_sheet(work, viewer=viewer or trade.rep, order_id=order, paper=paper)


def test_the_order_as_it_was_approved(trade: Trade) -> None:
    trade.rule("letterhead.bank_name", "Bank of Ningbo")
    order = _approved(trade, customer_po="PO-77", packing="E.H. 1/40", notes="margin is thin, please approve")
    sheet = _sheet(trade, order)
    assert (sheet.kind, sheet.number, sheet.day, sheet.reference) == ("confirmation", "OC-2026-0001", TODAY, "PO-77")
    assert (sheet.buyer.name, sheet.buyer.country, sheet.prepared_by) == ("Ernst Handel", "Austria", "Li")
    assert (sheet.price_terms, sheet.payment_terms) == ("FOB Ningbo (Incoterms® 2020)", "T/T 30/70")
    assert (sheet.delivery, sheet.total, sheet.currency) == ("2026-05-01  Hamburg", 9000, "CNY")
    assert [label for _, label, _ in sheet.extra] == ["定金", "余款", "包装唛头"]
    assert sheet.bank is not None
    (line,) = sheet.lines
    assert (line.sku, line.quantity, line.unit_price, line.amount) == ("CHAI", 500, 18, 9000)
    assert not sheet.notes  # they were for who approves
    invoice = _sheet(trade, order, "proforma")
    assert (invoice.number, invoice.lines, invoice.total) == ("PI-SO-2026-0001", sheet.lines, sheet.total)


def test_no_paper_of_an_order_that_is_not_approved(trade: Trade) -> None:
    order = trade.submit()
    for paper in ("confirmation", "proforma"):
        with pytest.raises(Conflict):
            _sheet(trade, order, paper)  # type: ignore[arg-type]
    trade.press(order, trade.boss, "reject", reason="no")
    with pytest.raises(Conflict):
        _sheet(trade, order)


def test_for_whom_it_is(trade: Trade, make_person: Any) -> None:
    order = _approved(trade)
    for viewer in (trade.rep, trade.boss, trade.finance, trade.gm):
        assert _sheet(trade, order, viewer=viewer).total == 9000
    for role in (Role.LOGISTICS, Role.PRODUCTION):
        with pytest.raises(Forbidden):
            _sheet(trade, order, viewer=make_person(role.value, role, at=trade.database))
    with pytest.raises(NotFound):
        _sheet(trade, order, viewer=make_person("Wang", team="South", at=trade.database))


def test_it_bears_the_day_of_approval_whenever_it_is_printed(trade: Trade, clock: Any) -> None:
    order = _approved(trade)
    names = []
    for _ in range(2):
        with trade.database.write() as work:
            names.append(print_order_paper(work, viewer=trade.rep, order_id=order, paper="confirmation"))
        clock.now = clock.now.replace(day=20)
    assert names[0] == names[1]
    assert names[0][1] == "OC-2026-0001.pdf"
    assert _sheet(trade, order).day == date(2026, 3, 2)
