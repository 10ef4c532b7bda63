"""Where an approved order stands: never set by hand, always said anew from what has happened. Guide 3.2.

Every act that may matter (a plan, a milestone, a receipt, a shipment, a delivery) calls `restate` last.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import update

from crm.core import history
from crm.core.history import Actor
from crm.core.work import UnitOfWork
from crm.fulfilment.shipments import all_delivered, shipped_share
from crm.orders.approvals import touch_cards
from crm.orders.order_events import OrderChanged, OrderStand
from crm.orders.orders import Order, read_plain
from crm.sales.agreed_orders import AGREED

_ORDERS = Order.table()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """`may_begin`: what must be received before production was; `is_made`: nothing is left to be made."""

    may_begin: bool
    is_made: bool
    shipped: Literal["nothing", "part", "all"]
    is_delivered: bool
    is_paid: bool


def stand_of(facts: Facts) -> str:
    """The status of an approved order that was not cancelled."""
    if facts.shipped == "all" and facts.is_delivered:
        return "closed" if facts.is_paid else "delivered"
    if facts.shipped == "all":
        return "shipped"
    if facts.shipped == "part":
        return "partly_shipped"
    if not facts.may_begin:
        return "waiting_deposit"
    return "ready" if facts.is_made else "in_production"


def restate(work: UnitOfWork, *, order_id: int, actor: Actor) -> str:
    """Bring the order's status in line with the facts, with its history; returns it. Whoever calls holds the order's
    lock. What is not approved, or was cancelled, stays as it is.
    """
    order = read_plain(work, order_id=order_id)
    if order.status not in AGREED:
        return str(order.status)
    status = stand_of(_facts(work, order_id))
    if status != order.status:
        _set(work, order, status, actor)
    return status


def _facts(work: UnitOfWork, order_id: int) -> Facts:
    return Facts(
        may_begin=True,
        is_made=True,
        shipped=shipped_share(work, order_id=order_id),
        is_delivered=all_delivered(work, order_id=order_id),
        is_paid=False,
    )


def _set(work: UnitOfWork, order: Any, status: str, actor: Actor) -> None:
    same = (_ORDERS.c.id == order.id, _ORDERS.c.status == order.status)
    changed = work.connection.execute(update(_ORDERS).where(*same).values(status=status, changed_at=work.now))
    assert changed.rowcount == 1, "whoever restates an order holds its lock"
    before = OrderStand(order.submitter_id, order.status, order.submitted_at, order.base_total, order.decided_at)
    work.emit(OrderChanged(order.id, before, replace(before, status=status)))
    changes = {"status": (order.status, status)}
    history.record(work, actor=actor, entity="order", entity_id=order.id, act="status", changes=changes)
    touch_cards(work, order_id=order.id)
