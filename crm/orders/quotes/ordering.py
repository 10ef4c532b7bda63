"""An accepted quote becomes an order: its lines and terms fill the form, and the order remembers it. Guide 2.3, 3.1."""

import re
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import bindparam, select

from crm.core.errors import Conflict, Invalid
from crm.core.text import T
from crm.core.types import Id
from crm.core.work import UnitOfWork
from crm.orders.drafts import OrderDraft
from crm.orders.orders import Order
from crm.orders.prefill import last_order_draft
from crm.orders.quotes.prefill import lines_of, longest_lead_time
from crm.orders.quotes.quotes import STATUSES, Quote, read_plain, read_quote
from crm.orders.quotes.sending import accept_quote
from crm.people.people import Member
from crm.sales.deals.deals import today_of

ORDERABLE = ("sent", "accepted")
"""The statuses in which a quote can become an order; one that was only sent is accepted with it."""

_QUOTES = Quote.table()
_ORDERS = Order.table()
_MADE = (
    select(_ORDERS.c.id, _ORDERS.c.number, _ORDERS.c.status)
    .where(_ORDERS.c.quote_id == bindparam("quote", type_=Id))
    .order_by(_ORDERS.c.id)
)
_DAYS = re.compile(r"(\d{1,3})\s*(?:calendar\s+|working\s+)?(?:days?|天|个?工作日|日)", re.IGNORECASE)


def draft_from_quote(work: UnitOfWork, *, actor: Member, quote_id: int) -> OrderDraft:
    """A quote as its order: lines, prices and terms are the quote's, the place of delivery and the packing those of the
    customer's last order. Delivery is as long from today as the quote says, else as the slowest product takes.

    Raises NotFound, Conflict (the customer has not accepted it).
    """
    row = read_quote(work, quote_id=quote_id, viewer=actor)
    if row.status not in ORDERABLE:
        raise _not_orderable(row.number, row.status)
    last = last_order_draft(work, actor=actor, customer_id=row.customer_id)
    lines = lines_of(work, quote_id=row.id)
    draft = OrderDraft(
        customer_id=row.customer_id,
        lines=lines,
        deal_id=row.deal_id,
        quote_id=row.id,
        currency=row.currency,
        incoterm=row.incoterm,
        place=row.place,
        payment_terms=row.payment_terms,
        delivery_on=_ready(work, actor, row.lead_time, [line.product_id for line in lines]),
        deliver_to=row.place,
        notes=row.notes,
    )
    if last is None:
        return draft
    return replace(draft, deliver_to=last.deliver_to or row.place, packing=last.packing)


def with_quote(work: UnitOfWork, *, actor: Member, platform: str, draft: OrderDraft) -> OrderDraft:
    """The draft with its quote's deal; a quote that the customer had only been sent is accepted with the order.

    Raises NotFound, Invalid (another customer's quote), Conflict (declined, run out, superseded).
    """
    if draft.quote_id is None:
        return draft
    row = read_quote(work, quote_id=draft.quote_id, viewer=actor)
    if row.customer_id != draft.customer_id:
        raise Invalid(T("This quote is not one of this customer's."))
    if row.status not in ORDERABLE:
        raise _not_orderable(row.number, row.status)
    if row.status == "sent":
        accept_quote(work, actor=actor, platform=platform, quote_id=row.id)
    return draft if draft.deal_id is not None else replace(draft, deal_id=row.deal_id)


def orders_of_quote(work: UnitOfWork, *, quote_id: int) -> list[tuple[int, str, str]]:
    """The orders made from a quote: id, number, status."""
    return [(row.id, row.number, row.status) for row in work.connection.execute(_MADE, {"quote": quote_id})]


def deal_of_quote(work: UnitOfWork, *, quote_id: int) -> int | None:
    """Raises NotFound."""
    deal_id: int | None = read_plain(work, quote_id=quote_id).deal_id
    return deal_id


def _ready(work: UnitOfWork, actor: Member, lead_time: str | None, product_ids: list[int]) -> date:
    said = _DAYS.search(lead_time or "")
    days = int(said[1]) if said is not None else longest_lead_time(work, product_ids=product_ids)
    return today_of(work, actor) + timedelta(days=days)


def _not_orderable(number: str, status: str) -> Conflict:
    return Conflict(
        T("Quote {number} is: {status}. An order needs one that holds.", number=number, status=STATUSES[status])
    )
