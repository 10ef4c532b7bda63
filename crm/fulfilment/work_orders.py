"""Work orders: what is to be made for an order's line, by whom, on which days; and how they move on their line.

Work is placed in the order in which it came. Something that slips takes what is free up to its new day, and what came
after it on the same line is placed anew behind it, never earlier than it was promised. Guide 3.2.
"""

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String, bindparam, insert, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.errors import Conflict
from crm.core.many import DIALECTS, NUMBER, WORDS, Many, as_date, as_json
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Id, Json, Quantity, UTCDateTime
from crm.core.work import UnitOfWork
from crm.fulfilment.makers import ProductionLine
from crm.fulfilment.scheduling import Job, NoRoomError, schedule

Load = tuple[tuple[date, Decimal], ...]

_OPEN_WHERE = text("done_on IS NULL AND withdrawn_at IS NULL AND holds")


class WorkOrder(Base):
    """What is to be made for one order line. `load`: which days give it how much of the line's capacity, as
    `[[day, quantity], …]`; `holds` False: its days were given to others, because what it waits for did not come;
    `maker_id` None: nobody who makes it is known, and its days are the product's lead time.
    """

    __tablename__ = "work_orders"
    __table_args__ = (
        Index(
            "ix_work_orders_open",
            "maker_id",
            "category",
            "id",
            sqlite_where=_OPEN_WHERE,
            postgresql_where=_OPEN_WHERE,
        ),
        Index(None, "order_id"),
        Index(None, "order_line_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id"))
    maker_id: Mapped[int | None] = mapped_column(ForeignKey("makers.id"))
    category: Mapped[str | None] = mapped_column(String(100))
    quantity: Mapped[Decimal] = mapped_column(Quantity)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    load: Mapped[list[list[str]]] = mapped_column(Json)
    holds: Mapped[bool]
    done_on: Mapped[date | None] = mapped_column(Date)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


@dataclass(frozen=True, slots=True)
class Place:
    """When something is made, by whom; `line` None: by nobody known."""

    line: ProductionLine | None
    starts_on: date
    ends_on: date
    load: Load


@dataclass(frozen=True, slots=True)
class Planned:
    """An open work order on its line."""

    id: int
    order_id: int
    quantity: Decimal
    starts_on: date
    ends_on: date
    load: Load


_WORK = WorkOrder.table()
_OPEN = (_WORK.c.done_on.is_(None), _WORK.c.withdrawn_at.is_(None))
_ON_LINE = (
    select(_WORK.c.id, _WORK.c.order_id, _WORK.c.quantity, _WORK.c.starts_on, _WORK.c.ends_on, _WORK.c.load)
    .where(_WORK.c.maker_id == bindparam("maker"), _WORK.c.category == bindparam("category"), *_OPEN, _WORK.c.holds)
    .order_by(_WORK.c.id)
)
_MOVE = (
    update(_WORK)
    .where(_WORK.c.id == bindparam("work_order"))
    .values(starts_on=bindparam("starts"), ends_on=bindparam("ends"), load=bindparam("loads"), holds=True)
)


Taken = dict[tuple[int, str], dict[date, Decimal]]
"""How much of each day of a line is taken, by its maker and category: read once for all lines of an order."""


def find_place(
    work: UnitOfWork,
    lines: Sequence[ProductionLine],
    *,
    quantity: Decimal,
    not_before: date,
    known: Taken | None = None,
) -> Place | None:
    """Where this could be made first, of these lines: who is done soonest, at a tie who was there first. None where
    none of them has room within ten years. `known`: kept from one call to the next, with what `take_place` took.
    """
    places = []
    known = {} if known is None else known
    for line in lines:
        key = (line.maker_id, line.category)
        if key not in known:
            known[key] = _taken(planned_on(work, line))
        taken = known[key]
        job = Job(0, quantity, not_before)
        with suppress(NoRoomError):
            slot = schedule([job], per_day=line.per_day, is_working=line.is_working, taken=taken)[0]
            places.append(Place(line, slot.starts_on, slot.ends_on, slot.load))
    return min(places, key=lambda place: place.ends_on, default=None)


def take_place(known: Taken, place: Place) -> None:
    """What is placed there counts for whatever is placed after it."""
    if place.line is not None:
        taken = known[place.line.maker_id, place.line.category]
        for day, quantity in place.load:
            taken[day] = taken.get(day, Decimal(0)) + quantity


def add_work_orders(work: UnitOfWork, *, order_id: int, placed: Sequence[tuple[int, Decimal, Place]]) -> None:
    """Write what is made for an order, in this sequence: the id of its line, how much, and where."""
    rows = [_row(work, order_id, line_id, quantity, place) for line_id, quantity, place in placed]
    if rows:
        work.connection.execute(insert(_WORK), rows)


def _row(work: UnitOfWork, order_id: int, line_id: int, quantity: Decimal, place: Place) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "order_line_id": line_id,
        "maker_id": None if place.line is None else place.line.maker_id,
        "category": None if place.line is None else place.line.category,
        "quantity": quantity,
        "starts_on": place.starts_on,
        "ends_on": place.ends_on,
        "load": _pack(place.load),
        "holds": True,
        "created_at": work.now,
    }


def work_orders_of(work: UnitOfWork, order_ids: Iterable[int], *, only_open: bool = False) -> list[Any]:
    """Rows of these orders' work orders that were not withdrawn, by order and line."""
    where = [_WORK.c.order_id.in_(set(order_ids)), _WORK.c.withdrawn_at.is_(None)]
    if only_open:
        where.append(_WORK.c.done_on.is_(None))
    return list(work.connection.execute(select(_WORK).where(*where).order_by(_WORK.c.order_id, _WORK.c.id)).all())


def planned_on(work: UnitOfWork, line: ProductionLine) -> list[Planned]:
    """The open work orders of a line, in the order in which they came."""
    values = {"maker": line.maker_id, "category": line.category}
    rows = work.connection.execute(_ON_LINE, values)
    return [
        Planned(row.id, row.order_id, row.quantity, row.starts_on, row.ends_on, unpack_load(row.load)) for row in rows
    ]


def finish(work: UnitOfWork, *, order_id: int, on: date) -> dict[int, Decimal]:
    """Whatever was open of an order is made; returns how much by order line's id."""
    done = update(_WORK).where(_WORK.c.order_id == order_id, *_OPEN).values(done_on=on)
    made: dict[int, Decimal] = {}
    for line_id, quantity in work.connection.execute(done.returning(_WORK.c.order_line_id, _WORK.c.quantity)):
        made[line_id] = made.get(line_id, Decimal(0)) + quantity
    return made


def withdraw(work: UnitOfWork, *, order_id: int) -> int:
    """Nothing of this order is to be made any more; returns how many work orders were open. Their days are free."""
    gone = update(_WORK).where(_WORK.c.order_id == order_id, *_OPEN).values(withdrawn_at=work.now)
    return work.connection.execute(gone).rowcount


def let_go(work: UnitOfWork, *, order_id: int) -> None:
    """The order's open work gives its days to others."""
    free = update(_WORK).where(_WORK.c.order_id == order_id, *_OPEN).values(load=[], holds=False)
    work.connection.execute(free)


def put(work: UnitOfWork, work_order_id: int, place: Place) -> None:
    """Give an open work order these days of the line it is on."""
    days = {"starts": place.starts_on, "ends": place.ends_on, "loads": _pack(place.load)}
    work.connection.execute(_MOVE, {"work_order": work_order_id, **days})


def slip(
    work: UnitOfWork,
    line: ProductionLine,
    late: Iterable[int],
    *,
    today: date,
    starts_on: date | None,
    until: date | None,
) -> set[int]:
    """These work orders of a line begin later (`starts_on`), or last longer (`until`); what came after the first of
    them follows. Returns the orders whose days have changed. Whoever calls holds `lock_planning`.
    """
    slipped = set(late)
    standing = planned_on(work, line)
    first = min(slipped)
    # What should be over by the plan takes no day any more: it is asked about, and slips in its own turn.
    behind = [one for one in standing if one.id in slipped or (one.id >= first and one.ends_on >= today)]
    moving = {one.id for one in behind}
    jobs = [_job(one, today, *((starts_on, until) if one.id in slipped else (None, None))) for one in behind]
    taken = _taken(one for one in standing if one.id not in moving)
    try:
        slots = schedule(jobs, per_day=line.per_day, is_working=line.is_working, taken=taken)
    except NoRoomError:
        raise Conflict(T("{maker} has no room for that within ten years.", maker=line.maker)) from None
    changed = []
    for one, slot in zip(behind, slots, strict=True):
        is_anew = starts_on is not None and one.id in slipped
        load = slot.load if is_anew else (*_past(one, today), *slot.load)
        begins = load[0][0] if load else slot.starts_on
        if (begins, slot.ends_on, load) != (one.starts_on, one.ends_on, one.load):
            changed.append((one, begins, slot.ends_on, load))
    _move(
        work,
        [
            (one.id, begins.isoformat(), ends.isoformat(), json.dumps(_pack(load)))
            for one, begins, ends, load in changed
        ],
    )
    return {one.order_id for one, *_ in changed}


def unpack_load(load: Sequence[Sequence[str]]) -> Load:
    return tuple((date.fromisoformat(day), Decimal(quantity)) for day, quantity in load)


def _move(work: UnitOfWork, rows: Sequence[tuple[int, str, str, str]]) -> None:
    """Other days for these work orders, in one statement however many they are."""
    if rows:
        dialect = work.connection.dialect.name
        work.connection.execute(_MOVE_MANY[dialect], _MOVED.values(dialect, rows))


def _move_many(dialect: str) -> Any:
    many = _MOVED.rows(dialect)
    days = {
        "starts_on": as_date(dialect, many.c.starts),
        "ends_on": as_date(dialect, many.c.ends),
        "load": as_json(dialect, many.c.loads),
    }
    return update(_WORK).where(_WORK.c.id == many.c.id).values(**days)


_MOVED = Many(id=NUMBER, starts=WORDS, ends=WORDS, loads=WORDS)
_MOVE_MANY = {dialect: _move_many(dialect) for dialect in DIALECTS}


def _job(one: Planned, today: date, starts_on: date | None, until: date | None) -> Job:
    """What is left of it by the plan. It begins no earlier than it was to; what begins late was not begun."""
    if starts_on is not None:
        return Job(one.id, one.quantity, max(starts_on, today))
    left = sum((quantity for day, quantity in one.load if day >= today), Decimal(0))
    return Job(one.id, left, max(one.starts_on, today), until)


def _past(one: Planned, today: date) -> Load:
    """The days that are over: they were worked on."""
    return tuple((day, quantity) for day, quantity in one.load if day < today)


def _taken(standing: Iterable[Planned]) -> dict[date, Decimal]:
    taken: dict[date, Decimal] = {}
    for one in standing:
        for day, quantity in one.load:
            taken[day] = taken.get(day, Decimal(0)) + quantity
    return taken


def _pack(load: Load) -> list[list[str]]:
    return [[day.isoformat(), f"{quantity:f}"] for day, quantity in load]
