"""Leads found by a part of their name, and those whose follow-up is due."""

from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from crm.core.work import UnitOfWork
from crm.language.names import search_key, search_query
from crm.people.people import Member, Role
from crm.sales.leads.leads import LEAD_ROWS, OPEN_STATUSES, Lead
from crm.sales.leads.policy import visible_owners

_LEADS = Lead.table()
_LOOKED_AT = 1_000
"""Open leads whose names are compared word by word, the newest first."""


def find_leads(work: UnitOfWork, *, viewer: Member, query: str, most: int = 10) -> list[Any]:
    """Open leads this person looks after whose company, contact, phone or e-mail holds the text, newest first."""
    wanted = query.strip()
    number = wanted.upper().removeprefix("L-")
    if not wanted or not viewer.has(Role.REP, Role.SUPERVISOR, Role.GM, Role.ADMIN):
        return []
    c = _LEADS.c
    fits = [func.lower(column).contains(wanted.lower(), autoescape=True) for column in (c.company, c.contact, c.email)]
    fits.append(c.phone.contains(wanted, autoescape=True))
    if number.isdecimal() and len(number) <= 15:
        fits.append(c.id == int(number))
    seen = (c.status.in_(OPEN_STATUSES), visible_owners(viewer, c.owner_id))
    fits.append(c.id.in_(_sounding_like(work, seen, wanted)))
    return list(work.connection.execute(LEAD_ROWS.where(or_(*fits), *seen).order_by(c.id.desc()).limit(most)))


def _sounding_like(work: UnitOfWork, seen: tuple[Any, ...], wanted: str) -> list[int]:
    """Of the newest leads those whose names hold all words typed, by pinyin, initials or without accents too.

    Names of leads have no key of their own in the database, as customers' have: they are few, and soon settled.
    """
    words = search_query(wanted).split()
    if not words:
        return []
    c = _LEADS.c
    newest = select(c.id, c.company, c.contact).where(*seen).order_by(c.id.desc()).limit(_LOOKED_AT)
    return [
        row.id
        for row in work.connection.execute(newest)
        if all(word in f"{search_key(row.company)} {search_key(row.contact)}" for word in words)
    ]


def follow_ups_due(work: UnitOfWork, *, viewer: Member, most: int = 10) -> list[Any]:
    """The person's own open leads to be followed up by the end of today (theirs), the oldest first."""
    local = work.now.astimezone(viewer.zone)
    midnight = datetime.combine(local.date() + timedelta(days=1), time(), viewer.zone)
    where = (
        _LEADS.c.owner_id == viewer.id,
        _LEADS.c.status.in_(OPEN_STATUSES),
        _LEADS.c.next_follow_up_at < midnight,
    )
    return list(work.connection.execute(LEAD_ROWS.where(*where).order_by(_LEADS.c.next_follow_up_at).limit(most)))
