"""Between the conversation `quote` and the services: answers become a draft, and a draft becomes answers."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from bot.handlers.orders.drafts import answers_of_line, line_of
from crm.orders.quotes.drafts import QuoteDraft


def quote_draft_of(values: Mapping[str, Any], *, currency: str) -> QuoteDraft:
    """The draft that loaded values of the conversation mean; what is not answered yet is None."""
    incoterm, place = values.get("price_terms") or (None, None)
    at, _ = values.get("valid_until") or (None, False)
    return QuoteDraft(
        customer_id=int(values["customer"]),
        lines=tuple(line_of(line) for line in values.get("lines", ()) if "unit_price" in line),
        deal_id=int(values["deal"]) if values.get("deal") else None,
        currency=currency,
        incoterm=incoterm,
        place=place or None,
        payment_terms=values.get("payment_terms"),
        valid_until=None if at is None else at.date(),
        lead_time=values.get("lead_time"),
        notes=values.get("notes"),
    )


def answers_of_quote(draft: QuoteDraft, *, zone: ZoneInfo) -> dict[str, Any]:
    """A draft as answers of the conversation, in the form its kinds keep; what is unknown is left to be asked."""
    answers: dict[str, Any] = {"customer": str(draft.customer_id)}
    if draft.deal_id is not None:
        answers["deal"] = str(draft.deal_id)
    for key in ("currency", "payment_terms", "lead_time", "notes"):
        value = getattr(draft, key)
        if value:
            answers[key] = value
    if draft.incoterm is not None:
        answers["price_terms"] = {"incoterm": draft.incoterm, "place": draft.place or ""}
    if draft.valid_until is not None:
        at = datetime.combine(draft.valid_until, time(), zone)
        answers["valid_until"] = {"at": at.isoformat(), "minute": False}
    if draft.lines:
        answers["lines"] = [answers_of_line(line, draft.currency) for line in draft.lines]
    return answers
