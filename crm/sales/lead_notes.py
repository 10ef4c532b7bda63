"""Notes on a lead: lines of its own notes, and so with it wherever it goes. History knows each."""

from typing import Any

from sqlalchemy import select, update

from crm.core import copies, history
from crm.core.errors import Conflict
from crm.core.history import Actor, HistoryEntry
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.people.people import Member
from crm.sales.communications import checked_text
from crm.sales.leads import Lead, get_lead

_LEADS = Lead.table()
_HISTORY = HistoryEntry.table()
_NOTED = "noted"


def add_lead_note(work: UnitOfWork, *, actor: Member, platform: str, lead_id: int, text: str) -> None:
    """Add a line, with the day and who wrote it, to the notes of a lead the actor may see.

    Raises NotFound and Invalid (no text).
    """
    get_lead(work, viewer=actor, lead_id=lead_id)
    day = work.now.astimezone(actor.zone).date().isoformat()
    line = f"{day} {actor.name}: {checked_text(text)}"
    before = _notes(work, lead_id)
    _write(work, actor, platform, lead_id, before, f"{before}\n{line}" if before else line, act=_NOTED)


def take_back_lead_note(work: UnitOfWork, *, actor: Member, platform: str, lead_id: int) -> None:
    """Take back the note that the actor has added last, as long as it is the newest. Raises Conflict."""
    mine = (_HISTORY.c.entity == "lead", _HISTORY.c.entity_id == lead_id, _HISTORY.c.act == _NOTED)
    query = select(_HISTORY.c.changes).where(*mine, _HISTORY.c.person_id == actor.id)
    noted = work.connection.execute(query.order_by(_HISTORY.c.id.desc()).limit(1)).scalar()
    before, after = (None, None) if noted is None else noted["notes"]
    if after is None or _notes(work, lead_id) != after:
        raise Conflict(T("The lead was noted on since, or this note was taken back already."))
    _write(work, actor, platform, lead_id, after, before, act="note taken back")


def _notes(work: UnitOfWork, lead_id: int) -> Any:
    """As they are: of a lead in the pool, `get_lead` shows nobody the notes."""
    return work.connection.execute(select(_LEADS.c.notes).where(_LEADS.c.id == lead_id).with_for_update()).scalar()


def _write(
    work: UnitOfWork, actor: Member, platform: str, lead_id: int, before: str | None, after: str | None, *, act: str
) -> None:
    changed = update(_LEADS).where(_LEADS.c.id == lead_id)
    work.connection.execute(changed.values(notes=after, changed_at=work.now))
    by = Actor(actor.id, platform)
    changes = {"notes": (before, after)}
    history.record(work, actor=by, entity="lead", entity_id=lead_id, act=act, changes=changes)
    copies.touch_card(work, card="lead", subject_id=lead_id)
