"""Forward scheduling: nothing over the capacity, nothing on a holiday, nobody's day lost to who stands behind."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.fulfilment.scheduling import Job, NoRoomError, schedule

MONDAY = date(2026, 11, 23)


def weekdays(day: date) -> bool:
    return day.isoweekday() <= 5


def in_days(days: int) -> date:
    return MONDAY + timedelta(days=days)


def test_jobs_follow_one_another_and_share_a_day() -> None:
    jobs = [Job(1, Decimal(150), MONDAY), Job(2, Decimal(100), MONDAY), Job(3, Decimal(400), MONDAY)]
    found = schedule(jobs, per_day=Decimal(100), is_working=weekdays)
    assert [(slot.starts_on, slot.ends_on) for slot in found] == [
        (in_days(0), in_days(1)),
        (in_days(1), in_days(2)),
        (in_days(2), in_days(8)),  # over the weekend
    ]


def test_who_must_wait_lets_smaller_ones_pass_and_keeps_its_days() -> None:
    jobs = [Job(1, Decimal(100), in_days(2)), Job(2, Decimal(200), MONDAY), Job(3, Decimal(100), MONDAY)]
    found = schedule(jobs, per_day=Decimal(100), is_working=weekdays)
    assert [(slot.starts_on, slot.ends_on) for slot in found] == [
        (in_days(2), in_days(2)),
        (in_days(0), in_days(1)),
        (in_days(3), in_days(3)),
    ]


def test_a_slip_moves_what_stands_behind_it() -> None:
    jobs = [Job(1, Decimal(50), MONDAY, holds_until=in_days(3)), Job(2, Decimal(100), MONDAY)]
    found = schedule(jobs, per_day=Decimal(100), is_working=weekdays)
    assert (found[0].starts_on, found[0].ends_on) == (MONDAY, in_days(3))
    assert (found[1].starts_on, found[1].ends_on) == (in_days(4), in_days(4))


def test_a_line_that_never_works_says_so() -> None:
    with pytest.raises(NoRoomError):
        schedule([Job(1, Decimal(1), MONDAY)], per_day=Decimal(1), is_working=lambda day: False)
    with pytest.raises(ValueError, match="above nought"):
        schedule([], per_day=Decimal(0), is_working=weekdays)


QUANTITIES = st.decimals(min_value=0, max_value=500, places=4)
DAYS = st.integers(0, 40).map(in_days)
JOBS = st.lists(st.tuples(QUANTITIES, DAYS, st.none() | DAYS), max_size=25)


@given(JOBS, st.decimals(min_value="0.5", max_value=300, places=4), st.sets(DAYS))
def test_capacity_holidays_and_quantities_hold(
    told: list[tuple[Decimal, date, date | None]], per_day: Decimal, holidays: set[date]
) -> None:
    def is_working(day: date) -> bool:
        return weekdays(day) and day not in holidays

    jobs = [Job(number, *one) for number, one in enumerate(told)]
    found = schedule(jobs, per_day=per_day, is_working=is_working)
    assert [slot.id for slot in found] == [job.id for job in jobs]
    taken: dict[date, Decimal] = defaultdict(Decimal)
    for job, slot in zip(jobs, found, strict=True):
        made = sum((part for _, part in slot.load), Decimal(0))
        assert made >= job.quantity
        assert made == job.quantity or job.holds_until is not None
        assert job.not_before <= slot.starts_on <= slot.ends_on
        assert all(is_working(day) and day >= job.not_before for day, _ in slot.load)
        for day, part in slot.load:
            taken[day] += part
    assert all(amount <= per_day for amount in taken.values())


@given(JOBS, st.decimals(min_value=1, max_value=300, places=4))
def test_who_comes_later_moves_nobody(told: list[tuple[Decimal, date, date | None]], per_day: Decimal) -> None:
    jobs = [Job(number, *one) for number, one in enumerate(told)]
    whole = schedule(jobs, per_day=per_day, is_working=weekdays)
    for many in range(len(jobs)):
        assert schedule(jobs[:many], per_day=per_day, is_working=weekdays) == whole[:many]
