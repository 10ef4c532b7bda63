"""Calendar arithmetic on local days, and local wall time that respects daylight saving."""

import calendar
from datetime import UTC, date, datetime, time, timedelta

FIRST_YEAR, LAST_YEAR = 1900, 2199


def make_day(year: int, month: int, day: int) -> date | None:
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    return date(year, month, day) if day <= month_length(year, month) else None


def month_length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def full_year(number: int, digits: int) -> int:
    """A year of two digits lies between 1940 and 2039: a birthday rather than a date a generation ahead."""
    if digits > 2 or number > 99:
        return number
    return 2000 + number if number < 40 else 1900 + number


def add_months(day: date, months: int) -> date | None:
    """The same day of a later month, or its last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    return date(year, month + 1, min(day.day, month_length(year, month + 1)))


def add_days(day: date, days: int) -> date | None:
    if abs(days) > 100_000:
        return None
    later = date.fromordinal(max(1, day.toordinal() + days))
    return later if FIRST_YEAR <= later.year <= LAST_YEAR else None


def add_workdays(day: date, days: int) -> date | None:
    """Monday to Friday; public holidays are not known here."""
    weeks, rest = divmod(abs(days), 5)
    step = 1 if days >= 0 else -1
    later = add_days(day, step * weeks * 7)
    while later is not None and rest:
        later = add_days(later, step)
        if later is not None and later.weekday() < 5:
            rest -= 1
    return later


def month_end(day: date) -> date:
    return day.replace(day=month_length(day.year, day.month))


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def monday_of_week(year: int, week: int) -> date | None:
    """Of the week with that number (ISO 8601)."""
    last = date(year, 12, 28).isocalendar().week
    return date.fromisocalendar(year, week, 1) if 1 <= week <= last else None


def coming_day_of_month(today: date, number: int) -> date | None:
    """The coming 20th, today included; the 31st skips months that have none."""
    year, month = today.year, today.month
    for _ in range(12):
        found = make_day(year, month, number)
        if found is not None and found >= today:
            return found
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return None


def coming_month_day(today: date, month: int, number: int) -> date | None:
    """The coming 5 December, today included; 29 February waits for a leap year."""
    for year in range(today.year, today.year + 9):
        found = make_day(year, month, number)
        if found is not None and found >= today:
            return found
    return None


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date | None:
    """The nth (1 to 5) such weekday of a month; -1 is the last one."""
    if nth < 0:
        last = date(year, month, month_length(year, month))
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return make_day(year, month, 1 + (weekday - first.weekday()) % 7 + 7 * (nth - 1))


def local_moment(day: date, clock: time, now: datetime) -> datetime:
    """Wall time in now's zone; a time that the clocks skip is moved to the other side of the gap."""
    return datetime.combine(day, clock, tzinfo=now.tzinfo).astimezone(UTC).astimezone(now.tzinfo)


def later_moment(now: datetime, *, minutes: int) -> datetime | None:
    """So many elapsed minutes after now, whatever the wall clock does meanwhile."""
    if abs(minutes) > 60 * 24 * 3660:
        return None
    try:
        moment = (now.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(now.tzinfo)
    except OverflowError:
        return None
    return moment.replace(second=0, microsecond=0)
