"""When a lead's owner last did something about it: noted by whatever they do, so that no lead is left alone unseen."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, column, literal, literal_column, table, update

from crm.core.types import Id, UTCDateTime
from crm.core.work import UnitOfWork

# Of a room whose files stand on this one, so not imported.
_LEADS = table("leads", column("id", Id), column("owner_id", Id), column("touched_at", UTCDateTime))
_TOUCH = (
    update(_LEADS)
    .where(_LEADS.c.id == bindparam("lead"), _LEADS.c.owner_id == bindparam("person"))
    .values(touched_at=bindparam("now", type_=UTCDateTime))
)


def touch_lead(work: UnitOfWork, *, person_id: int, lead_id: int) -> None:
    """Note that this person has done something about a lead; of anybody but its owner nothing is noted."""
    work.connection.execute(_TOUCH, {"lead": lead_id, "person": person_id, "now": work.now})


def touched_by(person_id: int, now: datetime) -> ColumnElement[Any]:
    """What `touched_at` becomes, in an update of `leads`, when this person does something."""
    return case(
        (literal_column("owner_id", Id) == person_id, literal(now, UTCDateTime)),
        else_=literal_column("touched_at", UTCDateTime),
    )
