"""A receipt is recorded and allocated in one act: to orders named, to what is oldest, or to nothing yet. Guide 3.3.

Locks are taken in the order of every act on orders: the orders by id, then their customer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from crm.core.errors import Invalid, NotFound
from crm.core.history import Actor
from crm.core.money import Money
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.fulfilment.payments import owe_ahead, unowed
from crm.ledger.credit import lock_customer
from crm.ledger.payment_events import PaymentChanged
from crm.ledger.receipts import (
    ReceiptDraft,
    add_receipt,
    allocate,
    orders_of_receipt,
    read_receipt,
    undo_receipt,
    write_off,
)
from crm.ledger.receivables import can_settle, open_receivables, read_receivable
from crm.orders.approvals import touch_cards
from crm.orders.orders import lock_order, read_plain
from crm.people.people import Member
from crm.people.permissions import require
from crm.people.reach import tell
from crm.sales.customers.customers import get_customer

Wishes = Literal["oldest", "nothing"] | Sequence[tuple[int, Decimal | None]]
"""Where a payment goes: orders by id, each with how much at most (the payment's currency; None: what is open)."""


@dataclass(frozen=True, slots=True)
class Owing:
    """What is open of an order: owed by now (`owed`), and all that is left of its schedule (`whole`), in its currency.
    `due_on`: the oldest day of what is owed, None: nothing is owed yet. `order_id` None: owed for no order.
    """

    order_id: int | None
    number: str
    currency: str
    owed: Decimal
    whole: Decimal
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Received:
    """A recorded payment: how much of it (its currency) went to which order's number, and what is left."""

    receipt_id: int
    allocated: tuple[tuple[str, Money], ...]
    left: Money


def owing(work: UnitOfWork, *, customer_id: int) -> list[Owing]:
    """What is open of a customer's orders: what is due first, then what is not owed yet."""
    found: dict[int | None, Owing] = {}
    for row in open_receivables(work, customer_id=customer_id):
        number = "–" if row.order_id is None else read_plain(work, order_id=row.order_id).number
        before = found.get(row.order_id) or Owing(
            row.order_id, number, row.currency, Decimal(0), Decimal(0), row.due_on
        )
        owed, whole = before.owed + row.open_amount, before.whole + row.open_amount
        found[row.order_id] = Owing(row.order_id, number, row.currency, owed, whole, before.due_on)
    for row in unowed(work, customer_id=customer_id):
        before = found.get(row.order_id) or Owing(row.order_id, row.number, row.currency, Decimal(0), Decimal(0), None)
        whole = before.whole + row.amount
        found[row.order_id] = Owing(row.order_id, row.number, row.currency, before.owed, whole, before.due_on)
    return sorted(found.values(), key=lambda one: (one.due_on is None, one.due_on or date.max, one.order_id or 0))


def receive_payment(
    work: UnitOfWork, *, actor: Member, platform: str, draft: ReceiptDraft, wishes: Wishes = "oldest"
) -> Received:
    """Record a customer's payment and let it pay what is wished. Who submitted the orders hears of it.

    Raises Forbidden, NotFound, Invalid (an order of somebody else's, more than there is), Conflict (recorded already).
    """
    require(can_settle(actor))
    get_customer(work, viewer=actor, customer_id=draft.customer_id)
    _lock(work, _candidates(work, draft.customer_id, wishes))
    lock_customer(work, customer_id=draft.customer_id)
    by = Actor(actor.id, platform)
    receipt_id = add_receipt(work, actor=actor, platform=platform, draft=draft)
    paid: dict[int | None, Decimal] = {}
    for order_id, receivable_id, most in _targets(work, draft, wishes, by):
        amount = allocate(work, actor=by, receipt_id=receipt_id, receivable_id=receivable_id, most=most)
        paid[order_id] = paid.get(order_id, Decimal(0)) + amount
    receipt = read_receipt(work, receipt_id=receipt_id)
    if not isinstance(wishes, str):
        _check_wishes(work, wishes, paid)
    told = [(order_id, amount) for order_id, amount in paid.items() if order_id is not None and amount > 0]
    for order_id, amount in told:
        _order_paid(work, by, receipt, order_id, amount)
    named = [(read_plain(work, order_id=order_id).number, Money(amount, receipt.currency)) for order_id, amount in told]
    return Received(receipt_id, tuple(named), Money(receipt.unallocated, receipt.currency))


def undo_payment(work: UnitOfWork, *, actor: Member, platform: str, receipt_id: int) -> None:
    """It was recorded by mistake. Raises Forbidden, NotFound, Conflict (too late)."""
    require(can_settle(actor))
    orders = orders_of_receipt(work, receipt_id=receipt_id)
    _lock(work, orders)
    undo_receipt(work, actor=actor, platform=platform, receipt_id=receipt_id)
    for order_id in orders:
        touch_cards(work, order_id=order_id)


def write_off_rest(work: UnitOfWork, *, actor: Member, platform: str, receivable_id: int) -> Money:
    """A small shortfall was kept by banks; returns how much. Raises Forbidden, NotFound, Invalid, Conflict."""
    require(can_settle(actor))
    order_id = read_receivable(work, receivable_id=receivable_id).order_id
    _lock(work, [] if order_id is None else [order_id])
    amount = write_off(work, actor=actor, platform=platform, receivable_id=receivable_id)
    if order_id is not None:
        touch_cards(work, order_id=order_id)
    return amount


def _candidates(work: UnitOfWork, customer_id: int, wishes: Wishes) -> list[int]:
    if wishes == "nothing":
        return []
    if wishes == "oldest":
        return [one.order_id for one in owing(work, customer_id=customer_id) if one.order_id is not None]
    return [order_id for order_id, _ in wishes]


def _lock(work: UnitOfWork, order_ids: Iterable[int]) -> None:
    for order_id in sorted(set(order_ids)):
        lock_order(work, order_id=order_id)


def _targets(
    work: UnitOfWork, draft: ReceiptDraft, wishes: Wishes, actor: Actor
) -> Iterable[tuple[int | None, int, Decimal | None]]:
    """Receivables to pay, in their sequence: (order, receivable, how much at most). Shares that are not owed yet are
    from now on, one after another, as long as the payment lasts: this is asked for one at a time.
    """
    if wishes == "nothing":
        return
    if wishes == "oldest":
        for row in open_receivables(work, customer_id=draft.customer_id):
            yield row.order_id, row.id, None
        return
    for order_id, most in wishes:
        order = read_plain(work, order_id=order_id)
        if order.customer_id != draft.customer_id:
            raise Invalid(T("{number} is not one of this customer's orders.", number=order.number))
        yield from _of_order(work, draft, order_id, most, actor)


def _of_order(
    work: UnitOfWork, draft: ReceiptDraft, order_id: int, most: Decimal | None, actor: Actor
) -> Iterable[tuple[int | None, int, Decimal | None]]:
    left = _Left(most)
    for row in open_receivables(work, order_id=order_id):
        before = row.open_amount
        if left.is_over:
            return
        yield order_id, row.id, left.most
        left.took(work, row.id, before, draft)
    for share in (row for row in unowed(work, customer_id=draft.customer_id) if row.order_id == order_id):
        if left.is_over or left.stopped_short:
            return
        receivable_id = owe_ahead(work, order_id=order_id, position=share.position, actor=actor)
        yield order_id, receivable_id, left.most
        left.took(work, receivable_id, share.amount, draft)


class _Left:
    """How much of what was wished for an order is left, in the payment's currency. `stopped_short`: the payment was
    over before the last receivable was.
    """

    def __init__(self, most: Decimal | None) -> None:
        self.most, self.stopped_short = most, False

    @property
    def is_over(self) -> bool:
        return self.most is not None and self.most <= 0

    def took(self, work: UnitOfWork, receivable_id: int, before: Decimal, draft: ReceiptDraft) -> None:
        row = read_receivable(work, receivable_id=receivable_id)
        self.stopped_short = row.open_amount > 0
        if self.most is None:
            return
        share = before - row.open_amount
        if row.currency == draft.amount.currency:
            self.most -= share
        elif self.stopped_short:
            self.most = Decimal(0)


def _check_wishes(
    work: UnitOfWork, wishes: Iterable[tuple[int, Decimal | None]], paid: dict[int | None, Decimal]
) -> None:
    """What was named must have been there to pay with, and to be paid."""
    for order_id, most in wishes:
        found = paid.get(order_id, Decimal(0))
        if found <= 0 or (most is not None and found < most):
            number = read_plain(work, order_id=order_id).number
            told = T("{number} can't take that much of this payment.", number=number)
            if order_id not in paid:
                told = T("Nothing of {number} is open.", number=number)
            raise Invalid(told)


def _order_paid(work: UnitOfWork, by: Actor, receipt: Any, order_id: int, amount: Decimal) -> None:
    work.emit(PaymentChanged(order_id, by))
    touch_cards(work, order_id=order_id)
    order = read_plain(work, order_id=order_id)
    if order.submitter_id == by.person_id:
        return
    told = T(
        "{number} {customer}: {amount} received on {date}.",
        number=order.number,
        customer=order.customer_name,
        amount=Money(amount, receipt.currency),
        date=receipt.received_on,
    )
    key = f"received:{receipt.id}:{order_id}"
    tell(work, person_id=order.submitter_id, text=told, key=key, about=("order", order_id))


def find_owing(work: UnitOfWork, *, customer_id: int, number: str) -> Owing:
    """What is open of the order with this number, as a person types it: `SO-2026-0031`, `31`. Raises NotFound."""
    wanted = number.strip().casefold()
    found = [
        one
        for one in owing(work, customer_id=customer_id)
        if one.number.casefold() == wanted
        or (wanted.isdecimal() and one.number.rpartition("-")[2].lstrip("0") == wanted.lstrip("0"))
    ]
    if len(found) != 1:
        raise NotFound(T("Nothing is open of {number}.", number=number[:30]))
    return found[0]
