"""The contacts of a customer as somebody changes them: added, changed, made the main one, removed and brought back."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import delete, select, update

from crm.core import copies, history
from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.history import Actor, HistoryEntry
from crm.core.text import T, unpack
from crm.core.work import UnitOfWork
from crm.people.people import Member
from crm.people.permissions import require
from crm.sales.customers.contacts import WAYS, Contact, insert_contact, update_contact
from crm.sales.customers.customers import get_customer
from crm.sales.customers.policy import can_change_customer
from crm.sales.lengths import check_lengths, tidy
from crm.sales.searching import has_words


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDetails:
    """What somebody tells of one person of a customer's."""

    name: str
    position: str | None = None
    phone: str | None = None
    email: str | None = None
    wechat: str | None = None
    whatsapp: str | None = None


_CONTACTS = Contact.table()
_HISTORY = HistoryEntry.table()
_KEPT = ("id", "name", "position", *WAYS, "is_main")


def get_contact(work: UnitOfWork, *, viewer: Member, contact_id: int) -> tuple[Any, Any]:
    """A contact and its customer, both as rows. Raises NotFound."""
    row = work.connection.execute(select(_CONTACTS).where(_CONTACTS.c.id == contact_id)).one_or_none()
    if row is None:
        raise NotFound(T("There is no such contact any more."))
    return row, get_customer(work, viewer=viewer, customer_id=row.customer_id)


def add_contact(work: UnitOfWork, *, actor: Member, platform: str, customer_id: int, details: ContactDetails) -> int:
    """Add one, the main one where there is none yet; returns its id. Raises NotFound, Forbidden, Invalid."""
    require(can_change_customer(actor, get_customer(work, viewer=actor, customer_id=customer_id)))
    told = _checked(details)
    name = told.pop("name") or ""
    contact_id = insert_contact(
        work, customer_id=customer_id, name=name, is_main=_main_of(work, customer_id) is None, **told
    )
    changes = {key: (None, value) for key, value in {"contact": name, **told}.items() if value}
    _record(work, actor, platform, customer_id, "contact added", changes)
    return contact_id


def change_contact(work: UnitOfWork, *, actor: Member, platform: str, contact_id: int, details: ContactDetails) -> None:
    """Write what differs. Raises NotFound, Forbidden, Invalid."""
    row, customer = get_contact(work, viewer=actor, contact_id=contact_id)
    require(can_change_customer(actor, customer))
    told = _checked(details)
    changes = {key: (getattr(row, key), value) for key, value in told.items() if getattr(row, key) != value}
    if not changes:
        return
    name = told.pop("name") or ""
    update_contact(work, contact_id=contact_id, name=name, **told)
    _record(work, actor, platform, customer.id, "contact changed", changes)


def make_main(work: UnitOfWork, *, actor: Member, platform: str, contact_id: int) -> Any:
    """Let it be whom one asks for first; returns the customer. Raises NotFound, Forbidden."""
    row, customer = get_contact(work, viewer=actor, contact_id=contact_id)
    require(can_change_customer(actor, customer))
    before = _main_of(work, customer.id)
    if row.is_main:
        return customer
    of_customer = _CONTACTS.c.customer_id == customer.id
    work.connection.execute(update(_CONTACTS).where(of_customer).values(is_main=_CONTACTS.c.id == contact_id))
    changes = {"main contact": (None if before is None else before.name, row.name)}
    _record(work, actor, platform, customer.id, "main contact changed", changes)
    return customer


def remove_contact(work: UnitOfWork, *, actor: Member, platform: str, contact_id: int) -> tuple[Any, int]:
    """Take it out; the next one becomes the main one. Returns its row, and the entry of the history that keeps it.

    Raises NotFound, Forbidden.
    """
    row, customer = get_contact(work, viewer=actor, contact_id=contact_id)
    require(can_change_customer(actor, customer))
    work.connection.execute(delete(_CONTACTS).where(_CONTACTS.c.id == contact_id))
    if row.is_main:
        first = select(_CONTACTS.c.id).where(_CONTACTS.c.customer_id == customer.id).order_by(_CONTACTS.c.id).limit(1)
        work.connection.execute(update(_CONTACTS).where(_CONTACTS.c.id == first.scalar_subquery()).values(is_main=True))
    changes = {key: (getattr(row, key), None) for key in _KEPT}
    return row, _record(work, actor, platform, customer.id, "contact removed", changes)


def bring_back(work: UnitOfWork, *, actor: Member, platform: str, entry_id: int) -> Any:
    """Undo a removal, by the entry that keeps it; returns the customer. Raises NotFound, Forbidden, Conflict."""
    entry = work.connection.execute(select(_HISTORY).where(_HISTORY.c.id == entry_id)).one_or_none()
    if entry is None or (entry.entity, entry.act) != ("customer", "contact removed"):
        raise NotFound(T("There is no such contact any more."))
    customer = get_customer(work, viewer=actor, customer_id=entry.entity_id)
    require(can_change_customer(actor, customer))
    kept = {key: unpack(before) for key, (before, _) in entry.changes.items()}
    if work.connection.execute(select(_CONTACTS.c.id).where(_CONTACTS.c.id == kept["id"])).first() is not None:
        raise Conflict(T("This contact is back already."))
    main = _main_of(work, customer.id)
    rest: dict[str, Any] = {key: value for key, value in kept.items() if key not in {"name", "is_main"}}
    insert_contact(work, customer_id=customer.id, name=kept["name"], is_main=main is None, **rest)
    if kept["is_main"] and main is not None:
        make_main(work, actor=actor, platform=platform, contact_id=kept["id"])
    _record(work, actor, platform, customer.id, "contact brought back", {"contact": (None, kept["name"])})
    return customer


def _checked(details: ContactDetails) -> dict[str, str | None]:
    told = {one.name: tidy(getattr(details, one.name)) for one in fields(ContactDetails)}
    if told["name"] is None or not has_words(told["name"]):
        raise Invalid(T("A contact needs a name."))
    check_lengths(_CONTACTS, told)
    return told


def _main_of(work: UnitOfWork, customer_id: int) -> Any:
    main = select(_CONTACTS).where(_CONTACTS.c.customer_id == customer_id, _CONTACTS.c.is_main).limit(1)
    return work.connection.execute(main).first()


def _record(
    work: UnitOfWork,
    actor: Member,
    platform: str,
    customer_id: int,
    act: str,
    changes: Mapping[str, tuple[Any, Any]],
) -> int:
    by = Actor(actor.id, platform)
    entry = history.record(work, actor=by, entity="customer", entity_id=customer_id, act=act, changes=changes)
    copies.touch_card(work, card="customer", subject_id=customer_id)
    return entry
