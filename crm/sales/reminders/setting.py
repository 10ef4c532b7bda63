"""Reminders set by somebody for themselves, about records they may see; and the next one after one that is done."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from crm.core import history
from crm.core.errors import Conflict, Invalid
from crm.core.history import Actor, HistoryEntry
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.people.people import Member
from crm.sales.customers.customers import get_customer
from crm.sales.deals.deals import get_deal
from crm.sales.leads.following_up import follow_up_moved
from crm.sales.leads.leads import OPEN_STATUSES, Lead, get_lead
from crm.sales.tasks.recurrence import Recurrence
from crm.sales.tasks.tasks import LONGEST_TEXT, About, Task, get_task, insert_task
from crm.sales.touching import touch_lead

OFFER_STANDS = timedelta(hours=1)
"""So long after a call a date that is typed is taken for the next one."""

_TASKS = Task.table()
_LEADS = Lead.table()
_HISTORY = HistoryEntry.table()
_TALKED = ("called", "no_answer")


def add_task(
    work: UnitOfWork,
    *,
    actor: Member,
    platform: str,
    text: str,
    due_at: datetime,
    about: About | None = None,
    has_time: bool = True,
    recurrence: Recurrence | None = None,
) -> int:
    """A reminder of the actor's own; returns its id. Raises Invalid (no text, past), NotFound (the record)."""
    words = text.strip()
    if not words or len(words) > LONGEST_TEXT:
        raise Invalid(T("A reminder needs a text of at most {most} characters.", most=LONGEST_TEXT))
    kind, record_id = about or (None, None)
    if about is not None:
        _require_record(work, actor, about)
    if kind == "lead" and record_id is not None:
        touch_lead(work, person_id=actor.id, lead_id=record_id)
    values = {"text": words, "about": kind, "about_id": record_id, "has_time": has_time}
    values["recurrence"] = None if recurrence is None else str(recurrence)
    return insert_task(work, by=Actor(actor.id, platform), person_id=actor.id, due_at=due_at, **values)


def continue_task(
    work: UnitOfWork,
    *,
    actor: Member,
    platform: str,
    task_id: int,
    due_at: datetime,
    has_time: bool = True,
    recurrence: Recurrence | None = None,
) -> int:
    """The next reminder of the same kind, after one that is done, once; returns its id.

    Raises NotFound, Invalid (past), Conflict (not done, or continued already).
    """
    row = get_task(work, viewer=actor, task_id=task_id)
    done = update(_TASKS).where(_TASKS.c.id == task_id, _TASKS.c.status == "done")
    if work.connection.execute(done.values(status="continued")).rowcount != 1:
        raise Conflict(T("The next reminder is set already."))
    changes = {"status": ("done", "continued")}
    by = Actor(actor.id, platform)
    history.record(work, actor=by, entity="task", entity_id=task_id, act="continued", changes=changes)
    about = None if row.about is None else (row.about, row.about_id)
    next_id = add_task(
        work,
        actor=actor,
        platform=platform,
        text=row.text,
        due_at=due_at,
        about=about,
        has_time=has_time,
        recurrence=recurrence,
    )
    if row.is_follow_up and recurrence is None:
        by_actor: Any = {"actor": actor, "platform": platform}
        follow_up_moved(work, **by_actor, task=row, next_id=next_id, at=due_at, has_time=has_time)
    return next_id


def offered_task(work: UnitOfWork, *, person_id: int) -> Any:
    """The reminder after which the person was just asked for the next date, as long as none is set; else None."""
    mine = (_TASKS.c.person_id == person_id, _TASKS.c.status == "done", _TASKS.c.series_id.is_(None))
    recent = _TASKS.c.ended_at > work.now - OFFER_STANDS
    last = work.connection.execute(select(_TASKS).where(*mine, recent).order_by(_TASKS.c.ended_at.desc())).first()
    if last is None:
        return None
    asked = (_HISTORY.c.entity == "task", _HISTORY.c.entity_id == last.id, _HISTORY.c.act.in_(_TALKED))
    return last if work.connection.execute(select(_HISTORY.c.id).where(*asked)).first() else None


def offer_follow_up(work: UnitOfWork, *, actor: Member, platform: str, lead_id: int, is_call: bool) -> None:
    """The actor has talked to this lead, or tried to, and is asked when to do so again."""
    act = "called" if is_call else "no_answer"
    history.record(work, actor=Actor(actor.id, platform), entity="lead", entity_id=lead_id, act=act)


def offered_lead(work: UnitOfWork, *, person_id: int) -> tuple[int, datetime] | None:
    """The lead of their own whose next follow-up the person was just asked for, and when, unless it is set."""
    # Found among the person's leads: the history has no index by who wrote it.
    recent = (_LEADS.c.owner_id == person_id, _LEADS.c.changed_at > work.now - OFFER_STANDS)
    leads = work.connection.execute(select(_LEADS.c.id).where(*recent, _LEADS.c.status.in_(OPEN_STATUSES))).scalars()
    of_these = (_HISTORY.c.entity == "lead", _HISTORY.c.entity_id.in_(list(leads)))
    steps = select(_HISTORY.c.entity_id, _HISTORY.c.act, _HISTORY.c.at).where(
        *of_these, _HISTORY.c.act.in_([*_TALKED, "follow_up"]), _HISTORY.c.person_id == person_id
    )
    last = {row.entity_id: row for row in work.connection.execute(steps.order_by(_HISTORY.c.id))}
    open_ = [row for row in last.values() if row.act in _TALKED and row.at > work.now - OFFER_STANDS]
    found = max(open_, key=lambda row: (row.at, row.entity_id), default=None)
    return None if found is None else (found.entity_id, found.at)


def is_planned(work: UnitOfWork, *, person_id: int, about: About, due_at: datetime) -> bool:
    """Whether the person is to be reminded of this record at this very time already."""
    mine = (_TASKS.c.person_id == person_id, _TASKS.c.about == about[0], _TASKS.c.about_id == about[1])
    coming = select(_TASKS.c.id).where(*mine, _TASKS.c.due_at == due_at, _TASKS.c.status == "open").limit(1)
    return work.connection.execute(coming).first() is not None


def _require_record(work: UnitOfWork, viewer: Member, about: About) -> None:
    kind, record_id = about
    if kind not in _READERS:
        raise Invalid(T("A reminder is about a customer, a lead or a deal."))
    _READERS[kind](work, viewer, record_id)


_READERS: dict[str, Callable[[UnitOfWork, Member, int], Any]] = {
    "customer": lambda work, viewer, record_id: get_customer(work, viewer=viewer, customer_id=record_id),
    "lead": lambda work, viewer, record_id: get_lead(work, viewer=viewer, lead_id=record_id),
    "deal": lambda work, viewer, record_id: get_deal(work, viewer=viewer, deal_id=record_id),
}
