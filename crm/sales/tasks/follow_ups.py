"""A lead's next follow-up with a time is a reminder of its owner's; what is over with a record is not. Guide 2.3."""

from datetime import datetime

from sqlalchemy import ColumnElement, select, update

from crm.core import copies, history
from crm.core.history import Actor
from crm.core.work import UnitOfWork
from crm.sales.tasks.tasks import LONGEST_TEXT, STANDING, About, Task, insert_task

_TASKS = Task.table()


def plan_follow_up(
    work: UnitOfWork, *, by: Actor, owner_id: int, lead_id: int, text: str, at: datetime, has_time: bool = True
) -> None:
    """Remind the lead's owner at the time of its next follow-up, in place of what was planned before.

    A time gone by is nobody's to be reminded of.
    """
    drop_follow_up(work, by=by, lead_id=lead_id)
    remind_of(work, by=by, owner_id=owner_id, lead_id=lead_id, text=text, at=at, has_time=has_time)


def remind_of(
    work: UnitOfWork, *, by: Actor, owner_id: int, lead_id: int, text: str, at: datetime, has_time: bool = True
) -> None:
    """`plan_follow_up` of a lead for which nothing was planned before."""
    if at > work.now:
        values = {"text": " ".join(text.split())[:LONGEST_TEXT], "about": "lead", "about_id": lead_id}
        values |= {"has_time": has_time}
        insert_task(work, by=by, person_id=owner_id, due_at=at, is_follow_up=True, **values)


def drop_follow_up(work: UnitOfWork, *, by: Actor, lead_id: int, but: int = 0) -> None:
    """The lead is closed, or followed up at another time; `but`: the reminder of that."""
    which = (_TASKS.c.is_follow_up, _TASKS.c.status.in_(STANDING), _TASKS.c.id != but)
    _end(work, by, ("lead", lead_id), *which, status="dropped")


def end_told(work: UnitOfWork, *, by: Actor, about: About) -> None:
    """The record is closed: what was told of it is over. What is still to come was set for a reason, and stays."""
    _end(work, by, about, _TASKS.c.status == "told", status="done")


def take_up_again(work: UnitOfWork, *, by: Actor, about: About, ended_at: datetime) -> list[int]:
    """What ended the reminders of this record at that moment was taken back: they stand as they did; returns their ids.

    One that was told is told still; one whose time has not come waits for it.
    """
    mine = (_TASKS.c.about == about[0], _TASKS.c.about_id == about[1], _TASKS.c.ended_at == ended_at)
    ended = (*mine, _TASKS.c.status.in_(("done", "dropped")))
    rows = work.connection.execute(select(_TASKS.c.id, _TASKS.c.person_id, _TASKS.c.status).where(*ended)).all()
    for row in rows:
        status = "told" if row.status == "done" else "open"
        work.connection.execute(update(_TASKS).where(_TASKS.c.id == row.id).values(status=status, ended_at=None))
    ids = [row.id for row in rows]
    if rows:
        history.record_each(work, actor=by, entity="task", entity_ids=ids, act="taken up again")
        copies.touch_each(work, card="task", subject_ids=ids)
        copies.touch_each(work, card="due", subject_ids={row.person_id for row in rows})
    return ids


def _end(work: UnitOfWork, by: Actor, about: About, *which: ColumnElement[bool], status: str) -> None:
    mine = (_TASKS.c.about == about[0], _TASKS.c.about_id == about[1], *which)
    ended = update(_TASKS).where(*mine).values(status=status, ended_at=work.now)
    rows = work.connection.execute(ended.returning(_TASKS.c.id, _TASKS.c.person_id)).all()
    if rows:
        ids = [row.id for row in rows]
        history.record_each(work, actor=by, entity="task", entity_ids=ids, act=status)
        copies.touch_each(work, card="task", subject_ids=ids)
        copies.touch_each(work, card="due", subject_ids={row.person_id for row in rows})
