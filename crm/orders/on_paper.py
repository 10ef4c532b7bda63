"""What the papers of quotes and of orders have in common: the buyer, the terms as written, and where they are kept."""

from typing import Any

from crm.core import files
from crm.core.work import UnitOfWork
from crm.documents import PackingList, Party, Sheet, SheetLine, print_sheet
from crm.language.contacts import show_phone
from crm.language.countries import country_name
from crm.people.people import Member
from crm.sales.customers.contacts import contacts_of

PDF = "application/pdf"
_DOMESTIC = "Tax included, ex works 含税出厂价"


def keep_paper(
    work: UnitOfWork, *, viewer: Member, entity: str, entity_id: int, sheet: Sheet | PackingList
) -> tuple[int, str]:
    """Print a paper and keep it under its record, once for each that differs; returns the file's id and its name."""
    name = f"{sheet.number}{f'-v{sheet.version}' if sheet.version > 1 else ''}.pdf"
    file_id = files.keep_file(work, content=print_sheet(sheet), mime=PDF)
    kept: dict[str, Any] = {"entity": entity, "entity_id": entity_id, "file_id": file_id}
    if not files.has_file(work, **kept):
        files.attach(work, **kept, name=name, person_id=viewer.id)
    return file_id, name


def price_terms(row: Any) -> str:
    """As they stand on a paper: `FOB Ningbo (Incoterms® 2020)`. `row` has `incoterm` and `place`."""
    if row.incoterm == "TAX":
        return " ".join(part for part in (_DOMESTIC, row.place) if part)
    return " ".join(part for part in (row.incoterm, row.place, "(Incoterms® 2020)") if part)


def buyer(work: UnitOfWork, *, customer_id: int, name: str, country: str | None) -> Party:
    """The customer with whom to talk there."""
    contacts = contacts_of(work, customer_ids=[customer_id])
    main = contacts[0] if contacts else None
    return Party(
        name=name,
        country=country_name(country, "en") if country else "",
        contact=(main.name if main is not None and main.name != name else "") or "",
        phone=show_phone(main.phone) if main is not None and main.phone else "",
        email=(main.email if main is not None else None) or "",
    )


def sheet_line(line: Any) -> SheetLine:
    """A line of a quote or of an order, with its product's names."""
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
