"""Money owed by customers: what is open, since when it is due, and that it was paid. Guide 3.3.

Receipts and their allocation (`receipts`) come on top of this; here a receivable is opened and its open part goes down.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String, case, insert, null, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import history
from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.history import Actor
from crm.core.money import Money, round_amount
from crm.core.rates import in_base
from crm.core.rules import text_rule
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Amount, Id, UTCDateTime
from crm.core.work import UnitOfWork
from crm.people.people import Member, Role
from crm.people.permissions import Allowed, require


class Receivable(Base):
    """A sum that a customer owes, usually for an order. `base_amount` is it in the base currency at the order's
    rate; `open_base` what of that is still unpaid, `open_amount` the same in the receivable's own currency.
    """

    __tablename__ = "receivables"
    __table_args__ = (
        Index(
            "ix_receivables_open",
            "customer_id",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
        Index(None, "order_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[Decimal] = mapped_column(Amount)
    base_amount: Mapped[Decimal] = mapped_column(Amount)
    open_base: Mapped[Decimal] = mapped_column(Amount)
    open_amount: Mapped[Decimal] = mapped_column(Amount, server_default="0")
    due_on: Mapped[date] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


_RECEIVABLES = Receivable.table()
_INSERT = insert(_RECEIVABLES).returning(_RECEIVABLES.c.id)


def can_settle(person: Member) -> Allowed:
    return True if person.has(Role.FINANCE) else T("Payments are recorded by finance.")


def add_receivable(
    work: UnitOfWork,
    *,
    actor: Actor,
    customer_id: int,
    amount: Money,
    rate: Decimal,
    base: str,
    due_on: date,
    order_id: int | None = None,
    base_amount: Decimal | None = None,
) -> int:
    """Note that a customer owes this sum from now on, due on that day; returns its id.

    `rate`: base currency per unit of the amount's, as locked on the order; `base_amount`: it in the base currency,
    where it is a part whose sum must come out. Raises Invalid for nothing or less.
    """
    if not amount.amount.is_finite() or amount.amount <= 0:
        raise Invalid(T("A receivable must be above nought."))
    if base_amount is None:
        base_amount = in_base(amount, rate=rate, base=base)
    values = {
        "customer_id": customer_id,
        "order_id": order_id,
        "currency": amount.currency,
        "amount": amount.amount,
        "base_amount": base_amount,
        "open_base": base_amount,
        "open_amount": amount.amount,
        "due_on": due_on,
        "created_at": work.now,
    }
    receivable_id = int(work.connection.execute(_INSERT, values).scalar_one())
    changes = {"amount": (None, amount), "open_base": (None, base_amount)}
    history.record(work, actor=actor, entity="receivable", entity_id=receivable_id, act="opened", changes=changes)
    return receivable_id


def settle_receivable(
    work: UnitOfWork, *, actor: Member, platform: str, receivable_id: int, base_amount: Decimal | None = None
) -> Decimal:
    """Take a paid sum (base currency; None: all that is open) off a receivable; returns what is open after it.

    Raises Forbidden, NotFound, Invalid (nothing or less), Conflict (more than is open).
    """
    require(can_settle(actor))
    is_this = _RECEIVABLES.c.id == receivable_id
    row = work.connection.execute(select(_RECEIVABLES).where(is_this)).one_or_none()
    if row is None:
        raise NotFound(T("There is no such receivable."))
    paid = row.open_base if base_amount is None else base_amount
    if not paid.is_finite() or paid <= 0:
        raise Invalid(T("A payment must be above nought."))
    opened = _RECEIVABLES.c.open_base
    left = _share(row.open_base - paid, of=row.open_base, whole=row.open_amount, currency=row.currency)
    settled_at = case((opened - paid == Decimal(0), work.now), else_=null())
    settled = (
        update(_RECEIVABLES)
        .where(is_this, opened >= paid)
        .values(open_base=opened - paid, open_amount=left, settled_at=settled_at)
        .returning(opened)
    )
    after = work.connection.execute(settled).scalar()
    if after is None:
        raise Conflict(T("Less than that is open on this receivable."))
    by = Actor(actor.id, platform)
    changes = {"open_base": (after + paid, after)}
    history.record(work, actor=by, entity="receivable", entity_id=receivable_id, act="paid", changes=changes)
    return Decimal(after)


def read_receivable(work: UnitOfWork, *, receivable_id: int) -> Any:
    """Its row. Raises NotFound."""
    row = work.connection.execute(select(_RECEIVABLES).where(_RECEIVABLES.c.id == receivable_id)).one_or_none()
    if row is None:
        raise NotFound(T("There is no such receivable."))
    return row


def open_receivables(work: UnitOfWork, *, customer_id: int | None = None, order_id: int | None = None) -> list[Any]:
    """What is open, the oldest due first; of a customer, of an order, or of all."""
    query = select(_RECEIVABLES).where(text("settled_at IS NULL"))
    if customer_id is not None:
        query = query.where(_RECEIVABLES.c.customer_id == customer_id)
    if order_id is not None:
        query = query.where(_RECEIVABLES.c.order_id == order_id)
    return list(work.connection.execute(query.order_by(_RECEIVABLES.c.due_on, _RECEIVABLES.c.id)))


def change_open(work: UnitOfWork, *, row: Any, open_amount: Decimal) -> Decimal:
    """So much of this receivable (its row as read under the customer's lock, its own currency) is open now; returns by
    how much `open_base` went down. Raises Conflict where somebody else was first.
    """
    base = text_rule(work, "company.base_currency")
    open_base = _share(open_amount, of=row.amount, whole=row.base_amount, currency=base)
    values = {
        "open_amount": open_amount,
        "open_base": open_base,
        "settled_at": work.now if open_amount == 0 else None,
    }
    same = (_RECEIVABLES.c.id == row.id, _RECEIVABLES.c.open_amount == row.open_amount)
    if work.connection.execute(update(_RECEIVABLES).where(*same).values(values)).rowcount != 1:
        raise Conflict(T("This was changed in the meantime. Please look at it again."))
    return Decimal(row.open_base - open_base)


def change_due(work: UnitOfWork, *, actor: Actor, row: Any, due_on: date) -> None:
    """Another day on which it is due: what that hangs on has happened."""
    if row.due_on == due_on:
        return
    work.connection.execute(update(_RECEIVABLES).where(_RECEIVABLES.c.id == row.id).values(due_on=due_on))
    changes = {"due_on": (row.due_on, due_on)}
    history.record(work, actor=actor, entity="receivable", entity_id=row.id, act="due", changes=changes)


def _share(part: Decimal, *, of: Decimal, whole: Decimal, currency: str) -> Decimal:
    """What `part` of an amount is of the same amount in another currency: nothing of nothing, all of all, else in
    proportion, rounded to that currency's smallest unit and never more than all.
    """
    if part == of:
        return whole
    return min(whole, round_amount(whole * part / of, currency)) if part > 0 else Decimal(0)
