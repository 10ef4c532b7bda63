"""What is sold: the catalogue with price, floor, cost and stock; keyed by the SKU."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from sqlalchemy import ColumnElement, String, Text, case, func, insert, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import history
from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.history import Actor
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Id, Price, Quantity, UTCDateTime
from crm.core.work import UnitOfWork
from crm.language.currencies import CURRENCIES
from crm.language.names import search_key
from crm.sales.lengths import check_lengths, tidy
from crm.sales.searching import closeness, fits, fitting, has_words

Saved = Literal["new", "changed", "same"]

_HIGHEST_PRICE = Decimal(10) ** 10
_MOST_STOCK = Decimal(10) ** 14
_LONGEST_LEAD_TIME = 3650


class Product(Base):
    """Prices and cost are per `unit`, all in `currency`; `category` is a name of `product_categories`."""

    __tablename__ = "products"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    sku: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    name_zh: Mapped[str | None] = mapped_column(String(200))
    category: Mapped[str | None] = mapped_column(String(100))
    unit: Mapped[str] = mapped_column(String(20))
    currency: Mapped[str] = mapped_column(String(3))
    list_price: Mapped[Decimal] = mapped_column(Price)
    floor_price: Mapped[Decimal | None] = mapped_column(Price)
    cost: Mapped[Decimal | None] = mapped_column(Price)
    stock: Mapped[Decimal] = mapped_column(Quantity)
    lead_time_days: Mapped[int]
    is_discontinued: Mapped[bool]
    search_key: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDetails:
    """What is told of a product. Prices and cost per unit in `currency` (ISO 4217); None: not known."""

    sku: str
    name: str
    currency: str
    list_price: Decimal
    name_zh: str | None = None
    category: str | None = None
    unit: str = "pcs"
    floor_price: Decimal | None = None
    cost: Decimal | None = None
    stock: Decimal = Decimal(0)
    lead_time_days: int = 0
    is_discontinued: bool = False


_PRODUCTS = Product.table()
_DETAILS = tuple(_PRODUCTS.c[name] for name in ProductDetails.__slots__)
_FOR_CHOOSING = tuple(column for column in _PRODUCTS.c if column.name != "cost")
_INSERT = insert(_PRODUCTS).returning(_PRODUCTS.c.id)


def find_products(work: UnitOfWork, *, query: str, offset: int = 0, most: int = 10) -> tuple[list[Any], int]:
    """Products on sale whose SKU, name or Chinese name (also in pinyin) fits, best first, and how many in all.

    Rows of `products` without the cost. An empty query finds all, by SKU; one without a letter or digit, none.
    """
    key, sku = _PRODUCTS.c.search_key, _PRODUCTS.c.sku
    where: list[ColumnElement[bool]] = [_PRODUCTS.c.is_discontinued.is_(False)]
    order: list[Any] = [sku]
    if query.strip():
        if not has_words(query):
            return [], 0
        where.append(fits(key, query))
        names = (sku, _PRODUCTS.c.name, _PRODUCTS.c.name_zh)
        itself = or_(*(func.lower(name) == query.strip().lower() for name in names))
        order = [case((itself, 0), else_=closeness(key, query)), func.length(_PRODUCTS.c.name), sku]
    found = select(*_FOR_CHOOSING).where(*where).order_by(*order).offset(offset).limit(most)
    rows = work.connection.execute(found).all()
    total = work.connection.execute(select(func.count()).select_from(_PRODUCTS).where(*where)).scalar_one()
    return list(rows), total


def products_named(work: UnitOfWork, *, names: Iterable[str]) -> dict[str, int]:
    """Of these SKUs and names, in any letter case, those that are one product's on sale, with its id: in one statement.

    A SKU comes before a name that reads the same; what several products are called is left out.
    """
    typed = {name: name.strip().lower() for name in names}
    columns = (_PRODUCTS.c.sku, _PRODUCTS.c.name, _PRODUCTS.c.name_zh)
    called = or_(*(func.lower(column).in_(set(typed.values())) for column in columns))
    query = select(_PRODUCTS.c.id, *columns).where(called, _PRODUCTS.c.is_discontinued.is_(False))
    rows = work.connection.execute(query).all()
    by_sku = {row.sku.lower(): row.id for row in rows}
    by_name: dict[str, set[int]] = {}
    for row in rows:
        for name in filter(None, (row.name, row.name_zh)):
            by_name.setdefault(name.lower(), set()).add(row.id)
    alone = {name: ids.pop() for name, ids in by_name.items() if len(ids) == 1}
    found = {name: by_sku.get(lower, alone.get(lower)) for name, lower in typed.items()}
    return {name: product_id for name, product_id in found.items() if product_id is not None}


def products_meant(work: UnitOfWork, *, names: Iterable[str]) -> dict[str, int]:
    """Of these parts of names those that fit one product on sale alone, with its id; in one statement for all."""
    on_sale = select(_PRODUCTS.c.id, _PRODUCTS.c.search_key).where(_PRODUCTS.c.is_discontinued.is_(False))
    keys = {row.id: row.search_key for row in work.connection.execute(on_sale)}
    found = {name: fitting(keys, name) for name in names}
    return {name: ids[0] for name, ids in found.items() if len(ids) == 1}


def get_product(work: UnitOfWork, *, product_id: int) -> Any:
    """The product as a row of `products`, its cost included. Raises NotFound."""
    found = get_products(work, product_ids=[product_id])
    if product_id not in found:
        raise NotFound(T("There is no such product."))
    return found[product_id]


def get_products(work: UnitOfWork, *, product_ids: Iterable[int]) -> dict[int, Any]:
    """Products by id in one statement, discontinued ones too; ids that are none are left out."""
    query = select(_PRODUCTS).where(_PRODUCTS.c.id.in_(set(product_ids)))
    return {row.id: row for row in work.connection.execute(query)}


def details_by_sku(work: UnitOfWork, *, skus: Iterable[str]) -> dict[str, ProductDetails]:
    """What is known of the products with these SKUs, in one statement."""
    query = select(*_DETAILS).where(_PRODUCTS.c.sku.in_(set(skus)))
    return {row["sku"]: ProductDetails(**row) for row in work.connection.execute(query).mappings()}


def save_product(work: UnitOfWork, *, actor: Actor, details: ProductDetails) -> tuple[int, Saved]:
    """Write a product under its SKU: a new one, or what differs of the one that is there. Raises Invalid."""
    details = checked_product(details)
    told = asdict(details)
    stored = told | {"search_key": _search_key(details), "changed_at": work.now}
    query = select(_PRODUCTS.c.id, *_DETAILS).where(_PRODUCTS.c.sku == details.sku)
    row = work.connection.execute(query).mappings().one_or_none()
    if row is None:
        product_id = int(work.connection.execute(_INSERT, stored | {"created_at": work.now}).scalar_one())
        act, changes = "added", {name: (None, value) for name, value in told.items() if value is not None}
    else:
        product_id = row["id"]
        act, changes = "changed", {name: (row[name], value) for name, value in told.items() if row[name] != value}
        if not changes:
            return product_id, "same"
        work.connection.execute(update(_PRODUCTS).where(_PRODUCTS.c.id == product_id).values(stored))
    history.record(work, actor=actor, entity="product", entity_id=product_id, act=act, changes=changes)
    return product_id, "new" if row is None else "changed"


def discontinue_product(work: UnitOfWork, *, actor: Actor, product_id: int) -> None:
    """Take a product out of sale; what was ordered stays. Raises NotFound and Conflict."""
    row = get_product(work, product_id=product_id)
    only_once = update(_PRODUCTS).where(_PRODUCTS.c.id == product_id, _PRODUCTS.c.is_discontinued.is_(False))
    if work.connection.execute(only_once.values(is_discontinued=True, changed_at=work.now)).rowcount != 1:
        raise Conflict(T("{product} is discontinued already.", product=row.name))
    changes = {"is_discontinued": (False, True)}
    history.record(work, actor=actor, entity="product", entity_id=product_id, act="discontinued", changes=changes)


def checked_product(details: ProductDetails) -> ProductDetails:
    """The details in their normal form, as they are kept. Raises Invalid with the first thing that is wrong."""
    sku, name, name_zh = tidy(details.sku), tidy(details.name), tidy(details.name_zh)
    category, unit = tidy(details.category), tidy(details.unit) or "pcs"
    if sku is None or name is None or not has_words(name):
        raise Invalid(T("A product needs an SKU and a name."))
    check_lengths(_PRODUCTS, {"sku": sku, "name": name, "name_zh": name_zh, "category": category, "unit": unit})
    if details.currency not in CURRENCIES:
        raise Invalid(T("{currency} is no currency; write a code such as USD or CNY.", currency=details.currency))
    if not 0 <= details.lead_time_days <= _LONGEST_LEAD_TIME:
        raise Invalid(T("A lead time is a number of days from 0 to {most}.", most=_LONGEST_LEAD_TIME))
    return replace(
        details,
        sku=sku,
        name=name,
        name_zh=name_zh,
        category=category,
        unit=unit,
        list_price=_price(details.list_price),
        floor_price=None if details.floor_price is None else _price(details.floor_price),
        cost=None if details.cost is None else _price(details.cost),
        stock=_rounded(details.stock, below=_MOST_STOCK, places=4),
    )


def _price(value: Decimal) -> Decimal:
    return _rounded(value, below=_HIGHEST_PRICE, places=8)


def _rounded(value: Decimal, *, below: Decimal, places: int) -> Decimal:
    if not value.is_finite() or not 0 <= value < below:
        raise Invalid(T("Prices, cost and stock are numbers from 0 upwards, such as 12.50."))
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _search_key(details: ProductDetails) -> str:
    """Name first, so that what begins with the query is a name that does; then the Chinese name, then the SKU."""
    keys = (search_key(text) for text in (details.name, details.name_zh or "", details.sku))
    return " ".join(key for key in keys if key)
