"""What stands on a quote, a sales contract, an order confirmation, a proforma invoice: the same data for all of them;
and on a packing list, which has no place for a price.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Kind = Literal["quote", "contract", "confirmation", "proforma"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A seller or a buyer. What is empty is left out of the paper; `address` may have several lines."""

    name: str
    name_zh: str = ""
    address: str = ""
    address_zh: str = ""
    country: str = ""
    contact: str = ""
    phone: str = ""
    email: str = ""
    website: str = ""
    tax_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """Where the buyer pays."""

    beneficiary: str = ""
    name: str = ""
    address: str = ""
    account: str = ""
    swift: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLine:
    """`unit_price` per unit and `amount` of the whole line after the discount, in the sheet's currency.

    The discount is `discount` per cent, or `discount_sum` off the line; 0 and None: none.
    """

    sku: str
    name: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    amount: Decimal
    name_zh: str = ""
    discount: Decimal = Decimal(0)
    discount_sum: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One paper. `total` is the sum of the lines' amounts; `price_terms` such as `FOB Ningbo (Incoterms® 2020)`.

    `reference`: the quote or the customer's own number a contract goes back to; `extra`: rows of a term in English
    and Chinese with its text, shown behind the usual ones.
    """

    kind: Kind
    number: str
    day: date
    seller: Party
    buyer: Party
    currency: str
    lines: tuple[SheetLine, ...]
    total: Decimal
    version: int = 1
    reference: str = ""
    price_terms: str = ""
    payment_terms: str = ""
    lead_time: str = ""
    delivery: str = ""
    valid_until: date | None = None
    notes: str = ""
    bank: Bank | None = None
    prepared_by: str = ""
    extra: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedLine:
    """How much of a product left, in its unit."""

    sku: str
    name: str
    quantity: Decimal
    unit: str
    name_zh: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackingList:
    """What left with one shipment; `extra` as of Sheet: how it travels, its numbers, its marks."""

    number: str
    day: date
    seller: Party
    buyer: Party
    lines: tuple[PackedLine, ...]
    version: int = 1
    reference: str = ""
    prepared_by: str = ""
    extra: tuple[tuple[str, str, str], ...] = ()
