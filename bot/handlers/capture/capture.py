"""One message that says it all: read, shown as the filled form of the right conversation, written only by `Save`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from bot.cards import labels
from bot.cards.screen import Button, Screen, body, muted, say
from bot.conversations.captured import CAPTURED_NOTE
from bot.conversations.lead import LEAD
from bot.conversations.reminder import read_reminder
from bot.handlers.capture import exhibition
from bot.handlers.customers.customers import record_id
from bot.handlers.deals.deals import MOVE_GUIDE
from bot.handlers.guided import Guide, anybody, begin, register
from bot.handlers.leads import leads
from bot.handlers.record_world import find_record
from bot.handlers.reminders.reminders import REMIND_GUIDE
from bot.handlers.verbs import Handler, Verb
from bot.handlers.world import CompanyWorld
from bot.request import Card, Reply, Request
from bot.understanding.answers import lead_answers
from bot.understanding.knowledge import CompanyKnowledge
from bot.understanding.proposals import proposed_lead, proposed_reading
from bot.understanding.questions import ask_later
from crm.core.text import T
from crm.language.capture.leads import read_lead
from crm.language.capture.moves import read_move
from crm.language.capture.rules import Rules
from crm.language.capture.understanding import (
    LeadReading,
    MoveReading,
    NoteReading,
    OrderQuestion,
    ReminderReading,
    Understander,
    Understanding,
)
from crm.orders.orders import find_orders
from crm.sales.customers.communications import add_note
from crm.sales.deals.deals import get_deal
from crm.sales.deals.policy import can_deal
from crm.sales.leads.notes import add_lead_note
from crm.sales.leads.policy import can_log_lead

UNDERSTANDER: Understander = Rules()
_LONGEST_NAME = 200
_WHOLE = 5.0
"""What a text must come to, to be another lead although a question stands open."""
_SHORT = 24
"""A text shorter than this is answered shortly: it was hardly meant to be read as a whole."""


def capture(request: Request, text: str) -> Reply | None:
    """The form that a message fills in, or the order it asks for; None where it is not understood."""
    knowledge = CompanyKnowledge(request.work, request.person)
    now = request.work.now.astimezone(request.person.zone)
    found = UNDERSTANDER.understand(text, now=now, knowledge=knowledge)
    return None if found is None else open_reading(request, found)


def open_reading(request: Request, found: Understanding) -> Reply | None:
    """What was understood, shown to be saved; None where this person could do nothing with it."""
    match found:
        case OrderQuestion(number):
            return _order(request, number)
        case LeadReading():
            return _lead(request, found) if can_log_lead(request.person) is True else None
        case MoveReading(deal, stage):
            if can_deal(request.person) is not True:
                return None
            answers = {"stage": stage, **({"deal": deal.value} if deal else {})}
            return begin(request, MOVE_GUIDE, answers=answers, captured=True)
        case NoteReading():
            return _note(request, found)
        case ReminderReading(text):
            answers, wrong = read_reminder(text, _world(request))
            return begin(request, REMIND_GUIDE, answers=answers, wrong=wrong, captured=True)


def is_another_lead(request: Request, text: str) -> bool:
    """Whether a text tells of somebody whole: who, of which company, how to reach them. No field asks for all that."""
    if len(text) < _SHORT or can_log_lead(request.person) is not True:
        return False
    now = request.work.now.astimezone(request.person.zone)
    found = read_lead(text, now=now, knowledge=CompanyKnowledge(request.work, request.person))
    if found is None or found.weight < _WHOLE:
        return False
    read = found.reading
    ways = (read.phone, read.email, read.wechat, read.whatsapp)
    return any(ways) and bool(read.company) and bool(read.contact or read.product_need)


def not_read(request: Request) -> Reply:
    """What our rules read nothing in: the model is asked, where there is one; else what could have been said."""
    if request.settings.model_url and request.settings.model_name and len(request.inbound.text.strip()) >= _SHORT:
        ask_later(request.work, request.inbound)
        return Reply((say(T("One moment: I am reading this.")),))
    return Reply((not_understood(request),))


def take_proposal(request: Request) -> Reply:
    """What a model proposes for a message, as far as it holds: shown to be saved like any other."""
    text, proposal, world = request.inbound.text, dict(request.inbound.values), _world(request)
    if request.session is not None:
        return Reply()  # they have gone on to something else, which is not to be put aside
    if proposal.get("intent") == "lead" and can_log_lead(request.person) is True:
        answers = proposed_lead(proposal, text, world)
        if answers is not None:
            return begin(request, leads.LEAD_GUIDE, answers=answers, captured=True)
    knowledge = CompanyKnowledge(request.work, request.person)
    found = proposed_reading(proposal, text, knowledge, world)
    return (None if found is None else open_reading(request, found)) or Reply((not_understood(request),))


def not_understood(request: Request) -> Screen:
    """A short answer that helps: what could have been said."""
    lines = [body(T("I did not understand that. Type help to see what I can do."))]
    if len(request.inbound.text.strip()) >= _SHORT and can_log_lead(request.person) is True:
        hint = T(
            "In one message I read a lead (who, what they want, how to reach them), “Ernst: a note”, "
            "“remind me to …”, “move 17 to negotiation” or an order's number."
        )
        lines.append(muted(hint))
    return Screen(tuple(lines), ((Button(T("Help"), "verb:help"),),))


def reading_more(verbs: Iterable[Verb]) -> tuple[Verb, ...]:
    """The same verbs, of which `lead` and `move` also take a whole sentence behind them."""
    return tuple(
        replace(verb, handler=_first(_READ[verb.name], verb.handler)) if verb.name in _READ else verb for verb in verbs
    )


def _first(read: Callable[[Request], Reply | None], otherwise: Handler) -> Handler:
    return lambda request: read(request) or otherwise(request)


def _read_lead(request: Request) -> Reply | None:
    """All about somebody behind the verb `lead`; None where no more than a name stands there."""
    said = request.argument.strip()
    if (at_fair := exhibition.expo(request)) is not None:
        return at_fair
    if not said or can_log_lead(request.person) is not True:
        return None
    now = request.work.now.astimezone(request.person.zone)
    found = read_lead(said, now=now, knowledge=CompanyKnowledge(request.work, request.person))
    if found is not None and _says_more_than_a_name(found.reading):
        return _lead(request, found.reading)
    if len(said) <= _LONGEST_NAME:
        return None
    answers = LEAD.known("notes", said, _world(request))  # no name is so long: nothing of it is lost
    return begin(request, leads.LEAD_GUIDE, answers=answers, captured=True)


def _read_move(request: Request) -> Reply | None:
    """A sentence that begins with the verb: `move Ernst to negotiation`."""
    said = f"move {request.argument.strip()}"
    found = read_move(said, knowledge=CompanyKnowledge(request.work, request.person))
    return None if found is None else open_reading(request, found)


_READ: dict[str, Callable[[Request], Reply | None]] = {"lead": _read_lead, "move": _read_move}


def _says_more_than_a_name(reading: LeadReading) -> bool:
    told = ("phone", "email", "wechat", "whatsapp", "source", "product_need", "budget", "next_follow_up")
    return any(getattr(reading, key) for key in told) or bool(reading.company and reading.contact)


def _lead(request: Request, reading: LeadReading) -> Reply:
    return begin(request, leads.LEAD_GUIDE, answers=lead_answers(reading, _world(request)), captured=True)


def _note(request: Request, found: NoteReading) -> Reply | None:
    named = {"deal": found.deal, "customer": found.customer, "lead": found.lead}
    about = next((f"{kind}:{one.value}" for kind, one in named.items() if one is not None), "")
    if find_record(_world(request), about) is None:
        return None
    answers = {"about": about, **CAPTURED_NOTE.known("text", found.text, _world(request))}
    return begin(request, NOTE_GUIDE, answers=answers, captured=True)


def submit_note(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    kind, _, number = values["about"].partition(":")
    choice = find_record(_world(request), values["about"])
    by: dict[str, Any] = {"actor": request.person, "platform": request.platform, "text": values["text"]}
    if kind == "lead":
        note_id = add_lead_note(request.work, **by, lead_id=record_id(number))
        undo = f"lead.undo_note:{number}:{note_id}"
    else:
        deal_id = record_id(number) if kind == "deal" else None
        customer_id = record_id(number)
        if deal_id is not None:
            customer_id = get_deal(request.work, viewer=request.person, deal_id=deal_id).customer_id
        undo = f"note.undo:{add_note(request.work, **by, customer_id=customer_id, deal_id=deal_id)}"
    name = choice.label if choice is not None else values["about"]
    buttons = (Button(labels.OPEN, f"{kind}.open:{number}"), Button(labels.UNDO, undo))
    return Reply((say(T("Noted for {name}.", name=name), *buttons),))


def _order(request: Request, number: str) -> Reply:
    rows, _ = find_orders(request.work, viewer=request.person, query=number, most=1)
    if not rows:
        unknown = T("There is no order {number} that you may see.", number=number)
        return Reply((say(unknown, Button(T("Orders"), "verb:orders")),))
    return Reply((Card("order", rows[0].id),))


def _world(request: Request) -> CompanyWorld:
    return CompanyWorld(request.work, request.person)


NOTE_GUIDE = register(Guide(CAPTURED_NOTE, anybody, submit_note))
