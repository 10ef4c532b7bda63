"""An order filled in from what is known: the customer's last one, a deal, an order that is to be submitted again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, select

from crm.core.types import Id
from crm.core.work import UnitOfWork
from crm.orders.drafts import LineDraft, OrderDraft
from crm.orders.lines import exactly
from crm.orders.orders import RESERVING, Order, read_lines, read_order
from crm.people.people import Member
from crm.sales.catalogue.products import get_product
from crm.sales.customers.customers import customer_price
from crm.sales.deals.deals import get_deal, today_of

_COPIED = ("customer_id", "currency", "incoterm", "place", "deliver_to", "payment_terms", "packing")
_ORDERS = Order.table()
_LAST = (
    select(_ORDERS)
    .where(
        _ORDERS.c.customer_id == bindparam("customer", type_=Id),
        _ORDERS.c.status.in_(RESERVING),
    )
    .order_by(_ORDERS.c.id.desc())
    .limit(1)
)
_PRICE = Decimal("0.00000001")


def last_order_draft(work: UnitOfWork, *, actor: Member, customer_id: int) -> OrderDraft | None:
    """The customer's last order again, to be delivered as long from today as that one was; None without one.

    Whether the actor may order for this customer, and whether everything is still sold, the review says.
    """
    row = work.connection.execute(_LAST, {"customer": customer_id}).one_or_none()
    return None if row is None else _again(work, actor, row)


def has_last_order(work: UnitOfWork, *, customer_id: int) -> bool:
    """Whether `last_order_draft` finds one."""
    return work.connection.execute(_LAST, {"customer": customer_id}).first() is not None


def repeated_draft(work: UnitOfWork, *, actor: Member, order_id: int) -> OrderDraft:
    """This very order as a new one, however it was decided, delivered as long from today. Raises NotFound."""
    return _again(work, actor, read_order(work, order_id=order_id, viewer=actor))


def draft_of_order(work: UnitOfWork, *, actor: Member, order_id: int) -> OrderDraft:
    """An order as it was submitted, to be changed and submitted again. Raises NotFound."""
    row = read_order(work, order_id=order_id, viewer=actor)
    draft = _copied(row, read_lines(work, order_id=order_id))
    names = ("deal_id", "quote_id", "customer_po", "delivery_on", "notes", "same_as_order_id")
    return replace(draft, **{name: getattr(row, name) for name in names})


def draft_from_deal(work: UnitOfWork, *, actor: Member, deal_id: int) -> OrderDraft:
    """What a deal says of its order: product, quantity, price, payment terms; the rest as in the customer's last order.

    What is known from neither is None. Raises NotFound.
    """
    deal = get_deal(work, viewer=actor, deal_id=deal_id)
    last = last_order_draft(work, actor=actor, customer_id=deal.customer_id)
    draft = last or OrderDraft(customer_id=deal.customer_id)
    lines, ready = _line_of_deal(work, deal, today_of(work, actor))
    terms = deal.facts.get("payment_terms") or draft.payment_terms
    return replace(
        draft,
        deal_id=deal.id,
        currency=deal.currency,
        lines=lines,
        delivery_on=ready or draft.delivery_on,
        payment_terms=terms,
        same_as_order_id=None,
    )


def _again(work: UnitOfWork, actor: Member, row: Any) -> OrderDraft:
    lead_time = max(row.delivery_on - row.submitted_at.astimezone(actor.zone).date(), timedelta(0))
    draft = _copied(row, read_lines(work, order_id=row.id))
    return replace(draft, delivery_on=today_of(work, actor) + lead_time, same_as_order_id=row.id)


def _line_of_deal(work: UnitOfWork, deal: Any, today: date) -> tuple[tuple[LineDraft, ...], date | None]:
    if deal.product_id is None or not deal.quantity:
        return (), None
    product = get_product(work, product_id=deal.product_id)
    ready = today + timedelta(days=product.lead_time_days)
    final = deal.facts.get("final_price")
    if final is not None:
        price = _unit_price(Decimal(final), deal)
    else:
        agreed = customer_price(work, customer_id=deal.customer_id, product_id=product.id)
        known = [agreed, (product.list_price, product.currency)]
        price = next(
            (one for one, currency in filter(None, known) if currency == deal.currency), _share(deal.amount, deal)
        )
    return (LineDraft(product_id=product.id, quantity=deal.quantity, unit_price=price),), ready


def _unit_price(final: Decimal, deal: Any) -> Decimal:
    """A deal's final price is written as that of one unit or of all; whichever is nearer to the expected amount."""
    as_whole = abs((final / deal.amount).ln())
    as_unit = abs((final * deal.quantity / deal.amount).ln())
    return final if as_unit < as_whole else _share(final, deal)


def _share(amount: Decimal, deal: Any) -> Decimal:
    with exactly():
        share: Decimal = amount / deal.quantity
        return share.quantize(_PRICE)


def _copied(row: Any, lines: Sequence[Any]) -> OrderDraft:
    return OrderDraft(
        **{name: getattr(row, name) for name in _COPIED},
        lines=tuple(
            LineDraft(
                product_id=line.product_id,
                quantity=line.quantity,
                unit_price=line.unit_price,
                discount=line.discount,
                discount_sum=line.discount_sum,
            )
            for line in lines
        ),
    )
