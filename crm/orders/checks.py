"""What an order's form finds about itself: prices, stock, dates, margin, credit. Shown and recorded, never in the way.

Guide 3.1. What must not be (a discontinued product, a date in the past) is refused elsewhere (`drafts`, `basis`).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from crm.core.money import Money, round_amount
from crm.core.text import Named, T, Text, pack, unpack
from crm.ledger.credit import CreditCheck
from crm.orders.basis import Basis
from crm.orders.lines import Figures, PricedLine, exactly

Severity = Literal["note", "warning"]

_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Finding:
    """`kind` is a stable name. `is_confidential`: it tells of cost or margin, which a rep does not see."""

    kind: str
    text: Text
    severity: Severity
    is_confidential: bool = False


def find(
    *, basis: Basis, lines: Sequence[PricedLine], figures: Figures, credit: CreditCheck, delivery_on: date
) -> tuple[Finding, ...]:
    """Everything worth saying about an order, lines first, in their order."""
    found = [finding for line in lines for finding in _of_price(basis, line)]
    found += _of_stock(basis, lines, delivery_on)
    found += _of_margin(basis, lines, figures)
    found += of_credit(credit, base=figures.base)
    return tuple(found)


def find_in_prices(*, basis: Basis, lines: Sequence[PricedLine], figures: Figures) -> tuple[Finding, ...]:
    """What is worth saying about prices and margin alone, as of a quote."""
    found = [finding for line in lines for finding in _of_price(basis, line)]
    return (*found, *_of_margin(basis, lines, figures))


def of_credit(credit: CreditCheck, *, base: str) -> Iterator[Finding]:
    """What stands against giving this much credit. Amounts in the base currency."""
    state = credit.state
    if state.limit is None:
        yield Finding("no_limit", T("No credit limit set."), "note")
    elif credit.over_by > 0:
        over, limit = Money(credit.over_by, base).rounded(), Money(state.limit, base).rounded()
        yield Finding("over_limit", T("{over} over the credit limit of {limit}.", over=over, limit=limit), "warning")
    if state.overdue_base > 0:
        overdue = Money(state.overdue_base, base).rounded()
        text = T("{overdue} is overdue, the oldest of it for {days} days.", overdue=overdue, days=state.overdue_days)
        yield Finding("overdue", text, "warning" if state.is_overdue_too_long else "note")


def pack_findings(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings as plain JSON, for the order's row."""
    return [
        {"kind": f.kind, "text": pack(f.text), "severity": f.severity, "confidential": f.is_confidential}
        for f in findings
    ]


def unpack_findings(packed: Sequence[dict[str, Any]], *, with_confidential: bool) -> tuple[Finding, ...]:
    """The inverse; what tells of cost or margin only for who may see that."""
    found = (Finding(f["kind"], unpack(f["text"]), f["severity"], f["confidential"]) for f in packed)
    return tuple(f for f in found if with_confidential or not f.is_confidential)


def percent_under(price: Decimal, reference: Decimal | None) -> Decimal | None:
    """By how many per cent a price is under another, to a tenth; negative where it is over; None: not to compare."""
    if not reference:
        return None
    with exactly():
        return ((reference - price) * _HUNDRED / reference).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def _of_price(basis: Basis, line: PricedLine) -> Iterator[Finding]:
    price, currency = line.price, basis.currency
    product = basis.products[line.product_id]
    agreed = basis.agreed.get(line.product_id)
    own = basis.convert(*agreed) if agreed is not None else None
    if own is not None and price < own:
        text = T(
            "{product}: under the customer's own price of {price}.",
            product=Named(line.name, line.name_zh),
            price=_shown(own, currency),
        )
        yield Finding("under_own_price", text, "warning")
    if line.list_price is None:
        text = T(
            "{product}: there is no exchange rate for {currency} to compare its price by.",
            product=Named(line.name, line.name_zh),
            currency=product.currency,
        )
        yield Finding("no_rate", text, "note")
    elif price < line.list_price:
        percent = percent_under(price, line.list_price)
        text = T(
            "{product}: {percent} % under the list price.", product=Named(line.name, line.name_zh), percent=percent
        )
        yield Finding("under_list", text, "note")
    if line.floor_price is not None and price < line.floor_price:
        yield Finding(
            "under_floor",
            T("{product}: the price is under the floor.", product=Named(line.name, line.name_zh)),
            "warning",
        )


def _of_stock(basis: Basis, lines: Sequence[PricedLine], delivery_on: date) -> Iterator[Finding]:
    wanted: dict[int, Decimal] = defaultdict(Decimal)
    for line in lines:
        wanted[line.product_id] += line.quantity
    for product_id, quantity in wanted.items():
        product = basis.products[product_id]
        if quantity <= product.stock:
            continue
        facts = {
            "product": Named(product.name, product.name_zh),
            "stock": product.stock,
            "quantity": quantity,
            "unit": product.unit,
        }
        yield Finding("stock", T("{product}: {stock} {unit} in stock, {quantity} ordered.", **facts), "note")
        ready = basis.today + timedelta(days=product.lead_time_days)
        if delivery_on < ready:
            text = T(
                "{product}: made in {days} days, so not before {ready}; wished for {wished}.",
                product=Named(product.name, product.name_zh),
                days=product.lead_time_days,
                ready=ready,
                wished=delivery_on,
            )
            yield Finding("lead_time", text, "warning")


def _of_margin(basis: Basis, lines: Sequence[PricedLine], figures: Figures) -> Iterator[Finding]:
    floor = Decimal(basis.rules["orders.floor_margin"])
    if figures.margin is None:
        unknown = list(dict.fromkeys(Named(line.name, line.name_zh) for line in lines if line.cost_base is None))
        text = T("The margin is unknown.")
        if unknown:
            text = T("The margin is unknown: no cost is known for {products}.", products=unknown)
        yield Finding("margin_unknown", text, "note", is_confidential=True)
    elif figures.is_margin_under(floor):
        margin = figures.margin.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
        text = T("The margin of {margin} % is under the floor of {floor} %.", margin=margin, floor=floor)
        yield Finding("margin_under_floor", text, "warning", is_confidential=True)


def _shown(price: Decimal, currency: str) -> Money:
    """A price as it reads best: in whole cents where it is."""
    rounded = round_amount(price, currency)
    return Money(rounded if rounded == price else price.normalize(), currency)
