"""What time it is where a customer is, whether they are at work, and when their next morning begins."""

from datetime import datetime, time
from functools import lru_cache

import holidays

from crm.core.rules import read_rules
from crm.core.work import UnitOfWork
from crm.language.country_zones import country_zone
from crm.people.calendar import WorkCalendar
from crm.sales.tasks.tasks import clock_time


def country_calendar(work: UnitOfWork, country: str) -> WorkCalendar | None:
    """When people in this country work, as far as is known: its week and holidays, our company's hours."""
    zone = country_zone(country)
    if zone is None:
        return None
    days, days_off = _week(country)
    rules = read_rules(work)
    starts, ends = clock_time(rules, "people.work_from"), clock_time(rules, "people.work_to")
    return WorkCalendar(zone, days, starts, ends, days_off)


def next_morning(there: WorkCalendar, *, now: datetime, at: time) -> datetime:
    """The next time the clock there shows `at` on one of their working days."""
    today = there.today(now)
    morning = datetime.combine(today, at, there.zone)
    if morning > now and there.is_working_day(today):
        return morning
    return datetime.combine(there.next_working_day(today), at, there.zone)


def is_elsewhere(there: WorkCalendar, here: WorkCalendar, *, at: datetime) -> bool:
    """Whether clocks there show another time."""
    return at.astimezone(there.zone).utcoffset() != at.astimezone(here.zone).utcoffset()


@lru_cache(maxsize=256)
def _week(country: str) -> tuple[str, str]:
    """The working days of a country as ISO weekdays, and the name of its holidays; Monday to Friday where unknown."""
    if country not in holidays.list_supported_countries():
        return "12345", ""
    weekend = holidays.country_holidays(country).weekend
    return "".join(str(day + 1) for day in range(7) if day not in weekend), country
