"""What is told of a deal, checked: amounts, quantities, dates, and the facts that its stages ask for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from crm.core.errors import Invalid
from crm.core.money import Money
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.sales.catalogue.products import get_product
from crm.sales.deals.stages import FACTS

_TOO_MUCH = Decimal(10) ** 13  # well within the 64 bits that an amount is kept in
MOST_WORDS = 2_000
_DAYS = ("first_response_on", "quote_sent_on", "signed_on")
_WORDS = {"need": MOST_WORDS, "payment_terms": 200, "contract_number": 100}


@dataclass(frozen=True, slots=True)
class Told:
    """New values, ready to be written: of columns of `deals`, and of its JSON `facts`."""

    columns: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


def read_facts(work: UnitOfWork, facts: Mapping[str, Any], *, currency: str, today: date) -> Told:
    """Check what is told with a move and bring it into the form it is kept in. None is as if not told.

    Keys: those of FACTS, and `quote_outside` (bool; without it a quote noted by hand counts as sent outside).
    `product` is a product's id or somebody's words, dates are `date`, `quantity` a Decimal, `final_price` Money
    or a Decimal of the deal's currency. Raises Invalid for a wrong value, NotFound for an unknown product,
    ValueError for a key that does not exist.
    """
    told = Told()
    for key, value in facts.items():
        if key not in FACTS and key != "quote_outside":
            raise ValueError(f"a deal has no fact {key!r}")
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        if key == "product":
            told.columns.update(read_product(work, value))
        elif key == "quantity":
            told.columns["quantity"] = read_quantity(value)
        elif key == "final_price":
            told.facts[key] = str(_final_price(value, currency))
        elif key == "quote_outside":
            told.facts[key] = bool(value)
        elif key in _DAYS:
            told.facts[key] = _past_day(key, value, today)
        else:
            told.facts[key] = read_words(value, most=_WORDS[key])
    if "quote_sent_on" in told.facts:
        told.facts.setdefault("quote_outside", True)
    return told


def read_product(work: UnitOfWork, value: int | str) -> dict[str, Any]:
    """The product columns of a deal: a product of the catalogue by its id, or words. Raises NotFound, Invalid."""
    if isinstance(value, str):
        return {"product_id": None, "product_text": read_words(value, most=MOST_WORDS)}
    product = get_product(work, product_id=value)
    if product.is_discontinued:
        raise Invalid(T("{product} is discontinued.", product=product.name))
    return {"product_id": value, "product_text": None}


def read_amount(money: Money) -> Money:
    """An amount above nought, rounded to its currency's cents. Raises Invalid."""
    if not money.amount.is_finite() or not 0 < money.amount < _TOO_MUCH:
        raise Invalid(T("The amount must be above nought, such as {example}.", example="12,500"))
    rounded = money.rounded()
    if not rounded.amount:
        raise Invalid(T("The amount must be above nought, such as {example}.", example="12,500"))
    return rounded


def read_quantity(value: Decimal) -> Decimal:
    """A quantity above nought. Raises Invalid."""
    if not value.is_finite() or not Decimal("0.0001") <= value < _TOO_MUCH:
        raise Invalid(T("The quantity must be above nought, such as {example}.", example="500"))
    return value


def read_words(value: str, *, most: int) -> str:
    """Somebody's words without blanks around them. Raises Invalid where there are none, or too many."""
    words = value.strip()
    if not words:
        raise Invalid(T("There must be something written."))
    if len(words) > most:
        raise Invalid(T("That is too long: {most} characters at most.", most=most))
    return words


def _final_price(value: Money | Decimal, currency: str) -> Decimal:
    money = value if isinstance(value, Money) else Money(value, currency)
    if money.currency != currency:
        raise Invalid(T("The final price is in the deal's currency, {currency}.", currency=currency))
    return read_amount(money).amount


def _past_day(key: str, value: date, today: date) -> str:
    if value > today:
        raise Invalid(T("{field}: {day} has not come yet.", field=FACTS[key], day=value))
    return value.isoformat()
