"""Who stood in for somebody is told that it is over, where the absence simply ran out. Guide 3.1.

Of one that ends by hand they hear at once, from `crm.people.absence`.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import bindparam

from crm.core.text import T
from crm.core.types import UTCDateTime
from crm.core.work import UnitOfWork
from crm.people.absence import READ, Absence, absences_now, read_away
from crm.people.reach import tell
from crm.people.watching import Sighting, Watch

_ABSENCES = Absence.table()
_OF_LATE = timedelta(days=14)
"""Who comes to work only later than that need not hear of it any more."""
_RAN_OUT = READ.where(
    _ABSENCES.c.ended_at == _ABSENCES.c.until,
    _ABSENCES.c.delegate_id.is_not(None),
    _ABSENCES.c.until > bindparam("long_ago", type_=UTCDateTime),
)


def _find_ran_out(work: UnitOfWork) -> list[Sighting]:
    """Absences that ran out, of concern to who was to decide meanwhile; none of who is away again."""
    rows = work.connection.execute(_RAN_OUT, {"long_ago": work.now - _OF_LATE}).all()
    away_again = absences_now(work) if rows else {}
    return [
        Sighting(
            subject_id=row.id,
            person_id=row.delegate_id,
            line=T("{name} is back: what is still open is theirs to decide again. Thank you!", name=row.name),
            about=("absence", row.id),
            facts=read_away(row),
        )
        for row in rows
        if row.person_id not in away_again
    ]


def _release(work: UnitOfWork, person_id: int, seen: Sequence[Sighting]) -> None:
    for one in seen:
        tell(work, person_id=person_id, text=one.line, key=f"absence:{one.subject_id}:over")


RAN_OUT = Watch("absence_ran_out", _find_ran_out, _release)
