"""Who waits for whose decision: how many orders, how long in the decider's working time, at what value. Guide 4."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from crm.core.work import UnitOfWork
from crm.orders.approvers import read_circle
from crm.orders.waiting import deciders_of, open_steps
from crm.people.calendar import calendar_of
from crm.people.people import Member, Role


@dataclass(frozen=True, slots=True)
class Waits:
    """One decider. `longest`: in their working time; `base_total` in the base currency; `submitters`: who waits."""

    decider: Member
    orders: int
    longest: timedelta
    base_total: Decimal
    submitters: tuple[str, ...]


def can_see_waits(person: Member) -> bool:
    return person.has(Role.SUPERVISOR, Role.FINANCE, Role.GM, Role.ADMIN)


def who_waits(work: UnitOfWork, *, viewer: Member) -> Sequence[Waits]:
    """The deciders that something waits for, the longest waiting first; to a supervisor of the own team's orders only.

    An order that several may decide on counts with each of them.
    """
    rows = open_steps(work)
    circle = read_circle(work, viewer.id, *{row.submitter_id for row in rows})
    sees_all = viewer.has(Role.FINANCE, Role.GM, Role.ADMIN)
    found: dict[int, list[Any]] = {}
    people: dict[int, Member] = {}
    for row in rows:
        submitter = circle.people.get(row.submitter_id)
        if not sees_all and (submitter is None or submitter.team_id != viewer.team_id):
            continue
        for one in deciders_of(row, circle).asked:
            people[one.id] = one
            found.setdefault(one.id, []).append(row)
    waits = [_waits(work, people[person_id], theirs) for person_id, theirs in found.items()]
    return sorted(waits, key=lambda one: (-one.longest, one.decider.name))


def _waits(work: UnitOfWork, decider: Member, rows: Sequence[Any]) -> Waits:
    calendar = calendar_of(work, person_id=decider.id)
    longest = max(calendar.worked(row.asked_at, work.now) for row in rows)
    total = sum((row.base_total for row in rows), Decimal(0))
    names = tuple(sorted({row.submitter_name for row in rows}))
    return Waits(decider, len(rows), longest, total, names)
