"""What a reminder looks like: its card, which is its own form, and its line in a list. Guide 2.3."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bot.cards import labels
from bot.cards.names import deal_name
from bot.cards.screen import Button, Line, Screen, labelled, muted, title
from crm.core.errors import NotFound
from crm.core.text import T, Words
from crm.core.work import UnitOfWork
from crm.people.people import Member
from crm.sales.customers import get_customer
from crm.sales.deals import get_deal
from crm.sales.leads import get_lead, number
from crm.sales.tasks import STANDING, get_task

PUNCTUAL = timedelta(minutes=10)
"""Told later than this, a reminder says that it is late."""


def draw_task(work: UnitOfWork, task_id: int, viewer: Member) -> Screen:
    """The card of a reminder of this person's own. Raises NotFound."""
    task = get_task(work, viewer=viewer, task_id=task_id)
    name = about_name(work, task, viewer)
    lines = [title(T("Reminder: {text}", text=task.text)), labelled(T("When"), T("{date}", date=task.due_at))]
    if name is not None:
        lines.append(labelled(T("About"), name))
    lines += _how_it_stands(task)
    return Screen(tuple(lines), _buttons(task, has_record=name is not None))


def task_line(task: Any) -> Words:
    """`Mon 2 Mar 2026 15:00 · call Hans`"""
    return T("{at} · {text}", at=task.due_at, text=task.text)


def about_name(work: UnitOfWork, task: Any, viewer: Member) -> str | None:
    """What the record is called that the reminder is about; None where there is none, or not (any more) for them."""
    if task.about not in _NAMES:
        return None
    try:
        return _NAMES[task.about](work, viewer, task.about_id)
    except NotFound:
        return None


def _customer(work: UnitOfWork, viewer: Member, record_id: int) -> str:
    return str(get_customer(work, viewer=viewer, customer_id=record_id).name)


def _lead(work: UnitOfWork, viewer: Member, record_id: int) -> str:
    lead = get_lead(work, viewer=viewer, lead_id=record_id)
    return f"{number(lead.id)} {lead.company}"


def _deal(work: UnitOfWork, viewer: Member, record_id: int) -> str:
    deal = get_deal(work, viewer=viewer, deal_id=record_id)
    return f"{deal_name(deal)} · {deal.customer_name}"


_NAMES: dict[str, Callable[[UnitOfWork, Member, int], str]] = {"customer": _customer, "lead": _lead, "deal": _deal}


def _how_it_stands(task: Any) -> list[Line]:
    if task.status == "dropped":
        return [muted(T("Taken back {at}", at=task.ended_at))]
    if task.status not in STANDING:
        return [muted(T("Done {at}", at=task.ended_at))]
    if task.status == "told" and task.told_at - task.due_at > PUNCTUAL:
        return [muted(T("This comes late: it could not be told in time."))]
    return []


def _buttons(task: Any, *, has_record: bool) -> tuple[tuple[Button, ...], ...]:
    if task.status not in STANDING:
        return ()
    done = Button(labels.DONE, f"task.done:{task.id}", "primary")
    snooze = Button(labels.SNOOZE, f"task.snooze:{task.id}")
    if not has_record:
        return ((done, snooze),)
    called = Button(labels.CALLED, f"task.called:{task.id}", "primary")
    no_answer = Button(labels.NO_ANSWER, f"task.no_answer:{task.id}")
    opened = Button(labels.OPEN, f"{task.about}.open:{task.about_id}")
    return ((called, no_answer), (Button(labels.DONE, done.action), snooze, opened))
