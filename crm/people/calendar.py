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
        if until <= since:
            return timedelta()
        day, last = self.today(since) - timedelta(days=1), self.today(until)
        day = max(day, last - timedelta(days=_FARTHEST))
        total = timedelta()
        while day <= last:
            if self.is_working_day(day):
                begins, ends = self.hours_of(day)
                total += max(timedelta(), min(ends, until) - max(begins, since))
            day += timedelta(days=1)
        return total

    def hours_of(self, day: date) -> tuple[datetime, datetime]:
        """When work begins and ends on this day (UTC), whether or not it is a working day."""
        begins = datetime.combine(day, self.starts, self.zone)
        over_midnight = self.ends <= self.starts
        ends = datetime.combine(day + timedelta(days=over_midnight), self.ends, self.zone)
        return begins.astimezone(UTC), ends.astimezone(UTC)

    def is_at_work(self, at: datetime) -> bool:
        """Whether this moment lies in the person's working hours."""
        today = self.today(at)
        for day in (today, today - timedelta(days=1)):
            begins, ends = self.hours_of(day)
            if begins <= at < ends and self.is_working_day(day):
                return True
        return False

    def quiet_until(self, at: datetime) -> datetime | None:
        """When the quiet hours end in which this moment lies; None where it is not quiet."""
        if self.quiet_from is None or self.quiet_to is None or self.quiet_from == self.quiet_to:
            return None
        local = at.astimezone(self.zone)
        clock, runs_over = local.time(), self.quiet_to < self.quiet_from
        if runs_over:
            if self.quiet_to <= clock < self.quiet_from:
                return None
            day = local.date() + timedelta(days=clock >= self.quiet_from)
        elif self.quiet_from <= clock < self.quiet_to:
            day = local.date()
        else:
            return None
        return datetime.combine(day, self.quiet_to, self.zone).astimezone(UTC)


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
"""A year's holidays are filled in when first asked for: nobody may look while somebody else is half-way."""


@lru_cache(maxsize=32)
def _days_off(calendar: str) -> holidays.HolidayBase | None:
    country, _, subdivision = calendar.partition("-")
    if not country:
        return None
    return holidays.country_holidays(country, subdiv=subdivision or None)


@lru_cache(maxsize=65_536)
def _works(calendar: str, days: str, day: date) -> bool:
    found = _days_off(calendar)
    if found is None:
        return str(day.isoweekday()) in days
    with _FILLING:
        return day not in found and (str(day.isoweekday()) in days or day in found.weekend_workdays)
