"""What holds of every date: written in any way it reads back, counts are right, the clocks' changes included."""

from calendar import day_name
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.language.dates import read_date
from crm.language.dating.vocabulary import TABLE

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 13, 40, 21, tzinfo=BERLIN)
TODAY = NOW.date()
HAN = "零一二三四五六七八九"

days = st.dates(date(2000, 1, 1), date(2068, 12, 31))
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
# Of every kind of moment: both nights on which Berlin's clocks change, hour by hour, and any other.
nows = st.one_of(
    st.integers(0, 36).map(lambda hours: datetime(2027, 3, 27, 12, tzinfo=UTC) + timedelta(hours=hours)),
    st.integers(0, 36).map(lambda hours: datetime(2026, 10, 24, 12, tzinfo=UTC) + timedelta(hours=hours)),
    st.integers(0, 160_000).map(lambda hours: datetime(2021, 1, 1, 0, 7, tzinfo=UTC) + timedelta(hours=hours)),
).map(lambda moment: moment.astimezone(BERLIN))


def ordinal(number):
    tail = "th" if 10 < number < 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{tail}"


def han(number):
    tens, ones = divmod(number, 10)
    return (("" if tens == 1 else HAN[tens]) + "十" if tens else "") + (HAN[ones] if ones or not tens else "")


DAY_FORMS = {
    "ISO": lambda day: day.isoformat(),
    "slashes": lambda day: f"{day.year}/{day.month}/{day.day}",
    "points": lambda day: f"{day:%d.%m.%Y}",
    "digits": lambda day: f"{day:%Y%m%d}",
    "month first": lambda day: f"{day:%B} {ordinal(day.day)}, {day.year}",
    "day first": lambda day: f"{day.day} {day:%b} {day.year}",
    "of": lambda day: f"the {ordinal(day.day)} of {day:%B} {day.year}",
    "weekday": lambda day: f"{day:%a}, {day.day} {day:%b} {day.year}",
    "Chinese": lambda day: f"{day.year}年{day.month}月{day.day}日",
    "numerals": lambda day: (
        f"{''.join(HAN[int(digit)] for digit in str(day.year))}年{han(day.month)}月{han(day.day)}号"
    ),
    "traditional": lambda day: f"{day.year}年{day.month}月{day.day}號",
}
TIME_FORMS = {
    "24 hours": lambda at: f" {at:%H:%M}",
    "seconds": lambda at: f"T{at:%H:%M}:59",
    "am and pm": lambda at: f" at {at.hour % 12 or 12}:{at:%M}{'pm' if at.hour >= 12 else 'am'}",
    "hours": lambda at: f" {at:%H}h{at:%M}",
}


@pytest.mark.parametrize("form", DAY_FORMS)
@given(day=days, whole=st.booleans())
def test_a_written_day_reads_back(form, day, whole):
    reading = read_date(DAY_FORMS[form](day), now=NOW, whole=whole)
    assert reading is not None
    assert (reading.at.date(), reading.at.time(), reading.granularity) == (day, time(0), "day")


@pytest.mark.parametrize("form", TIME_FORMS)
@given(day=days, at=times)
def test_a_written_minute_reads_back(form, day, at):
    reading = read_date(f"{day.isoformat()}{TIME_FORMS[form](at)}", now=NOW.replace(tzinfo=UTC))
    assert reading is not None
    assert (reading.at, reading.granularity) == (datetime.combine(day, at, UTC), "minute")


@given(day=days, at=times)
def test_a_minute_in_chinese_reads_back(day, at):
    reading = read_date(f"{day.year}年{day.month}月{day.day}日{at.hour}时{at.minute}分", now=NOW.replace(tzinfo=UTC))
    assert reading is not None
    wanted = datetime.combine(day, at, UTC)
    assert reading.at in {wanted, wanted + timedelta(hours=12)}  # 3时 of a named day is the afternoon's


@given(now=nows, count=st.integers(1, 400))
def test_days_are_counted_by_the_calendar(now, count):
    for said in (f"in {count} days", f"{count}天后", f"{count} days from today", f"再过{count}天"):
        reading = read_date(said, now=now)
        assert reading is not None
        assert reading.at == datetime.combine(now.date() + timedelta(days=count), time(0), BERLIN)


@given(now=nows, count=st.integers(1, 100))
def test_hours_are_counted_as_they_elapse(now, count):
    wanted = now.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(hours=count)
    for said in (f"in {count} hours", f"{count}小时后", f"{count} hours from now", f"in {count - 1} hours and 60 min"):
        reading = read_date(said, now=now)
        assert reading is not None
        assert reading.at.astimezone(UTC) == wanted


@given(now=nows, weekday=st.integers(0, 6))
def test_next_is_next_week(now, weekday):
    monday = now.date() - timedelta(days=now.weekday())
    for said in (
        f"next {day_name[weekday]}",
        f"下周{'一二三四五六日'[weekday]}",
        f"下個星期{'一二三四五六天'[weekday]}",
    ):
        reading = read_date(said, now=now)
        assert reading is not None
        assert reading.at.date() == monday + timedelta(days=7 + weekday)


@given(now=nows, weekday=st.integers(0, 6))
def test_a_bare_weekday_is_to_come(now, weekday):
    reading = read_date(f"周{'一二三四五六日'[weekday]}", now=now)
    assert reading is not None
    assert 1 <= (reading.at.date() - now.date()).days <= 7
    assert reading.at.weekday() == weekday


@pytest.mark.parametrize(
    ("now", "said", "at"),
    [
        # the clocks skip 2:00 to 3:00
        ("2027-03-27T12:00+01:00", "tomorrow 02:30", "2027-03-28T03:30+02:00"),
        ("2027-03-27T12:00+01:00", "明天凌晨2点半", "2027-03-28T03:30+02:00"),
        ("2027-03-27T12:00+01:00", "tomorrow 3am", "2027-03-28T03:00+02:00"),
        ("2027-03-27T12:00+01:00", "30 minutes before 3am tomorrow", "2027-03-28T01:30+01:00"),
        ("2027-03-28T01:30+01:00", "in one hour", "2027-03-28T03:30+02:00"),
        ("2027-03-28T01:30+01:00", "tomorrow", "2027-03-29T00:00+02:00"),
        ("2027-03-27T12:00+01:00", "in 24 hours", "2027-03-28T13:00+02:00"),
        ("2027-03-27T12:00+01:00", "this time tomorrow", "2027-03-28T12:00+02:00"),
        # 2:00 to 3:00 comes twice
        ("2026-10-24T12:00+02:00", "tomorrow 02:30", "2026-10-25T02:30+02:00"),
        ("2026-10-24T12:00+02:00", "in 24 hours", "2026-10-25T11:00+01:00"),
        ("2026-10-25T02:30+02:00", "in one hour", "2026-10-25T02:30+01:00"),
        ("2026-10-25T02:30+01:00", "in half an hour", "2026-10-25T03:00+01:00"),
        ("2026-10-25T02:30+01:00", "半小时后", "2026-10-25T03:00+01:00"),
        ("2026-10-24T12:00+02:00", "2 hours before noon tomorrow", "2026-10-25T10:00+01:00"),
        ("2026-10-24T12:00+02:00", "tomorrow 9am ET", "2026-10-25T14:00+01:00"),
    ],
)
def test_on_the_days_on_which_the_clocks_change(now, said, at):
    reading = read_date(said, now=datetime.fromisoformat(now).astimezone(BERLIN))
    assert reading is not None
    assert reading.at.astimezone(UTC) == datetime.fromisoformat(at).astimezone(UTC)
    assert reading.at.tzinfo is BERLIN


NUMBERS = ("0", "1", "2", "3", "12", "15", "20", "26", "31", "99", "2026", "2027", "20261225")


@st.composite
def misspelt(draw):
    """A name with one letter doubled, dropped or changed, or two swapped; the first letter stays."""
    name = draw(st.sampled_from([*day_name, "tomorrow", "yesterday", "September", "February", "November"])).lower()
    at = draw(st.integers(1, len(name) - 2))
    wrong = [name[: at + 1] + name[at:], name[:at] + name[at + 1] + name[at] + name[at + 2 :]]
    wrong += [name[:at] + "x" + name[at + 1 :], *([name[:at] + name[at + 1 :]] if len(name) > 6 else [])]
    return name, draw(st.sampled_from(wrong))


@given(names=misspelt())
def test_a_name_typed_in_haste_is_understood(names):
    right, wrong = (f"5 {name}" if names[0].endswith(("ber", "uary")) else name for name in names)
    reading = read_date(wrong, now=NOW)
    assert reading is not None
    assert reading == replace(read_date(right, now=NOW), span=reading.span)


@pytest.mark.parametrize("said", ["sundry", "sundae", "Augusta 5", "mourning"])
def test_words_that_are_spelt_right_are_not_corrected(said):
    assert read_date(said, now=NOW) is None


def test_a_larger_unit_behind_a_smaller_one_is_not_added_to_it():
    reading = read_date("call in 3 days, 2 weeks lead time", now=NOW)
    assert reading is not None
    assert reading.at.date() == TODAY + timedelta(days=3)


WORDS = st.sampled_from([*sorted(TABLE), *NUMBERS, *",.-/:()~'+@#、"])


@settings(deadline=500, max_examples=400)
@given(
    now=nows,
    words=st.lists(WORDS, max_size=9),
    joint=st.sampled_from(["", " "]),
    whole=st.booleans(),
)
def test_words_of_dates_thrown_together_do_no_harm(now, words, joint, whole):
    text = joint.join(words)
    reading = read_date(text, now=now, whole=whole)
    if reading is not None:
        start, end = reading.span
        assert 0 <= start < end <= len(text)
        assert reading.at.tzinfo is BERLIN
        assert reading.at.second == 0
        assert reading.granularity == "minute" or reading.at.time() == time(0)
