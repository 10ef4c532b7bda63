"""Customers as they stand, and what differs from what is told now: changes by hand, and imports."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import RowMapping, or_, select, update

from crm.core import copies, history
from crm.core.errors import NotFound
from crm.core.history import Actor
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.people.people import Member
from crm.people.permissions import require
from crm.sales.catalogue.products import Saved
from crm.sales.company_keys import keep_keys
from crm.sales.customers.contacts import WAYS, Contact, insert_contact, update_contact
from crm.sales.customers.customers import (
    OF_CUSTOMER,
    Customer,
    CustomerDetails,
    checked_customer,
    customer_values,
    get_customer,
    insert_customer,
)
from crm.sales.customers.policy import can_change_customer
from crm.sales.searching import name_key

_CUSTOMERS = Customer.table()
_CONTACTS = Contact.table()
_OF_CONTACT = ("contact", "position", *WAYS)


@dataclass(frozen=True, slots=True)
class KnownCustomer:
    """A customer as it stands: what was told of it, whose it is, its main contact."""

    id: int
    details: CustomerDetails
    owner_id: int | None
    status: str
    name_key: str
    contact_id: int | None


def known_customers(
    work: UnitOfWork,
    *,
    customer_ids: Iterable[int] = (),
    external_ids: Iterable[str] = (),
    names: Iterable[str] = (),
) -> list[KnownCustomer]:
    """The customers with one of these ids, external ids or (whole) names, by id, in two statements."""
    c, keys = _CUSTOMERS.c, {name_key(name) for name in names}
    wanted = or_(c.id.in_(set(customer_ids)), c.external_id.in_(set(external_ids)), c.name_key.in_(keys))
    found = work.connection.execute(select(_CUSTOMERS).where(wanted).order_by(c.id)).mappings().all()
    of_them = _CONTACTS.c.customer_id.in_([row["id"] for row in found])
    mains = work.connection.execute(select(_CONTACTS).where(_CONTACTS.c.is_main, of_them)).mappings()
    contacts = {row["customer_id"]: row for row in mains}
    return [_known(row, contacts.get(row["id"])) for row in found]


def change_customer(
    work: UnitOfWork, *, actor: Member, platform: str, customer_id: int, details: CustomerDetails
) -> Saved:
    """Write what differs from what is told now. Raises NotFound, Forbidden, Invalid."""
    row = get_customer(work, viewer=actor, customer_id=customer_id)
    require(can_change_customer(actor, row))
    return save_customer(work, actor=Actor(actor.id, platform), details=details, customer_id=customer_id)[1]


def save_customer(
    work: UnitOfWork,
    *,
    actor: Actor,
    details: CustomerDetails,
    customer_id: int | None = None,
    owner_id: int | None = None,
) -> tuple[int, Saved]:
    """Write a customer as an import does, without asking who may: a new one, or what differs of the one named.

    `owner_id` None: the pool for a new one, no change for another. A main contact stays where none is told.
    Raises Invalid and NotFound.
    """
    details = checked_customer(details)
    if customer_id is None:
        return insert_customer(work, actor=actor, details=details, owner_id=owner_id), "new"
    known = next(iter(known_customers(work, customer_ids=[customer_id])), None)
    if known is None:
        raise NotFound(T("There is no such customer."))
    changes = differences(known, details, owner_id=owner_id)
    if not changes:
        return customer_id, "same"
    _write(work, known, details, changes)
    history.record(work, actor=actor, entity="customer", entity_id=customer_id, act="changed", changes=changes)
    copies.touch_card(work, card="customer", subject_id=customer_id)
    return customer_id, "changed"


def differences(
    known: KnownCustomer, details: CustomerDetails, *, owner_id: int | None = None
) -> dict[str, tuple[Any, Any]]:
    """What `save_customer` would change: `{field: (from, to)}`. `details` are checked ones."""
    if details.contact is None:
        details = replace(details, **{name: getattr(known.details, name) for name in _OF_CONTACT})
    before, after = asdict(known.details), asdict(details)
    changes = {name: (before[name], after[name]) for name in after if before[name] != after[name]}
    if owner_id is not None and owner_id != known.owner_id:
        changes["owner"] = (known.owner_id, owner_id)
    return changes


def _known(row: RowMapping, main: RowMapping | None) -> KnownCustomer:
    told = {name: row[name] for name in OF_CUSTOMER}
    if main is not None:
        told |= {"contact": main["name"], "position": main["position"], **{way: main[way] for way in WAYS}}
    return KnownCustomer(
        id=row["id"],
        details=CustomerDetails(**told),
        owner_id=row["owner_id"],
        status=row["status"],
        name_key=row["name_key"],
        contact_id=None if main is None else main["id"],
    )


def _write(
    work: UnitOfWork, known: KnownCustomer, details: CustomerDetails, changes: Mapping[str, tuple[Any, Any]]
) -> None:
    values = customer_values(details) | {"changed_at": work.now}
    if "name" in changes:
        keep_keys(work, kind="customer", record_id=known.id, name=details.name)
    if "owner" in changes:
        values["owner_id"] = changes["owner"][1]
    work.connection.execute(update(_CUSTOMERS).where(_CUSTOMERS.c.id == known.id).values(values))
    if details.contact is None or changes.keys().isdisjoint(_OF_CONTACT):
        return
    reached = {name: getattr(details, name) for name in ("position", *WAYS)}
    if known.contact_id is None:
        insert_contact(work, customer_id=known.id, name=details.contact, is_main=True, **reached)
    else:
        update_contact(work, contact_id=known.contact_id, name=details.contact, **reached)
