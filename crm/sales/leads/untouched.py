"""Leads that their owners leave alone: back to the pool after some working days, told of a day before. Guide 2.1.

Days count from when the owner last did something, or from the day they have set for it, whichever is later: a lead
with a follow-up or a reminder still to come is being looked after. Days away do not count.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, or_, select, text

from crm.core.rules import whole_rule
from crm.core.said import all_said
from crm.core.text import TN, DayOf, T
from crm.core.types import UTCDateTime
from crm.core.work import UnitOfWork
from crm.people.listing import tell_lines
from crm.people.presence import EVER, Presence, all_calendars, presences_of
from crm.people.watching import Parts, Sighting, Watch, notice_key
from crm.sales.leads.leads import Lead, number
from crm.sales.leads.pool import return_untouched
from crm.sales.tasks.tasks import STANDING, Task

_LEADS = Lead.table()
_TASKS = Task.table()
_LAST_REMINDER = (
    select(func.max(_TASKS.c.due_at, type_=UTCDateTime))
    .where(
        text("tasks.about = 'lead' AND tasks.about IS NOT NULL"),
        _TASKS.c.status.in_(STANDING),
        _TASKS.c.about_id == _LEADS.c.id,
        _TASKS.c.person_id == _LEADS.c.owner_id,
    )
    .correlate(_LEADS)
    .scalar_subquery()
)
_BEFORE = bindparam("before", type_=UTCDateTime)
_LONG_AGO = select(
    _LEADS.c.id,
    _LEADS.c.company,
    _LEADS.c.owner_id,
    _LEADS.c.touched_at,
    _LEADS.c.next_follow_up_at,
    _LAST_REMINDER.label("reminder_at"),
).where(
    text("leads.owner_id IS NOT NULL AND leads.status IN ('new', 'contacted', 'qualified')"),  # an index's very words
    _LEADS.c.touched_at < _BEFORE,
    or_(_LEADS.c.next_follow_up_at.is_(None), _LEADS.c.next_follow_up_at < _BEFORE),
)


@dataclass(frozen=True, slots=True)
class _Untouched:
    """`since`: from when its days count."""

    lead: Any
    owner: Presence
    since: datetime


def _untouched(work: UnitOfWork, *, days: int) -> list[_Untouched]:
    """Open leads left alone for so many whole working days of their owners."""
    # Days away and other calendars only make it longer: most leads need no closer look.
    soonest = max((Presence(one).before_days(days, work.now) for one in all_calendars(work)), default=EVER)
    rows = work.connection.execute(_LONG_AGO, {"before": soonest}).all()
    owners = presences_of(work, (row.owner_id for row in rows))
    before = {person_id: owner.before_days(days, work.now) for person_id, owner in owners.items()}
    found = []
    for row in rows:
        times = (row.touched_at, row.next_follow_up_at, row.reminder_at)
        since = max(at for at in times if at is not None)
        if since < before[row.owner_id]:
            found.append(_Untouched(row, owners[row.owner_id], since))
    return found


def _days(work: UnitOfWork) -> int:
    """The rule; 0: no lead goes back, ever."""
    return whole_rule(work, "watches.untouched_days")


def _about_to_go(work: UnitOfWork) -> list[Sighting]:
    """On the last of their days."""
    days = _days(work)
    found = _untouched(work, days=days - 1) if days else []
    return [_sighting(one) for one in found if one.owner.is_active]


def _gone(work: UnitOfWork) -> list[Sighting]:
    """Those whose owner was told on an earlier day that they would go; of who was disabled, at once."""
    days = _days(work)
    over = _untouched(work, days=days) if days else []
    if not over:
        return []
    told = all_said(work, watch=ABOUT_TO_GO.name)
    return [_sighting(one) for one in over if _was_told(one, told, work.now)]


def _was_told(one: _Untouched, told: dict[tuple[int, int], tuple[int, datetime]], now: datetime) -> bool:
    if not one.owner.is_active:
        return True
    _, at = told.get((one.lead.id, one.lead.owner_id), (0, None))
    calendar = one.owner.calendar
    return at is not None and at >= one.since and calendar.today(at) < calendar.today(now)


def _sighting(one: _Untouched) -> Sighting:
    lead = one.lead
    facts = {"number": number(lead.id), "company": lead.company, "day": DayOf(one.since)}
    line = T("{number} {company}, untouched since {day}", **facts)
    return Sighting(
        subject_id=lead.id,
        person_id=lead.owner_id,
        line=line,
        about=("lead", lead.id),
        since=one.since,
        facts=one,
    )


def _keep(_work: UnitOfWork, _owner_id: int, seen: Sequence[Sighting]) -> Sequence[Sighting]:
    """Nothing is done before the owner is told."""
    return seen


def _warn(work: UnitOfWork, owner_id: int, seen: Sequence[Sighting], earlier: int = 0) -> None:
    calendar = seen[0].facts.owner.calendar
    heading = TN(
        "{n} lead goes back to the pool on {day}. A call, a note or a new date keeps it with you.",
        "{n} leads go back to the pool on {day}. A call, a note or a new date keeps each with you.",
        n=earlier + len(seen),
        day=calendar.next_working_day(calendar.today(work.now)),
    )
    lines = [(one.line, one.about) for one in seen]
    key = notice_key(work, ABOUT_TO_GO.name, seen[0])
    tell_lines(work, person_id=owner_id, heading=heading, lines=lines, key=key, unnamed=earlier)


def _send_back(work: UnitOfWork, owner_id: int, seen: Sequence[Sighting]) -> None:
    """Back to the pool, and the owner told."""
    _say_gone(work, owner_id, _return(work, owner_id, seen))


def _return(work: UnitOfWork, owner_id: int, seen: Sequence[Sighting]) -> list[Sighting]:
    """Back to the pool; what the owner has touched meanwhile stays theirs."""
    return [
        one
        for one in seen
        if return_untouched(work, lead_id=one.subject_id, owner_id=owner_id, touched_at=one.facts.lead.touched_at)
    ]


def _say_gone(work: UnitOfWork, owner_id: int, returned: Sequence[Sighting], earlier: int = 0) -> None:
    if not returned or not returned[0].facts.owner.is_active:
        return
    heading = TN(
        "{n} lead went back to the pool: nothing was done about it for too long.",
        "{n} leads went back to the pool: nothing was done about them for too long.",
        n=earlier + len(returned),
    )
    lines = [(one.line, one.about) for one in returned]
    key = notice_key(work, GONE.name, returned[0])
    tell_lines(work, person_id=owner_id, heading=heading, lines=lines, key=key, unnamed=earlier)


ABOUT_TO_GO = Watch("untouched_lead", _about_to_go, _warn, Parts(_keep, _warn))
GONE = Watch("returned_lead", _gone, _send_back, Parts(_return, _say_gone))
