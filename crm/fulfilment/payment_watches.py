"""Payments that fall due, or are overdue, and promises whose day has come: who sold and finance hear. Guide 3.3."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select, text

from crm.core.money import Money
from crm.core.rules import company_today
from crm.core.text import TN, T, Text
from crm.core.work import UnitOfWork
from crm.fulfilment.plans import people_of
from crm.fulfilment.promises import PaymentPromise
from crm.ledger.receivables import Receivable
from crm.orders.orders import FROM_ORDERS, Order
from crm.people.people import Role
from crm.people.watching import Sighting, Watch, as_list
from crm.sales.customers.customers import Customer

AHEAD = 3
"""Days before it is due that a payment is told of."""
STEPS = (1, 7, 14, 30)
"""Days overdue at which it is told of again."""

_RECEIVABLES, _PROMISES = Receivable.table(), PaymentPromise.table()
_ORDERS, _CUSTOMERS = Order.table(), Customer.table()
_OPEN = (
    select(
        _RECEIVABLES.c.id,
        _RECEIVABLES.c.order_id,
        _RECEIVABLES.c.currency,
        _RECEIVABLES.c.open_amount,
        _RECEIVABLES.c.due_on,
        _PROMISES.c.promised_on,
        _ORDERS.c.number,
        _ORDERS.c.submitter_id,
        _CUSTOMERS.c.name.label("customer_name"),
    )
    .select_from(
        FROM_ORDERS.join(_RECEIVABLES, _RECEIVABLES.c.order_id == _ORDERS.c.id).join(
            _PROMISES, _PROMISES.c.receivable_id == _RECEIVABLES.c.id, isouter=True
        )
    )
    .where(text("receivables.settled_at IS NULL"), _RECEIVABLES.c.due_on <= bindparam("until"))
    .order_by(_RECEIVABLES.c.due_on, _RECEIVABLES.c.id)
)


def level_of(due_on: date, today: date) -> int:
    """0: not to be told of yet; 1: due within AHEAD days; then one more for each of STEPS that is passed."""
    days = (today - due_on).days
    if days < -AHEAD:
        return 0
    return 1 + sum(days >= step for step in STEPS)


def _due(work: UnitOfWork) -> list[Sighting]:
    """While a promise holds, its day is waited for."""
    today = company_today(work)
    found = []
    for row in _rows(work, today):
        level = level_of(row.due_on, today)
        if level and (row.promised_on is None or row.promised_on < today):
            found += _sightings(work, row, level, _words(row, today))
    return found


def _promised(work: UnitOfWork) -> list[Sighting]:
    """Those whose day is today or past, with something still open; said once for each promise."""
    today = company_today(work)
    found = []
    for row in _rows(work, today):
        if row.promised_on is not None and row.promised_on <= today:
            told = T(
                "{number} {customer}: {amount} was promised for {date}. Has it come?",
                date=row.promised_on,
                **_facts(row),
            )
            found += _sightings(work, row, row.promised_on.toordinal(), told)
    return found


def _rows(work: UnitOfWork, today: date) -> Sequence[Any]:
    until = date.fromordinal(today.toordinal() + AHEAD)
    return work.connection.execute(_OPEN, {"until": until}).all()


def _sightings(work: UnitOfWork, row: Any, level: int, line: Text) -> list[Sighting]:
    people = dict.fromkeys([row.submitter_id, *people_of(work, Role.FINANCE)])
    about = ("order", row.order_id)
    return [Sighting(subject_id=row.id, person_id=one, line=line, about=about, level=level) for one in people]


def _words(row: Any, today: date) -> Text:
    days = (today - row.due_on).days
    if days <= 0:
        return T("{number} {customer}: {amount} due on {date}", date=row.due_on, **_facts(row))
    return TN(
        "{number} {customer}: {amount} overdue for {n} day",
        "{number} {customer}: {amount} overdue for {n} days",
        n=days,
        **_facts(row),
    )


def _facts(row: Any) -> dict[str, Any]:
    amount = Money(row.open_amount, row.currency)
    return {"number": row.number, "customer": row.customer_name, "amount": amount}


def _due_heading(work: UnitOfWork, seen: Sequence[Sighting]) -> Text:
    return TN("{n} payment is due or overdue.", "{n} payments are due or overdue.", n=len(seen))


def _promised_heading(work: UnitOfWork, seen: Sequence[Sighting]) -> Text:
    return TN("{n} payment was promised.", "{n} payments were promised.", n=len(seen))


DUE = Watch("payment_due", _due, as_list("payment_due", _due_heading))
PROMISED = Watch("payment_promised", _promised, as_list("payment_promised", _promised_heading))
