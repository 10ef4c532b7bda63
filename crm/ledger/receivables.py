"""Money owed by customers: what is open, since when it is due, and that it was paid. Guide 3.3.

Receipts and their allocation come on top of this; here a receivable is opened and its open part goes down.
"""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Date, ForeignKey, Index, String, case, insert, null, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import history
from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.history import Actor
from crm.core.money import Money
from crm.core.rates import in_base
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Amount, Id, UTCDateTime
from crm.core.work import UnitOfWork
from crm.people.people import Member, Role
from crm.people.permissions import Allowed, require


class Receivable(Base):
    """A sum that a customer owes, usually for an order. `base_amount` is it in the base currency at the order's
    rate; `open_base` what of that is still unpaid.
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
) -> int:
    """Note that a customer owes this sum from now on, due on that day; returns its id.

    `rate`: base currency per unit of the amount's, as locked on the order. Raises Invalid for nothing or less.
    """
    if not amount.amount.is_finite() or amount.amount <= 0:
        raise Invalid(T("A receivable must be above nought."))
    base_amount = in_base(amount, rate=rate, base=base)
    values = {
        "customer_id": customer_id,
        "order_id": order_id,
        "currency": amount.currency,
        "amount": amount.amount,
        "base_amount": base_amount,
        "open_base": base_amount,
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
    before = work.connection.execute(select(_RECEIVABLES.c.open_base).where(is_this)).scalar()
    if before is None:
        raise NotFound(T("There is no such receivable."))
    paid = before if base_amount is None else base_amount
    if not paid.is_finite() or paid <= 0:
        raise Invalid(T("A payment must be above nought."))
    opened = _RECEIVABLES.c.open_base
    settled_at = case((opened - paid == Decimal(0), work.now), else_=null())
    settled = (
        update(_RECEIVABLES)
        .where(is_this, opened >= paid)
        .values(open_base=opened - paid, settled_at=settled_at)
        .returning(opened)
    )
    after = work.connection.execute(settled).scalar()
    if after is None:
        raise Conflict(T("Less than that is open on this receivable."))
    by = Actor(actor.id, platform)
    changes = {"open_base": (after + paid, after)}
    history.record(work, actor=by, entity="receivable", entity_id=receivable_id, act="paid", changes=changes)
    return Decimal(after)
