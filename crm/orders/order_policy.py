"""Who may do what with orders. Who decides on one is in `approvers`."""

from typing import Any

from sqlalchemy import ColumnElement, false, or_, select, true

from crm.core.text import T
from crm.people.people import Member, Person, Role
from crm.people.permissions import Allowed
from crm.sales.agreed_orders import AGREED

_EVERYTHING = (Role.FINANCE, Role.GM, Role.ADMIN)
_MARGIN = (Role.SUPERVISOR, Role.FINANCE, Role.GM, Role.ADMIN)
_PRICES = (Role.REP, *_MARGIN)


def can_submit_order(person: Member) -> Allowed:
    """Whether the person submits orders at all; for which customers, `customer_policy.can_order_for` says."""
    if person.has(Role.REP, Role.SUPERVISOR, Role.GM):
        return True
    return T("Orders are submitted by sales. Please pass it on to a colleague there.")


def can_see_order(person: Member, order: Any) -> Allowed:
    """Own orders; the team's for its supervisor and the submitter's superior; approved ones for who fulfils them.

    `order` has `submitter_id`, `submitter_team_id`, `submitter_superior_id` and `status`.
    """
    if person.has(*_EVERYTHING) or person.id in {order.submitter_id, order.submitter_superior_id}:
        return True
    if person.has(Role.SUPERVISOR) and person.team_id is not None and order.submitter_team_id == person.team_id:
        return True
    if person.has(Role.PRODUCTION, Role.LOGISTICS) and order.status in AGREED:
        return True
    return T("This order is a colleague's.")


def can_change_order(person: Member, order: Any) -> Allowed:
    """Recall, resubmit, answer a condition: who submitted it."""
    if order.submitter_id == person.id:
        return True
    return T("Only {name}, who submitted this order, can do that.", name=order.submitter_name)


def can_see_margin(person: Member) -> bool:
    """Cost and margin: never for a rep, nor for who only fulfils."""
    return person.has(*_MARGIN)


def can_see_prices(person: Member) -> bool:
    """Production and logistics see what is to be made and shipped, without prices."""
    return person.has(*_PRICES)


def can_change_policy(person: Member) -> Allowed:
    return True if person.has(Role.ADMIN) else T("Rules are changed by an administrator.")


def visible_orders(
    person: Member, *, submitter_id: ColumnElement[Any], status: ColumnElement[Any]
) -> ColumnElement[bool]:
    """A condition on an order's submitter and status that says the same as `can_see_order`."""
    if person.has(*_EVERYTHING):
        return true()
    under = select(Person.id).where(Person.superior_id == person.id)
    ways: list[ColumnElement[bool]] = [submitter_id == person.id, submitter_id.in_(under)]
    if person.has(Role.SUPERVISOR) and person.team_id is not None:
        ways.append(submitter_id.in_(select(Person.id).where(Person.team_id == person.team_id)))
    if person.has(Role.PRODUCTION, Role.LOGISTICS):
        ways.append(status.in_(AGREED))
    return or_(false(), *ways)
