"""The board: what is made and shipped, late orders first; and how full each line is, week by week. Guide 3.2."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from crm.core.rules import company_today
from crm.core.work import UnitOfWork
from crm.fulfilment.makers import lines_by_category
from crm.fulfilment.milestones import milestones_of, next_of
from crm.fulfilment.plans import Plan, expected_on, read_pace
from crm.fulfilment.work_orders import planned_on
from crm.orders.order_policy import visible_orders
from crm.orders.orders import FROM_ORDERS, Order
from crm.people.people import Member
from crm.sales.agreed_orders import UNSHIPPED
from crm.sales.customers.customers import Customer

WEEKS = 4

_ORDERS, _CUSTOMERS, _PLANS = Order.table(), Customer.table(), Plan.table()


@dataclass(frozen=True, slots=True)
class BoardOrder:
    """An order that has not left whole. `milestone`: the next one's key, None: nothing is made; `due_on`: its day.
    `days_late`: against the agreed day by the plan, or by today where that is over; 0: in time.
    """

    id: int
    number: str
    customer: str
    status: str
    milestone: str | None
    due_on: date | None
    is_overdue: bool
    problem: str | None
    ready_on: date | None
    delivery_on: date
    days_late: int


@dataclass(frozen=True, slots=True)
class WeekLoad:
    """One week (its Monday) of a line: what is planned of what could be made, in the products' unit."""

    monday: date
    planned: Decimal
    capacity: Decimal


@dataclass(frozen=True, slots=True)
class LineLoad:
    maker: str
    category: str
    weeks: tuple[WeekLoad, ...]


def board(work: UnitOfWork, *, viewer: Member) -> list[BoardOrder]:
    """What this person may see of what is made and shipped: the latest first, then by the agreed day."""
    today, transit = company_today(work), read_pace(work).transit
    visible = visible_orders(viewer, submitter_id=_ORDERS.c.submitter_id, status=_ORDERS.c.status)
    query = (
        select(_ORDERS, _CUSTOMERS.c.name.label("customer_name"), _PLANS.c.ready_on)
        .select_from(FROM_ORDERS.outerjoin(_PLANS, _PLANS.c.order_id == _ORDERS.c.id))
        .where(_ORDERS.c.status.in_(UNSHIPPED), visible)
    )
    rows = work.connection.execute(query).all()
    milestones = milestones_of(work, [row.id for row in rows])
    found = [_entry(row, milestones.get(row.id, []), today, transit) for row in rows]
    return sorted(found, key=lambda one: (-one.days_late, not one.is_overdue, one.delivery_on, one.id))


def loads(work: UnitOfWork) -> list[LineLoad]:
    """How full each maker's lines are, this week and the next ones."""
    today = company_today(work)
    monday = today - timedelta(days=today.weekday())
    found = []
    for lines in lines_by_category(work).values():
        for line in lines:
            planned: dict[date, Decimal] = {}
            for one in planned_on(work, line):
                for day, quantity in one.load:
                    week = day - timedelta(days=day.weekday())
                    planned[week] = planned.get(week, Decimal(0)) + quantity
            found.append(LineLoad(line.maker, line.category, _weeks(monday, planned, line)))
    return found


def _entry(row: Any, rows: Sequence[Any], today: date, transit: int) -> BoardOrder:
    following = next_of(rows)
    due = row.delivery_on if row.ready_on is None or following is None else max(today, expected_on(row, transit))
    late = (max(due, today) - row.delivery_on).days
    return BoardOrder(
        id=row.id,
        number=row.number,
        customer=row.customer_name,
        status=row.status,
        milestone=None if following is None else following.key,
        due_on=None if following is None else following.planned_on,
        is_overdue=following is not None and following.planned_on < today,
        problem=None if following is None else following.problem,
        ready_on=row.ready_on,
        delivery_on=row.delivery_on,
        days_late=max(0, late),
    )


def _weeks(monday: date, planned: Mapping[date, Decimal], line: Any) -> tuple[WeekLoad, ...]:
    weeks = []
    for ahead in range(WEEKS):
        first = monday + timedelta(weeks=ahead)
        working = sum(line.is_working(first + timedelta(days=day)) for day in range(7))
        weeks.append(WeekLoad(first, planned.get(first, Decimal(0)), line.per_day * working))
    return tuple(weeks)
