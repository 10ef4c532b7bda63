"""A single lead goes to a colleague, by the supervisor of the team or an administrator. Guide 2.1.

Kept as a hand-over of one lead (`crm.sales.ownership.handing_over`), so that it is taken back in the same way.
"""

from dataclasses import asdict

from sqlalchemy import insert, select

from crm.core.errors import Conflict
from crm.core.history import Actor
from crm.core.text import T, Words
from crm.core.work import UnitOfWork
from crm.people.people import Member, find_member
from crm.people.permissions import Allowed, require
from crm.people.reach import tell
from crm.sales.leads.cadences import planned_days
from crm.sales.leads.leads import OPEN_STATUSES, STATUSES, Lead, begin_plan, details_of, get_lead, number
from crm.sales.leads.policy import can_reassign_lead
from crm.sales.ownership.handing_over import HandOver, book_of_lead, can_hand_over, give

_LEADS, _HAND_OVERS = Lead.table(), HandOver.table()


def reassign_lead(work: UnitOfWork, *, actor: Member, platform: str, lead_id: int, to_id: int) -> int:
    """Give an open lead to somebody else, with its plan and reminders; both hear of it. Returns the hand-over's id.

    Out of the pool its plan begins anew. Raises NotFound, Forbidden, Conflict (it is closed).
    """
    # Of two who give it away at once, the second sees whose it is by then.
    work.connection.execute(select(_LEADS.c.id).where(_LEADS.c.id == lead_id).with_for_update())
    lead = get_lead(work, viewer=actor, lead_id=lead_id)
    taker = find_member(work, person_id=to_id)
    giver = None if lead.owner_id is None else find_member(work, person_id=lead.owner_id)
    require(may_take(actor, lead, giver, taker))
    if lead.status not in OPEN_STATUSES:
        status = STATUSES[lead.status]
        raise Conflict(
            T("Lead {number} is: {status}. That can't be done any more.", number=number(lead_id), status=status)
        )
    by, book = Actor(actor.id, platform), book_of_lead(work, lead_id=lead_id, owner_id=lead.owner_id)
    give(work, by=by, book=book, from_id=lead.owner_id, to_id=taker.id, act="reassigned")
    if not planned_days(work, lead_id=lead_id):
        row = work.connection.execute(select(_LEADS).where(_LEADS.c.id == lead_id)).one()
        begin_plan(work, by=by, lead_id=lead_id, details=details_of(row), owner_id=taker.id)
    values = {"from_id": lead.owner_id, "to_id": taker.id, "actor_id": actor.id, "moved": asdict(book), "at": work.now}
    written = insert(_HAND_OVERS).returning(_HAND_OVERS.c.id)
    hand_over_id = int(work.connection.execute(written, values).scalar_one())
    _tell_both(work, actor, giver, taker, lead, hand_over_id)
    return hand_over_id


def may_take(actor: Member, lead: Lead, giver: Member | None, taker: Member) -> Allowed:
    """Whether this person may give the lead to that one."""
    allowed = can_reassign_lead(actor, lead)
    return allowed if allowed is not True else can_hand_over(actor, giver=giver, taker=taker)


def _tell_both(
    work: UnitOfWork, actor: Member, giver: Member | None, taker: Member, lead: Lead, hand_over_id: int
) -> None:
    facts = {"actor": actor.name, "number": number(lead.id), "company": lead.company}
    if taker.id != actor.id:
        source: Words = T("the pool") if giver is None else giver.name
        told = T("{actor} has reassigned lead {number} {company} to you, from {giver}.", giver=source, **facts)
        key = f"hand_over:{hand_over_id}:to"
        tell(work, person_id=taker.id, text=told, about=("lead", lead.id), key=key)
    if giver is not None and giver.id != actor.id and giver.is_active:
        told = T("{actor} has reassigned your lead {number} {company} to {taker}.", taker=taker.name, **facts)
        tell(work, person_id=giver.id, text=told, key=f"hand_over:{hand_over_id}:from")
