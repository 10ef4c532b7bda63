"""Customers handed over and merged: previewed, done in one go, and taken back."""

from collections.abc import Mapping
from typing import Any

from bot.cards import labels
from bot.cards.screen import Button, say
from bot.conversations.handing_over import GIVE_CUSTOMER, HAND_OVER
from bot.conversations.merging import MERGE
from bot.handlers.customers.customers import record_id
from bot.handlers.guided import Guide, begin, register
from bot.handlers.verbs import Verb
from bot.handlers.world import CompanyWorld
from bot.request import Reply, Request
from crm.core.text import T
from crm.people.people import Member, Role, find_member
from crm.people.permissions import Allowed, require
from crm.sales.customers.customers import get_customer
from crm.sales.customers.policy import can_change_customer
from crm.sales.ownership.handing_over import book_of, hand_over, undo_hand_over
from crm.sales.ownership.merging import merge_customers, undo_merge


def hand_over_book(request: Request) -> Reply:
    """`handover Li`: whose book, to whom, perhaps only some of it."""
    answers: dict[str, Any] = {}
    if request.argument:
        answers = HAND_OVER.known("from", request.argument, CompanyWorld(request.work, request.person))
    return begin(request, BOOK_GUIDE, answers=answers)


def submit_book(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    only = [int(one) for one in values.get("only") or ()] or None
    return _hand_over(request, from_id=int(values["from"]), to_id=int(values["to"]), customer_ids=only)


def start_give(request: Request) -> Reply:
    row = get_customer(request.work, viewer=request.person, customer_id=record_id(request.argument))
    require(_may_hand_over(request.person))
    return begin(request, GIVE_GUIDE, subject_id=row.id)


def submit_give(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    row = get_customer(request.work, viewer=request.person, customer_id=subject_id or 0)
    return _hand_over(request, from_id=row.owner_id, to_id=int(values["to"]), customer_ids=[row.id])


def undo_book(request: Request) -> Reply:
    book = undo_hand_over(request.work, **_by(request), hand_over_id=record_id(request.argument))
    return Reply((say(T("Taken back: {items}.", items=book.counts)),), replaces=True)


def start_merge(request: Request) -> Reply:
    row = get_customer(request.work, viewer=request.person, customer_id=record_id(request.argument))
    require(can_change_customer(request.person, row))
    return begin(request, MERGE_GUIDE, subject_id=row.id)


def submit_merge(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    merged = get_customer(request.work, viewer=request.person, customer_id=int(values["other"]))
    kept = get_customer(request.work, viewer=request.person, customer_id=subject_id or 0)
    merge_id = merge_customers(request.work, **_by(request), kept_id=kept.id, merged_id=merged.id)
    done = T("{merged} is now part of {kept}.", merged=merged.name, kept=kept.name)
    buttons = (Button(labels.OPEN, f"customer.open:{kept.id}"), Button(labels.UNDO, f"merge.undo:{merge_id}"))
    return Reply((say(done, *buttons),))


def undo_merging(request: Request) -> Reply:
    row = undo_merge(request.work, **_by(request), merge_id=record_id(request.argument))
    again = T("{name} is a customer of its own again.", name=row.name)
    return Reply((say(again, Button(labels.OPEN, f"customer.open:{row.id}")),), replaces=True)


def _hand_over(request: Request, *, from_id: int | None, to_id: int, customer_ids: list[int] | None) -> Reply:
    counts = book_of(request.work, person_id=from_id, customer_ids=customer_ids).counts
    told: dict[str, Any] = {"from_id": from_id, "to_id": to_id, "customer_ids": customer_ids}
    number = hand_over(request.work, **_by(request), **told)
    taker = find_member(request.work, person_id=to_id)
    done = T("Handed over to {name}: {items}.", name=taker.name, items=counts)
    buttons = [Button(labels.UNDO, f"handover.undo:{number}")]
    if customer_ids is not None and len(customer_ids) == 1:
        buttons.insert(0, Button(labels.OPEN, f"customer.open:{customer_ids[0]}"))
    return Reply((say(done, *buttons),))


def _by(request: Request) -> dict[str, Any]:
    return {"actor": request.person, "platform": request.platform}


def _may_hand_over(person: Member) -> Allowed:
    if person.has(Role.SUPERVISOR, Role.ADMIN):
        return True
    return T("Customers are handed over by the supervisor of the team, or by an administrator.")


def _anybody(person: Member) -> Allowed:
    # Which customers somebody may merge is asked for the two chosen, by the service.
    return True


BOOK_GUIDE = register(Guide(HAND_OVER, _may_hand_over, submit_book))
GIVE_GUIDE = register(Guide(GIVE_CUSTOMER, _may_hand_over, submit_give))
MERGE_GUIDE = register(Guide(MERGE, _anybody, submit_merge))

VERBS = (
    Verb(
        "handover",
        ("移交客户", "移交"),
        T("hand customers over to a colleague"),
        hand_over_book,
        frozenset({Role.SUPERVISOR, Role.ADMIN}),
        parks=False,
    ),
)
PRESSES = {
    "customer.give": start_give,
    "handover.undo": undo_book,
    "customer.merge": start_merge,
    "merge.undo": undo_merging,
}
