"""Who may do what with customers. A customer is a row with `owner_id`, `owner_team_id`, `status` and `name`."""

from typing import Any

from sqlalchemy import ColumnElement, false, select, true

from crm.core.text import T
from crm.people.people import Member, Person, Role
from crm.people.permissions import Allowed


def can_create_customer(person: Member) -> Allowed:
    if person.has(Role.REP, Role.SUPERVISOR, Role.GM, Role.ADMIN):
        return True
    return T("Customers are added by sales. Please pass it on to a colleague there.")


def can_give_customer(person: Member, *, owner: Member) -> Allowed:
    """Make somebody a customer's owner: oneself, a member of one's team, anybody as an administrator."""
    if owner.id == person.id or person.has(Role.ADMIN) or _leads(person, owner.team_id):
        return True
    return T("Only the supervisor of {name}'s team gives them customers.", name=owner.name)


def can_see_customer(person: Member, customer: Any) -> Allowed:
    """Own customers and the pool for sales, the team's for a supervisor; all for finance, GM, administrators."""
    if person.has(Role.FINANCE, Role.GM, Role.ADMIN) or customer.owner_id == person.id:
        return True
    if customer.owner_id is None and person.has(Role.REP, Role.SUPERVISOR):
        return True
    if _leads(person, customer.owner_team_id):
        return True
    return T("This customer is a colleague's.")


def can_change_customer(person: Member, customer: Any) -> Allowed:
    """Whoever may sell to it, and administrators, as long as it was not merged into another."""
    if customer.status == "merged":
        return _merged(customer)
    if person.has(Role.ADMIN) or _sells_to(person, customer):
        return True
    return T("Only its owner and the owner's supervisor change a customer.")


def can_order_for(person: Member, customer: Any) -> Allowed:
    """Its owner, the supervisor of the owner's team, and for a customer of the pool anybody in sales."""
    if customer.status == "merged":
        return _merged(customer)
    if _sells_to(person, customer):
        return True
    return T(
        "{name} is a colleague's customer: only its owner and the owner's supervisor order for it.", name=customer.name
    )


def can_set_credit(person: Member) -> Allowed:
    if person.has(Role.FINANCE):
        return True
    return T("Credit limits and ratings are set by finance.")


def can_grade(person: Member, customer: Any) -> Allowed:
    """The supervisor of the owner's team, any supervisor for the pool, the general manager."""
    if customer.status == "merged":
        return _merged(customer)
    in_pool = customer.owner_id is None and person.has(Role.SUPERVISOR)
    if person.has(Role.GM) or in_pool or _leads(person, customer.owner_team_id):
        return True
    return T("Customers are graded by the supervisor.")


def can_set_price(person: Member, customer: Any) -> Allowed:
    """Agree a customer's own prices: its team's supervisor, any supervisor for the pool, the general manager."""
    if customer.status == "merged":
        return _merged(customer)
    in_pool = customer.owner_id is None and person.has(Role.SUPERVISOR)
    if person.has(Role.GM) or in_pool or _leads(person, customer.owner_team_id):
        return True
    return T("A customer's own prices are agreed by the supervisor.")


def visible_customers(person: Member, owner_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """A condition on a customer's owner that says the same as `can_see_customer`."""
    if person.has(Role.FINANCE, Role.GM, Role.ADMIN):
        return true()
    if person.has(Role.SUPERVISOR):
        mine = owner_id.is_(None) | (owner_id == person.id)
        if person.team_id is None:
            return mine
        return mine | owner_id.in_(select(Person.id).where(Person.team_id == person.team_id))
    if person.has(Role.REP):
        return owner_id.is_(None) | (owner_id == person.id)
    return false() | (owner_id == person.id)


def _sells_to(person: Member, customer: Any) -> bool:
    if customer.owner_id is None:
        return person.has(Role.REP, Role.SUPERVISOR)
    return customer.owner_id == person.id or _leads(person, customer.owner_team_id)


def _leads(person: Member, team_id: int | None) -> bool:
    return person.has(Role.SUPERVISOR) and person.team_id is not None and team_id == person.team_id


def _merged(customer: Any) -> Allowed:
    return T("{name} was merged into another customer. Please use that one.", name=customer.name)
