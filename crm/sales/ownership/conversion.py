"""A lead becomes a customer, a contact and a deal in one step. Guide 2.1."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import update

from crm.core import copies, history
from crm.core.history import Actor
from crm.core.money import Money
from crm.core.work import UnitOfWork
from crm.language.quantities import read_quantity
from crm.people.people import Member, find_member
from crm.sales.catalogue.products import find_products
from crm.sales.customers.communications import add_note, insert_note
from crm.sales.customers.contacts import WAYS, contacts_of, insert_contact
from crm.sales.customers.customers import CustomerDetails, create_customer, same_customers
from crm.sales.deals.deals import DealDetails, open_deal
from crm.sales.deals.facts import MOST_WORDS
from crm.sales.leads.lead_form import read_form
from crm.sales.leads.leads import mark_converted
from crm.sales.leads.notes import notes_one_by_one
from crm.sales.searching import name_key
from crm.sales.tasks.tasks import STANDING, Task

_TASKS = Task.table()


@dataclass(frozen=True, slots=True)
class Converted:
    """What a lead has become; `is_new_customer` False: a customer that was there already was used."""

    customer_id: int
    deal_id: int
    is_new_customer: bool


def convert_lead(
    work: UnitOfWork,
    *,
    actor: Member,
    platform: str,
    lead_id: int,
    title: str,
    amount: Money,
    expected_close: date | None = None,
) -> Converted:
    """Make a lead a customer with a contact and an open deal, all the lead owner's, and close the lead.

    A customer of the same name, phone or e-mail that the owner may see is used instead of a new one. Source, tags,
    notes, the stated need and the day of the first response go along, the notes added since as the customer's history,
    reminders about the lead as ones about the deal. `expected_close` None: proposed.
    Raises NotFound, Forbidden, Conflict (the lead is closed already) and Invalid (as `open_deal`).
    """
    lead = mark_converted(work, actor=actor, platform=platform, lead_id=lead_id)
    owner = actor if lead.owner_id == actor.id else find_member(work, person_id=lead.owner_id)
    known = _same_customer(work, owner, lead)
    told, added = notes_one_by_one(work, lead)
    told = "\n".join(filter(None, (told, _own_fields(work, lead)))) or None
    if known is None:
        customer_id = _add_customer(work, actor, platform, lead, amount.currency, notes=told)
    else:
        customer_id = known.id
        _add_contact(work, actor, platform, lead, customer_id)
    details = DealDetails(
        customer_id=customer_id,
        title=title,
        amount=amount,
        expected_close=expected_close,
        product_text=lead.product_need[:MOST_WORDS],
        **_wanted(work, lead.product_need),
        notes=told,
        source=lead.source,
        lead_id=lead_id,
        owner_id=owner.id,
        facts=_first_response(lead, owner),
    )
    deal_id = open_deal(work, actor=actor, platform=platform, details=details)
    if known is not None and told:
        add_note(work, actor=actor, platform=platform, customer_id=customer_id, deal_id=deal_id, text=told)
    for note in added:
        writer = find_member(work, person_id=note.person_id)
        insert_note(work, actor=writer, customer_id=customer_id, deal_id=deal_id, text=note.text, at=note.at)
    _take_reminders_along(work, lead_id, deal_id)
    by, came_from = Actor(actor.id, platform), {"lead": (None, lead_id)}
    history.record(work, actor=by, entity="customer", entity_id=customer_id, act="lead_converted", changes=came_from)
    return Converted(customer_id, deal_id, known is None)


def _own_fields(work: UnitOfWork, lead: Any) -> str:
    """What was told in the company's own fields, a line each, under their names: customers have no such fields."""
    if not lead.custom:
        return ""
    form = read_form(work)
    known = {one.key: one for one in (*form.own, *form.removed)}
    return "\n".join(f"{known[key].label}: {value}" for key, value in lead.custom.items() if key in known)


def _wanted(work: UnitOfWork, need: str) -> dict[str, Any]:
    """How much, and which product of ours, where the need names one clearly: `2,000 LED panels`. Else nothing."""
    quantity, goods = _parted(need)
    if quantity is None:
        return {}
    for query in dict.fromkeys((goods, goods.removesuffix("s"))):
        found, total = find_products(work, query=query, most=1)
        if total == 1:
            return {"product_id": found[0].id, "quantity": quantity}
    return {"quantity": quantity}


def _parted(need: str) -> tuple[Decimal | None, str]:
    """A need's quantity and its goods. A number at its head counts without a unit: `500 lamps`."""
    read = read_quantity(need)
    head = _HEAD.match(need) if read is None else None
    if head is not None and (read := read_quantity(head[1], whole=True)) is not None:
        return read.value, need[head.end() :].strip()
    if read is None:
        return None, need
    return read.value, f"{need[: read.span[0]]} {need[read.span[1] :]}".strip(" ,，.。;；要")


_HEAD = re.compile(r"\s*(\d[\d.,]*[kK]?)\s+(?=[^\W\d])")


def _same_customer(work: UnitOfWork, owner: Member, lead: Any) -> Any:
    """The customer this lead's owner would call the same: by name before phone and e-mail; own, pool, the team's."""
    found = same_customers(work, viewer=owner, name=lead.company, phone=lead.phone, email=lead.email)
    wanted = name_key(lead.company)

    def rank(row: Any) -> tuple[bool, bool, bool, int]:
        return row.name_key != wanted, row.owner_id != owner.id, row.owner_id is not None, row.id

    return min(found, key=rank, default=None)


def _add_customer(
    work: UnitOfWork, actor: Member, platform: str, lead: Any, currency: str, *, notes: str | None
) -> int:
    details = CustomerDetails(
        name=lead.company,
        contact=lead.contact,
        phone=lead.phone,
        email=lead.email,
        wechat=lead.wechat,
        whatsapp=lead.whatsapp,
        country=lead.country,
        currency=currency,
        source=lead.source,
        referred_by=lead.referred_by,
        tags=list(lead.tags),
        notes=notes,
    )
    return create_customer(work, actor=actor, platform=platform, details=details, owner_id=lead.owner_id)


def _add_contact(work: UnitOfWork, actor: Member, platform: str, lead: Any, customer_id: int) -> None:
    """The lead's person becomes a contact of the customer, unless they are one."""
    there = contacts_of(work, customer_ids=[customer_id])
    ways = {way: getattr(lead, way) for way in WAYS}
    told = {(way, value) for way, value in ways.items() if value}
    for contact in there:
        has = {(way, getattr(contact, way)) for way in WAYS}
        if told & has or (not told and contact.name.casefold() == lead.contact.casefold()):
            return
    contact_id = insert_contact(work, customer_id=customer_id, name=lead.contact, is_main=not there, **ways)
    changes = {"contact": (None, lead.contact), "contact_id": (None, contact_id)}
    by = Actor(actor.id, platform)
    history.record(work, actor=by, entity="customer", entity_id=customer_id, act="contact_added", changes=changes)
    copies.touch_card(work, card="customer", subject_id=customer_id)


def _take_reminders_along(work: UnitOfWork, lead_id: int, deal_id: int) -> None:
    """What is still to be done about the lead is to be done about its deal."""
    of_lead = (_TASKS.c.about == "lead", _TASKS.c.about_id == lead_id, _TASKS.c.status.in_(STANDING))
    moved = update(_TASKS).where(*of_lead).values(about="deal", about_id=deal_id).returning(_TASKS.c.id)
    copies.touch_each(work, card="task", subject_ids=work.connection.execute(moved).scalars().all())


def _first_response(lead: Any, owner: Member) -> dict[str, date]:
    """The day the lead was first answered, if it was: a fact of the deal's first stage."""
    at = lead.responded_at
    return {} if at is None else {"first_response_on": at.astimezone(owner.zone).date()}
