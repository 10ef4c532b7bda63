"""The people of a customer: listed, added, changed, made the main one, removed and brought back."""

from collections.abc import Mapping
from typing import Any

from bot.cards import labels
from bot.cards.customer import contact_words
from bot.cards.screen import Button, Line, Screen, body, say, title
from bot.conversations.contact import ADD_CONTACT, EDIT_CONTACT
from bot.handlers.customers.customers import record_id
from bot.handlers.guided import Guide, begin, register
from bot.request import Reply, Request
from crm.core.text import T
from crm.people.people import Member
from crm.people.permissions import Allowed, require
from crm.sales.customers.changing_contacts import (
    ContactDetails,
    add_contact,
    bring_back,
    change_contact,
    get_contact,
    make_main,
    remove_contact,
)
from crm.sales.customers.contacts import WAYS, contacts_of
from crm.sales.customers.customers import get_customer
from crm.sales.customers.policy import can_change_customer

MOST = 20
"""Shown with a button each."""


def list_contacts(request: Request) -> Reply:
    return Reply((_list(request, record_id(request.argument)),))


def open_contact(request: Request) -> Reply:
    """One of them, with what may be done about it."""
    row, customer = get_contact(request.work, viewer=request.person, contact_id=record_id(request.argument))
    lines: list[Line] = [title(row.name), body(contact_words(row))]
    buttons: list[Button] = []
    if can_change_customer(request.person, customer) is True:
        buttons.append(Button(T("Change"), f"contact.edit:{row.id}"))
        if not row.is_main:
            buttons.append(Button(T("Make main contact"), f"contact.main:{row.id}"))
        buttons.append(Button(T("Remove"), f"contact.remove:{row.id}", "danger"))
    back = (
        Button(labels.CONTACTS, f"contacts.of:{customer.id}"),
        Button(customer.name, f"customer.open:{customer.id}"),
    )
    return Reply((Screen(tuple(lines), (tuple(buttons), back) if buttons else (back,)),))


def start_add(request: Request) -> Reply:
    customer = get_customer(request.work, viewer=request.person, customer_id=record_id(request.argument))
    require(can_change_customer(request.person, customer))
    return begin(request, ADD_GUIDE, subject_id=customer.id)


def submit_add(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    details = _details(values)
    contact_id = add_contact(
        request.work,
        actor=request.person,
        platform=request.platform,
        customer_id=subject_id or 0,
        details=details,
    )
    saved = T("Saved contact {name}.", name=details.name)
    another = Button(T("Add another"), f"contact.add:{subject_id}")
    undo = Button(labels.UNDO, f"contact.remove:{contact_id}")
    return Reply((say(saved, Button(labels.CONTACTS, f"contacts.of:{subject_id}"), another, undo),))


def start_edit(request: Request) -> Reply:
    row, customer = get_contact(request.work, viewer=request.person, contact_id=record_id(request.argument))
    require(can_change_customer(request.person, customer))
    ways = {way: getattr(row, way) for way in WAYS if getattr(row, way)}
    answers = {"contact": row.name, "position": row.position, "reach": ways}
    return begin(
        request, EDIT_GUIDE, answers={key: value for key, value in answers.items() if value}, subject_id=row.id
    )


def submit_edit(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    details, contact_id = _details(values), subject_id or 0
    row, _ = get_contact(request.work, viewer=request.person, contact_id=contact_id)
    told: dict[str, Any] = {"actor": request.person, "platform": request.platform}
    change_contact(request.work, **told, contact_id=contact_id, details=details)
    saved = T("Saved contact {name}.", name=details.name)
    return Reply((say(saved, Button(labels.CONTACTS, f"contacts.of:{row.customer_id}")),))


def choose_main(request: Request) -> Reply:
    told: dict[str, Any] = {"actor": request.person, "platform": request.platform}
    customer = make_main(request.work, **told, contact_id=record_id(request.argument))
    return Reply((_list(request, customer.id),), replaces=True)


def remove(request: Request) -> Reply:
    told: dict[str, Any] = {"actor": request.person, "platform": request.platform}
    row, entry = remove_contact(request.work, **told, contact_id=record_id(request.argument))
    buttons = (
        Button(labels.UNDO, f"contact.back:{entry}"),
        Button(labels.CONTACTS, f"contacts.of:{row.customer_id}"),
    )
    return Reply((say(T("{name} is removed.", name=row.name), *buttons),), replaces=True)


def undo_removal(request: Request) -> Reply:
    told: dict[str, Any] = {"actor": request.person, "platform": request.platform}
    customer = bring_back(request.work, **told, entry_id=record_id(request.argument))
    return Reply((_list(request, customer.id),), replaces=True)


def _list(request: Request, customer_id: int) -> Screen:
    customer = get_customer(request.work, viewer=request.person, customer_id=customer_id)
    rows = contacts_of(request.work, customer_ids=[customer_id])
    lines: list[Line] = [title(T("Contacts of {name}", name=customer.name))]
    for row in rows[:MOST]:
        words = contact_words(row)
        lines.append(body(T("{contact} (main contact)", contact=words) if row.is_main else words))
    if not rows:
        lines.append(body(T("There is none yet.")))
    buttons = [(Button(row.name, f"contact.open:{row.id}"),) for row in rows[:MOST]]
    last = [Button(customer.name, f"customer.open:{customer_id}")]
    if can_change_customer(request.person, customer) is True:
        last.insert(0, Button(T("Add a contact"), f"contact.add:{customer_id}"))
    return Screen(tuple(lines), (*buttons, tuple(last)))


def _details(values: Mapping[str, Any]) -> ContactDetails:
    reach = values.get("reach") or {}
    ways = {way: reach.get(way) for way in WAYS}
    return ContactDetails(name=values["contact"], position=values.get("position"), **ways)


def _anybody(person: Member) -> Allowed:
    # Whose contacts somebody may change is asked for the customer, by the service.
    return True


ADD_GUIDE = register(Guide(ADD_CONTACT, _anybody, submit_add))
EDIT_GUIDE = register(Guide(EDIT_CONTACT, _anybody, submit_edit))

PRESSES = {
    "contacts.of": list_contacts,
    "contact.open": open_contact,
    "contact.add": start_add,
    "contact.edit": start_edit,
    "contact.main": choose_main,
    "contact.remove": remove,
    "contact.back": undo_removal,
}
