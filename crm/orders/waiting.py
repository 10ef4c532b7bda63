"""What waits for somebody's decision: the verb `approvals`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text

from crm.core.money import Money
from crm.core.work import UnitOfWork
from crm.orders.approvals import ESCALATED, ApprovalStep, Step, read_escalated, steps_of
from crm.orders.approvers import Circle, Deciders, approvers_for, deciders, read_circle
from crm.orders.orders import FROM_ORDERS, SUBMITTERS, Order, read_plain
from crm.people.people import Member, Role
from crm.sales.customers.customers import Customer


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open step and its order, as a line of a list. `base_total` in the base currency; `for_name`: who is away and
    decided for.
    """

    step_id: int
    order_id: int
    number: str
    role: Role
    asked_at: datetime
    customer_name: str
    submitter_name: str
    total: Money
    base_total: Decimal
    for_name: str | None = None


_STEPS = ApprovalStep.table()
_ORDERS = Order.table()
_OPEN = (
    select(
        _STEPS.c.id.label("step_id"),
        _STEPS.c.order_id,
        _STEPS.c.role,
        _STEPS.c.asked_at,
        _ORDERS.c.number,
        _ORDERS.c.currency,
        _ORDERS.c.total,
        _ORDERS.c.base_total,
        _ORDERS.c.submitter_id,
        Customer.table().c.name.label("customer_name"),
        SUBMITTERS.c.name.label("submitter_name"),
        ESCALATED,
    )
    .select_from(FROM_ORDERS.join(_STEPS, _STEPS.c.order_id == _ORDERS.c.id))
    .where(text("approval_steps.status = 'pending'"))
    .order_by(_STEPS.c.asked_at, _STEPS.c.id)
)


def waiting_for(work: UnitOfWork, *, person: Member) -> list[Waiting]:
    """The steps that this person may decide on now, whoever may besides; the longest waiting first. Two statements."""
    return waiting_for_each(work, people=[person])[person.id]


def waiting_for_each(work: UnitOfWork, *, people: Sequence[Member]) -> dict[int, list[Waiting]]:
    """The same for each of these people by their ids, in as many statements."""
    rows = open_steps(work)
    circle = read_circle(work, *(person.id for person in people), *{row.submitter_id for row in rows})
    found: dict[int, list[Waiting]] = {person.id: [] for person in people}
    for row in rows:
        who = deciders_of(row, circle)
        for approver in who.everybody:
            if approver.id in found:
                found[approver.id].append(_line(row, who.away_for.get(approver.id)))
    return found


def open_steps(work: UnitOfWork) -> list[Any]:
    """All steps that are open now, as rows with what `deciders_of` needs; the longest waiting first."""
    return list(work.connection.execute(_OPEN).all())


def deciders_of(row: Any, circle: Circle) -> Deciders:
    """Who may decide on an open step, a row of `open_steps`."""
    escalated = read_escalated(row.escalated)
    return deciders(Role(row.role), submitter_id=row.submitter_id, circle=circle, escalated=escalated)


def approvers_of(work: UnitOfWork, *, step: Step) -> list[Member]:
    """Who may decide on a step as people and roles stand now; empty: nobody, which is the administrators' problem."""
    submitter_id = read_plain(work, order_id=step.order_id).submitter_id
    circle = read_circle(work, submitter_id)
    return approvers_for(step.role, submitter_id=submitter_id, circle=circle, escalated=step.escalated)


def open_step_of(work: UnitOfWork, *, order_id: int) -> Step | None:
    """The step of an order that is open now, or None."""
    return next((step for step in steps_of(work, order_id=order_id) if step.status == "pending"), None)


def _line(row: Any, away: Member | None) -> Waiting:
    return Waiting(
        row.step_id,
        row.order_id,
        row.number,
        Role(row.role),
        row.asked_at,
        row.customer_name,
        row.submitter_name,
        Money(row.total, row.currency),
        row.base_total,
        None if away is None else away.name,
    )
