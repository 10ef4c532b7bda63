"""A quote filled in from what is known: a deal, the customer's last order, a version before."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from crm.core.rules import whole_rule
from crm.core.work import UnitOfWork
from crm.orders.drafts import LineDraft
from crm.orders.prefill import draft_from_deal
from crm.orders.quotes.drafts import QuoteDraft
from crm.orders.quotes.quotes import company_today, read_lines
from crm.people.people import Member
from crm.sales.catalogue.products import get_products

_COPIED = (
    "customer_id",
    "deal_id",
    "currency",
    "incoterm",
    "place",
    "payment_terms",
    "valid_until",
    "lead_time",
    "notes",
)


def quote_from_deal(work: UnitOfWork, *, actor: Member, deal_id: int) -> QuoteDraft:
    """What a deal says of its quote; terms as in the customer's last order. What is known from neither is None.

    Raises NotFound.
    """
    order = draft_from_deal(work, actor=actor, deal_id=deal_id)
    names = ("customer_id", "lines", "deal_id", "currency", "incoterm", "place", "payment_terms")
    return QuoteDraft(
        **{name: getattr(order, name) for name in names},
        valid_until=usual_validity(work),
        lead_time=usual_lead_time(work, product_ids=[line.product_id for line in order.lines]),
    )


def draft_of_quote(work: UnitOfWork, *, quote: Any) -> QuoteDraft:
    """A quote (a row of QUOTE_COLUMNS) as it was filled in."""
    return QuoteDraft(**{name: getattr(quote, name) for name in _COPIED}, lines=lines_of(work, quote_id=quote.id))


def lines_of(work: UnitOfWork, *, quote_id: int) -> tuple[LineDraft, ...]:
    names = ("product_id", "quantity", "unit_price", "discount", "discount_sum")
    rows = read_lines(work, quote_id=quote_id)
    return tuple(LineDraft(**{name: getattr(row, name) for name in names}) for row in rows)


def usual_validity(work: UnitOfWork) -> Any:
    """The last day on which a quote written today usually holds."""
    return company_today(work) + timedelta(days=whole_rule(work, "quotes.valid_days"))


def usual_lead_time(work: UnitOfWork, *, product_ids: Iterable[int]) -> str | None:
    """How long the slowest of these products takes, as it stands on a paper in English; None: nothing is known."""
    days = longest_lead_time(work, product_ids=product_ids)
    return f"{days} days" if days else None


def longest_lead_time(work: UnitOfWork, *, product_ids: Iterable[int]) -> int:
    """In days."""
    return max((row.lead_time_days for row in get_products(work, product_ids=product_ids).values()), default=0)
