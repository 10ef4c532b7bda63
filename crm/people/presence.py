"""When somebody was there to do something: their working time without the time they were away. Guide 1, 3.1.

Hours and days that count against somebody are counted here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import bindparam, func, select

from crm.core.types import Id, UTCDateTime
from crm.core.work import UnitOfWork
from crm.people.absence import Absence
from crm.people.calendar import CALENDAR_COLUMNS, WorkCalendar, read_calendar
from crm.people.people import Person

EVER = datetime.min.replace(tzinfo=UTC)
"""Before anything that happened here."""
_FARTHEST = 400
"""Days: how far back working time is looked for; who did not work in so long is not counted against."""

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Presence:
    """One person's. `away`: from when to when they were or are away, of late; in their order, and apart."""

    calendar: WorkCalendar
    away: tuple[Span, ...] = ()
    is_active: bool = True

    def is_there(self, at: datetime) -> bool:
        """Whether the person is at work at this moment, and not away."""
        return self.calendar.is_at_work(at) and not any(begins <= at < ends for begins, ends in self.away)

    def since(self, worked: timedelta, until: datetime) -> datetime:
        """The latest moment from which to `until` they have worked so long; EVER where there is none."""
        left = worked
        for begins, ends in self._spans(until):
            if ends - begins >= left:
                return ends - left
            left -= ends - begins
        return EVER

    def before_days(self, days: int, now: datetime) -> datetime:
        """The latest local midnight with so many whole working days between it and today, none of them today.

        Whatever happened before it has been followed by so many days. EVER where there is none.
        """
        day = self.calendar.today(now)
        left = days
        for _ in range(_FARTHEST):
            if left <= 0:
                return datetime.combine(day, time(), self.calendar.zone).astimezone(UTC)
            day -= timedelta(days=1)
            left -= self.counts(day)
        return EVER

    def counts(self, day: date) -> bool:
        """Whether this is a working day of theirs of which they were away for no working minute."""
        if not self.calendar.is_working_day(day):
            return False
        begins, ends = self.calendar.hours_of(day)
        return not any(begun < ends and begins < ended for begun, ended in self.away)

    def _spans(self, until: datetime) -> Iterator[Span]:
        """The spans of time worked before `until`, the latest first."""
        day = self.calendar.today(until)
        for back in range(_FARTHEST):
            one = day - timedelta(days=back)
            if self.calendar.is_working_day(one):
                begins, ends = self.calendar.hours_of(one)
                if begins < until:
                    yield from self._there((begins, min(ends, until)))

    def _there(self, span: Span) -> Iterator[Span]:
        """What is left of a span without the time away, the latest first."""
        begins, ends = span
        for begun, ended in reversed(self.away):
            if begun >= ends or ended <= begins:
                continue
            if ended < ends:
                yield ended, ends
            ends = max(begins, begun)
        if begins < ends:
            yield begins, ends


_PEOPLE = Person.table()
_ABSENCES = Absence.table()
_ENDS = func.coalesce(_ABSENCES.c.ended_at, _ABSENCES.c.until, type_=UTCDateTime).label("ends")
_OF = select(_PEOPLE.c.id, _PEOPLE.c.is_active, *CALENDAR_COLUMNS).where(
    _PEOPLE.c.id.in_(bindparam("people", expanding=True, type_=Id))
)
_ALL = select(*CALENDAR_COLUMNS).distinct()
_AWAY = select(_ABSENCES.c.person_id, _ABSENCES.c.since, _ENDS).where(
    _ABSENCES.c.person_id.in_(bindparam("people", expanding=True, type_=Id)),
    _ABSENCES.c.until > bindparam("long_ago", type_=UTCDateTime),
)


def presences_of(work: UnitOfWork, people: Iterable[int]) -> dict[int, Presence]:
    """The presence of each of these people by their ids, in two statements."""
    wanted = list(dict.fromkeys(people))
    if not wanted:
        return {}
    away: dict[int, list[Span]] = {}
    long_ago = work.now - timedelta(days=_FARTHEST)
    for person_id, begun, ended in work.connection.execute(_AWAY, {"people": wanted, "long_ago": long_ago}):
        if begun < ended:
            away.setdefault(person_id, []).append((begun, ended))
    return {
        person_id: Presence(read_calendar(*columns), _joined(away.get(person_id, ())), is_active)
        for person_id, is_active, *columns in work.connection.execute(_OF, {"people": wanted})
    }


def all_calendars(work: UnitOfWork) -> list[WorkCalendar]:
    """Every calendar that somebody works by, once."""
    return [read_calendar(*columns) for columns in work.connection.execute(_ALL)]


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same in their order, those that overlap made one: an absence that was changed leaves its traces."""
    joined: list[Span] = []
    for begins, ends in sorted(spans):
        if joined and begins <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], ends)
        else:
            joined.append((begins, ends))
    return tuple(joined)
