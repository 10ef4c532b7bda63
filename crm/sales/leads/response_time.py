"""How soon a lead is answered: working minutes of whoever answers, from its receipt to the first contact. Guide 2.1.

Kept with the lead when it happens, by the calendar of that day: what it came to does not change with the calendar.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, column, func, select, table, update

from crm.core.types import Id, UTCDateTime
from crm.core.work import UnitOfWork
from crm.people.calendar import calendar_of


@dataclass(frozen=True, slots=True)
class Response:
    """`leads`: received in the period and answered; `minutes`: working minutes, on average."""

    leads: int
    minutes: float


# Of a room whose files stand on this one, so not imported.
_LEADS = table(
    "leads",
    column("id", Id),
    column("owner_id", Id),
    column("created_at", UTCDateTime),
    column("responded_at", UTCDateTime),
    column("response_minutes", Id),
)
_WAITING = select(_LEADS.c.created_at).where(_LEADS.c.id == bindparam("lead"), _LEADS.c.responded_at.is_(None))
_ANSWERED = (
    update(_LEADS)
    .where(_LEADS.c.id == bindparam("lead"), _LEADS.c.responded_at.is_(None))
    .values(responded_at=bindparam("at", type_=UTCDateTime), response_minutes=bindparam("minutes"))
)
_AVERAGES = (
    select(_LEADS.c.owner_id, func.count(), func.sum(_LEADS.c.response_minutes))
    .where(
        _LEADS.c.owner_id.is_not(None),
        _LEADS.c.responded_at.is_not(None),
        _LEADS.c.created_at >= bindparam("since", type_=UTCDateTime),
        _LEADS.c.created_at < bindparam("until", type_=UTCDateTime),
    )
    .group_by(_LEADS.c.owner_id)
)


def note_response(work: UnitOfWork, *, person_id: int, lead_id: int) -> None:
    """The lead was called, written to or noted about; only the first time counts."""
    received = work.connection.execute(_WAITING, {"lead": lead_id}).scalar()
    if received is None:
        return
    worked = calendar_of(work, person_id=person_id).worked(received, work.now)
    minutes = int(worked.total_seconds() // 60)
    work.connection.execute(_ANSWERED, {"lead": lead_id, "at": work.now, "minutes": minutes})


def response_times(
    work: UnitOfWork, *, since: datetime, until: datetime, people: Iterable[int] | None = None
) -> dict[int, Response]:
    """Of each owner the leads received from `since` on and before `until` that were answered; one statement."""
    query = _AVERAGES if people is None else _AVERAGES.where(_LEADS.c.owner_id.in_(list(people)))
    rows = work.connection.execute(query, {"since": since, "until": until})
    return {owner_id: Response(int(count), float(total) / int(count)) for owner_id, count, total in rows}
