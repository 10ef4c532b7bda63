"""Who may mail whom. Guide 2.2: campaigns go to customers one looks after."""

from typing import Any

from sqlalchemy import ColumnElement

from crm.core.text import T
from crm.people.people import Member, Role
from crm.people.permissions import Allowed
from crm.sales.customers.policy import visible_customers


def can_campaign(person: Member) -> Allowed:
    if person.has(Role.REP, Role.SUPERVISOR, Role.GM, Role.ADMIN):
        return True
    return T("E-mail campaigns are sent by sales.")


def can_see_campaign(person: Member, campaign: Any) -> Allowed:
    """One's own; for a supervisor the team's; for the general manager and administrators all."""
    if person.has(Role.GM, Role.ADMIN) or campaign.owner_id == person.id:
        return True
    if person.has(Role.SUPERVISOR) and person.team_id is not None and campaign.owner_team_id == person.team_id:
        return True
    return T("This campaign is a colleague's.")


def mailable_customers(person: Member, owner_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """A condition on a customer's owner: a rep's own; whom a supervisor, the general manager, an administrator sees."""
    if person.has(Role.SUPERVISOR, Role.GM, Role.ADMIN):
        return visible_customers(person, owner_id)
    return owner_id == person.id
