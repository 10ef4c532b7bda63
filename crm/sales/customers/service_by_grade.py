"""Service by grade: contacts that fall due, visits and quarterly looks become reminders of the owner. Guide 1.2.

Once per period, and none where one is planned already or contact took place. What a contact is, and who hears when a
key customer stays silent, says `silent_customers`; of a month without a visit the superior hears here.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, bindparam, exists, func, or_, select, text

from crm.core.history import SYSTEM, HistoryEntry
from crm.core.rules import read_rules, whole_of, whole_rule
from crm.core.said import Finding, all_said, news
from crm.core.text import TN, T
from crm.core.types import UTCDateTime
from crm.core.work import UnitOfWork
from crm.people.calendar import calendars_of
from crm.people.listing import tell_lines
from crm.people.people import Person
from crm.people.superiors import superiors_of
from crm.sales.customers.communications import Communication
from crm.sales.customers.customers import GRADES, Customer
from crm.sales.customers.silent import CONTACTS, LAST_ORDER, LAST_SAID
from crm.sales.tasks.tasks import STANDING, Task, insert_task

VISITS = ("visit", "meeting")
"""Kinds of contact that count as a visit; a video call is a meeting."""
MOST_AT_ONCE = 200
"""Reminders written in one transaction: others may write in between."""

_LOCK = 8_241_977_304  # any number of our own; PostgreSQL's advisory locks are told apart by it
_CUSTOMERS, _SAID, _TASKS, _OWNERS = Customer.table(), Communication.table(), Task.table(), Person.table()
_HISTORY = HistoryEntry.table()
_WORDS = {
    "contact": {"en": "Get in touch again (grade {grade})", "zh_CN": "该联系了（{grade}级客户）"},
    "visit": {"en": "Visit or video call this month", "zh_CN": "本月安排一次拜访或视频会议"},
    "look": {"en": "Quarterly look: what would make it a key customer?", "zh_CN": "季度回顾：如何提升为核心大客户？"},
}
"""What the reminders say, in the language of whose they are: from then on it is as if they had written it."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Something to be done for a customer: `kind` of _WORDS; `period` counts up, for what is asked once in each."""

    kind: str
    customer_id: int
    owner_id: int
    grade: str
    period: int = 0


def give_service_tasks(work: UnitOfWork) -> int:
    """Write the reminders that are due, at most MOST_AT_ONCE; returns how many. Nobody while another process does."""
    if work.connection.dialect.name == "postgresql":
        free = text("SELECT pg_try_advisory_xact_lock(:lock)")
        if not work.connection.execute(free, {"lock": _LOCK}).scalar():
            return 0
    duties = service_duties(work)[:MOST_AT_ONCE]
    for duty in duties:
        if duty.period:
            news(work, watch=f"service_{duty.kind}", found=[Finding(duty.customer_id, duty.owner_id, duty.period)])
    _plan(work, duties)
    return len(duties)


def service_duties(work: UnitOfWork) -> list[Duty]:
    """What is due and not planned yet, key customers first. Reads only."""
    rules = read_rules(work)
    today = work.now.astimezone(ZoneInfo(rules["company.timezone"])).date()
    visits = _visits_due(work, today, whole_of(rules, "service.visit_day"))
    asked = {duty.customer_id for duty in visits}  # a visit is a contact
    ahead = whole_of(rules, "service.ahead_days")
    found = visits
    for grade in GRADES:
        days = whole_of(rules, f"tasks.rhythm_days_{grade}")
        contacts = _contacts_due(work, grade, max(1, days - ahead)) if days else []
        found = found + [duty for duty in contacts if duty.customer_id not in asked]
    return found + _looks_due(work, today)


def warn_of_missed_visits(work: UnitOfWork) -> int:
    """Tell superiors, once a month, which key customers were not visited the month before; returns how many heard."""
    month, missed = missed_visits(work)
    for person_id, rows in sorted(missed.items()):
        findings = [Finding(row.id, person_id, month) for row in rows]
        new = {one.subject_id for one in news(work, watch="service_missed", found=findings)}
        lines = [
            (T("{customer} ({name})", customer=row.name, name=row.owner_name), ("customer", row.id))
            for row in rows
            if row.id in new
        ]
        if not lines:
            continue
        heading = TN(
            "{n} key customer had no visit or video call last month:",
            "{n} key customers had no visit or video call last month:",
            n=len(lines),
        )
        # Who is found later in the month is told of too: by one who was not told of before.
        key = f"service_missed:{person_id}:{month}:{min(new)}"
        tell_lines(work, person_id=person_id, heading=heading, lines=lines, key=key)
    return len(missed)


def missed_visits(work: UnitOfWork) -> tuple[int, dict[int, list[Any]]]:
    """The number of last month, and by superior the key customers nobody visited then and they were not told of.

    One whose grade was given since that month began was perhaps no key customer then, and is left out.
    """
    rules = read_rules(work)
    zone = ZoneInfo(rules["company.timezone"])
    local = work.now.astimezone(zone)
    this = local.date().replace(day=1)
    last = (this - timedelta(days=1)).replace(day=1)
    month = _month_number(last)
    if local.strftime("%H:%M") < rules["tasks.morning_at"]:
        return month, {}
    since, until = (datetime.combine(day, time(), zone) for day in (last, this))
    graded = exists().where(
        _HISTORY.c.entity == "customer",
        _HISTORY.c.entity_id == _CUSTOMERS.c.id,
        _HISTORY.c.act == "graded",
        _HISTORY.c.at >= since,
    )
    rows = work.connection.execute(_not_visited(since, until).where(~graded)).all()
    said = all_said(work, watch="service_missed") if rows else {}
    superiors = superiors_of(work, (row.owner_id for row in rows))
    missed: dict[int, list[Any]] = {}
    for row in rows:
        for person in superiors.get(row.owner_id, ()):
            if said.get((row.id, person.id), (0, None))[0] < month:
                missed.setdefault(person.id, []).append(row)
    return month, missed


def _looked_after(*grades: str) -> Any:
    c = _CUSTOMERS.c
    query = select(c.id, c.name, c.owner_id, c.grade, c.created_at, _OWNERS.c.name.label("owner_name"))
    active = (c.status == "active", c.grade.in_(grades), _OWNERS.c.is_active)
    return query.join(_OWNERS, _OWNERS.c.id == c.owner_id).where(*active)


def _contacts_due(work: UnitOfWork, grade: str, days: int) -> list[Duty]:
    """Customers without contact for so many days, and without a reminder since, the longest silent first."""
    c, t = _CUSTOMERS.c, _TASKS.c
    until = bindparam("until", type_=UTCDateTime)
    planned = exists().where(
        t.about == "customer",
        t.about_id == c.id,
        or_(t.status.in_(STANDING), t.created_at >= until),
        t.text.not_in(list(_WORDS["look"].values())),  # to look at it is not to call it
    )
    spoken = exists().where(_SAID.c.customer_id == c.id, _SAID.c.at >= until, _SAID.c.kind.in_(CONTACTS))
    due = _looked_after(grade).where(c.created_at < until, ~planned, ~spoken)
    due = due.where(or_(LAST_ORDER.is_(None), until > LAST_ORDER)).order_by(
        func.coalesce(LAST_SAID, c.created_at), c.id
    )
    rows = work.connection.execute(due.limit(MOST_AT_ONCE), {"until": work.now - timedelta(days=days)})
    return [Duty("contact", row.id, row.owner_id, grade) for row in rows]


def _visits_due(work: UnitOfWork, today: date, visit_day: int) -> list[Duty]:
    if today.day < visit_day:
        return []
    zone = ZoneInfo(read_rules(work)["company.timezone"])
    since = datetime.combine(today.replace(day=1), time(), zone)
    rows = work.connection.execute(_not_visited(since, work.now)).all()
    return _not_asked(work, "visit", _month_number(today), rows)


def _looks_due(work: UnitOfWork, today: date) -> list[Duty]:
    """Important customers, once in a quarter, that were so long ours before it began."""
    zone = ZoneInfo(read_rules(work)["company.timezone"])
    first = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    begun = datetime.combine(first, time(), zone)
    rows = work.connection.execute(_looked_after("B").where(_CUSTOMERS.c.created_at < begun)).all()
    return _not_asked(work, "look", today.year * 4 + (today.month - 1) // 3, rows)


def _not_visited(since: datetime, until: datetime) -> Any:
    visited = and_(_SAID.c.customer_id == _CUSTOMERS.c.id, _SAID.c.kind.in_(VISITS))
    there = exists().where(visited, _SAID.c.at >= since, _SAID.c.at < until)
    return _looked_after("A").where(_CUSTOMERS.c.created_at < since, ~there).order_by(_CUSTOMERS.c.name)


def _not_asked(work: UnitOfWork, kind: str, period: int, rows: Sequence[Any]) -> list[Duty]:
    said = all_said(work, watch=f"service_{kind}") if rows else {}
    return [
        Duty(kind, row.id, row.owner_id, row.grade, period)
        for row in rows
        if said.get((row.id, row.owner_id), (0, None))[0] < period
    ]


def _plan(work: UnitOfWork, duties: Sequence[Duty]) -> None:
    """A reminder for each, in the mornings of the owner's next working days, so many a day."""
    if not duties:
        return
    owners = {duty.owner_id for duty in duties}
    morning = time.fromisoformat(read_rules(work)["tasks.morning_at"])
    a_day = max(1, whole_rule(work, "service.tasks_a_day"))
    calendars = calendars_of(work, owners)
    languages = {
        row.id: row.language
        for row in work.connection.execute(select(_OWNERS.c.id, _OWNERS.c.language).where(_OWNERS.c.id.in_(owners)))
    }
    planned = _planned(work, owners, calendars)
    days = {owner: calendars[owner].next_working_day(calendars[owner].today(work.now)) for owner in owners}
    for duty in duties:
        calendar = calendars[duty.owner_id]
        while planned[duty.owner_id, days[duty.owner_id]] >= a_day:
            days[duty.owner_id] = calendar.next_working_day(days[duty.owner_id])
        day = days[duty.owner_id]
        planned[duty.owner_id, day] += 1
        words = _WORDS[duty.kind].get(languages[duty.owner_id], _WORDS[duty.kind]["en"])
        insert_task(
            work,
            by=SYSTEM,
            person_id=duty.owner_id,
            due_at=datetime.combine(day, morning, calendar.zone),
            text=words.format(grade=duty.grade),
            about="customer",
            about_id=duty.customer_id,
            has_time=False,
        )


def _planned(work: UnitOfWork, owners: set[int], calendars: Any) -> Counter[tuple[int, date]]:
    """How many reminders each has already, by their local day."""
    t = _TASKS.c
    query = select(t.person_id, t.due_at).where(t.person_id.in_(owners), t.status == "open", t.due_at >= work.now)
    rows = work.connection.execute(query)
    return Counter((row.person_id, row.due_at.astimezone(calendars[row.person_id].zone).date()) for row in rows)


def _month_number(day: date) -> int:
    return day.year * 12 + day.month
