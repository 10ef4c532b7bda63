"""What of an order is paid when: its terms as a schedule, made with the last approval, and owed as things happen.

A share becomes a receivable when its anchor happens (or is paid ahead), and the order's hold on the customer's credit
goes down by it: their sum changes only by what is paid. Guide 3.3. Whoever calls holds the order's lock.
"""

from calendar import monthrange
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, ForeignKey, String, bindparam, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import history
from crm.core.events import Events
from crm.core.history import SYSTEM, Actor
from crm.core.money import Money
from crm.core.rates import in_base
from crm.core.rules import company_today, text_rule
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Amount, Percent
from crm.core.work import UnitOfWork
from crm.fulfilment.plans import people_of
from crm.fulfilment.shipment_events import GoodsDelivered, GoodsShipped
from crm.fulfilment.shipments import shipped_share
from crm.language.payment_terms import Anchor, Instalment, read_payment_terms
from crm.ledger.credit import lock_customer, release, reserve
from crm.ledger.receipts import drop_receivable, take_back
from crm.ledger.receivables import Receivable, add_receivable, change_due, read_receivable
from crm.orders.approvals import OrderApproved
from crm.orders.order_events import OrderCancelled, OrderChanged
from crm.orders.orders import Order, read_plain
from crm.orders.quotes.instalments import amounts_of
from crm.people.people import Role
from crm.people.reach import tell

ANCHOR_NAMES: dict[Anchor, Any] = {
    "order": T("with the order"),
    "before_shipment": T("before shipment"),
    "shipment": T("date of shipment"),
    "bl_copy": T("against copy of the documents"),
    "invoice": T("invoice date"),
    "arrival": T("arrival of the goods"),
    "acceptance": T("acceptance"),
}
_AT_SHIPMENT: tuple[Anchor, ...] = ("before_shipment", "shipment", "bl_copy", "invoice")
_AT_ARRIVAL: tuple[Anchor, ...] = ("arrival", "acceptance")


class ScheduledPayment(Base):
    """One share of an order, in the order's currency. `anchored_on`: when what it hangs on happened; `due_on`: the day
    that follows from that; `receivable_id`: it is owed, because of that or because it was paid ahead.
    """

    __tablename__ = "payment_schedule"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    percent: Mapped[Decimal] = mapped_column(Percent)
    amount: Mapped[Decimal] = mapped_column(Amount)
    base_amount: Mapped[Decimal] = mapped_column(Amount)
    anchor: Mapped[str] = mapped_column(String(20))
    days: Mapped[int]
    months: Mapped[int]
    month_end: Mapped[bool]
    method: Mapped[str] = mapped_column(String(20))
    anchored_on: Mapped[date | None] = mapped_column(Date)
    due_on: Mapped[date | None] = mapped_column(Date)
    receivable_id: Mapped[int | None] = mapped_column(ForeignKey("receivables.id"), index=True)


_SCHEDULE, _RECEIVABLES, _ORDERS = ScheduledPayment.table(), Receivable.table(), Order.table()
_ROWS = (
    select(_SCHEDULE, _RECEIVABLES.c.open_amount, _RECEIVABLES.c.settled_at, _RECEIVABLES.c.due_on.label("owed_on"))
    .join(_RECEIVABLES, _RECEIVABLES.c.id == _SCHEDULE.c.receivable_id, isouter=True)
    .order_by(_SCHEDULE.c.order_id, _SCHEDULE.c.position)
)
_OF = _ROWS.where(_SCHEDULE.c.order_id == bindparam("order"))
_ONE = (_SCHEDULE.c.order_id == bindparam("of_order"), _SCHEDULE.c.position == bindparam("place"))
_ANCHORED = (
    update(_SCHEDULE)
    .where(*_ONE)
    .values(anchored_on=bindparam("anchored"), due_on=bindparam("due"), receivable_id=bindparam("receivable"))
)


def keep_schedules(events: Events) -> None:
    """Make the schedule of what is approved, let its shares be owed as things happen, end it where it is cancelled.

    Subscribed before production's plan, which asks whether it may begin.
    """
    events.subscribe(OrderApproved, _approved)
    events.subscribe(OrderChanged, _changed)
    events.subscribe(GoodsShipped, _shipped)
    events.subscribe(GoodsDelivered, _delivered)
    events.subscribe(OrderCancelled, _cancelled)


def schedule_of(work: UnitOfWork, *, order_id: int) -> list[Any]:
    """The shares of an order in their sequence, with `open_amount`, `settled_at` and `owed_on` of what is owed."""
    return list(work.connection.execute(_OF, {"order": order_id}))


def unowed(work: UnitOfWork, *, customer_id: int) -> list[Any]:
    """The shares of a customer's orders that are not owed yet, by order; of those that were not cancelled."""
    query = (
        select(_SCHEDULE, _ORDERS.c.number, _ORDERS.c.currency, _ORDERS.c.delivery_on)
        .join(_ORDERS, _ORDERS.c.id == _SCHEDULE.c.order_id)
        .where(
            _ORDERS.c.customer_id == customer_id, _SCHEDULE.c.receivable_id.is_(None), _ORDERS.c.status != "cancelled"
        )
        .order_by(_SCHEDULE.c.order_id, _SCHEDULE.c.position)
    )
    return list(work.connection.execute(query))


def is_paid(work: UnitOfWork, *, order_id: int) -> bool:
    """Whether nothing of the order is left to be paid. Of one from before there were schedules it is not known: no."""
    rows = schedule_of(work, order_id=order_id)
    if not rows:
        return bool(read_plain(work, order_id=order_id).total == 0)
    return all(row.settled_at is not None for row in rows)


def make_schedule(work: UnitOfWork, *, order_id: int) -> None:
    """Turn the order's terms into its schedule; what is due with the order is owed from now on.

    Terms that nobody can read become one share at shipment, and finance is told.
    """
    order = read_plain(work, order_id=order_id)
    if order.total <= 0 or schedule_of(work, order_id=order_id):
        return
    lock_customer(work, customer_id=order.customer_id)
    read = read_payment_terms(order.payment_terms)
    _write(work, order, read or (Instalment(Decimal(100), "shipment"),))
    if read is None:
        _tell_unread(work, order)
    anchor_happened(work, order_id=order_id, anchors=("order",), on=company_today(work), actor=SYSTEM)


def anchor_happened(work: UnitOfWork, *, order_id: int, anchors: Collection[str], on: date, actor: Actor) -> None:
    """What the shares with these anchors wait for happened on that day: they are owed, each due as its terms say."""
    rows = [row for row in schedule_of(work, order_id=order_id) if row.anchor in anchors and row.anchored_on is None]
    if not rows:
        return
    order = read_plain(work, order_id=order_id)
    lock_customer(work, customer_id=order.customer_id)
    for row in rows:
        due_on, receivable_id = due_day(row, on), row.receivable_id
        if receivable_id is None:
            receivable_id = _owe(work, order, row, due_on, actor)
        else:
            change_due(work, actor=actor, row=read_receivable(work, receivable_id=receivable_id), due_on=due_on)
        _mark(work, row, receivable_id, anchored_on=on, due_on=due_on)
    _hold_the_rest(work, order)


def owe_ahead(work: UnitOfWork, *, order_id: int, position: int, actor: Actor) -> int:
    """Money came for a share whose anchor has not happened: it is owed now, due when it would be by the agreed
    delivery. Returns its receivable.
    """
    row = next(row for row in schedule_of(work, order_id=order_id) if row.position == position)
    if row.receivable_id is not None:
        return int(row.receivable_id)
    order = read_plain(work, order_id=order_id)
    receivable_id = _owe(work, order, row, due_day(row, max(order.delivery_on, company_today(work))), actor)
    _mark(work, row, receivable_id, anchored_on=None, due_on=None)
    _hold_the_rest(work, order)
    return receivable_id


def due_day(share: Any, on: date) -> date:
    """`months` and `days` after a day; with `month_end` from the end of its month."""
    months = on.year * 12 + on.month - 1 + share.months
    year, month = divmod(months, 12)
    last = monthrange(year, month + 1)[1]
    day = date(year, month + 1, last if share.month_end else min(on.day, last))
    return day + timedelta(days=int(share.days))


def _write(work: UnitOfWork, order: Any, instalments: Collection[Instalment]) -> None:
    base, left = text_rule(work, "company.base_currency"), order.base_total
    shares = list(instalments)
    amounts = amounts_of(shares, order.total, order.currency)
    rows: list[dict[str, Any]] = []
    for position, (one, amount) in enumerate(zip(shares, amounts, strict=True), 1):
        is_last = position == len(shares)
        in_own = left if is_last else in_base(Money(amount, order.currency), rate=order.rate, base=base)
        left -= in_own
        values = {name: getattr(one, name) for name in ("percent", "anchor", "days", "months", "month_end", "method")}
        if amount > 0:
            rows.append(values | {"order_id": order.id, "position": position, "amount": amount, "base_amount": in_own})
    work.connection.execute(insert(_SCHEDULE), rows)
    told = [f"{row['percent'].normalize():f}% {row['anchor']}" for row in rows]
    changes = {"schedule": (None, "; ".join(told))}
    history.record(work, actor=SYSTEM, entity="order", entity_id=order.id, act="payment scheduled", changes=changes)


def _owe(work: UnitOfWork, order: Any, row: Any, due_on: date, actor: Actor) -> int:
    return add_receivable(
        work,
        actor=actor,
        customer_id=order.customer_id,
        order_id=order.id,
        amount=Money(row.amount, order.currency),
        rate=order.rate,
        base=text_rule(work, "company.base_currency"),
        due_on=due_on,
        base_amount=row.base_amount,
    )


def _mark(work: UnitOfWork, row: Any, receivable_id: int, *, anchored_on: date | None, due_on: date | None) -> None:
    values = {"anchored": anchored_on, "due": due_on, "receivable": receivable_id}
    work.connection.execute(_ANCHORED, values | {"of_order": row.order_id, "place": row.position})


def _hold_the_rest(work: UnitOfWork, order: Any) -> None:
    """The order holds of the credit what is not in receivables yet."""
    rows = schedule_of(work, order_id=order.id)
    rest = sum((row.base_amount for row in rows if row.receivable_id is None), Decimal(0))
    if rest > 0:
        reserve(work, order_id=order.id, customer_id=order.customer_id, base_amount=rest)
    else:
        release(work, order_id=order.id)


def _approved(work: UnitOfWork, event: OrderApproved) -> None:
    make_schedule(work, order_id=event.order_id)


def _changed(work: UnitOfWork, event: OrderChanged) -> None:
    """Ready: what is due before shipment is due."""
    if event.after.status == "ready":
        today = company_today(work)
        anchor_happened(work, order_id=event.order_id, anchors=("before_shipment",), on=today, actor=SYSTEM)
        _tell_ready(work, event.order_id)


def _shipped(work: UnitOfWork, event: GoodsShipped) -> None:
    """With the last of the goods."""
    if shipped_share(work, order_id=event.order_id) == "all":
        anchor_happened(work, order_id=event.order_id, anchors=_AT_SHIPMENT, on=event.on, actor=event.actor)


def _delivered(work: UnitOfWork, event: GoodsDelivered) -> None:
    anchor_happened(work, order_id=event.order_id, anchors=_AT_ARRIVAL, on=event.on, actor=event.actor)


def _cancelled(work: UnitOfWork, event: OrderCancelled) -> None:
    """Nothing of it is owed; what was paid is the customer's to use for something else, or to get back."""
    order = read_plain(work, order_id=event.order_id)
    lock_customer(work, customer_id=order.customer_id)
    for receivable_id in _owed(schedule_of(work, order_id=event.order_id)):
        take_back(work, actor=SYSTEM, receivable_id=receivable_id)
        drop_receivable(work, actor=SYSTEM, receivable_id=receivable_id, act="cancelled")


def _owed(rows: Iterable[Any]) -> list[int]:
    return [row.receivable_id for row in rows if row.receivable_id is not None]


def _tell_ready(work: UnitOfWork, order_id: int) -> None:
    """Who sold and finance hear what has to come before the goods leave."""
    rows = schedule_of(work, order_id=order_id)
    left = [row.open_amount for row in rows if row.anchor == "before_shipment" and row.open_amount]
    if not left:
        return
    order = read_plain(work, order_id=order_id)
    told = T(
        "{number} {customer} is ready: {amount} is due before it leaves.",
        number=order.number,
        customer=order.customer_name,
        amount=Money(sum(left), order.currency),
    )
    for person_id in {order.submitter_id, *people_of(work, Role.FINANCE)}:
        tell(work, person_id=person_id, text=told, key=f"balance:{order_id}:{person_id}", about=("order", order_id))


def _tell_unread(work: UnitOfWork, order: Any) -> None:
    told = T(
        "{number} {customer}: the payment terms “{text}” can't be read. All of it is due at shipment.",
        number=order.number,
        customer=order.customer_name,
        text=order.payment_terms[:100],
    )
    for person_id in people_of(work, Role.FINANCE):
        tell(work, person_id=person_id, text=told, key=f"terms:{order.id}:{person_id}", about=("order", order.id))
