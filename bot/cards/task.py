"""What a reminder looks like: its card, which is its own form, and its line in a list. Guide 2.3."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.cards import labels
from bot.cards.names import deal_name
from bot.cards.screen import Button, Line, Screen, labelled, muted, title
from crm.core.errors import NotFound
from crm.core.rules import decimal_rule
from crm.core.text import T, Words
from crm.core.work import UnitOfWork
from crm.language.countries import country_name
from crm.language.country_zones import zone_city
from crm.people.people import Member
from crm.sales.customers.customers import get_customer
from crm.sales.deals.deals import get_deal
from crm.sales.deals.policy import can_change_deal
from crm.sales.deals.stages import OPEN_STAGES
from crm.sales.leads.leads import get_lead, number
from crm.sales.tasks.recurrence import in_words, read_form
from crm.sales.tasks.tasks import STANDING, get_task, next_of_series, outcome_of
from crm.sales.tasks.their_time import country_calendar

STOP = T("Stop repeating")


@dataclass(frozen=True, slots=True)
class Subject:
    """The record a reminder is about. `country`: where they are, if known; `grade`: of the customer; `may_lose`: an
    open deal of theirs.
    """

    name: str
    country: str | None = None
    grade: str | None = None
    may_lose: bool = False


def draw_task(work: UnitOfWork, task_id: int, viewer: Member) -> Screen:
    """The card of a reminder of this person's own. Raises NotFound."""
    task = get_task(work, viewer=viewer, task_id=task_id)
    subject = about(work, task, viewer)
    coming = next_of_series(work, task=task)
    lines = [_title(task), labelled(T("When"), T("{date}", date=task.due_at))]
    if coming is not None:
        lines.append(labelled(T("Repeats"), in_words(read_form(coming.recurrence))))
    if subject is not None:
        lines.append(labelled(T("About"), subject.name))
        lines += _their_time(work, task, subject, viewer)
    lines += _how_it_stands(work, task)
    return Screen(tuple(lines), _buttons(task, subject, comes_again=coming is not None))


def task_line(task: Any) -> Words:
    """`Mon 2 Mar 2026 15:00 · call Hans`"""
    return T("{at} · {text}", at=task.due_at, text=task.text)


def about(work: UnitOfWork, task: Any, viewer: Member) -> Subject | None:
    """The record that the reminder is about; None where there is none, or not (any more) for them."""
    if task.about not in _SUBJECTS:
        return None
    try:
        return _SUBJECTS[task.about](work, viewer, task.about_id)
    except NotFound:
        return None


def _customer(work: UnitOfWork, viewer: Member, record_id: int) -> Subject:
    row = get_customer(work, viewer=viewer, customer_id=record_id)
    return Subject(str(row.name), row.country, row.grade)


def _lead(work: UnitOfWork, viewer: Member, record_id: int) -> Subject:
    lead = get_lead(work, viewer=viewer, lead_id=record_id)
    return Subject(f"{number(lead.id)} {lead.company}", lead.country)


def _deal(work: UnitOfWork, viewer: Member, record_id: int) -> Subject:
    deal = get_deal(work, viewer=viewer, deal_id=record_id)
    name = f"{deal_name(deal)} · {deal.customer_name}"
    may_lose = deal.stage in OPEN_STAGES and can_change_deal(viewer, deal) is True
    try:
        customer = get_customer(work, viewer=viewer, customer_id=deal.customer_id)
    except NotFound:
        return Subject(name, may_lose=may_lose)
    return Subject(name, customer.country, customer.grade, may_lose)


_SUBJECTS: dict[str, Callable[[UnitOfWork, Member, int], Subject]] = {
    "customer": _customer,
    "lead": _lead,
    "deal": _deal,
}


def _title(task: Any) -> Line:
    if task.is_follow_up:
        return title(T("Follow up: {text}", text=task.text))
    return title(T("Reminder: {text}", text=task.text))


def _their_time(work: UnitOfWork, task: Any, subject: Subject, viewer: Member) -> list[Line]:
    """What their clocks show when it is due, or when it came late; nothing where they show what ours do."""
    there = country_calendar(work, subject.country) if subject.country else None
    at: datetime = task.told_at or task.due_at
    if there is None or subject.country is None or task.status not in STANDING:
        return []
    local, ours = at.astimezone(there.zone), at.astimezone(viewer.zone)
    if local.utcoffset() == ours.utcoffset():
        return []
    time: Words = f"{local:%H:%M}"
    if local.date() != ours.date():
        time = T("{day} {time}", day=local.date(), time=time)
    place: Words = country_name(subject.country, viewer.language)
    city = zone_city(subject.country, viewer.language)
    if city is not None:
        place = T("{country}, {city}", country=place, city=city)
    told = T("{time} ({place})", time=time, place=place)
    outside = T("{time} ({place}) – outside working hours", time=time, place=place)
    return [labelled(T("Their time"), told if there.is_at_work(at) else outside)]


def _how_it_stands(work: UnitOfWork, task: Any) -> list[Line]:
    if task.status == "dropped":
        return [muted(T("Taken back {at}", at=task.ended_at))] if task.ended_at is not None else []
    if task.status == "missed":
        return [muted(T("Not done; it came again {at}", at=task.ended_at))]
    if task.status not in STANDING:
        words = {"called": T("Called, {at}", at=task.ended_at), "no_answer": T("No answer, {at}", at=task.ended_at)}
        return [muted(words.get(outcome_of(work, task) or "", T("Done {at}", at=task.ended_at)))]
    punctual = timedelta(minutes=float(decimal_rule(work, "tasks.late_minutes")))
    if task.status == "told" and (task.told_at is None or task.told_at - task.due_at > punctual):
        return [muted(T("This comes late: it could not be told in time."))]
    return []


def _buttons(task: Any, subject: Subject | None, *, comes_again: bool) -> tuple[tuple[Button, ...], ...]:
    stop = ((Button(STOP, f"task.stop:{task.id}"),),) if comes_again else ()
    if task.status not in STANDING:
        return stop
    done = Button(labels.DONE, f"task.done:{task.id}", "primary")
    snooze = Button(labels.SNOOZE, f"task.snooze:{task.id}")
    if subject is None:
        return ((done, snooze), *stop)
    called = Button(labels.CALLED, f"task.called:{task.id}", "primary")
    no_answer = Button(labels.NO_ANSWER, f"task.no_answer:{task.id}")
    opened = Button(labels.OPEN, f"{task.about}.open:{task.about_id}")
    lost = ((Button(labels.LOST, f"deal.lost:{task.about_id}", "danger"),),) if subject.may_lose else ()
    return ((called, no_answer), (Button(labels.DONE, done.action), snooze, opened), *lost, *stop)
