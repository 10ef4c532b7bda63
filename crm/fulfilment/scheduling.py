"""Forward scheduling: jobs placed one after another on the days of one line with a daily capacity. Guide 3.2.

A line is one maker's capacity for one product category. Pure: no rows, no clock. Finite forward loading in the jobs'
order: each takes what is free from its first possible day on, so a job that must wait (for a deposit, for material)
lets smaller ones pass before it but never loses a day to one that stands behind it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

LONGEST = 3_650
"""Days after a job's first possible one within which it must find room."""


@dataclass(frozen=True, slots=True)
class Job:
    """Work still to be done. `quantity` in the capacity's unit; `not_before`: the first day it may begin.

    `holds_until`: it has slipped, and takes the line's free capacity up to that day, however little is left of it.
    """

    id: int
    quantity: Decimal
    not_before: date
    holds_until: date | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """When a job is worked on: its first and its last day, and how much of the capacity each of its days gives it."""

    id: int
    starts_on: date
    ends_on: date
    load: tuple[tuple[date, Decimal], ...]


class NoRoomError(Exception):
    """A job finds no room: the line has no working day within LONGEST days."""


def schedule(
    jobs: Iterable[Job],
    *,
    per_day: Decimal,
    is_working: Callable[[date], bool],
    taken: Mapping[date, Decimal] | None = None,
) -> list[Slot]:
    """Place the jobs in their order. `per_day`: the line's capacity of a working day, above nought; `taken`: how much
    of which days is not free, because of work that stays where it is.

    A job of nothing takes its first working day without taking any capacity. Raises NoRoomError, ValueError.
    """
    if per_day <= 0:
        raise ValueError("a line's capacity is above nought")
    line = _Line(per_day, is_working, taken or {})
    return [line.place(job) for job in jobs]


class _Line:
    """The days of one line as they fill up."""

    def __init__(self, per_day: Decimal, is_working: Callable[[date], bool], taken: Mapping[date, Decimal]) -> None:
        self._per_day, self._is_working, self._taken = per_day, is_working, taken
        self._free: dict[date, Decimal] = {}
        self._next: dict[date, date] = {}  # from a day that has nothing to give, where to look on

    def place(self, job: Job) -> Slot:
        left, load = job.quantity, []
        day, limit = job.not_before, job.not_before + timedelta(days=LONGEST)
        if left <= 0 and job.holds_until is None:
            day = self._first_working(job.id, day, limit)
            return Slot(job.id, day, day, ())
        while left > 0 or (job.holds_until is not None and day <= job.holds_until):
            day = self._with_room(day, limit, job.id, stop=job.holds_until if left <= 0 else None)
            free = self._free_on(day)
            holds = job.holds_until is not None and day <= job.holds_until
            if free > 0 and (holds or left > 0):
                part = free if holds else min(free, left)
                self._free[day] = free - part
                load.append((day, part))
                left -= part
            day += timedelta(days=1)
        days = [day for day, _ in load] or [job.not_before]
        return Slot(job.id, days[0], max(days[-1], job.holds_until or days[-1]), tuple(load))

    def _free_on(self, day: date) -> Decimal:
        free = self._free.get(day)
        if free is None:
            free = self._free[day] = self._fresh(day)
        return free

    def _fresh(self, day: date) -> Decimal:
        """What a day has to give before any of the jobs is placed."""
        if not self._is_working(day):
            return Decimal(0)
        return max(Decimal(0), self._per_day - self._taken.get(day, Decimal(0)))

    def _with_room(self, day: date, limit: date, job_id: int, *, stop: date | None) -> date:
        """The first day from this one on with something free; `stop` where there is none up to that one."""
        passed = []
        while self._free_on(day) <= 0:
            passed.append(day)
            day = self._next.get(day, day + timedelta(days=1))
            if stop is not None and day > stop:
                break
            if day > limit:
                raise NoRoomError(job_id)
        else:
            self._next.update(dict.fromkeys(passed, day))
        return day

    def _first_working(self, job_id: int, day: date, limit: date) -> date:
        while not self._is_working(day):
            day += timedelta(days=1)
            if day > limit:
                raise NoRoomError(job_id)
        return day
