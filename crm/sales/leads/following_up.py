"""A lead's next follow-up goes with its reminder: over with a call, moved when that is put off or set anew."""

from datetime import datetime
from typing import Any

from sqlalchemy import update

from crm.core import copies, history
from crm.core.errors import Conflict, NotFound
from crm.core.history import Actor
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.people.people import Member
from crm.people.permissions import require
from crm.sales.leads.cadences import next_planned, set_by_hand
from crm.sales.leads.leads import OPEN_STATUSES, Lead, get_lead, number
from crm.sales.leads.policy import can_change_lead
from crm.sales.tasks.follow_ups import drop_follow_up, plan_follow_up
from crm.sales.tasks.tasks import LONGEST_TEXT, Task, insert_task

_LEADS = Lead.table()
_TASKS = Task.table()


def follow_up_done(work: UnitOfWork, *, actor: Member, platform: str, task: Any) -> None:
    """This reminder is over: so is the follow-up of the lead it is about, if that was due."""
    lead = _lead_of(work, actor, task)
    if lead is None or lead.next_follow_up_at is None:
        return
    if task.is_follow_up or lead.next_follow_up_at <= work.now:
        _go_on(work, actor, platform, lead)


def follow_up_moved(
    work: UnitOfWork, *, actor: Member, platform: str, task: Any, next_id: int, at: datetime, has_time: bool = True
) -> None:
    """The reminder of a lead's follow-up comes at another time, as `next_id`: that is when it is followed up.

    Where the lead is closed, or another's by now, what was asked for is a reminder like any other, and is told.
    """
    if not task.is_follow_up:
        return
    lead = _lead_of(work, actor, task)
    is_theirs = lead is not None and lead.owner_id == actor.id
    work.connection.execute(update(_TASKS).where(_TASKS.c.id == next_id).values(is_follow_up=is_theirs))
    if is_theirs:
        drop_follow_up(work, by=Actor(actor.id, platform), lead_id=lead.id, but=next_id)
        set_by_hand(work, lead_id=lead.id, owner_id=actor.id, day=at.astimezone(actor.zone).date())
        _set(work, actor, platform, lead, at, has_time=has_time)


def followed_up(work: UnitOfWork, *, actor: Member, platform: str, lead_id: int) -> None:
    """A lead was called on: a follow-up that was due by the end of the actor's day is over."""
    lead = get_lead(work, viewer=actor, lead_id=lead_id)
    require(can_change_lead(actor, lead))
    today = work.now.astimezone(actor.zone).date()
    at = lead.next_follow_up_at
    if at is not None and at.astimezone(actor.zone).date() <= today:
        _go_on(work, actor, platform, lead)


def set_follow_up(
    work: UnitOfWork, *, actor: Member, platform: str, lead_id: int, at: datetime, has_time: bool = True
) -> int:
    """An open lead is followed up then, in place of what was planned; returns the id of the actor's reminder of it.

    Raises NotFound, Forbidden, Invalid (past), Conflict (closed).
    """
    lead = get_lead(work, viewer=actor, lead_id=lead_id)
    require(can_change_lead(actor, lead))
    if lead.status not in OPEN_STATUSES:
        raise Conflict(T("Lead {number} is closed.", number=number(lead.id)))
    by = Actor(actor.id, platform)
    values = {"text": lead.company[:LONGEST_TEXT], "about": "lead", "about_id": lead.id, "has_time": has_time}
    if lead.owner_id != actor.id:
        return insert_task(work, by=by, person_id=actor.id, due_at=at, **values)
    drop_follow_up(work, by=by, lead_id=lead.id)
    set_by_hand(work, lead_id=lead.id, owner_id=actor.id, day=at.astimezone(actor.zone).date())
    _set(work, actor, platform, lead, at, has_time=has_time)
    return insert_task(work, by=by, person_id=actor.id, due_at=at, is_follow_up=True, **values)


def _go_on(work: UnitOfWork, actor: Member, platform: str, lead: Any) -> None:
    """This follow-up is over: the next is what the plan has, if it has any more."""
    by = Actor(actor.id, platform)
    drop_follow_up(work, by=by, lead_id=lead.id)
    at = None
    if lead.owner_id is not None:
        at = next_planned(work, lead_id=lead.id, owner_id=lead.owner_id)
    if at is not None:
        text = f"{lead.company}: {lead.product_need}"
        plan_follow_up(work, by=by, owner_id=lead.owner_id, lead_id=lead.id, text=text, at=at, has_time=False)
    _set(work, actor, platform, lead, at, has_time=False)


def _lead_of(work: UnitOfWork, actor: Member, task: Any) -> Any:
    """The open lead that the reminder is about, where it is for this person to change; else None."""
    if task.about != "lead":
        return None
    try:
        lead = get_lead(work, viewer=actor, lead_id=task.about_id)
    except NotFound:
        return None
    return lead if lead.status in OPEN_STATUSES and can_change_lead(actor, lead) is True else None


def _set(work: UnitOfWork, actor: Member, platform: str, lead: Any, at: datetime | None, *, has_time: bool) -> None:
    values = {"next_follow_up_at": at, "next_follow_up_has_time": has_time, "changed_at": work.now}
    work.connection.execute(update(_LEADS).where(_LEADS.c.id == lead.id).values(**values))
    changes = {"next_follow_up_at": (lead.next_follow_up_at, at)}
    by = Actor(actor.id, platform)
    history.record(work, actor=by, entity="lead", entity_id=lead.id, act="follow_up", changes=changes)
    copies.touch_card(work, card="lead", subject_id=lead.id)
