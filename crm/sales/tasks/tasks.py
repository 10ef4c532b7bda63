"""What somebody wants to be reminded of, and when. Guide 2.3: no follow-up is left to memory."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    ForeignKey,
    Index,
    String,
    Text,
    bindparam,
    case,
    false,
    func,
    insert,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import copies, history
from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.history import SYSTEM, Actor, HistoryEntry
from crm.core.outbox import OutboxEntry
from crm.core.rules import shipped
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Id, UTCDateTime
from crm.core.work import UnitOfWork
from crm.people.calendar import calendars_of
from crm.people.people import Member
from crm.sales.tasks.recurrence import read_form
from crm.sales.touching import touch_lead

LONGEST_TEXT = 500
STANDING = ("open", "told")

About = tuple[str, int]
"""A record: `customer`, `lead` or `deal`, and its id."""


class Task(Base):
    """A reminder of `person_id`'s. `about` (`customer`, `lead`, `deal`), `about_id`: the record it belongs to, if any.

    `recurrence`: how it comes again (`crm.sales.tasks.recurrence`), with the one of a series that is still to come;
    `series_id`: the first of them. `has_time` False: a day was meant. `is_follow_up`: made of a lead's next follow-up.
    `status`: `open` (not yet told), `told`, `done`, `continued` (done, and the next one made of it), `missed` (not
    done when the next of its series was told) or `dropped`.
    `told_at` None where it came too late to be told by itself.
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
        Index(
            "ix_tasks_about",
            "about",
            "about_id",
            sqlite_where=text("about IS NOT NULL"),
            postgresql_where=text("about IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    text: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    has_time: Mapped[bool] = mapped_column(Boolean, server_default=true())
    about: Mapped[str | None] = mapped_column(String(40))
    about_id: Mapped[int | None]
    is_follow_up: Mapped[bool] = mapped_column(Boolean, server_default=false())
    recurrence: Mapped[str | None] = mapped_column(String(40))
    series_id: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


_TASKS = Task.table()
_HISTORY = HistoryEntry.table()
_INSERT = insert(_TASKS).returning(_TASKS.c.id)
_BY_ID = select(_TASKS).where(_TASKS.c.id == bindparam("task"), _TASKS.c.person_id == bindparam("person"))
_NEXT_OF = select(_TASKS).where(
    _TASKS.c.person_id == bindparam("person"),
    _TASKS.c.status == text("'open'"),
    or_(_TASKS.c.series_id == bindparam("series"), _TASKS.c.id == bindparam("series")),
    _TASKS.c.recurrence.is_not(None),
)
_GO_ON = (
    update(_TASKS)
    .where(_TASKS.c.id == bindparam("of_task"))
    .values(
        due_at=bindparam("came_at", type_=UTCDateTime),
        told_at=bindparam("was_told", type_=UTCDateTime),
        series_id=bindparam("of_series"),
        recurrence=None,
    )
)


def insert_task(work: UnitOfWork, *, by: Actor, person_id: int, due_at: datetime, **values: Any) -> int:
    """Write a reminder for somebody (columns of `tasks`), whoever makes it; returns its id. Raises Invalid (past)."""
    due_at = to_come(work, due_at)
    row = {"person_id": person_id, "due_at": due_at, "status": "open", "created_at": work.now, **values}
    task_id = int(work.connection.execute(_INSERT, row).scalar_one())
    changes = {"status": (None, "open"), "due_at": (None, due_at)}
    history.record(work, actor=by, entity="task", entity_id=task_id, act="added", changes=changes)
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
    return standing_tasks(work, viewer=viewer, before=midnight, most=most)[0]


def standing_tasks(
    work: UnitOfWork,
    *,
    viewer: Member,
    before: datetime | None = None,
    offset: int = 0,
    most: int = 10,
    today_first: bool = False,
) -> tuple[list[Any], int]:
    """The person's reminders not yet done, due `before` then, the oldest first, and how many in all.

    `today_first`: before what was left, the latest of it first, those of their day; of these first what has its time.
    """
    where = [_TASKS.c.person_id == viewer.id, _TASKS.c.status.in_(STANDING)]
    if before is not None:
        where.append(_TASKS.c.due_at < before)
    order = _today_first(work, viewer) if today_first else (_TASKS.c.due_at, _TASKS.c.id)
    query = select(_TASKS).where(*where).order_by(*order).offset(offset).limit(most)
    rows = list(work.connection.execute(query).all())
    if not offset and len(rows) < most:
        return rows, len(rows)
    return rows, int(work.connection.execute(select(func.count()).select_from(_TASKS).where(*where)).scalar_one())


def _today_first(work: UnitOfWork, viewer: Member) -> Sequence[Any]:
    is_today = _TASKS.c.due_at >= datetime.combine(work.now.astimezone(viewer.zone).date(), time(), viewer.zone)
    rank = case((is_today & _TASKS.c.has_time, 0), (is_today, 1), else_=2)
    return rank, case((is_today, _TASKS.c.due_at)), _TASKS.c.due_at.desc(), _TASKS.c.id


def end_task(work: UnitOfWork, *, actor: Member, platform: str, task_id: int, act: str = "done") -> Any:
    """Over and done with, or (`act` `undone`) given up; returns the row as it was. Raises NotFound, Conflict.

    `act` is what the history calls it: `done`, `called`, `no_answer`, `undone`. One that comes again and was not told
    yet goes on to its next time, unless it is given up.
    """
    # Locked before it is read: what is being told at this moment goes on by that, and not a second time by this.
    work.connection.execute(_BY_ID.with_for_update(), {"task": task_id, "person": actor.id}).all()
    row = get_task(work, viewer=actor, task_id=task_id)
    status = "dropped" if act == "undone" else "done"
    ended = update(_TASKS).where(_TASKS.c.id == task_id, _TASKS.c.status.in_(STANDING))
    if work.connection.execute(ended.values(status=status, ended_at=work.now)).rowcount != 1:
        raise Conflict(T("This reminder is over already."))
    _record(work, actor, platform, task_id, act, {"status": (row.status, status)})
    if row.recurrence is not None and status == "done":
        go_on(work, [row], {row.id: (row.due_at, row.told_at)})
    _touch(work, actor.id, task_id)
    if row.about == "lead" and status == "done":
        touch_lead(work, person_id=actor.id, lead_id=row.about_id)
    return row


def outcome_of(work: UnitOfWork, task: Any) -> str | None:
    """`called` or `no_answer` where that is how the reminder ended, else None."""
    c = _HISTORY.c
    which = (c.entity == "task", c.entity_id == task.id, c.act.in_(("called", "no_answer")))
    return work.connection.execute(select(c.act).where(*which).order_by(c.id.desc()).limit(1)).scalar()


def snooze_task(
    work: UnitOfWork, *, actor: Member, platform: str, task_id: int, seen: datetime, until: datetime
) -> datetime:
    """Put off, once, from the time it was `seen` to be due at; returns until when. Of those that come again only this
    one is: the next comes when it would have.

    Raises NotFound, Invalid (past), Conflict (over, or put off already).
    """
    work.connection.execute(_BY_ID.with_for_update(), {"task": task_id, "person": actor.id}).all()
    row = get_task(work, viewer=actor, task_id=task_id)
    if row.recurrence is not None and row.due_at == seen:
        go_on(work, [row], {row.id: (row.due_at, row.told_at)})
    until = _never_told(work, task_id, to_come(work, until))
    mine = (_TASKS.c.id == task_id, _TASKS.c.status.in_(STANDING), _TASKS.c.due_at == seen)
    values = {"status": "open", "due_at": until, "has_time": True}
    if work.connection.execute(update(_TASKS).where(*mine).values(values)).rowcount != 1:
        row = get_task(work, viewer=actor, task_id=task_id)
        if row.status not in STANDING:
            raise Conflict(T("This reminder is over already."))
        raise Conflict(T("This reminder was put off already, until {at}.", at=row.due_at))
    _record(work, actor, platform, task_id, "snoozed", {"due_at": (seen, until)})
    _touch(work, actor.id, task_id)
    return until


def next_of_series(work: UnitOfWork, *, task: Any) -> Any:
    """The reminder to come of those that `task` is one of, itself perhaps; None where none comes any more."""
    if task.recurrence is None and task.series_id is None:
        return None
    series = {"person": task.person_id, "series": task.series_id or task.id}
    return work.connection.execute(_NEXT_OF, series).first()


def stop_series(work: UnitOfWork, *, actor: Member, platform: str, task_id: int) -> None:
    """It comes no more; one that was told stays to be done. Raises NotFound, Conflict (comes no more already)."""
    row = get_task(work, viewer=actor, task_id=task_id)
    coming = next_of_series(work, task=row)
    stopped = update(_TASKS).where(_TASKS.c.id == (coming and coming.id), _TASKS.c.status == "open")
    dropped = stopped.values(status="dropped", ended_at=work.now)
    if coming is None or work.connection.execute(dropped).rowcount != 1:
        raise Conflict(T("This reminder does not come again."))
    _record(work, actor, platform, coming.id, "stopped", {"status": ("open", "dropped")})
    for one in {task_id, coming.id}:
        _touch(work, actor.id, one)


def go_on(work: UnitOfWork, rows: Iterable[Any], came: Mapping[int, tuple[datetime, datetime | None]]) -> None:
    """Each of these that come again goes on to its next time, a reminder of its own.

    `came`: of each when it came this time and when it was told, in place of those it missed.
    """
    rows = list(rows)
    calendars = calendars_of(work, {row.person_id for row in rows})
    nexts, done = [], []
    for row in rows:
        at, told_at = came[row.id]
        series = row.series_id or row.id
        done.append({"of_task": row.id, "came_at": at, "was_told": told_at, "of_series": series})
        coming = read_form(row.recurrence).next_after(work.now, calendars[row.person_id], last=at)
        kept = {name: getattr(row, name) for name in _OF_SERIES}
        nexts.append(kept | {"due_at": coming, "series_id": series, "status": "open", "created_at": work.now})
    if nexts:
        work.connection.execute(_GO_ON, done)
        added = work.connection.execute(_INSERT, nexts).scalars().all()
        changes = {"status": (None, "open")}
        history.record_each(work, actor=SYSTEM, entity="task", entity_ids=added, act="added", changes=changes)


_OF_SERIES = ("person_id", "text", "about", "about_id", "has_time", "recurrence")


def task_key(task_id: int, due_at: datetime) -> str:
    """The key in the outbox under which a reminder due then is told once."""
    return f"task:{task_id}:{due_at.isoformat()}"


def to_come(work: UnitOfWork, at: datetime) -> datetime:
    """This time, in whole seconds. Raises Invalid where it is past."""
    at = at.replace(microsecond=0)
    if at <= work.now:
        raise Invalid(T("{date} is in the past. Write a time to come, such as tomorrow 3pm.", date=at))
    return at


def clock_time(rules: Mapping[str, str], key: str) -> time:
    """A rule that is a time of day; what comes with the program where it was set to something else."""
    try:
        return time.fromisoformat(rules[key])
    except ValueError:
        return time.fromisoformat(shipped()[key])


def _never_told(work: UnitOfWork, task_id: int, at: datetime) -> datetime:
    """This time, or a moment after it where (on a clock set back) it was told at this very time already."""
    told = select(OutboxEntry.id).where(OutboxEntry.key == bindparam("key"))
    at = at.astimezone(UTC)
    while work.connection.execute(told, {"key": task_key(task_id, at)}).first():
        at += timedelta(seconds=1)
    return at


def _touch(work: UnitOfWork, person_id: int, task_id: int) -> None:
    """Its card, and the list of what is due."""
    copies.touch_card(work, card="task", subject_id=task_id)
    copies.touch_card(work, card="due", subject_id=person_id)


def _record(
    work: UnitOfWork, actor: Member, platform: str, task_id: int, act: str, changes: dict[str, tuple[Any, Any]]
) -> None:
    by = Actor(actor.id, platform)
    history.record(work, actor=by, entity="task", entity_id=task_id, act=act, changes=changes)
