"""The verb `remind`, and what is pressed on a reminder: over, put off, stopped. Guide 2.3."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.cards import labels
from bot.cards.screen import Button, Screen, body, prompt, say, title
from bot.cards.task import about
from bot.cards.task_list import all_page, due_page
from bot.conversations.reminder import REMIND, read_reminder
from bot.handlers.customers.customers import record_id
from bot.handlers.guided import Guide, anybody, begin, register
from bot.handlers.record_world import find_record
from bot.handlers.verbs import Verb
from bot.handlers.world import CompanyWorld
from bot.request import Card, Reply, Request
from crm.core import copies
from crm.core.errors import Invalid, NotFound
from crm.core.rules import read_rules
from crm.core.text import T
from crm.people.calendar import calendar_of
from crm.sales.leads.following_up import follow_up_done, follow_up_moved
from crm.sales.reminders.setting import add_task
from crm.sales.tasks.recurrence import in_words, read_form
from crm.sales.tasks.tasks import clock_time, end_task, get_task, snooze_task, stop_series
from crm.sales.tasks.their_time import country_calendar, is_elsewhere, next_morning

_ALL = frozenset({"list", "all", "列表", "全部"})


def remind(request: Request) -> Reply:
    """`remind call Hans tomorrow 3pm`: read, shown in full, confirmed; what it does not say is asked.

    `remind list`: all that one is to be reminded of.
    """
    said = request.argument.strip()
    if not said:
        return begin(request, REMIND_GUIDE)
    if said.casefold() in _ALL:
        return Reply((all_page(request.work, request.person, 0),))
    answers, wrong = read_reminder(said, CompanyWorld(request.work, request.person))
    return begin(request, REMIND_GUIDE, answers=answers, wrong=wrong)


def remind_for(request: Request) -> Reply:
    """A reminder about the record that the button names (`customer:17`)."""
    world = CompanyWorld(request.work, request.person)
    if find_record(world, request.argument) is None:
        raise NotFound(T("There is no such record."))
    return begin(request, REMIND_GUIDE, answers={"about": request.argument})


def submit(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    kind, _, number = (values.get("about") or "").partition(":")
    when = values["when"]
    task_id = add_task(
        request.work,
        actor=request.person,
        platform=request.platform,
        text=values["text"],
        due_at=when.at,
        about=(kind, record_id(number)) if kind else None,
        has_time=when.has_time,
        recurrence=when.recurrence,
    )
    return Reply((saved(request, task_id),))


def saved(request: Request, task_id: int) -> Screen:
    """What was set, in full."""
    task = get_task(request.work, viewer=request.person, task_id=task_id)
    told = T("I will remind you {at}: {text}", at=task.due_at, text=task.text)
    if task.recurrence is not None:
        rhythm = in_words(read_form(task.recurrence))
        told = T("I will remind you {rhythm}, first {at}: {text}", rhythm=rhythm, at=task.due_at, text=task.text)
    row = (Button(labels.OPEN, f"task.open:{task_id}"), Button(labels.UNDO, f"task.undo:{task_id}"))
    return Screen((body(told),), (row, (Button(T("All my reminders"), "tasks.page:0"),)))


def turn_all(request: Request) -> Reply:
    return Reply((all_page(request.work, request.person, _page(request)),), replaces=True)


def open_all(request: Request) -> Reply:
    return Reply((all_page(request.work, request.person, 0),))


def turn_due(request: Request) -> Reply:
    return Reply((due_page(request.work, request.person, _page(request)),), replaces=True)


def open_task(request: Request) -> Reply:
    task = get_task(request.work, viewer=request.person, task_id=record_id(request.argument))
    return Reply((Card("task", task.id),))


def undo(request: Request) -> Reply:
    end(request, "undone")
    return Reply((say(T("The reminder is taken back.")),), replaces=True)


def done(request: Request) -> Reply:
    end(request, "done")
    return Reply(toast=T("Done."))


def stop(request: Request) -> Reply:
    task_id = record_id(request.argument)
    stop_series(request.work, actor=request.person, platform=request.platform, task_id=task_id)
    return Reply(toast=T("It will not come again."))


def end(request: Request, act: str) -> Any:
    """The reminder that the button names is over; returns it as it was."""
    by: Any = {"actor": request.person, "platform": request.platform}
    task = end_task(request.work, **by, task_id=record_id(request.argument), act=act)
    if act != "undone":
        follow_up_done(request.work, **by, task=task)
    return task


def snooze(request: Request) -> Reply:
    """Until when? In place of the card, which comes back with the answer."""
    task = get_task(request.work, viewer=request.person, task_id=record_id(request.argument))
    seen = f"{task.id}:{int(task.due_at.timestamp())}"
    morning = morning_on(request, days=1)
    tomorrow = request.work.now.astimezone(request.person.zone).date() + timedelta(days=1)
    is_tomorrow = morning.date() == tomorrow
    label = T("Tomorrow morning") if is_tomorrow else T("Morning of {date}", date=morning.date())
    rows: list[tuple[Button, ...]] = [
        (Button(T("1 hour"), f"task.later:{seen}:hour"), Button(label, f"task.later:{seen}:morning"))
    ]
    theirs = _their_morning(request, task)
    if theirs is not None:
        rows.append((Button(T("Customer's morning: {at}", at=theirs), f"task.later:{seen}:theirs"),))
    lines = (title(T("Reminder: {text}", text=task.text)), prompt(T("Remind you again when?")))
    return Reply((Screen(lines, (*rows, (Button(labels.BACK, f"task.back:{task.id}"),))),), replaces=True)


def later(request: Request) -> Reply:
    """`17:1772411400:hour`: put off by an hour, from the time it was due when the button was drawn."""
    number, seen, until = [*request.argument.split(":"), "", ""][:3]
    task = get_task(request.work, viewer=request.person, task_id=record_id(number))
    at: datetime | None = request.work.now + timedelta(hours=1)
    if until == "morning":
        at = morning_on(request, days=1)
    elif until == "theirs":
        at = _their_morning(request, task)
    if at is None:
        raise Invalid(T("That button does not fit here any more."))
    told = snooze_task(
        request.work,
        actor=request.person,
        platform=request.platform,
        task_id=task.id,
        seen=datetime.fromtimestamp(record_id(seen), UTC),
        until=at,
    )
    by: Any = {"actor": request.person, "platform": request.platform}
    follow_up_moved(request.work, **by, task=task, next_id=task.id, at=told)
    return Reply(toast=T("I will remind you again {at}.", at=told))


def back(request: Request) -> Reply:
    """The card again, in its place."""
    task = get_task(request.work, viewer=request.person, task_id=record_id(request.argument))
    copies.touch_card(request.work, card="task", subject_id=task.id)
    return Reply()


def morning_on(request: Request, *, days: int = 0, day: date | None = None) -> datetime:
    """The morning of a day to come, where the person is; of the next one on which they work."""
    calendar = calendar_of(request.work, person_id=request.person.id)
    day = day or calendar.today(request.work.now) + timedelta(days=days)
    if not calendar.is_working_day(day):
        day = calendar.next_working_day(day)
    return datetime.combine(day, clock_time(read_rules(request.work), "tasks.morning_at"), calendar.zone)


def _their_morning(request: Request, task: Any) -> datetime | None:
    """When they next begin to work whom it is about; None where that is not known, or no other time than ours."""
    subject = about(request.work, task, request.person)
    there = None if subject is None or subject.country is None else country_calendar(request.work, subject.country)
    if there is None:
        return None
    here = calendar_of(request.work, person_id=request.person.id)
    at = next_morning(there, now=request.work.now, at=clock_time(read_rules(request.work), "tasks.morning_at"))
    return at if is_elsewhere(there, here, at=at) else None


def _page(request: Request) -> int:
    return min(record_id(request.argument), 10_000)


REMIND_GUIDE = register(Guide(REMIND, anybody, submit))

VERBS = (Verb("remind", ("提醒",), T("remind me of something in time"), remind, parks=False),)
PRESSES = {
    "remind.for": remind_for,
    "task.open": open_task,
    "task.undo": undo,
    "task.done": done,
    "task.stop": stop,
    "task.snooze": snooze,
    "task.later": later,
    "task.back": back,
    "tasks.all": open_all,
    "tasks.page": turn_all,
    "due.page": turn_due,
}
