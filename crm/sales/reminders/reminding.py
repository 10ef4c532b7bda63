"""Reminders that have fallen due: claimed and told, or left to the digest; many at once as one list."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, func, null, select, text, update

from crm.core import copies, history
from crm.core.history import SYSTEM
from crm.core.outbox import OutboxEntry
from crm.core.rules import read_rules, whole_of
from crm.core.types import UTCDateTime
from crm.core.work import UnitOfWork
from crm.people.calendar import calendars_of
from crm.people.people import Person, PersonRole, Role
from crm.people.telling import Due, send_cards
from crm.sales.leads.leads import OPEN_STATUSES, Lead
from crm.sales.tasks.recurrence import read_form
from crm.sales.tasks.tasks import Task, go_on, task_key

AT_ONCE = timedelta(minutes=1)
"""What is told to somebody within so long counts as told at once."""
_URGENTLY = ":urgent"
_MOST_COUNTED = 20_000
"""Due reminders among which those who have many are looked for: what one tick tells, and more."""

_TASKS = Task.table()
_LEADS = Lead.table()
_PEOPLE = Person.table()
_ROLES = PersonRole.table()
_OUTBOX = OutboxEntry.table()
_DUE = (_TASKS.c.status == text("'open'"), _TASKS.c.due_at <= bindparam("now", type_=UTCDateTime))
_IS_TOLD = _TASKS.c.due_at > bindparam("overdue", type_=UTCDateTime)
_ANY_DUE = select(_TASKS.c.id).where(*_DUE).limit(1)
# Whose they are is counted among rows found by when they are due: there may be a million that are not.
_FOUND = select(_TASKS.c.person_id).where(*_DUE, _IS_TOLD).order_by(_TASKS.c.due_at, _TASKS.c.id).limit(_MOST_COUNTED)
_OF_EACH = _FOUND.subquery()
_CROWDED = select(_OF_EACH.c.person_id).group_by(_OF_EACH.c.person_id).having(func.count() > bindparam("most"))
# Locked in a CTE of its own: a subquery with a limit might be run again for each row, and lock more than it takes.
# Of one moment a person's stand together: their rows lie on the same pages of the indexes, written once and not by
# each batch again.
_PICKED = (
    select(_TASKS.c.id)
    .where(*_DUE)
    .order_by(_TASKS.c.due_at, _TASKS.c.person_id, _TASKS.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("picked")
)
_CLAIM = (
    update(_TASKS)
    .where(_TASKS.c.id.in_(select(_PICKED.c.id)), _TASKS.c.status == text("'open'"))
    .values(status="told", told_at=case((_IS_TOLD, bindparam("now", type_=UTCDateTime)), else_=null()))
    .returning(
        _TASKS.c.id,
        _TASKS.c.person_id,
        _TASKS.c.due_at,
        _TASKS.c.has_time,
        _TASKS.c.is_follow_up,
        _TASKS.c.recurrence,
        _TASKS.c.series_id,
    )
)
_TOLD_LATELY = (
    select(_TASKS.c.person_id, func.count())
    .where(
        _TASKS.c.person_id.in_(bindparam("people", expanding=True)),
        _TASKS.c.status == text("'told'"),
        _TASKS.c.told_at > bindparam("since", type_=UTCDateTime),
    )
    .group_by(_TASKS.c.person_id)
)
_STILL_FOLLOWED = (
    select(_TASKS.c.id)
    .join(_LEADS, (_LEADS.c.id == _TASKS.c.about_id) & (_LEADS.c.owner_id == _TASKS.c.person_id))
    .where(_TASKS.c.id.in_(bindparam("tasks", expanding=True)), _LEADS.c.status.in_(OPEN_STATUSES))
)
_EARLIER = (
    update(_TASKS)
    .where(
        _TASKS.c.series_id.in_(bindparam("series", expanding=True)),
        _TASKS.c.id.not_in(bindparam("latest", expanding=True)),
        _TASKS.c.status == text("'told'"),
    )
    .values(status="missed", ended_at=bindparam("now", type_=UTCDateTime))
    .returning(_TASKS.c.id, _TASKS.c.person_id)
)
_DIGEST_ROLES = (Role.REP.value, Role.SUPERVISOR.value, Role.FINANCE.value)
"""Who gets a digest every working day."""
_WITH_DIGEST = select(_PEOPLE.c.id).where(
    _PEOPLE.c.id.in_(bindparam("people", expanding=True)),
    _PEOPLE.c.wants_digest,
    _PEOPLE.c.id.in_(select(_ROLES.c.person_id).where(_ROLES.c.role.in_(_DIGEST_ROLES))),
)
_DROP = update(_TASKS).where(_TASKS.c.id.in_(bindparam("tasks", expanding=True))).values(status="dropped")


def anything_due(work: UnitOfWork) -> bool:
    return work.connection.execute(_ANY_DUE, {"now": work.now}).first() is not None


def crowded_people(work: UnitOfWork) -> frozenset[int]:
    """Those for whom more are due at once than are told one by one (`tasks.list_over`)."""
    rules = read_rules(work)
    values = {"now": work.now, "overdue": _overdue(work, rules), "most": whole_of(rules, "tasks.list_over")}
    return frozenset(work.connection.execute(_CROWDED, values).scalars())


def tell_due(work: UnitOfWork, *, most: int, crowded: Collection[int] = frozenset()) -> int:
    """Claim at most so many reminders that are due, and put each one's card into the outbox; returns how many.

    Both in this transaction, so each is told once, whoever else does the same at the same time. One that comes again
    goes on to its next time, and ends the one before it. One later than `tasks.late_hours` is not told by itself; it
    stands in the digest, or, of who gets none, in a list. Who is `crowded`, or was told more than `tasks.list_over`
    within a minute, gets one list of what is due.

    Somebody's own time is kept in their quiet hours too: who asks for 22:30 gets 22:30. A day alone obeys them.
    """
    rules = read_rules(work)
    overdue = _overdue(work, rules)
    claimed = work.connection.execute(_CLAIM, {"now": work.now, "most": most, "overdue": overdue}).all()
    came = {row.id: (row.due_at, work.now if row.due_at > overdue else None) for row in claimed}
    came |= _came_again(work, [row.id for row in claimed if row.recurrence is not None], overdue)
    over = _given_up(work, claimed) | _missed(work, claimed, came)
    told = [row for row in claimed if came[row.id][1] is not None and row.id not in over]
    left = [row for row in claimed if came[row.id][1] is None and row.id not in over]
    _record(work, [row.id for row in told], "told")
    _record(work, [row.id for row in left], "left")
    lists = _crowd(work, told, crowded, over=whole_of(rules, "tasks.list_over"))
    singly = sorted((row for row in told if row.person_id not in lists), key=lambda row: (came[row.id][0], row.id))
    for has_time in (True, False):
        due = [
            Due(row.person_id, row.id, task_key(row.id, came[row.id][0])) for row in singly if row.has_time is has_time
        ]
        if due:
            send_cards(work, card="task", due=due, urgent=has_time)
    urgent = dict.fromkeys(_without_digest(work, {row.person_id for row in left}), False)
    for row in told:
        if row.person_id in lists:
            urgent[row.person_id] = urgent.get(row.person_id, False) or row.has_time
    _send_lists(work, urgent)
    return len(claimed)


def _came_again(
    work: UnitOfWork, task_ids: Sequence[int], overdue: datetime
) -> Mapping[int, tuple[datetime, datetime | None]]:
    """Those that come again go on; of each when it came the last time, and when it is told: missed ones are not."""
    if not task_ids:
        return {}
    again = work.connection.execute(select(_TASKS).where(_TASKS.c.id.in_(task_ids))).all()
    calendars = calendars_of(work, {row.person_id for row in again})
    came: dict[int, tuple[datetime, datetime | None]] = {}
    for row in again:
        at = read_form(row.recurrence).latest(work.now, calendars[row.person_id], due=row.due_at)
        came[row.id] = (at, work.now if at > overdue else None)
    go_on(work, again, came)
    return came


def _given_up(work: UnitOfWork, claimed: Iterable[Any]) -> set[int]:
    """Follow-ups of leads that are closed, or another's by now: nobody is told of them."""
    made = {row.id for row in claimed if row.is_follow_up}
    if not made:
        return made
    given_up = made - set(work.connection.execute(_STILL_FOLLOWED, {"tasks": list(made)}).scalars())
    if given_up:
        work.connection.execute(_DROP, {"tasks": list(given_up)})
        _record(work, sorted(given_up), "dropped")
    return given_up


def _missed(work: UnitOfWork, claimed: Iterable[Any], came: Mapping[int, tuple[datetime, datetime | None]]) -> set[int]:
    """Of each series the last one alone stands: those told before it, and not done, are over."""
    latest: dict[int, int] = {}
    for row in sorted(claimed, key=lambda row: (came[row.id][0], row.id)):
        if row.series_id is not None or row.recurrence is not None:
            latest[row.series_id or row.id] = row.id
    if not latest:
        return set()
    values = {"series": list(latest), "latest": list(latest.values()), "now": work.now}
    missed = work.connection.execute(_EARLIER, values).all()
    ids = sorted(row.id for row in missed)
    if ids:
        changes = {"status": ("told", "missed")}
        history.record_each(work, actor=SYSTEM, entity="task", entity_ids=ids, act="missed", changes=changes)
        # One process at a time for each person's list.
        _lock_people(work, {row.person_id for row in claimed})
        copies.touch_each(work, card="task", subject_ids=ids)
        copies.touch_each(work, card="due", subject_ids={row.person_id for row in missed})
    return set(ids)


def _without_digest(work: UnitOfWork, people: set[int]) -> set[int]:
    """Those of these whom no digest tells what came too late: none is made for them within a day, or they want none."""
    if not people:
        return people
    return people - set(work.connection.execute(_WITH_DIGEST, {"people": list(people)}).scalars())


def _crowd(work: UnitOfWork, told: Sequence[Any], crowded: Collection[int], *, over: int) -> set[int]:
    people = {row.person_id for row in told}
    if not people:
        return people
    lately = work.connection.execute(_TOLD_LATELY, {"people": list(people), "since": work.now - AT_ONCE}).all()
    return {person_id for person_id, count in lately if count > over} | (people & set(crowded))


def _send_lists(work: UnitOfWork, urgent: Mapping[int, bool]) -> None:
    """One list to each of these people; who was just sent one sees the rest in it.

    One that is held for the end of quiet hours is not sent yet to whom it is `urgent`.
    """
    if not urgent:
        return
    # One process at a time for each: the second then finds what the first has sent.
    _lock_people(work, urgent)
    minutes = [f"{work.now.astimezone(UTC) - ago:%Y-%m-%dT%H:%M}" for ago in (timedelta(), AT_ONCE)]
    keys = {f"due:{one}:{at}{kind}": (one, kind) for one in urgent for at in minutes for kind in ("", _URGENTLY)}
    sent = select(_OUTBOX.c.key, _OUTBOX.c.not_before).where(_OUTBOX.c.key.in_(keys))
    known = set()
    for key, not_before in work.connection.execute(sent):
        one, kind = keys[str(key)]
        if kind or not urgent[one] or not_before is None or not_before <= work.now:
            known.add(one)
    for is_urgent in (True, False):
        to = [one for one in sorted(urgent) if urgent[one] is is_urgent and one not in known]
        due = [Due(one, one, f"due:{one}:{minutes[0]}{_URGENTLY if is_urgent else ''}") for one in to]
        if due:
            send_cards(work, card="due", due=due, urgent=is_urgent)
    copies.touch_each(work, card="due", subject_ids=known)


def _lock_people(work: UnitOfWork, people: Iterable[int]) -> None:
    locked = select(_PEOPLE.c.id).where(_PEOPLE.c.id.in_(list(people))).order_by(_PEOPLE.c.id)
    work.connection.execute(locked.with_for_update(key_share=True)).all()


def _overdue(work: UnitOfWork, rules: Mapping[str, str]) -> datetime:
    """What was due by then is told of in the digest only."""
    return work.now - timedelta(hours=float(rules["tasks.late_hours"]))


def _record(work: UnitOfWork, task_ids: Sequence[int], act: str) -> None:
    changes = {"status": ("open", "dropped" if act == "dropped" else "told")}
    history.record_each(work, actor=SYSTEM, entity="task", entity_ids=task_ids, act=act, changes=changes)
