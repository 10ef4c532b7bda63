"""The lines of an order and what they come to: rounded per line, half up, to the currency's smallest unit."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.errors import Invalid
from crm.core.money import Money, round_amount
from crm.core.rates import in_base
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Amount, Id, Percent, Price, Quantity

_MOST_TOTAL = Decimal(10) ** 14
_MOST_BASE = Decimal(10) ** 12
_LOWEST_MARGIN = Decimal(-1_000_000)
_HUNDRED = Decimal(100)


class OrderLine(Base):
    """One line. Prices are per unit in the order's currency; `discount` is per cent off the price, `discount_sum`
    a sum off the line; `list_price`, `floor_price` and `cost` as they stood at submission, in the same currency.
    """

    __tablename__ = "order_lines"
    __table_args__ = (Index(None, "order_id", "position"), Index(None, "product_id"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    position: Mapped[int]
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    quantity: Mapped[Decimal] = mapped_column(Quantity)
    unit_price: Mapped[Decimal] = mapped_column(Price)
    discount: Mapped[Decimal] = mapped_column(Percent)
    discount_sum: Mapped[Decimal | None] = mapped_column(Amount)
    net: Mapped[Decimal] = mapped_column(Amount)
    list_price: Mapped[Decimal | None] = mapped_column(Price)
    floor_price: Mapped[Decimal | None] = mapped_column(Price)
    cost: Mapped[Decimal | None] = mapped_column(Price)


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedLine:
    """A line with its amounts. Prices and amounts in the order's currency; `cost_base` of the whole line, unrounded.

    A None price: not known, or no exchange rate to compare it by.
    """

    position: int
    product_id: int
    sku: str
    name: str
    name_zh: str | None
    unit: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    discount_sum: Decimal | None
    net: Decimal
    list_price: Decimal | None
    floor_price: Decimal | None
    cost: Decimal | None
    cost_base: Decimal | None

    @property
    def price(self) -> Decimal:
        """The price of one unit after the discount, unrounded."""
        with exactly():
            return net_of(self.quantity, self.unit_price, self.discount, self.discount_sum) / self.quantity


@dataclass(frozen=True, slots=True)
class Figures:
    """What an order comes to. `rate`: base currency per unit of `currency`. `margin` in per cent, None: unknown."""

    currency: str
    rate: Decimal
    base: str
    total: Decimal
    base_total: Decimal
    cost_base: Decimal | None
    margin: Decimal | None

    def is_margin_under(self, floor: Decimal) -> bool:
        """Whether the margin is known and under `floor` per cent; judged before any rounding."""
        if self.cost_base is None or self.margin is None:
            return False
        return (self.base_total - self.cost_base) * _HUNDRED < floor * self.base_total


@contextmanager
def exactly() -> Iterator[None]:
    """Arithmetic wide enough that a product of a quantity, a price and a rate is not rounded on the way."""
    with localcontext(Context(prec=80, rounding=ROUND_HALF_UP)):
        yield


def net_of(quantity: Decimal, unit_price: Decimal, discount: Decimal, discount_sum: Decimal | None) -> Decimal:
    """What a line costs after its discount, unrounded."""
    return quantity * unit_price * (_HUNDRED - discount) / _HUNDRED - (discount_sum or 0)


def line_net(
    *, quantity: Decimal, unit_price: Decimal, discount: Decimal, discount_sum: Decimal | None, currency: str
) -> Decimal:
    """What a line costs, rounded half up to the currency's smallest unit. Raises Invalid where it is under nought."""
    with exactly():
        net = net_of(quantity, unit_price, discount, discount_sum)
        if net < 0:
            raise Invalid(T("The discount is more than the line."))
        if net >= _MOST_TOTAL:
            raise Invalid(T("This amount is too large."))
        return round_amount(net, currency)


def add_up(lines: Sequence[PricedLine], *, currency: str, rate: Decimal, base: str) -> Figures:
    """The order's total, in its currency and in the base currency, and its margin. Raises Invalid when too large."""
    with exactly():
        total = sum((line.net for line in lines), Decimal(0))
        base_total = in_base(Money(total, currency), rate=rate, base=base)
        if total >= _MOST_TOTAL or base_total >= _MOST_BASE:
            raise Invalid(T("This amount is too large."))
        costs = [line.cost_base for line in lines]
        if any(cost is None for cost in costs):
            return Figures(currency, rate, base, total, base_total, None, None)
        cost = round_amount(sum((cost for cost in costs if cost is not None), Decimal(0)), base)
        if cost >= _MOST_BASE:
            raise Invalid(T("This amount is too large."))
        return Figures(currency, rate, base, total, base_total, cost, _margin(base_total, cost))


def _margin(base_total: Decimal, cost: Decimal) -> Decimal | None:
    if base_total == 0:
        return None if cost == 0 else _LOWEST_MARGIN
    margin = (base_total - cost) * _HUNDRED / base_total
    return max(_LOWEST_MARGIN, margin).quantize(Decimal("0.0001"))
