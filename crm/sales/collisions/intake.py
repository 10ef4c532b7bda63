"""Leads that come in by themselves: given to somebody by the rules, planned, and the owner told at once. Guide 2.1."""

from dataclasses import dataclass, replace

from crm.core.history import Actor
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.people.people import Role, find_member, list_members
from crm.people.reach import show_card, tell
from crm.sales.catalogue.categories import list_categories, propose_category
from crm.sales.collisions.collisions import Collision, collisions_at_logging
from crm.sales.leads.assignment import find_assignee, note_assignment
from crm.sales.leads.leads import LeadDetails, number, write_lead


@dataclass(frozen=True, slots=True)
class Received:
    """A lead that was written; `owner_id` None: it is in the pool."""

    lead_id: int
    owner_id: int | None


def receive_lead(work: UnitOfWork, *, details: LeadDetails, platform: str, received_from: str) -> Received:
    """Write a lead that nobody of us typed, and let it find its owner.

    Who looks after this very company already (same phone or e-mail, or its own domain) gets it; else the assignment
    rules say who, else it is in the pool. `received_from` (a form's name, a channel) stands in its history.
    """
    if details.product_category is None:
        found = propose_category(list_categories(work), details.product_need)
        details = replace(details, product_category=found)
    same = _looked_after(work, details)
    assignee = None if same is not None else find_assignee(work, details=details)
    owner_id = same.owner_id if same is not None else assignee.person_id if assignee is not None else None
    by = Actor(None, platform)
    lead_id = write_lead(work, by=by, details=details, owner_id=owner_id, act="received", reason=received_from)
    if owner_id is None:
        _tell_of_pool(work, lead_id, details)
        return Received(lead_id, None)
    if assignee is not None:
        note_assignment(work, lead_id=lead_id, person_id=owner_id)
    show_card(work, person_id=owner_id, card="lead", subject_id=lead_id)
    if same is not None:
        told = T(
            "Lead {number} {company} came to you: you look after {name} ({why}).",
            number=number(lead_id),
            company=details.company,
            name=same.name,
            why=same.why,
        )
        tell(work, person_id=owner_id, text=told, about=(same.kind, same.record_id), key=f"lead-same:{lead_id}")
    return Received(lead_id, owner_id)


def _tell_of_pool(work: UnitOfWork, lead_id: int, details: LeadDetails) -> None:
    """Nobody would hear of it otherwise: the supervisors do, else the administrators."""
    supervisors = list_members(work, role=Role.SUPERVISOR, active_only=True)
    told = T(
        "{number} {company} came in by itself and is nobody's yet: it waits in the pool.",
        number=number(lead_id),
        company=details.company,
    )
    for person in supervisors or list_members(work, role=Role.ADMIN, active_only=True):
        tell(work, person_id=person.id, text=told, about=("lead", lead_id), key=f"lead-pool:{lead_id}:{person.id}")


def _looked_after(work: UnitOfWork, details: LeadDetails) -> Collision | None:
    """The lead or customer that is certainly the same, where its owner still works here."""
    for one in collisions_at_logging(work, details=details):
        if one.is_exact and one.owner_id is not None and find_member(work, person_id=one.owner_id).is_active:
            return one
    return None
