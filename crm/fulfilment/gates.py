"""What must be received before something may happen: the deposit or L/C before production, the balance before shipment.

Finance lets an order through with a reason. An order from before there were schedules waits for nothing. Guide 3.2.
"""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ForeignKey, String, Text, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.errors import Conflict, Invalid
from crm.core.history import Actor
from crm.core.rules import company_today
from crm.core.tables import Base
from crm.core.text import T
from crm.core.text import Text as Sentence
from crm.core.types import UTCDateTime
from crm.core.work import UnitOfWork
from crm.fulfilment.payments import schedule_of
from crm.ledger.credit import credit_state
from crm.ledger.payment_events import PaymentChanged
from crm.orders.approvals import steps_of, touch_cards
from crm.orders.orders import STATUSES, lock_order, read_order, read_plain, record
from crm.people.people import Member, Role
from crm.people.permissions import Allowed, require
from crm.people.reach import tell
from crm.sales.agreed_orders import UNSHIPPED

Gate = Literal["production", "shipment"]
_LONGEST = 1_000


class GateRelease(Base):
    """That finance let an order through one of its gates, whatever is awaited."""

    __tablename__ = "gate_releases"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True, autoincrement=False)
    gate: Mapped[str] = mapped_column(String(20), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    released_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    released_at: Mapped[datetime] = mapped_column(UTCDateTime)


_RELEASES = GateRelease.table()


def can_release(person: Member) -> Allowed:
    return True if person.has(Role.FINANCE) else T("Production and shipment are released by finance.")


def production_is_open(work: UnitOfWork, *, order_id: int) -> bool:
    """Whether nothing is awaited before the order's goods are made."""
    return production_gate(work, order_id=order_id) is None


def production_gate(work: UnitOfWork, *, order_id: int) -> Sentence | None:
    """What is awaited before the order's goods are made; None: nothing, or finance has let it through."""
    rows = schedule_of(work, order_id=order_id)
    found = _unpaid(work, order_id, [row for row in rows if row.anchor == "order" and row.method != "lc"])
    if found is None and any(row.method == "lc" for row in rows):
        found = T("The letter of credit has not been received yet.")
    return None if found is None or _is_released(work, order_id, "production") else found


def shipment_gate(work: UnitOfWork, *, order_id: int) -> Sentence | None:
    """Why the order's goods may not leave; None: nothing keeps them, or finance has let them through."""
    rows = schedule_of(work, order_id=order_id)
    if not rows or _is_released(work, order_id, "shipment"):
        return None
    awaited = [row for row in rows if row.anchor in {"order", "before_shipment"} and row.method != "lc"]
    if _is_released(work, order_id, "production"):
        awaited = [row for row in awaited if row.anchor != "order"]
    return _unpaid(work, order_id, awaited) or _credit_problem(work, order_id)


def release_gate(work: UnitOfWork, *, actor: Member, platform: str, order_id: int, gate: Gate, reason: str) -> None:
    """Let an order through. Who submitted it hears of it.

    Raises Forbidden, NotFound, Invalid (no reason), Conflict (nothing keeps it, or it is no order under way).
    """
    lock_order(work, order_id=order_id)
    order = check_release(work, actor=actor, order_id=order_id, gate=gate)
    reason = " ".join(reason.split())[:_LONGEST]
    if not reason:
        raise Invalid(T("Please say why it is released."))
    values = {
        "order_id": order_id,
        "gate": gate,
        "reason": reason,
        "released_by_id": actor.id,
        "released_at": work.now,
    }
    work.connection.execute(insert(_RELEASES).values(values))
    record(work, actor, platform, order_id, f"{gate} released", {}, reason)
    work.emit(PaymentChanged(order_id, Actor(actor.id, platform)))
    touch_cards(work, order_id=order_id)
    facts = {"number": order.number, "customer": order.customer_name, "name": actor.name, "reason": reason}
    told = T("{number} {customer}: {name} has released production: {reason}", **facts)
    if gate == "shipment":
        told = T("{number} {customer}: {name} has released the shipment: {reason}", **facts)
    tell(work, person_id=order.submitter_id, text=told, key=f"{gate}:{order_id}", about=("order", order_id))


def check_release(work: UnitOfWork, *, actor: Member, order_id: int, gate: Gate) -> Any:
    """The order's row. Raises what releasing it would raise now: Forbidden, NotFound, Conflict."""
    require(can_release(actor))
    order = read_order(work, order_id=order_id, viewer=actor)
    awaited = production_gate if gate == "production" else shipment_gate
    if order.status not in UNSHIPPED or awaited(work, order_id=order_id) is None:
        facts = {"number": order.number, "status": STATUSES[order.status]}
        raise Conflict(T("Order {number} is: {status}. It waits for no payment.", **facts))
    return order


def _unpaid(work: UnitOfWork, order_id: int, rows: list[Any]) -> Sentence | None:
    """No amount is said: who ships sees no prices."""
    if all(row.settled_at is not None for row in rows):
        return None
    number = read_plain(work, order_id=order_id).number
    return T("{number} waits for a payment. Until it is there, only finance can let it through.", number=number)


def _credit_problem(work: UnitOfWork, order_id: int) -> Sentence | None:
    """Over the limit or overdue for too long now. What finance has overridden for this order stands for the limit."""
    order = read_plain(work, order_id=order_id)
    state = credit_state(work, customer_id=order.customer_id, today=company_today(work))
    steps = [step for step in steps_of(work, order_id=order_id) if step.round == order.round]
    is_over = state.limit is not None and state.exposure > state.limit
    is_over = is_over and not any(step.decision == "override" for step in steps)
    if not is_over and not state.is_overdue_too_long:
        return None
    return T("{number} can't leave before finance has looked at the customer's credit again.", number=order.number)


def _is_released(work: UnitOfWork, order_id: int, gate: Gate) -> bool:
    query = select(_RELEASES.c.order_id).where(_RELEASES.c.order_id == order_id, _RELEASES.c.gate == gate)
    return work.connection.execute(query).first() is not None
