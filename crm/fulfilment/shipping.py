"""Recording that goods left and that they arrived: by logistics, never more than there is to ship. Guide 3.3."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import update

from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.history import Actor
from crm.core.rules import company_today
from crm.core.text import T, Text
from crm.core.work import UnitOfWork
from crm.fulfilment.gates import shipment_gate
from crm.fulfilment.plans import read_plan
from crm.fulfilment.shipment_events import GoodsDelivered, GoodsShipped
from crm.fulfilment.shipments import (
    Departure,
    Shipment,
    add_shipment,
    read_shipment,
    shipments_of,
    shipped_quantities,
)
from crm.fulfilment.standing import restate
from crm.fulfilment.stock import allocated
from crm.fulfilment.work_orders import work_orders_of
from crm.language.tracking import recognise
from crm.orders.approvals import touch_cards
from crm.orders.orders import STATUSES, lock_order, read_lines, read_order, record
from crm.people.people import Member, Role
from crm.people.permissions import Allowed, require
from crm.people.reach import tell

SHIPPABLE = ("approved", "in_production", "ready", "partly_shipped")
"""In production too: what is finished may leave before the rest."""

_SHIPMENTS = Shipment.table()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentDraft:
    """What is told of a departure. `quantities` by order line's id; None: everything there is to ship."""

    order_id: int
    mode: str
    shipped_on: date
    expected_on: date
    carrier: str | None = None
    tracking: str | None = None
    quantities: Mapping[int, Decimal] | None = None


def can_ship(person: Member) -> Allowed:
    return True if person.has(Role.LOGISTICS) else T("Shipments are recorded by logistics.")


def left_to_ship(work: UnitOfWork, *, order_id: int) -> list[tuple[Any, Decimal]]:
    """The order's lines (with their products' names) of which something can leave now, and how much: what lies there
    for it. Of an order from before there were plans, all that has not left.
    """
    gone, there = shipped_quantities(work, order_id=order_id), allocated(work, order_id=order_id)
    is_planned = read_plan(work, order_id=order_id) is not None
    found = []
    for line in read_lines(work, order_id=order_id):
        left = line.quantity - gone.get(line.id, Decimal(0))
        if is_planned:
            left = min(left, there.get(line.id, Decimal(0)))
        if left > 0:
            found.append((line, left))
    return found


def nothing_leaves(work: UnitOfWork, *, order_id: int) -> Text:
    """Why nothing of the order can leave now."""
    plan = read_plan(work, order_id=order_id)
    if plan is not None and plan.ready_on is not None and work_orders_of(work, [order_id], only_open=True):
        return T("Nothing of it is ready yet: production has planned it for {date}.", date=plan.ready_on)
    return T("Nothing of this order can leave now.")


def ship(work: UnitOfWork, *, actor: Member, platform: str, draft: ShipmentDraft) -> int:
    """Record a departure; returns the shipment's id. The submitter hears of it.

    Raises Forbidden, NotFound, Conflict (nothing of the order can leave now), Invalid (more than there is, days that
    cannot be).
    """
    require(can_ship(actor))
    lock_order(work, order_id=draft.order_id)
    order = read_order(work, order_id=draft.order_id, viewer=actor)
    if order.status not in SHIPPABLE:
        raise Conflict(T("Order {number} is: {status}.", number=order.number, status=STATUSES[order.status]))
    awaited = shipment_gate(work, order_id=order.id)
    if awaited is not None:
        raise Conflict(awaited)
    _check_days(work, draft.shipped_on, draft.expected_on)
    quantities = _quantities(work, draft)
    departure = Departure(
        mode=draft.mode,
        shipped_on=draft.shipped_on,
        expected_on=draft.expected_on,
        quantities=quantities,
        carrier=draft.carrier or _recognised(draft.tracking),
        tracking=draft.tracking,
    )
    shipment_id, position = add_shipment(work, order_id=order.id, recorded_by=actor.id, departure=departure)
    changes = {"shipment": (None, position), "tracking": (None, draft.tracking), "shipped_on": (None, draft.shipped_on)}
    record(work, actor, platform, order.id, "shipped", changes)
    by = Actor(actor.id, platform)
    work.emit(GoodsShipped(order.id, shipment_id, quantities, draft.shipped_on, by))
    restate(work, order_id=order.id, actor=by)
    _tell_submitter(
        work, actor, order, f"shipped:{shipment_id}", _left_words(order, read_shipment(work, shipment_id=shipment_id))
    )
    return shipment_id


def change_shipment(
    work: UnitOfWork,
    *,
    actor: Member,
    platform: str,
    shipment_id: int,
    carrier: str | None,
    tracking: str | None,
    expected_on: date,
) -> None:
    """Numbers that followed later, another day of arrival: the submitter hears of the day.

    Raises Forbidden, NotFound, Conflict (it has arrived), Invalid.
    """
    require(can_ship(actor))
    order, shipment = _lock(work, actor, shipment_id)
    if shipment.delivered_on is not None:
        raise Conflict(T("This shipment arrived on {date} already.", date=shipment.delivered_on))
    if expected_on < shipment.shipped_on:
        raise Invalid(T("It can't arrive before it left on {date}.", date=shipment.shipped_on))
    new = {"carrier": carrier or _recognised(tracking), "tracking": tracking, "expected_on": expected_on}
    changes = {
        name: (getattr(shipment, name), value) for name, value in new.items() if getattr(shipment, name) != value
    }
    if not changes:
        return
    work.connection.execute(update(_SHIPMENTS).where(_SHIPMENTS.c.id == shipment_id).values(new))
    record(
        work,
        actor,
        platform,
        order.id,
        "shipment changed",
        {"shipment": (shipment.position, shipment.position)} | changes,
    )
    touch_cards(work, order_id=order.id)
    if "expected_on" in changes:
        told = T(
            "{number} {customer}: now expected on {date}, before on {before}.",
            number=order.number,
            customer=order.customer_name,
            date=expected_on,
            before=shipment.expected_on,
        )
        _tell_submitter(work, actor, order, f"expected:{shipment_id}:{expected_on}:{work.now.isoformat()}", told)


def deliver(
    work: UnitOfWork, *, actor: Member, platform: str, shipment_id: int, on: date, received_by: str | None = None
) -> None:
    """Record that a shipment arrived, on which day and who signed for it. The submitter hears of it.

    Raises Forbidden, NotFound, Conflict (it has arrived already), Invalid (a day to come, or before it left).
    """
    require(can_ship(actor))
    order, shipment = _lock(work, actor, shipment_id)
    if on < shipment.shipped_on:
        raise Invalid(T("It can't arrive before it left on {date}.", date=shipment.shipped_on))
    _check_past(work, on)
    once = update(_SHIPMENTS).where(_SHIPMENTS.c.id == shipment_id, _SHIPMENTS.c.delivered_on.is_(None))
    if work.connection.execute(once.values(delivered_on=on, received_by=received_by)).rowcount != 1:
        raise Conflict(T("This shipment arrived on {date} already.", date=shipment.delivered_on))
    changes = {"shipment": (None, shipment.position), "delivered_on": (None, on), "received_by": (None, received_by)}
    record(work, actor, platform, order.id, "delivered", changes)
    by = Actor(actor.id, platform)
    if restate(work, order_id=order.id, actor=by) in {"delivered", "closed"}:
        arrived = max(row.delivered_on for row in shipments_of(work, order_id=order.id))
        work.emit(GoodsDelivered(order.id, arrived, by))
    touch_cards(work, order_id=order.id)
    facts = {"number": order.number, "customer": order.customer_name, "date": on}
    told = T("{number} {customer}: arrived on {date}.", **facts)
    if received_by:
        told = T("{number} {customer}: arrived on {date}, received by {name}.", name=received_by, **facts)
    _tell_submitter(work, actor, order, f"delivered:{shipment_id}", told)


def _lock(work: UnitOfWork, actor: Member, shipment_id: int) -> tuple[Any, Any]:
    """The order and the shipment, read after the order was locked."""
    found = read_shipment(work, shipment_id=shipment_id)
    if found is None:
        raise NotFound(T("There is no such shipment."))
    lock_order(work, order_id=found.order_id)
    return read_order(work, order_id=found.order_id, viewer=actor), read_shipment(work, shipment_id=shipment_id)


def _quantities(work: UnitOfWork, draft: ShipmentDraft) -> dict[int, Decimal]:
    left = {line.id: (line, quantity) for line, quantity in left_to_ship(work, order_id=draft.order_id)}
    if not left:
        raise Conflict(nothing_leaves(work, order_id=draft.order_id))
    if draft.quantities is None:
        return {line_id: quantity for line_id, (_, quantity) in left.items()}
    for line_id, quantity in draft.quantities.items():
        line, most = left.get(line_id, (None, Decimal(0)))
        if line is None or not quantity.is_finite() or quantity <= 0 or quantity > most:
            raise Invalid(more_than_left(line, most))
    if not draft.quantities:
        raise Invalid(T("At least one line must leave."))
    return dict(draft.quantities)


def more_than_left(line: Any, most: Decimal) -> Text:
    """What is said of a quantity that cannot leave. `line` None: nothing of it is left."""
    if line is None:
        return T("Nothing is left to ship of that line.")
    return T("Of {product} there are {quantity} {unit} to ship.", product=line.name, quantity=most, unit=line.unit)


def _check_days(work: UnitOfWork, shipped_on: date, expected_on: date) -> None:
    _check_past(work, shipped_on)
    if expected_on < shipped_on:
        raise Invalid(T("It can't arrive before it left on {date}.", date=shipped_on))


def _check_past(work: UnitOfWork, day: date) -> None:
    """Not after today, wherever on earth that is: who records it may be ahead of the company's clock."""
    today = company_today(work)
    if (day - today).days > 1:
        raise Invalid(T("{date} is still to come. Please give the day it happened.", date=day))


def _recognised(tracking: str | None) -> str | None:
    found = None if tracking is None else recognise(tracking)
    return None if found is None else found.name or None


def _left_words(order: Any, shipment: Any) -> Text:
    facts = {"number": order.number, "customer": order.customer_name, "date": shipment.shipped_on}
    by = " ".join(part for part in (shipment.carrier, shipment.tracking) if part)
    if by:
        return T(
            "{number} {customer}: shipped on {date} by {carrier}, expected {expected}.",
            carrier=by,
            expected=shipment.expected_on,
            **facts,
        )
    return T("{number} {customer}: shipped on {date}, expected {expected}.", expected=shipment.expected_on, **facts)


def _tell_submitter(work: UnitOfWork, actor: Member, order: Any, key: str, told: Text) -> None:
    if order.submitter_id != actor.id:
        tell(work, person_id=order.submitter_id, text=told, key=key, about=("order", order.id))
