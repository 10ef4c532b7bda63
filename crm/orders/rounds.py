"""What was submitted each time: the inputs of a round, whether they have worsened for somebody, what differs.

Resubmitted, only those steps run again whose approver saw better inputs than now stand; another customer, product,
currency or incoterm runs all. Guide 3.1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, bindparam, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.money import Money
from crm.core.tables import Base
from crm.core.text import Named, T, Text, Words
from crm.core.types import Json, UTCDateTime
from crm.core.work import UnitOfWork
from crm.orders.drafts import OrderDraft
from crm.orders.lines import Figures, PricedLine
from crm.orders.terms import deposit_in, with_deposit
from crm.people.people import Role


class OrderRound(Base):
    """One submission of an order, from 1. `inputs`: what the approvers judge, as of `inputs_of`."""

    __tablename__ = "order_rounds"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True, autoincrement=False)
    round: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    inputs: Mapped[dict[str, Any]] = mapped_column(Json)
    submitted_at: Mapped[datetime] = mapped_column(UTCDateTime)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was when it was submitted before. None: there was, or is, nothing there.

    `key` is a stable name: `product` or one of _LABELS; a product is labelled with its own name.
    """

    key: str
    label: Words
    before: Any
    after: Any


_ROUNDS = OrderRound.table()
_INSERT = insert(_ROUNDS)
_READ = select(_ROUNDS.c.round, _ROUNDS.c.inputs).where(_ROUNDS.c.order_id == bindparam("order"))
_ALWAYS_ANOTHER = ("customer", "currency", "incoterm")
_LABELS = {
    "customer": T("Customer"),
    "total": T("Total"),
    "margin": T("Margin"),
    "incoterm": T("Price terms"),
    "place": T("Place"),
    "delivery_on": T("Delivery date"),
    "deliver_to": T("Deliver to"),
    "payment_terms": T("Payment terms"),
}


def inputs_of(
    draft: OrderDraft, *, customer_name: str, lines: Sequence[PricedLine], figures: Figures
) -> dict[str, Any]:
    """The inputs of a submission as plain JSON; numbers as text, so that they stay exact."""
    return {
        "customer": draft.customer_id,
        "customer_name": customer_name,
        "currency": figures.currency,
        "total": str(figures.total),
        "base_total": str(figures.base_total),
        "margin": None if figures.margin is None else str(figures.margin),
        "lines": [
            {
                "product": line.product_id,
                "name": line.name,
                "name_zh": line.name_zh,
                "quantity": str(line.quantity),
                "price": str(line.price),
            }
            for line in lines
        ],
        "incoterm": draft.incoterm,
        "place": draft.place,
        "delivery_on": None if draft.delivery_on is None else draft.delivery_on.isoformat(),
        "deliver_to": draft.deliver_to,
        "payment_terms": draft.payment_terms,
    }


def add_round(work: UnitOfWork, *, order_id: int, number: int, inputs: Mapping[str, Any]) -> None:
    values = {"order_id": order_id, "round": number, "inputs": dict(inputs), "submitted_at": work.now}
    work.connection.execute(_INSERT, values)


def rounds_of(work: UnitOfWork, *, order_id: int) -> dict[int, dict[str, Any]]:
    """The inputs of every submission by its number, in one statement."""
    return {row.round: row.inputs for row in work.connection.execute(_READ, {"order": order_id})}


def change_terms(work: UnitOfWork, *, order_id: int, number: int, payment_terms: str) -> None:
    """Note that this round goes on with other payment terms than were submitted."""
    inputs = rounds_of(work, order_id=order_id)[number] | {"payment_terms": payment_terms}
    this = (_ROUNDS.c.order_id == order_id, _ROUNDS.c.round == number)
    work.connection.execute(update(_ROUNDS).where(*this).values(inputs=inputs))


def has_worsened(
    role: Role,
    *,
    seen: Mapping[str, Any],
    now: Mapping[str, Any],
    credit_seen: Mapping[str, Any] | None,
    credit_now: Mapping[str, Any],
) -> bool:
    """Whether the approver of this role saw better inputs than now stand.

    Credit is `{"over_by": "0", "late": false}`: by how much the limit is passed, whether something is overdue too long.
    """
    if is_another(seen, now):
        return True
    worse = {
        Role.SUPERVISOR: (_is_cheaper, _has_less_margin, _has_worse_terms, _is_more_pressing),
        Role.FINANCE: (_is_larger, _has_worse_terms),
        Role.GM: (_is_larger, _has_less_margin),
    }
    everything = (_is_cheaper, _has_less_margin, _has_worse_terms, _is_more_pressing, _is_larger)
    if any(is_worse(seen, now) for is_worse in worse.get(role, everything)):
        return True
    return role not in {Role.SUPERVISOR, Role.GM} and _has_worse_credit(credit_seen, credit_now)


def is_another(seen: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Another customer, currency, incoterm or set of products: then nobody has seen this order yet."""
    if any(seen[name] != now[name] for name in _ALWAYS_ANOTHER):
        return True
    return {line["product"] for line in seen["lines"]} != {line["product"] for line in now["lines"]}


def differences(before: Mapping[str, Any], after: Mapping[str, Any], *, with_margin: bool) -> list[Difference]:
    """What the card shows of a resubmitted order: what is not as it was, lines first."""
    found = _line_differences(before, after)
    for name, label in _LABELS.items():
        if name == "margin" and not with_margin:
            continue
        old, new = _shown(before, name), _shown(after, name)
        if old != new:
            found.append(Difference(name, label, old, new))
    return found


def _is_cheaper(seen: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    lowest_seen, lowest_now = _lowest(seen), _lowest(now)
    return any(lowest_now[product] < price for product, price in lowest_seen.items())


def _has_less_margin(seen: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    if seen["margin"] is None:
        return False
    return now["margin"] is None or Decimal(now["margin"]) < Decimal(seen["margin"])


def _has_worse_terms(seen: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Other words are worse, for nobody can rank them; only a larger deposit in the same words is not."""
    old, new = seen["payment_terms"] or "", now["payment_terms"] or ""
    if old == new:
        return False
    deposit = deposit_in(new)
    if deposit is None or deposit < (deposit_in(old) or 0):
        return True
    return with_deposit(old, deposit) != new


def _is_more_pressing(seen: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Wanted sooner, or somewhere else."""
    sooner = (now["delivery_on"] or "") < (seen["delivery_on"] or "")
    return sooner or any(seen[name] != now[name] for name in ("place", "deliver_to"))


def _is_larger(seen: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    return Decimal(now["base_total"]) > Decimal(seen["base_total"])


def _has_worse_credit(seen: Mapping[str, Any] | None, now: Mapping[str, Any]) -> bool:
    if seen is None:
        return True
    return Decimal(now["over_by"]) > Decimal(seen["over_by"]) or (now["late"] and not seen["late"])


def _lowest(inputs: Mapping[str, Any]) -> dict[int, Decimal]:
    prices: dict[int, Decimal] = {}
    for line in inputs["lines"]:
        price = Decimal(line["price"])
        prices[line["product"]] = min(price, prices.get(line["product"], price))
    return prices


def _line_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    old, new = _by_product(before), _by_product(after)
    found = []
    for product in dict.fromkeys([*old, *new]):
        if _figures(old.get(product)) != _figures(new.get(product)) or before["currency"] != after["currency"]:
            line = (new.get(product) or old[product])[0]
            name = T("{product}", product=Named(line["name"], line.get("name_zh")))
            sums = _sum(old, product, before), _sum(new, product, after)
            found.append(Difference("product", name, *sums))
    return found


def _figures(lines: Sequence[Mapping[str, Any]] | None) -> list[tuple[Decimal, Decimal]]:
    """What counts of a product's lines: 18 and 18.00 are one price, and another name is no change of the order."""
    return [(Decimal(line["quantity"]), Decimal(line["price"])) for line in lines or ()]


def _by_product(inputs: Mapping[str, Any]) -> dict[int, list[dict[str, Any]]]:
    grouped: dict[int, list[dict[str, Any]]] = {}
    for line in inputs["lines"]:
        grouped.setdefault(line["product"], []).append(line)
    return grouped


def _sum(grouped: Mapping[int, list[dict[str, Any]]], product: int, inputs: Mapping[str, Any]) -> Text | None:
    """`500 × USD 18.00`, one after another where a product has several lines."""
    lines = grouped.get(product)
    if not lines:
        return None
    shown: Text | None = None
    for line in lines:
        price = Money(Decimal(line["price"]), inputs["currency"])
        one = T("{quantity} × {price}", quantity=Decimal(line["quantity"]), price=price)
        shown = one if shown is None else T("{one}, {another}", one=shown, another=one)
    return shown


def _shown(inputs: Mapping[str, Any], name: str) -> Any:
    value = inputs["customer_name"] if name == "customer" else inputs[name]
    if value is None:
        return None
    match name:
        case "total":
            return Money(Decimal(value), inputs["currency"])
        case "margin":
            return T("{percent} %", percent=Decimal(value).quantize(Decimal("0.1")))
        case "delivery_on":
            return date.fromisoformat(value)
    return value
