"""Promises to pay: a day the customer named for something that is owed, asked about on that day. Guide 3.3."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import history
from crm.core.errors import Conflict, Invalid
from crm.core.history import Actor
from crm.core.rules import company_today
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import UTCDateTime
from crm.core.work import UnitOfWork
from crm.ledger.credit import lock_customer
from crm.ledger.receivables import open_receivables, read_receivable
from crm.orders.approvals import touch_cards
from crm.orders.orders import read_order
from crm.people.people import Member, Role
from crm.people.permissions import Allowed, require


class PaymentPromise(Base):
    """The newest promise for a receivable; earlier ones are in its history."""

    __tablename__ = "payment_promises"

    receivable_id: Mapped[int] = mapped_column(ForeignKey("receivables.id"), primary_key=True, autoincrement=False)
    promised_on: Mapped[date] = mapped_column(Date)
    told_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    told_at: Mapped[datetime] = mapped_column(UTCDateTime)


_PROMISES = PaymentPromise.table()


def can_promise(person: Member, order: Any) -> Allowed:
    """Who submitted the order, and finance. `order`: a mapping of its columns."""
    if person.has(Role.FINANCE) or order["submitter_id"] == person.id:
        return True
    return T("Promises to pay are recorded by who submitted the order and by finance.")


def overdue_of(work: UnitOfWork, *, order_id: int) -> list[Any]:
    """What is open of the order and was due before today, the oldest first."""
    today = company_today(work)
    return [row for row in open_receivables(work, order_id=order_id) if row.due_on < today]


def promise(work: UnitOfWork, *, actor: Member, platform: str, order_id: int, on: date) -> None:
    """The customer will pay what is overdue of this order on that day.

    Raises NotFound, Forbidden, Conflict (nothing is overdue), Invalid (a day that is over).
    """
    order = check_promise(work, actor=actor, order_id=order_id)
    if on < company_today(work):
        raise Invalid(T("A promise needs a day to come."))
    lock_customer(work, customer_id=order.customer_id)
    by = Actor(actor.id, platform)
    for row in overdue_of(work, order_id=order_id):
        before = promised_on(work, receivable_id=row.id)
        work.connection.execute(delete(_PROMISES).where(_PROMISES.c.receivable_id == row.id))
        values = {"receivable_id": row.id, "promised_on": on, "told_by_id": actor.id, "told_at": work.now}
        work.connection.execute(insert(_PROMISES).values(values))
        changes = {"promised_on": (before, on)}
        history.record(work, actor=by, entity="receivable", entity_id=row.id, act="promised", changes=changes)
    touch_cards(work, order_id=order_id)


def check_promise(work: UnitOfWork, *, actor: Member, order_id: int) -> Any:
    """The order's row. Raises what a promise for it would raise now: NotFound, Forbidden, Conflict."""
    order = read_order(work, order_id=order_id, viewer=actor)
    require(can_promise(actor, order._mapping))  # noqa: SLF001 - Row's public way
    if not overdue_of(work, order_id=order_id):
        raise Conflict(T("Nothing of {number} is overdue.", number=order.number))
    return order


def promised_on(work: UnitOfWork, *, receivable_id: int) -> date | None:
    """The day that was promised last, None: none was."""
    read_receivable(work, receivable_id=receivable_id)
    query = select(_PROMISES.c.promised_on).where(_PROMISES.c.receivable_id == receivable_id)
    found: date | None = work.connection.execute(query).scalar()
    return found
