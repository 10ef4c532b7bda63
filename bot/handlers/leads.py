"""Verbs and presses about leads."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.cards import labels
from bot.cards.lead import lead_line
from bot.cards.names import budget_words
from bot.cards.screen import Button, Line, Screen, body, labelled, muted, say, title
from bot.conversations.disqualify import DISQUALIFY
from bot.conversations.lead import LEAD
from bot.handlers.guided import Guide, begin, register
from bot.handlers.verbs import Verb
from bot.inbound import FORM
from bot.request import Card, Reply, Request
from crm.core.text import TN, T
from crm.people.people import Member, Role
from crm.people.permissions import Allowed, require
from crm.sales.lead_policy import can_change_lead, can_log_lead
from crm.sales.leads import (
    LeadDetails,
    disqualify_lead,
    get_lead,
    log_lead,
    number,
    open_leads,
    withdraw_lead,
)

PAGE = 8
_NUMBER = re.compile(r"L-[0-9]{1,15}", re.IGNORECASE)


def start_lead(request: Request) -> Reply:
    """`lead`, with a company's name if one follows; `lead L-85` opens that one."""
    named = " ".join(request.argument.split())
    if _NUMBER.fullmatch(named):
        return open_lead(replace(request, argument=named[2:]))
    answers = {"company": named} if 0 < len(named) <= 200 else {}
    return begin(request, LEAD_GUIDE, answers=answers)


def submit_lead(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    """Write the lead that the conversation has gathered."""
    reach = values.get("reach") or {}
    low, high = values.get("budget") or (None, None)
    at, has_time = values.get("next_follow_up") or (None, False)
    details = LeadDetails(
        company=values["company"],
        contact=values["contact"],
        source=values["source"],
        product_need=values["product_need"],
        phone=reach.get("phone"),
        email=reach.get("email"),
        wechat=reach.get("wechat"),
        whatsapp=reach.get("whatsapp"),
        country=values.get("country"),
        product_category=values.get("product_category"),
        budget_low=low and low.amount,
        budget_high=high and high.amount,
        budget_currency=end.currency if (end := low or high) else None,
        next_follow_up_at=at,
        next_follow_up_has_time=has_time,
        tags=values.get("tags") or [],
        notes=values.get("notes"),
    )
    lead_id = log_lead(request.work, actor=request.person, platform=request.platform, details=details)
    saved = T("Saved lead {number}: {company}", number=number(lead_id), company=details.company)
    rows = (
        (Button(labels.OPEN, f"lead.open:{lead_id}"), Button(labels.UNDO, f"lead.undo:{lead_id}")),
        (Button(T("Another lead"), "verb:lead"),),
    )
    return Reply((Screen((body(saved), *_read_from_form(request, values)), rows),))


def _read_from_form(request: Request, values: Mapping[str, Any]) -> list[Line]:
    """What a form's texts were understood as; step by step the review has said so."""
    if request.inbound.kind != FORM:
        return []
    lines = []
    budget = budget_words(*(values.get("budget") or (None, None)))
    if budget is not None:
        lines.append(labelled(T("Budget"), budget))
    if values.get("next_follow_up"):
        at, has_time = values["next_follow_up"]
        told = at if has_time else at.astimezone(request.person.zone).date()
        lines.append(labelled(T("Next follow-up"), T("{at}", at=told)))
    return lines


def list_leads(request: Request) -> Reply:
    """`leads`: my open leads, newest first."""
    return Reply((_page(request, 0),))


def turn_page(request: Request) -> Reply:
    page = int(request.argument) if request.argument.isdecimal() else 0
    return Reply((_page(request, min(page, 10_000)),), replaces=True)


def open_lead(request: Request) -> Reply:
    lead_id = _lead_id(request)
    get_lead(request.work, viewer=request.person, lead_id=lead_id)
    return Reply((Card("lead", lead_id),))


def undo_lead(request: Request) -> Reply:
    lead_id = _lead_id(request)
    withdraw_lead(request.work, actor=request.person, platform=request.platform, lead_id=lead_id)
    return Reply((say(T("Lead {number} is taken back.", number=number(lead_id))),), replaces=True)


def start_disqualify(request: Request) -> Reply:
    lead_id = _lead_id(request)
    lead = get_lead(request.work, viewer=request.person, lead_id=lead_id)
    require(can_change_lead(request.person, lead))
    return begin(request, DISQUALIFY_GUIDE, subject_id=lead_id)


def submit_disqualify(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    lead_id = subject_id or 0
    disqualify_lead(
        request.work,
        actor=request.person,
        platform=request.platform,
        lead_id=lead_id,
        reason=values["reason"],
    )
    return Reply((say(T("Lead {number} is disqualified.", number=number(lead_id))),))


def _page(request: Request, page: int) -> Screen:
    rows, total = open_leads(request.work, viewer=request.person, offset=page * PAGE, most=PAGE)
    if not rows and page == 0:
        return say(T("You have no open leads."), Button(T("Log a lead"), "verb:lead", "primary"))
    lines = [title(TN("{n} open lead", "{n} open leads", n=total)), *(body(lead_line(lead)) for lead in rows)]
    buttons: list[tuple[Button, ...]] = [
        (Button(T("{number} {company}", number=number(lead.id), company=lead.company), f"lead.open:{lead.id}"),)
        for lead in rows
    ]
    turn = []
    if page > 0:
        turn.append(Button(labels.PREVIOUS, f"leads.page:{page - 1}"))
    if (page + 1) * PAGE < total:
        turn.append(Button(labels.NEXT, f"leads.page:{page + 1}"))
        lines.append(muted(T("Page {page}", page=page + 1)))
    return Screen(tuple(lines), tuple([*buttons, tuple(turn)] if turn else buttons))


def _lead_id(request: Request) -> int:
    return int(request.argument[:15]) if request.argument[:15].isdecimal() else 0


def _anybody(person: Member) -> Allowed:
    # Who may change this very lead was asked when the conversation began, and is asked again by the service.
    return True


LEAD_GUIDE = register(Guide(LEAD, can_log_lead, submit_lead))
DISQUALIFY_GUIDE = register(Guide(DISQUALIFY, _anybody, submit_disqualify))

_SALES = frozenset({Role.REP, Role.SUPERVISOR, Role.GM, Role.ADMIN})
VERBS = (
    Verb("lead", ("线索",), T("log a lead"), start_lead, _SALES, parks=False, usual=True),
    Verb("leads", ("我的线索",), T("my open leads"), list_leads, _SALES, usual=True),
)
PRESSES = {
    "lead.open": open_lead,
    "lead.undo": undo_lead,
    "lead.disqualify": start_disqualify,
    "leads.page": turn_page,
}
