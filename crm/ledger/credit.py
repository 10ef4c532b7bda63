"""Credit: how much a customer owes and has on order, against their limit. Guide 3.1.

Exposure = open receivables + reserved orders (submitted or approved, not yet in receivables) − deposits received
for them − cover by letters of credit or insurance. All sums are in the base currency.

Orders that run side by side must see each other: who reads credit in order to write takes `lock_customer` first.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Date,
    ForeignKey,
    Index,
    String,
    bindparam,
    case,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
    text,
    type_coerce,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.errors import NotFound
from crm.core.rules import Rule, shipped
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Amount, Id, UTCDateTime
from crm.core.work import UnitOfWork
from crm.ledger.receivables import Receivable

_NOTHING = Decimal(0)


class Reservation(Base):
    """An order's hold on its customer's credit: `base_amount` is its value not yet in receivables."""

    __tablename__ = "reservations"
    __table_args__ = (
        Index(
            "ix_reservations_held",
            "customer_id",
            sqlite_where=text("released_at IS NULL"),
            postgresql_where=text("released_at IS NULL"),
        ),
    )

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True, autoincrement=False)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    base_amount: Mapped[Decimal] = mapped_column(Amount)
    deposit_received_base: Mapped[Decimal] = mapped_column(Amount)
    cover_base: Mapped[Decimal] = mapped_column(Amount)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    released_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


@dataclass(frozen=True, slots=True)
class CreditState:
    """A customer's credit, in the base currency. `limit` None: no limit set, which is not an overrun.

    `overdue_days`: how long the oldest overdue receivable has been due; `overdue_allowed`: how long it may be.
    """

    limit: Decimal | None
    exposure: Decimal
    overdue_base: Decimal
    overdue_days: int
    open_base: Decimal
    overdue_allowed: int

    @property
    def is_overdue_too_long(self) -> bool:
        return self.overdue_days > self.overdue_allowed


@dataclass(frozen=True, slots=True)
class CreditCheck:
    """Whether an order fits: `before` and `after` are the exposure without and with it, `over_by` what is too much."""

    ok: bool
    over_by: Decimal
    state: CreditState
    before: Decimal
    after: Decimal


# The customers are the next room's, which this one does not know; of their table it reads three columns.
_CUSTOMERS = table("customers", column("id", Id), column("credit_limit", Amount), column("credit_rating", String))
_RECEIVABLES = Receivable.table()
_RESERVATIONS = Reservation.table()
_RULES = Rule.table()

# NO KEY: rows that refer to the customer (notes, deals) may still be written meanwhile.
_LOCK = select(_CUSTOMERS.c.id).where(_CUSTOMERS.c.id == bindparam("customer")).with_for_update(key_share=True)

_OPEN = (_RECEIVABLES.c.customer_id == _CUSTOMERS.c.id, text("settled_at IS NULL"))
_DUE = (*_OPEN, _RECEIVABLES.c.due_on < bindparam("today", type_=Date))
_FREE = _RESERVATIONS.c.deposit_received_base + _RESERVATIONS.c.cover_base
# What covers one order more than whole does not cover another.
UNCOVERED = case((_RESERVATIONS.c.base_amount > _FREE, _RESERVATIONS.c.base_amount - _FREE), else_=literal_column("0"))
_RESERVED = (
    select(type_coerce(func.sum(UNCOVERED), Amount))
    .where(
        _RESERVATIONS.c.customer_id == _CUSTOMERS.c.id,
        text("released_at IS NULL"),
        _RESERVATIONS.c.order_id != bindparam("without"),
    )
    .scalar_subquery()
)
_STATE = select(
    _CUSTOMERS.c.credit_limit,
    _CUSTOMERS.c.credit_rating,
    select(_RULES.c.value)
    .where(_RULES.c.key == literal("credit.limit_") + _CUSTOMERS.c.credit_rating)
    .scalar_subquery()
    .label("rated_limit"),
    select(_RULES.c.value).where(_RULES.c.key == "orders.overdue_days").scalar_subquery().label("overdue_allowed"),
    select(func.sum(_RECEIVABLES.c.open_base)).where(*_OPEN).scalar_subquery().label("open_base"),
    select(func.sum(_RECEIVABLES.c.open_base)).where(*_DUE).scalar_subquery().label("overdue_base"),
    select(func.min(_RECEIVABLES.c.due_on)).where(*_DUE).scalar_subquery().label("oldest"),
    _RESERVED.label("reserved"),
).where(_CUSTOMERS.c.id == bindparam("customer"))


def lock_customer(work: UnitOfWork, *, customer_id: int) -> None:
    """Let nobody else check or change this customer's credit until the commit. Raises NotFound.

    On PostgreSQL a row lock; on SQLite a transaction that writes has the database to itself anyway. What is read
    afterwards, in a statement of its own, is what stands: never join the lock and the reading in one statement.
    """
    if work.connection.execute(_LOCK, {"customer": customer_id}).first() is None:
        raise NotFound(T("There is no such customer."))


def credit_state(work: UnitOfWork, *, customer_id: int, today: date, without_order: int | None = None) -> CreditState:
    """The customer's credit as it stands, one order left out where named. One statement. Raises NotFound."""
    values = {"customer": customer_id, "today": today, "without": without_order or 0}
    row = work.connection.execute(_STATE, values).one_or_none()
    if row is None:
        raise NotFound(T("There is no such customer."))
    limit = row.credit_limit
    if limit is None and row.credit_rating is not None:
        rated = row.rated_limit or shipped().get(f"credit.limit_{row.credit_rating}")
        limit = None if rated is None else Decimal(rated)
    open_base = row.open_base or _NOTHING
    return CreditState(
        limit=limit,
        exposure=open_base + (row.reserved or _NOTHING),
        overdue_base=row.overdue_base or _NOTHING,
        overdue_days=(today - row.oldest).days if row.oldest is not None else 0,
        open_base=open_base,
        overdue_allowed=int(Decimal(row.overdue_allowed or shipped()["orders.overdue_days"])),
    )


def check_credit(
    work: UnitOfWork, *, customer_id: int, base_amount: Decimal, today: date, without_order: int | None = None
) -> CreditCheck:
    """Whether this uncovered amount fits on top of what the customer owes and has on order. One statement."""
    state = credit_state(work, customer_id=customer_id, today=today, without_order=without_order)
    return weigh_credit(state, base_amount=base_amount)


def weigh_credit(state: CreditState, *, base_amount: Decimal) -> CreditCheck:
    """The same, of a state already read."""
    after = state.exposure + base_amount
    over_by = max(_NOTHING, after - state.limit) if state.limit is not None else _NOTHING
    ok = over_by == _NOTHING and not state.is_overdue_too_long
    return CreditCheck(ok=ok, over_by=over_by, state=state, before=state.exposure, after=after)


def reserve(work: UnitOfWork, *, order_id: int, customer_id: int, base_amount: Decimal) -> None:
    """Let the order hold this much of the customer's credit, whatever it held before."""
    values = {
        "order_id": order_id,
        "customer_id": customer_id,
        "base_amount": base_amount,
        "deposit_received_base": _NOTHING,
        "cover_base": _NOTHING,
        "created_at": work.now,
        "released_at": None,
    }
    work.connection.execute(_RESERVE[work.connection.dialect.name], values)


def release(work: UnitOfWork, *, order_id: int) -> None:
    """Give back what the order holds; nothing where it holds nothing."""
    work.connection.execute(_RELEASE, {"order": order_id, "now": work.now})


def _upsert(dialect: Any) -> Any:
    row = dialect.insert(_RESERVATIONS)
    taken = {name: row.excluded[name] for name in ("customer_id", "base_amount", "released_at")}
    return row.on_conflict_do_update(index_elements=[_RESERVATIONS.c.order_id], set_=taken)


_RESERVE = {"sqlite": _upsert(sqlite), "postgresql": _upsert(postgresql)}
_RELEASE = (
    update(_RESERVATIONS)
    .where(_RESERVATIONS.c.order_id == bindparam("order"), _RESERVATIONS.c.released_at.is_(None))
    .values(released_at=bindparam("now", type_=UTCDateTime))
)
