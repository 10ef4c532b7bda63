"""Receipts: what customers paid, what of it was allocated to which receivable, and what of it is nobody's yet.

What arrived and what banks kept on the way (`charges`) are both the customer's payment. It adds up at any time:
amount + charges = allocations + refunds + unallocated. Rows are never changed: what is taken back is a row below
nought. Guide 3.3. Who calls holds the locks of the orders concerned; the customer's is taken here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String, bindparam, func, insert, select, type_coerce, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import copies, history
from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.history import Actor
from crm.core.money import Money, round_amount
from crm.core.rates import in_base, rate_on
from crm.core.rules import company_today, text_rule
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Amount, Id, Rate, UTCDateTime
from crm.core.work import UnitOfWork
from crm.ledger.credit import lock_customer
from crm.ledger.payment_events import PaymentChanged
from crm.ledger.receivables import Receivable, can_settle, change_open, read_receivable
from crm.people.people import Member
from crm.people.permissions import require

SMALL = Money(Decimal(50), "USD")
"""Less than this of a receivable may be written off as bank charges."""
UNDO_FOR = timedelta(days=1)


class Receipt(Base):
    """A payment. `amount` arrived, `charges` were kept by banks, both in `currency`; `rate`: the day's."""

    __tablename__ = "receipts"
    __table_args__ = (Index(None, "customer_id", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[Decimal] = mapped_column(Amount)
    charges: Mapped[Decimal] = mapped_column(Amount)
    rate: Mapped[Decimal] = mapped_column(Rate)
    received_on: Mapped[date] = mapped_column(Date)
    reference: Mapped[str | None] = mapped_column(String(100))
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ReceiptAllocation(Base):
    """`amount` of a receipt (its currency, below nought: taken back) went to a receivable, as `settled` of that one's
    currency and `base_amount` of what was open in the base currency; None: it was paid back to the customer.
    """

    __tablename__ = "receipt_allocations"
    __table_args__ = (Index(None, "receipt_id"), Index(None, "receivable_id"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    receipt_id: Mapped[int] = mapped_column(ForeignKey("receipts.id"))
    receivable_id: Mapped[int | None] = mapped_column(ForeignKey("receivables.id"))
    amount: Mapped[Decimal] = mapped_column(Amount)
    settled: Mapped[Decimal] = mapped_column(Amount)
    base_amount: Mapped[Decimal] = mapped_column(Amount)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptDraft:
    customer_id: int
    amount: Money
    received_on: date
    charges: Decimal = Decimal(0)
    reference: str | None = None


_RECEIPTS, _ALLOCATIONS, _RECEIVABLES = Receipt.table(), ReceiptAllocation.table(), Receivable.table()
_NOTHING = Decimal(0)
_SPENT = (
    select(func.coalesce(func.sum(_ALLOCATIONS.c.amount), 0))
    .where(_ALLOCATIONS.c.receipt_id == _RECEIPTS.c.id)
    .scalar_subquery()
)
_LEFT = type_coerce(_RECEIPTS.c.amount + _RECEIPTS.c.charges - type_coerce(_SPENT, Amount), Amount)
_ROWS = select(_RECEIPTS, _LEFT.label("unallocated"))
_NET = type_coerce(func.sum(_ALLOCATIONS.c.amount), Amount)
_STANDING = (
    select(
        _ALLOCATIONS.c.receipt_id,
        _ALLOCATIONS.c.receivable_id,
        _NET.label("amount"),
        type_coerce(func.sum(_ALLOCATIONS.c.settled), Amount).label("settled"),
    )
    .where(_ALLOCATIONS.c.receivable_id.is_not(None))
    .group_by(_ALLOCATIONS.c.receipt_id, _ALLOCATIONS.c.receivable_id)
    .having(func.sum(_ALLOCATIONS.c.amount) > _NOTHING)
    .order_by(_ALLOCATIONS.c.receipt_id, _ALLOCATIONS.c.receivable_id)
)
_SAME = (
    select(_RECEIPTS.c.received_on)
    .where(
        _RECEIPTS.c.customer_id == bindparam("customer"),
        func.lower(_RECEIPTS.c.reference) == bindparam("reference"),
        _RECEIPTS.c.undone_at.is_(None),
    )
    .limit(1)
)


def read_receipt(work: UnitOfWork, *, receipt_id: int) -> Any:
    """Its row, with `unallocated`. Raises NotFound."""
    row = work.connection.execute(_ROWS.where(_RECEIPTS.c.id == receipt_id)).one_or_none()
    if row is None:
        raise NotFound(T("There is no such receipt."))
    return row


def recorded_on(work: UnitOfWork, *, customer_id: int, reference: str) -> date | None:
    """When a payment of this customer with the same reference arrived, None: there is none."""
    values = {"customer": customer_id, "reference": reference.strip().casefold()}
    found: date | None = work.connection.execute(_SAME, values).scalar()
    return found


def unallocated_receipts(work: UnitOfWork, *, customer_id: int) -> list[Any]:
    """The customer's receipts of which something is left, oldest first."""
    query = _ROWS.where(_RECEIPTS.c.customer_id == customer_id, _RECEIPTS.c.undone_at.is_(None))
    return [row for row in work.connection.execute(query.order_by(_RECEIPTS.c.id)) if row.unallocated > 0]


def unallocated_sums(work: UnitOfWork, *, customer_id: int) -> list[Money]:
    """What this customer has paid that belongs to nothing yet, by currency."""
    sums: dict[str, Decimal] = {}
    for row in unallocated_receipts(work, customer_id=customer_id):
        sums[row.currency] = sums.get(row.currency, _NOTHING) + row.unallocated
    return [Money(amount, currency) for currency, amount in sorted(sums.items())]


def add_receipt(work: UnitOfWork, *, actor: Member, platform: str, draft: ReceiptDraft) -> int:
    """Note that a customer paid; nothing of it is allocated yet. Returns its id.

    Raises Forbidden, NotFound, Invalid (nothing or less, a day to come, no rate), Conflict (its reference is known).
    """
    require(can_settle(actor))
    lock_customer(work, customer_id=draft.customer_id)
    amount, charges, currency = draft.amount.amount, draft.charges, draft.amount.currency
    if not amount.is_finite() or amount <= 0 or not charges.is_finite() or charges < 0:
        raise Invalid(T("A payment must be above nought."))
    if (draft.received_on - company_today(work)).days > 1:
        raise Invalid(T("{date} is still to come. Please give the day it happened.", date=draft.received_on))
    reference = " ".join((draft.reference or "").split())[:100] or None
    if reference is not None:
        before = recorded_on(work, customer_id=draft.customer_id, reference=reference)
        if before is not None:
            told = T("A payment with the reference {text} is recorded already, of {date}.", text=reference, date=before)
            raise Conflict(told)
    rate = rate_on(work, currency=currency, day=draft.received_on, base=text_rule(work, "company.base_currency"))
    values = {
        "customer_id": draft.customer_id,
        "currency": currency,
        "amount": round_amount(amount, currency),
        "charges": round_amount(charges, currency),
        "rate": rate,
        "received_on": draft.received_on,
        "reference": reference,
        "recorded_by_id": actor.id,
        "created_at": work.now,
    }
    receipt_id = int(work.connection.execute(insert(_RECEIPTS).values(values).returning(_RECEIPTS.c.id)).scalar_one())
    changes: Mapping[str, tuple[Any, Any]] = {
        "amount": (None, draft.amount),
        "charges": (None, Money(charges, currency)),
    }
    _record(work, Actor(actor.id, platform), receipt_id, "recorded", changes)
    _touch(work, draft.customer_id)
    return receipt_id


def allocate(
    work: UnitOfWork, *, actor: Actor, receipt_id: int, receivable_id: int, most: Decimal | None = None
) -> Decimal:
    """Let a receipt pay a receivable of its customer, as far as both go; returns how much of the receipt it took.

    `most` (the receipt's currency): no more than this. In another currency it counts at the rates of the day it was
    received. Raises Invalid (another customer's), Conflict, NotFound.
    """
    receipt = read_receipt(work, receipt_id=receipt_id)
    lock_customer(work, customer_id=receipt.customer_id)
    receipt, row = read_receipt(work, receipt_id=receipt_id), read_receivable(work, receivable_id=receivable_id)
    if row.customer_id != receipt.customer_id or receipt.undone_at is not None:
        raise Invalid(T("This payment is not one of that customer's."))
    cross = _cross(work, receipt, row.currency)
    whole = round_amount(row.open_amount / cross, receipt.currency)
    amount = min(receipt.unallocated, whole, *(() if most is None else (round_amount(most, receipt.currency),)))
    settled = row.open_amount if amount == whole else min(row.open_amount, round_amount(amount * cross, row.currency))
    if amount <= 0 or settled <= 0:
        return _NOTHING
    base_amount = change_open(work, row=row, open_amount=row.open_amount - settled)
    _add(work, receipt_id, receivable_id, amount, settled, base_amount)
    base = text_rule(work, "company.base_currency")
    difference = in_base(Money(amount, receipt.currency), rate=receipt.rate, base=base) - base_amount
    changes: dict[str, tuple[Any, Any]] = {
        "open": (Money(row.open_amount, row.currency), Money(row.open_amount - settled, row.currency)),
        "receipt": (None, receipt_id),
    }
    if difference:
        changes["exchange_difference"] = (None, Money(difference, base))
    history.record(work, actor=actor, entity="receivable", entity_id=row.id, act="paid", changes=changes)
    _touch(work, row.customer_id)
    return Decimal(amount)


def take_back(work: UnitOfWork, *, actor: Actor, receivable_id: int) -> None:
    """What was paid on this receivable is nobody's again, and it is open as far as that goes."""
    query = _STANDING.where(_ALLOCATIONS.c.receivable_id == receivable_id)
    _take_back(work, actor, work.connection.execute(query).all())


def drop_receivable(work: UnitOfWork, *, actor: Actor, receivable_id: int, act: str) -> None:
    """Nothing is owed on it any more (`act`: written off, cancelled); its row and its history stay."""
    row = read_receivable(work, receivable_id=receivable_id)
    change_open(work, row=row, open_amount=_NOTHING)
    changes = {"open": (Money(row.open_amount, row.currency), Money(_NOTHING, row.currency))}
    history.record(work, actor=actor, entity="receivable", entity_id=row.id, act=act, changes=changes)
    _touch(work, row.customer_id)


def write_off(work: UnitOfWork, *, actor: Member, platform: str, receivable_id: int) -> Money:
    """What is short of a paid receivable was kept by banks: nobody owes it. Returns how much.

    Raises Forbidden, NotFound, Conflict (nothing is open, or nothing was paid), Invalid (too much).
    """
    require(can_settle(actor))
    row = read_receivable(work, receivable_id=receivable_id)
    lock_customer(work, customer_id=row.customer_id)
    row = read_receivable(work, receivable_id=receivable_id)
    if row.settled_at is not None or row.open_amount == row.amount:
        raise Conflict(T("There is nothing to write off."))
    if not is_small(work, row):
        raise Invalid(T("Only less than {amount} is written off.", amount=SMALL))
    by = Actor(actor.id, platform)
    drop_receivable(work, actor=by, receivable_id=receivable_id, act="written off")
    if row.order_id is not None:
        work.emit(PaymentChanged(row.order_id, by))
    return Money(row.open_amount, row.currency)


def is_small(work: UnitOfWork, receivable: Any) -> bool:
    """Whether what is open of a partly paid receivable may be written off."""
    if not 0 < receivable.open_amount < receivable.amount:
        return False
    base, today = text_rule(work, "company.base_currency"), company_today(work)
    if receivable.currency == SMALL.currency:
        return bool(receivable.open_amount < SMALL.amount)
    try:
        most = in_base(SMALL, rate=rate_on(work, currency=SMALL.currency, day=today, base=base), base=base)
    except Invalid:
        return False
    return bool(receivable.open_base < most)


def undo_receipt(work: UnitOfWork, *, actor: Member, platform: str, receipt_id: int) -> None:
    """It was recorded by mistake: within a day it is as if it never came, but for its history.

    Raises Forbidden, NotFound, Conflict (undone already, too long ago, paid back).
    """
    require(can_settle(actor))
    row = read_receipt(work, receipt_id=receipt_id)
    lock_customer(work, customer_id=row.customer_id)
    if work.now - row.created_at > UNDO_FOR:
        raise Conflict(T("A payment can be undone for a day. Please refund it instead."))
    refunded = select(_NET).where(_ALLOCATIONS.c.receipt_id == receipt_id, _ALLOCATIONS.c.receivable_id.is_(None))
    if work.connection.execute(refunded).scalar():
        raise Conflict(T("Some of this payment was paid back already."))
    once = update(_RECEIPTS).where(_RECEIPTS.c.id == receipt_id, _RECEIPTS.c.undone_at.is_(None))
    if work.connection.execute(once.values(undone_at=work.now)).rowcount != 1:
        raise Conflict(T("This payment was undone already."))
    by = Actor(actor.id, platform)
    _take_back(work, by, work.connection.execute(_STANDING.where(_ALLOCATIONS.c.receipt_id == receipt_id)).all())
    _record(work, by, receipt_id, "undone", {})
    _touch(work, row.customer_id)


def refund(work: UnitOfWork, *, actor: Member, platform: str, receipt_id: int, amount: Decimal, reason: str) -> None:
    """Some of what is unallocated was paid back. Raises Forbidden, NotFound, Invalid, Conflict (more than there is)."""
    require(can_settle(actor))
    receipt = read_receipt(work, receipt_id=receipt_id)
    lock_customer(work, customer_id=receipt.customer_id)
    receipt = read_receipt(work, receipt_id=receipt_id)
    if not amount.is_finite() or amount <= 0 or not reason.strip():
        raise Invalid(T("A refund needs an amount above nought and a reason."))
    if amount > receipt.unallocated or receipt.undone_at is not None:
        raise Conflict(T("Less than that is unallocated of this payment."))
    _add(work, receipt_id, None, amount, _NOTHING, _NOTHING)
    changes = {"refunded": (None, Money(amount, receipt.currency))}
    by = Actor(actor.id, platform)
    history.record(
        work, actor=by, entity="receipt", entity_id=receipt_id, act="refunded", changes=changes, reason=reason.strip()
    )
    _touch(work, receipt.customer_id)


def orders_of_receipt(work: UnitOfWork, *, receipt_id: int) -> list[int]:
    """The orders that this receipt pays, by id: what to lock before it is undone."""
    paid = select(_ALLOCATIONS.c.receivable_id).where(_ALLOCATIONS.c.receipt_id == receipt_id)
    query = select(_RECEIVABLES.c.order_id).where(_RECEIVABLES.c.id.in_(paid), _RECEIVABLES.c.order_id.is_not(None))
    return sorted(set(work.connection.execute(query).scalars()))


def _take_back(work: UnitOfWork, actor: Actor, standing: Any) -> None:
    orders = set()
    for one in standing:
        row = read_receivable(work, receivable_id=one.receivable_id)
        base_amount = change_open(work, row=row, open_amount=row.open_amount + one.settled)
        _add(work, one.receipt_id, one.receivable_id, -one.amount, -one.settled, base_amount)
        changes = {
            "open": (Money(row.open_amount, row.currency), Money(row.open_amount + one.settled, row.currency)),
            "receipt": (one.receipt_id, None),
        }
        history.record(work, actor=actor, entity="receivable", entity_id=row.id, act="taken back", changes=changes)
        orders.add(row.order_id)
    for order_id in sorted(one for one in orders if one is not None):
        work.emit(PaymentChanged(order_id, actor))


def _cross(work: UnitOfWork, receipt: Any, currency: str) -> Decimal:
    """What a unit of the receipt's currency is in another, on the day it was received."""
    if receipt.currency == currency:
        return Decimal(1)
    base = text_rule(work, "company.base_currency")
    return Decimal(receipt.rate / rate_on(work, currency=currency, day=receipt.received_on, base=base))


def _add(
    work: UnitOfWork,
    receipt_id: int,
    receivable_id: int | None,
    amount: Decimal,
    settled: Decimal,
    base_amount: Decimal,
) -> None:
    values = {
        "receipt_id": receipt_id,
        "receivable_id": receivable_id,
        "amount": amount,
        "settled": settled,
        "base_amount": base_amount,
        "created_at": work.now,
    }
    work.connection.execute(insert(_ALLOCATIONS).values(values))


def _record(work: UnitOfWork, actor: Actor, receipt_id: int, act: str, changes: Mapping[str, tuple[Any, Any]]) -> None:
    history.record(work, actor=actor, entity="receipt", entity_id=receipt_id, act=act, changes=changes)


def _touch(work: UnitOfWork, customer_id: int) -> None:
    copies.touch_card(work, card="customer", subject_id=customer_id)
