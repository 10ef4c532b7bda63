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
from bot.conversations.lead_form import lead_conversation, own_values
from bot.handlers.customers.customers import paging, record_id
from bot.handlers.guided import Guide, anybody, begin, register
from bot.handlers.verbs import Verb
from bot.inbound import FORM
from bot.request import Card, Reply, Request
from crm.core.text import TN, T, Words
from crm.people.people import Role
from crm.people.permissions import require
from crm.sales.collisions.collisions import collisions_at_logging
from crm.sales.collisions.holding import HELD_CARD, hold_lead
from crm.sales.deals.policy import can_deal
from crm.sales.leads.finding import find_leads
from crm.sales.leads.lead_form import read_form
from crm.sales.leads.leads import (
    LeadDetails,
    disqualify_lead,
    get_lead,
    log_lead,
    number,
    open_leads,
    withdraw_lead,
)
from crm.sales.leads.policy import can_change_lead, can_log_lead
from crm.sales.leads.pool import can_claim, pool_count
from crm.sales.leads.taking_back import undo_disqualify

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
    return submit_details(request, values)[1]


def details_of_values(values: Mapping[str, Any]) -> LeadDetails:
    """What the conversation has gathered, as the service takes it."""
    reach = values.get("reach") or {}
    low, high = values.get("budget") or (None, None)
    at, has_time = values.get("next_follow_up") or (None, False)
    return LeadDetails(
        company=values["company"],
        contact=values["contact"],
        source=values["source"],
        product_need=values["product_need"],
        phone=reach.get("phone"),
        email=reach.get("email"),
        wechat=reach.get("wechat"),
        whatsapp=reach.get("whatsapp"),
        country=values.get("country"),
        referred_by=values.get("referred_by"),
        product_category=values.get("product_category"),
        budget_low=low and low.amount,
        budget_high=high and high.amount,
        budget_currency=end.currency if (end := low or high) else None,
        next_follow_up_at=at,
        next_follow_up_has_time=has_time,
        tags=values.get("tags") or [],
        notes=values.get("notes"),
        custom=own_values(values),
    )


def submit_details(request: Request, values: Mapping[str, Any]) -> tuple[int, Reply]:
    """Write the lead, or hold it where it looks like somebody's; its id, and what is answered."""
    details = details_of_values(values)
    if collisions_at_logging(request.work, details=details):
        held_id = hold_lead(request.work, actor=request.person, platform=request.platform, details=details)
        return held_id, Reply((Card(HELD_CARD, held_id),))
    lead_id = log_lead(request.work, actor=request.person, platform=request.platform, details=details)
    saved = T("Saved lead {number}: {company}", number=number(lead_id), company=details.company)
    rows = (
        (Button(labels.OPEN, f"lead.open:{lead_id}"), Button(labels.UNDO, f"lead.undo:{lead_id}")),
        (Button(T("Another lead"), "verb:lead"),),
    )
    return lead_id, Reply((Screen((body(saved), *_read_from_form(request, values)), rows),))


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
    """`leads`: my open leads, newest first; `leads #Canton Fair 2026` those with such a tag."""
    told = request.argument.strip()
    if told and not told.startswith(("#", "＃")):
        return open_found(request, told)
    return Reply((_page(request, 0, told.lstrip("#＃ ").strip()),))


def open_found(request: Request, told: str) -> Reply:
    """`leads 17`, `leads Ernst`: the one that fits, or those that do."""
    found = find_leads(request.work, viewer=request.person, query=told, most=PAGE)
    if len(found) == 1:
        return Reply((Card("lead", found[0].id),))
    if not found:
        return Reply((say(T("No open lead of yours fits “{text}”.", text=told[:60])),))
    lines = [title(T("Leads that fit “{text}”", text=told[:60])), *(body(lead_line(lead)) for lead in found)]
    return Reply((Screen(tuple(lines), tuple(_row(request, lead) for lead in found)),))


def turn_page(request: Request) -> Reply:
    page, _, tag = request.argument.partition(":")
    return Reply((_page(request, min(record_id(page), 10_000), tag),), replaces=True)


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
    told = T("Lead {number} is disqualified.", number=number(lead_id))
    return Reply((say(told, Button(labels.UNDO, f"lead.undo_disqualify:{lead_id}")),))


def take_back_disqualify(request: Request) -> Reply:
    lead_id = _lead_id(request)
    undo_disqualify(request.work, actor=request.person, platform=request.platform, lead_id=lead_id)
    told = T("Lead {number} is open again.", number=number(lead_id))
    return Reply((say(told, Button(labels.OPEN, f"lead.open:{lead_id}")),), replaces=True)


def _row(request: Request, lead: Any) -> tuple[Button, ...]:
    """Open it, and what closes it one way or the other."""
    row = [Button(T("{number} {company}", number=number(lead.id), company=lead.company), f"lead.open:{lead.id}")]
    if can_change_lead(request.person, lead) is True:
        if can_deal(request.person) is True:
            row.append(Button(labels.CONVERT, f"lead.convert:{lead.id}"))
        row.append(Button(labels.DISQUALIFY, f"lead.disqualify:{lead.id}"))
    return tuple(row)


def _page(request: Request, page: int, tag: str = "") -> Screen:
    rows, total = open_leads(request.work, viewer=request.person, offset=page * PAGE, most=PAGE, tag=tag)
    waiting = pool_count(request.work) if page == 0 and not tag and can_claim(request.person) is True else 0
    if not rows and tag:
        return say(T("No open lead of yours has the tag “{tag}”.", tag=tag[:60]))
    if not rows and waiting:
        empty = TN(
            "You have no open leads; {n} waits in the pool.", "You have no open leads; {n} wait in the pool.", n=waiting
        )
        return say(empty, Button(T("Pool"), "verb:pool", "primary"), Button(T("Log a lead"), "verb:lead"))
    if not rows and page == 0:
        return say(T("You have no open leads."), Button(T("Log a lead"), "verb:lead", "primary"))
    counted = TN("{n} open lead", "{n} open leads", n=total)
    lines = [title(T("{count} · #{tag}", count=counted, tag=tag) if tag else counted)]
    lines += [body(_line(request, lead)) for lead in rows]
    buttons = [_row(request, lead) for lead in rows]
    if (page + 1) * PAGE < total:
        lines.append(muted(T("Page {page}", page=page + 1)))
    more = list(paging("leads.page", page, total, tag))
    if waiting:
        more.append((Button(T("Pool ({n})", n=waiting), "verb:pool"),))
    return Screen(tuple(lines), (*buttons, *more))


def _line(request: Request, lead: Any) -> Words:
    """With whose it is, where that is somebody else's."""
    if lead.owner_id in {None, request.person.id}:
        return lead_line(lead)
    return T("{lead} · {owner}", lead=lead_line(lead), owner=lead.owner_name)


def _lead_id(request: Request) -> int:
    return int(request.argument[:15]) if request.argument[:15].isdecimal() else 0


LEAD_GUIDE = register(Guide(LEAD, can_log_lead, submit_lead, shaped=lambda work: lead_conversation(read_form(work))))
DISQUALIFY_GUIDE = register(Guide(DISQUALIFY, anybody, submit_disqualify))

_SALES = frozenset({Role.REP, Role.SUPERVISOR, Role.GM, Role.ADMIN})
VERBS = (
    Verb("lead", ("线索",), T("log a lead"), start_lead, _SALES, parks=False, usual=True),
    Verb("leads", ("我的线索",), T("my open leads"), list_leads, _SALES, usual=True),
)
PRESSES = {
    "lead.open": open_lead,
    "lead.undo": undo_lead,
    "lead.disqualify": start_disqualify,
    "lead.undo_disqualify": take_back_disqualify,
    "leads.page": turn_page,
}
