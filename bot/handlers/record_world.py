"""Any record that something may be about, as conversations find it: a customer, a lead, a deal. Kept as `lead:17`."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from bot.cards.names import customer_note, deal_name
from bot.cards.screen import Choice
from crm.core.errors import NotFound
from crm.core.work import UnitOfWork
from crm.people.people import Member
from crm.sales.customers.customers import find_customers, get_customer
from crm.sales.deals.deals import find_deals, get_deal
from crm.sales.leads.finding import find_leads
from crm.sales.leads.leads import get_lead, number, open_leads


class _World(Protocol):
    work: UnitOfWork
    person: Member


def search_records(world: _World, query: str, offset: int, most: int) -> tuple[Sequence[Choice], int]:
    """Customers first, then open leads, then open deals."""
    work, viewer, upto = world.work, world.person, offset + most
    customers, of_customers = find_customers(work, viewer=viewer, query=query, most=upto)
    leads, of_leads = _leads(world, query, upto)
    deals, of_deals = find_deals(work, viewer=viewer, query=query, most=upto)
    found = [*(_customer(row, viewer) for row in customers), *(_lead(row) for row in leads)]
    found += [_deal(row) for row in deals]
    return found[offset:upto], of_customers + of_leads + of_deals


def find_record(world: _World, value: str) -> Choice | None:
    """The record `customer:17`, as this person may see it."""
    kind, _, record_id = value.partition(":")
    if kind not in _READERS or not record_id.isdecimal() or len(record_id) > 15:
        return None
    try:
        return _READERS[kind](world.work, world.person, int(record_id))
    except NotFound:
        return None


def _leads(world: _World, query: str, most: int) -> tuple[Sequence[Any], int]:
    if not query:
        return open_leads(world.work, viewer=world.person, most=most)
    found = find_leads(world.work, viewer=world.person, query=query, most=most)
    return found, len(found)


def _customer(row: Any, viewer: Member) -> Choice:
    return Choice(f"customer:{row.id}", row.name, customer_note(row, viewer.language))


def _lead(row: Any) -> Choice:
    return Choice(f"lead:{row.id}", f"{number(row.id)} {row.company}", row.contact)


def _deal(row: Any) -> Choice:
    return Choice(f"deal:{row.id}", deal_name(row), row.customer_name)


_READERS: dict[str, Callable[[UnitOfWork, Member, int], Choice]] = {
    "customer": lambda work, who, number: _customer(get_customer(work, viewer=who, customer_id=number), who),
    "lead": lambda work, who, number: _lead(get_lead(work, viewer=who, lead_id=number)),
    "deal": lambda work, who, number: _deal(get_deal(work, viewer=who, deal_id=number)),
}
