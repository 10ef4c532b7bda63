"""Hours and weekdays as people type them."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.language.working_time import minutes_between, read_clock_time, read_hours, read_weekdays


def told(hours: tuple[time, time] | None) -> str | None:
    return None if hours is None else f"{hours[0]:%H:%M}-{hours[1]:%H:%M}"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("9-18", "09:00-18:00"),
        ("9:00–18:30", "09:00-18:30"),
        ("9：00～18：00", "09:00-18:00"),
        ("9.00 - 17.30", "09:00-17:30"),
        ("0900-1800", "09:00-18:00"),
        ("8h30-17h", "08:30-17:00"),
        ("9am-6pm", "09:00-18:00"),
        ("9 a.m. to 6:30 p.m.", "09:00-18:30"),
        ("9-6pm", "09:00-18:00"),
        ("9am-6", "09:00-18:00"),
        ("9 to 5", "09:00-17:00"),
        ("from 22 to 7", "22:00-07:00"),
        ("between 9 and 5", "09:00-17:00"),
        ("12am-8am", "00:00-08:00"),
        ("noon to midnight", "12:00-00:00"),
        ("16:00-24:00", "16:00-00:00"),
        ("9点到18点", "09:00-18:00"),
        ("9点半至十八点", "09:30-18:00"),
        ("早上九点到下午六点一刻", "09:00-18:15"),
        ("从早上9点到晚上6点", "09:00-18:00"),
        ("晚上10点到早上7点", "22:00-07:00"),
        ("二十二点到七点", "22:00-07:00"),
        ("晚上十二点到早上八点", "00:00-08:00"),
        ("朝九晚六", "09:00-18:00"),
        ("早9晚5", "09:00-17:00"),
    ],
)
def test_hours(typed: str, read: str) -> None:
    assert told(read_hours(typed)) == read


@pytest.mark.parametrize("typed", ["10-7", "10-7am", "22-7", "晚上10点-7点"])
def test_hours_at_night(typed: str) -> None:
    assert told(read_hours(typed, at_night=True)) == "22:00-07:00"


_NO_HOURS = ("", "9", "9-", "-18", "25-7", "9:75-10", "soon", "9-18-20", "13am-15", "mon-fri", "9" * 99)


@pytest.mark.parametrize("typed", _NO_HOURS)
def test_no_hours(typed: str) -> None:
    assert read_hours(typed) is None


@given(st.times(), st.times())
def test_what_is_written_in_full_is_read_as_it_stands(starts: time, ends: time) -> None:
    starts, ends = starts.replace(second=0, microsecond=0), ends.replace(second=0, microsecond=0)
    if minutes_between(starts, ends) <= 16 * 60:
        assert read_hours(f"{starts:%H:%M}-{ends:%H:%M}") == (starts, ends)
    assert read_clock_time(f"{starts:%H:%M}") == starts


@given(st.text(max_size=40))
def test_nothing_typed_breaks_it(text: str) -> None:
    for read in (read_hours, read_clock_time, read_weekdays):
        assert read(text) is None or read(text)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("mon-fri", "12345"),
        ("Monday to Friday", "12345"),
        ("Mon, Wed & Fri", "135"),
        ("tues–thurs", "234"),
        ("Sun-Thu", "12347"),
        ("1-5", "12345"),
        ("12346", "12346"),
        ("every day", "1234567"),
        ("周一至周五", "12345"),
        ("周一到六", "123456"),
        ("星期一、星期三", "13"),
        ("周日至周四", "12347"),
        ("周一至周五和周日", "123457"),
        ("单休", "123456"),
        ("每天", "1234567"),
    ],
)
def test_weekdays(typed: str, read: str) -> None:
    assert read_weekdays(typed) == read


@pytest.mark.parametrize("typed", ["", "mon-", "-fri", "mon--fri", "monkey", "八", "0-5", "9-18"])
def test_no_weekdays(typed: str) -> None:
    assert read_weekdays(typed) is None
