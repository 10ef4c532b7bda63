"""A quote's papers for the customer: the quote itself, a sales contract, a proforma invoice, from the same data."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal
from zoneinfo import ZoneInfo

from crm.core import files
from crm.core.errors import Conflict
from crm.core.rules import read_rules
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.documents import Party, Sheet, SheetLine, print_sheet
from crm.documents.letterhead import bank, seller
from crm.language.contacts import show_phone
from crm.language.countries import country_name
from crm.language.names import romanised
from crm.orders.quotes.instalments import instalments_on_paper
from crm.orders.quotes.quotes import CARD, NUMBER_PREFIX, STATUSES, read_lines, read_quote
from crm.orders.quotes.sending import require_cleared
from crm.people.people import Member
from crm.sales.customers.contacts import contacts_of

Paper = Literal["quote", "contract", "proforma"]

_PREFIXES: dict[Paper, str] = {"quote": NUMBER_PREFIX, "contract": "SC", "proforma": "PI"}
_DOMESTIC = "Tax included, ex works 含税出厂价"
PDF = "application/pdf"


def print_paper(work: UnitOfWork, *, viewer: Member, quote_id: int, paper: Paper) -> tuple[int, str]:
    """Print a paper and keep it under the quote; returns the kept file's id and its name.

    Raises NotFound, Conflict (a price under the floor is not approved; a contract of a quote that does not hold).
    """
    sheet = sheet_of(work, viewer=viewer, quote_id=quote_id, paper=paper)
    name = f"{sheet.number}{f'-v{sheet.version}' if sheet.version > 1 else ''}.pdf"
    file_id = files.keep_file(work, content=print_sheet(sheet), mime=PDF)
    kept: dict[str, Any] = {"entity": CARD, "entity_id": quote_id, "file_id": file_id}
    if not files.has_file(work, **kept):
        files.attach(work, **kept, name=name, person_id=viewer.id)
    return file_id, name


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
        buyer=_buyer(work, row),
        bank=None if is_quote else bank(rules),
        currency=row.currency,
        lines=tuple(_line(line) for line in read_lines(work, quote_id=row.id)),
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


def price_terms(row: Any) -> str:
    """As they stand on a paper: `FOB Ningbo (Incoterms® 2020)`."""
    if row.incoterm == "TAX":
        return " ".join(part for part in (_DOMESTIC, row.place) if part)
    return " ".join(part for part in (row.incoterm, row.place, "(Incoterms® 2020)") if part)


def _day(row: Any, rules: Mapping[str, str]) -> date:
    """The company's day: one paper has one date, whoever prints it and wherever."""
    at = row.sent_at or row.changed_at
    day: date = at.astimezone(ZoneInfo(rules["company.timezone"])).date()
    return day


def _buyer(work: UnitOfWork, row: Any) -> Party:
    contacts = contacts_of(work, customer_ids=[row.customer_id])
    main = contacts[0] if contacts else None
    return Party(
        name=row.customer_name,
        country=country_name(row.customer_country, "en") if row.customer_country else "",
        contact=(main.name if main is not None and main.name != row.customer_name else "") or "",
        phone=show_phone(main.phone) if main is not None and main.phone else "",
        email=(main.email if main is not None else None) or "",
    )


def _line(line: Any) -> SheetLine:
    return SheetLine(
        sku=line.sku,
        name=line.name,
        name_zh=line.name_zh or "",
        quantity=line.quantity,
        unit=line.unit,
        unit_price=line.unit_price,
        amount=line.net,
        discount=line.discount,
        discount_sum=line.discount_sum,
    )
