"""An order's papers for the customer: the order confirmation and the proforma invoice. Guide 3.3.

They tell prices: they are for those who may see them, and there are none before the order is approved.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crm.core.errors import Conflict
from crm.core.rules import read_rules
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.documents import Sheet
from crm.documents.letterhead import bank, seller
from crm.language.names import romanised
from crm.orders.on_paper import buyer, keep_paper, price_terms, sheet_line
from crm.orders.order_policy import can_see_order, can_see_prices
from crm.orders.orders import NUMBER_PREFIX, STATUSES, read_lines, read_order
from crm.orders.quotes.instalments import instalments_on_paper
from crm.orders.quotes.quotes import read_plain as read_quote
from crm.people.people import Member
from crm.people.permissions import Allowed, require
from crm.sales.agreed_orders import AGREED
from crm.sales.customers.customers import Customer

OrderPaper = Literal["confirmation", "proforma"]

# A quote's invoice is PI and the quote's number: an order's bears its own whole number, so that no two are alike.
_PREFIXES: dict[OrderPaper, str] = {"confirmation": "OC-", "proforma": "PI-SO-"}
_CUSTOMERS = Customer.table()


def can_have_priced_papers(person: Member, order: Any) -> Allowed:
    """Who may see the order with its prices. Whether there are any papers yet, its status says."""
    if not can_see_prices(person):
        return T("Order confirmation and invoice are for those who may see prices.")
    return can_see_order(person, order)


def print_order_paper(work: UnitOfWork, *, viewer: Member, order_id: int, paper: OrderPaper) -> tuple[int, str]:
    """Print a paper and keep it under the order; returns the kept file's id and its name.

    Raises NotFound, Forbidden (prices are not for this person), Conflict (the order is not approved, or not any more).
    """
    sheet = order_sheet(work, viewer=viewer, order_id=order_id, paper=paper)
    return keep_paper(work, viewer=viewer, entity="order", entity_id=order_id, sheet=sheet)


def order_sheet(work: UnitOfWork, *, viewer: Member, order_id: int, paper: OrderPaper) -> Sheet:
    """What stands on a paper. Raises as `print_order_paper`."""
    row = read_order(work, order_id=order_id, viewer=viewer)
    require(can_have_priced_papers(viewer, row))
    if row.status not in AGREED:
        raise Conflict(
            T(
                "Order {number} is: {status}. Its papers follow once it is approved.",
                number=row.number,
                status=STATUSES[row.status],
            )
        )
    rules = read_rules(work)
    packed = (("Packing and marks", "包装唛头", row.packing),) if row.packing else ()
    return Sheet(
        kind=paper,
        number=row.number.replace(f"{NUMBER_PREFIX}-", _PREFIXES[paper], 1),
        day=day_of(row, rules),
        seller=seller(rules),
        buyer=order_buyer(work, row),
        bank=bank(rules),
        currency=row.currency,
        lines=tuple(sheet_line(line) for line in read_lines(work, order_id=row.id)),
        total=row.total,
        reference=reference_of(work, row),
        price_terms=price_terms(row),
        payment_terms=row.payment_terms,
        delivery=f"{row.delivery_on}  {row.deliver_to}",
        prepared_by=romanised(row.submitter_name),
        extra=(*instalments_on_paper(row.payment_terms, row.total, row.currency), *packed),
    )


def order_buyer(work: UnitOfWork, order: Any) -> Any:
    """The customer of an order as a sheet's buyer, with whom to talk there."""
    country = work.connection.execute(
        select(_CUSTOMERS.c.country).where(_CUSTOMERS.c.id == order.customer_id)
    ).scalar_one()
    return buyer(work, customer_id=order.customer_id, name=order.customer_name, country=country)


def reference_of(work: UnitOfWork, order: Any) -> str:
    """The customer's own number and the quote's, as far as there are any."""
    quoted = None if order.quote_id is None else read_quote(work, quote_id=order.quote_id).number
    return "  ·  ".join(part for part in (order.customer_po, quoted) if part)


def day_of(order: Any, rules: Mapping[str, str]) -> date:
    """The company's day of the approval: one paper has one date, whoever prints it and whenever."""
    at = order.decided_at or order.submitted_at
    day: date = at.astimezone(ZoneInfo(rules["company.timezone"])).date()
    return day
