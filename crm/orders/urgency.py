"""An order that cannot wait for its approver's quiet hours: its submitter may say so, once a day. Guide 1, 3.1."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy import bindparam, func, select, update

from crm.core.errors import Conflict
from crm.core.rules import whole_rule
from crm.core.text import TN, T, Text
from crm.core.types import UTCDateTime
from crm.core.work import UnitOfWork
from crm.orders.approvals import CARD, ApprovalStep, of_round, steps_of, touch_cards
from crm.orders.order_policy import can_change_order
from crm.orders.orders import STATUSES, Order, lock_order, read_order, record
from crm.people.people import Member, Person
from crm.people.permissions import require
from crm.people.quiet import HeldCard, held_cards, release_cards

_STEPS = ApprovalStep.table()
_ORDERS = Order.table()
_MARK = update(_STEPS).where(_STEPS.c.id == bindparam("step"), _STEPS.c.status == "pending")
_MARKED = (
    select(func.count(_ORDERS.c.id.distinct()))
    .select_from(_STEPS.join(_ORDERS, _ORDERS.c.id == _STEPS.c.order_id))
    .where(_STEPS.c.urgent_at >= bindparam("since", type_=UTCDateTime))
    .where(_ORDERS.c.submitter_id == bindparam("submitter"), _ORDERS.c.id != bindparam("order"))
)


def held_approvals(work: UnitOfWork, *, order_id: int) -> list[HeldCard]:
    """The approvers' cards of this order that wait for the end of quiet hours; in one statement."""
    return held_cards(work, card=CARD, subject_id=order_id)


def mark_urgent(work: UnitOfWork, *, actor: Member, platform: str, order_id: int) -> Sequence[HeldCard]:
    """Send the cards at once that wait for the end of their readers' quiet hours; returns them.

    Raises Forbidden, NotFound, Conflict (nothing is held, decided meanwhile, or enough for today).
    """
    lock_order(work, order_id=order_id)
    mine = select(Person.id).where(Person.id == actor.id)
    work.connection.execute(mine.with_for_update(key_share=True))  # of two orders at once the second is counted too
    order = read_order(work, order_id=order_id, viewer=actor)
    require(can_change_order(actor, order))
    path = of_round(steps_of(work, order_id=order_id), order.round)
    step = next((one for one in path if one.status == "pending"), None)
    if order.status != "pending" or step is None:
        raise Conflict(_stands(order))
    held = held_approvals(work, order_id=order_id)
    if not held:
        raise Conflict(T("Whoever decides on order {number} has got it already.", number=order.number))
    most = whole_rule(work, "orders.urgent_a_day")
    if _others_today(work, actor, order_id) >= most:
        told = TN("You may mark {n} order as urgent a day.", "You may mark {n} orders as urgent a day.", n=most)
        raise Conflict(told)
    work.connection.execute(_MARK.values(urgent_at=work.now), {"step": step.id})
    release_cards(work, held)
    changes = {"urgent": (False, True)}
    record(work, actor, platform, order_id, "urgent", changes)
    touch_cards(work, order_id=order_id)
    return held


def _others_today(work: UnitOfWork, actor: Member, order_id: int) -> int:
    """How many orders beside this one were marked today; this one is urgent for the whole day."""
    today = datetime.combine(work.now.astimezone(actor.zone).date(), time(), actor.zone).astimezone(UTC)
    return int(
        work.connection.execute(_MARKED, {"since": today, "submitter": actor.id, "order": order_id}).scalar_one()
    )


def _stands(order: Any) -> Text:
    facts = {"number": order.number, "status": STATUSES[order.status]}
    return T("Order {number} is: {status}. That can't be done any more.", **facts)
