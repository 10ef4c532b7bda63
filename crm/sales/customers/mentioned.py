"""Which customer somebody else's words are about."""

from typing import Any

from sqlalchemy import String, func, literal, select

from crm.core.work import UnitOfWork
from crm.people.people import Member
from crm.sales.customers.customers import Customer, find_customers, get_customer
from crm.sales.customers.policy import visible_customers

_CUSTOMERS = Customer.table()
_SHORTEST = 3
"""Characters of a name that are told apart from a word that happens to be the same."""


def customer_mentioned(work: UnitOfWork, *, viewer: Member, author: str, text: str) -> Any:
    """The one customer this person may see whose contact or company wrote this, or which it names; else None."""
    if len(author.strip()) >= _SHORTEST or not author.isascii():
        rows, total = find_customers(work, viewer=viewer, query=author, most=1)
        if total == 1:
            return rows[0]
    c = _CUSTOMERS.c
    # A name's own % and _ count as wildcards here: at worst one customer more is found, and nothing is proposed.
    named = literal(text.lower(), String).like(literal("%") + func.lower(c.name, type_=String) + "%")
    where = (c.status == "active", visible_customers(viewer, c.owner_id), func.length(c.name) >= _SHORTEST, named)
    found = work.connection.execute(select(c.id).where(*where).limit(2)).scalars().all()
    return get_customer(work, viewer=viewer, customer_id=found[0]) if len(found) == 1 else None
