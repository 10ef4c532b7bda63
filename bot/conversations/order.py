"""The conversation `order`: an order as it goes to approval. Guide 3.1."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.cards import labels
from bot.conversations.definition import (
    DERIVED,
    Answers,
    Conversation,
    Field,
    FieldProblem,
    Group,
    Shortcut,
    World,
)
from bot.conversations.fields import CUSTOMER, NOTES
from bot.conversations.kinds import Currency, Discount, Line, Passage, PriceTerms, Quantity, Record, UnitPrice, When
from bot.conversations.order_lines import read_lines
from bot.conversations.proposals import (
    common_currencies,
    common_payment_terms,
    known,
    usual_places,
    usual_price_terms,
)
from crm.core.text import T, Text


def customer_defaults(answers: Answers, world: World) -> Mapping[str, Any]:
    """What is known of the chosen customer: currency, terms, places, and whether there is an order to repeat."""
    return world.recall("order defaults", str(answers.get("customer", ""))) or {}


def _unit_prices(answers: Answers, world: World) -> Sequence[str]:
    """The price this customer pays for the line's product, then its list price."""
    customer, product = answers.get("customer"), answers.get("product")
    if not product:
        return []
    known = world.recall("prices", f"{customer or ''}>{product}") or {}
    return list(known.get("prices", ()))


def customer_name(answers: Answers, world: World) -> str | None:
    """A deal is found by its customer's name as well."""
    found = world.find("customer", str(answers.get("customer", "")))
    return str(found.label) if found is not None and isinstance(found.label, str) else None


def _usual_price(answers: Answers, world: World) -> str | None:
    """The first of those prices that is in the order's currency: no price may change that by itself."""
    currency = order_currency(answers, world)
    return next((price for price in _unit_prices(answers, world) if price.endswith(f" {currency}")), None)


def _check(answers: Answers, world: World) -> Sequence[FieldProblem]:
    """Prices in one currency; whatever else is odd is shown on the review and never blocks."""
    currency = order_currency(answers, world)
    return mixed_currencies(
        answers, T("This order is in {currency}; the price must be too.", currency=currency), currency
    )


def mixed_currencies(answers: Answers, problem: Text, currency: str) -> Sequence[FieldProblem]:
    """This problem at the first line whose price was written in another currency."""
    for index, line in enumerate(answers.get("lines", ())):
        written = line.get("unit_price", {}).get("currency")
        if written and written != currency:
            return [FieldProblem(f"lines.{index}.unit_price", problem)]
    return []


def order_currency(answers: Answers, world: World) -> str:
    """The order's currency: as chosen, else as the first price says, else the customer's, else the base."""
    if answers.get("currency"):
        return str(answers["currency"])
    for line in answers.get("lines", ()):
        written = line.get("unit_price", {}).get("currency")
        if written:
            return str(written)
    return str(answers.get(DERIVED, {}).get("currency") or world.currency)


def _repeatable(path: tuple[str | int, ...], answers: Answers, world: World) -> bool:
    return path == ("lines", 0, "product") and bool(answers.get(DERIVED, {}).get("can_repeat"))


def _repeat(answers: Answers, world: World) -> Answers | None:
    return world.recall("last order", str(answers.get("customer", "")))


CURRENCY = Field(
    key="currency",
    label=T("Currency"),
    kind=Currency(),
    seldom=True,
    hint=T("such as USD"),
    propose=common_currencies,
    default=known("currency"),
)
LINES = Group(
    key="lines",
    label=T("Line"),
    read=read_lines,
    example="Chai 500 @18 95折",
    fields=(
        Field(
            key="product",
            label=T("Product"),
            kind=Record("product"),
            required=True,
            hint=T("part of its name; or several at once: Chai 500 @18; Chang 200 @19 95折"),
            decides=True,
        ),
        Field(key="quantity", label=T("Quantity"), kind=Quantity(), required=True, hint=T("such as 2,000")),
        Field(
            key="unit_price",
            label=T("Unit price"),
            kind=UnitPrice(),
            required=True,
            hint=T("for one, such as 18.50"),
            propose=_unit_prices,
            default=_usual_price,
        ),
        Field(key="discount", label=T("Discount"), kind=Discount(), hint=T("such as 5% or 95折")),
    ),
)
PRICE_TERMS = Field(
    key="price_terms",
    label=T("Price terms"),
    kind=PriceTerms(),
    required=True,
    hint=T("incoterm and place, such as FOB Ningbo"),
    propose=usual_price_terms,
    default=known("price_terms"),
)
PAYMENT_TERMS = Field(
    key="payment_terms",
    label=T("Payment terms"),
    kind=Line(most=200),
    required=True,
    hint=T("such as T/T 30/70"),
    propose=common_payment_terms,
    default=known("payment_terms"),
)
"""What a quote asks for too, in the same words."""

ORDER = Conversation(
    name="order",
    version=1,
    title=T("New order"),
    submits=True,
    remarks="order",
    derive=customer_defaults,
    check=_check,
    shortcuts=(Shortcut("same", labels.SAME_AS_LAST_TIME, _repeatable, _repeat),),
    steps=(
        replace(CUSTOMER, decides=True),
        Field(
            key="deal",
            label=T("Deal or quote"),
            kind=Record("source"),
            seldom=True,
            hint=T("where this comes from"),
            seek=customer_name,
        ),
        Field(
            key="customer_po",
            label=T("Customer PO"),
            kind=Line(most=100),
            seldom=True,
            hint=T("their own number for it"),
        ),
        CURRENCY,
        LINES,
        PRICE_TERMS,
        Field(
            key="delivery_on",
            label=T("Delivery date"),
            kind=When(),
            required=True,
            hint=T("such as 25/12 or end of next month"),
        ),
        Field(
            key="deliver_to",
            label=T("Deliver to"),
            kind=Line(most=300),
            required=True,
            hint=T("the port, or the full address"),
            propose=usual_places,
            default=known("deliver_to"),
        ),
        PAYMENT_TERMS,
        Field(
            key="packing",
            label=T("Packing and marks"),
            kind=Passage(most=2000),
            seldom=True,
            hint=T("how it is packed and marked"),
        ),
        replace(NOTES, seldom=True),
    ),
)

RESUBMIT = replace(ORDER, name="resubmit", title=T("Resubmit order"), about="resubmission")
"""The same about an order that came back: which one, and why, stands above."""
