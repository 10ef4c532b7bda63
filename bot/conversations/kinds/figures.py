"""Figures: money, budgets, quantities, discounts."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bot.cards.names import budget_words
from bot.conversations.definition import Read, Refused, Taken, World
from bot.conversations.kinds.words import Plain
from crm.core.money import Money, decimals
from crm.core.text import T, Words
from crm.language.money import read_budget, read_money
from crm.language.numbers import read_number
from crm.language.percents import read_discount
from crm.language.quantities import read_quantity


@dataclass(frozen=True, slots=True)
class Amount(Plain):
    """An amount of money, kept as `{"amount", "currency"}`; without a currency it has the base currency."""

    numeric = True

    def read(self, text: str, world: World) -> Read:
        found = read_money(text, default_currency=world.currency, whole=True)
        if found is None or found.currency is None or found.amount <= 0:
            return Refused(T("Please write an amount, such as {example}.", example="12,500 USD"))
        if -int(found.amount.normalize().as_tuple().exponent) > decimals(found.currency):
            return Refused(T("{currency} has {n} decimals.", currency=found.currency, n=decimals(found.currency)))
        return Taken({"amount": str(found.amount), "currency": found.currency})

    def show(self, value: Any, world: World) -> Words:
        return T("{amount}", amount=self.load(value, world))

    def text(self, value: Any, world: World) -> str:
        return f"{value['amount']} {value['currency']}"

    def load(self, value: Any, world: World) -> Money:
        return Money(Decimal(value["amount"]), value["currency"])


@dataclass(frozen=True, slots=True)
class Quantity(Plain):
    """A number of pieces above nought, kept as text; `2打` is 24."""

    numeric = True

    def read(self, text: str, world: World) -> Read:
        found = read_quantity(text, whole=True)
        if found is None or not 0 < found.value <= 10**9:
            return Refused(T("Please write a quantity, such as {example}.", example="2,000"))
        return Taken(
            str(
                found.value.normalize().quantize(Decimal(1))
                if found.value == found.value.to_integral_value()
                else found.value
            )
        )

    def show(self, value: Any, world: World) -> Words:
        return T("{number}", number=Decimal(value))

    def load(self, value: Any, world: World) -> Decimal:
        return Decimal(value)


@dataclass(frozen=True, slots=True)
class Discount(Plain):
    """Percent off, 0 to under 100, kept as text; `95折` is 5. With a currency sign a sum, kept as an amount is."""

    numeric = True

    def read(self, text: str, world: World) -> Read:
        found = read_discount(text)
        if found is not None and 0 <= found.percent < 100:
            return Taken(str(found.percent))
        money = read_money(text, default_currency=None, whole=True)
        if money is not None and money.explicit and money.amount > 0:
            return Taken({"amount": str(money.amount), "currency": money.currency})
        return Refused(T("Please write a discount, such as 95折, or 5%."))

    def show(self, value: Any, world: World) -> Words:
        loaded = self.load(value, world)
        return T("−{amount}", amount=loaded) if isinstance(loaded, Money) else T("−{number}%", number=loaded)

    def text(self, value: Any, world: World) -> str:
        return str(value) if isinstance(value, str) else f"{value['amount']} {value['currency']}"

    def load(self, value: Any, world: World) -> Decimal | Money:
        return Decimal(value) if isinstance(value, str) else Money(Decimal(value["amount"]), value["currency"])


@dataclass(frozen=True, slots=True)
class Share(Plain):
    """A share in per cent, above 0 and up to 100, kept as text."""

    numeric = True

    def read(self, text: str, world: World) -> Read:
        plain = text.strip().rstrip("%％ ")
        found = read_number(plain, whole=True)
        if found is None or not 0 < found.value <= 100:
            return Refused(T("Please write a share, such as 50%."))
        return Taken(str(found.value))

    def show(self, value: Any, world: World) -> Words:
        return T("{number}%", number=Decimal(value))

    def load(self, value: Any, world: World) -> Decimal:
        return Decimal(value)


@dataclass(frozen=True, slots=True)
class Budget(Plain):
    """An amount or a span, either end open, kept as `{"low", "high", "currency"}`."""

    numeric = True

    def read(self, text: str, world: World) -> Read:
        found = read_budget(text, default_currency=world.currency)
        if found is None or (not found.low and not found.high):
            return Refused(T("Please write a budget, such as {example}.", example="30-50k USD"))
        ends = {"low": found.low or None, "high": found.high}
        packed = {name: None if end is None else str(end) for name, end in ends.items()}
        return Taken({**packed, "currency": found.currency or world.currency})

    def show(self, value: Any, world: World) -> Words:
        return budget_words(*self.load(value, world)) or ""

    def text(self, value: Any, world: World) -> str:
        low, high, currency = value["low"], value["high"], value["currency"]
        if low is None:
            return f"up to {high} {currency}"
        if high is None:
            return f"at least {low} {currency}"
        return f"{low} {currency}" if low == high else f"{low}-{high} {currency}"

    def load(self, value: Any, world: World) -> tuple[Money | None, Money | None]:
        currency = value["currency"]
        low, high = (None if value[end] is None else Money(Decimal(value[end]), currency) for end in ("low", "high"))
        return low, high
