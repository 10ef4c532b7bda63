"""Where an approved order stands: never set by hand, always said anew from what has happened. Guide 3.2.

Every act that may matter (a plan, a milestone, a receipt, a shipment, a delivery) calls `restate` last.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import update

from crm.core import history
from crm.core.history import Actor
from crm.core.work import UnitOfWork
from crm.fulfilment.gates import production_is_open
from crm.fulfilment.milestones import milestones_of
from crm.fulfilment.payments import is_paid
from crm.fulfilment.plans import read_plan
from crm.fulfilment.shipments import all_delivered, shipped_share
from crm.fulfilment.work_orders import work_orders_of
from crm.orders.approvals import touch_cards
from crm.orders.order_events import OrderChanged, OrderStand
from crm.orders.orders import Order, read_plain
from crm.sales.agreed_orders import AGREED

_ORDERS = Order.table()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """`may_begin`: what must be received before production was; `has_begun`: a milestone of its making is reached;
    `is_made`: nothing is left to be made. `is_planned`: False for an order from before there were plans.
    """

    is_planned: bool
    may_begin: bool
    has_begun: bool
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
    if facts.is_planned and facts.is_made:
        return "ready"
    if facts.has_begun:
        return "in_production"
    return "approved" if facts.may_begin else "waiting_deposit"


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
    milestones = milestones_of(work, [order_id]).get(order_id, [])
    has_begun = any(row.done_on is not None for row in milestones)
    is_made = not work_orders_of(work, [order_id], only_open=True)
    shipped = shipped_share(work, order_id=order_id)
    # What is paid and awaited is asked only where it decides.
    may_begin = has_begun or is_made or shipped != "nothing" or production_is_open(work, order_id=order_id)
    is_delivered = shipped == "all" and all_delivered(work, order_id=order_id)
    return Facts(
        is_planned=read_plan(work, order_id=order_id) is not None,
        may_begin=may_begin,
        has_begun=has_begun,
        is_made=is_made,
        shipped=shipped,
        is_delivered=is_delivered,
        is_paid=is_delivered and is_paid(work, order_id=order_id),
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
