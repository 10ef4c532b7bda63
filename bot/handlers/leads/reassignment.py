"""Presses that give a single lead to a colleague; taken back like any hand-over."""

from collections.abc import Mapping
from typing import Any

from bot.cards import labels
from bot.cards.screen import Button, say
from bot.conversations.lead import REASSIGN_LEAD
from bot.handlers.customers.customers import record_id
from bot.handlers.guided import Guide, anybody, begin, register
from bot.request import Reply, Request
from crm.core.text import T
from crm.people.people import find_member
from crm.people.permissions import require
from crm.sales.leads.leads import get_lead, number
from crm.sales.leads.policy import can_reassign_lead
from crm.sales.leads.reassignment import reassign_lead


def start_reassign(request: Request) -> Reply:
    lead = get_lead(request.work, viewer=request.person, lead_id=record_id(request.argument))
    require(can_reassign_lead(request.person, lead))
    return begin(request, REASSIGN_GUIDE, subject_id=lead.id)


def submit_reassign(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    lead_id, to_id = subject_id or 0, int(values["to"])
    hand_over_id = reassign_lead(
        request.work, actor=request.person, platform=request.platform, lead_id=lead_id, to_id=to_id
    )
    taker = find_member(request.work, person_id=to_id)
    told = T("Lead {number} is {name}'s now.", number=number(lead_id), name=taker.name)
    undo = Button(labels.UNDO, f"handover.undo:{hand_over_id}")
    return Reply((say(told, Button(labels.OPEN, f"lead.open:{lead_id}"), undo),))


REASSIGN_GUIDE = register(Guide(REASSIGN_LEAD, anybody, submit_reassign))
PRESSES = {"lead.reassign": start_reassign}
