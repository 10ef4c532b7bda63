"""An approved order is cancelled before it leaves, with a reason; in production by who approves last. Guide 3.1."""

from dataclasses import replace
from typing import Any

from sqlalchemy import update

from crm.core import history
from crm.core.errors import Conflict, Invalid
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.ledger.credit import lock_customer, release
from crm.orders.approvals import of_round, steps_of, touch_cards
from crm.orders.order_events import OrderCancelled, OrderChanged, OrderStand
from crm.orders.order_policy import can_change_order
from crm.orders.orders import STATUSES, Order, lock_order, read_order, record
from crm.orders.reasons import reason_words
from crm.people.people import ROLE_NAMES, Member
from crm.people.permissions import Allowed, require
from crm.people.reach import tell

BEFORE_PRODUCTION = ("approved", "waiting_deposit")
BEFORE_SHIPPING = ("in_production", "ready")

_ORDERS = Order.table()
_LONGEST = 1_000


def can_cancel(work: UnitOfWork, person: Member, order: Any) -> Allowed:
    """Who submitted it, as long as nothing was made, as where all was in stock; from then on who holds the role of the
    approval's last step, and never on an order of their own. `order` as for `order_policy`.
    """
    if order.status in BEFORE_PRODUCTION or (order.status == "ready" and not _was_made(work, order.id)):
        return can_change_order(person, order)
    if order.status not in BEFORE_SHIPPING:
        facts = {"number": order.number, "status": STATUSES[order.status]}
        return T("Order {number} is: {status}. It can't be cancelled any more.", **facts)
    path = of_round(steps_of(work, order_id=order.id), order.round)
    last = path[-1].role
    if person.has(last) and person.id != order.submitter_id:
        return True
    return T("Once in production an order is cancelled by who approves it last: {role}.", role=ROLE_NAMES[last])


def check_cancellable(work: UnitOfWork, *, actor: Member, order_id: int) -> Any:
    """The order's row. Raises what cancelling it would raise now: NotFound, Forbidden, Conflict."""
    order = read_order(work, order_id=order_id, viewer=actor)
    if order.status not in {*BEFORE_PRODUCTION, *BEFORE_SHIPPING}:
        facts = {"number": order.number, "status": STATUSES[order.status]}
        raise Conflict(T("Order {number} is: {status}. It can't be cancelled any more.", **facts))
    require(can_cancel(work, actor, order))
    return order


def cancel_order(work: UnitOfWork, *, actor: Member, platform: str, order_id: int, reason: str) -> None:
    """Cancel it: its credit is given back, and whoever has approved it hears why. `reason`: of CANCELLED, or words.

    Raises NotFound, Forbidden, Conflict (something has left, or it was cancelled), Invalid (no reason).
    """
    lock_order(work, order_id=order_id)
    order = check_cancellable(work, actor=actor, order_id=order_id)
    lock_customer(work, customer_id=order.customer_id)
    reason = " ".join(reason.split())[:_LONGEST]
    if not reason:
        raise Invalid(T("Please say why the order is cancelled."))
    once = update(_ORDERS).where(_ORDERS.c.id == order_id, _ORDERS.c.status == order.status)
    if work.connection.execute(once.values(status="cancelled", changed_at=work.now)).rowcount != 1:
        raise Conflict(T("This was changed in the meantime. Please look at the order again."))
    before = OrderStand(order.submitter_id, order.status, order.submitted_at, order.base_total, order.decided_at)
    work.emit(OrderChanged(order_id, before, replace(before, status="cancelled")))
    work.emit(OrderCancelled(order_id))
    release(work, order_id=order_id)
    record(work, actor, platform, order_id, "cancelled", {"status": (order.status, "cancelled")}, reason)
    touch_cards(work, order_id=order_id)
    _tell(work, actor, order, reason)


def _was_made(work: UnitOfWork, order_id: int) -> bool:
    """Whether the order was in production before."""
    rows = history.history_of(work, entity="order", entity_id=order_id)
    return any("in_production" in row.changes.get("status", ()) for row in rows)


def _tell(work: UnitOfWork, actor: Member, order: Any, reason: str) -> None:
    path = of_round(steps_of(work, order_id=order.id), order.round)
    people = {order.submitter_id, *(step.decided_by for step in path if step.decided_by is not None)} - {actor.id}
    told = T(
        "{name} has cancelled order {number} of {customer}: {reason}",
        name=actor.name,
        number=order.number,
        customer=order.customer_name,
        reason=reason_words(reason),
    )
    for person_id in sorted(people):
        tell(work, person_id=person_id, text=told, key=f"cancelled:{order.id}:{person_id}", about=("order", order.id))
