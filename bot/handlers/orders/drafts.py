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
    deal_id, quote_id = _source(values.get("deal") or "")
    at, _ = values.get("delivery_on") or (None, False)
    return OrderDraft(
        customer_id=int(values["customer"]),
        lines=tuple(line_of(line) for line in values.get("lines", ()) if "unit_price" in line),
        deal_id=deal_id,
        quote_id=quote_id,
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
    if draft.quote_id is not None:
        answers["deal"] = f"quote:{draft.quote_id}"
    elif draft.deal_id is not None:
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
        answers["lines"] = [answers_of_line(line, draft.currency) for line in draft.lines]
    return answers


def line_of(line: Mapping[str, Any]) -> LineDraft:
    """A line of loaded values."""
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


def answers_of_line(line: LineDraft, currency: str | None) -> dict[str, Any]:
    """The same as answers."""
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


def _source(value: str) -> tuple[int | None, int | None]:
    """The deal or the quote (`quote:17`) an order comes from."""
    if value.startswith("quote:"):
        return None, int(value.removeprefix("quote:"))
    return (int(value) if value else None), None


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
