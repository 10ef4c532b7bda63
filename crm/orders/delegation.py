"""What waits for a decision moves with absences: to the delegate while somebody is away, back when they return.

Who may decide is a matter of rows (`crm.people.absence`, read by `approvers`) from the moment on that an absence begins
or ends; here the cards follow: a new reader gets the card, every copy is drawn anew. Guide 3.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, select, update

from crm.core.types import UTCDateTime
from crm.core.work import UnitOfWork
from crm.orders.approvals import CARD, touch_cards
from crm.orders.approvers import read_circle
from crm.orders.quotes.waiting import hand_over_prices
from crm.orders.waiting import deciders_of, open_steps
from crm.people import absence
from crm.people.absence import (
    IN_FORCE,
    READ,
    Absence,
    Away,
    absence_of,
    absences_now,
    back_at,
    read_away,
    stand_in_for,
)
from crm.people.calendar import calendars_of
from crm.people.people import Member
from crm.people.reach import show_card


@dataclass(frozen=True, slots=True)
class Left:
    """An absence just noted, and how many orders that waited were handed over with it."""

    away: Away
    handed_over: int


_ABSENCES = Absence.table()
_NOW = bindparam("now", type_=UTCDateTime)
_TO_BEGIN = and_(IN_FORCE, _ABSENCES.c.begun_at.is_(None))
_TO_END = and_(_ABSENCES.c.ended_at.is_(None), _ABSENCES.c.until <= _NOW)
_ANY_OVER = select(_ABSENCES.c.id).where(_TO_END).limit(1)
_A_DAY = timedelta(days=1)


def go_away(
    work: UnitOfWork,
    *,
    actor: Member,
    platform: str,
    since: datetime | None,
    until: datetime,
    delegate_id: int | None,
) -> Left:
    """`absence.go_away`, and what waits for the actor goes to who decides for them from now on."""
    absence.hold_alone(work)
    before = _in_force(work, actor.id)
    away = absence.go_away(work, actor=actor, platform=platform, since=since, until=until, delegate_id=delegate_id)
    return Left(away, hand_over(work, person_id=actor.id, before=before))


def come_back(work: UnitOfWork, *, actor: Member, platform: str, act: str = "back") -> Away:
    """`absence.come_back`, and what is still open is the actor's again."""
    absence.hold_alone(work)
    before = _in_force(work, actor.id)
    away = absence.come_back(work, actor=actor, platform=platform, act=act)
    hand_over(work, person_id=actor.id, before=before)
    return away


def anything_due(work: UnitOfWork) -> bool:
    """Whether there is anything to hand over, or an absence is over. Reads only."""
    return work.connection.execute(_ANY_OVER, {"now": work.now}).first() is not None or bool(_beginning(work))


def follow_the_clock(work: UnitOfWork) -> int:
    """Hand over for every absence that is over by now, or has begun and whose stand-in is at work; returns how many.
    Of any number of processes that do so at once, one does it for each.
    """
    absence.hold_alone(work)
    ended = _claim(work, _TO_END, {"ended_at": _ABSENCES.c.until})
    due = and_(_TO_BEGIN, _ABSENCES.c.id.in_(_beginning(work)))
    begun = _claim(work, due, {"begun_at": work.now})
    for away in ended:
        hand_over(work, person_id=away.person_id, before=away)
    for away in begun:
        hand_over(work, person_id=away.person_id, before=None, asked_before=away.since)
    return len(ended) + len(begun)


def hand_over(work: UnitOfWork, *, person_id: int, before: Away | None, asked_before: datetime | None = None) -> int:
    """Give who is now asked to decide, and was not with the absence `before` of this person, the cards of what waits;
    copies that say something else now are drawn anew. Returns how many orders went to a stand-in.

    `asked_before`: what was asked from then on came to the stand-in at once.
    """
    rows = open_steps(work)
    now = read_circle(work, *{row.submitter_id for row in rows})
    then = now.with_absence(person_id, before)
    moved = 0
    for row in rows:
        asked, once = deciders_of(row, now), deciders_of(row, then)
        if asked == once and person_id not in asked.resting:
            continue
        touch_cards(work, order_id=row.order_id)
        if asked_before is not None and row.asked_at >= asked_before:
            continue
        known = {person.id for person in once.asked}
        new = [person for person in asked.stand_ins if person.id not in known]
        for person in new:
            show_card(work, person_id=person.id, card=CARD, subject_id=row.order_id)
        moved += bool(new)
    hand_over_prices(work, person_id=person_id, now=now, then=then, asked_before=asked_before)
    return moved


def _in_force(work: UnitOfWork, person_id: int) -> Away | None:
    away = absence_of(work, person_id=person_id)
    return away if away is not None and away.has_begun(work.now) else None


def _beginning(work: UnitOfWork) -> list[int]:
    """Absences that have begun and are to be handed over: once who stands in is at work, lest cards ring at night."""
    begun = [read_away(row) for row in work.connection.execute(READ.where(_TO_BEGIN), {"now": work.now})]
    if not begun:
        return []
    delegates = {person_id: away.delegate_id for person_id, away in absences_now(work).items()}
    stand_ins = {away.id: stand_in_for(away.person_id, delegates) for away in begun}
    calendars = calendars_of(work, {one for one in stand_ins.values() if one is not None})

    def is_due(away: Away) -> bool:
        stand_in = stand_ins[away.id]
        if stand_in is None or calendars[stand_in].is_at_work(work.now):
            return True
        return back_at(calendars[stand_in], away.since) <= work.now - _A_DAY  # who has no hours, or a day too late

    return [away.id for away in begun if is_due(away)]


def _claim(work: UnitOfWork, due: ColumnElement[bool], done: Mapping[str, Any]) -> list[Away]:
    """Mark those absences, and return the ones that nobody else has marked meanwhile."""
    found = work.connection.execute(READ.where(due), {"now": work.now}).all()
    claimed = []
    for row in found:
        mine = update(_ABSENCES).where(_ABSENCES.c.id == row.id, due).values(done)
        if work.connection.execute(mine, {"now": work.now}).rowcount == 1:
            claimed.append(read_away(row))
    return claimed
