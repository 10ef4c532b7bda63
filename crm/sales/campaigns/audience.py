"""Who gets a campaign, and who is left out and why: asked for the preview, at the start, and at each sending."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import exists, select

from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.people.people import Member, Person
from crm.sales.campaigns.blocks import as_kept, blocked
from crm.sales.campaigns.campaign_policy import mailable_customers
from crm.sales.campaigns.rows import CampaignMail
from crm.sales.campaigns.segments import Segment, conditions
from crm.sales.customers.contacts import Contact
from crm.sales.customers.customers import Customer

REASONS = {
    "no_email": T("no e-mail address"),
    "opted_out": T("opted out"),
    "bounced": T("the address does not exist"),
    "same_address": T("the same address as another customer"),
    "not_theirs": T("no longer the sender's customer"),
    "stopped": T("stopped before their turn"),
}
"""Why a customer of the segment gets nothing."""

CHINESE = frozenset({"CN", "HK", "MO", "TW"})
"""Countries and regions whose customers get the Chinese text."""

_CUSTOMERS = Customer.table()
_CONTACTS = Contact.table()
_PEOPLE = Person.table()
_MAILS = CampaignMail.table()
_MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Reader:
    """A customer who gets it, at this contact's address. `rep`: who looks after them, the sender for the pool."""

    customer_id: int
    company: str
    contact: str
    email: str
    rep: str
    language: str

    def values(self) -> dict[str, str]:
        """What the template's fields say."""
        return {"contact": self.contact, "company": self.company, "rep": self.rep}


@dataclass(frozen=True, slots=True)
class LeftOut:
    customer_id: int
    company: str
    reason: str


@dataclass(slots=True)
class Audience:
    """By customer's id, oldest first."""

    readers: list[Reader] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    def reasons(self) -> dict[str, int]:
        """How many are left out for each reason."""
        counts: dict[str, int] = {}
        for one in self.left_out:
            counts[one.reason] = counts.get(one.reason, 0) + 1
        return counts


def audience(work: UnitOfWork, *, actor: Member, segment: Segment, only: Collection[int] | None = None) -> Audience:
    """The customers of a segment whom this person may mail; of these ids `only`, where told.

    Each is reached at the main contact's address, else the next one's that works. Whoever opted out for one address
    of a company did so for all of it.
    """
    rows = _customers(work, actor, segment, only)
    contacts = _contacts(work, [row.id for row in rows])
    stopped = blocked(work, emails={one.email for many in contacts.values() for one in many})
    found, taken = Audience(), set[str]()
    for row in rows:
        chosen, reason = None, "opted_out"
        if not row.opted_out:
            chosen, reason = _choose(contacts.get(row.id, []), stopped, taken)
        if chosen is None:
            found.left_out.append(LeftOut(row.id, row.name, reason))
            continue
        taken.add(as_kept(chosen.email))
        language = "zh_CN" if row.country in CHINESE else "en"
        rep = row.owner_name or actor.name
        found.readers.append(Reader(row.id, row.name, chosen.name, chosen.email, rep, language))
    return found


def _customers(work: UnitOfWork, actor: Member, segment: Segment, only: Collection[int] | None) -> list[Any]:
    c = _CUSTOMERS.c
    # Whatever address they had then.
    opted_out = exists().where(_MAILS.c.customer_id == c.id, _MAILS.c.opted_out_at.is_not(None)).correlate(_CUSTOMERS)
    query = select(c.id, c.name, c.country, _PEOPLE.c.name.label("owner_name"), opted_out.label("opted_out"))
    query = query.outerjoin(_PEOPLE, _PEOPLE.c.id == c.owner_id).order_by(c.id)
    query = query.where(c.status == "active", mailable_customers(actor, c.owner_id))
    query = query.where(*conditions(segment, work.connection.dialect.name))
    if only is not None:
        query = query.where(c.id.in_(only))
    return list(work.connection.execute(query).all())


def _contacts(work: UnitOfWork, customer_ids: list[int]) -> dict[int, list[Any]]:
    """The contacts with an address by customer, the main one first."""
    found: dict[int, list[Any]] = {}
    c = _CONTACTS.c
    for at in range(0, len(customer_ids), _MOST_AT_ONCE):
        part = customer_ids[at : at + _MOST_AT_ONCE]
        query = select(c.customer_id, c.name, c.email).where(c.customer_id.in_(part), c.email.is_not(None))
        for row in work.connection.execute(query.order_by(c.customer_id, c.is_main.desc(), c.id)):
            found.setdefault(row.customer_id, []).append(row)
    return found


def _choose(contacts: list[Any], stopped: Mapping[str, str], taken: Collection[str]) -> tuple[Any, str]:
    """The contact to write to, else None and why."""
    if not contacts:
        return None, "no_email"
    why = {as_kept(one.email): stopped.get(as_kept(one.email)) for one in contacts}
    if "opted_out" in why.values():
        return None, "opted_out"
    reason = "bounced"
    for one in contacts:
        address = as_kept(one.email)
        if why[address] is None and address not in taken:
            return one, ""
        if why[address] is None:
            reason = "same_address"
    return None, reason
