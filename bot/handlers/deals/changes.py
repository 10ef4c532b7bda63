"""Presses on an open deal's card: changed, put on hold, given to a colleague; and how it came to where it is."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from bot.cards import labels
from bot.cards.deal_way import draw_way
from bot.cards.screen import Button, Screen, say
from bot.conversations.deal_changes import EDIT_DEAL, GIVE_DEAL, HOLD_DEAL
from bot.handlers.customers.customers import record_id
from bot.handlers.guided import Guide, begin, register
from bot.request import Reply, Request
from bot.wording import wording
from crm.core.errors import Conflict
from crm.core.text import T, Text
from crm.people.people import Member, find_member
from crm.people.permissions import Allowed, require
from crm.sales.deals.changes import DealEdit, change_deal, hand_over_deal
from crm.sales.deals.deals import get_deal, number
from crm.sales.deals.holds import hold_deal, resume_deal
from crm.sales.deals.policy import can_change_deal, can_deal, can_give_deal
from crm.sales.deals.stages import OPEN_STAGES, reason_words
from crm.sales.tasks.tasks import LONGEST_TEXT


def start_edit(request: Request) -> Reply:
    """What it is called and worth, and when it closes: shown as it is, to be changed."""
    row = _open(request, record_id(request.argument))
    close = datetime.combine(row.expected_close, time(), request.person.zone)
    answers = {
        "title": row.title,
        "amount": {"amount": f"{row.amount.normalize():f}", "currency": row.currency},
        "expected_close": {"at": close.isoformat(), "minute": False},
    }
    return begin(request, EDIT_GUIDE, answers=answers, subject_id=row.id)


def submit_edit(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    deal_id = subject_id or 0
    edit = DealEdit(title=values["title"], amount=values["amount"], expected_close=values["expected_close"][0].date())
    changed = change_deal(request.work, **_by(request), deal_id=deal_id, edit=edit)
    if not changed:
        return Reply((_told(T("{number} is as it was.", number=number(deal_id)), deal_id),))
    return Reply((_told(T("{number} is changed.", number=number(deal_id)), deal_id),))


def start_hold(request: Request) -> Reply:
    row = _open(request, record_id(request.argument))
    if row.on_hold:
        raise Conflict(T("The deal is on hold already."))
    return begin(request, HOLD_GUIDE, subject_id=row.id)


def submit_hold(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    row = get_deal(request.work, viewer=request.person, deal_id=subject_id or 0)
    owner, until = find_member(request.work, person_id=row.owner_id), values["until"][0].date()
    words = wording(owner.language, owner.timezone)
    reminder = words(T("On hold until today: {deal} ({reason})", deal=row.title, reason=reason_words(values["reason"])))
    hold_deal(
        request.work,
        **_by(request),
        deal_id=row.id,
        reason=values["reason"],
        until=until,
        reminder=reminder[:LONGEST_TEXT],
    )
    told = T("{number} is on hold until {date}. Its owner is reminded then.", number=number(row.id), date=until)
    return Reply((_told(told, row.id, Button(labels.RESUME, f"deal.resume:{row.id}")),))


def resume(request: Request) -> Reply:
    deal_id = record_id(request.argument)
    resume_deal(request.work, **_by(request), deal_id=deal_id)
    return Reply((_told(T("{number} goes on.", number=number(deal_id)), deal_id),))


def start_give(request: Request) -> Reply:
    row = get_deal(request.work, viewer=request.person, deal_id=record_id(request.argument))
    require(can_give_deal(request.person, row))
    return begin(request, GIVE_GUIDE, subject_id=row.id)


def submit_give(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    deal_id, to_id = subject_id or 0, int(values["to"])
    reason = values.get("reason")
    hand_over_deal(request.work, **_by(request), deal_id=deal_id, to_id=to_id, reason=reason)
    taker = find_member(request.work, person_id=to_id)
    return Reply((say(T("{number} is {name}'s now.", number=number(deal_id), name=taker.name)),))


def show_way(request: Request) -> Reply:
    return Reply((draw_way(request.work, record_id(request.argument), request.person),))


def _open(request: Request, deal_id: int) -> Any:
    row = get_deal(request.work, viewer=request.person, deal_id=deal_id)
    require(can_change_deal(request.person, row))
    if row.stage not in OPEN_STAGES:
        raise Conflict(T("The deal is closed."))
    return row


def _stands(request: Request, deal_id: int) -> None:
    _open(request, deal_id)


def _told(words: Text, deal_id: int, *more: Button) -> Screen:
    return say(words, Button(labels.OPEN, f"deal.open:{deal_id}"), *more)


def _by(request: Request) -> dict[str, Any]:
    return {"actor": request.person, "platform": request.platform}


def _anybody(person: Member) -> Allowed:
    # Whose deals somebody may give is asked for the one chosen, by the service.
    return True


EDIT_GUIDE = register(Guide(EDIT_DEAL, can_deal, submit_edit, _stands))
HOLD_GUIDE = register(Guide(HOLD_DEAL, can_deal, submit_hold, _stands))
GIVE_GUIDE = register(Guide(GIVE_DEAL, _anybody, submit_give))

PRESSES = {
    "deal.edit": start_edit,
    "deal.hold": start_hold,
    "deal.resume": resume,
    "deal.give": start_give,
    "deal.story": show_way,
}
