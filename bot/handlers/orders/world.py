"""What the conversation `order` may see: the customer's usual terms and prices, their last order, the form's check."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from bot.cards.screen import Line, labelled, muted, problem
from bot.conversations.order import ORDER, order_currency
from bot.conversations.values import load_values
from bot.handlers.orders.drafts import answers_of, draft_of
from crm.core.errors import NotFound, TradewindError
from crm.core.money import Money
from crm.core.text import T
from crm.orders.approvals import of_round, order_of_step, steps_of
from crm.orders.asking import open_question
from crm.orders.orders import read_order, read_plain
from crm.orders.prefill import last_order_draft
from crm.orders.reasons import reason_words
from crm.orders.review import review_order
from crm.people.people import ROLE_NAMES
from crm.sales.catalogue.products import get_product
from crm.sales.customers.customers import customer_price, get_customer

MOST_FINDINGS = 10
"""Warnings shown under a review, and as many plain remarks."""


def order_defaults(world: Any, customer: str) -> Mapping[str, Any]:
    """Currency and terms of the customer's, and whether there is an order to repeat."""
    if not customer.isdecimal():
        return {}
    try:
        row = get_customer(world.work, viewer=world.person, customer_id=int(customer))
    except NotFound:
        return {}
    last = last_order_draft(world.work, actor=world.person, customer_id=row.id)
    known: dict[str, Any] = {
        "currency": row.currency or world.currency,
        "payment_terms": row.payment_terms,
        "can_repeat": last is not None,
    }
    if last is not None:
        known["deliver_to"] = last.deliver_to
        known["price_terms"] = " ".join(part for part in (last.incoterm, last.place) if part)
        known["payment_terms"] = row.payment_terms or last.payment_terms
    return known


def prices(world: Any, key: str) -> Mapping[str, Any] | None:
    """What this customer pays for a product, and its list price, as they could be typed."""
    customer, _, product = key.partition(">")
    if not product.isdecimal():
        return None
    try:
        row = get_product(world.work, product_id=int(product))
    except NotFound:
        return None
    own = customer_price(world.work, customer_id=int(customer), product_id=row.id) if customer.isdecimal() else None
    found = [own, (row.list_price, row.currency)]
    return {
        "prices": list(dict.fromkeys(f"{price.normalize():f} {currency}" for price, currency in filter(None, found)))
    }


def last_order(world: Any, customer: str) -> Mapping[str, Any] | None:
    """The customer's last order as answers, to be submitted again."""
    if not customer.isdecimal():
        return None
    draft = last_order_draft(world.work, actor=world.person, customer_id=int(customer))
    return None if draft is None else answers_of(draft, zone=world.person.zone)


def about_step(world: Any, answers: Mapping[str, Any]) -> Sequence[Line]:
    """The order that the step to be decided on belongs to."""
    if world.subject_id is None:
        return ()
    order_id = order_of_step(world.work, step_id=world.subject_id)
    return [_order_named(read_plain(world.work, order_id=order_id))]


def about_question(world: Any, answers: Mapping[str, Any]) -> Sequence[Line]:
    """The order, and what was asked about it."""
    if world.subject_id is None:
        return ()
    row = read_order(world.work, order_id=world.subject_id, viewer=world.person)
    asked = open_question(world.work, order_id=row.id)
    words = [] if asked is None else [labelled(asked.asker_name, asked.question)]
    return [_order_named(row), *words]


def about_resubmission(world: Any, answers: Mapping[str, Any]) -> Sequence[Line]:
    """The order that is submitted again, and what its approver wanted changed."""
    if world.subject_id is None:
        return ()
    row = read_order(world.work, order_id=world.subject_id, viewer=world.person)
    path = of_round(steps_of(world.work, order_id=row.id), row.round)
    reasons = [step.reason for step in path if step.status == "sent_back" and step.reason]
    return [_order_named(row), *(labelled(T("What to change"), reason_words(reason)) for reason in reasons)]


def remark_order(world: Any, answers: Mapping[str, Any]) -> Sequence[Line]:
    """The form's check of itself: what the order comes to, what is odd about it, and who will decide."""
    values = load_values(ORDER, answers, world)
    draft = draft_of(values, currency=order_currency(answers, world))
    try:
        review = review_order(world.work, actor=world.person, draft=draft, order_id=world.subject_id)
    except TradewindError as error:
        return [problem(error.text)]
    total: Any = T("{total}", total=review.total)
    if review.base_total.currency != review.total.currency:
        total = T("{total} = {base}", total=review.total, base=review.base_total)
    lines: list[Line] = [labelled(T("Total"), total)]
    if review.shows_margin:
        margin = (
            T("unknown") if review.margin is None else T("{percent}%", percent=review.margin.quantize(Decimal("0.1")))
        )
        lines.append(labelled(T("Margin"), margin))
    lines += findings_told([problem(found.text) for found in review.findings if found.severity == "warning"])
    lines += findings_told([muted(found.text) for found in review.findings if found.severity != "warning"])
    path = [ROLE_NAMES[role] for role in review.path]
    lines.append(muted(T("Goes to: {path}", path=path)))
    return lines


def findings_told(findings: list[Line]) -> list[Line]:
    """So many of them that total, path and question stay in sight beside them."""
    if len(findings) <= MOST_FINDINGS:
        return findings
    return [*findings[:MOST_FINDINGS], muted(T("… and {count} more remarks", count=len(findings) - MOST_FINDINGS))]


def _order_named(row: Any) -> Line:
    total = Money(row.total, row.currency)
    named = T("{number} {customer} · {total}", number=row.number, customer=row.customer_name, total=total)
    return labelled(T("Order"), named)
