"""The plan of an order: made in the transaction of the last approval, moved when something slips. Guide 3.2.

Stock first; the rest is work for who makes its category, placed behind what is planned there. Milestones follow from
the days of the work, and the day on which all is ready from the milestones. When that day makes the agreed delivery
impossible, who sold and their superior hear of it, once for each new day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, ForeignKey, bindparam, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import copies, history
from crm.core.history import SYSTEM, Actor
from crm.core.many import DIALECTS, NUMBER, WORDS, Many, as_date
from crm.core.rules import company_today, read_rules, whole_of
from crm.core.tables import Base
from crm.core.text import TN, T, Text
from crm.core.types import Id
from crm.core.work import UnitOfWork
from crm.fulfilment.makers import ProductionLine, lines_by_category, lock_planning, working_days
from crm.fulfilment.milestones import Dates, add_milestones, milestones_of, plan_anew
from crm.fulfilment.shipments import AT_ARRIVAL
from crm.fulfilment.stock import allocate
from crm.fulfilment.work_orders import (
    Place,
    Taken,
    add_work_orders,
    find_place,
    let_go,
    put,
    slip,
    take_place,
    work_orders_of,
)
from crm.orders.orders import Order, read_lines, read_plain
from crm.people.calendar import WorkCalendar
from crm.people.listing import MOST_LINES, tell_lines
from crm.people.people import Person, PersonRole, Role
from crm.people.reach import tell
from crm.people.superiors import superiors_of
from crm.sales.catalogue.products import get_products
from crm.sales.customers.customers import Customer


class Plan(Base):
    """That an order was planned. `ready_on`: when all of it can leave, None: all lay there; `first_ready_on`: as it was
    planned first; `held_until`: the last day on which its work keeps its days while a deposit is awaited.
    """

    __tablename__ = "plans"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True, autoincrement=False)
    ready_on: Mapped[date | None] = mapped_column(Date)
    first_ready_on: Mapped[date | None] = mapped_column(Date)
    held_until: Mapped[date | None] = mapped_column(Date, index=True)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things take, in days: `materials` and `packing` working ones, the others by the calendar."""

    materials: int
    packing: int
    unknown: int
    transit: int
    office: WorkCalendar

    def after(self, day: date, count: int) -> date:
        """So many working days later."""
        for _ in range(count):
            day = self.office.next_working_day(day)
        return day


_PLANS, _ORDERS, _CUSTOMERS = Plan.table(), Order.table(), Customer.table()
_PEOPLE, _ROLES = Person.table(), PersonRole.table()
_MADE = (
    select(_PEOPLE.c.id)
    .join(_ROLES, _ROLES.c.person_id == _PEOPLE.c.id)
    .where(_ROLES.c.role == bindparam("role"), _PEOPLE.c.is_active)
    .order_by(_PEOPLE.c.id)
)
_ANEW = Many(id=NUMBER, day=WORDS)


def _ready(dialect: str) -> Any:
    many = _ANEW.rows(dialect)
    return update(_PLANS).where(_PLANS.c.order_id == many.c.id).values(ready_on=as_date(dialect, many.c.day))


_READY = {dialect: _ready(dialect) for dialect in DIALECTS}
_PROMISED = (
    select(
        _ORDERS.c.id,
        _ORDERS.c.number,
        _ORDERS.c.incoterm,
        _ORDERS.c.delivery_on,
        _ORDERS.c.submitter_id,
        _CUSTOMERS.c.name.label("customer_name"),
        _PLANS.c.ready_on,
    )
    .join(_CUSTOMERS, _CUSTOMERS.c.id == _ORDERS.c.customer_id)
    .join(_PLANS, _PLANS.c.order_id == _ORDERS.c.id)
    .where(_ORDERS.c.id.in_(bindparam("orders", expanding=True, type_=Id)))
    .order_by(_ORDERS.c.id)
)


def make_plan(work: UnitOfWork, *, order_id: int, may_begin: bool) -> None:
    """Plan an order that was just approved. `may_begin` False: a deposit is awaited, and its work keeps its days for
    as long as the rule says. Whoever calls holds the order's lock.
    """
    lines = read_lines(work, order_id=order_id)
    there = allocate(work, lines)
    missing = {line.id: line.quantity - there.get(line.id, Decimal(0)) for line in lines}
    missing = {line_id: quantity for line_id, quantity in missing.items() if quantity > 0}
    held_until = None
    if missing:
        pace, today = read_pace(work), company_today(work)
        lock_planning(work)
        _plan_work(work, order_id, lines, missing, pace, today)
        held_until = None if may_begin else pace.after(today, _held_days(work))
    ready_on = _first_dates(work, order_id) if missing else None
    plan = {"order_id": order_id, "ready_on": ready_on, "first_ready_on": ready_on, "held_until": held_until}
    work.connection.execute(insert(_PLANS).values(plan))
    changes: dict[str, tuple[Any, Any]] = {"from_stock": (None, sum(there.values(), Decimal(0)))}
    if missing:
        changes |= {"to_make": (None, sum(missing.values())), "ready_on": (None, ready_on)}
    history.record(work, actor=SYSTEM, entity="order", entity_id=order_id, act="planned", changes=changes)
    if missing:
        warn_of_late(work, [order_id])


def read_plan(work: UnitOfWork, *, order_id: int) -> Any:
    """The row of an order's plan; None where it was never planned (it is from before there were plans)."""
    return work.connection.execute(select(_PLANS).where(_PLANS.c.order_id == order_id)).one_or_none()


def begin_work(work: UnitOfWork, *, order_id: int, actor: Actor) -> None:
    """What production waited for has come: the work is placed from today on, in what is free. Nobody else is moved."""
    plan = read_plan(work, order_id=order_id)
    if plan is None or plan.held_until is None:
        return
    lock_planning(work)
    work.connection.execute(update(_PLANS).where(_PLANS.c.order_id == order_id).values(held_until=None))
    pace, today = read_pace(work), company_today(work)
    lines = _lines_by_maker(work)
    rows = work_orders_of(work, [order_id], only_open=True)
    earliest = pace.after(today, pace.materials)
    if any(not row.holds or row.starts_on < earliest for row in rows):
        let_go(work, order_id=order_id)
        for row in rows:
            line = lines.get((row.maker_id, row.category))
            days = row.ends_on - row.starts_on
            not_before = max(earliest, row.starts_on)
            place = None if line is None else find_place(work, [line], quantity=row.quantity, not_before=not_before)
            put(work, row.id, place or Place(None, today, today + days, ()))
    follow_work(work, [order_id], actor=actor)


def give_days_up(work: UnitOfWork, *, order_id: int) -> None:
    """What it waits for did not come: its days are free for others, and it is placed anew when that comes."""
    lock_planning(work)
    let_go(work, order_id=order_id)
    history.record(work, actor=SYSTEM, entity="order", entity_id=order_id, act="capacity released")
    copies.touch_card(work, card="order", subject_id=order_id)


def slip_work(work: UnitOfWork, *, order_id: int, starts_on: date | None, until: date | None, actor: Actor) -> None:
    """The work of an order begins later, or lasts longer (its last part until that day); what stands behind it on its
    lines follows, and whose promised day falls hears of it. Whoever calls holds `lock_planning`.
    """
    today, lines = company_today(work), _lines_by_maker(work)
    rows = work_orders_of(work, [order_id], only_open=True)
    if until is not None:
        last = max((row.ends_on for row in rows), default=until)
        rows = [row for row in rows if row.ends_on == last and row.ends_on < until]
    else:
        rows = [row for row in rows if starts_on is not None and row.starts_on < starts_on]
    moved = {order_id}
    for line, ids in _by_line(rows, lines).items():
        if line is None:
            for row in (row for row in rows if row.id in ids):
                put(work, row.id, _later(row, starts_on, until))
        else:
            moved |= slip(work, line, ids, today=today, starts_on=starts_on, until=until)
    follow_work(work, moved, actor=actor)


def follow_work(work: UnitOfWork, order_ids: Iterable[int], *, actor: Actor) -> None:
    """Bring the milestones and the ready day of these orders in line with their work, with history and warnings."""
    ids = sorted(set(order_ids))
    pace = read_pace(work)
    of_order: dict[int, list[Any]] = {}
    for row in work_orders_of(work, ids):
        of_order.setdefault(row.order_id, []).append(row)
    planned: dict[int, date] = {}
    ready: dict[int, date] = {}
    for order_id, rows in milestones_of(work, ids).items():
        if order_id not in of_order:
            continue
        days = _days_of(rows, dates_of(of_order[order_id], pace))
        planned |= {row.id: days[row.key] for row in rows if row.planned_on != days[row.key]}
        ready[order_id] = days["ready"]
    plan_anew(work, planned)
    before = {row.order_id: row.ready_on for row in work.connection.execute(_plans_of(ids))}
    changed = {one: day for one, day in ready.items() if before.get(one) != day}
    if changed:
        dialect = work.connection.dialect.name
        rows = [(one, day.isoformat()) for one, day in changed.items()]
        work.connection.execute(_READY[dialect], _ANEW.values(dialect, rows))
        changes = {one: {"ready_on": (before.get(one), day)} for one, day in changed.items()}
        history.record_many(work, actor=actor, entity="order", act="replanned", changes=changes)
        warn_of_late(work, changed)
    copies.touch_each(work, card="order", subject_ids=ids)


def warn_of_late(work: UnitOfWork, order_ids: Iterable[int]) -> None:
    """Tell who sold, and their superior, of those of these orders that can't be there as agreed; several to one person
    in one list. Called with those whose day has just changed.
    """
    transit = read_pace(work).transit
    rows = work.connection.execute(_PROMISED, {"orders": sorted(set(order_ids))}).all()
    late = [row for row in rows if row.ready_on is not None and expected_on(row, transit) > row.delivery_on]
    superiors = superiors_of(work, [row.submitter_id for row in late]) if late else {}
    told: dict[int, list[Any]] = {}
    for row in late:
        for person_id in {row.submitter_id, *(one.id for one in superiors.get(row.submitter_id, ()))}:
            told.setdefault(person_id, []).append(row)
    for person_id, theirs in sorted(told.items()):
        if len(theirs) == 1:
            [row] = theirs
            words, key = _late_words(row, transit), f"late:{row.id}:{row.ready_on}:{person_id}"
            tell(work, person_id=person_id, text=words, key=key, about=("order", row.id), offers="delay_text")
            continue
        heading = TN("{n} order will be late.", "{n} orders will be late.", n=len(theirs))
        lines = [(_late_words(row, transit), ("order", row.id)) for row in theirs[:MOST_LINES]]
        key = f"late:{theirs[0].id}:{theirs[0].ready_on}:{person_id}:{work.now.isoformat()}"
        rest = len(theirs) - len(lines)
        tell_lines(work, person_id=person_id, heading=heading, lines=lines, key=key, unnamed=rest)


def _late_words(row: Any, transit: int) -> Text:
    return T(
        "{number} {customer}: ready on {ready_on} at the earliest, there on {date}; {agreed} was agreed.",
        number=row.number,
        customer=row.customer_name,
        ready_on=row.ready_on,
        date=expected_on(row, transit),
        agreed=row.delivery_on,
    )


def expected_on(order: Any, transit: int) -> date:
    """When an order is delivered by its plan: when it leaves, or so many days later where its terms deliver on arrival.

    `order` has `ready_on` and `incoterm`.
    """
    ready: date = order.ready_on
    return ready + timedelta(days=transit) if order.incoterm in AT_ARRIVAL else ready


def read_pace(work: UnitOfWork) -> Pace:
    rules = read_rules(work)
    return Pace(
        materials=whole_of(rules, "production.materials_days"),
        packing=whole_of(rules, "production.packing_days"),
        unknown=whole_of(rules, "production.days_without_maker"),
        transit=whole_of(rules, "shipping.transit_days"),
        office=working_days(rules["people.work_days"], ""),
    )


def dates_of(rows: Sequence[Any], pace: Pace) -> Dates:
    """What the days of an order's work mean for its milestones. Materials are in when the first part begins."""
    begins, ends = min(row.starts_on for row in rows), max(row.ends_on for row in rows)
    return Dates(begins, begins, ends, pace.after(ends, pace.packing))


def _days_of(rows: Sequence[Any], dates: Dates) -> Mapping[str, date]:
    """The day of each milestone: as the work has it, not before it was said to be late until, nor before the one
    before it; one that is reached stays.
    """
    days: dict[str, date] = {}
    behind = timedelta(0)
    earliest: date | None = None
    for row in rows:
        if row.done_on is not None:
            days[row.key] = row.planned_on
            continue
        day = max(filter(None, (dates.of(row.key) + behind, row.told_on, earliest)))
        behind = max(behind, day - dates.of(row.key)) if row.told_on == day else behind
        days[row.key] = earliest = day
    return days


def _plan_work(
    work: UnitOfWork,
    order_id: int,
    lines: Sequence[Any],
    missing: Mapping[int, Decimal],
    pace: Pace,
    today: date,
) -> None:
    makers = lines_by_category(work)
    products = get_products(work, product_ids=[line.product_id for line in lines if line.id in missing])
    earliest = pace.after(today, pace.materials)
    known: Taken = {}
    placed: list[tuple[int, Decimal, Place]] = []
    for line in lines:
        quantity = missing.get(line.id)
        if quantity is None:
            continue
        product = products[line.product_id]
        place = find_place(
            work, makers.get(product.category or "", ()), quantity=quantity, not_before=earliest, known=known
        )
        if place is None:
            place = Place(None, today, today + timedelta(days=product.lead_time_days or pace.unknown), ())
        take_place(known, place)
        placed.append((line.id, quantity, place))
    add_work_orders(work, order_id=order_id, placed=placed)


def _first_dates(work: UnitOfWork, order_id: int) -> date:
    """Write the milestones; returns the day all is ready."""
    rows = work_orders_of(work, [order_id])
    dates = dates_of(rows, read_pace(work))
    add_milestones(work, order_id=order_id, dates=dates, person_id=_owner(work, rows))
    _tell_makers(work, order_id, dates, _owner(work, rows))
    return dates.ready


def _owner(work: UnitOfWork, rows: Sequence[Any]) -> int | None:
    """Whom the milestones are asked of: whoever looks after the maker of the last part; None: all of production."""
    last = max(rows, key=lambda row: (row.ends_on, row.id))
    lines = _lines_by_maker(work)
    line = lines.get((last.maker_id, last.category))
    return None if line is None else line.person_id


def _tell_makers(work: UnitOfWork, order_id: int, dates: Dates, owner: int | None) -> None:
    order = read_plain(work, order_id=order_id)
    told = T(
        "New to make: {number} {customer}. Start on {start}, ready on {ready_on}.",
        number=order.number,
        customer=order.customer_name,
        start=dates.started,
        ready_on=dates.ready,
    )
    for person_id in asked_of(work, owner):
        tell(work, person_id=person_id, text=told, key=f"to_make:{order_id}:{person_id}", about=("order", order_id))


def asked_of(work: UnitOfWork, person_id: int | None) -> list[int]:
    """This person, as long as they are there; else all of production."""
    everybody = people_of(work, Role.PRODUCTION)
    if person_id is not None:
        active = select(_PEOPLE.c.id).where(_PEOPLE.c.id == person_id, _PEOPLE.c.is_active)
        if work.connection.execute(active).first() is not None:
            return [person_id]
    return everybody


def people_of(work: UnitOfWork, role: Role) -> list[int]:
    """Everybody active who has this role."""
    return list(work.connection.execute(_MADE, {"role": role.value}).scalars())


def _held_days(work: UnitOfWork) -> int:
    return whole_of(read_rules(work), "production.deposit_days")


def _lines_by_maker(work: UnitOfWork) -> dict[tuple[int | None, str | None], ProductionLine]:
    return {(line.maker_id, line.category): line for lines in lines_by_category(work).values() for line in lines}


def _by_line(
    rows: Iterable[Any], lines: Mapping[tuple[int | None, str | None], ProductionLine]
) -> dict[ProductionLine | None, list[int]]:
    found: dict[ProductionLine | None, list[int]] = {}
    for row in rows:
        found.setdefault(lines.get((row.maker_id, row.category)), []).append(row.id)
    return found


def _later(row: Any, starts_on: date | None, until: date | None) -> Place:
    """The days of work that stands on no line: as long as before, or longer."""
    if starts_on is not None:
        return Place(None, starts_on, starts_on + (row.ends_on - row.starts_on), ())
    return Place(None, row.starts_on, max(row.ends_on, until or row.ends_on), ())


def _plans_of(order_ids: Sequence[int]) -> Any:
    return select(_PLANS.c.order_id, _PLANS.c.ready_on).where(_PLANS.c.order_id.in_(order_ids))
