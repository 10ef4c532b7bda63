"""How far an order has come, as far as its customer may know: no price, no person, no other order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crm.core import history
from crm.core.rules import text_rule, whole_rule
from crm.core.text import Named, T, Text
from crm.core.work import UnitOfWork
from crm.fulfilment.satisfaction import DELIVERED, score_of_order
from crm.fulfilment.shipments import MODES, carrier_of, shipments_of
from crm.orders.orders import read_lines, read_plain
from crm.sales.agreed_orders import AGREED
from crm.sales.customers.customers import Customer

STEPS: Mapping[str, Text] = {
    "approved": T("Order confirmed"),
    "in_production": T("In production"),
    "ready": T("Ready to ship"),
    "shipped": T("Shipped"),
    "delivered": T("Delivered"),
}
_STEP_OF = {"waiting_deposit": "approved", "partly_shipped": "shipped", "closed": "delivered"}
_ORDERED = tuple(STEPS)


@dataclass(frozen=True, slots=True)
class Step:
    """`on`: the day it was reached, None: not yet, or passed over (all in stock: nothing was produced)."""

    key: str
    is_done: bool
    is_here: bool
    on: date | None


@dataclass(frozen=True, slots=True)
class Goods:
    name: Named
    quantity: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """A shipment. `page`: where its carrier shows it, None: not known. `arrived_on` None: it is under way."""

    mode: Text
    carrier: str | None
    tracking: str | None
    page: str | None
    shipped_on: date
    expected_on: date
    arrived_on: date | None


@dataclass(frozen=True, slots=True)
class Progress:
    """`status`: a key of `STATUSES`. `expected_on`: when it is to be there, None once it is. `score`: their own."""

    order_id: int
    number: str
    customer_po: str | None
    customer: Any
    status: str
    steps: tuple[Step, ...]
    goods: tuple[Goods, ...]
    parcels: tuple[Parcel, ...]
    expected_on: date | None
    score: int | None

    @property
    def may_score(self) -> bool:
        return self.status in DELIVERED and self.score is None


@dataclass(frozen=True, slots=True)
class CustomerName:
    """Whom the page is for: what decides its language."""

    name: str
    country: str | None


def progress_of(work: UnitOfWork, *, order_id: int) -> Progress | None:
    """What the customer of this order may see now; None where there is nothing any more: not approved, or delivered
    longer ago than the rule says.
    """
    order = read_plain(work, order_id=order_id)
    if order.status not in {*AGREED, "cancelled"} or _is_over(work, order):
        return None
    score = score_of_order(work, order_id=order_id)
    lines = read_lines(work, order_id=order_id)
    return Progress(
        order_id=order.id,
        number=order.number,
        customer_po=order.customer_po,
        customer=CustomerName(order.customer_name, _country(work, order.customer_id)),
        status=order.status,
        steps=_steps(work, order),
        goods=tuple(Goods(Named(line.name, line.name_zh), line.quantity, line.unit or "") for line in lines),
        parcels=_parcels(work, order_id),
        expected_on=None if order.status in {*DELIVERED, "shipped", "cancelled"} else order.delivery_on,
        score=None if score is None else score.score,
    )


def _parcels(work: UnitOfWork, order_id: int) -> tuple[Parcel, ...]:
    found = []
    for row in shipments_of(work, order_id=order_id):
        carrier = carrier_of(row)
        page = None if carrier is None else carrier.page
        told = (MODES[row.mode], row.carrier, row.tracking, page, row.shipped_on, row.expected_on, row.delivered_on)
        found.append(Parcel(*told))
    return tuple(found)


def _country(work: UnitOfWork, customer_id: int) -> str | None:
    table = Customer.table()
    return work.connection.execute(select(table.c.country).where(table.c.id == customer_id)).scalar_one_or_none()


def _is_over(work: UnitOfWork, order: Any) -> bool:
    days = whole_rule(work, "customer_page.days_after_delivery")
    return order.status in DELIVERED and order.changed_at + timedelta(days=days) < work.now


def _steps(work: UnitOfWork, order: Any) -> tuple[Step, ...]:
    if order.status == "cancelled":
        return ()
    here = _ORDERED.index(_STEP_OF.get(order.status, order.status))
    reached = _reached(work, order)
    return tuple(Step(key, place <= here, place == here, reached.get(key)) for place, key in enumerate(_ORDERED))


def _reached(work: UnitOfWork, order: Any) -> dict[str, date]:
    """The day, by the company's clock, on which each step was come to last."""
    zone = ZoneInfo(text_rule(work, "company.timezone"))
    found: dict[str, datetime] = {"approved": order.decided_at or order.submitted_at}
    for entry in history.history_of(work, entity="order", entity_id=order.id):
        change = entry.changes.get("status")
        if change and isinstance(change[1], str) and change[1] != "approved":
            key = _STEP_OF.get(change[1], change[1])
            if key in STEPS and key != "approved":
                found[key] = entry.at
    return {key: at.astimezone(zone).date() for key, at in found.items()}
