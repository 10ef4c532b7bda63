"""The cards of the collision guard: the question to who has met a company, and the one to whose it is."""

from typing import Any

from bot.cards import labels
from bot.cards.screen import Button, Line, Screen, body, labelled, muted, prompt, say, title
from crm.core.errors import Conflict
from crm.core.text import T, Words
from crm.core.work import UnitOfWork
from crm.people.people import Member, find_member
from crm.sales.collisions.collisions import Collision
from crm.sales.collisions.handover_requests import can_decide_handover, get_request, name_of, pending_request
from crm.sales.collisions.holding import likeness
from crm.sales.leads.leads import OPEN_STATUSES, get_lead, number

ADD_AS_NOTE = T("Add as a note")
ASK_FOR_HANDOVER = T("Ask for hand-over")
LOG_ANYWAY = T("Log anyway")
HAND_OVER = T("Hand over")
KEEP_IT = T("Keep it")
_KINDS = {"lead": T("Lead"), "customer": T("Customer")}


def draw_held_lead(work: UnitOfWork, lead_id: int, viewer: Member) -> Screen:
    """What a lead looks like and what may be done; what was done, once it is settled. Raises NotFound."""
    try:
        lead, same = likeness(work, actor=viewer, lead_id=lead_id)
    except Conflict:
        return _settled(get_lead(work, viewer=viewer, lead_id=lead_id))
    asked = pending_request(work, lead_id=lead_id)
    lines: list[Line] = [title(T("{company} may be known already", company=lead.company))]
    lines += [_line(place, one, viewer, numbered=len(same) > 1) for place, one in enumerate(same, 1)]
    if not same:
        lines.append(body(T("Nothing like it is left: it was closed or changed meanwhile.")))
    if asked is not None:
        owner = find_member(work, person_id=asked.owner_id)
        lines.append(muted(T("{name} was asked to hand it over; the answer comes here.", name=owner.name)))
    lines.append(prompt(T("What is to be done? Nothing is logged yet.")))
    rows = [_row(lead_id, place, one, viewer, asked, len(same)) for place, one in enumerate(same, 1)]
    last = (Button(LOG_ANYWAY, f"held.log:{lead_id}"), Button(labels.CANCEL, f"held.drop:{lead_id}"))
    return Screen(tuple(lines), (*rows, last))


def draw_handover(work: UnitOfWork, request_id: int, viewer: Member) -> Screen:
    """Somebody asks for what is this person's; who decided and how, once it is. Raises NotFound."""
    request = get_request(work, viewer=viewer, request_id=request_id)
    asker = find_member(work, person_id=request.asked_by_id)
    owner = find_member(work, person_id=request.owner_id)
    name = name_of(work, request)
    lines: list[Line] = [title(T("{asker} asks for {name}", asker=asker.name, name=name))]
    lines.append(labelled(_KINDS[request.kind], name))
    lines.append(labelled(T("Owner"), owner.name))
    if request.status == "settled":
        return Screen((*lines, muted(T("It is not needed any more."))))
    if request.status != "pending":
        decider = find_member(work, person_id=request.decided_by_id).name
        given = T("Handed over to {name} by {decider}.", name=asker.name, decider=decider)
        kept = T("Kept by {decider}.", decider=decider)
        return Screen((*lines, muted(given if request.status == "given" else kept)))
    lines.append(muted(T("They have met this company, and what they were told would go along.")))
    if can_decide_handover(viewer, request, owner) is not True:
        return Screen(tuple(lines))
    give = Button(HAND_OVER, f"handover.give:{request_id}", "primary")
    return Screen(tuple(lines), ((give, Button(KEEP_IT, f"handover.keep:{request_id}")),))


def _line(place: int, one: Collision, viewer: Member, *, numbered: bool) -> Line:
    whose: Words = one.owner_name or T("in the pool")
    if one.owner_id == viewer.id:
        whose = T("yours")
    told = T("{kind} {name} · {owner} · {why}", kind=_KINDS[one.kind], name=one.name, owner=whose, why=one.why)
    return body(T("{n}. {what}", n=place, what=told) if numbered else told)


def _row(lead_id: int, place: int, one: Collision, viewer: Member, asked: Any, count: int) -> tuple[Button, ...]:
    mark = f"{place}." if count > 1 else ""
    which = f"{lead_id}:{one.kind}:{one.record_id}"
    row = [Button(ADD_AS_NOTE, f"held.note:{which}", "primary" if place == 1 else "", mark)]
    if one.owner_id not in {None, viewer.id} and asked is None:
        row.append(Button(ASK_FOR_HANDOVER, f"held.ask:{which}", "", mark))
    if one.owner_id is None and one.kind == "lead":
        row.append(Button(labels.CLAIM, f"lead.claim:{one.record_id}", "", mark))
    return tuple(row)


def _settled(lead: Any) -> Screen:
    if lead.status in OPEN_STATUSES:
        saved = T("Saved lead {number}: {company}", number=number(lead.id), company=lead.company)
        undo = (Button(labels.UNDO, f"lead.undo:{lead.id}"),) if lead.status == "new" else ()
        return say(saved, Button(labels.OPEN, f"lead.open:{lead.id}"), *undo)
    if lead.status == "noted":
        return say(T("{company}: what you were told is a note there now.", company=lead.company))
    return say(T("{company}: nothing was logged.", company=lead.company))
