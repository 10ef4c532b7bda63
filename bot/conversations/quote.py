"""The conversation `quote`, its changes and versions; and the questions behind what is decided on one. Guide 2.3."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.conversations.definition import Answers, Conversation, Field, FieldProblem, World
from bot.conversations.fields import CUSTOMER, NOTES
from bot.conversations.kinds import Chips, Line, Record, When
from bot.conversations.order import (
    CURRENCY,
    LINES,
    PAYMENT_TERMS,
    PRICE_TERMS,
    customer_name,
    mixed_currencies,
    order_currency,
)
from bot.conversations.proposals import known
from crm.core.text import T
from crm.orders.reasons import REJECTED, TO_CHANGE
from crm.sales.deals.stages import LOST_REASONS


def _defaults(answers: Answers, world: World) -> Mapping[str, Any]:
    """What is known of the chosen customer, and until when a quote usually holds."""
    return world.recall("quote defaults", str(answers.get("customer", ""))) or {}


def _check(answers: Answers, world: World) -> Sequence[FieldProblem]:
    currency = order_currency(answers, world)
    return mixed_currencies(
        answers, T("This quote is in {currency}; the price must be too.", currency=currency), currency
    )


def _validities(answers: Answers, world: World) -> Sequence[str]:
    return ("15天后", "30天后", "60天后") if world.language == "zh_CN" else ("in 15 days", "in 30 days", "in 60 days")


def _lead_times(answers: Answers, world: World) -> Sequence[str]:
    """As long as the slowest of the products takes, then what is usual."""
    products = ",".join(str(line["product"]) for line in answers.get("lines", ()) if line.get("product"))
    usual = (world.recall("lead time", products) or {}).get("lead_time") if products else None
    return list(dict.fromkeys(filter(None, (usual, "15 days", "30 days", "45 days after deposit"))))


QUOTE = Conversation(
    name="quote",
    version=1,
    title=T("New quote"),
    remarks="quote review",
    derive=_defaults,
    check=_check,
    steps=(
        replace(CUSTOMER, decides=True),
        Field(
            key="deal",
            label=T("Deal", context="of a quote"),
            kind=Record("deal"),
            seldom=True,
            hint=T("where this comes from"),
            seek=customer_name,
        ),
        CURRENCY,
        LINES,
        PRICE_TERMS,
        PAYMENT_TERMS,
        Field(
            key="valid_until",
            label=T("Valid until"),
            kind=When(),
            required=True,
            hint=T("the last day on which it holds, such as in 30 days"),
            propose=_validities,
            default=known("valid_until"),
        ),
        Field(
            key="lead_time",
            label=T("Lead time"),
            kind=Line(most=200),
            hint=T("such as 30 days after deposit"),
            propose=_lead_times,
        ),
        replace(NOTES, seldom=True, hint=T("they stand on the quote too")),
    ),
)

CHANGE = replace(QUOTE, name="quote_change", title=T("Change quote"), about="quote")
VERSION = replace(QUOTE, name="quote_version", title=T("New version"), about="quote")

REJECT = Conversation(
    name="quote_reject",
    version=1,
    title=T("Reject special price"),
    about="special price",
    reviewed=False,
    steps=(Field(key="reason", label=T("Reason"), kind=Chips(REJECTED), required=True, hint=T("choose, or write it")),),
)

SEND_BACK = Conversation(
    name="quote_send_back",
    version=1,
    title=T("Send quote back"),
    about="special price",
    reviewed=False,
    steps=(
        Field(
            key="change",
            label=T("What to change"),
            kind=Chips(TO_CHANGE),
            required=True,
            hint=T("choose, or write it"),
        ),
    ),
)

DECLINED = Conversation(
    name="quote_declined",
    version=1,
    title=T("Customer declined"),
    about="quote",
    reviewed=False,
    steps=(
        Field(key="reason", label=T("Reason"), kind=Chips(LOST_REASONS), required=True, hint=T("choose, or write it")),
    ),
)
