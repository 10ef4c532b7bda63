"""Records by their kind and id, as cards, notes and files speak of them."""

from collections.abc import Callable

from bot.cards.names import deal_name
from bot.request import Request
from crm.core.errors import NotFound
from crm.core.text import T, Words
from crm.orders.facts import decision_facts
from crm.orders.file_policy import can_have_files
from crm.orders.quotes.quotes import read_quote
from crm.people.permissions import require
from crm.sales.customers.customers import get_customer
from crm.sales.deals.deals import get_deal
from crm.sales.leads.leads import get_lead, number


def record_name(request: Request, kind: str, record_id: int, *, with_files: bool = False) -> Words:
    """What a record is called. `with_files`: by somebody who wants its files.

    Raises NotFound where it is not there, or not for this person to see; Forbidden where its files are not.
    """
    find = _NAMES.get(kind)
    if find is None:
        raise NotFound(T("There is no such record."))
    return find(request, record_id, with_files)


def _customer(request: Request, record_id: int, with_files: bool) -> Words:
    return str(get_customer(request.work, viewer=request.person, customer_id=record_id).name)


def _deal(request: Request, record_id: int, with_files: bool) -> Words:
    return deal_name(get_deal(request.work, viewer=request.person, deal_id=record_id))


def _order(request: Request, record_id: int, with_files: bool) -> Words:
    row = decision_facts(request.work, viewer=request.person, order_id=record_id).order
    if with_files:
        require(can_have_files(request.person, "order", row))
    return str(row.number)


def _lead(request: Request, record_id: int, with_files: bool) -> Words:
    row = get_lead(request.work, viewer=request.person, lead_id=record_id)
    if with_files:
        require(can_have_files(request.person, "lead", row))
    return f"{number(record_id)} {row.company}"


def _quote(request: Request, record_id: int, with_files: bool) -> Words:
    return str(read_quote(request.work, viewer=request.person, quote_id=record_id).number)


_NAMES: dict[str, Callable[[Request, int, bool], Words]] = {
    "customer": _customer,
    "deal": _deal,
    "order": _order,
    "lead": _lead,
    "quote": _quote,
}
