"""Importing a file: first what it would do, then all of it or nothing. Guide 5.2."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Protocol

from sqlalchemy import text

from crm.core.errors import Invalid
from crm.core.history import Actor
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.exchange import customers, products
from crm.exchange.headers import Column, is_known, match_headers
from crm.exchange.plan import ImportPlan, PlannedRow
from crm.exchange.sheets import SheetRow, read_headers, read_sheet
from crm.language.currencies import CURRENCIES


class Kind(StrEnum):
    """What a file holds."""

    CUSTOMERS = "customers"
    PRODUCTS = "products"


class _Planner(Protocol):
    def __call__(
        self, work: UnitOfWork, rows: Sequence[tuple[int, Mapping[str, str]]], *, currency: str | None
    ) -> list[PlannedRow]: ...


@dataclass(frozen=True, slots=True)
class _Importer:
    columns: Sequence[Column]
    plan: _Planner


_IMPORTERS: dict[Kind, _Importer] = {
    Kind.CUSTOMERS: _Importer(customers.COLUMNS, customers.plan_customers),
    Kind.PRODUCTS: _Importer(products.COLUMNS, products.plan_products),
}
_LOCK = 8_241_977_302  # any number of our own; PostgreSQL's advisory locks are told apart by it


def plan_import(
    work: UnitOfWork, *, kind: Kind, data: bytes, currency: str | None = None, most: int | None = None
) -> ImportPlan:
    """What importing this CSV file (its bytes) would do; writes nothing.

    `currency`: of rows that tell none; None: products in the base currency, customers without. Raises Invalid where
    the file is no table, lacks a column that every row needs, or has more than `most` rows.
    """
    if currency is not None and currency not in CURRENCIES:
        raise Invalid(T("{currency} is no currency; write a code such as USD or CNY.", currency=currency))
    importer = _IMPORTERS[kind]
    sheet = read_sheet(data, is_known=partial(is_known, importer.columns), most=most)
    matched = match_headers(importer.columns, sheet.headers)
    lacking = [column.label for column in importer.columns if column.is_needed and column.key not in matched.places]
    if lacking:
        headers = ", ".join(sheet.headers)[:200]
        raise Invalid(T("The file has no column for: {columns}. It has: {headers}", columns=lacking, headers=headers))
    too_long = [_too_long(row) for row in sheet.rows if len(row.cells) > len(sheet.headers)]
    told = [(row.line, matched.told(row.cells)) for row in sheet.rows if len(row.cells) <= len(sheet.headers)]
    rows = importer.plan(work, told, currency=currency)
    return ImportPlan(rows=sorted([*rows, *too_long], key=lambda row: row.line), unread=matched.unread)


def kind_of(data: bytes) -> Kind | None:
    """What a CSV file holds, going by its headers: the kind most of them fit; None where it can be neither.

    Raises Invalid for what is no text table.
    """
    fitting: dict[Kind, int] = {}
    for kind, importer in _IMPORTERS.items():
        columns = importer.columns
        headers = read_headers(data, is_known=partial(is_known, columns))
        places = match_headers(columns, headers).places
        if all(column.key in places for column in columns if column.is_needed):
            fitting[kind] = len(places)
    return max(fitting, key=lambda kind: fitting[kind]) if fitting else None


def run_import(work: UnitOfWork, *, actor: Actor, kind: Kind, data: bytes, currency: str | None = None) -> ImportPlan:
    """Write what is new or changed, and return what was done; duplicate and faulty rows are left out.

    One import at a time: a second one waits, and then finds what the first has written. Raises Invalid.
    """
    if work.connection.dialect.name == "postgresql":  # SQLite has one writer anyway
        work.connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    plan = plan_import(work, kind=kind, data=data, currency=currency)
    for row in plan.rows:
        if row.save is not None:
            row.save(work, actor)
    return plan


def _too_long(row: SheetRow) -> PlannedRow:
    return PlannedRow(row.line, "faulty", T("more cells than there are headers"))
