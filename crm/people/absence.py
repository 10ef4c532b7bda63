"""Who is away, until when, and who decides for them meanwhile. Guide 3.1."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, Index, and_, bindparam, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import copies, history
from crm.core.errors import Conflict, Invalid
from crm.core.history import Actor
from crm.core.tables import Base
from crm.core.text import T, Text
from crm.core.types import Id, UTCDateTime
from crm.core.work import UnitOfWork
from crm.people.calendar import WorkCalendar
from crm.people.people import Member, Person, Role, find_member
from crm.people.permissions import Allowed, require
from crm.people.reach import HOME, tell

STAND_INS = (Role.SUPERVISOR, Role.FINANCE, Role.GM)
"""Who may decide for somebody away: the card they decide on shows margins."""


class Absence(Base):
    """Somebody's time away. `delegate_id` None: nobody decides for them. `begun_at`: when what waited for them was
    handed over; `ended_at`: back before `until`, or over; `welcomed_at`: when they were told what had happened
    meanwhile.
    """

    __tablename__ = "absences"
    __table_args__ = (Index(None, "person_id", "until"), Index(None, "delegate_id"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    delegate_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    until: Mapped[datetime] = mapped_column(UTCDateTime)
    begun_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    welcomed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


@dataclass(frozen=True, slots=True)
class Away:
    """An absence as read. `timezone`: the person's, in which its days are meant."""

    id: int
    person_id: int
    name: str
    timezone: str
    since: datetime
    until: datetime
    created_at: datetime
    delegate_id: int | None = None
    delegate_name: str | None = None

    def has_begun(self, now: datetime) -> bool:
        return self.since <= now

    @property
    def until_words(self) -> Text:
        return until_words(self.until, self.timezone)

    @property
    def since_words(self) -> Text:
        """`Mon 2 Mar 2026`, with the time where it is not the beginning of a day."""
        local = self.since.astimezone(ZoneInfo(self.timezone))
        return T("{date}", date=local.date() if local.time() == time() else self.since)


_ABSENCES = Absence.table()
_PEOPLE = Person.table()
_DELEGATES = _PEOPLE.alias("delegates")
_NOW = bindparam("now", type_=UTCDateTime)
STANDING = and_(_ABSENCES.c.ended_at.is_(None), _ABSENCES.c.until > _NOW)
"""Neither over nor taken back at `now`: it goes on, or is still to come."""
IN_FORCE = and_(STANDING, _ABSENCES.c.since <= _NOW)
"""Somebody is away at `now`. One of them at most for a person."""
READ = (
    select(
        *(_ABSENCES.c[name] for name in ("id", "person_id", "since", "until", "created_at", "delegate_id")),
        _PEOPLE.c.name,
        _PEOPLE.c.timezone,
        _DELEGATES.c.name.label("delegate_name"),
    )
    .join(_PEOPLE, _PEOPLE.c.id == _ABSENCES.c.person_id)
    .outerjoin(_DELEGATES, _DELEGATES.c.id == _ABSENCES.c.delegate_id)
    .order_by(_ABSENCES.c.since, _ABSENCES.c.id)
)
_OF_PERSON = READ.where(STANDING, _ABSENCES.c.person_id == bindparam("person"))
_ALL_STANDING = READ.where(STANDING)
_ALL_IN_FORCE = READ.where(IN_FORCE)
_LOCK = select(_PEOPLE.c.id).where(_PEOPLE.c.id == bindparam("person")).with_for_update(key_share=True)
_END = update(_ABSENCES).where(_ABSENCES.c.id == bindparam("absence"), _ABSENCES.c.ended_at.is_(None))

COMING_AND_GOING = 8_241_977_304  # any number of our own; PostgreSQL's advisory locks are told apart by it
STILL = func.pg_advisory_xact_lock_shared(COMING_AND_GOING)
_STILL = select(STILL)
_ALONE = select(func.pg_advisory_xact_lock(COMING_AND_GOING))


def read_away(row: Any) -> Away:
    """An absence from a row of READ."""
    return Away(**{name: getattr(row, name) for name in Away.__slots__})


def hold_still(work: UnitOfWork) -> None:
    """Let nobody go or return until the commit: what waits is seen by one of both. The first lock that an act takes; of
    such acts any number go on at once. On SQLite there is one writer anyway.
    """
    if work.connection.dialect.name == "postgresql":
        work.connection.execute(_STILL)


def hold_alone(work: UnitOfWork) -> None:
    """Go or return when no act that has asked somebody is on its way."""
    if work.connection.dialect.name == "postgresql":
        work.connection.execute(_ALONE)


def absence_of(work: UnitOfWork, *, person_id: int) -> Away | None:
    """The absence of this person that goes on, or is the next to come."""
    row = work.connection.execute(_OF_PERSON, {"person": person_id, "now": work.now}).first()
    return None if row is None else read_away(row)


def absences_now(work: UnitOfWork) -> dict[int, Away]:
    """Everybody who is away now, by their ids; in one statement."""
    rows = work.connection.execute(_ALL_IN_FORCE, {"now": work.now})
    return {row.person_id: read_away(row) for row in rows}


def until_words(until: datetime, timezone: str) -> Text:
    """`through Fri 6 Mar 2026` where whole days are meant, else `until Fri 6 Mar 2026 15:00`."""
    local = until.astimezone(ZoneInfo(timezone))
    if local.time() == time():
        return T("through {date}", date=local.date() - timedelta(days=1))
    return T("until {date}", date=until)


def back_at(calendar: WorkCalendar, until: datetime) -> datetime:
    """When somebody away until then is at work again: at once in their working hours, else when these next begin."""
    if calendar.is_at_work(until):
        return until
    day = calendar.today(until)
    begins, _ = calendar.hours_of(day)
    if begins >= until and calendar.is_working_day(day):
        return begins
    return calendar.hours_of(calendar.next_working_day(day))[0]


def can_stand_in(person: Member) -> Allowed:
    """Whether somebody may decide for a colleague who is away."""
    if not person.is_active:
        return T("{name} is disabled.", name=person.name)
    if not person.has(*STAND_INS):
        return T(
            "{name} may not decide on orders: choose a supervisor, finance or the general manager.", name=person.name
        )
    return True


def stand_in_for(person_id: int, delegates: Mapping[int, int | None], *, but: Collection[int] = ()) -> int | None:
    """Who decides for somebody away, followed on where their delegate is away too; `delegates` of those away.

    None: nobody, for there is none, they go round in a circle, come to one of `but`, or to somebody away with nobody.
    """
    passed, at = {person_id, *but}, delegates.get(person_id)
    while at is not None and at not in passed:
        if at not in delegates:
            return at
        passed.add(at)
        at = delegates[at]
    return None


def stand_in_then(
    work: UnitOfWork, *, person_id: int, delegate_id: int, at: datetime
) -> tuple[Away | None, int | None]:
    """The absence of this delegate at that time, None where they are there; and who decides for the person then."""
    standing = [read_away(row) for row in work.connection.execute(_ALL_STANDING, {"now": work.now})]
    then = {away.person_id: away for away in standing if away.since <= at < away.until}
    delegates = {one: away.delegate_id for one, away in then.items()} | {person_id: delegate_id}
    return then.get(delegate_id), stand_in_for(person_id, delegates)


def go_away(
    work: UnitOfWork,
    *,
    actor: Member,
    platform: str,
    since: datetime | None,
    until: datetime,
    delegate_id: int | None,
) -> Away:
    """The actor is away from `since` (None: now) until then; takes the place of the absence noted before, if any.

    The delegate hears of it. What waits is handed over by `crm.orders.delegation`. Raises Invalid (times, the delegate
    is away too) and Forbidden (who may not stand in), NotFound.
    """
    work.connection.execute(_LOCK, {"person": actor.id})
    since = work.now if since is None or since < work.now else since
    if until <= work.now:
        raise Invalid(T("{until} is in the past.", until=until))
    if until <= since:
        raise Invalid(T("You would be back before you go: choose a later end."))
    tellable = _delegates_checked(work, actor, delegate_id, since)
    before, standing_in = _replaced(work, actor, since)
    if before is not None and before.has_begun(work.now) and since <= work.now:
        since = before.since  # one absence, told of as a whole on return
    values = {
        "person_id": actor.id,
        "delegate_id": delegate_id,
        "since": since,
        "until": until,
        "begun_at": work.now if since <= work.now else None,
        "created_at": work.now,
    }
    inserted = work.connection.execute(insert(_ABSENCES).returning(_ABSENCES.c.id), values)
    absence_id = int(inserted.scalar_one())
    changes = {"since": (None, since), "until": (None, until), "delegate_id": (None, delegate_id)}
    by = Actor(actor.id, platform)
    history.record(work, actor=by, entity="absence", entity_id=absence_id, act="away", changes=changes)
    away = read_away(work.connection.execute(READ.where(_ABSENCES.c.id == absence_id)).one())
    for person_id in tellable:
        _tell_delegate(work, away, person_id)
    if before is not None:
        is_back = before.has_begun(work.now) and not away.has_begun(work.now)
        released = standing_in if is_back else [one for one in standing_in if one not in tellable]
        _tell_released(work, before, released, after=away)
    copies.touch_card(work, card=HOME, subject_id=actor.id)
    return away


def come_back(work: UnitOfWork, *, actor: Member, platform: str, act: str = "back") -> Away:
    """The actor is there again, or does not go away after all; the delegate hears of it. Returns what it was.

    `act`: what history calls it; `undone` was a mistake, of which nothing is told on return. Raises Conflict.
    """
    work.connection.execute(_LOCK, {"person": actor.id})
    away = absence_of(work, person_id=actor.id)
    if away is None:
        raise Conflict(T("You are not away."))
    standing_in = _standing_in(work, away)
    welcomed = work.now if act == "undone" or not away.has_begun(work.now) else None
    work.connection.execute(_END.values(ended_at=work.now, welcomed_at=welcomed), {"absence": away.id})
    by = Actor(actor.id, platform)
    changes = {"until": (away.until, work.now)}
    history.record(work, actor=by, entity="absence", entity_id=away.id, act=act, changes=changes)
    _tell_released(work, away, standing_in)
    copies.touch_card(work, card=HOME, subject_id=actor.id)
    return away


def _delegates_checked(work: UnitOfWork, actor: Member, delegate_id: int | None, since: datetime) -> list[int]:
    """Who is to hear that they decide for the actor: the delegate, and whoever stands in for one who is away then."""
    if delegate_id is None:
        return []
    if delegate_id == actor.id:
        raise Invalid(T("Somebody else has to decide for you: choose a colleague."))
    require(can_stand_in(find_member(work, person_id=delegate_id)))
    away, last = stand_in_then(work, person_id=actor.id, delegate_id=delegate_id, at=since)
    if away is None:
        return [delegate_id]
    if last is None:
        raise Invalid(T("{name} is away {until} too: choose somebody else.", name=away.name, until=away.until_words))
    return [delegate_id, last]


def _standing_in(work: UnitOfWork, away: Away) -> list[int]:
    """Who was told that they decide for somebody: their delegate, and who stands in for one who is away then too."""
    if away.delegate_id is None:
        return []
    at = max(away.since, work.now)
    _, last = stand_in_then(work, person_id=away.person_id, delegate_id=away.delegate_id, at=at)
    return list(dict.fromkeys(one for one in (away.delegate_id, last) if one is not None))


def _replaced(work: UnitOfWork, actor: Member, since: datetime) -> tuple[Away | None, list[int]]:
    """The absence noted before, which ends now, and who stood in. Of one that had begun they are told on return, unless
    this goes on.
    """
    before = absence_of(work, person_id=actor.id)
    if before is None:
        return None, []
    standing_in = _standing_in(work, before)
    goes_on = not before.has_begun(work.now) or since <= work.now
    ended = {"ended_at": work.now, "welcomed_at": work.now if goes_on else None}
    work.connection.execute(_END.values(ended), {"absence": before.id})
    return before, standing_in


def _tell_delegate(work: UnitOfWork, away: Away, person_id: int) -> None:
    facts: dict[str, Any] = {"name": away.name, "until": away.until_words}
    text = T("{name} is away {until}, and you decide for them meanwhile. What waits comes to you.", **facts)
    if not away.has_begun(work.now):
        text = T(
            "{name} is away from {since} {until}, and you decide for them meanwhile. What waits then comes to you.",
            since=away.since_words,
            **facts,
        )
    tell(work, person_id=person_id, text=text, key=f"absence:{away.id}:{person_id}")


def _tell_released(work: UnitOfWork, away: Away, people: Collection[int], *, after: Away | None = None) -> None:
    """That they need not decide for somebody any more. `after`: the absence that takes the place of this one."""
    text = T("{name} is back: what is still open is theirs to decide again. Thank you!", name=away.name)
    if not away.has_begun(work.now) and after is None:
        text = T("{name} does not go away after all: you need not decide for them.", name=away.name)
    elif after is not None and after.has_begun(work.now) and after.delegate_id is not None:
        text = T("{name} has chosen somebody else: you need not decide for them any more.", name=away.name)
    elif after is not None and (after.has_begun(work.now) or not away.has_begun(work.now)):
        text = T("You need not decide for {name} any more.", name=away.name)
    for person_id in people:
        tell(work, person_id=person_id, text=text, key=f"absence:{away.id}:over:{person_id}")
