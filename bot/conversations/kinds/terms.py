"""The trade's terms: prices of one unit, price terms (incoterm and place), payment terms."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bot.conversations.definition import Read, Refused, Taken, World
from bot.conversations.kinds.words import Plain
from crm.core.money import Money
from crm.core.text import T, Words
from crm.language.money import read_money
from crm.orders.terms import read_price_terms

_MOST_PRICE = Decimal(10) ** 9


@dataclass(frozen=True, slots=True)
class UnitPrice(Plain):
    """The price of one unit, kept as `{"amount", "currency"}`; the currency None where none was written."""

    numeric = True

    def read(self, text: str, world: World) -> Read:
        found = read_money(text.lstrip("@ "), default_currency=None, whole=True)
        if found is None or found.amount < 0 or found.amount > _MOST_PRICE:
            return Refused(T("Please write a price, such as {example}.", example="18.50"))
        if -int(found.amount.normalize().as_tuple().exponent) > 8:
            return Refused(T("A price has at most 8 decimals."))
        return Taken({"amount": str(found.amount), "currency": found.currency if found.explicit else None})

    def show(self, value: Any, world: World) -> Words:
        amount, currency = self.load(value, world)
        return T("@ {price}", price=amount if currency is None else Money(amount, currency))

    def text(self, value: Any, world: World) -> str:
        return " ".join(part for part in (value["amount"], value["currency"]) if part)

    def load(self, value: Any, world: World) -> tuple[Decimal, str | None]:
        return Decimal(value["amount"]), value["currency"]


@dataclass(frozen=True, slots=True)
class PriceTerms(Plain):
    """`FOB Ningbo`: an incoterm with its place, kept as `{"incoterm", "place"}`; or the domestic price with tax."""

    def read(self, text: str, world: World) -> Read:
        found = read_price_terms(" ".join(text.split()))
        if found is None:
            return Refused(T("Please write an incoterm and a place, such as FOB Ningbo."))
        incoterm, place = found
        if not place and incoterm not in _WITHOUT_PLACE:
            return Refused(T("{incoterm} needs a place, such as {incoterm} Ningbo.", incoterm=incoterm))
        return Taken({"incoterm": incoterm, "place": (place or "")[:200]})

    def show(self, value: Any, world: World) -> Words:
        if value["incoterm"] == "TAX":
            return T("Tax included, ex works")
        return self.text(value, world)

    def text(self, value: Any, world: World) -> str:
        head = "含税" if value["incoterm"] == "TAX" else value["incoterm"]
        return f"{head} {value['place']}".strip()

    def load(self, value: Any, world: World) -> tuple[str, str]:
        return value["incoterm"], value["place"]


_WITHOUT_PLACE = {"EXW", "TAX"}


@dataclass(frozen=True, slots=True)
class Currency(Plain):
    """A currency by its code, sign or name; kept as ISO 4217."""

    def read(self, text: str, world: World) -> Read:
        found = read_money(f"1 {text}", default_currency=None, whole=True) or read_money(
            f"{text}1", default_currency=None, whole=True
        )
        if found is None or found.currency is None:
            return Refused(T("Please write a currency, such as USD or 人民币."))
        return Taken(found.currency)
