"""What waits for somebody's decision: the verb `approvals`."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text

from crm.core.money import Money
from crm.core.work import UnitOfWork
from crm.orders.approvals import ApprovalStep, Step, steps_of
from crm.orders.approvers import approvers_for, can_decide, read_circle
from crm.orders.orders import FROM_ORDERS, SUBMITTERS, Order, read_plain
from crm.people.people import Member, Role
from crm.sales.customers import Customer


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open step and its order, as a line of a list. `base_total` in the base currency."""

    step_id: int
    order_id: int
    number: str
    role: Role
    asked_at: datetime
    customer_name: str
    submitter_name: str
    total: Money
    base_total: Decimal


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
    )
    .select_from(FROM_ORDERS.join(_STEPS, _STEPS.c.order_id == _ORDERS.c.id))
    .where(text("approval_steps.status = 'pending'"))
    .order_by(_STEPS.c.asked_at, _STEPS.c.id)
)


def waiting_for(work: UnitOfWork, *, person: Member) -> list[Waiting]:
    """The steps that this person may decide on now, whoever may besides; the longest waiting first. Two statements."""
    rows = work.connection.execute(_OPEN).all()
    circle = read_circle(work, person.id, *{row.submitter_id for row in rows})
    return [
        _line(row)
        for row in rows
        if can_decide(person, role=Role(row.role), submitter_id=row.submitter_id, circle=circle) is True
    ]


def approvers_of(work: UnitOfWork, *, step: Step) -> list[Member]:
    """Who may decide on a step as people and roles stand now; empty: nobody, which is the administrators' problem."""
    submitter_id = read_plain(work, order_id=step.order_id).submitter_id
    return approvers_for(step.role, submitter_id=submitter_id, circle=read_circle(work, submitter_id))


def open_step_of(work: UnitOfWork, *, order_id: int) -> Step | None:
    """The step of an order that is open now, or None."""
    return next((step for step in steps_of(work, order_id=order_id) if step.status == "pending"), None)


def _line(row: Any) -> Waiting:
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
    )
