"""Submitting an order, submitting it again, taking it back. Guide 3.1."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from crm.core import copies
from crm.core.errors import Conflict
from crm.core.money import Money
from crm.core.numbering import next_number
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.ledger.credit import lock_customer, reserve
from crm.orders.approvals import CARD, Step, ask, begin_round, end, of_round, states, steps_of, touch_cards
from crm.orders.approvers import read_circle
from crm.orders.checks import pack_findings
from crm.orders.decisions import credit_seen
from crm.orders.drafts import OrderDraft
from crm.orders.lines import OrderLine, PricedLine
from crm.orders.order_events import OrderChanged, OrderStand
from crm.orders.order_policy import can_change_order, can_submit_order
from crm.orders.orders import NUMBER_PREFIX, STATUSES, Order, lock_order, read_order, read_plain, record
from crm.orders.quotes.ordering import with_quote
from crm.orders.review import Reviewed, look_over
from crm.orders.rounds import add_round, has_worsened, inputs_of, rounds_of
from crm.orders.terms import deposit_in
from crm.people.absence import hold_still
from crm.people.people import Member, Role
from crm.people.permissions import require
from crm.people.team_chats import post_card

_ORDERS = Order.table()
_LINES = OrderLine.table()
_INSERT = insert(_ORDERS).returning(_ORDERS.c.id)
_INSERT_LINES = insert(_LINES)
_DELETE_LINES = delete(_LINES).where(_LINES.c.order_id == bindparam("order"))
_CUSTOMER_OF = select(_ORDERS.c.customer_id).where(_ORDERS.c.id == bindparam("order"))
_LINE_NAMES = tuple(column.name for column in _LINES.c if column.name not in {"id", "order_id"})
_TEXTS = ("customer_po", "place", "deliver_to", "payment_terms", "packing", "notes")
_AGAIN = ("sent_back", "recalled")


def submit_order(work: UnitOfWork, *, actor: Member, platform: str, draft: OrderDraft) -> int:
    """Write the order, reserve its customer's credit and ask the first approvers; returns its id.

    What the form finds about itself is recorded on the order. Raises Forbidden, NotFound, Invalid.
    """
    require(can_submit_order(actor))
    hold_still(work)
    draft = with_quote(work, actor=actor, platform=platform, draft=_tidied(draft))
    lock_customer(work, customer_id=draft.customer_id)  # before the credit is read: two orders see each other
    reviewed = look_over(work, actor=actor, draft=draft)
    number = next_number(work, prefix=NUMBER_PREFIX, year=reviewed.basis.today.year)
    values = _values(work, draft, reviewed) | {
        "number": number,
        "submitter_id": actor.id,
        "round": 1,
        "same_as_order_id": _repeated(work, draft),
        "created_at": work.now,
    }
    order_id = int(work.connection.execute(_INSERT, values).scalar_one())
    work.emit(OrderChanged(order_id, None, _stand(values)))
    steps = _submit(work, order_id=order_id, number=1, draft=draft, reviewed=reviewed, path=reviewed.path, standing={})
    changes = {"number": (None, number), "status": (None, "pending"), "steps": (None, states(steps))}
    record(work, actor, platform, order_id, "submitted", changes | _told(reviewed))
    _announce(work, order_id=order_id, steps=steps)
    return order_id


def resubmit_order(work: UnitOfWork, *, actor: Member, platform: str, order_id: int, draft: OrderDraft) -> None:
    """Submit a new version of an order that was sent back or recalled: a new round of its approval.

    An earlier approval stands where its approver saw nothing better than what is submitted now. The rate stays
    locked as long as the currency does. Raises Forbidden, NotFound, Invalid, Conflict.
    """
    order = _read_again(work, actor, order_id)
    draft = with_quote(work, actor=actor, platform=platform, draft=_tidied(draft))
    lock_customer(work, customer_id=draft.customer_id)
    locked = (order.currency, order.rate)
    reviewed = look_over(work, actor=actor, draft=draft, without_order=order_id, locked=locked)
    earlier = steps_of(work, order_id=order_id)
    path, standing = _standing(work, order, draft, reviewed, earlier)
    number = order.round + 1
    as_seen = (_ORDERS.c.id == order_id, _ORDERS.c.round == order.round, _ORDERS.c.status.in_(_AGAIN))
    values = _values(work, draft, reviewed) | {"round": number}
    if work.connection.execute(update(_ORDERS).where(*as_seen).values(values)).rowcount != 1:
        raise _stands(read_plain(work, order_id=order_id))
    before = _stand(order._mapping)  # noqa: SLF001 - Row's public way
    work.emit(OrderChanged(order_id, before, _stand(values | {"submitter_id": order.submitter_id})))
    work.connection.execute(_DELETE_LINES, {"order": order_id})
    steps = _submit(
        work, order_id=order_id, number=number, draft=draft, reviewed=reviewed, path=path, standing=standing
    )
    changes = {
        "status": (order.status, "pending"),
        "round": (order.round, number),
        "steps": (states(of_round(earlier, order.round)), states(steps)),
    }
    record(work, actor, platform, order_id, "resubmitted", changes | _told(reviewed, order))
    touch_cards(work, order_id=order_id)
    _announce(work, order_id=order_id, steps=steps)


def check_again(work: UnitOfWork, *, actor: Member, order_id: int) -> None:
    """Raise what submitting this order again would raise now, whatever is in it: Forbidden, NotFound, Conflict."""
    _read_again(work, actor, order_id)


def recall_order(work: UnitOfWork, *, actor: Member, platform: str, order_id: int, reason: str | None = None) -> None:
    """Take back an order that is not decided yet; its credit is free again. Raises Forbidden, NotFound, Conflict."""
    order = _read_own(work, actor, order_id)
    before = of_round(steps_of(work, order_id=order_id), order.round)
    if not end(work, order_id=order_id, to="recalled"):
        raise _stands(order)
    after = of_round(steps_of(work, order_id=order_id), order.round)
    changes = {"status": (order.status, "recalled"), "steps": (states(before), states(after))}
    record(work, actor, platform, order_id, "recalled", changes, reason)
    touch_cards(work, order_id=order_id)
    copies.touch_card(work, card="customer", subject_id=order.customer_id)


def _read_own(work: UnitOfWork, actor: Member, order_id: int) -> Any:
    lock_order(work, order_id=order_id)
    order = read_order(work, order_id=order_id, viewer=actor)
    require(can_change_order(actor, order))
    return order


def _read_again(work: UnitOfWork, actor: Member, order_id: int) -> Any:
    order = _read_own(work, actor, order_id)
    if order.status not in _AGAIN:
        raise _stands(order)
    return order


def _submit(
    work: UnitOfWork,
    *,
    order_id: int,
    number: int,
    draft: OrderDraft,
    reviewed: Reviewed,
    path: Sequence[Role],
    standing: Mapping[Role, Step],
) -> list[Step]:
    """What every submission writes beside the order's row: lines, the round, its steps, the reservation."""
    work.connection.execute(_INSERT_LINES, [_line(order_id, line) for line in reviewed.lines])
    add_round(work, order_id=order_id, number=number, inputs=_inputs(draft, reviewed))
    steps = begin_round(work, order_id=order_id, number=number, path=path, standing=standing)
    customer_id, base_total = reviewed.basis.customer.id, reviewed.figures.base_total
    reserve(work, order_id=order_id, customer_id=customer_id, base_amount=base_total)
    return steps


def _announce(work: UnitOfWork, *, order_id: int, steps: Sequence[Step]) -> None:
    order = read_plain(work, order_id=order_id)
    copies.touch_card(work, card="customer", subject_id=order.customer_id)
    pending = next(step for step in steps if step.status == "pending")
    ask(work, order=order, step=pending, circle=read_circle(work, order.submitter_id))
    post_card(work, team_id=order.submitter_team_id, card=CARD, subject_id=order.id)


def _standing(
    work: UnitOfWork, order: Any, draft: OrderDraft, reviewed: Reviewed, earlier: Sequence[Step]
) -> tuple[tuple[Role, ...], dict[Role, Step]]:
    """The path of the new round, and the approvals on it that still stand."""
    inputs, seen = _inputs(draft, reviewed), rounds_of(work, order_id=order.id)
    credit = credit_seen(reviewed.credit)
    latest = {step.role: step for step in earlier if step.decision is not None}  # in sequence: the last one stays
    # Who sent it back looks at it again, also where the policy would not ask them now.
    senders = [step.role for step in of_round(earlier, order.round) if step.status == "sent_back"]
    path = (*reviewed.path, *(role for role in senders if role not in reviewed.path))
    standing = {}
    for role in path:
        step = latest.get(role)
        if step is None or step.status not in {"approved", "skipped"}:
            continue
        judged = seen[step.stands_from or step.round]
        if not has_worsened(role, seen=judged, now=inputs, credit_seen=step.credit, credit_now=credit):
            standing[role] = step
    if len(standing) == len(path):
        del standing[path[-1]]  # no submission is approved without anybody's press
    return path, standing


def _values(work: UnitOfWork, draft: OrderDraft, reviewed: Reviewed) -> dict[str, Any]:
    """The columns of `orders` that each submission sets."""
    figures = reviewed.figures
    return {
        **{
            name: getattr(draft, name)
            for name in (*_TEXTS, "incoterm", "delivery_on", "deal_id", "quote_id", "customer_id")
        },
        "status": "pending",
        "currency": figures.currency,
        "rate": figures.rate,
        "deposit_percent": deposit_in(draft.payment_terms),
        "total": figures.total,
        "base_total": figures.base_total,
        "cost_base": figures.cost_base,
        "margin": figures.margin,
        "checks": pack_findings(reviewed.findings),
        "submitted_at": work.now,
        "decided_at": None,
        "changed_at": work.now,
    }


def _stand(order: Mapping[str, Any]) -> OrderStand:
    names = ("submitter_id", "status", "submitted_at", "base_total", "decided_at")
    return OrderStand(**{name: order[name] for name in names})


def _inputs(draft: OrderDraft, reviewed: Reviewed) -> dict[str, Any]:
    name = reviewed.basis.customer.name
    return inputs_of(draft, customer_name=name, lines=reviewed.lines, figures=reviewed.figures)


def _line(order_id: int, line: PricedLine) -> dict[str, Any]:
    return {name: getattr(line, name) for name in _LINE_NAMES} | {"order_id": order_id}


def _repeated(work: UnitOfWork, draft: OrderDraft) -> int | None:
    """The order this one repeats, if it is one of the same customer."""
    if draft.same_as_order_id is None:
        return None
    customer_id = work.connection.execute(_CUSTOMER_OF, {"order": draft.same_as_order_id}).scalar()
    return draft.same_as_order_id if customer_id == draft.customer_id else None


def _tidied(draft: OrderDraft) -> OrderDraft:
    texts: dict[str, Any] = {name: (getattr(draft, name) or "").strip() or None for name in _TEXTS}
    return replace(draft, **texts)


def _told(reviewed: Reviewed, before: Any = None) -> dict[str, tuple[Any, Any]]:
    """What history says of a submission beside its steps."""
    figures = reviewed.figures
    old = None if before is None else Money(before.total, before.currency)
    findings = list(dict.fromkeys(finding.kind for finding in reviewed.findings))
    return {"total": (old, Money(figures.total, figures.currency)), "checks": (None, findings)}


def _stands(order: Any) -> Conflict:
    return Conflict(
        T(
            "Order {number} is: {status}. That can't be done any more.",
            number=order.number,
            status=STATUSES[order.status],
        )
    )
