"""Notes on a lead: lines of its own notes, and so with it wherever it goes. Its row in the history names each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from crm.core import copies, history
from crm.core.errors import Conflict
from crm.core.history import Actor, HistoryEntry
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.people.people import Member
from crm.sales.customers.communications import checked_text
from crm.sales.leads.leads import Lead, get_lead
from crm.sales.leads.response_time import note_response
from crm.sales.touching import touched_by

_LEADS = Lead.table()
_HISTORY = HistoryEntry.table()
_NOTED, _TAKEN_BACK = "noted", "note taken back"


def add_lead_note(
    work: UnitOfWork, *, actor: Member, platform: str, lead_id: int, text: str, is_contact: bool = True
) -> int:
    """Add a line, with the day and who wrote it, to the notes of a lead the actor may see; returns the note's id.

    Of its owner's the first counts as the lead's first response, unless nobody was reached (`is_contact` False).

    Raises NotFound and Invalid (no text).
    """
    lead = get_lead(work, viewer=actor, lead_id=lead_id)
    if is_contact and lead.owner_id == actor.id:
        note_response(work, person_id=actor.id, lead_id=lead_id)
    return append_line(work, actor=actor, platform=platform, lead_id=lead_id, text=text)


def append_line(work: UnitOfWork, *, actor: Member, platform: str, lead_id: int, text: str) -> int:
    """The same for who has asked whether the actor may. Raises Invalid (no text)."""
    day = work.now.astimezone(actor.zone).date().isoformat()
    line = f"{day} {actor.name}: {checked_text(text)}"
    before = _notes(work, lead_id)
    return _write(work, actor, platform, lead_id, before, f"{before}\n{line}" if before else line, act=_NOTED)


def take_back_lead_note(work: UnitOfWork, *, actor: Member, platform: str, lead_id: int, note_id: int) -> None:
    """Take back this note of the actor's own, as long as it is the newest that stands. Raises Conflict."""
    now = _notes(work, lead_id)
    newest = _newest(work, lead_id)
    if newest is None or (newest.id, newest.person_id) != (note_id, actor.id) or newest.changes["notes"][1] != now:
        raise Conflict(T("Somebody has added a note since, or this note was taken back already."))
    _write(work, actor, platform, lead_id, now, newest.changes["notes"][0], act=_TAKEN_BACK)


@dataclass(frozen=True, slots=True)
class LeadNote:
    """One note on a lead: what was written, by whom, when."""

    text: str
    person_id: int
    at: datetime


def notes_one_by_one(work: UnitOfWork, lead: Any) -> tuple[str | None, list[LeadNote]]:
    """What was told of a lead (a row) when it was logged, and the notes that were added since and stand."""
    rows = _standing(work, lead.id)
    if not rows:
        return lead.notes, []
    added = []
    for row in rows:
        before, after = row.changes["notes"]
        line = after.removeprefix(before or "").strip()
        added.append(LeadNote(line.partition(": ")[2] or line, row.person_id, row.at))
    return rows[0].changes["notes"][0], added


def _newest(work: UnitOfWork, lead_id: int) -> Any:
    """The history's row of the note that was added last and not taken back; only the newest ever is."""
    standing = _standing(work, lead_id)
    return standing[-1] if standing else None


def _standing(work: UnitOfWork, lead_id: int) -> list[Any]:
    """The history's rows of the notes that stand, oldest first."""
    c = _HISTORY.c
    mine = (c.entity == "lead", c.entity_id == lead_id, c.act.in_((_NOTED, _TAKEN_BACK)))
    standing: list[Any] = []
    for row in work.connection.execute(select(c.id, c.act, c.person_id, c.at, c.changes).where(*mine).order_by(c.id)):
        if row.act == _NOTED:
            standing.append(row)
        elif standing:
            standing.pop()
    return standing


def _notes(work: UnitOfWork, lead_id: int) -> Any:
    """As they are: of a lead in the pool, `get_lead` shows nobody the notes."""
    return work.connection.execute(select(_LEADS.c.notes).where(_LEADS.c.id == lead_id).with_for_update()).scalar()


def _write(
    work: UnitOfWork, actor: Member, platform: str, lead_id: int, before: str | None, after: str | None, *, act: str
) -> int:
    """Returns the id of the history's row."""
    changed = update(_LEADS).where(_LEADS.c.id == lead_id)
    work.connection.execute(changed.values(notes=after, changed_at=work.now, touched_at=touched_by(actor.id, work.now)))
    by = Actor(actor.id, platform)
    changes = {"notes": (before, after)}
    copies.touch_card(work, card="lead", subject_id=lead_id)
    return history.record(work, actor=by, entity="lead", entity_id=lead_id, act=act, changes=changes)
