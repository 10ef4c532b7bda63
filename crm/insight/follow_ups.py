"""Whom somebody has to follow up: reminders and leads, overdue ones by the customer's grade. Guide 2.3."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select

from crm.core.text import T, Text
from crm.insight.ground import Ground, Reader, days_words
from crm.insight.sections import About, Line, Section, section
from crm.people.people import Member, Person
from crm.sales.customers.customers import Customer
from crm.sales.customers.policy import can_see_customer
from crm.sales.deals.deals import Deal
from crm.sales.leads.leads import OPEN_STATUSES, Lead, number
from crm.sales.tasks.tasks import STANDING, Task


@dataclass(frozen=True, slots=True)
class FollowUp:
    """`grade` empty: of no customer (yet). `clock`: the local time where one is meant."""

    about: About
    at: datetime
    name: str
    text: str
    grade: str = ""
    clock: str = ""


_TASKS = Task.table()
_LEADS = Lead.table()
_DEALS = Deal.table()
_CUSTOMERS = Customer.table()
_OWNERS = Person.table().alias("owners")
_CUSTOMER_ID = func.coalesce(_DEALS.c.customer_id, _TASKS.c.about_id)
_REMINDERS = (
    select(
        _TASKS.c.id,
        _TASKS.c.person_id,
        _TASKS.c.text,
        _TASKS.c.due_at,
        _TASKS.c.about,
        _CUSTOMERS.c.name.label("customer_name"),
        _CUSTOMERS.c.grade,
        _LEADS.c.company,
        func.coalesce(_CUSTOMERS.c.owner_id, _LEADS.c.owner_id).label("owner_id"),
        _OWNERS.c.team_id.label("owner_team_id"),
    )
    .outerjoin(_DEALS, and_(_TASKS.c.about == "deal", _DEALS.c.id == _TASKS.c.about_id))
    .outerjoin(_LEADS, and_(_TASKS.c.about == "lead", _LEADS.c.id == _TASKS.c.about_id))
    .outerjoin(_CUSTOMERS, and_(_TASKS.c.about.in_(("customer", "deal")), _CUSTOMERS.c.id == _CUSTOMER_ID))
    .outerjoin(_OWNERS, _OWNERS.c.id == func.coalesce(_CUSTOMERS.c.owner_id, _LEADS.c.owner_id))
    .where(_TASKS.c.status.in_(STANDING), _TASKS.c.is_follow_up.is_(False))  # those stand there as leads
)
_FOLLOW_UPS = select(
    _LEADS.c.id, _LEADS.c.owner_id, _LEADS.c.company, _LEADS.c.next_follow_up_at, _LEADS.c.next_follow_up_has_time
).where(_LEADS.c.status.in_(OPEN_STATUSES), _LEADS.c.next_follow_up_at.is_not(None))


def follow_ups(ground: Ground) -> dict[int, list[Section]]:
    """What each has to follow up; two statements."""
    return _follow_ups(ground, ground.of("own"), _sections)


def overdue_follow_ups(ground: Ground) -> dict[int, list[Section]]:
    """What each has not followed up in time; two statements."""
    return _follow_ups(ground, ground.of("overdue"), _overdue_section)


def _follow_ups(
    ground: Ground, readers: Sequence[Reader], shown: Callable[[Ground, Reader, list[FollowUp]], Iterable[Section]]
) -> dict[int, list[Section]]:
    found: dict[int, list[FollowUp]] = defaultdict(list)
    people = {reader.id: reader for reader in readers}
    until = max(reader.midnight(1) for reader in readers)
    reminders = _REMINDERS.where(_TASKS.c.person_id.in_(people), _TASKS.c.due_at < until)
    for row in ground.work.connection.execute(reminders):
        found[row.person_id].append(_reminder(row, people[row.person_id].person))
    leads = _FOLLOW_UPS.where(_LEADS.c.owner_id.in_(people), _LEADS.c.next_follow_up_at < until)
    for lead in ground.work.connection.execute(leads):
        found[lead.owner_id].append(_lead(lead, people[lead.owner_id].person))
    return {reader.id: list(shown(ground, reader, found[reader.id])) for reader in readers}


def _sections(ground: Ground, reader: Reader, found: list[FollowUp]) -> Iterator[Section]:
    yield from _overdue_section(ground, reader, found)
    today, tomorrow = reader.midnight(), reader.midnight(1)
    due = sorted((one for one in found if today <= one.at < tomorrow), key=lambda one: (one.at, one.about))
    lines = (Line(_due(one), one.about, one.name) for one in due)
    verb = _where_listed(due[ground.most :])
    yield from section("today", T("To do today"), lines, most=ground.most, verb=verb)


def _overdue_section(ground: Ground, reader: Reader, found: list[FollowUp]) -> list[Section]:
    today = reader.midnight()
    overdue = sorted((one for one in found if one.at < today), key=lambda one: (one.grade or "Z", one.at, one.about))
    lines = (Line(_overdue(one, reader), one.about, one.name) for one in overdue)
    verb = _where_listed(overdue[ground.most :])
    return section("overdue", T("Overdue follow-ups"), lines, most=ground.most, verb=verb)


def _where_listed(unnamed: Sequence[FollowUp]) -> str:
    """Where those that a section has no room for are found: most of them, if in two places."""
    if not unnamed:
        return ""
    leads = sum(one.about[0] == "lead" for one in unnamed)
    return "leads" if 2 * leads > len(unnamed) else "reminders"


def _reminder(row: Any, person: Member) -> FollowUp:
    """A reminder as its owner may see it: of a record that is a colleague's by now, its own words only."""
    name, grade = row.customer_name or row.company or "", row.grade or ""
    if name and row.owner_id != person.id and can_see_customer(person, row) is not True:
        name, grade = "", ""
    clock = f"{row.due_at.astimezone(person.zone):%H:%M}"
    return FollowUp(("task", row.id), row.due_at, name or row.text[:40], row.text, grade, clock)


def _lead(row: Any, person: Member) -> FollowUp:
    at = row.next_follow_up_at
    clock = f"{at.astimezone(person.zone):%H:%M}" if row.next_follow_up_has_time else ""
    return FollowUp(("lead", row.id), at, row.company, f"{number(row.id)} {row.company}", "", clock)


def _overdue(one: FollowUp, reader: Reader) -> Text:
    days = days_words(max(1, (reader.day - one.at.astimezone(reader.person.zone).date()).days))
    what = _what(one)
    if one.grade:
        return T("{grade} · {what} · {days} overdue", grade=one.grade, what=what, days=days)
    return T("{what} · {days} overdue", what=what, days=days)


def _due(one: FollowUp) -> Text:
    return T("{clock} {what}", clock=one.clock, what=_what(one)) if one.clock else T("{what}", what=_what(one))


def _what(one: FollowUp) -> Text | str:
    if one.about[0] == "lead":
        return T("Lead {name}", name=one.text)
    return one.text if one.name == one.text[:40] else f"{one.name}: {one.text}"
