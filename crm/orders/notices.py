"""What the submitter of an order hears of its approval."""

from collections.abc import Sequence
from typing import Any

from crm.core.text import T, Text
from crm.core.work import UnitOfWork
from crm.orders.approvals import Step
from crm.orders.reasons import reason_words
from crm.people.people import ROLE_NAMES
from crm.people.reach import show_card, tell


def tell_submitter(work: UnitOfWork, *, order: Any, steps: Sequence[Step], status: str, open_step: Step | None) -> None:
    """One notice for each step that was just decided; a larger deposit brings the order's card, to be answered on."""
    for step in steps:
        is_last = step is steps[-1]
        text = _decided(
            order, step, is_approved=is_last and status == "approved", open_step=open_step if is_last else None
        )
        offers = "resubmit" if step.decision == "send_back" else None
        tell(work, person_id=order.submitter_id, text=text, about=("order", order.id), offers=offers)
        if step.decision in {"deposit", "condition"}:
            show_card(work, person_id=order.submitter_id, card="order", subject_id=order.id)


def tell_decider(work: UnitOfWork, *, order: Any, step: Step, accepted: bool) -> None:
    """Whoever asked for a larger deposit hears the rep's answer."""
    assert step.decided_by is not None
    if step.deposit_percent is None:
        text = T("{name} does not accept your condition on order {number}. It waits for you again.", **_of(order))
        if accepted:
            text = T("{name} accepts your condition on order {number}.", **_of(order))
        tell(work, person_id=step.decided_by, text=text, about=("order", order.id))
        return
    facts = {"name": order.submitter_name, "number": order.number, "percent": step.deposit_percent}
    text = T("{name} does not accept a deposit of {percent} % on order {number}. It waits for you again.", **facts)
    if accepted:
        text = T("{name} accepts a deposit of {percent} % on order {number}.", **facts)
    tell(work, person_id=step.decided_by, text=text, about=("order", order.id))


def tell_run_out(work: UnitOfWork, *, order: Any, step: Step) -> None:
    """Nobody has answered a condition in time: who set it and who was to answer hear that the step is open again."""
    assert step.decided_by is not None
    facts = {"number": order.number, "date": step.condition_until}
    text = T("The condition on order {number} was not answered by {date}: it has to be decided again.", **facts)
    for person_id in {step.decided_by, order.submitter_id}:
        tell(work, person_id=person_id, text=text, about=("order", order.id))


def _of(order: Any) -> dict[str, Any]:
    return {"name": order.submitter_name, "number": order.number}


def _decided(order: Any, step: Step, *, is_approved: bool, open_step: Step | None) -> Text:
    facts = {
        "number": order.number,
        "customer": order.customer_name,
        "name": step.decider,
        "role": ROLE_NAMES[step.role],
        "reason": None if step.reason is None else reason_words(step.reason),
    }
    match step.decision:
        case "reject":
            return T("Order {number} for {customer} was rejected by {name} ({role}): {reason}", **facts)
        case "send_back":
            return T("{name} ({role}) sent order {number} for {customer} back. What to change: {reason}", **facts)
        case "deposit":
            return T(
                "{name} ({role}) asks for a deposit of {percent} % on order {number} for {customer}. Do you accept?",
                percent=step.deposit_percent,
                **facts,
            )
        case "condition":
            if step.condition_until is not None:
                return T(
                    "{name} ({role}) approves order {number} for {customer} on a condition: {reason}. "
                    "Do you accept it, by {date}?",
                    date=step.condition_until,
                    **facts,
                )
            return T(
                "{name} ({role}) approves order {number} for {customer} on a condition: {reason}. Do you accept it?",
                **facts,
            )
    if is_approved:
        return T("Order {number} for {customer} is approved. The last to approve was {name} ({role}).", **facts)
    if open_step is not None:
        following = ROLE_NAMES[open_step.role]
        return T(
            "{name} ({role}) approved order {number} for {customer}. Next: {following}.", following=following, **facts
        )
    return T("{name} ({role}) approved order {number} for {customer}.", **facts)
