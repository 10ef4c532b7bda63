"""Who may do what with deals."""

from typing import Any

from crm.core.text import T
from crm.people.people import Member, Role
from crm.people.permissions import Allowed


def can_deal(person: Member) -> Allowed:
    """Whether the person opens deals at all; for which customers, `can_open_deal` says."""
    if person.has(Role.REP, Role.SUPERVISOR):
        return True
    return T("Deals are opened by sales. Please pass it on to a colleague there.")


def can_open_deal(person: Member, customer: Any) -> Allowed:
    """For a customer of one's own, of the pool, or of one's team as its supervisor."""
    allowed = can_deal(person)
    if allowed is not True:
        return allowed
    if customer.owner_id is None or customer.owner_id == person.id or _leads_owner(person, customer):
        return True
    return T("This customer is a colleague's.")


def can_see_deal(person: Member, deal: Any) -> Allowed:
    """Own deals, the team's for a supervisor, all for the general manager and administrators."""
    if person.has(Role.GM, Role.ADMIN) or deal.owner_id == person.id or _leads_owner(person, deal):
        return True
    return T("This deal is a colleague's.")


def can_change_deal(person: Member, deal: Any) -> Allowed:
    """Its owner, and the supervisor of the owner's team; administrators do not sell."""
    if deal.owner_id == person.id or _leads_owner(person, deal):
        return True
    return T("Only its owner and the owner's supervisor change a deal.")


def can_give_deal(person: Member, deal: Any) -> Allowed:
    """Who may change it, and administrators."""
    return True if person.has(Role.ADMIN) else can_change_deal(person, deal)


def _leads_owner(person: Member, record: Any) -> bool:
    return person.has(Role.SUPERVISOR) and person.team_id is not None and record.owner_team_id == person.team_id
