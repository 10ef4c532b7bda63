"""How reminders come again: on the right days, at the same local time whatever the clocks do, never twice."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.people.calendar import WorkCalendar
from crm.sales.tasks.reading_recurrence import as_typed, read_repeating
from crm.sales.tasks.recurrence import DAY, LAST, MONTH, WEEK, WORKDAY, Recurrence, read_form

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC")
MORNING = time(9)

TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
DAYS_OF_WEEK = st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days)))
DAYS_OF_MONTH = st.sets(st.integers(1, LAST), min_size=1, max_size=4).map(lambda days: tuple(sorted(days)))
RECURRENCES = st.one_of(
    st.builds(Recurrence, st.just(DAY), TIMES, st.integers(1, 120)),
    st.builds(Recurrence, st.just(WORKDAY), TIMES),
    st.builds(Recurrence, st.just(WEEK), TIMES, st.integers(1, 10), DAYS_OF_WEEK),
    st.builds(Recurrence, st.just(MONTH), TIMES, st.integers(1, 12), DAYS_OF_MONTH),
)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def calendar_in(zone: str, holidays: str = "") -> WorkCalendar:
    return WorkCalendar(ZoneInfo(zone), "12345", MORNING, time(18), holidays)


@given(
    recurrence=RECURRENCES,
    now=MOMENTS,
    gone=st.timedeltas(timedelta(), timedelta(days=400)),
    zone=st.sampled_from(ZONES),
)
def test_the_next_one_is_to_come_and_keeps_its_local_time(
    recurrence: Recurrence, now: datetime, gone: timedelta, zone: str
) -> None:
    person = calendar_in(zone, "DE")
    coming = recurrence.next_after(now, person, last=now - gone)
    assert coming > now
    local = coming.astimezone(person.zone)
    exists = datetime.combine(local.date(), recurrence.at, person.zone).astimezone(UTC).astimezone(person.zone)
    assert local == exists  # an hour later on the one day on which the clocks leave it out
    if recurrence.unit == WEEK:
        assert local.isoweekday() in recurrence.days
    if recurrence.unit == WORKDAY:
        assert person.is_working_day(local.date())
    assert read_form(str(recurrence)) == recurrence
    assert len(str(recurrence)) <= 40


@given(recurrence=RECURRENCES, now=MOMENTS, gone=st.timedeltas(timedelta(minutes=1), timedelta(days=90)))
def test_of_those_missed_the_last_one_is_told(recurrence: Recurrence, now: datetime, gone: timedelta) -> None:
    person = calendar_in("Europe/Berlin")
    due = recurrence.next_after(now - gone, person, last=now - gone)
    latest = recurrence.latest(now, person, due=due)
    assert latest == due if due > now else due <= latest <= now
    assert recurrence.next_after(now, person, last=latest) > now
    if due <= now:
        between = recurrence.next_after(latest, person, last=latest)
        assert between > now or between == latest


@given(recurrence=RECURRENCES, now=MOMENTS, zone=st.sampled_from(ZONES), language=st.sampled_from(["en", "zh_CN"]))
def test_what_could_be_typed_is_read_as_the_same(
    recurrence: Recurrence, now: datetime, zone: str, language: str
) -> None:
    person = calendar_in(zone)
    now = now.astimezone(person.zone)
    first = recurrence.next_after(now, person, last=now)
    typed = as_typed(recurrence, first, language, now=now, person=person)
    read = read_repeating(typed, now=now, person=person, morning=MORNING)
    assert read is not None, typed
    assert read.recurrence == recurrence, typed


@pytest.mark.parametrize(
    ("form", "last", "zone", "expected"),
    [
        ("D1@0900", "2026-03-28 09:00", "Europe/Berlin", ["29 Mar 09:00+0200", "30 Mar 09:00+0200"]),
        ("D1@0900", "2026-10-24 09:00", "Europe/Berlin", ["25 Oct 09:00+0100", "26 Oct 09:00+0100"]),
        ("D1@0230", "2026-03-28 02:30", "Europe/Berlin", ["29 Mar 03:30+0200", "30 Mar 02:30+0200"]),
        ("D1@0230", "2026-10-24 02:30", "Europe/Berlin", ["25 Oct 02:30+0200", "26 Oct 02:30+0100"]),
        ("M1:31@0900", "2026-01-31 09:00", "Asia/Shanghai", ["28 Feb 09:00+0800", "31 Mar 09:00+0800"]),
        ("M1:30@0900", "2026-01-30 09:00", "Asia/Shanghai", ["28 Feb 09:00+0800", "30 Mar 09:00+0800"]),
        ("M3:1@0900", "2026-11-01 09:00", "Asia/Shanghai", ["01 Feb 09:00+0800", "01 May 09:00+0800"]),
        ("W2:1,4@0900", "2026-03-02 09:00", "Asia/Shanghai", ["05 Mar 09:00+0800", "16 Mar 09:00+0800"]),
        ("D3@0900", "2026-02-27 09:00", "Asia/Shanghai", ["02 Mar 09:00+0800", "05 Mar 09:00+0800"]),
    ],
)
def test_two_in_a_row(form: str, last: str, zone: str, expected: list[str]) -> None:
    person = calendar_in(zone)
    at = datetime.fromisoformat(last).replace(tzinfo=person.zone).astimezone(UTC)
    came = []
    for _ in expected:
        at = read_form(form).next_after(at, person, last=at)
        came.append(f"{at.astimezone(person.zone):%d %b %H:%M%z}")
    assert came == expected


def test_working_days_are_the_persons_own() -> None:
    person, at = calendar_in("Asia/Shanghai", "CN"), datetime(2026, 2, 13, 4, tzinfo=UTC)  # before the Spring Festival
    came = []
    for _ in range(3):
        at = read_form("B1@0900").next_after(at, person, last=at)
        came.append(at.astimezone(person.zone).date())
    assert came == [date(2026, 2, 14), date(2026, 2, 24), date(2026, 2, 25)]  # a Saturday worked in exchange


@pytest.mark.parametrize(
    ("text", "form", "first"),
    [
        ("every Monday 9am call Hans", "W1:1@0900", "09 Mar"),
        ("call Hans every Mon, Wed and Fri", "W1:1,3,5@0900", "04 Mar"),
        ("call Hans on Mondays", "W1:1@0900", "09 Mar"),
        ("every weekday at 8:30 read mails", "B1@0830", "03 Mar"),
        ("every 2 weeks call Hans", "W2:1@0900", "16 Mar"),
        ("every other Thursday call Hans", "W2:4@0900", "05 Mar"),
        ("every month on the 31st close", "M1:31@0900", "31 Mar"),
        ("on the 1st of every month pay", "M1:1@0900", "01 Apr"),
        ("every day from 1 June water", "D1@0900", "01 Jun"),
        ("每周一上午9点 打电话", "W1:1@0900", "09 Mar"),
        ("每周一三五下午2点开会", "W1:1,3,5@1400", "02 Mar"),
        ("每周一次 开会", "W1:1@0900", "09 Mar"),
        ("每天 看汇率", "D1@0900", "03 Mar"),
        ("每天9点 看汇率", "D1@0900", "03 Mar"),
        ("每月1号 对账", "M1:1@0900", "01 Apr"),
        ("每月最后一天下午3点 对账", "M1:31@1500", "31 Mar"),
        ("每个工作日 看邮件", "B1@0900", "03 Mar"),
        ("每隔两天 跟进", "D3@0900", "05 Mar"),
        ("每两周 跟进", "W2:1@0900", "16 Mar"),
    ],
)
def test_as_people_type_it(text: str, form: str, first: str) -> None:
    person = calendar_in("Asia/Shanghai", "CN")
    now = datetime(2026, 3, 2, 9, 30, tzinfo=person.zone)
    read = read_repeating(text, now=now, person=person, morning=MORNING)
    assert read is not None
    assert (str(read.recurrence), f"{read.first.astimezone(person.zone):%d %b}") == (form, first)


@pytest.mark.parametrize(
    "text",
    [
        "call Hans tomorrow 3pm",
        "send the weekly report tomorrow",
        "给每个客户打电话",
        "daily rates",
        "every 0 days",
        "每日报价",
        "每0天",
    ],
)
def test_no_reading_is_better_than_a_wrong_one(text: str) -> None:
    person = calendar_in("Asia/Shanghai")
    now = datetime(2026, 3, 2, 9, 30, tzinfo=person.zone)
    assert read_repeating(text, now=now, person=person, morning=MORNING) is None
