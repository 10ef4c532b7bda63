"""The rep's answer to a condition: a larger deposit is accepted, which changes the terms, or declined."""

from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, null, update

from crm.core.errors import Conflict
from crm.core.text import T
from crm.core.types import Percent, UTCDateTime
from crm.core.work import UnitOfWork
from crm.orders.approvals import ApprovalStep, Step, advance, ask, of_round, states, steps_of, touch_cards
from crm.orders.approvers import read_circle
from crm.orders.notices import tell_decider
from crm.orders.order_policy import can_change_order
from crm.orders.orders import STATUSES, Order, lock_order, read_order, record
from crm.orders.rounds import change_terms
from crm.orders.terms import with_deposit
from crm.people.people import Member
from crm.people.permissions import require

_STEPS = ApprovalStep.table()
_ORDERS = Order.table()
_IS_ASKED = (_STEPS.c.id == bindparam("step"), _STEPS.c.status == "condition")
_ACCEPT = update(_STEPS).where(*_IS_ASKED).values(status="approved")
_DECLINE = (
    update(_STEPS)
    .where(*_IS_ASKED)
    .values(
        status="pending",
        asked_at=bindparam("now", type_=UTCDateTime),
        **dict.fromkeys(
            ("decided_by", "for_id", "decided_at", "platform", "decision", "reason", "deposit_percent"), null()
        ),
    )
)
_NEW_TERMS = (
    update(_ORDERS)
    .where(_ORDERS.c.id == bindparam("order"))
    .values(
        deposit_percent=bindparam("deposit", type_=Percent),
        payment_terms=bindparam("terms"),
        changed_at=bindparam("now", type_=UTCDateTime),
    )
)


def accept_condition(work: UnitOfWork, *, actor: Member, platform: str, order_id: int) -> None:
    """Take the larger deposit into the order's terms; the step that asked for it is approved with that.

    Raises NotFound, Forbidden (not the submitter), Conflict (nothing is asked, or no more).
    """
    order, steps, step = _read_asked(work, actor, order_id)
    assert step.deposit_percent is not None
    path = of_round(steps, order.round)
    before = states(path)
    _swap(work, order, _ACCEPT, {"step": step.id})
    terms = with_deposit(order.payment_terms, step.deposit_percent)
    new = {"order": order.id, "deposit": step.deposit_percent, "terms": terms, "now": work.now}
    work.connection.execute(_NEW_TERMS, new)
    change_terms(work, order_id=order.id, number=order.round, payment_terms=terms)
    _set(path, step, "approved")
    open_step = advance(work, order=order, steps=path)
    changes: dict[str, tuple[Any, Any]] = {
        "steps": (before, states(path)),
        "deposit_percent": (order.deposit_percent, step.deposit_percent),
        "payment_terms": (order.payment_terms, terms),
    }
    if open_step is None:
        changes["status"] = (order.status, "approved")
    record(work, actor, platform, order.id, "condition accepted", changes)
    touch_cards(work, order_id=order.id)
    if open_step is not None:
        circle = read_circle(work, order.submitter_id)
        ask(work, order=order, step=open_step, circle=circle)
    tell_decider(work, order=order, step=step, accepted=True)


def decline_condition(
    work: UnitOfWork, *, actor: Member, platform: str, order_id: int, reason: str | None = None
) -> None:
    """Leave the terms as they are; the step is open again for another decision.

    Raises NotFound, Forbidden (not the submitter), Conflict (nothing is asked, or no more).
    """
    order, steps, step = _read_asked(work, actor, order_id)
    path = of_round(steps, order.round)
    before = states(path)
    _swap(work, order, _DECLINE, {"step": step.id, "now": work.now})
    _set(path, step, "pending")
    changes = {"steps": (before, states(path))}
    record(work, actor, platform, order.id, "condition declined", changes, reason)
    touch_cards(work, order_id=order.id)
    ask(work, order=order, step=step, circle=read_circle(work, order.submitter_id))
    tell_decider(work, order=order, step=step, accepted=False)


def _read_asked(work: UnitOfWork, actor: Member, order_id: int) -> tuple[Any, list[Step], Step]:
    lock_order(work, order_id=order_id)
    order = read_order(work, order_id=order_id, viewer=actor)
    require(can_change_order(actor, order))
    steps = steps_of(work, order_id=order_id)
    for step in of_round(steps, order.round):
        if step.status == "condition":
            return order, steps, step
    raise _nothing_asked(order)


def _swap(work: UnitOfWork, order: Any, statement: Any, values: dict[str, Any]) -> None:
    if work.connection.execute(statement, values).rowcount != 1:
        raise _nothing_asked(order)


def _nothing_asked(order: Any) -> Conflict:
    return Conflict(
        T(
            "Order {number} is: {status}. No condition waits for your answer.",
            number=order.number,
            status=STATUSES[order.status],
        )
    )


def _set(path: list[Step], step: Step, status: str) -> None:
    path[:] = [replace(one, status=status) if one.id == step.id else one for one in path]
