"""Orders: their table, and how one is read, found and listed. Guide 3.1."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

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
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import history
from crm.core.errors import NotFound
from crm.core.history import Actor
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Amount, Id, Json, Percent, Rate, UTCDateTime
from crm.core.work import UnitOfWork
from crm.orders.checks import Finding, unpack_findings
from crm.orders.lines import OrderLine
from crm.orders.order_policy import can_see_margin, can_see_order, can_see_prices, visible_orders
from crm.people.absence import STILL
from crm.people.people import Member, Person
from crm.sales.agreed_orders import AGREED
from crm.sales.catalogue.products import Product
from crm.sales.customers.customers import Customer
from crm.sales.searching import fits, has_words

STATUSES = {
    "pending": T("Waiting for approval"),
    "approved": T("Approved"),
    "waiting_deposit": T("Waiting for the deposit"),
    "in_production": T("In production"),
    "ready": T("Ready to ship"),
    "partly_shipped": T("Partly shipped"),
    "shipped": T("Shipped"),
    "delivered": T("Delivered"),
    "closed": T("Closed"),
    "rejected": T("Rejected"),
    "sent_back": T("Sent back"),
    "recalled": T("Recalled"),
    "cancelled": T("Cancelled"),
}

NUMBER_PREFIX = "SO"

_NUMBER = re.compile(rf"(?:{NUMBER_PREFIX}-?)?(?:(\d{{4}})-)?(\d{{1,9}})", re.IGNORECASE | re.ASCII)
_YEARS_BACK = 5  # where a number is given without its year

RESERVING = ("pending", *AGREED)
"""The statuses in which an order holds its customer's credit: as far as it is not in receivables yet."""


class Order(Base):
    """A customer's order. `total` in `currency`; `base_total`, `cost_base` in the base currency at the locked `rate`.

    `margin` in per cent, None: unknown. `round` counts submissions from 1. `checks`: what the form found when it was
    last submitted (`checks.pack_findings`). `deposit_percent` None: the terms name no deposit.
    """

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("number"),
        Index(None, "customer_id", "id"),
        Index(None, "customer_id", "submitted_at"),
        Index(None, "submitter_id", "status", "delivery_on"),
        Index(None, "status", "id"),
        Index(None, "customer_po"),
        Index(None, "deal_id"),
        Index(None, "quote_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    number: Mapped[str] = mapped_column(String(20))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deals.id"))
    quote_id: Mapped[int | None] = mapped_column(ForeignKey("quotes.id"))
    submitter_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    status: Mapped[str] = mapped_column(String(20))
    round: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    rate: Mapped[Decimal] = mapped_column(Rate)
    customer_po: Mapped[str | None] = mapped_column(String(100))
    incoterm: Mapped[str] = mapped_column(String(3))
    place: Mapped[str | None] = mapped_column(String(200))
    delivery_on: Mapped[date] = mapped_column(Date)
    deliver_to: Mapped[str] = mapped_column(String(500))
    payment_terms: Mapped[str] = mapped_column(String(600))
    deposit_percent: Mapped[Decimal | None] = mapped_column(Percent)
    packing: Mapped[str | None] = mapped_column(Text)
    notes: Mapped[str | None] = mapped_column(Text)
    total: Mapped[Decimal] = mapped_column(Amount)
    base_total: Mapped[Decimal] = mapped_column(Amount)
    cost_base: Mapped[Decimal | None] = mapped_column(Amount)
    margin: Mapped[Decimal | None] = mapped_column(Percent)
    checks: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    same_as_order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    submitted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order as one person may see it. `order`: the columns of `orders` and of ORDER_COLUMNS by name; `lines`:
    those of `order_lines` with `sku`, `name`, `name_zh`, `unit`. What the viewer may not see is None in them.
    """

    order: Mapping[str, Any]
    lines: tuple[Mapping[str, Any], ...]
    findings: tuple[Finding, ...]
    shows_prices: bool
    shows_margin: bool


_ORDERS = Order.table()
_LINES = OrderLine.table()
_CUSTOMERS = Customer.table()
_PRODUCTS = Product.table()
SUBMITTERS = Person.table().alias("submitters")

ORDER_COLUMNS = (
    *_ORDERS.c,
    _CUSTOMERS.c.name.label("customer_name"),
    _CUSTOMERS.c.grade.label("customer_grade"),
    SUBMITTERS.c.name.label("submitter_name"),
    SUBMITTERS.c.team_id.label("submitter_team_id"),
    SUBMITTERS.c.superior_id.label("submitter_superior_id"),
)
FROM_ORDERS = _ORDERS.join(_CUSTOMERS, _CUSTOMERS.c.id == _ORDERS.c.customer_id).join(
    SUBMITTERS, SUBMITTERS.c.id == _ORDERS.c.submitter_id
)
_ROWS = select(*ORDER_COLUMNS).select_from(FROM_ORDERS)
_ROW = _ROWS.where(_ORDERS.c.id == bindparam("order"))
_LOCK = select(_ORDERS.c.id).where(_ORDERS.c.id == bindparam("order")).with_for_update(key_share=True)
_LOCK_STILL = _LOCK.add_columns(STILL)  # in one statement: `crm.people.absence.hold_still`
_LINES_OF = (
    select(_LINES, _PRODUCTS.c.sku, _PRODUCTS.c.name, _PRODUCTS.c.name_zh, _PRODUCTS.c.unit)
    .join(_PRODUCTS, _PRODUCTS.c.id == _LINES.c.product_id)
    .where(_LINES.c.order_id == bindparam("order"))
    .order_by(_LINES.c.position)
)
_COSTS = ("cost", "floor_price")
_OF_MARGIN = ("cost_base", "margin")
_OF_PRICES = ("total", "base_total", "rate", "deposit_percent", "payment_terms")
_LINE_PRICES = ("unit_price", "discount", "discount_sum", "net", "list_price")


def read_plain(work: UnitOfWork, *, order_id: int) -> Any:
    """The row of an order (ORDER_COLUMNS), whoever asks and nothing hidden: for services. Raises NotFound."""
    row = work.connection.execute(_ROW, {"order": order_id}).one_or_none()
    if row is None:
        raise NotFound(T("There is no such order."))
    return row


def read_order(work: UnitOfWork, *, order_id: int, viewer: Member) -> Any:
    """The same for who may see the order. Raises NotFound as `get_order`."""
    row = read_plain(work, order_id=order_id)
    if can_see_order(viewer, row) is not True:
        raise NotFound(T("There is no such order."))
    return row


def lock_order(work: UnitOfWork, *, order_id: int) -> None:
    """Let nobody else change this order until the commit, nor anybody go away or return whom it might wait for; read it
    afterwards. The first thing every act on it does.
    """
    lock = _LOCK_STILL if work.connection.dialect.name == "postgresql" else _LOCK
    work.connection.execute(lock, {"order": order_id})


def read_lines(work: UnitOfWork, *, order_id: int) -> list[Any]:
    """The lines of an order with their products' names, nothing hidden: for services."""
    return list(work.connection.execute(_LINES_OF, {"order": order_id}).all())


def record(
    work: UnitOfWork,
    actor: Member,
    platform: str,
    order_id: int,
    act: str,
    changes: Mapping[str, tuple[Any, Any]],
    reason: str | None = None,
) -> None:
    """Write one row of the order's history."""
    by = Actor(actor.id, platform)
    history.record(work, actor=by, entity="order", entity_id=order_id, act=act, changes=changes, reason=reason)


def get_order(work: UnitOfWork, *, viewer: Member, order_id: int) -> OrderView:
    """The order with its lines, as this person may see it: a rep without cost and margin, fulfilment without prices.

    Raises NotFound when it is not there, or not for this person to see.
    """
    row = read_order(work, order_id=order_id, viewer=viewer)
    lines = read_lines(work, order_id=order_id)
    prices, margin = can_see_prices(viewer), can_see_margin(viewer)
    hidden = () if margin else _OF_MARGIN
    hidden_of_line = () if margin else _COSTS
    if not prices:
        hidden, hidden_of_line = (*hidden, *_OF_PRICES), (*hidden_of_line, *_LINE_PRICES)
    shown = tuple(_without(line, hidden_of_line) for line in lines)
    findings = unpack_findings(row.checks, with_confidential=margin) if prices else ()
    return OrderView(_without(row, (*hidden, "checks")), shown, findings, prices, margin)


def list_orders(
    work: UnitOfWork,
    *,
    viewer: Member,
    status: str | None = None,
    customer_id: int | None = None,
    offset: int = 0,
    most: int = 10,
) -> tuple[list[Any], int]:
    """The orders this person may see, newest first, and how many in all; rows as of LISTED."""
    where = [_visible(viewer)]
    if customer_id is not None:
        where.append(_ORDERS.c.customer_id == customer_id)
    if status is not None:
        where.append(_ORDERS.c.status == status)
    return _page(work, viewer, where, offset, most)


def find_orders(
    work: UnitOfWork, *, viewer: Member, query: str, offset: int = 0, most: int = 10
) -> tuple[list[Any], int]:
    """Orders by number (`31` is enough), customer's name (pinyin included) or customer's PO, newest first."""
    query = query.strip()
    if not query:
        return list_orders(work, viewer=viewer, offset=offset, most=most)
    # Conditions on plain values and ids: among a million orders, words matched row by row would be slow.
    ways: list[ColumnElement[bool]] = [_ORDERS.c.customer_po.in_({query, query.upper(), query.lower()})]
    numbered = _NUMBER.fullmatch(query)
    if numbered:
        years = [numbered[1]] if numbered[1] else range(work.now.year + 1, work.now.year - _YEARS_BACK, -1)
        ways.append(_ORDERS.c.number.in_([f"{NUMBER_PREFIX}-{year}-{int(numbered[2]):04d}" for year in years]))
    if has_words(query):
        named = select(_CUSTOMERS.c.id).where(fits(_CUSTOMERS.c.search_key, query))
        ways.append(_ORDERS.c.customer_id.in_(named))
    return _page(work, viewer, [_visible(viewer), or_(*ways)], offset, most)


def status_counts(work: UnitOfWork, *, viewer: Member) -> dict[str, int]:
    """How many orders this person may see in each status that has any."""
    query = select(_ORDERS.c.status, func.count()).where(_visible(viewer)).group_by(_ORDERS.c.status)
    return {row[0]: row[1] for row in work.connection.execute(query)}


LISTED = ("id", "number", "status", "currency", "total", "delivery_on", "submitted_at", "customer_id", "submitter_id")
"""What a row of a list has, beside `customer_name` and `submitter_name`; `total` None for who sees no prices."""


def _page(
    work: UnitOfWork, viewer: Member, where: list[ColumnElement[bool]], offset: int, most: int
) -> tuple[list[Any], int]:
    columns: list[ColumnElement[Any]] = [_ORDERS.c[name] for name in LISTED if name != "total"]
    columns.append(_ORDERS.c.total if can_see_prices(viewer) else literal(None).label("total"))
    columns += [_CUSTOMERS.c.name.label("customer_name"), SUBMITTERS.c.name.label("submitter_name")]
    query = select(*columns).select_from(FROM_ORDERS).where(*where)
    rows = work.connection.execute(query.order_by(_ORDERS.c.id.desc()).offset(offset).limit(most)).all()
    count = select(func.count()).select_from(FROM_ORDERS).where(*where)
    return list(rows), work.connection.execute(count).scalar_one()


def _visible(viewer: Member) -> ColumnElement[bool]:
    return visible_orders(viewer, submitter_id=_ORDERS.c.submitter_id, status=_ORDERS.c.status)


def _without(row: Any, hidden: tuple[str, ...]) -> dict[str, Any]:
    values = dict(row._mapping)  # noqa: SLF001 - Row's public way
    return values | dict.fromkeys(hidden)
