"""Milestones whose day has come: whoever looks after them is asked, with Done, Late and Problem. Guide 3.2."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, func, select, text

from crm.core.rules import company_today, whole_rule
from crm.core.text import TN, T, Text
from crm.core.work import UnitOfWork
from crm.fulfilment.making import CARD
from crm.fulfilment.milestones import MILESTONES, Milestone
from crm.fulfilment.plans import Plan, asked_of
from crm.orders.orders import FROM_ORDERS, Order
from crm.people.reach import show_card
from crm.people.watching import Sighting, Watch, as_list
from crm.sales.agreed_orders import UNSHIPPED
from crm.sales.customers.customers import Customer

_MILESTONES, _ORDERS, _CUSTOMERS, _PLANS = Milestone.table(), Order.table(), Customer.table(), Plan.table()
_EARLIER = Milestone.table().alias("earlier")
_FIRST = (
    select(func.min(_EARLIER.c.place))
    .where(_EARLIER.c.order_id == _MILESTONES.c.order_id, _EARLIER.c.done_on.is_(None))
    .scalar_subquery()
)
_DUE = (
    select(
        _MILESTONES.c.id,
        _MILESTONES.c.order_id,
        _MILESTONES.c.key,
        _MILESTONES.c.planned_on,
        _MILESTONES.c.person_id,
        _ORDERS.c.number,
        _CUSTOMERS.c.name.label("customer_name"),
    )
    .select_from(
        FROM_ORDERS.join(_MILESTONES, _MILESTONES.c.order_id == _ORDERS.c.id).join(
            _PLANS, _PLANS.c.order_id == _ORDERS.c.id
        )
    )
    .where(
        text("milestones.done_on IS NULL"),
        _MILESTONES.c.planned_on <= bindparam("today"),
        _MILESTONES.c.place == _FIRST,
        _ORDERS.c.status.in_(UNSHIPPED),
        _PLANS.c.held_until.is_(None),
    )
    .order_by(_MILESTONES.c.planned_on, _MILESTONES.c.id)
)
MOST_CARDS = 5
"""More due at once than this become one list."""


def _find(work: UnitOfWork) -> list[Sighting]:
    """The next milestone of each order whose day has come; again every few days until it is answered."""
    today = company_today(work)
    rows = work.connection.execute(_DUE, {"today": today}).all()
    if not rows:
        return []
    every = max(whole_rule(work, "production.ask_again_days"), 1)
    asked: dict[int | None, list[int]] = {}
    found = []
    for row in rows:
        if row.person_id not in asked:
            asked[row.person_id] = asked_of(work, row.person_id)
        level = 1 + (today - row.planned_on).days // every
        found += [
            Sighting(subject_id=row.id, person_id=person, line=_words(row), about=("order", row.order_id), level=level)
            for person in asked[row.person_id]
        ]
    return found


def _words(row: Any) -> Text:
    return T(
        "{number} {customer}: {milestone}, planned for {date}",
        number=row.number,
        customer=row.customer_name,
        milestone=MILESTONES[row.key],
        date=row.planned_on,
    )


def _heading(work: UnitOfWork, seen: Sequence[Sighting]) -> Text:
    return TN("{n} milestone is due. Is it reached?", "{n} milestones are due. Are they reached?", n=len(seen))


_LIST = as_list("milestone_due", _heading)


def _tell(work: UnitOfWork, person_id: int, seen: Sequence[Sighting]) -> None:
    """A card each, with its own buttons; where there are many, one list."""
    if len(seen) > MOST_CARDS:
        _LIST(work, person_id, seen)
        return
    for one in seen:
        show_card(work, person_id=person_id, card=CARD, subject_id=one.subject_id)


DUE = Watch("milestone_due", _find, _tell)
