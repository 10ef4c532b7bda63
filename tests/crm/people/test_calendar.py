"""Working days and hours and quiet hours, in every zone, on the nights when the clocks are changed as well."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.people import calendar as calendars
from crm.people.calendar import WorkCalendar

SHANGHAI, BERLIN, DUBAI = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Dubai")
NINE, SIX = time(9), time(18)
CHINA = WorkCalendar(SHANGHAI, "12345", NINE, SIX, "CN")
GERMANY = WorkCalendar(BERLIN, "12345", NINE, SIX, "DE")
BAVARIA = WorkCalendar(BERLIN, "12345", NINE, SIX, "DE-BY")


def in_berlin(text: str, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold).astimezone(UTC)


def nights(quiet_from: str, quiet_to: str) -> WorkCalendar:
    quiet = time.fromisoformat(quiet_from), time.fromisoformat(quiet_to)
    return WorkCalendar(BERLIN, "12345", NINE, SIX, "", *quiet)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2025-01-26", True),  # a Sunday before the Spring Festival
        ("2025-01-28", False),
        ("2025-02-04", False),
        ("2025-02-08", True),  # a Saturday after it
        ("2025-04-27", True),  # a Sunday before Labour Day
        ("2025-05-05", False),
        ("2025-09-28", True),
        ("2025-10-08", False),
        ("2025-10-11", True),
        ("2026-01-02", False),  # a Friday after New Year's Day
        ("2026-01-04", True),  # the Sunday worked for it
        ("2026-02-14", True),  # a Saturday
        ("2026-02-16", False),  # a Monday
        ("2026-02-23", False),
        ("2026-02-24", True),
        ("2026-02-28", True),
        ("2026-03-07", False),  # any Saturday
        ("2026-05-09", True),
        ("2026-09-20", True),
        ("2026-10-07", False),
        ("2026-10-10", True),
    ],
)
def test_chinas_shifted_working_days(day: str, works: bool) -> None:
    assert CHINA.is_working_day(date.fromisoformat(day)) is works


@pytest.mark.parametrize(
    ("day", "in_germany", "in_bavaria"),
    [
        ("2026-01-01", False, False),
        ("2026-01-06", True, False),  # Epiphany
        ("2026-04-03", False, False),  # Good Friday
        ("2026-06-04", True, False),  # Corpus Christi
        ("2026-10-03", False, False),
        ("2026-12-24", True, True),
    ],
)
def test_a_land_has_holidays_of_its_own(day: str, in_germany: bool, in_bavaria: bool) -> None:
    at = date.fromisoformat(day)
    assert (GERMANY.is_working_day(at), BAVARIA.is_working_day(at)) == (in_germany, in_bavaria)


def test_a_week_from_sunday_to_thursday() -> None:
    dubai = WorkCalendar(DUBAI, "12347", NINE, SIX, "")
    days = [date(2026, 3, 1) + timedelta(days=ahead) for ahead in range(7)]  # from a Sunday on
    assert [dubai.is_working_day(day) for day in days] == [True] * 5 + [False] * 2
    assert dubai.next_working_day(date(2026, 3, 5)) == date(2026, 3, 8)


def test_a_calendar_nobody_keeps_any_more_counts_as_none() -> None:
    assert WorkCalendar(BERLIN, "12345", NINE, SIX, "XX-YY").is_working_day(date(2026, 12, 25))


def test_working_days_over_the_spring_festival() -> None:
    assert CHINA.working_days(date(2026, 2, 13), date(2026, 2, 24)) == 2  # Saturday the 14th, Tuesday the 24th
    assert CHINA.next_working_day(date(2026, 2, 14)) == date(2026, 2, 24)
    assert CHINA.working_days(date(2026, 2, 24), date(2026, 2, 24)) == 0


def test_eight_hours_after_friday_afternoon() -> None:
    friday = datetime(2026, 3, 6, 17, 0, tzinfo=SHANGHAI)
    assert CHINA.add_worked(friday, 8) == datetime(2026, 3, 9, 16, 0, tzinfo=SHANGHAI)
    assert CHINA.add_worked(friday, 1) == datetime(2026, 3, 6, 18, 0, tzinfo=SHANGHAI)
    assert CHINA.add_worked(friday, 0) == friday
    assert CHINA.worked(friday, datetime(2026, 3, 9, 16, 0, tzinfo=SHANGHAI)) == timedelta(hours=8)


def test_who_never_works_is_not_waited_for() -> None:
    nobody = WorkCalendar(BERLIN, "", NINE, SIX, "")
    since = datetime(2026, 3, 6, tzinfo=UTC)
    assert nobody.add_worked(since, 8) == since + timedelta(hours=8)
    assert nobody.worked(since, since + timedelta(days=30)) == timedelta()


@pytest.mark.parametrize(
    ("begins", "ends", "hours"),
    [
        ("2026-03-28T22:00", "2026-03-29T06:00", 7),  # the clocks are put forward
        ("2026-10-24T22:00", "2026-10-25T06:00", 9),  # and back
        ("2026-03-27T22:00", "2026-03-28T06:00", 8),
    ],
)
def test_a_night_shift_over_a_change_of_the_clocks(begins: str, ends: str, hours: int) -> None:
    shift = WorkCalendar(BERLIN, "1234567", time(22), time(6), "")
    assert shift.worked(in_berlin(begins), in_berlin(ends)) == timedelta(hours=hours)
    assert shift.add_worked(in_berlin(begins), hours) == in_berlin(ends)
    assert shift.is_at_work(in_berlin(ends) - timedelta(minutes=1))
    assert not shift.is_at_work(in_berlin(ends))


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_office_hours_are_the_same_on_such_days(day: str) -> None:
    office = WorkCalendar(BERLIN, "1234567", NINE, SIX, "")
    assert office.hours_of(date.fromisoformat(day)) == (in_berlin(f"{day}T09:00"), in_berlin(f"{day}T18:00"))
    assert office.worked(in_berlin(f"{day}T00:00"), in_berlin(f"{day}T23:59")) == timedelta(hours=9)


GAP, FOLD_FIRST = datetime(2026, 3, 29, 1, 0, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("quiet", "at", "until"),
    [
        (nights("22:00", "07:00"), in_berlin("2026-03-28T23:00"), in_berlin("2026-03-29T07:00")),
        (nights("22:00", "07:00"), in_berlin("2026-10-24T23:00"), in_berlin("2026-10-25T07:00")),
        (nights("22:00", "07:00"), in_berlin("2026-10-25T02:30", fold=1), in_berlin("2026-10-25T07:00")),
        (nights("22:00", "02:30"), in_berlin("2026-03-29T01:59"), GAP),  # there is no 2:30: at 3:00, at once
        (nights("22:00", "02:30"), GAP, None),
        (nights("02:30", "07:00"), GAP - timedelta(seconds=1), None),
        (nights("02:30", "07:00"), GAP, in_berlin("2026-03-29T07:00")),  # and there they begin
        (nights("22:00", "02:30"), in_berlin("2026-10-25T02:15"), FOLD_FIRST),  # over at the first 2:30
        (nights("22:00", "02:30"), in_berlin("2026-10-25T02:15", fold=1), None),  # and not once more
        (nights("02:30", "07:00"), FOLD_FIRST, in_berlin("2026-10-25T07:00")),
        (nights("02:30", "07:00"), in_berlin("2026-10-25T02:15", fold=1), in_berlin("2026-10-25T07:00")),
        (nights("12:00", "13:00"), in_berlin("2026-03-02T12:00"), in_berlin("2026-03-02T13:00")),
        (nights("12:00", "13:00"), in_berlin("2026-03-02T13:00"), None),
        (nights("12:00", "12:00"), in_berlin("2026-03-02T12:00"), None),
        (GERMANY, in_berlin("2026-03-02T03:00"), None),
    ],
)
def test_quiet_hours(quiet: WorkCalendar, at: datetime, until: datetime | None) -> None:
    assert quiet.quiet_until(at) == until


_CLOCKS = st.times().map(lambda clock: clock.replace(minute=clock.minute // 15 * 15, second=0, microsecond=0))
_MOMENTS = st.integers(0, 364 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
_ZONES = [ZoneInfo(zone) for zone in ("Europe/Berlin", "Asia/Shanghai", "America/Havana", "Australia/Lord_Howe")]
_CALENDARS = st.builds(
    WorkCalendar,
    st.sampled_from(_ZONES),
    st.sampled_from(["12345", "123456", "12347", "3", "1234567"]),
    _CLOCKS,
    _CLOCKS,
    st.sampled_from(["", "CN", "DE-BY"]),
    _CLOCKS,
    _CLOCKS,
)


@given(_CALENDARS, _MOMENTS, st.integers(0, 4 * 24 * 4))
def test_worked_is_what_a_clerk_counts(calendar: WorkCalendar, since: datetime, quarters: int) -> None:
    """Quarter of an hour by quarter of an hour: every change of the clocks lies between two of them."""
    since = since.replace(minute=since.minute // 15 * 15, second=0)
    quarter = timedelta(minutes=15)
    counted = sum(calendar.is_at_work(since + number * quarter) for number in range(quarters))
    assert calendar.worked(since, since + quarters * quarter) == counted * quarter


@given(_CALENDARS, _MOMENTS, st.integers(1, 400))
def test_what_is_added_is_worked_then_and_not_before(calendar: WorkCalendar, since: datetime, quarters: int) -> None:
    then = calendar.add_worked(since, quarters / 4)
    assert calendar.worked(since, then) == timedelta(hours=quarters / 4)
    assert calendar.worked(since, then - timedelta(seconds=1)) < timedelta(hours=quarters / 4)


@given(_CALENDARS, _MOMENTS)
def test_quiet_hours_end_when_they_said(calendar: WorkCalendar, at: datetime) -> None:
    until = calendar.quiet_until(at)
    if until is not None:
        assert at < until <= at + timedelta(hours=25)
        assert calendar.quiet_until(until - timedelta(seconds=1)) == until
        assert calendar.quiet_until(until) is None


@pytest.fixture
def hurried_threads() -> Iterator[None]:
    """Threads take turns all the time."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hurried_threads")
def test_many_threads_read_the_same_holidays() -> None:
    """Each year is filled in when first asked for: who comes meanwhile must not see half of it."""
    days = [date(year, month, 1) for year in range(2005, 2027) for month in (1, 10)] * 4
    for _ in range(10):
        calendars._days_off.cache_clear()
        calendars._works.cache_clear()
        with ThreadPoolExecutor(8) as threads:
            assert not any(threads.map(CHINA.is_working_day, days))
