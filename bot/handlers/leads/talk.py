"""What came of talking to a lead, pressed on its card: a call, no answer, a note; then when to call again."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from bot.cards import labels
from bot.cards.screen import Button, Screen, body, say
from bot.conversations.note import LEAD_NOTE
from bot.conversations.reminder import LEAD_NEXT_DATE, Moment
from bot.handlers.customers.customers import record_id
from bot.handlers.guided import Guide, anybody, begin, register
from bot.handlers.reminders import next as next_reminder
from bot.handlers.reminders.reminders import morning_on, saved
from bot.request import Reply, Request
from bot.wording import wording
from crm.core.errors import Conflict, Invalid
from crm.core.text import T, Text
from crm.people.permissions import require
from crm.sales.leads.following_up import followed_up, set_follow_up
from crm.sales.leads.leads import OPEN_STATUSES, advance_lead, get_lead, number
from crm.sales.leads.notes import add_lead_note
from crm.sales.leads.policy import can_change_lead
from crm.sales.reminders.setting import offer_follow_up, offered_lead, offered_task
from crm.sales.tasks.tasks import standing_tasks


def called(request: Request) -> Reply:
    """Written into its notes, and a new lead is contacted; the next date is offered."""
    return _talked(request, is_call=True)


def no_answer(request: Request) -> Reply:
    return _talked(request, is_call=False)


def next_day(request: Request) -> Reply:
    """`17:20260305`: followed up on the morning of that day."""
    lead, _, day = request.argument.partition(":")
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise Invalid(T("That button does not fit here any more.")) from None
    return _follow_up(request, record_id(lead), Moment(morning_on(request, day=on), has_time=False), replaces=True)


def ask_when(request: Request) -> Reply:
    """Another date, in one's own words."""
    return begin(request, NEXT_GUIDE, subject_id=_open_lead(request).id)


def submit_next(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    when: Moment = values["when"]
    if when.recurrence is not None:
        raise Invalid(T("A lead has one next follow-up. Write one date, such as tomorrow 3pm."))
    return _follow_up(request, subject_id or 0, when)


def take_date(request: Request) -> Reply | None:
    """A date typed right after the next one was offered, for a lead or after a reminder, whichever was later; None
    where none was offered, or where it is no date.
    """
    read = next_reminder.read_typed(request)
    if read is None:
        return None
    lead = offered_lead(request.work, person_id=request.person.id)
    task = offered_task(request.work, person_id=request.person.id)
    if lead is None or (task is not None and task.ended_at > lead[1]):
        return next_reminder.take_date(request)
    if isinstance(read, Text):
        return Reply((say(read),))
    return submit_next(request, {"when": read}, lead[0])


def note(request: Request) -> Reply:
    return begin(request, NOTE_GUIDE, subject_id=_open_lead(request).id)


def submit_note(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    lead = get_lead(request.work, viewer=request.person, lead_id=subject_id or 0)
    require(can_change_lead(request.person, lead))
    add_lead_note(request.work, actor=request.person, platform=request.platform, lead_id=lead.id, text=values["text"])
    return Reply((say(_noted(lead), Button(labels.OPEN, f"lead.open:{lead.id}")),))


def _talked(request: Request, *, is_call: bool) -> Reply:
    lead = _open_lead(request)
    due, _ = standing_tasks(request.work, viewer=request.person, before=request.work.now, most=500)
    task = next((row for row in due if (row.about, row.about_id) == ("lead", lead.id)), None)
    if task is not None:  # what was reminded of is over with it
        ends = next_reminder.called if is_call else next_reminder.no_answer
        return ends(replace(request, argument=str(task.id)))
    by: Any = {"actor": request.person, "platform": request.platform, "lead_id": lead.id}
    said = wording(request.person.language, request.person.timezone)(labels.CALLED if is_call else labels.NO_ANSWER)
    add_lead_note(request.work, **by, text=said, is_contact=is_call)
    if is_call and lead.status == "new":
        advance_lead(request.work, **by, to_status="contacted")
    followed_up(request.work, **by)
    offer_follow_up(request.work, **by, is_call=is_call)
    return _ask_for_next(request, lead, soonest=not is_call)


def _ask_for_next(request: Request, lead: Any, *, soonest: bool) -> Reply:
    told = T(
        "{noted} When again? Choose a day or write one; if there is nothing more to do, leave it.", noted=_noted(lead)
    )
    rows = [
        (Button(label, f"lead.next:{lead.id}:{day:%Y%m%d}"),)
        for day, label in next_reminder.days_offered(request, None, soonest=soonest).items()
    ]
    other = (Button(T("Another date"), f"lead.when:{lead.id}"),)
    return Reply((Screen((body(told),), (*rows, other)),))


def _follow_up(request: Request, lead_id: int, when: Moment, *, replaces: bool = False) -> Reply:
    task_id = set_follow_up(
        request.work,
        actor=request.person,
        platform=request.platform,
        lead_id=lead_id,
        at=when.at,
        has_time=when.has_time,
    )
    return Reply((saved(request, task_id),), replaces=replaces)


def _open_lead(request: Request) -> Any:
    """The lead that the button names. Raises NotFound, Forbidden, Conflict (closed)."""
    lead = get_lead(request.work, viewer=request.person, lead_id=record_id(request.argument))
    require(can_change_lead(request.person, lead))
    if lead.status not in OPEN_STATUSES:
        raise Conflict(T("Lead {number} is closed.", number=number(lead.id)))
    return lead


def _noted(lead: Any) -> Any:
    return T("Noted for {name}.", name=f"{number(lead.id)} {lead.company}")


NEXT_GUIDE = register(Guide(LEAD_NEXT_DATE, anybody, submit_next))
NOTE_GUIDE = register(Guide(LEAD_NOTE, anybody, submit_note))

PRESSES = {
    "lead.called": called,
    "lead.no_answer": no_answer,
    "lead.next": next_day,
    "lead.when": ask_when,
    "lead.note": note,
}
