"""Money owed: due soon or overdue, to each rep of their customers, to finance of all; credit overrun. Guide 3.3."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Date, bindparam, case, func, literal_column, select, text, type_coerce

from crm.core.money import Money
from crm.core.rules import company_today, text_rule
from crm.core.text import TN, T, Text
from crm.core.types import Amount
from crm.core.work import UnitOfWork
from crm.insight.ground import Ground, days_words
from crm.insight.sections import Line, Section, section
from crm.ledger.overruns import overruns
from crm.ledger.receivables import Receivable
from crm.sales.customers.customers import Customer

_NOTHING = Decimal(0)
_CUSTOMERS = Customer.table()
_RECEIVABLES = Receivable.table()
_OPEN = (
    select(
        _RECEIVABLES.c.customer_id,
        _CUSTOMERS.c.name,
        _CUSTOMERS.c.owner_id,
        _RECEIVABLES.c.due_on,
        func.sum(_RECEIVABLES.c.open_base, type_=Amount).label("open_base"),
    )
    .join(_CUSTOMERS, _CUSTOMERS.c.id == _RECEIVABLES.c.customer_id)
    .where(text("receivables.settled_at IS NULL"))
    .group_by(_RECEIVABLES.c.customer_id, _CUSTOMERS.c.name, _CUSTOMERS.c.owner_id, _RECEIVABLES.c.due_on)
)


_TODAY = bindparam("today", type_=Date)
_BASE = _RECEIVABLES.c.open_base
_LATE, _SOON = _RECEIVABLES.c.due_on < _TODAY, _RECEIVABLES.c.due_on >= _TODAY
_EACH = (
    select(
        _RECEIVABLES.c.customer_id,
        func.sum(case((_LATE, _BASE), else_=literal_column("0"))).label("overdue"),
        func.sum(case((_SOON, _BASE), else_=literal_column("0"))).label("due"),
        func.min(case((_LATE, _RECEIVABLES.c.due_on))).label("since"),
        func.min(case((_SOON, _RECEIVABLES.c.due_on))).label("next"),
    )
    .where(text("receivables.settled_at IS NULL"), _RECEIVABLES.c.due_on <= bindparam("until", type_=Date))
    .group_by(_RECEIVABLES.c.customer_id)
    .subquery("each")
)
_LARGEST = (
    select(
        _EACH.c.customer_id,
        _CUSTOMERS.c.name,
        type_coerce(_EACH.c.overdue, Amount).label("overdue"),
        type_coerce(_EACH.c.due, Amount).label("due"),
        type_coerce(_EACH.c.since, Date).label("since"),
        type_coerce(_EACH.c.next, Date).label("next"),
        func.count().over().label("customers"),
        func.sum(case((_EACH.c.overdue > _NOTHING, 1), else_=0)).over().label("late_customers"),
        func.sum(case((_EACH.c.due > _NOTHING, 1), else_=0)).over().label("due_customers"),
        type_coerce(func.sum(_EACH.c.overdue).over(), Amount).label("all_overdue"),
        type_coerce(func.sum(_EACH.c.due).over(), Amount).label("all_due"),
    )
    .join(_CUSTOMERS, _CUSTOMERS.c.id == _EACH.c.customer_id)
    .order_by((_EACH.c.overdue + _EACH.c.due).desc(), _EACH.c.customer_id)
    .limit(bindparam("most"))
)
"""Those who owe the most, each row with the totals of all."""


class Owed(NamedTuple):
    """What a customer owes, as of a day: overdue since the oldest of it, and due soon, the first of it at `next`."""

    customer_id: int
    name: str
    due: Decimal
    overdue: Decimal
    since: date | None
    next: date | None

    @property
    def total(self) -> Decimal:
        return self.due + self.overdue

    @property
    def first(self) -> date:
        """The oldest of all."""
        return self.since or self.next or date.max


def payments_due(ground: Ground) -> dict[int, list[Section]]:
    """What the customers of each rep owe; one statement."""
    readers = ground.of("rep")
    ahead = timedelta(days=ground.number("digests.due_days"))
    until = max(reader.day for reader in readers) + ahead
    mine = _OPEN.where(_CUSTOMERS.c.owner_id.in_([reader.id for reader in readers]), _RECEIVABLES.c.due_on <= until)
    rows = defaultdict(list)
    for row in ground.work.connection.execute(mine):
        rows[row.owner_id].append(row)
    found = {}
    for reader in readers:
        owed = sorted(_by_customer(rows[reader.id], reader.day, ahead), key=lambda one: (one.first, -one.total))
        lines = (Line(_words(one, ground, reader.day), ("customer", one.customer_id), one.name) for one in owed)
        found[reader.id] = section("payments", T("Payments due"), lines, most=ground.most)
    return found


def receivables(ground: Ground) -> dict[int, list[Section]]:
    """To finance: what all customers owe, the totals and then the largest; one statement for each day it is."""
    ahead = timedelta(days=ground.number("digests.due_days"))
    readers = ground.of("finance")
    shown = {day: _receivables(ground, day, ahead) for day in {reader.day for reader in readers}}
    return {reader.id: shown[reader.day] for reader in readers}


def credit_overruns(ground: Ground) -> dict[int, list[Section]]:
    """To finance: whose exposure is over the limit, by how much; one statement."""
    found = overruns(ground.work, rules=ground.rules)
    lines = [
        Line(
            T(
                "{customer} · {over} over the limit of {limit}",
                customer=one.name,
                over=ground.money(one.exposure - one.limit),
                limit=ground.money(one.limit),
            ),
            ("customer", one.customer_id),
            one.name,
        )
        for one in sorted(found, key=lambda one: (one.limit - one.exposure, one.customer_id))
    ]
    shown = section("overruns", T("Over the credit limit"), lines, most=ground.most)
    return {reader.id: shown for reader in ground.of("finance")}


def _by_customer(rows: Iterable[Any], today: date, ahead: timedelta) -> Iterable[Owed]:
    sums: dict[int, Owed] = {}
    for row in rows:
        if row.due_on > today + ahead:
            continue
        before = sums.get(row.customer_id) or Owed(row.customer_id, row.name, _NOTHING, _NOTHING, None, None)
        if row.due_on < today:
            since = min(before.since or row.due_on, row.due_on)
            one = before._replace(overdue=before.overdue + row.open_base, since=since)
        else:
            next_ = min(before.next or row.due_on, row.due_on)
            one = before._replace(due=before.due + row.open_base, next=next_)
        sums[row.customer_id] = one
    return sums.values()


def _receivables(ground: Ground, today: date, ahead: timedelta) -> list[Section]:
    values = {"today": today, "until": today + ahead, "most": ground.most + 1}
    rows = ground.work.connection.execute(_LARGEST, values).all()
    if not rows:
        return []
    all_, totals = rows[0], []
    if all_.late_customers:
        facts: dict[str, Any] = {"sum": ground.money(all_.all_overdue), "customers": _count(all_.late_customers)}
        totals.append(Line(T("Overdue: {sum} from {customers}", **facts)))
    if all_.due_customers:
        facts = {"day": today + ahead, "sum": ground.money(all_.all_due), "customers": _count(all_.due_customers)}
        totals.append(Line(T("Due by {day}: {sum} from {customers}", **facts)))
    owed = [Owed(row.customer_id, row.name, row.due, row.overdue, row.since, row.next) for row in rows]
    lines = [Line(_words(one, ground, today), ("customer", one.customer_id), one.name) for one in owed]
    shown = [*totals, *lines][: ground.most]
    return [Section("receivables", T("Receivables"), tuple(shown), all_.customers - (len(shown) - len(totals)))]


def _words(one: Owed, ground: Ground, today: date) -> Text:
    """What is overdue with its days; what is due soon stands apart."""
    facts: dict[str, Any] = {"customer": one.name, "sum": ground.money(one.overdue if one.since else one.due)}
    ahead = 0 if one.next is None else (one.next - today).days
    if one.since is not None:
        facts["days"] = days_words((today - one.since).days)
        if one.next is None:
            return T("{customer} · {sum} · {days} overdue", **facts)
        facts["due"] = ground.money(one.due)
        if ahead == 0:
            return T("{customer} · {sum} · {days} overdue · {due} due today", **facts)
        return T("{customer} · {sum} · {days} overdue · {due} due in {ahead}", ahead=days_words(ahead), **facts)
    if ahead == 0:
        return T("{customer} · {sum} · due today", **facts)
    return T("{customer} · {sum} · due in {days}", days=days_words(ahead), **facts)


def _count(customers: int) -> Text:
    return TN("{n} customer", "{n} customers", n=customers)


class CustomerOwing(NamedTuple):
    """A customer and all they owe, in the base currency; `since`: the first day, `days` ago (0: to come)."""

    customer_id: int
    name: str
    amount: Money
    since: date
    days: int


def owed_by_customer(work: UnitOfWork) -> list[CustomerOwing]:
    """Everybody who owes something, whose is due longest first."""
    base, today = text_rule(work, "company.base_currency"), company_today(work)
    found: dict[int, CustomerOwing] = {}
    for row in work.connection.execute(_OPEN.order_by(_RECEIVABLES.c.due_on, _RECEIVABLES.c.customer_id)):
        first = CustomerOwing(
            row.customer_id, row.name, Money(_NOTHING, base), row.due_on, max(0, (today - row.due_on).days)
        )
        before = found.get(row.customer_id, first)
        found[row.customer_id] = before._replace(amount=before.amount + Money(row.open_base, base))
    return sorted(found.values(), key=lambda one: (one.since, -one.amount.amount))
