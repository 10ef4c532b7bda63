"""Who makes the goods: own factories and suppliers, what they can make of which category in a day. Guide 3.2."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, Index, String, bindparam, delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import history
from crm.core.errors import Invalid, NotFound
from crm.core.history import Actor
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Id, Quantity
from crm.core.work import UnitOfWork
from crm.people.calendar import WorkCalendar
from crm.people.people import Member, Person, Role
from crm.people.permissions import Allowed, require

_MOST = Decimal(10) ** 9


class Maker(Base):
    """A factory of ours or a supplier. `days`: ISO weekdays as digits; `holidays`: a calendar's code, empty: none.
    `person_id`: whom the milestones of its work are asked of, None: everybody in production.
    """

    __tablename__ = "makers"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    is_own: Mapped[bool]
    days: Mapped[str] = mapped_column(String(7))
    holidays: Mapped[str] = mapped_column(String(10))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class Capacity(Base):
    """How much of a category a maker makes on one of its working days, in the products' unit."""

    __tablename__ = "capacities"
    __table_args__ = (Index(None, "category"),)

    maker_id: Mapped[int] = mapped_column(ForeignKey("makers.id"), primary_key=True, autoincrement=False)
    category: Mapped[str] = mapped_column(String(100), primary_key=True)
    per_day: Mapped[Decimal] = mapped_column(Quantity)


@dataclass(frozen=True, slots=True)
class ProductionLine:
    """One maker's capacity for one category: what work is planned on."""

    maker_id: int
    maker: str
    category: str
    per_day: Decimal
    days: str
    holidays: str
    person_id: int | None

    @property
    def is_working(self) -> Callable[[date], bool]:
        return working_days(self.days, self.holidays).is_working_day


@dataclass(frozen=True, slots=True, kw_only=True)
class MakerDetails:
    """What is told of a maker for one category. `per_day` above nought."""

    name: str
    category: str
    per_day: Decimal
    is_own: bool = False
    days: str = "12345"
    holidays: str = ""
    person_id: int | None = None


_MAKERS, _CAPACITIES, _PEOPLE = Maker.table(), Capacity.table(), Person.table()
_LINES = (
    select(_CAPACITIES, _MAKERS.c.name, _MAKERS.c.days, _MAKERS.c.holidays, _MAKERS.c.person_id)
    .join(_MAKERS, _MAKERS.c.id == _CAPACITIES.c.maker_id)
    .order_by(_MAKERS.c.id, _CAPACITIES.c.category)
)
_LOCK = select(_MAKERS.c.id).order_by(_MAKERS.c.id).with_for_update(key_share=True)
_LISTED = (
    select(_MAKERS, _CAPACITIES.c.category, _CAPACITIES.c.per_day, _PEOPLE.c.name.label("person_name"))
    .select_from(_MAKERS.outerjoin(_CAPACITIES).outerjoin(_PEOPLE, _PEOPLE.c.id == _MAKERS.c.person_id))
    .order_by(_MAKERS.c.name, _CAPACITIES.c.category)
)
_NAMED = select(_MAKERS).where(_MAKERS.c.name == bindparam("named"))


def can_change_makers(person: Member) -> Allowed:
    if person.has(Role.ADMIN, Role.PRODUCTION):
        return True
    return T("Makers and their capacity are kept by production and the administrators.")


def working_days(days: str, holidays: str) -> WorkCalendar:
    """A maker's calendar, as far as its days go."""
    return WorkCalendar(ZoneInfo("UTC"), days, time(0), time(0), holidays)


def lock_planning(work: UnitOfWork) -> None:
    """Let nobody else plan until the commit: a plan that moves what stands behind it reaches into other orders.

    Taken after the order and its products. With no maker there is nothing that two plans share.
    """
    work.connection.execute(_LOCK).all()


def lines_by_category(work: UnitOfWork) -> Mapping[str, Sequence[ProductionLine]]:
    """Who can make what, those that were there first before the others."""
    found: dict[str, list[ProductionLine]] = {}
    for row in work.connection.execute(_LINES):
        line = ProductionLine(row.maker_id, row.name, row.category, row.per_day, row.days, row.holidays, row.person_id)
        found.setdefault(row.category, []).append(line)
    return found


def list_makers(work: UnitOfWork) -> list[Any]:
    """A row for each maker and category: columns of `makers`, `category`, `per_day`, `person_name`."""
    return list(work.connection.execute(_LISTED).all())


def save_maker(work: UnitOfWork, *, actor: Member, platform: str, details: MakerDetails) -> int:
    """Add a maker, or what it makes of one more category; changes what is there. Returns its id.

    What is planned already stays where it is. Raises Forbidden, Invalid.
    """
    require(can_change_makers(actor))
    name = " ".join(details.name.split())[:200]
    if not name:
        raise Invalid(T("A maker needs a name."))
    if not details.per_day.is_finite() or not 0 < details.per_day < _MOST:
        raise Invalid(T("The capacity of a day must be above nought."))
    if not details.days or set(details.days) - set("1234567"):
        raise Invalid(T("A maker works on one day of the week at least."))
    lock_planning(work)
    values = {name: getattr(details, name) for name in ("is_own", "days", "holidays", "person_id")}
    row = work.connection.execute(_NAMED, {"named": name}).one_or_none()
    changes: dict[str, tuple[Any, Any]]
    if row is None:
        added = insert(_MAKERS).values(name=name, **values).returning(_MAKERS.c.id)
        maker_id = int(work.connection.execute(added).scalar_one())
        changes = {"name": (None, name)} | {key: (None, value) for key, value in values.items()}
    else:
        maker_id = row.id
        work.connection.execute(update(_MAKERS).where(_MAKERS.c.id == maker_id).values(values))
        changes = {key: (getattr(row, key), value) for key, value in values.items() if getattr(row, key) != value}
    changes[f"capacity {details.category}"] = (_set_capacity(work, maker_id, details), details.per_day)
    by = Actor(actor.id, platform)
    history.record(work, actor=by, entity="maker", entity_id=maker_id, act="saved", changes=changes)
    return maker_id


def remove_capacity(work: UnitOfWork, *, actor: Member, platform: str, maker_id: int, category: str) -> None:
    """A maker makes a category no more: nothing new is planned there, what is planned stays. Raises Forbidden,
    NotFound.
    """
    require(can_change_makers(actor))
    lock_planning(work)
    gone = delete(_CAPACITIES).where(_CAPACITIES.c.maker_id == maker_id, _CAPACITIES.c.category == category)
    per_day = work.connection.execute(gone.returning(_CAPACITIES.c.per_day)).scalar()
    if per_day is None:
        raise NotFound(T("That is not there any more."))
    changes = {f"capacity {category}": (per_day, None)}
    by = Actor(actor.id, platform)
    history.record(work, actor=by, entity="maker", entity_id=maker_id, act="removed", changes=changes)


def maker_people(work: UnitOfWork, maker_ids: Iterable[int]) -> dict[int, int | None]:
    """Whom the milestones of each maker's work are asked of."""
    query = select(_MAKERS.c.id, _MAKERS.c.person_id).where(_MAKERS.c.id.in_(set(maker_ids)))
    return {row.id: row.person_id for row in work.connection.execute(query)}


def _set_capacity(work: UnitOfWork, maker_id: int, details: MakerDetails) -> Decimal | None:
    """What it was before."""
    same = (_CAPACITIES.c.maker_id == maker_id, _CAPACITIES.c.category == details.category)
    before = work.connection.execute(select(_CAPACITIES.c.per_day).where(*same)).scalar()
    if before is None:
        values = {"maker_id": maker_id, "category": details.category, "per_day": details.per_day}
        work.connection.execute(insert(_CAPACITIES).values(values))
    else:
        work.connection.execute(update(_CAPACITIES).where(*same).values(per_day=details.per_day))
    return None if before is None else Decimal(before)
