"""An order as somebody fills it in, and what must be right about it whatever the records say."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crm.core.errors import Invalid
from crm.core.text import T, Text
from crm.language.currencies import CURRENCIES
from crm.orders.terms import PRICE_TERMS

MOST_LINES = 500
_MOST_QUANTITY = Decimal(10) ** 12
_MOST_PRICE = Decimal(10) ** 10
_HUNDRED = Decimal(100)
_LENGTHS = {"customer_po": 100, "place": 200, "deliver_to": 500, "payment_terms": 500, "packing": 2000, "notes": 10_000}


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDraft:
    """One line. `unit_price` in the order's currency; the discount is per cent off it, or a sum off the line."""

    product_id: int
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal = Decimal(0)
    discount_sum: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDraft:
    """An order before it is submitted; what is None is not known yet, and of these `check_draft` wants some.

    `currency` None: the customer's, else the base currency. `incoterm` is a key of PRICE_TERMS. `packing`: packing
    and marks. `same_as_order_id`: the order this one repeats; `quote_id`: the quote it fulfils.
    """

    customer_id: int
    lines: tuple[LineDraft, ...] = ()
    deal_id: int | None = None
    quote_id: int | None = None
    customer_po: str | None = None
    currency: str | None = None
    incoterm: str | None = None
    place: str | None = None
    delivery_on: date | None = None
    deliver_to: str | None = None
    payment_terms: str | None = None
    packing: str | None = None
    notes: str | None = None
    same_as_order_id: int | None = None


def check_draft(draft: OrderDraft, *, today: date) -> None:
    """Raise Invalid with a sentence for the first thing that can't be taken. `today`: where the submitter is."""
    if not draft.lines:
        raise Invalid(T("An order needs at least one line."))
    if len(draft.lines) > MOST_LINES:
        raise Invalid(T("An order can have {most} lines at most.", most=MOST_LINES))
    for line in draft.lines:
        check_line(line)
    if draft.currency is not None and draft.currency not in CURRENCIES:
        raise Invalid(T("{currency} is no currency; write a code such as USD or CNY.", currency=draft.currency))
    if draft.incoterm not in PRICE_TERMS:
        raise Invalid(T("The price terms are missing. Write them as FOB Ningbo or as tax included."))
    check_delivery(draft.delivery_on, today=today)
    for name, missing in _REQUIRED.items():
        if not (getattr(draft, name) or "").strip():
            raise Invalid(missing)
    for name, most in _LENGTHS.items():
        if len(getattr(draft, name) or "") > most:
            raise Invalid(T("This text is too long; {most} characters is the most there is room for.", most=most))


def check_line(line: LineDraft) -> None:
    """Raise Invalid for a quantity, price or discount that can't be taken: not above nought, no number, too big."""
    check_quantity(line.quantity)
    check_price(line.unit_price)
    if not _is_within(line.discount, Decimal(0), _HUNDRED, places=4):
        raise Invalid(T("A discount is between 0 and 100 %, such as 5 or 2.5."))
    if line.discount_sum is not None and not _is_within(line.discount_sum, Decimal(0), _MOST_QUANTITY, places=4):
        raise Invalid(T("A discount as a sum is 0 or more, such as 50."))


def check_quantity(quantity: Decimal) -> None:
    if not _is_within(quantity, Decimal(0), _MOST_QUANTITY, places=4) or quantity == 0:
        raise Invalid(T("The quantity must be above nought, such as 500 or 12.5."))


def check_price(price: Decimal) -> None:
    if not _is_within(price, Decimal(0), _MOST_PRICE, places=8):
        raise Invalid(T("The unit price must be 0 or more, such as 18.50."))


def check_delivery(delivery_on: date | None, *, today: date) -> None:
    if delivery_on is None:
        raise Invalid(T("The delivery date is missing."))
    if delivery_on < today:
        raise Invalid(T("The delivery date {date} is in the past.", date=delivery_on))


_REQUIRED: dict[str, Text] = {
    "deliver_to": T("The place of delivery is missing."),
    "payment_terms": T("The payment terms are missing."),
}


def _is_within(value: Decimal, low: Decimal, high: Decimal, *, places: int) -> bool:
    """A finite number between the two that its column keeps to the last digit."""
    if not value.is_finite() or not low <= value <= high:
        return False
    return value == value.quantize(Decimal(1).scaleb(-places))
