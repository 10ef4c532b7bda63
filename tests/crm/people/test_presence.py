"""Working time without the time away, counted backwards: what hours and days count against somebody."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from crm.core.database import Database
from crm.people.absence import Absence
from crm.people.calendar import WorkCalendar
from crm.people.presence import EVER, Presence, Span, presences_of
from tests.conftest import MakePerson

NINE, SIX = time(9), time(18)
SHANGHAI = WorkCalendar(ZoneInfo("Asia/Shanghai"), "12345", NINE, SIX, "CN")
BERLIN = WorkCalendar(ZoneInfo("Europe/Berlin"), "12345", NINE, SIX, "DE")
NIGHTS = WorkCalendar(ZoneInfo("Asia/Shanghai"), "12345", time(22), time(6), "")
NEVER = WorkCalendar(ZoneInfo("UTC"), "", NINE, SIX, "")


def _at(day: str, calendar: WorkCalendar = SHANGHAI) -> datetime:
    """A local time, `03-02 09:30` of 2026."""
    return datetime.fromisoformat(f"2026-{day}").replace(tzinfo=calendar.zone).astimezone(UTC)


def _away(*spans: tuple[str, str], calendar: WorkCalendar = SHANGHAI) -> tuple[Span, ...]:
    return tuple((_at(begins, calendar), _at(ends, calendar)) for begins, ends in spans)


@pytest.mark.parametrize(
    ("calendar", "until", "hours", "since"),
    [
        (SHANGHAI, "03-02 17:30", 8, "03-02 09:30"),
        (SHANGHAI, "03-02 23:00", 8, "03-02 10:00"),
        (SHANGHAI, "03-02 10:00", 8, "02-28 11:00"),  # a Saturday that is worked
        (SHANGHAI, "02-24 09:00", 9, "02-14 09:00"),  # over Chinese New Year, to the Saturday before it
        (SHANGHAI, "03-04 15:30", 24, "03-02 09:30"),
        (BERLIN, "03-30 11:00", 4, "03-27 16:00"),  # clocks were put forward on the Sunday
        (BERLIN, "10-26 11:00", 4, "10-23 16:00"),  # and back
        (NIGHTS, "03-03 04:00", 8, "02-28 04:00"),
    ],
)
def test_since_when_so_much_was_worked(calendar: WorkCalendar, until: str, hours: float, since: str) -> None:
    worked = timedelta(hours=hours)
    assert Presence(calendar).since(worked, _at(until, calendar)) == _at(since, calendar)


def test_time_away_is_not_worked() -> None:
    away = _away(("03-03 12:00", "03-04 10:00"))
    assert Presence(SHANGHAI, away).since(timedelta(hours=8), _at("03-04 13:00")) == _at("03-02 16:00")
    assert Presence(SHANGHAI, away).since(timedelta(hours=3), _at("03-04 13:00")) == _at("03-04 10:00")


def test_who_never_works_is_not_counted_against() -> None:
    assert Presence(NEVER).since(timedelta(hours=1), _at("03-02 10:00")) == EVER
    assert Presence(NEVER).before_days(1, _at("03-02 10:00")) == EVER


@st.composite
def _spans(draw: st.DrawFn) -> tuple[Span, ...]:
    hours = sorted(draw(st.lists(st.integers(0, 24 * 40), max_size=6, unique=True)))
    begin = datetime(2026, 2, 1, tzinfo=UTC)
    moments = [begin + timedelta(hours=hour) for hour in hours[: len(hours) // 2 * 2]]
    return tuple(zip(moments[::2], moments[1::2], strict=True))


@given(st.sampled_from([SHANGHAI, BERLIN, NIGHTS]), _spans(), st.integers(1, 30 * 60), st.integers(0, 40 * 24 * 60))
def test_what_lies_between_is_just_so_much(
    calendar: WorkCalendar, away: tuple[Span, ...], minutes: int, later: int
) -> None:
    until = datetime(2026, 2, 1, tzinfo=UTC) + timedelta(minutes=later)
    since = Presence(calendar, away).since(timedelta(minutes=minutes), until)
    lost = sum(
        (calendar.worked(max(begins, since), min(ends, until)) for begins, ends in away if ends > since),
        timedelta(),
    )
    assert calendar.worked(since, until) - lost == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("now", "days", "before"),
    [
        ("03-11 09:00", 6, "03-03"),  # Tuesday to Friday, Monday, Tuesday
        ("03-11 09:00", 7, "03-02"),
        ("03-09 09:00", 1, "03-06"),
        ("03-07 12:00", 1, "03-06"),  # today, a Saturday, is none of them
        ("02-24 09:00", 2, "02-13"),
        ("03-11 09:00", 0, "03-11"),
    ],
)
def test_before_so_many_whole_working_days(now: str, days: int, before: str) -> None:
    assert Presence(SHANGHAI).before_days(days, _at(now)) == _at(f"{before} 00:00")


def test_a_day_partly_away_counts_not_at_all() -> None:
    away = _away(("03-04 17:00", "03-05 09:00"), ("03-06 18:00", "03-09 09:00"))
    presence = Presence(SHANGHAI, away)
    assert not presence.counts(date(2026, 3, 4))
    assert presence.counts(date(2026, 3, 5))
    assert presence.counts(date(2026, 3, 6))
    assert presence.before_days(6, _at("03-11 09:00")) == _at("03-02 00:00")


def test_there_at_work_and_not_away() -> None:
    presence = Presence(SHANGHAI, _away(("03-02 12:00", "03-02 13:00")))
    there = [presence.is_there(_at(f"03-02 {clock}")) for clock in ("08:59", "09:00", "12:00", "13:00", "18:00")]
    assert there == [False, True, False, True, False]


def test_absences_are_read_as_they_were(database: Database, make_person: MakePerson) -> None:
    """Ended early, replaced by a longer one, taken back before it began; and of nobody else."""
    li, wang = make_person("Li"), make_person("Wang")
    told = [
        (li, "03-02 09:00", "03-10 09:00", "03-03 09:00"),
        (li, "03-02 09:00", "03-06 09:00", None),
        (li, "03-05 09:00", "03-05 12:00", None),
        (li, "03-20 09:00", "03-27 09:00", "03-02 10:00"),
        (wang, "03-09 09:00", "03-10 09:00", None),
    ]
    with database.write() as work:
        for person, since, until, ended in told:
            values = {"person_id": person.id, "since": _at(since), "until": _at(until), "created_at": work.now}
            work.connection.execute(insert(Absence.table()), values | {"ended_at": ended and _at(ended)})
        found = presences_of(work, [li.id, wang.id, li.id])
        assert presences_of(work, []) == {}
    assert found[li.id].away == _away(("03-02 09:00", "03-06 09:00"))
    assert found[wang.id].away == _away(("03-09 09:00", "03-10 09:00"))
    assert found[li.id].calendar == SHANGHAI
    assert found[li.id].is_active
