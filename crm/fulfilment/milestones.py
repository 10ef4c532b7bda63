"""Milestones of an order that is made: when each is to be reached, when it was, and whom it is asked of. Guide 3.2."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint, bindparam, insert, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.many import DIALECTS, NUMBER, WORDS, Many, as_date
from crm.core.tables import Base
from crm.core.text import T, Text
from crm.core.types import Id, UTCDateTime
from crm.core.work import UnitOfWork

MILESTONES: Mapping[str, Text] = {
    "materials": T("Materials in"),
    "started": T("Production started"),
    "quality": T("Quality passed"),
    "ready": T("Ready to ship", context="milestone"),
}
"""In the order in which they are reached."""
PLACES = {key: place for place, key in enumerate(MILESTONES)}


class Milestone(Base):
    """One milestone of an order. `planned_on` moves with the plan, `first_planned_on` stays; `told_on`: it was said to
    be late until that day; `problem`: what stands in its way, open until it is reached or got a new date.
    """

    __tablename__ = "milestones"
    __table_args__ = (
        UniqueConstraint("order_id", "key"),
        Index(
            "ix_milestones_open",
            "planned_on",
            sqlite_where=text("done_on IS NULL"),
            postgresql_where=text("done_on IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    key: Mapped[str] = mapped_column(String(20))
    place: Mapped[int]
    planned_on: Mapped[date] = mapped_column(Date)
    first_planned_on: Mapped[date] = mapped_column(Date)
    told_on: Mapped[date | None] = mapped_column(Date)
    done_on: Mapped[date | None] = mapped_column(Date)
    problem: Mapped[str | None] = mapped_column(String(1_000))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)


@dataclass(frozen=True, slots=True)
class Dates:
    """When the milestones of an order are to be reached, by the days of its work."""

    materials: date
    started: date
    quality: date
    ready: date

    def of(self, key: str) -> date:
        found: date = getattr(self, key)
        return found


_MILESTONES = Milestone.table()
_OF = (
    select(_MILESTONES)
    .where(_MILESTONES.c.order_id.in_(bindparam("orders", expanding=True, type_=Id)))
    .order_by(_MILESTONES.c.order_id, _MILESTONES.c.place)
)
_ONE = select(_MILESTONES).where(_MILESTONES.c.id == bindparam("milestone"))
_PLANNED = Many(id=NUMBER, day=WORDS)


def _plan(dialect: str) -> Any:
    many = _PLANNED.rows(dialect)
    values = {"planned_on": as_date(dialect, many.c.day), "changed_at": bindparam("now", type_=UTCDateTime)}
    return update(_MILESTONES).where(_MILESTONES.c.id == many.c.id).values(**values)


_PLAN = {dialect: _plan(dialect) for dialect in DIALECTS}


def milestones_of(work: UnitOfWork, order_ids: Iterable[int]) -> dict[int, list[Any]]:
    """The rows of each order's milestones, first to last; orders without any are left out."""
    found: dict[int, list[Any]] = {}
    for row in work.connection.execute(_OF, {"orders": sorted(set(order_ids))}):
        found.setdefault(row.order_id, []).append(row)
    return found


def read_milestone(work: UnitOfWork, *, milestone_id: int) -> Any:
    """One row, None where there is no such milestone."""
    return work.connection.execute(_ONE, {"milestone": milestone_id}).one_or_none()


def next_of(rows: Iterable[Any]) -> Any:
    """The first that is not reached yet, None when all are."""
    return next((row for row in rows if row.done_on is None), None)


def add_milestones(work: UnitOfWork, *, order_id: int, dates: Dates, person_id: int | None) -> None:
    rows = [
        {
            "order_id": order_id,
            "key": key,
            "place": place,
            "planned_on": dates.of(key),
            "first_planned_on": dates.of(key),
            "person_id": person_id,
            "changed_at": work.now,
        }
        for key, place in PLACES.items()
    ]
    work.connection.execute(insert(_MILESTONES), rows)


def plan_anew(work: UnitOfWork, planned: Mapping[int, date]) -> None:
    """Other days for these milestones, by their ids."""
    if planned:
        dialect = work.connection.dialect.name
        rows = [(one, day.isoformat()) for one, day in planned.items()]
        work.connection.execute(_PLAN[dialect], {"now": work.now} | _PLANNED.values(dialect, rows))


def change(work: UnitOfWork, milestone_ids: Iterable[int], **values: Any) -> None:
    """Set the same on several milestones."""
    these = update(_MILESTONES).where(_MILESTONES.c.id.in_(set(milestone_ids)))
    work.connection.execute(these.values(**values, changed_at=work.now))


def drop_open(work: UnitOfWork, *, order_id: int) -> None:
    """Those not reached yet are asked about no more: the order was cancelled."""
    these = update(_MILESTONES).where(_MILESTONES.c.order_id == order_id, _MILESTONES.c.done_on.is_(None))
    work.connection.execute(these.values(done_on=None, problem=None, changed_at=work.now))
