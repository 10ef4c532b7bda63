"""What somebody wants to be reminded of, and when. Guide 2.3: no follow-up is left to memory."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, bindparam, insert, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import copies, history
from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.history import SYSTEM, Actor
from crm.core.outbox import OutboxEntry
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Id, UTCDateTime
from crm.core.work import UnitOfWork
from crm.people.people import Member
from crm.people.telling import Due, send_cards
from crm.sales.customers import get_customer
from crm.sales.deals import get_deal
from crm.sales.leads import get_lead

MORNING = time(9)
"""When a day without a time is meant, in the person's zone."""
LONGEST_TEXT = 500
STANDING = ("open", "told")

About = tuple[str, int]
"""A record: `customer`, `lead` or `deal`, and its id."""


class Task(Base):
    """A reminder of `person_id`'s. `about` (`customer`, `lead`, `deal`), `about_id`: the record it belongs to, if any.

    `recurrence`: how it comes again (`crm.sales.recurrence`), None: once.
    `status`: `open` (not yet told), `told`, `done`, `continued` (done, and the next one made of it) or `dropped`.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        Index(
            "ix_tasks_due",
            "due_at",
            "id",
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
        Index(None, "person_id", "status"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    text: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    about: Mapped[str | None] = mapped_column(String(40))
    about_id: Mapped[int | None]
    recurrence: Mapped[str | None] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


_TASKS = Task.table()
_INSERT = insert(_TASKS).returning(_TASKS.c.id)
_BY_ID = select(_TASKS).where(_TASKS.c.id == bindparam("task"), _TASKS.c.person_id == bindparam("person"))
_DUE = (_TASKS.c.status == text("'open'"), _TASKS.c.due_at <= bindparam("now", type_=UTCDateTime))
_ANY_DUE = select(_TASKS.c.id).where(*_DUE).limit(1)
# Locked in a CTE of its own: a subquery with a limit might be run again for each row, and lock more than it takes.
_PICKED = (
    select(_TASKS.c.id)
    .where(*_DUE)
    .order_by(_TASKS.c.due_at, _TASKS.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("picked")
)
_CLAIM = (
    update(_TASKS)
    .where(_TASKS.c.id.in_(select(_PICKED.c.id)), _TASKS.c.status == text("'open'"))
    .values(status="told", told_at=bindparam("now", type_=UTCDateTime))
    .returning(_TASKS.c.id, _TASKS.c.person_id, _TASKS.c.due_at)
)


def add_task(
    work: UnitOfWork, *, actor: Member, platform: str, text: str, due_at: datetime, about: About | None = None
) -> int:
    """A reminder of the actor's own; returns its id. Raises Invalid (no text, past), NotFound (the record)."""
    words = text.strip()
    if not words or len(words) > LONGEST_TEXT:
        raise Invalid(T("A reminder needs a text of at most {most} characters.", most=LONGEST_TEXT))
    due_at = _to_come(work, due_at)
    kind, record_id = about or (None, None)
    if about is not None:
        _require_record(work, actor, about)
    values = {"person_id": actor.id, "text": words, "due_at": due_at, "about": kind, "about_id": record_id}
    task_id = int(work.connection.execute(_INSERT, values | {"status": "open", "created_at": work.now}).scalar_one())
    _record(work, actor, platform, task_id, "added", {"status": (None, "open"), "due_at": (None, due_at)})
    return task_id


def get_task(work: UnitOfWork, *, viewer: Member, task_id: int) -> Any:
    """The viewer's own reminder as a row of `tasks`. Raises NotFound for anybody else's."""
    row = work.connection.execute(_BY_ID, {"task": task_id, "person": viewer.id}).one_or_none()
    if row is None:
        raise NotFound(T("There is no such reminder of yours."))
    return row


def due_tasks(work: UnitOfWork, *, viewer: Member, most: int = 10) -> list[Any]:
    """The person's reminders due by the end of today (theirs) and not yet done, the oldest first."""
    tomorrow = work.now.astimezone(viewer.zone).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, time(), viewer.zone)
    where = (_TASKS.c.person_id == viewer.id, _TASKS.c.status.in_(STANDING), _TASKS.c.due_at < midnight)
    query = select(_TASKS).where(*where).order_by(_TASKS.c.due_at, _TASKS.c.id)
    return list(work.connection.execute(query.limit(most)).all())


def end_task(work: UnitOfWork, *, actor: Member, platform: str, task_id: int, act: str = "done") -> Any:
    """Over and done with, or (`act` `undone`) given up; returns the row as it was. Raises NotFound, Conflict.

    `act` is what the history calls it: `done`, `called`, `no_answer`, `undone`.
    """
    row = get_task(work, viewer=actor, task_id=task_id)
    status = "dropped" if act == "undone" else "done"
    ended = update(_TASKS).where(_TASKS.c.id == task_id, _TASKS.c.status.in_(STANDING))
    if work.connection.execute(ended.values(status=status, ended_at=work.now)).rowcount != 1:
        raise Conflict(T("This reminder is over already."))
    _record(work, actor, platform, task_id, act, {"status": (row.status, status)})
    copies.touch_card(work, card="task", subject_id=task_id)
    return row


def continue_task(work: UnitOfWork, *, actor: Member, platform: str, task_id: int, due_at: datetime) -> int:
    """The next reminder of the same kind, after one that is done, once; returns its id.

    Raises NotFound, Invalid (past), Conflict (not done, or continued already).
    """
    row = get_task(work, viewer=actor, task_id=task_id)
    done = update(_TASKS).where(_TASKS.c.id == task_id, _TASKS.c.status == "done")
    if work.connection.execute(done.values(status="continued")).rowcount != 1:
        raise Conflict(T("The next reminder is set already."))
    _record(work, actor, platform, task_id, "continued", {"status": ("done", "continued")})
    about = None if row.about is None else (row.about, row.about_id)
    return add_task(work, actor=actor, platform=platform, text=row.text, due_at=due_at, about=about)


def snooze_task(
    work: UnitOfWork, *, actor: Member, platform: str, task_id: int, seen: datetime, until: datetime
) -> datetime:
    """Put off, once, from the time it was `seen` to be due at; returns until when.

    Raises NotFound, Invalid (past), Conflict (over, or put off already).
    """
    get_task(work, viewer=actor, task_id=task_id)
    until = _never_told(work, task_id, _to_come(work, until))
    mine = (_TASKS.c.id == task_id, _TASKS.c.status.in_(STANDING), _TASKS.c.due_at == seen)
    if work.connection.execute(update(_TASKS).where(*mine).values(status="open", due_at=until)).rowcount != 1:
        row = get_task(work, viewer=actor, task_id=task_id)
        if row.status not in STANDING:
            raise Conflict(T("This reminder is over already."))
        raise Conflict(T("This reminder was put off already, until {at}.", at=row.due_at))
    _record(work, actor, platform, task_id, "snoozed", {"due_at": (seen, until)})
    copies.touch_card(work, card="task", subject_id=task_id)
    return until


def anything_due(work: UnitOfWork) -> bool:
    return work.connection.execute(_ANY_DUE, {"now": work.now}).first() is not None


def tell_due(work: UnitOfWork, *, most: int) -> int:
    """Claim at most so many reminders that are due, and put each one's card into the outbox; returns how many.

    Both in this transaction, so each is told once, whoever else does the same at the same time.
    """
    claimed = work.connection.execute(_CLAIM, {"now": work.now, "most": most}).all()
    rows = sorted(claimed, key=lambda row: (row.due_at, row.id))
    due = [Due(row.person_id, row.id, _key(row.id, row.due_at)) for row in rows]
    changes = {"status": ("open", "told")}
    history.record_each(
        work, actor=SYSTEM, entity="task", entity_ids=[row.id for row in rows], act="told", changes=changes
    )
    send_cards(work, card="task", due=due)
    return len(rows)


def _key(task_id: int, due_at: datetime) -> str:
    return f"task:{task_id}:{due_at.isoformat()}"


def _to_come(work: UnitOfWork, at: datetime) -> datetime:
    at = at.replace(microsecond=0)
    if at <= work.now:
        raise Invalid(T("{date} is in the past. Write a time to come, such as tomorrow 3pm.", date=at))
    return at


def _never_told(work: UnitOfWork, task_id: int, at: datetime) -> datetime:
    """This time, or a moment after it where (on a clock set back) it was told at this very time already."""
    told = select(OutboxEntry.id).where(OutboxEntry.key == bindparam("key"))
    at = at.astimezone(UTC)
    while work.connection.execute(told, {"key": _key(task_id, at)}).first():
        at += timedelta(seconds=1)
    return at


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


def _record(
    work: UnitOfWork, actor: Member, platform: str, task_id: int, act: str, changes: dict[str, tuple[Any, Any]]
) -> None:
    by = Actor(actor.id, platform)
    history.record(work, actor=by, entity="task", entity_id=task_id, act=act, changes=changes)
