"""When somebody works: working days and hours, holidays, quiet hours, all in their own zone.

Days and hours that count against somebody are working ones of that person's calendar. Guide 1, 3.1.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from threading import Lock
from zoneinfo import ZoneInfo

import holidays
from sqlalchemy import bindparam, select

from crm.core.work import UnitOfWork
from crm.people.people import Person

MONDAY_TO_FRIDAY = "12345"
_DAY = timedelta(days=1)
_FARTHEST = 3_660
"""Days: how far ahead a working day is looked for; a calendar without any must not be searched for ever."""


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """One person's. `days`: ISO weekdays (1 Monday) as digits; `holidays`: an ISO country code, with a subdivision
    where one is meant (`DE-BY`), empty: none. Hours that end before they begin run over midnight.
    """

    zone: ZoneInfo
    days: str
    starts: time
    ends: time
    holidays: str
    quiet_from: time | None = None
    quiet_to: time | None = None

    def today(self, now: datetime) -> date:
        return now.astimezone(self.zone).date()

    def is_working_day(self, day: date) -> bool:
        """Whether the person works on this day: China's shifted working days do count, its days off do not."""
        return _works(self.holidays, self.days, day)

    def next_working_day(self, day: date) -> date:
        """The first working day after this one."""
        for ahead in range(1, _FARTHEST):
            if self.is_working_day(day + timedelta(days=ahead)):
                return day + timedelta(days=ahead)
        return day + timedelta(days=1)

    def working_days(self, since: date, until: date) -> int:
        """How many working days lie after `since`, up to and with `until`."""
        ahead = (until - since).days
        return sum(self.is_working_day(since + timedelta(days=days)) for days in range(1, min(ahead, _FARTHEST) + 1))

    def worked(self, since: datetime, until: datetime) -> timedelta:
        """How much of the time between the two is working time."""
        total = timedelta()
        if until <= since:
            return total
        day, last = self.today(since) - _DAY, self.today(until)
        day = max(day, last - timedelta(days=_FARTHEST))
        while day <= last:
            if _works(self.holidays, self.days, day):
                begins, ends = _shift(self.zone, self.starts, self.ends, day)
                if begins < since or ends > until:
                    begins, ends = max(begins, since), min(ends, until)
                if begins < ends:
                    total += ends - begins
            day += _DAY
        return total

    def add_worked(self, since: datetime, hours: float) -> datetime:
        """When the person will have worked so many hours after `since` (UTC).

        Who has no working day at all (or none for years) is taken to work round the clock.
        """
        left = timedelta(hours=hours)
        since = since.astimezone(UTC)
        if left <= timedelta():
            return since
        day = self.today(since) - _DAY
        for ahead in range(_FARTHEST):
            if not _works(self.holidays, self.days, day + timedelta(days=ahead)):
                continue
            begins, ends = self.hours_of(day + timedelta(days=ahead))
            begins = max(begins, since)
            if ends - begins >= left:
                return begins + left
            left -= max(timedelta(), ends - begins)
        return since + timedelta(hours=hours)

    def hours_of(self, day: date) -> tuple[datetime, datetime]:
        """When work begins and ends on this day (UTC), whether or not it is a working day."""
        return _shift(self.zone, self.starts, self.ends, day)

    def is_at_work(self, at: datetime) -> bool:
        """Whether this moment lies in the person's working hours."""
        today = self.today(at)
        for day in (today, today - _DAY):
            begins, ends = self.hours_of(day)
            if begins <= at < ends and self.is_working_day(day):
                return True
        return False

    def quiet_until(self, at: datetime) -> datetime | None:
        """When the quiet hours end in which this moment lies (UTC); None where it is not quiet."""
        return quiet_until(at, self.zone, self.quiet_from, self.quiet_to)


def quiet_until(at: datetime, zone: ZoneInfo, quiet_from: time | None, quiet_to: time | None) -> datetime | None:
    """When the quiet hours end in which this moment lies (UTC); None where it is not quiet, or there are none."""
    if quiet_from is None or quiet_to is None or quiet_from == quiet_to:
        return None
    today = at.astimezone(zone).date()
    for day in (today, today - _DAY):
        begins, ends = _shift(zone, quiet_from, quiet_to, day)
        if begins <= at < ends:
            return ends
    return None


_PEOPLE = Person.table()
CALENDAR_COLUMNS = (
    _PEOPLE.c.timezone,
    _PEOPLE.c.work_days,
    _PEOPLE.c.work_from,
    _PEOPLE.c.work_to,
    _PEOPLE.c.holidays,
    _PEOPLE.c.quiet_from,
    _PEOPLE.c.quiet_to,
)
_OF = select(_PEOPLE.c.id, *CALENDAR_COLUMNS).where(_PEOPLE.c.id.in_(bindparam("people", expanding=True)))


def read_calendar(*values: object) -> WorkCalendar:
    """A calendar from the values of CALENDAR_COLUMNS, in their order."""
    timezone, days, starts, ends, country, quiet_from, quiet_to = values
    return WorkCalendar(ZoneInfo(str(timezone)), str(days), starts, ends, str(country), quiet_from, quiet_to)  # type: ignore[arg-type]


def calendars_of(work: UnitOfWork, people: Iterable[int]) -> dict[int, WorkCalendar]:
    """The calendars of these people by their ids, in one statement."""
    rows = work.connection.execute(_OF, {"people": list(people)})
    return {row[0]: read_calendar(*row[1:]) for row in rows}


def calendar_of(work: UnitOfWork, *, person_id: int) -> WorkCalendar:
    """The calendar of one person, who must exist."""
    return calendars_of(work, [person_id])[person_id]


_FILLING = Lock()
"""Calendars are made, and years filled in, when first asked for: nobody may look while somebody else is half-way."""


@lru_cache(maxsize=32)
def _days_off(calendar: str) -> holidays.HolidayBase | None:
    country, _, subdivision = calendar.partition("-")
    if not country:
        return None
    try:
        return holidays.country_holidays(country, subdiv=subdivision or None)
    except NotImplementedError:  # known to the version of the library that it was chosen with
        return None


@lru_cache(maxsize=65_536)
def _works(calendar: str, days: str, day: date) -> bool:
    with _FILLING:
        found = _days_off(calendar)
        if found is None:
            return str(day.isoweekday()) in days
        return day not in found and (str(day.isoweekday()) in days or day in found.weekend_workdays)


@lru_cache(maxsize=65_536)
def _shift(zone: ZoneInfo, starts: time, ends: time, day: date) -> tuple[datetime, datetime]:
    """From when to when (UTC) hours run that begin on this day; over midnight where they end before they begin."""
    following = day + _DAY if ends <= starts else day
    return _moment(zone, day, starts), _moment(zone, following, ends)


def _moment(zone: ZoneInfo, day: date, clock: time) -> datetime:
    """When clocks there first show this time or a later one on this day (UTC): 02:30 on the night they are put forward
    to 03:00 is the moment of that, 02:30 on the night they are put back the first of the two.
    """
    local = datetime.combine(day, clock, zone)
    at, other = local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
    if other >= at:  # once or, with a fold, twice
        return at
    while at - other > _RESOLUTION:  # in the gap, whose one end lies between the two readings of the time
        middle = other + (at - other) / 2
        if middle.astimezone(zone).replace(tzinfo=None) < local.replace(tzinfo=None):
            other = middle
        else:
            at = middle
    return at.replace(microsecond=0)


_RESOLUTION = timedelta(milliseconds=1)
