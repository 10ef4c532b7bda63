"""Who may do what with leads."""

from typing import Any

from sqlalchemy import ColumnElement, select, true

from crm.core.text import T
from crm.people.people import Member, Person, Role
from crm.people.permissions import Allowed


def can_log_lead(person: Member) -> Allowed:
    if person.has(Role.REP, Role.SUPERVISOR, Role.GM, Role.ADMIN):
        return True
    return T("Leads are logged by sales. Please pass it on to a colleague there.")


def can_see_lead(person: Member, lead: Any) -> Allowed:
    """Own leads, the pool, the team's for a supervisor, all for the general manager and administrators."""
    if person.has(Role.GM, Role.ADMIN) or lead.owner_id == person.id:
        return True
    if lead.owner_id is None and person.has(Role.REP, Role.SUPERVISOR):
        return True
    if person.has(Role.SUPERVISOR) and person.team_id is not None and lead.owner_team_id == person.team_id:
        return True
    return T("This lead is a colleague's.")


def can_change_lead(person: Member, lead: Any) -> Allowed:
    """Its owner, and the supervisor of the owner's team; administrators reassign but do not sell."""
    if lead.owner_id == person.id:
        return True
    if person.has(Role.SUPERVISOR) and person.team_id is not None and lead.owner_team_id == person.team_id:
        return True
    return T("Only its owner and the owner's supervisor change a lead.")


def can_reassign_lead(person: Member, lead: Any) -> Allowed:
    """The supervisor of the owner's team, from the pool too, and administrators."""
    if person.has(Role.ADMIN):
        return True
    if person.has(Role.SUPERVISOR) and person.team_id is not None and lead.owner_team_id in {None, person.team_id}:
        return True
    return T("A lead is reassigned by the supervisor of its owner's team, or by an administrator.")


def visible_owners(person: Member, owner_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """A condition on a lead's owner that says the same as `can_see_lead`, the pool left out."""
    if person.has(Role.GM, Role.ADMIN):
        return true()
    if person.has(Role.SUPERVISOR) and person.team_id is not None:
        return owner_id.in_(select(Person.id).where(Person.team_id == person.team_id)) | (owner_id == person.id)
    return owner_id == person.id
