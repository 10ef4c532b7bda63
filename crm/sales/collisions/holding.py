"""A lead that looks like somebody's: held until its rep has said what to do. Guide 2.1.

A note there, a hand-over asked for, or logged all the same: then the other owner and their superior hear of it.
"""

from typing import Any, Literal

from sqlalchemy import update

from crm.core import copies, history
from crm.core.errors import Conflict, NotFound
from crm.core.history import Actor
from crm.core.text import T, Text
from crm.core.work import UnitOfWork
from crm.people.people import Member
from crm.people.permissions import require
from crm.people.reach import tell
from crm.people.superiors import superiors_of
from crm.sales.collisions.collisions import Collision, collisions, collisions_at_logging
from crm.sales.customers.communications import LONGEST_TEXT, insert_note
from crm.sales.leads.events import HeldLeadSettled
from crm.sales.leads.leads import Lead, LeadDetails, details_of, get_lead, insert_lead, number, open_up
from crm.sales.leads.notes import append_line
from crm.sales.leads.policy import can_log_lead
from crm.sales.leads.response_time import note_response

HELD_CARD = "held_lead"
"""The card on which its rep decides."""

Kind = Literal["lead", "customer"]
_LEADS = Lead.table()


def hold_lead(work: UnitOfWork, *, actor: Member, platform: str, details: LeadDetails) -> int:
    """Keep what was told of a lead, not logged yet; returns its id. Raises Forbidden."""
    require(can_log_lead(actor))
    by = Actor(actor.id, platform)
    lead_id = insert_lead(work, by=by, details=details, owner_id=actor.id, status="held")
    changes = {"status": (None, "held")}
    history.record(work, actor=by, entity="lead", entity_id=lead_id, act="held", changes=changes)
    return lead_id


def likeness(work: UnitOfWork, *, actor: Member, lead_id: int) -> tuple[Any, list[Collision]]:
    """The actor's held lead, and what it looks like now. Raises NotFound, Conflict (it is settled)."""
    lead = _held(work, actor, lead_id)
    return lead, collisions(work, details=details_of(lead), besides=lead_id)


def is_waiting(lead: Any) -> bool:
    """Whether its rep still has to say what is to become of it."""
    return bool(lead.status == "held")


def log_anyway(work: UnitOfWork, *, actor: Member, platform: str, lead_id: int) -> None:
    """It is another company, or ours all the same: logged, and whoever has the likeness is told, with their superior.

    Raises NotFound, Conflict (settled already).
    """
    lead = _held(work, actor, lead_id)
    same = collisions_at_logging(work, details=details_of(lead), besides=lead_id)
    settle(work, lead, to="new")
    by = Actor(actor.id, platform)
    open_up(work, by=by, lead_id=lead_id, details=details_of(lead), owner_id=actor.id, act="logged")
    for one in same:
        _tell_of_double(work, actor, lead, one)


def add_as_note(work: UnitOfWork, *, actor: Member, platform: str, lead_id: int, kind: Kind, record_id: int) -> None:
    """What was told of it becomes a note on the record it looks like, whose owner hears of it; the lead is closed.

    Raises NotFound, Conflict (settled already, or it does not look like this one any more).
    """
    lead, one = _one_of(work, actor, lead_id, kind, record_id)
    settle(work, lead, to="noted")
    note_on(work, actor=actor, platform=platform, lead=lead, kind=kind, record_id=record_id)
    by = Actor(actor.id, platform)
    changes = {"status": ("held", "noted"), "noted_on": (None, f"{kind} {record_id}")}
    history.record(work, actor=by, entity="lead", entity_id=lead_id, act="noted on another", changes=changes)
    if one.owner_id not in {None, actor.id}:
        told = T(
            "{actor} has added a note to {name}: {text}", actor=actor.name, name=one.name, text=summary(lead)[:300]
        )
        tell(work, person_id=one.owner_id or 0, text=told, about=(kind, record_id), key=f"lead-note:{lead_id}")


def drop_held(work: UnitOfWork, *, actor: Member, platform: str, lead_id: int) -> None:
    """Forget a held lead. Raises NotFound, Conflict (settled already)."""
    lead, _ = likeness(work, actor=actor, lead_id=lead_id)
    settle(work, lead, to="withdrawn")
    changes = {"status": (lead.status, "withdrawn")}
    history.record(
        work, actor=Actor(actor.id, platform), entity="lead", entity_id=lead_id, act="dropped", changes=changes
    )


def note_on(work: UnitOfWork, *, actor: Member, platform: str, lead: Any, kind: Kind, record_id: int) -> None:
    """Write what was told of a lead to a record's history, whoever's that is: the likeness gives the right."""
    if kind == "customer":
        insert_note(work, actor=actor, customer_id=record_id, text=summary(lead)[:LONGEST_TEXT])
    else:
        append_line(work, actor=actor, platform=platform, lead_id=record_id, text=summary(lead)[:LONGEST_TEXT])
        note_response(work, person_id=actor.id, lead_id=record_id)


def settle(work: UnitOfWork, lead: Any, *, to: str) -> None:
    """The question is answered, once. Raises Conflict."""
    asked = (_LEADS.c.id == lead.id, _LEADS.c.status == "held")
    values = {"status": to, "changed_at": work.now, "touched_at": work.now}
    if work.connection.execute(update(_LEADS).where(*asked).values(**values)).rowcount != 1:
        raise Conflict(T("This was answered already."))
    copies.touch_card(work, card=HELD_CARD, subject_id=lead.id)
    copies.touch_card(work, card="lead", subject_id=lead.id)
    work.emit(HeldLeadSettled(lead.id, to))


def summary(lead: Any) -> str:
    """What was told of a lead, in one text: who, how they are reached, what they want."""
    ways = (
        lead.phone,
        lead.email,
        lead.wechat and f"WeChat {lead.wechat}",
        lead.whatsapp and f"WhatsApp {lead.whatsapp}",
    )
    who = ", ".join(part for part in (lead.company, lead.contact, *ways) if part)
    return "\n".join(part for part in (who, lead.product_need, lead.notes) if part)


def _held(work: UnitOfWork, actor: Member, lead_id: int) -> Any:
    """The actor's lead that waits for their answer."""
    lead = get_lead(work, viewer=actor, lead_id=lead_id)
    if lead.owner_id != actor.id:
        raise NotFound(T("There is no lead {number}.", number=number(lead_id)))
    if not is_waiting(lead):
        raise Conflict(T("This was answered already."))
    return lead


def _one_of(work: UnitOfWork, actor: Member, lead_id: int, kind: Kind, record_id: int) -> tuple[Any, Collision]:
    lead, same = likeness(work, actor=actor, lead_id=lead_id)
    for one in same:
        if (one.kind, one.record_id) == (kind, record_id):
            return lead, one
    raise Conflict(T("They do not look alike any more: one of the two was changed or closed."))


def _tell_of_double(work: UnitOfWork, actor: Member, lead: Any, one: Collision) -> None:
    """The owner of the likeness, and that owner's superiors."""
    if one.owner_id in {None, actor.id}:
        return
    owner_id = one.owner_id or 0
    facts = {"actor": actor.name, "number": number(lead.id), "company": lead.company, "why": one.why}
    yours: Text = T("{actor} has logged {number} {company}. It looks like your {name}: {why}.", name=one.name, **facts)
    about = (one.kind, one.record_id)
    key = f"double:{lead.id}:{one.kind}:{one.record_id}"
    tell(work, person_id=owner_id, text=yours, about=about, key=key)
    theirs: Text = T(
        "{actor} has logged {number} {company}. It looks like {name}, whose owner is {owner}: {why}.",
        name=one.name,
        owner=one.owner_name or "",
        **facts,
    )
    for superior in superiors_of(work, [owner_id]).get(owner_id, []):
        if superior.id != actor.id:
            tell(work, person_id=superior.id, text=theirs, about=about, key=f"{key}:{superior.id}")
