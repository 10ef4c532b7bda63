"""Readings as the answers of a conversation, each checked by the field it is for."""

from collections.abc import Mapping
from typing import Any

from bot.conversations.definition import Answers, Conversation, Taken, World
from bot.conversations.lead import LEAD
from crm.language.capture.understanding import LeadReading
from crm.language.dates import Reading
from crm.language.money import BudgetReading

_WAYS = ("phone", "email", "wechat", "whatsapp")
_KEPT = 9_000
"""Characters of a text that are kept among the notes, so that what a field refuses fits behind them."""


def lead_answers(reading: LeadReading, world: World) -> dict[str, Any]:
    """What the lead's form is filled in with. What one of its fields cannot take goes to the notes."""
    answers: dict[str, Any] = {}
    refused: list[str] = []
    for key, said in _texts(reading).items():
        known = LEAD.known(key, said, world)
        answers |= known
        refused += [] if known else [said]
    reach = {way: said for way in _WAYS if (said := getattr(reading, way))}
    country, category = reading.country, reading.product_category
    plain = {
        "reach": reach or None,
        "country": country,
        "product_category": category,
        "budget": budget_answer(reading.budget, world),
        "next_follow_up": date_answer(reading.next_follow_up),
    }
    answers |= {key: value for key, value in plain.items() if value and LEAD.field((key,)).kind.holds(value, world)}
    notes = "\n".join([*([reading.notes] if reading.notes else []), *refused])
    return answers | (LEAD.known("notes", notes[:_KEPT], world) if notes else {})


def budget_answer(budget: BudgetReading | None, world: World) -> dict[str, Any] | None:
    if budget is None or (not budget.low and not budget.high):
        return None
    high = None if budget.high is None else f"{budget.high:f}"
    return {
        "low": f"{budget.low:f}" if budget.low else None,
        "high": high,
        "currency": budget.currency or world.currency,
    }


def date_answer(date: Reading | None) -> dict[str, Any] | None:
    return None if date is None else {"at": date.at.isoformat(), "minute": date.granularity == "minute"}


def checked(conversation: Conversation, proposed: Mapping[str, str], world: World) -> Answers:
    """Of proposals in words those that the conversation's own fields can read."""
    answers: dict[str, Any] = {}
    for step in conversation.steps:
        said = str(proposed.get(step.key) or "").strip()
        kind = getattr(step, "kind", None)
        if said and kind is not None:
            match kind.read(said, world):
                case Taken(value):
                    answers[step.key] = value
    return answers


def _texts(reading: LeadReading) -> dict[str, str]:
    said = {
        "company": reading.company,
        "contact": reading.contact,
        "source": reading.source,
        "product_need": reading.product_need,
        "tags": ", ".join(reading.tags),
    }
    return {key: text for key, text in said.items() if text}
