"""Quotes: their table, and how one is read, found and listed. Guide 2.3."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import history
from crm.core.errors import NotFound
from crm.core.history import Actor
from crm.core.rules import text_rule
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Amount, Id, Json, Percent, Rate, UTCDateTime
from crm.core.work import UnitOfWork
from crm.orders.checks import Finding, unpack_findings
from crm.orders.order_policy import can_see_margin
from crm.orders.quotes.quote_lines import QuoteLine
from crm.orders.quotes.quote_policy import can_see_quote, visible_quotes
from crm.people.people import Member, Person
from crm.sales.catalogue.products import Product
from crm.sales.customers.customers import Customer
from crm.sales.searching import fits, has_words

STATUSES = {
    "draft": T("Draft", context="quote"),
    "sent": T("Sent", context="quote"),
    "accepted": T("Accepted", context="quote"),
    "declined": T("Declined", context="quote"),
    "superseded": T("Superseded", context="quote"),
    "expired": T("Expired", context="quote"),
}

PRICE_STATUSES = {
    "pending": T("Waiting for special price approval"),
    "approved": T("Special price approved"),
    "rejected": T("Special price rejected"),
    "sent_back": T("Special price: please change it"),
}
"""What has become of a price under the floor; `free`: there is none."""

CLEARED = ("free", "approved")
"""With these the customer may see the quote."""

NUMBER_PREFIX = "Q"
CARD = "quote"

_NUMBER = re.compile(rf"{NUMBER_PREFIX}-?(?:(\d{{4}})-)?(\d{{1,9}})", re.IGNORECASE | re.ASCII)
_YEARS_BACK = 5  # where a number is given without its year


class Quote(Base):
    """One version of a quote. `total` in `currency`; `base_total`, `cost_base` in the base currency at `rate`, which is
    locked when it is sent. `margin` in per cent, None: unknown.

    `costs`: what the goods cost, by the currency it is paid in (decimals in words), None: unknown. `inputs`: what an
    approver judges (`crm.orders.rounds.inputs_of`); `approved_inputs`: as it was when a special price was approved,
    in this version or one before. `follows_id`: the version before this one.
    """

    __tablename__ = "quotes"
    __table_args__ = (
        UniqueConstraint("number", "version"),
        Index(None, "customer_id", "id"),
        Index(None, "deal_id"),
        Index(None, "follows_id"),
        Index(None, "owner_id", "status", "id"),
        Index(
            "ix_quotes_open",
            "valid_until",
            sqlite_where=text("status = 'sent'"),
            postgresql_where=text("status = 'sent'"),
        ),
        Index(
            "ix_quotes_expired",
            "ended_at",
            sqlite_where=text("status = 'expired'"),
            postgresql_where=text("status = 'expired'"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    number: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("quotes.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deals.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    status: Mapped[str] = mapped_column(String(20))
    price_status: Mapped[str] = mapped_column(String(20))
    currency: Mapped[str] = mapped_column(String(3))
    rate: Mapped[Decimal] = mapped_column(Rate)
    incoterm: Mapped[str] = mapped_column(String(3))
    place: Mapped[str | None] = mapped_column(String(200))
    payment_terms: Mapped[str] = mapped_column(String(600))
    valid_until: Mapped[date] = mapped_column(Date)
    lead_time: Mapped[str | None] = mapped_column(String(200))
    notes: Mapped[str | None] = mapped_column(Text)
    total: Mapped[Decimal] = mapped_column(Amount)
    base_total: Mapped[Decimal] = mapped_column(Amount)
    cost_base: Mapped[Decimal | None] = mapped_column(Amount)
    margin: Mapped[Decimal | None] = mapped_column(Percent)
    costs: Mapped[dict[str, str] | None] = mapped_column(Json)
    checks: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    inputs: Mapped[dict[str, Any]] = mapped_column(Json)
    approved_inputs: Mapped[dict[str, Any] | None] = mapped_column(Json)
    decline_reason: Mapped[str | None] = mapped_column(Text)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)


@dataclass(frozen=True, slots=True)
class QuoteView:
    """A quote as one person may see it. `quote`: the columns of `quotes` and of QUOTE_COLUMNS by name; `lines`: those
    of `quote_lines` with `sku`, `name`, `name_zh`, `unit`. What the viewer may not see is None in them.
    """

    quote: Mapping[str, Any]
    lines: tuple[Mapping[str, Any], ...]
    findings: tuple[Finding, ...]
    shows_margin: bool


_QUOTES = Quote.table()
_LINES = QuoteLine.table()
_CUSTOMERS = Customer.table()
_PRODUCTS = Product.table()
OWNERS = Person.table().alias("quote_owners")

QUOTE_COLUMNS = (
    *_QUOTES.c,
    _CUSTOMERS.c.name.label("customer_name"),
    _CUSTOMERS.c.grade.label("customer_grade"),
    _CUSTOMERS.c.country.label("customer_country"),
    _CUSTOMERS.c.owner_id.label("customer_owner_id"),
    OWNERS.c.name.label("owner_name"),
    OWNERS.c.team_id.label("owner_team_id"),
    OWNERS.c.superior_id.label("owner_superior_id"),
)
FROM_QUOTES = _QUOTES.join(_CUSTOMERS, _CUSTOMERS.c.id == _QUOTES.c.customer_id).join(
    OWNERS, OWNERS.c.id == _QUOTES.c.owner_id
)
QUOTE_ROWS = select(*QUOTE_COLUMNS).select_from(FROM_QUOTES)
_ROW = QUOTE_ROWS.where(_QUOTES.c.id == bindparam("quote"))
_LOCK = select(_QUOTES.c.id).where(_QUOTES.c.id == bindparam("quote")).with_for_update(key_share=True)
_LINES_OF = (
    select(
        _LINES,
        _PRODUCTS.c.sku,
        _PRODUCTS.c.name,
        _PRODUCTS.c.name_zh,
        _PRODUCTS.c.unit,
        _PRODUCTS.c.floor_price,
        _PRODUCTS.c.currency.label("floor_currency"),
    )
    .join(_PRODUCTS, _PRODUCTS.c.id == _LINES.c.product_id)
    .where(_LINES.c.quote_id == bindparam("quote"))
    .order_by(_LINES.c.position)
)
_OF_COSTS = ("cost_base", "margin", "costs", "inputs", "approved_inputs", "checks")


def read_plain(work: UnitOfWork, *, quote_id: int) -> Any:
    """The row of a quote (QUOTE_COLUMNS), whoever asks and nothing hidden: for services. Raises NotFound."""
    row = work.connection.execute(_ROW, {"quote": quote_id}).one_or_none()
    if row is None:
        raise NotFound(T("There is no such quote."))
    return row


def read_quote(work: UnitOfWork, *, quote_id: int, viewer: Member) -> Any:
    """The same for who may see the quote. Raises NotFound."""
    row = read_plain(work, quote_id=quote_id)
    if can_see_quote(viewer, row) is not True:
        raise NotFound(T("There is no such quote."))
    return row


def lock_quote(work: UnitOfWork, *, quote_id: int) -> None:
    """Let nobody else change this quote until the commit; read it afterwards. The first thing every act on it does."""
    work.connection.execute(_LOCK, {"quote": quote_id})


def read_lines(work: UnitOfWork, *, quote_id: int) -> list[Any]:
    """The lines of a quote with their products' names, nothing hidden: for services."""
    return list(work.connection.execute(_LINES_OF, {"quote": quote_id}).all())


def get_quote(work: UnitOfWork, *, viewer: Member, quote_id: int) -> QuoteView:
    """The quote with its lines, as this person may see it: a rep without cost and margin. Raises NotFound."""
    return view_of(work, read_quote(work, quote_id=quote_id, viewer=viewer), viewer)


def view_of(work: UnitOfWork, row: Any, viewer: Member) -> QuoteView:
    """The same of a row that this person was found to be shown."""
    shows = can_see_margin(viewer)
    quote = dict(row._mapping)  # noqa: SLF001 - Row's public way
    findings = unpack_findings(quote["checks"], with_confidential=shows)
    quote |= dict.fromkeys(_OF_COSTS) if not shows else {}
    hidden: dict[str, Any] = {} if shows else {"cost": None, "floor_price": None}
    lines = tuple(dict(line._mapping) | hidden for line in read_lines(work, quote_id=row.id))  # noqa: SLF001
    return QuoteView(quote, lines, findings, shows)


def list_quotes(
    work: UnitOfWork,
    *,
    viewer: Member,
    customer_id: int | None = None,
    deal_id: int | None = None,
    query: str = "",
    statuses: tuple[str, ...] = (),
    offset: int = 0,
    most: int = 10,
) -> tuple[list[Any], int]:
    """The quotes this person may see, newest first, and how many in all; rows of QUOTE_COLUMNS.

    `query`: a number (`Q-17` is enough) or a part of the customer's name. Of the versions of a number each is one.
    """
    where: list[ColumnElement[bool]] = [visible_quotes(viewer, _QUOTES.c.owner_id, _CUSTOMERS.c.owner_id)]
    if customer_id is not None:
        where.append(_QUOTES.c.customer_id == customer_id)
    if deal_id is not None:
        where.append(_QUOTES.c.deal_id == deal_id)
    if statuses:
        where.append(_QUOTES.c.status.in_(statuses))
    if query.strip():
        where.append(_fitting(work, query.strip()))
    rows = work.connection.execute(QUOTE_ROWS.where(*where).order_by(_QUOTES.c.id.desc()).offset(offset).limit(most))
    count = select(func.count()).select_from(FROM_QUOTES).where(*where)
    return list(rows), work.connection.execute(count).scalar_one()


def quotes_of_deal(work: UnitOfWork, deal_id: int) -> list[Any]:
    """All quotes of a deal, the newest first, whoever asks: for services."""
    of_deal = QUOTE_ROWS.where(_QUOTES.c.deal_id == deal_id)
    return list(work.connection.execute(of_deal.order_by(_QUOTES.c.id.desc())).all())


def count_by_status(work: UnitOfWork, *, viewer: Member) -> dict[str, int]:
    """How many quotes this person may see in each status that has any."""
    visible = visible_quotes(viewer, _QUOTES.c.owner_id, _CUSTOMERS.c.owner_id)
    query = select(_QUOTES.c.status, func.count()).select_from(FROM_QUOTES).where(visible)
    return {row[0]: row[1] for row in work.connection.execute(query.group_by(_QUOTES.c.status))}


def versions_of(work: UnitOfWork, *, number: str) -> list[Any]:
    """Every version of a quote, the first one first: for services."""
    return list(work.connection.execute(QUOTE_ROWS.where(_QUOTES.c.number == number).order_by(_QUOTES.c.version)).all())


def company_today(work: UnitOfWork) -> date:
    """The day by which quotes run out: the company's."""
    return work.now.astimezone(ZoneInfo(text_rule(work, "company.timezone"))).date()


def is_quote_number(words: str) -> bool:
    """Whether these words can be a quote's number: `Q-2026-0001`, `q17`."""
    return _NUMBER.fullmatch(words.strip()) is not None


def record(
    work: UnitOfWork,
    actor: Actor,
    quote_id: int,
    act: str,
    changes: Mapping[str, tuple[Any, Any]],
    reason: str | None = None,
) -> None:
    """Write one row of the quote's history."""
    history.record(work, actor=actor, entity="quote", entity_id=quote_id, act=act, changes=changes, reason=reason)


def _fitting(work: UnitOfWork, query: str) -> ColumnElement[bool]:
    numbered = _NUMBER.fullmatch(query)
    if numbered:
        years = [numbered[1]] if numbered[1] else range(work.now.year + 1, work.now.year - _YEARS_BACK, -1)
        return _QUOTES.c.number.in_([f"{NUMBER_PREFIX}-{year}-{int(numbered[2]):04d}" for year in years])
    return fits(_CUSTOMERS.c.search_key, query) if has_words(query) else _QUOTES.c.id < 0
