"""Orders that may not come in time: sent back, undecided with the date near, or approved and past it. Guide 3.1."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, select, text, union_all

from crm.core.text import T, Text
from crm.insight.ground import Ground, Reader, days_words
from crm.insight.sections import Line, Section, section
from crm.ledger.credit import Reservation
from crm.orders.orders import SUBMITTERS, Order
from crm.sales.agreed_orders import UNSHIPPED
from crm.sales.customers.customers import Customer

_ORDERS = Order.table()
_CUSTOMERS = Customer.table()
_RESERVATIONS = Reservation.table()
_UNSHIPPED = exists().where(_RESERVATIONS.c.order_id == _ORDERS.c.id, text("reservations.released_at IS NULL"))
"""What an order holds of the credit is given back when it is shipped and owed for."""
_COLUMNS = (
    _ORDERS.c.id,
    _ORDERS.c.number,
    _ORDERS.c.status,
    _ORDERS.c.delivery_on,
    _ORDERS.c.submitter_id,
    _ORDERS.c.base_total,
    _CUSTOMERS.c.name.label("customer_name"),
    SUBMITTERS.c.name.label("submitter_name"),
)
_FROM = _ORDERS.join(_CUSTOMERS, _CUSTOMERS.c.id == _ORDERS.c.customer_id).join(
    SUBMITTERS, SUBMITTERS.c.id == _ORDERS.c.submitter_id
)


def orders_at_risk(ground: Ground) -> dict[int, list[Section]]:
    """Of each rep's own; one statement."""
    readers = ground.of("rep")
    near = timedelta(days=ground.number("watches.at_risk_days"))
    first, last = _days(readers)
    people = [reader.id for reader in readers]
    query = union_all(
        _of(people, _ORDERS.c.status == "sent_back"),
        _of(people, _ORDERS.c.status == "pending", _ORDERS.c.delivery_on <= last + near),
        _late(ground, people, first, last),
    )
    theirs: dict[int, list[Any]] = defaultdict(list)
    for row in ground.work.connection.execute(query):
        theirs[row.submitter_id].append(row)
    found = {}
    for reader in readers:
        rows = [row for row in theirs[reader.id] if _is_at_risk(row, reader.day, near)]
        rows.sort(key=lambda row: (_URGENCY.get(row.status, _LATE), row.delivery_on, row.id))
        lines = (Line(_words(row, reader.day), ("order", row.id), row.number) for row in rows)
        found[reader.id] = section("risk", T("Orders at risk"), lines, most=ground.most, verb="orders")
    return found


def late_orders(ground: Ground) -> dict[int, list[Section]]:
    """Of each supervisor's team; one statement."""
    readers = ground.of("supervisor")
    first, last = _days(readers)
    rows = list(ground.work.connection.execute(_late(ground, ground.teams, first, last)))
    found = {}
    for reader in readers:
        team = ground.team(reader)
        late = [row for row in rows if row.submitter_id in team and row.delivery_on < reader.day]
        late.sort(key=lambda row: (row.delivery_on, row.id))
        lines = (Line(_late_words(row, ground, reader.day), ("order", row.id), row.number) for row in late)
        found[reader.id] = section("late", T("Late orders"), lines, most=ground.most, verb="orders")
    return found


def _days(readers: Collection[Reader]) -> tuple[date, date]:
    days = [reader.day for reader in readers]
    return min(days), max(days)


def _late(ground: Ground, people: Collection[int], first: date, last: date) -> Any:
    """Approved, not shipped, and past the date; what nobody has reported on for long is asked about no more."""
    since = first - timedelta(days=ground.number("digests.late_days"))
    past = (_ORDERS.c.delivery_on >= since, _ORDERS.c.delivery_on < last)
    return _of(people, _ORDERS.c.status.in_(UNSHIPPED), *past, _UNSHIPPED)


def _of(people: Collection[int], *where: ColumnElement[bool]) -> Any:
    return select(*_COLUMNS).select_from(_FROM).where(_ORDERS.c.submitter_id.in_(list(people)), *where)


_URGENCY = {"sent_back": 0, "pending": 1}
_LATE = 2


def _is_at_risk(row: Any, today: date, near: timedelta) -> bool:
    if row.status == "sent_back":
        return True
    return bool(row.delivery_on <= today + near) if row.status == "pending" else bool(row.delivery_on < today)


def _words(row: Any, today: date) -> Text:
    named = {"number": row.number, "customer": row.customer_name}
    if row.status == "sent_back":
        return T("{number} {customer} · sent back, to be changed", **named)
    days = (today - row.delivery_on).days
    if row.status in UNSHIPPED:
        return T("{number} {customer} · {days} late", days=days_words(days), **named)
    if days > 0:
        return T("{number} {customer} · undecided, {days} late", days=days_words(days), **named)
    if days == 0:
        return T("{number} {customer} · undecided, delivery today", **named)
    return T("{number} {customer} · undecided, delivery in {days}", days=days_words(-days), **named)


def _late_words(row: Any, ground: Ground, today: date) -> Text:
    return T(
        "{person}: {number} {customer} · {sum} · {days} late",
        person=row.submitter_name,
        number=row.number,
        customer=row.customer_name,
        sum=ground.money(row.base_total),
        days=days_words((today - row.delivery_on).days),
    )
