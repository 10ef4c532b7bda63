"""Open steps that are left undecided for too long, and who above those asked may decide then. Guide 3.1.

Hours are working hours of who is asked, since the step came to them; where nobody who is asked is there, of who would
decide instead, since the last of those asked had left.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, text

from crm.core.history import HistoryEntry
from crm.core.types import Id, UTCDateTime
from crm.core.work import UnitOfWork
from crm.orders.approvals import ApprovalStep
from crm.orders.approvers import Circle, Deciders, deciders, read_circle, superiors_of
from crm.orders.escalations import StepEscalation
from crm.orders.orders import Order
from crm.people.absence import Away, absences_now, can_stand_in
from crm.people.people import Member, Role
from crm.people.presence import presences_of
from crm.sales.customers.customers import Customer


@dataclass(frozen=True, slots=True)
class SlowStep:
    """An open step, and who of those asked has had it for too long (`over`). `row`: STEP_COLUMNS; `escalated`: the
    superiors who may decide on it already; `left_at`: since when nobody who is asked has been there, None where
    somebody is.
    """

    row: Any
    deciders: Deciders
    escalated: tuple[int, ...]
    over: tuple[Member, ...]
    left_at: datetime | None
    there: tuple[Member, ...]

    @property
    def has_nobody(self) -> bool:
        return not self.deciders.asked

    @property
    def is_left_by_all(self) -> bool:
        """Whether everybody who is there has had it for too long, or nobody is."""
        return set(self.there) <= set(self.over)

    @property
    def passed_over(self) -> tuple[Member, ...]:
        """Instead of whom somebody above may decide; who is away counts when all who are there were too slow."""
        return tuple(self.deciders.asked) if self.is_left_by_all else self.over

    def deciders_with(self, superior: Member, circle: Circle) -> Deciders:
        """Who may decide if this superior may too."""
        return _deciders(self.row, circle, (*self.escalated, superior.id))


_STEPS = ApprovalStep.table()
_ORDERS = Order.table()
_CUSTOMERS = Customer.table()
_ESCALATIONS = StepEscalation.table()
_HISTORY = HistoryEntry.table()
IS_OPEN = text("approval_steps.status = 'pending'")  # an index's very words
FROM_STEPS = _STEPS.join(_ORDERS, _ORDERS.c.id == _STEPS.c.order_id).join(
    _CUSTOMERS, _CUSTOMERS.c.id == _ORDERS.c.customer_id
)
STEP_COLUMNS = (
    _STEPS.c.id.label("step_id"),
    _STEPS.c.order_id,
    _STEPS.c.role,
    _STEPS.c.asked_at,
    _STEPS.c.round,
    _STEPS.c.position,
    _ORDERS.c.number,
    _ORDERS.c.submitter_id,
    _CUSTOMERS.c.name.label("customer"),
)
_OPEN = (
    select(*STEP_COLUMNS)
    .select_from(FROM_STEPS)
    .where(IS_OPEN, _STEPS.c.asked_at <= bindparam("before", type_=UTCDateTime))
    .order_by(_STEPS.c.asked_at, _STEPS.c.id)
)
_HANDED = (
    select(_ESCALATIONS.c.step_id, _ESCALATIONS.c.person_id, _ESCALATIONS.c.at)
    .join(_STEPS, _STEPS.c.id == _ESCALATIONS.c.step_id)
    .where(IS_OPEN)
    .order_by(_ESCALATIONS.c.at, _ESCALATIONS.c.person_id)
)
_ROLES_GIVEN = (
    select(_HISTORY.c.entity_id, _HISTORY.c.at, _HISTORY.c.changes)
    .where(
        _HISTORY.c.entity == "person",
        _HISTORY.c.entity_id.in_(bindparam("people", expanding=True, type_=Id)),
        _HISTORY.c.act.in_(("added", "changed")),
        _HISTORY.c.at > bindparam("after", type_=UTCDateTime),
        _HISTORY.c.at <= bindparam("now", type_=UTCDateTime),
    )
    .order_by(_HISTORY.c.id)
)


def slow_steps(work: UnitOfWork, hours: timedelta) -> tuple[Circle, list[SlowStep]]:
    """The open steps that somebody has had for so much of their working time, those that somebody stands in for, and
    those that nobody who is there may decide on. No hours: only those that nobody may decide on at all.
    """
    rows = work.connection.execute(_OPEN, {"before": work.now}).all()
    circle = read_circle(work, *{row.submitter_id for row in rows})
    if not rows:
        return circle, []
    handed: dict[int, dict[int, datetime]] = {}
    for row in work.connection.execute(_HANDED):
        handed.setdefault(row.step_id, {})[row.person_id] = row.at
    who = {row.step_id: _deciders(row, circle, handed.get(row.step_id, ())) for row in rows}
    old = [row for row in rows if hours and row.asked_at <= work.now - hours]  # no fewer hours of the clock
    asked = {one.id for row in old for one in who[row.step_id].everybody}
    away = absences_now(work) if circle.away_until else {}
    given = _roles_given(work, asked, after=old[0].asked_at) if old else {}
    latest = latest_for(work, hours, asked)

    def came(row: Any, person: Member) -> datetime:
        """When the step came into this person's hands: of who stands in, when all they do it for had left."""
        absent = who[row.step_id].away_for.get(person.id, person)
        base: datetime = handed.get(row.step_id, {}).get(absent.id, row.asked_at)
        base = max(base, given.get((absent.id, row.role), base))
        if absent.id == person.id:
            return base
        return max([base, *(max(one.since, one.created_at) for one in _links(absent.id, circle, away))])

    def left(row: Any, person: Member) -> datetime:
        return max([came(row, person), *(one.since for one in _links(person.id, circle, away))])

    def look(row: Any, *, is_old: bool) -> SlowStep:
        step = who[row.step_id]
        there = tuple(one for one in step.asked if one.id not in circle.away_until)
        over = tuple(one for one in step.asked if is_old and came(row, one) <= latest[one.id])
        left_at = None if there or not is_old or not step.asked else max(left(row, one) for one in step.asked)
        return SlowStep(row, step, tuple(handed.get(row.step_id, ())), over, left_at, there)

    aged = {row.step_id for row in old}
    steps = [look(row, is_old=row.step_id in aged) for row in rows]
    wanted = [step for step in steps if step.row.step_id in aged or step.has_nobody]
    return circle, [
        step for step in wanted if step.over or step.deciders.away_for or step.left_at is not None or step.has_nobody
    ]


def latest_for(work: UnitOfWork, hours: timedelta, people: Iterable[int]) -> Mapping[int, datetime]:
    """For each of these people, the latest moment since which they have worked so long."""
    presences = presences_of(work, people)
    return {person_id: presence.since(hours, work.now) for person_id, presence in presences.items()}


def above(step: SlowStep, approver: Member, circle: Circle) -> list[Member]:
    """The superiors of an approver (or of the one they stand in for) who may decide too. Past the submitter, past whose
    role does not let them, and past who is away with nobody to decide for them but who may already.
    """
    found: list[Member] = []
    passed: set[int] = set()
    upwards = [step.deciders.away_for.get(approver.id, approver)]
    while upwards:
        for superior in superiors_of(upwards.pop(), circle):
            if superior.id in passed:
                continue
            passed.add(superior.id)
            if not _may(superior, step, circle):
                upwards.append(superior)
            elif not step.deciders.may(superior.id):
                found.append(superior)
    return found


def _may(superior: Member, step: SlowStep, circle: Circle) -> bool:
    """Whether this superior, or who stands in for them, is somebody to go up to."""
    submitter_id = step.row.submitter_id
    if superior.id == submitter_id or can_stand_in(superior) is not True:
        return False
    if superior.id not in circle.away_until:
        return True
    stand_in = circle.stand_in(superior.id, submitter_id=submitter_id)
    return stand_in is not None and not step.deciders.may(stand_in.id)


def _deciders(row: Any, circle: Circle, escalated: Iterable[int]) -> Deciders:
    return deciders(Role(row.role), submitter_id=row.submitter_id, circle=circle, escalated=escalated)


def _links(person_id: int, circle: Circle, away: Mapping[int, Away]) -> Iterator[Away]:
    """The absences through which what waits for somebody away goes on, from one delegate to the next."""
    passed: set[int] = set()
    at: int | None = person_id
    while at is not None and at in away and at not in passed:
        passed.add(at)
        yield away[at]
        at = circle.delegates.get(at)


def _roles_given(work: UnitOfWork, people: Iterable[int], *, after: datetime) -> dict[tuple[int, str], datetime]:
    """When each of these people was given a role, where that was after this moment."""
    given: dict[tuple[int, str], datetime] = {}
    for row in work.connection.execute(_ROLES_GIVEN, {"people": sorted(people), "after": after, "now": work.now}):
        before, now = row.changes.get("roles", (None, None))
        for role in set((now or "").split(",")) - set((before or "").split(",")):
            given[row.entity_id, role] = row.at
    return given
