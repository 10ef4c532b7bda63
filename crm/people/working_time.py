"""When somebody works and when they are left in peace, as they or an administrator set it. Guide 1."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from sqlalchemy import bindparam, select, update

from crm.core import history
from crm.core.errors import Forbidden, Invalid, NotFound
from crm.core.history import Actor
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.language.working_time import LONGEST_MINUTES, minutes_between
from crm.people.holiday_calendars import check_calendar
from crm.people.people import Person, PersonRole, Role
from crm.people.quiet import hold_anew

Hours = tuple[time, time]


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """`days`: ISO weekdays as digits; `holidays`: a calendar's code, empty for none; `quiet` None: no quiet hours;
    `digest_at` None: their roles' time.
    """

    name: str
    timezone: str
    hours: Hours
    days: str
    holidays: str
    quiet: Hours | None
    digest_at: time | None
    wants_digest: bool


_PEOPLE = Person.table()
_ROLES = PersonRole.table()
_COLUMNS = (
    *(_PEOPLE.c.name, _PEOPLE.c.timezone, _PEOPLE.c.work_from, _PEOPLE.c.work_to, _PEOPLE.c.work_days),
    *(_PEOPLE.c.holidays, _PEOPLE.c.quiet_from, _PEOPLE.c.quiet_to, _PEOPLE.c.digest_at, _PEOPLE.c.wants_digest),
)
_OF = select(*_COLUMNS).where(_PEOPLE.c.id == bindparam("person"))
_IS_ADMINISTRATOR = select(_ROLES.c.role).where(
    _ROLES.c.person_id == bindparam("actor"), _ROLES.c.role == Role.ADMIN.value
)


def working_time_of(work: UnitOfWork, *, person_id: int) -> WorkingTime:
    """How it stands. Raises NotFound."""
    row = work.connection.execute(_OF, {"person": person_id}).one_or_none()
    if row is None:
        raise NotFound(T("There is no such person."))
    return WorkingTime(
        name=row.name,
        timezone=row.timezone,
        hours=(row.work_from, row.work_to),
        days=row.work_days,
        holidays=row.holidays,
        quiet=None if row.quiet_from is None or row.quiet_to is None else (row.quiet_from, row.quiet_to),
        digest_at=row.digest_at,
        wants_digest=bool(row.wants_digest),
    )


def set_work_hours(work: UnitOfWork, *, actor: Actor, person_id: int, hours: Hours) -> None:
    """From when to when the person works; over midnight where that is earlier. Raises Invalid, Forbidden."""
    _check_length(hours, T("Working hours of {hours} hours cannot be. Write them as 9:00-18:00.", hours=_length(hours)))
    _change(work, actor, person_id, {"work_from": hours[0], "work_to": hours[1]})


def set_work_days(work: UnitOfWork, *, actor: Actor, person_id: int, days: str) -> None:
    """The weekdays on which the person works, ISO digits. Raises Invalid, Forbidden."""
    if not days or days != "".join(sorted(set(days))) or not set(days) <= set("1234567"):
        raise Invalid(T("Write the working days as Mon-Fri, or one by one: Mon, Wed, Fri."))
    _change(work, actor, person_id, {"work_days": days})


def set_holidays(work: UnitOfWork, *, actor: Actor, person_id: int, calendar: str) -> None:
    """Whose holidays the person has: a calendar's code, empty for nobody's. Raises Invalid, Forbidden."""
    check_calendar(calendar)
    _change(work, actor, person_id, {"holidays": calendar})


def set_quiet_hours(work: UnitOfWork, *, actor: Actor, person_id: int, hours: Hours | None) -> None:
    """From when to when nothing rings that is not urgent; None, or no time between the two: never.

    What is held at the moment waits until the new end, or goes out at once. Raises Invalid, Forbidden.
    """
    if hours is not None and hours[0] == hours[1]:
        hours = None
    if hours is not None:
        _check_length(
            hours, T("Quiet hours of {hours} hours cannot be. Write them as 22:00-7:00.", hours=_length(hours))
        )
    starts, ends = hours or (None, None)
    _change(work, actor, person_id, {"quiet_from": starts, "quiet_to": ends})
    hold_anew(work, person_id=person_id)


def set_digest(work: UnitOfWork, *, actor: Actor, person_id: int, wanted: bool, at: time | None = None) -> None:
    """Whether the person gets a digest, and at what local time; None: at the one chosen before, else their roles'.

    Raises Forbidden.
    """
    chosen: dict[str, Any] = {"wants_digest": wanted}
    _change(work, actor, person_id, chosen if at is None else chosen | {"digest_at": at})


def _change(work: UnitOfWork, actor: Actor, person_id: int, values: Mapping[str, Any]) -> None:
    """Write what is not so yet, with its history."""
    _check_actor(work, actor, person_id)
    before = work.connection.execute(select(_PEOPLE).where(_PEOPLE.c.id == person_id)).one_or_none()
    if before is None:
        raise NotFound(T("There is no such person."))
    changed = {name: value for name, value in values.items() if getattr(before, name) != value}
    if not changed:
        return
    work.connection.execute(update(_PEOPLE).where(_PEOPLE.c.id == person_id).values(changed))
    changes = {name: (_told(getattr(before, name)), _told(value)) for name, value in changed.items()}
    history.record(work, actor=actor, entity="person", entity_id=person_id, act="changed", changes=changes)


def _check_actor(work: UnitOfWork, actor: Actor, person_id: int) -> None:
    if actor.person_id is None or actor.person_id == person_id:
        return
    if work.connection.execute(_IS_ADMINISTRATOR, {"actor": actor.person_id}).first() is None:
        raise Forbidden(T("Only an administrator sets this for others."))


def _check_length(hours: Hours, told: Any) -> None:
    if minutes_between(*hours) > LONGEST_MINUTES:
        raise Invalid(told)


def _length(hours: Hours) -> int:
    return -(-minutes_between(*hours) // 60)


def _told(value: Any) -> Any:
    return f"{value:%H:%M}" if isinstance(value, time) else value
