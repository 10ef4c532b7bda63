"""Customers that are probably the same company as another one. Guide 5.2."""

from typing import Any

from crm.core.errors import NotFound
from crm.core.work import UnitOfWork
from crm.people.people import Member
from crm.sales.collisions.collisions import collisions
from crm.sales.customers.contacts import WAYS, contacts_of
from crm.sales.customers.customers import get_customer
from crm.sales.leads.leads import LeadDetails


def likely_doubles(work: UnitOfWork, *, viewer: Member, customer_id: int) -> list[tuple[Any, Any]]:
    """Active customers this person may see that are reached or called alike, best first: each with why (a text)."""
    customer = get_customer(work, viewer=viewer, customer_id=customer_id)
    found: dict[int, tuple[Any, Any]] = {}
    for ways in _reached(work, customer_id):
        details = LeadDetails(company=customer.name, contact="", source="other", product_need="", **ways)
        for hit in collisions(work, details=details):
            if hit.kind != "customer" or hit.record_id in {customer_id, *found}:
                continue
            other = _seen(work, viewer, hit.record_id)
            if other is not None:
                found[hit.record_id] = (other, hit.why)
    return list(found.values())


def _seen(work: UnitOfWork, viewer: Member, customer_id: int) -> Any:
    try:
        row = get_customer(work, viewer=viewer, customer_id=customer_id)
    except NotFound:
        return None
    return row if row.status == "active" else None


def _reached(work: UnitOfWork, customer_id: int) -> list[dict[str, Any]]:
    """The ways of each of its contacts (some of them), at least none at all."""
    contacts = contacts_of(work, customer_ids=[customer_id])[:3]
    return [{way: getattr(contact, way) for way in WAYS} for contact in contacts] or [{}]
