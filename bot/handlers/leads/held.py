"""Presses on the cards of the collision guard: what becomes of a lead that looks like somebody's."""

from typing import Any

from bot.handlers.customers.customers import record_id
from bot.request import Card, Reply, Request
from crm.core.errors import Invalid
from crm.core.text import T
from crm.sales.collisions.handover_requests import REQUEST_CARD, ask_for_handover, get_request, hand_it_over, keep_it
from crm.sales.collisions.holding import HELD_CARD, Kind, add_as_note, drop_held, log_anyway
from crm.sales.leads.leads import get_lead, number


def log(request: Request) -> Reply:
    lead_id = record_id(request.argument)
    log_anyway(request.work, **_by(request), lead_id=lead_id)
    return Reply(toast=T("Saved lead {number}.", number=number(lead_id)))


def note(request: Request) -> Reply:
    lead_id, kind, other = _which(request)
    add_as_note(request.work, **_by(request), lead_id=lead_id, kind=kind, record_id=other)
    return Reply(toast=T("Added as a note."))


def ask(request: Request) -> Reply:
    lead_id, kind, other = _which(request)
    ask_for_handover(request.work, **_by(request), lead_id=lead_id, kind=kind, record_id=other)
    return Reply(toast=T("The owner is asked."))


def drop(request: Request) -> Reply:
    drop_held(request.work, **_by(request), lead_id=record_id(request.argument))
    return Reply(toast=T("Nothing was logged."))


def open_held(request: Request) -> Reply:
    lead_id = record_id(request.argument)
    get_lead(request.work, viewer=request.person, lead_id=lead_id)
    return Reply((Card(HELD_CARD, lead_id),))


def give(request: Request) -> Reply:
    hand_it_over(request.work, **_by(request), request_id=record_id(request.argument))
    return Reply(toast=T("Handed over."))


def keep(request: Request) -> Reply:
    keep_it(request.work, **_by(request), request_id=record_id(request.argument))
    return Reply(toast=T("It stays with you."))


def open_request(request: Request) -> Reply:
    request_id = record_id(request.argument)
    get_request(request.work, viewer=request.person, request_id=request_id)
    return Reply((Card(REQUEST_CARD, request_id),))


def _by(request: Request) -> dict[str, Any]:
    return {"actor": request.person, "platform": request.platform}


def _which(request: Request) -> tuple[int, Kind, int]:
    """`17:customer:4`."""
    lead, _, rest = request.argument.partition(":")
    kind, _, other = rest.partition(":")
    match kind:
        case "lead" | "customer":
            return record_id(lead), kind, record_id(other)
    raise Invalid(T("That button does not fit here any more."))


PRESSES = {
    "held.log": log,
    "held.note": note,
    "held.ask": ask,
    "held.drop": drop,
    "held_lead.open": open_held,
    "handover.give": give,
    "handover.keep": keep,
    "handover.open": open_request,
}
