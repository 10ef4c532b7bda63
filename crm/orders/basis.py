"""What the records say about an order that is being filled in: read at once, in a number of statements that does
not grow with its lines.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, bindparam, func, select

from crm.core.errors import Invalid, NotFound
from crm.core.rates import ONE, ExchangeRate
from crm.core.rules import read_rules
from crm.core.text import Named, T
from crm.core.types import Id
from crm.core.work import UnitOfWork
from crm.orders.drafts import LineDraft, OrderDraft
from crm.orders.lines import PricedLine, exactly, line_net
from crm.people.people import Member
from crm.people.permissions import require
from crm.sales.catalogue.products import get_products
from crm.sales.customers.customers import customer_prices, get_customer
from crm.sales.customers.policy import can_order_for
from crm.sales.deals.deals import Deal

_PRICE = Decimal("0.00000001")


@dataclass(frozen=True, slots=True)
class Basis:
    """`agreed`: the customer's own prices by product, (price, currency). `rates`: base currency per unit."""

    today: date
    rules: Mapping[str, str]
    customer: Any
    products: Mapping[int, Any]
    agreed: Mapping[int, tuple[Decimal, str]]
    rates: Mapping[str, Decimal]
    currency: str

    @property
    def base(self) -> str:
        return self.rules["company.base_currency"]

    @property
    def rate(self) -> Decimal:
        return self.rates[self.currency]

    def convert(self, price: Decimal | None, currency: str) -> Decimal | None:
        """A price in the order's currency; None where it is unknown or there is no rate for it."""
        if price is None or currency == self.currency:
            return price
        if currency not in self.rates:
            return None
        with exactly():
            return (price * self.rates[currency] / self.rate).quantize(_PRICE)


_RATES = ExchangeRate.table()
_DEALS = Deal.table()
_LATER = _RATES.alias("later")
_LATEST = (
    select(func.max(_LATER.c.valid_from))
    .where(_LATER.c.currency == _RATES.c.currency, _LATER.c.valid_from <= bindparam("day", type_=Date))
    .scalar_subquery()
)
_RATES_ON = select(_RATES.c.currency, _RATES.c.rate).where(
    _RATES.c.currency.in_(bindparam("currencies", expanding=True)), _RATES.c.valid_from == _LATEST
)
_CUSTOMER_OF_DEAL = select(_DEALS.c.customer_id).where(_DEALS.c.id == bindparam("deal", type_=Id))


def read_basis(
    work: UnitOfWork, *, actor: Member, draft: OrderDraft, today: date, locked: tuple[str, Decimal] | None = None
) -> Basis:
    """What must be known to price and check this draft. `locked`: currency and rate that stand already.

    Raises NotFound (customer, product), Forbidden (the customer is not the actor's to order for, or was merged),
    Invalid (a discontinued product, no exchange rate, a deal of another customer).
    """
    rules = read_rules(work)
    customer = get_customer(work, viewer=actor, customer_id=draft.customer_id)
    require(can_order_for(actor, customer))
    wanted = {line.product_id for line in draft.lines}
    products = get_products(work, product_ids=wanted)
    for product_id in wanted:
        _check_sold(products.get(product_id))
    agreed = customer_prices(work, customer_id=customer.id, product_ids=wanted)
    base = rules["company.base_currency"]
    currency = draft.currency or customer.currency or base
    others = {product.currency for product in products.values()} | {own for _, own in agreed.values()}
    rates = rates_on(work, currencies=[currency, *others], day=today, base=base)
    if locked is not None and locked[0] == currency:
        rates[currency] = locked[1]
    if currency not in rates:
        raise Invalid(T("There is no exchange rate for {currency}. Please ask finance to set one.", currency=currency))
    if draft.deal_id is not None:
        _check_deal(work, draft)
    return Basis(today, rules, customer, products, agreed, rates, currency)


def rates_on(work: UnitOfWork, *, currencies: Sequence[str], day: date, base: str) -> dict[str, Decimal]:
    """The rates of several currencies on a day, in one statement; those without one are left out."""
    found = work.connection.execute(_RATES_ON, {"currencies": sorted({*currencies} - {base}), "day": day})
    return {row.currency: row.rate for row in found} | {base: ONE}


def price_lines(basis: Basis, lines: Sequence[LineDraft]) -> tuple[PricedLine, ...]:
    """The lines with their amounts, in the order's currency. Raises Invalid where a discount is more than its line."""
    return tuple(_price(basis, position, line) for position, line in enumerate(lines, 1))


def _price(basis: Basis, position: int, line: LineDraft) -> PricedLine:
    product = basis.products[line.product_id]
    _check_whole(product, line.quantity)
    terms: dict[str, Any] = {
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "discount": line.discount,
        "discount_sum": line.discount_sum,
    }
    cost_base = None
    if product.cost is not None and product.currency in basis.rates:
        with exactly():
            cost_base = line.quantity * product.cost * basis.rates[product.currency]
    return PricedLine(
        position=position,
        product_id=product.id,
        sku=product.sku,
        name=product.name,
        name_zh=product.name_zh,
        unit=product.unit,
        **terms,
        net=line_net(**terms, currency=basis.currency),
        list_price=basis.convert(product.list_price, product.currency),
        floor_price=basis.convert(product.floor_price, product.currency),
        cost=basis.convert(product.cost, product.currency),
        cost_base=cost_base,
    )


COUNTED = frozenset(
    [
        "pc",
        "pcs",
        "piece",
        "pieces",
        "set",
        "sets",
        "pair",
        "pairs",
        "unit",
        "units",
        "box",
        "boxes",
        "carton",
        "cartons",
        "ctn",
        "ctns",
        "roll",
        "rolls",
        "个",
        "件",
        "台",
        "套",
        "只",
        "条",
        "支",
        "双",
        "箱",
        "盒",
        "张",
        "把",
        "块",
        "卷",
        "瓶",
        "袋",
        "包",
        "片",
        "部",
        "辆",
        "对",
    ]
)
"""Units of which there are no parts; of others (kg, m, l) there are."""


def _check_whole(product: Any, quantity: Decimal) -> None:
    if product.unit.strip().casefold().rstrip(".") in COUNTED and quantity != quantity.to_integral_value():
        facts = {"product": Named(product.name, product.name_zh), "unit": product.unit, "quantity": quantity}
        raise Invalid(T("{product} is counted in {unit}: {quantity} is not a whole number.", **facts))


def _check_sold(product: Any) -> None:
    if product is None:
        raise NotFound(T("There is no such product."))
    if product.is_discontinued:
        raise Invalid(
            T("{product} is discontinued and can't be ordered any more.", product=Named(product.name, product.name_zh))
        )


def _check_deal(work: UnitOfWork, draft: OrderDraft) -> None:
    owner = work.connection.execute(_CUSTOMER_OF_DEAL, {"deal": draft.deal_id}).scalar()
    if owner != draft.customer_id:
        raise Invalid(T("This deal is not one of this customer's."))
