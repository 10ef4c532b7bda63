"""The verb `remind`, and what is pressed on a reminder."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.cards import labels
from bot.cards.screen import Button, Screen, body, problem, prompt, say, title
from bot.cards.task import about_name
from bot.conversations.reminder import REMIND, read_reminder
from bot.handlers.customers import record_id
from bot.handlers.guided import Guide, begin, register
from bot.handlers.record_world import find_record
from bot.handlers.verbs import Verb
from bot.handlers.world import CompanyWorld
from bot.request import Card, Reply, Request
from bot.wording import wording
from crm.core import copies
from crm.core.errors import Invalid, NotFound
from crm.core.text import T, Text
from crm.people.people import Member
from crm.people.permissions import Allowed
from crm.sales.communications import add_note
from crm.sales.deals import get_deal
from crm.sales.lead_notes import add_lead_note
from crm.sales.lead_policy import can_change_lead
from crm.sales.leads import advance_lead, get_lead
from crm.sales.tasks import MORNING, add_task, continue_task, end_task, get_task, snooze_task

NEXT_DAYS = (1, 3, 7)


def remind(request: Request) -> Reply:
    """`remind call Hans tomorrow 3pm`: read, shown in full, confirmed; what it does not say is asked."""
    said = request.argument.strip()
    if not said:
        return begin(request, REMIND_GUIDE)
    answers, wrong = read_reminder(said, CompanyWorld(request.work, request.person))
    begun = begin(request, REMIND_GUIDE, answers=answers)
    return begun if wrong is None else _with_problem(begun, wrong)


def remind_for(request: Request) -> Reply:
    """A reminder about the record that the button names (`customer:17`)."""
    world = CompanyWorld(request.work, request.person)
    if find_record(world, request.argument) is None:
        raise NotFound(T("There is no such record."))
    return begin(request, REMIND_GUIDE, answers={"about": request.argument})


def submit(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    kind, _, number = (values.get("about") or "").partition(":")
    task_id = add_task(
        request.work,
        actor=request.person,
        platform=request.platform,
        text=values["text"],
        due_at=values["when"],
        about=(kind, record_id(number)) if kind else None,
    )
    return Reply((_saved(request, task_id),))


def open_task(request: Request) -> Reply:
    task = get_task(request.work, viewer=request.person, task_id=record_id(request.argument))
    return Reply((Card("task", task.id),))


def undo(request: Request) -> Reply:
    _end(request, "undone")
    return Reply((say(T("The reminder is taken back.")),), replaces=True)


def done(request: Request) -> Reply:
    _end(request, "done")
    return Reply(toast=T("Done."))


def called(request: Request) -> Reply:
    """Over: written into the record's history; the next one is offered."""
    task = _end(request, "called")
    _note(request, task, "call", T("Called: {text}", text=task.text))
    return _ask_for_next(request, task)


def no_answer(request: Request) -> Reply:
    task = _end(request, "no_answer")
    _note(request, task, "note", T("No answer: {text}", text=task.text))
    return _ask_for_next(request, task)


def snooze(request: Request) -> Reply:
    """Until when? In place of the card, which comes back with the answer."""
    task = get_task(request.work, viewer=request.person, task_id=record_id(request.argument))
    seen = f"{task.id}:{int(task.due_at.timestamp())}"
    row = (Button(T("1 hour"), f"task.later:{seen}:hour"), Button(T("Tomorrow morning"), f"task.later:{seen}:morning"))
    lines = (title(T("Reminder: {text}", text=task.text)), prompt(T("Remind you again when?")))
    return Reply((Screen(lines, (row, (Button(labels.BACK, f"task.back:{task.id}"),))),), replaces=True)


def later(request: Request) -> Reply:
    """`17:1772411400:hour`: put off by an hour, from the time it was due when the button was drawn."""
    number, seen, until = [*request.argument.split(":"), "", ""][:3]
    now = request.work.now
    at = now + timedelta(hours=1) if until == "hour" else _morning(request, days=1)
    told = snooze_task(
        request.work,
        actor=request.person,
        platform=request.platform,
        task_id=record_id(number),
        seen=datetime.fromtimestamp(record_id(seen), UTC),
        until=at,
    )
    return Reply(toast=T("I will remind you again {at}.", at=told))


def back(request: Request) -> Reply:
    """The card again, in its place."""
    task = get_task(request.work, viewer=request.person, task_id=record_id(request.argument))
    copies.touch_card(request.work, card="task", subject_id=task.id)
    return Reply()


def next_one(request: Request) -> Reply:
    """`17:3`: the same again in three days."""
    number, _, days = request.argument.partition(":")
    if record_id(days) not in NEXT_DAYS:
        raise Invalid(T("That button does not fit here any more."))
    task_id = continue_task(
        request.work,
        actor=request.person,
        platform=request.platform,
        task_id=record_id(number),
        due_at=_morning(request, days=record_id(days)),
    )
    return Reply((_saved(request, task_id),), replaces=True)


def _end(request: Request, act: str) -> Any:
    return end_task(
        request.work, actor=request.person, platform=request.platform, task_id=record_id(request.argument), act=act
    )


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


def _ask_for_next(request: Request, task: Any) -> Reply:
    name = about_name(request.work, task, request.person)
    offered = {1: T("Tomorrow morning"), 3: T("In 3 days"), 7: T("In 7 days")}
    row = tuple(Button(offered[days], f"task.next:{task.id}:{days}") for days in NEXT_DAYS)
    return Reply((say(T("Noted for {name}. The same again?", name=name or task.text), *row),))


def _saved(request: Request, task_id: int) -> Screen:
    task = get_task(request.work, viewer=request.person, task_id=task_id)
    saved = T("I will remind you {at}: {text}", at=task.due_at, text=task.text)
    row = (Button(labels.OPEN, f"task.open:{task_id}"), Button(labels.UNDO, f"task.undo:{task_id}"))
    return Screen((body(saved),), (row,))


def _morning(request: Request, *, days: int) -> datetime:
    """The morning of a day to come, where the person is."""
    today = request.work.now.astimezone(request.person.zone).date()
    return datetime.combine(today + timedelta(days=days), MORNING, request.person.zone)


def _with_problem(begun: Reply, wrong: Text) -> Reply:
    """The same question, with what is wrong above its last line, and above the page's fields."""
    asked = begun.shows[0]
    if not isinstance(asked, Screen):
        return begun
    page = None if asked.form is None else replace(asked.form, lines=(problem(wrong), *asked.form.lines))
    lines = (*asked.lines[:-1], problem(wrong), *asked.lines[-1:])
    return replace(begun, shows=(replace(asked, lines=lines, form=page),))


def _anybody(person: Member) -> Allowed:
    return True


REMIND_GUIDE = register(Guide(REMIND, _anybody, submit))

VERBS = (Verb("remind", ("提醒",), T("remind me of something in time"), remind, parks=False),)
PRESSES = {
    "remind.for": remind_for,
    "task.open": open_task,
    "task.undo": undo,
    "task.done": done,
    "task.called": called,
    "task.no_answer": no_answer,
    "task.snooze": snooze,
    "task.later": later,
    "task.back": back,
    "task.next": next_one,
}
