"""The submitter asks again, politely: whoever decides on the open step gets its card once more. Guide 3.1."""

from datetime import timedelta
from typing import Any

from crm.core import history
from crm.core.errors import Conflict
from crm.core.money import Money
from crm.core.outbox import Lane
from crm.core.rules import decimal_rule
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.orders.approvals import CARD, of_round, steps_of
from crm.orders.approvers import deciders, read_circle
from crm.orders.order_policy import can_change_order
from crm.orders.orders import STATUSES, lock_order, read_order, record
from crm.people.people import ROLE_NAMES, Member
from crm.people.permissions import require
from crm.people.reach import show_card, tell


def nudge(work: UnitOfWork, *, actor: Member, platform: str, order_id: int) -> list[Member]:
    """Send the card of a waiting order again, under a line that says who asks; returns who got it.

    Raises Forbidden (not the submitter), NotFound, Conflict (nothing waits, nobody may decide, or too soon after the
    last time).
    """
    lock_order(work, order_id=order_id)
    order = read_order(work, order_id=order_id, viewer=actor)
    require(can_change_order(actor, order))
    path = of_round(steps_of(work, order_id=order_id), order.round)
    step = next((one for one in path if one.status == "pending"), None)
    if order.status != "pending" or step is None:
        facts = {"number": order.number, "status": STATUSES[order.status]}
        raise Conflict(T("Order {number} is: {status}. That can't be done any more.", **facts))
    _not_too_soon(work, order)
    circle = read_circle(work, order.submitter_id)
    asked = deciders(step.role, submitter_id=order.submitter_id, circle=circle, escalated=step.escalated).asked
    if not asked:
        role = ROLE_NAMES[step.role]
        raise Conflict(T("Nobody can decide on this step yet ({role}); the administrators were told.", role=role))
    line = T(
        "{name} asks for your decision on order {number}: {customer}, {total}.",
        name=actor.name,
        number=order.number,
        customer=order.customer_name,
        total=Money(order.total, order.currency),
    )
    for person in asked:
        tell(work, person_id=person.id, text=line, lane=Lane.DECISION)
        show_card(work, person_id=person.id, card=CARD, subject_id=order_id)
    record(work, actor, platform, order_id, "nudged", {"asked": (None, [person.name for person in asked])})
    return asked


def _not_too_soon(work: UnitOfWork, order: Any) -> None:
    hours = timedelta(hours=float(decimal_rule(work, "orders.nudge_hours")))
    acts = history.history_of(work, entity="order", entity_id=order.id)
    last = next((one.at for one in reversed(acts) if one.act == "nudged"), None)
    if last is not None and work.now < last + hours:
        raise Conflict(T("You asked at {at}; you may again from {then}.", at=last, then=last + hours))
