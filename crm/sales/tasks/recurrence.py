"""How a reminder comes again: every day, every working day, on days of the week or of the month, in local time.

Kept as a short form, `W2:1,4@0900` (every second week on Monday and Thursday at 9:00). Nothing is kept of the zone: a
reminder at nine comes at nine wherever its person is then, whatever the clocks have done meanwhile.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from crm.core.text import T, Text
from crm.people.calendar import WorkCalendar

DAY, WORKDAY, WEEK, MONTH = "D", "B", "W", "M"
LAST = 31
"""The last day of a month, which is also what any day is that a month has not."""
MOST_APART = 120
"""Days, weeks or months at most between two of them."""
WEEKDAYS = (T("Monday"), T("Tuesday"), T("Wednesday"), T("Thursday"), T("Friday"), T("Saturday"), T("Sunday"))

_FORM = re.compile(r"([DBWM])(\d{1,3})(?::([\d,]+))?@(\d\d)(\d\d)")
_FARTHEST = 3_700
"""Days: a calendar without any working day must not be searched for ever."""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """`unit` DAY, WORKDAY, WEEK or MONTH, `apart` how many of them lie between two. `days`: the ISO weekdays of a WEEK,
    the days of a MONTH (LAST: its last); of the other units none.
    """

    unit: str
    at: time
    apart: int = 1
    days: tuple[int, ...] = ()

    def __str__(self) -> str:
        days = f":{','.join(map(str, self.days))}" if self.days else ""
        return f"{self.unit}{self.apart}{days}@{self.at:%H%M}"

    def next_after(self, now: datetime, person: WorkCalendar, *, last: datetime) -> datetime:
        """The first time after now (UTC) at which it comes, where one before came or was to come at `last`.

        In the hour that a clock leaves out it comes an hour later; in the hour that comes twice, the first time.
        """
        for day in self._days(last.astimezone(person.zone).date(), person):
            at = _on(day, self.at, person)
            if at > now and at > last:
                return at
        raise ValueError(f"{self} never comes again")

    def latest(self, now: datetime, person: WorkCalendar, *, due: datetime) -> datetime:
        """Of the times from `due` until now, of which none was told, the last: the others are not made up for."""
        found = due
        for day in self._days(due.astimezone(person.zone).date(), person):
            at = _on(day, self.at, person)
            if at > now:
                break
            found = max(found, at)
        return found

    def _days(self, since: date, person: WorkCalendar) -> Iterator[date]:
        """The days on which it comes, from this day of an earlier one on."""
        if self.unit == MONTH:
            yield from self._days_of_months(since)
            return
        monday = since - timedelta(days=since.weekday())
        for ahead in range(_FARTHEST):
            day = since + timedelta(days=ahead)
            if self.unit == WORKDAY:
                fits = person.is_working_day(day)
            elif self.unit == DAY:
                fits = ahead % self.apart == 0
            else:
                fits = (day - monday).days // 7 % self.apart == 0 and day.isoweekday() in self.days
            if fits:
                yield day

    def _days_of_months(self, since: date) -> Iterator[date]:
        for ahead in range(0, _FARTHEST, self.apart):
            years, month = divmod(since.year * 12 + since.month - 1 + ahead, 12)
            if years > date.max.year:
                return
            length = calendar.monthrange(years, month + 1)[1]
            for day in sorted({min(one, length) for one in self.days}):
                if ahead or day >= since.day:
                    yield date(years, month + 1, day)


def read_form(form: str) -> Recurrence:
    """The inverse of `str(recurrence)`. Raises ValueError."""
    found = _FORM.fullmatch(form)
    if found is None:
        raise ValueError(form)
    unit, apart, days, hour, minute = found.groups()
    named = tuple(int(day) for day in days.split(",")) if days else ()
    return Recurrence(unit, time(int(hour), int(minute)), int(apart), named)


def in_words(recurrence: Recurrence) -> Text:
    """`every Monday and Thursday at 09:00`, for people."""
    return T("{rhythm} at {time}", rhythm=_rhythm(recurrence), time=f"{recurrence.at:%H:%M}")


def _rhythm(recurrence: Recurrence) -> Text:
    apart, days = recurrence.apart, recurrence.days
    match recurrence.unit:
        case "D":
            return T("every day") if apart == 1 else T("every {n} days", n=apart)
        case "B":
            return T("every working day")
        case "W":
            named = [WEEKDAYS[day - 1] for day in days]
            return T("every {days}", days=named) if apart == 1 else T("every {n} weeks on {days}", n=apart, days=named)
    if days == (LAST,):
        last = T("on the last day of every month")
        return last if apart == 1 else T("on the last day of every {n} months", n=apart)
    numbers = [str(day) for day in days]
    if apart == 1:
        return T("on day {days} of every month", days=numbers)
    return T("on day {days} of every {n} months", days=numbers, n=apart)


def _on(day: date, at: time, person: WorkCalendar) -> datetime:
    return datetime.combine(day, at, person.zone).astimezone(UTC)
