"""The rep's answer to a condition: a larger deposit, which changes the terms, or what an approver wrote, which goes to
the order's notes. Accepted, the step is approved; declined or not answered in time, it is open again. Guide 3.1.
"""

from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Date, bindparam, null, select, text, update

from crm.core import history
from crm.core.errors import Conflict
from crm.core.history import SYSTEM
from crm.core.rules import text_rule
from crm.core.text import T
from crm.core.types import Percent, UTCDateTime
from crm.core.work import UnitOfWork
from crm.orders.approvals import (
    ApprovalStep,
    OrderApproved,
    Step,
    advance,
    ask,
    of_round,
    states,
    steps_of,
    touch_cards,
)
from crm.orders.approvers import read_circle
from crm.orders.notices import tell_decider, tell_run_out
from crm.orders.order_policy import can_change_order
from crm.orders.orders import STATUSES, Order, lock_order, read_order, read_plain, record
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
            (
                "decided_by",
                "for_id",
                "decided_at",
                "platform",
                "decision",
                "reason",
                "deposit_percent",
                "condition_until",
            ),
            null(),
        ),
    )
)
_RUN_OUT = select(_STEPS.c.order_id).where(
    text("condition_until IS NOT NULL"),
    _STEPS.c.condition_until < bindparam("today", type_=Date),
    _STEPS.c.status == "condition",
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
    """Take the larger deposit into the order's terms, or the condition into its notes; the step that asked for it is
    approved with that.

    Raises NotFound, Forbidden (not the submitter), Conflict (nothing is asked, or no more).
    """
    order, steps, step = _read_asked(work, actor, order_id)
    if step.condition_until is not None and step.condition_until < _today(work):
        raise Conflict(
            T("The condition on order {number} held until {date} only.", number=order.number, date=step.condition_until)
        )
    path = of_round(steps, order.round)
    before = states(path)
    _swap(work, order, _ACCEPT, {"step": step.id})
    told = _take_note(work, order, step) if step.deposit_percent is None else _take_deposit(work, order, step)
    _set(path, step, "approved")
    open_step = advance(work, order=order, steps=path)
    changes: dict[str, tuple[Any, Any]] = {"steps": (before, states(path)), **told}
    if open_step is None:
        changes["status"] = (order.status, "approved")
    record(work, actor, platform, order.id, "condition accepted", changes)
    if open_step is None:
        work.emit(OrderApproved(order.id))
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


def any_run_out(work: UnitOfWork) -> bool:
    """Whether a condition waits for its answer past its last day. Reads only."""
    return work.connection.execute(_RUN_OUT, {"today": _today(work)}).first() is not None


def open_run_out(work: UnitOfWork) -> int:
    """Let the steps be decided again whose condition nobody has answered in time; returns how many."""
    opened = 0
    for order_id in sorted(set(work.connection.execute(_RUN_OUT, {"today": _today(work)}).scalars())):
        lock_order(work, order_id=order_id)
        order, steps = read_plain(work, order_id=order_id), steps_of(work, order_id=order_id)
        path = of_round(steps, order.round)
        step = next((one for one in path if one.status == "condition" and one.condition_until is not None), None)
        if order.status != "pending" or step is None:
            continue
        before = states(path)
        if work.connection.execute(_DECLINE, {"step": step.id, "now": work.now}).rowcount != 1:
            continue
        _set(path, step, "pending")
        changes = {"steps": (before, states(path))}
        history.record(work, actor=SYSTEM, entity="order", entity_id=order_id, act="condition run out", changes=changes)
        touch_cards(work, order_id=order_id)
        ask(work, order=order, step=replace(step, status="pending"), circle=read_circle(work, order.submitter_id))
        tell_run_out(work, order=order, step=step)
        opened += 1
    return opened


def _today(work: UnitOfWork) -> date:
    return work.now.astimezone(ZoneInfo(text_rule(work, "company.timezone"))).date()


def _take_deposit(work: UnitOfWork, order: Any, step: Step) -> dict[str, tuple[Any, Any]]:
    assert step.deposit_percent is not None
    terms = with_deposit(order.payment_terms, step.deposit_percent)
    new = {"order": order.id, "deposit": step.deposit_percent, "terms": terms, "now": work.now}
    work.connection.execute(_NEW_TERMS, new)
    change_terms(work, order_id=order.id, number=order.round, payment_terms=terms)
    return {
        "deposit_percent": (order.deposit_percent, step.deposit_percent),
        "payment_terms": (order.payment_terms, terms),
    }


def _take_note(work: UnitOfWork, order: Any, step: Step) -> dict[str, tuple[Any, Any]]:
    """What was agreed stands where everybody reads it who fulfils the order."""
    line = f"{step.decider_name}: {step.reason}"
    notes = f"{order.notes}\n{line}" if order.notes else line
    work.connection.execute(update(_ORDERS).where(_ORDERS.c.id == order.id).values(notes=notes, changed_at=work.now))
    return {"notes": (order.notes, notes)}


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
