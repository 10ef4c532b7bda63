"""Time in the sample company: stories told side by side, each act at its moment, one after the other.

A story is a generator: it yields the moment of its next act and goes on when the clock is there. What lies beyond the
end is never told, so leads, deals and orders are left open as they are in a company that goes on.
"""

import heapq
import itertools
from collections.abc import Generator
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

from crm.core.work import UnitOfWork

Story: TypeAlias = Generator[datetime, None, None]


class Diary:
    """Sets the time of the unit of work that the services are given; it never goes back."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._stories: list[tuple[datetime, int, Story]] = []
        self._numbers = itertools.count()

    def begin(self, story: Story) -> None:
        """Tell a story from here on."""
        self._go_on(story)

    def tell(self, *, until: datetime) -> None:
        """Tell everything that happens before this moment."""
        while self._stories and self._stories[0][0] < until:
            at, _, story = heapq.heappop(self._stories)
            self._work.now = at
            self._go_on(story)
        self._work.now = until

    def _go_on(self, story: Story) -> None:
        at = next(story, None)
        if at is not None:
            heapq.heappush(self._stories, (max(at, self._work.now).astimezone(UTC), next(self._numbers), story))


def workday(day: date) -> date:
    """This day, or the Monday after it."""
    return day + timedelta(days=(0, 0, 0, 0, 0, 2, 1)[day.weekday()])


def workdays_before(day: date, count: int) -> date:
    """The working day so many before this day."""
    for _ in range(count):
        day -= timedelta(days=(3, 1, 1, 1, 1, 1, 2)[day.weekday()])
    return day
