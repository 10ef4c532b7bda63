"""A quote's papers for the customer: the quote itself, a sales contract, a proforma invoice, from the same data."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal
from zoneinfo import ZoneInfo

from crm.core.errors import Conflict
from crm.core.rules import read_rules
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.documents import Sheet
from crm.documents.letterhead import bank, seller
from crm.language.names import romanised
from crm.orders.on_paper import buyer, keep_paper, price_terms, sheet_line
from crm.orders.quotes.instalments import instalments_on_paper
from crm.orders.quotes.quotes import CARD, NUMBER_PREFIX, STATUSES, read_lines, read_quote
from crm.orders.quotes.sending import require_cleared
from crm.people.people import Member

Paper = Literal["quote", "contract", "proforma"]

_PREFIXES: dict[Paper, str] = {"quote": NUMBER_PREFIX, "contract": "SC", "proforma": "PI"}


def print_paper(work: UnitOfWork, *, viewer: Member, quote_id: int, paper: Paper) -> tuple[int, str]:
    """Print a paper and keep it under the quote; returns the kept file's id and its name.

    Raises NotFound, Conflict (a price under the floor is not approved; a contract of a quote that does not hold).
    """
    sheet = sheet_of(work, viewer=viewer, quote_id=quote_id, paper=paper)
    return keep_paper(work, viewer=viewer, entity=CARD, entity_id=quote_id, sheet=sheet)


def sheet_of(work: UnitOfWork, *, viewer: Member, quote_id: int, paper: Paper) -> Sheet:
    """What stands on a paper. Raises as `print_paper`."""
    row = read_quote(work, quote_id=quote_id, viewer=viewer)
    require_cleared(row)
    if paper != "quote" and row.status not in {"sent", "accepted"}:
        raise Conflict(
            T(
                "Quote {number} is: {status}. Contract and invoice follow once it is sent.",
                number=row.number,
                status=STATUSES[row.status],
            )
        )
    rules = read_rules(work)
    is_quote = paper == "quote"
    return Sheet(
        kind=paper,
        number=_PREFIXES[paper] + row.number.removeprefix(NUMBER_PREFIX),
        version=row.version,
        day=_day(row, rules),
        seller=seller(rules),
        buyer=buyer(work, customer_id=row.customer_id, name=row.customer_name, country=row.customer_country),
        bank=None if is_quote else bank(rules),
        currency=row.currency,
        lines=tuple(sheet_line(line) for line in read_lines(work, quote_id=row.id)),
        total=row.total,
        reference="" if is_quote else row.number,
        price_terms=price_terms(row),
        payment_terms=row.payment_terms,
        lead_time=row.lead_time or "",
        valid_until=row.valid_until if is_quote else None,
        notes=row.notes or "",
        prepared_by=romanised(row.owner_name),
        extra=() if is_quote else instalments_on_paper(row.payment_terms, row.total, row.currency),
    )


def _day(row: Any, rules: Mapping[str, str]) -> date:
    """The company's day: one paper has one date, whoever prints it and wherever."""
    at = row.sent_at or row.changed_at
    day: date = at.astimezone(ZoneInfo(rules["company.timezone"])).date()
    return day
