"""Between the conversation `order` and the services: answers become a draft, and a draft becomes answers."""

from collections.abc import Mapping
from datetime import datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from crm.core.money import Money
from crm.orders.drafts import LineDraft, OrderDraft


def draft_of(values: Mapping[str, Any], *, currency: str, same_as: int | None = None) -> OrderDraft:
    """The draft that loaded values of the conversation mean; what is not answered yet is None."""
    incoterm, place = values.get("price_terms") or (None, None)
    at, _ = values.get("delivery_on") or (None, False)
    return OrderDraft(
        customer_id=int(values["customer"]),
        lines=tuple(_line(line) for line in values.get("lines", ()) if "unit_price" in line),
        deal_id=int(values["deal"]) if values.get("deal") else None,
        customer_po=values.get("customer_po"),
        currency=currency,
        incoterm=incoterm,
        place=place or None,
        delivery_on=None if at is None else at.date(),
        deliver_to=values.get("deliver_to"),
        payment_terms=values.get("payment_terms"),
        packing=values.get("packing"),
        notes=values.get("notes"),
        same_as_order_id=same_as,
    )


def answers_of(draft: OrderDraft, *, zone: ZoneInfo) -> dict[str, Any]:
    """A draft as answers of the conversation, in the form its kinds keep; what is unknown is left to be asked."""
    answers: dict[str, Any] = {"customer": str(draft.customer_id)}
    if draft.deal_id is not None:
        answers["deal"] = str(draft.deal_id)
    for key in ("customer_po", "currency", "deliver_to", "payment_terms", "packing", "notes"):
        value = getattr(draft, key)
        if value:
            answers[key] = value
    if draft.incoterm is not None:
        answers["price_terms"] = {"incoterm": draft.incoterm, "place": draft.place or ""}
    if draft.delivery_on is not None:
        at = datetime.combine(draft.delivery_on, time(), zone)
        answers["delivery_on"] = {"at": at.isoformat(), "minute": False}
    if draft.lines:
        answers["lines"] = [_answers_of_line(line, draft.currency) for line in draft.lines]
    return answers


def _line(line: Mapping[str, Any]) -> LineDraft:
    price, _ = line["unit_price"]
    discount = line.get("discount")
    percent = discount if isinstance(discount, Decimal) else Decimal(0)
    total = discount.amount if isinstance(discount, Money) else None
    return LineDraft(
        product_id=int(line["product"]),
        quantity=line["quantity"],
        unit_price=price,
        discount=percent,
        discount_sum=total,
    )


def _answers_of_line(line: LineDraft, currency: str | None) -> dict[str, Any]:
    answers: dict[str, Any] = {
        "product": str(line.product_id),
        "quantity": _plain(line.quantity),
        "unit_price": {"amount": _plain(line.unit_price), "currency": currency},
    }
    if line.discount_sum is not None:
        answers["discount"] = {"amount": _plain(line.discount_sum), "currency": currency}
    elif line.discount:
        answers["discount"] = _plain(line.discount)
    return answers


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
