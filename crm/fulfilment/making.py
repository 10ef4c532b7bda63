"""What production reports of an order: a milestone reached, late, or in trouble; and who hears of it. Guide 3.2.

A milestone that is reached has those before it behind it too. What is late moves the work, and what stands behind it.
Goods that failed their inspection are made again: production is open anew, with the reason.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from crm.core import copies
from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.history import Actor
from crm.core.rules import company_today
from crm.core.text import T, Text
from crm.core.work import UnitOfWork
from crm.fulfilment.leaving import tell_may_leave
from crm.fulfilment.makers import lock_planning
from crm.fulfilment.milestones import MILESTONES, PLACES, change, milestones_of
from crm.fulfilment.plans import follow_work, slip_work
from crm.fulfilment.standing import restate
from crm.fulfilment.stock import put_in
from crm.fulfilment.work_orders import finish
from crm.orders.approvals import touch_cards
from crm.orders.orders import STATUSES, lock_order, read_order, record
from crm.people.people import Member, Role
from crm.people.permissions import Allowed, require
from crm.people.reach import tell
from crm.people.superiors import superiors_of
from crm.sales.agreed_orders import UNSHIPPED

Problem = Literal["delay", "quality"]
PROBLEMS: dict[str, Text] = {"delay": T("A delay"), "quality": T("A quality problem")}
MOST_WORDS = 500

CARD = "milestone"


def can_report(person: Member) -> Allowed:
    return True if person.has(Role.PRODUCTION) else T("Milestones are reported by production.")


def report_done(work: UnitOfWork, *, actor: Member, platform: str, order_id: int, key: str) -> None:
    """This milestone is reached, and with it those before it. When all is ready, the goods are in stock for the order,
    and logistics and the submitter hear of it.

    Raises Forbidden, NotFound, Conflict (it was reached already, or the order is not being made).
    """
    order, rows, row = _lock(work, actor, order_id, key)
    if row.done_on is not None:
        raise Conflict(T("{milestone} was reached on {date} already.", milestone=MILESTONES[key], date=row.done_on))
    today, by = company_today(work), Actor(actor.id, platform)
    reached = [one for one in rows if one.done_on is None and one.place <= PLACES[key]]
    change(work, [one.id for one in reached], done_on=today, problem=None)
    for one in reached:
        record(work, actor, platform, order_id, "milestone", {f"{one.key} done_on": (None, today)})
    if key == "ready":
        made = finish(work, order_id=order_id, on=today)
        if made:
            put_in(work, actor=by, order_id=order_id, made=made)
    restate(work, order_id=order_id, actor=by)
    if key == "ready":
        _tell_ready(work, actor, order)
        tell_may_leave(work, order_id=order_id)
    _touch(work, rows, order_id)


def report_late(
    work: UnitOfWork, *, actor: Member, platform: str, order_id: int, key: str, until: date, reason: str | None = None
) -> None:
    """This milestone is reached on that day only: the work moves, what stands behind it too, and whoever promised a
    day that can't be kept hears of it. `reason`: what stands in its way.

    Raises Forbidden, NotFound, Conflict, Invalid (a day that is over, or no later than it was planned).
    """
    order, rows, row = _lock(work, actor, order_id, key)
    if row.done_on is not None:
        raise Conflict(T("{milestone} was reached on {date} already.", milestone=MILESTONES[key], date=row.done_on))
    _check_until(work, row, until)
    lock_planning(work)
    _move(work, Actor(actor.id, platform), order, row, until)
    changes = {f"{key} planned_on": (row.planned_on, until)}
    record(work, actor, platform, order_id, "milestone late", changes, reason)
    change(work, [row.id], problem=reason)
    _touch(work, rows, order_id)


def report_problem(
    work: UnitOfWork,
    *,
    actor: Member,
    platform: str,
    order_id: int,
    key: str,
    kind: Problem,
    words: str,
    until: date | None,
) -> None:
    """Something stands in the way of a milestone: who sold and their superior hear of it at once. With a new day it is
    late too. Goods that failed: production and its inspection are open again.

    Raises Forbidden, NotFound, Conflict, Invalid (no words; failed goods without a new day).
    """
    order, rows, row = _lock(work, actor, order_id, key)
    words = " ".join(words.split())[:MOST_WORDS]
    if not words:
        raise Invalid(T("Please say what the problem is."))
    again = kind == "quality" and PLACES[key] >= PLACES["quality"]
    if again and until is None:
        raise Invalid(T("Please give the day on which it will have passed."))
    if row.done_on is not None and not again:
        raise Conflict(T("{milestone} was reached on {date} already.", milestone=MILESTONES[key], date=row.done_on))
    by = Actor(actor.id, platform)
    if again:
        row = _open_again(work, actor, platform, order_id, rows, words)
    if until is not None:
        _check_until(work, row, until)
        lock_planning(work)
        _move(work, by, order, row, until)
    change(work, [row.id], problem=words)
    record(work, actor, platform, order_id, f"{kind} problem", {"milestone": (None, row.key)}, words)
    restate(work, order_id=order_id, actor=by)
    _alert(work, actor, order, row.key, kind, words)
    _touch(work, rows, order_id)


def _lock(work: UnitOfWork, actor: Member, order_id: int, key: str) -> tuple[Any, Sequence[Any], Any]:
    """The order, its milestones and this one, read after the order was locked."""
    require(can_report(actor))
    lock_order(work, order_id=order_id)
    order = read_order(work, order_id=order_id, viewer=actor)
    rows = milestones_of(work, [order_id]).get(order_id, [])
    row = next((one for one in rows if one.key == key), None)
    if row is None:
        raise NotFound(T("Nothing of order {number} is being made.", number=order.number))
    if order.status not in UNSHIPPED:
        raise Conflict(T("Order {number} is: {status}.", number=order.number, status=STATUSES[order.status]))
    return order, rows, row


def _check_until(work: UnitOfWork, row: Any, until: date) -> None:
    if until < company_today(work):
        raise Invalid(T("{date} is over. Please give the day it will be.", date=until))
    if until <= row.planned_on and row.done_on is None and until <= row.first_planned_on:
        raise Invalid(T("It was planned for {date}. Late is a day after that.", date=row.planned_on))


def _move(work: UnitOfWork, by: Actor, order: Any, row: Any, until: date) -> None:
    change(work, [row.id], told_on=until)
    if row.key in {"materials", "started"}:
        slip_work(work, order_id=order.id, starts_on=until, until=None, actor=by)
    elif row.key == "quality":
        slip_work(work, order_id=order.id, starts_on=None, until=until, actor=by)
    else:
        follow_work(work, [order.id], actor=by)


def _open_again(work: UnitOfWork, actor: Member, platform: str, order_id: int, rows: Sequence[Any], words: str) -> Any:
    """Goods that failed are made again, as long as they have not been put in stock; returns the inspection's row."""
    inspection = next(one for one in rows if one.key == "quality")
    ready = next(one for one in rows if one.key == "ready")
    if ready.done_on is not None:
        raise Conflict(T("The goods are in stock already. Take them out there, and order them to be made anew."))
    reached = [one for one in rows if one.key in {"started", "quality"} and one.done_on is not None]
    if reached:
        change(work, [one.id for one in reached if one.key == "quality"], done_on=None)
        changes = {f"{one.key} done_on": (one.done_on, None) for one in reached if one.key == "quality"}
        record(work, actor, platform, order_id, "production reopened", changes, words)
    return next(one for one in milestones_of(work, [order_id])[order_id] if one.id == inspection.id)


def _tell_ready(work: UnitOfWork, actor: Member, order: Any) -> None:
    told = T("{number} {customer} is ready to ship.", number=order.number, customer=order.customer_name)
    if order.submitter_id != actor.id:
        key = f"made:{order.id}:{order.submitter_id}"
        tell(work, person_id=order.submitter_id, text=told, key=key, about=("order", order.id))


def _alert(work: UnitOfWork, actor: Member, order: Any, key: str, kind: Problem, words: str) -> None:
    facts = {
        "number": order.number,
        "customer": order.customer_name,
        "milestone": MILESTONES[key],
        "reason": PROBLEMS.get(words, words),
    }
    told = T("{number} {customer}: a quality problem before “{milestone}”: {reason}", **facts)
    if kind == "delay":
        told = T("{number} {customer}: “{milestone}” is held up: {reason}", **facts)
    superiors = superiors_of(work, [order.submitter_id]).get(order.submitter_id, [])
    for person_id in sorted({order.submitter_id, *(one.id for one in superiors)} - {actor.id}):
        once = f"problem:{order.id}:{key}:{work.now.isoformat()}:{person_id}"
        tell(work, person_id=person_id, text=told, key=once, about=("order", order.id), offers="delay_text")


def _touch(work: UnitOfWork, rows: Sequence[Any], order_id: int) -> None:
    touch_cards(work, order_id=order_id)
    copies.touch_each(work, card=CARD, subject_ids=[row.id for row in rows])
