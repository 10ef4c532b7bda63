"""Key customers that nobody has heard from: their owner and the owner's supervisor hear of it. Guide 2.2.

A contact is a call, an e-mail, a WeChat message, a visit or a meeting that is logged, or an order; a note is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, column, exists, func, select, table

from crm.core.rules import text_rule, whole_rule
from crm.core.text import TN, T, Text
from crm.core.types import Id, UTCDateTime
from crm.core.work import UnitOfWork
from crm.people.people import Person
from crm.people.superiors import superiors_of
from crm.people.watching import Sighting, Watch, as_list
from crm.sales.customers.communications import KINDS, Communication
from crm.sales.customers.customers import Customer

WATCHED_GRADE = "A"
CONTACTS = tuple(kind for kind in KINDS if kind != "note")


@dataclass(frozen=True, slots=True)
class SilentCustomer:
    """`owner_id` None: in the pool. `days`: by the company's calendar since `last_at`, last contact or its adding."""

    customer_id: int
    name: str
    owner_id: int | None
    days: int
    last_at: datetime


_CUSTOMERS = Customer.table()
_SAID = Communication.table()
_OWNERS = Person.table()
_ORDERS = table("orders", column("customer_id", Id), column("submitted_at", UTCDateTime))  # of a room above
LAST_SAID = (
    select(_SAID.c.at)
    .where(_SAID.c.customer_id == _CUSTOMERS.c.id, _SAID.c.kind.in_(CONTACTS))
    .order_by(_SAID.c.at.desc())
    .limit(1)
    .correlate(_CUSTOMERS)
    .scalar_subquery()
)
LAST_ORDER = (
    select(func.max(_ORDERS.c.submitted_at, type_=UTCDateTime))
    .where(_ORDERS.c.customer_id == _CUSTOMERS.c.id)
    .correlate(_CUSTOMERS)
    .scalar_subquery()
)
_UNTIL = bindparam("until", type_=UTCDateTime)
_OF_GRADE = select(
    _CUSTOMERS.c.id,
    _CUSTOMERS.c.name,
    _CUSTOMERS.c.owner_id,
    _CUSTOMERS.c.created_at,
    LAST_SAID.label("said_at"),
    LAST_ORDER.label("ordered_at"),
).where(
    _CUSTOMERS.c.grade == bindparam("grade"),
    _CUSTOMERS.c.status == "active",
    _CUSTOMERS.c.created_at < _UNTIL,
    ~exists().where(_SAID.c.customer_id == _CUSTOMERS.c.id, _SAID.c.at >= _UNTIL, _SAID.c.kind.in_(CONTACTS)),
    ~exists().where(_ORDERS.c.customer_id == _CUSTOMERS.c.id, _ORDERS.c.submitted_at >= _UNTIL),
)


def silent_customers(work: UnitOfWork, *, grade: str = WATCHED_GRADE) -> list[SilentCustomer]:
    """Active customers of this grade without contact for as long as the rule `watches.silent_days_GRADE` says, the
    longest silent first. The rule at 0: none. Raises KeyError for a grade without a rule.

    Days are counted whole, from midnight: what has become silent is known in the morning, and not at all hours.
    """
    most = whole_rule(work, f"watches.silent_days_{grade}")
    if most < 1:
        return []
    zone = ZoneInfo(text_rule(work, "company.timezone"))
    today = work.now.astimezone(zone).date()
    until = datetime.combine(today - timedelta(days=most - 1), time(), zone)
    found = []
    for row in work.connection.execute(_OF_GRADE, {"grade": grade, "until": until}):
        last = max(at for at in (row.created_at, row.said_at, row.ordered_at) if at is not None)
        days = (today - last.astimezone(zone).date()).days
        found.append(SilentCustomer(row.id, row.name, row.owner_id, days, last))
    return sorted(found, key=lambda one: (one.last_at, one.customer_id))


def _find(work: UnitOfWork) -> list[Sighting]:
    """For owner and superiors, worse with each further period. Of one in the pool, nobody: it has nobody to call it."""
    silent = [one for one in silent_customers(work) if one.owner_id is not None]
    if not silent:
        return []
    period = whole_rule(work, f"watches.silent_days_{WATCHED_GRADE}")
    owners = {one.owner_id for one in silent if one.owner_id is not None}
    active = select(_OWNERS.c.id, _OWNERS.c.name, _OWNERS.c.is_active).where(_OWNERS.c.id.in_(owners))
    people = {row.id: row for row in work.connection.execute(active)}
    superiors = superiors_of(work, owners)
    found = []
    for one in silent:
        assert one.owner_id is not None
        owner = people[one.owner_id]
        if owner.is_active:
            line = T("{customer}: {days} days without contact", customer=one.name, days=one.days)
            found.append(_sighting(one, owner.id, line, period))
        for superior in superiors[owner.id]:
            facts: dict[str, Any] = {"customer": one.name, "days": one.days, "name": owner.name}
            line = T("{customer}: {days} days without contact ({name})", **facts)
            found.append(_sighting(one, superior.id, line, period))
    return found


def _sighting(one: SilentCustomer, person_id: int, line: Text, period: int) -> Sighting:
    return Sighting(
        subject_id=one.customer_id,
        person_id=person_id,
        line=line,
        about=("customer", one.customer_id),
        level=one.days // period,
        since=one.last_at,
    )


def _heading(work: UnitOfWork, seen: Sequence[Sighting]) -> Text:
    return TN("{n} key customer has not been heard from:", "{n} key customers have not been heard from:", n=len(seen))


SILENT = Watch("silent_customer", _find, as_list("silent_customer", _heading))
