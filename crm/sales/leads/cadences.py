"""When a lead is followed up: by its source's cadence, on working days, never too many on one. Guide 2.1.

A plan is rows, one a day; the nearest is the lead's next follow-up. What its owner sets by hand takes its place.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Date, ForeignKey, Index, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.rules import read_rules, shipped, whole_of
from crm.core.tables import Base
from crm.core.work import UnitOfWork
from crm.people.calendar import WorkCalendar, calendar_of
from crm.sales.tasks.tasks import clock_time

_MOST_STEPS = 10
_FARTHEST = timedelta(days=400)


class PlannedFollowUp(Base):
    """`day` is one of `person_id`'s, in their zone."""

    __tablename__ = "planned_follow_ups"
    __table_args__ = (Index(None, "person_id", "day"),)

    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))


_PLANNED = PlannedFollowUp.table()
_INSERT = insert(_PLANNED)
_OF_LEAD = _PLANNED.c.lead_id == bindparam("lead")
_DROP = delete(_PLANNED).where(_OF_LEAD)
_PASS = delete(_PLANNED).where(_OF_LEAD, _PLANNED.c.day <= bindparam("until", type_=Date))
_NEXT = select(func.min(_PLANNED.c.day, type_=Date)).where(_OF_LEAD)
_DAYS = select(_PLANNED.c.day).where(_OF_LEAD).order_by(_PLANNED.c.day)
_LOAD = (
    select(_PLANNED.c.day, func.count())
    .where(_PLANNED.c.person_id == bindparam("person"), _PLANNED.c.day >= bindparam("since", type_=Date))
    .group_by(_PLANNED.c.day)
)


@dataclass(frozen=True, slots=True)
class Ground:
    """What a plan is made by: the owner's calendar, and the rules."""

    calendar: WorkCalendar
    rules: Mapping[str, str]

    def moment_of(self, day: date) -> datetime:
        """When a day is meant that has no time: the morning, by the rules, of the owner's zone."""
        morning: time = clock_time(self.rules, "tasks.morning_at")
        return datetime.combine(day, morning, self.calendar.zone).astimezone(UTC)


def ground_of(work: UnitOfWork, *, owner_id: int) -> Ground:
    return Ground(calendar_of(work, person_id=owner_id), read_rules(work))


def plan_days(work: UnitOfWork, *, owner_id: int, source: str, ground: Ground, first: date | None = None) -> list[date]:
    """The days by the source's cadence, from today on; `first`: set by hand, in place of what lies before it.

    What today's working hours leave no time for is meant for the next working day.
    """
    calendar = ground.calendar
    today = calendar.today(work.now)
    planned = work.connection.execute(_LOAD, {"person": owner_id, "since": today}).all()
    load = Counter({day: int(count) for day, count in planned})
    most = whole_of(ground.rules, "leads.follow_ups_per_day")
    days = [] if first is None else [first]
    is_over = calendar.hours_of(today)[1] <= work.now
    earliest = calendar.next_working_day(today) if is_over else today
    for offset in read_cadence(ground.rules, source):
        wanted = earliest if offset == 0 else today + timedelta(days=offset)
        if first is not None and wanted <= first:
            continue
        after = days[-1] if days else None
        days.append(_free_day(calendar, wanted, after=after, load=load, most=most))
    return days


def read_cadence(rules: Mapping[str, str], source: str) -> list[int]:
    """The days of a source's rule, `0,3,7`, in order; the program's own where the rule is not of that form."""
    key = f"leads.cadence_{source}"
    for said in (rules.get(key, ""), shipped().get(key, "")):
        pieces = said.replace("，", ",").replace(" ", ",").split(",")
        days = sorted({int(piece) for piece in pieces if piece.isdecimal() and len(piece) < 4})
        if days or not said.strip():
            return days[:_MOST_STEPS]
    return []


def keep_plan(work: UnitOfWork, *, lead_id: int, owner_id: int, days: Sequence[date]) -> None:
    """Keep these days for a lead that has none."""
    if days:
        work.connection.execute(_INSERT, [{"lead_id": lead_id, "day": day, "person_id": owner_id} for day in days])


def drop_plan(work: UnitOfWork, *, lead_id: int) -> None:
    """The lead is closed, or somebody else's."""
    work.connection.execute(_DROP, {"lead": lead_id})


def move_plans(work: UnitOfWork, *, lead_ids: Sequence[int], to_id: int | None) -> None:
    """The leads are another's now, their plans with them; in the pool (None) they have none."""
    of_leads = _PLANNED.c.lead_id.in_(lead_ids)
    if to_id is None:
        work.connection.execute(delete(_PLANNED).where(of_leads))
    else:
        work.connection.execute(update(_PLANNED).where(of_leads).values(person_id=to_id))


def set_by_hand(work: UnitOfWork, *, lead_id: int, owner_id: int, day: date) -> None:
    """The owner has said when next: what was planned up to then is off, what comes later stays."""
    work.connection.execute(_PASS, {"lead": lead_id, "until": day})
    work.connection.execute(_INSERT, {"lead_id": lead_id, "day": day, "person_id": owner_id})


def next_planned(work: UnitOfWork, *, lead_id: int, owner_id: int) -> datetime | None:
    """When the plan goes on, now that what it has for today and before is done; None where it is at its end."""
    ground = ground_of(work, owner_id=owner_id)
    work.connection.execute(_PASS, {"lead": lead_id, "until": ground.calendar.today(work.now)})
    day = work.connection.execute(_NEXT, {"lead": lead_id}).scalar()
    return None if day is None else ground.moment_of(day)


def planned_days(work: UnitOfWork, *, lead_id: int) -> list[date]:
    """All days that the plan has left, in order."""
    return list(work.connection.execute(_DAYS, {"lead": lead_id}).scalars())


def _free_day(calendar: WorkCalendar, wanted: date, *, after: date | None, load: Mapping[date, int], most: int) -> date:
    """The first working day from this one on, after another one, that is not full."""
    day = wanted if after is None else max(wanted, after + timedelta(days=1))
    if not calendar.is_working_day(day):
        day = calendar.next_working_day(day)
    while load.get(day, 0) >= most > 0 and day < wanted + _FARTHEST:
        day = calendar.next_working_day(day)
    return day
