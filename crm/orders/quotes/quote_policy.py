"""Who may do what with quotes. Who approves a special price is in `special_price`."""

from typing import Any

from sqlalchemy import ColumnElement, false, or_, select, true

from crm.core.text import T
from crm.people.people import Member, Person, Role
from crm.people.permissions import Allowed

_EVERYTHING = (Role.FINANCE, Role.GM, Role.ADMIN)


def can_quote(person: Member) -> Allowed:
    """Whether the person makes quotes at all; for which customers, `customer_policy.can_order_for` says."""
    if person.has(Role.REP, Role.SUPERVISOR, Role.GM):
        return True
    return T("Quotes are made by sales. Please pass it on to a colleague there.")


def can_see_quote(person: Member, quote: Any) -> Allowed:
    """Own ones and those of own customers; the team's for its supervisor and the owner's superior.

    `quote` has `owner_id`, `owner_team_id`, `owner_superior_id` and `customer_owner_id`.
    """
    mine = {quote.owner_id, quote.owner_superior_id, quote.customer_owner_id}
    if person.has(*_EVERYTHING) or person.id in mine:
        return True
    if person.has(Role.SUPERVISOR) and person.team_id is not None and quote.owner_team_id == person.team_id:
        return True
    return T("This quote is a colleague's.")


def can_change_quote(person: Member, quote: Any) -> Allowed:
    """Change, send, answer for the customer: who made it."""
    if quote.owner_id == person.id:
        return True
    return T("Only {name}, who made this quote, can do that.", name=quote.owner_name)


def can_follow_quote(person: Member, quote: Any) -> Allowed:
    """Make a new version, which is one's own from then on: who made it, and whose customer it has become."""
    if person.id in {quote.owner_id, quote.customer_owner_id}:
        return True
    return can_change_quote(person, quote)


def visible_quotes(
    person: Member, owner_id: ColumnElement[Any], customer_owner_id: ColumnElement[Any]
) -> ColumnElement[bool]:
    """A condition on a quote's owner and its customer's that says the same as `can_see_quote`."""
    if person.has(*_EVERYTHING):
        return true()
    under = select(Person.id).where(Person.superior_id == person.id)
    ways = [owner_id == person.id, customer_owner_id == person.id, owner_id.in_(under)]
    if person.has(Role.SUPERVISOR) and person.team_id is not None:
        ways.append(owner_id.in_(select(Person.id).where(Person.team_id == person.team_id)))
    return or_(false(), *ways)
