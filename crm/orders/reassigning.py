"""An administrator gives a step that is stuck to somebody: they may decide on it too, from now on. Guide 3.1."""

from typing import Any

from sqlalchemy import insert

from crm.core.errors import Conflict, Invalid
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.orders.approvals import CARD, Step, of_round, steps_of, touch_cards
from crm.orders.approvers import deciders, read_circle
from crm.orders.escalations import StepEscalation
from crm.orders.orders import STATUSES, lock_order, read_order, record
from crm.people.absence import can_stand_in
from crm.people.people import ROLE_NAMES, Member, Role, find_member
from crm.people.permissions import Allowed, require
from crm.people.reach import show_card, tell

_ESCALATIONS = StepEscalation.table()
_LONGEST = 1_000


def can_reassign(person: Member) -> Allowed:
    return True if person.has(Role.ADMIN) else T("A stuck approval is passed on by an administrator.")


def check_reassignable(work: UnitOfWork, *, actor: Member, order_id: int) -> tuple[Any, Step]:
    """The order and its open step. Raises Forbidden, NotFound, Conflict (nothing waits)."""
    require(can_reassign(actor))
    order = read_order(work, order_id=order_id, viewer=actor)
    path = of_round(steps_of(work, order_id=order_id), order.round)
    step = next((one for one in path if one.status == "pending"), None)
    if order.status != "pending" or step is None:
        facts = {"number": order.number, "status": STATUSES[order.status]}
        raise Conflict(T("Order {number} is: {status}. That can't be done any more.", **facts))
    return order, step


def reassign_step(work: UnitOfWork, *, actor: Member, platform: str, order_id: int, to_id: int, reason: str) -> Member:
    """Let this person decide on the open step too, and give them its card; returns them.

    Never the submitter, and only who decides on orders by a role. Raises Forbidden, NotFound, Conflict, Invalid.
    """
    lock_order(work, order_id=order_id)
    order, step = check_reassignable(work, actor=actor, order_id=order_id)
    to = find_member(work, person_id=to_id)
    require(can_stand_in(to))
    if to.id == order.submitter_id:
        raise Invalid(T("{name} submitted this order and can't decide on it.", name=to.name))
    circle = read_circle(work, order.submitter_id, to.id)
    if deciders(step.role, submitter_id=order.submitter_id, circle=circle, escalated=step.escalated).may(to.id):
        raise Conflict(T("{name} may decide on it already.", name=to.name))
    reason = " ".join(reason.split())[:_LONGEST]
    if not reason:
        raise Invalid(T("Please say why."))
    values = {"step_id": step.id, "person_id": to.id, "approver_id": actor.id, "at": work.now}
    work.connection.execute(insert(_ESCALATIONS).values(values))
    changes = {"may decide": (None, to.name), "step": (None, step.role.value)}
    record(work, actor, platform, order_id, "reassigned", changes, reason)
    told = T(
        "{name} asks you to decide on order {number} ({role}): {reason}",
        name=actor.name,
        number=order.number,
        role=ROLE_NAMES[step.role],
        reason=reason,
    )
    tell(work, person_id=to.id, text=told)
    show_card(work, person_id=to.id, card=CARD, subject_id=order_id)
    touch_cards(work, order_id=order_id)
    return to
