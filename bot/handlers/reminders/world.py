"""What conversations about reminders know of the person: when their morning is, and which days they work."""

from collections.abc import Mapping
from typing import Any, Protocol

from crm.core.rules import read_rules
from crm.core.work import UnitOfWork
from crm.people.calendar import calendar_of
from crm.people.people import Member
from crm.sales.tasks.tasks import clock_time


class _World(Protocol):
    work: UnitOfWork
    person: Member


def reminder_settings(world: _World, key: str) -> Mapping[str, Any]:
    """`morning`: when a day without a time is meant; `calendar`: the person's."""
    morning = clock_time(read_rules(world.work), "tasks.morning_at")
    return {"morning": morning, "calendar": calendar_of(world.work, person_id=world.person.id)}
