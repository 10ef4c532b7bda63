"""What came of a call that was reminded of, and when to call again: offered, never forced. Guide 2.3."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from bot.cards.screen import Button, Screen, body, say
from bot.cards.task import STOP, about
from bot.conversations.definition import Refused, Taken
from bot.conversations.reminder import NEXT_DATE, Moment, ReminderTime
from bot.handlers.customers.customers import record_id
from bot.handlers.guided import Guide, anybody, begin, register
from bot.handlers.reminders.reminders import end, morning_on, saved
from bot.handlers.world import CompanyWorld
from bot.request import Reply, Request
from bot.wording import wording
from crm.core.errors import Conflict, Invalid
from crm.core.rules import read_rules, whole_of
from crm.core.text import T, Text
from crm.language.dates import read_date
from crm.people.calendar import calendar_of
from crm.sales.customers.communications import add_note
from crm.sales.deals.deals import get_deal
from crm.sales.leads.leads import advance_lead, get_lead
from crm.sales.leads.notes import add_lead_note
from crm.sales.leads.policy import can_change_lead
from crm.sales.reminders.setting import continue_task, offered_task
from crm.sales.tasks.tasks import get_task, next_of_series


def called(request: Request) -> Reply:
    """Over: written into the record's history; the next one is offered."""
    task = end(request, "called")
    _note(request, task, "call", T("Called: {text}", text=task.text))
    return _ask_for_next(request, task, soonest=False)


def no_answer(request: Request) -> Reply:
    task = end(request, "no_answer")
    _note(request, task, "note", T("No answer: {text}", text=task.text))
    return _ask_for_next(request, task, soonest=True)


def next_one(request: Request) -> Reply:
    """`17:20260305`: the same again on the morning of that day."""
    number, _, day = request.argument.partition(":")
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise Invalid(T("That button does not fit here any more.")) from None
    at = morning_on(request, day=on)
    return _continued(request, record_id(number), Moment(at, has_time=False), replaces=True)


def ask_when(request: Request) -> Reply:
    """Another date, in one's own words."""
    task = get_task(request.work, viewer=request.person, task_id=record_id(request.argument))
    _still_offered(request, task.id)
    return begin(request, NEXT_GUIDE, subject_id=task.id)


def submit_next(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    return _continued(request, subject_id or 0, values["when"])


def take_date(request: Request) -> Reply | None:
    """A date typed right after the next one was offered; None where nothing was, or where it is no date."""
    read = read_typed(request)
    task = None if read is None else offered_task(request.work, person_id=request.person.id)
    if read is None or task is None:
        return None
    return Reply((say(read),)) if isinstance(read, Text) else _continued(request, task.id, read)


def read_typed(request: Request) -> Moment | Text | None:
    """The date that is all that was typed, or why it cannot be taken; None where it is no date."""
    world = CompanyWorld(request.work, request.person)
    text = request.inbound.text.strip()
    if not text or len(text) > 100:
        return None
    match ReminderTime().read(text, world):
        case Taken(value):
            return ReminderTime().load(value, world)
        case Refused(problem) if read_date(text, now=world.now, whole=True) is not None:
            return problem
    return None


def _continued(request: Request, task_id: int, when: Moment, *, replaces: bool = False) -> Reply:
    next_id = continue_task(
        request.work,
        actor=request.person,
        platform=request.platform,
        task_id=task_id,
        due_at=when.at,
        has_time=when.has_time,
        recurrence=when.recurrence,
    )
    return Reply((saved(request, next_id),), replaces=replaces)


def _note(request: Request, task: Any, kind: str, words: Text) -> None:
    """Keep with the record what came of it, in the words of who did it."""
    work, person = request.work, request.person
    if task.about is None:
        return
    said = wording(person.language, person.timezone)(words)
    if task.about == "lead":
        lead = get_lead(work, viewer=person, lead_id=task.about_id)
        add_lead_note(work, actor=person, platform=request.platform, lead_id=lead.id, text=said)
        if kind == "call" and lead.status == "new" and can_change_lead(person, lead) is True:
            advance_lead(work, actor=person, platform=request.platform, lead_id=lead.id, to_status="contacted")
        return
    customer_id, deal_id = task.about_id, None
    if task.about == "deal":
        customer_id, deal_id = get_deal(work, viewer=person, deal_id=task.about_id).customer_id, task.about_id
    add_note(
        work,
        actor=person,
        platform=request.platform,
        customer_id=customer_id,
        deal_id=deal_id,
        text=said,
        kind=kind,
    )


def _ask_for_next(request: Request, task: Any, *, soonest: bool) -> Reply:
    """Buttons for the usual days, each said in full; a date may be typed as well, and nothing need be."""
    subject = about(request.work, task, request.person)
    name = task.text if subject is None else subject.name
    ended = get_task(request.work, viewer=request.person, task_id=task.id)
    coming = next_of_series(request.work, task=ended)
    if coming is not None:
        told = T("Noted for {name}. The next time is {at}.", name=name, at=coming.due_at)
        return Reply((say(told, Button(STOP, f"task.stop:{coming.id}")),))
    grade = None if subject is None else subject.grade
    rows = [
        (Button(label, f"task.next:{task.id}:{day:%Y%m%d}"),)
        for day, label in days_offered(request, grade, soonest=soonest).items()
    ]
    other = (Button(T("Another date"), f"task.when:{task.id}"),)
    told = T(
        "Noted for {name}. When again? Choose a day or write one; if there is nothing more to do, leave it.", name=name
    )
    return Reply((Screen((body(told),), (*rows, other)),))


def days_offered(request: Request, grade: str | None, *, soonest: bool) -> dict[date, Text]:
    """The days offered, all of them working days, with what is said of each."""
    rules = read_rules(request.work)
    today = calendar_of(request.work, person_id=request.person.id).today(request.work.now)
    ahead = {whole_of(rules, f"tasks.{key}"): None for key in ("next_days", "later_days")}
    offered: dict[date, Text] = {}
    for days in sorted(ahead | ({1: None} if soonest else {})):
        day = morning_on(request, day=today + timedelta(days=max(days, 1))).date()
        offered.setdefault(day, T("+{days} · {date}", days=days, date=day))
    if grade is not None:
        with suppress(KeyError):
            days = whole_of(rules, f"tasks.rhythm_days_{grade}")
            day = morning_on(request, day=today + timedelta(days=max(days, 1))).date()
            offered.setdefault(day, T("Grade {grade}: +{days} · {date}", grade=grade, days=days, date=day))
    return offered


def _still_offered(request: Request, task_id: int) -> None:
    """Raises Conflict where the next one is set, or the reminder is not over."""
    if get_task(request.work, viewer=request.person, task_id=task_id).status != "done":
        raise Conflict(T("The next reminder is set already."))


NEXT_GUIDE = register(Guide(NEXT_DATE, anybody, submit_next, _still_offered))

PRESSES = {
    "task.called": called,
    "task.no_answer": no_answer,
    "task.next": next_one,
    "task.when": ask_when,
}
