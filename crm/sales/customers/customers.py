"""Customers: added, found, changed, given a credit limit; their own prices. Guide 1.1, 2.2."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text, delete, func, insert, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import copies, history
from crm.core.errors import Invalid, NotFound
from crm.core.history import Actor
from crm.core.money import Money
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Amount, Id, Json, Price, UTCDateTime
from crm.core.work import UnitOfWork
from crm.language.countries import COUNTRIES
from crm.language.currencies import CURRENCIES
from crm.language.names import search_key
from crm.people.people import Member, Person, Role, find_member
from crm.people.permissions import require
from crm.sales.catalogue.products import Product, get_product
from crm.sales.company_keys import keep_keys
from crm.sales.customers.contacts import WAYS, Contact, customers_reached_by, insert_contact
from crm.sales.customers.policy import (
    can_create_customer,
    can_give_customer,
    can_see_customer,
    can_set_credit,
    can_set_price,
    visible_customers,
)
from crm.sales.leads.leads import SOURCES
from crm.sales.lengths import check_lengths, tidy
from crm.sales.searching import closeness, fits, has_words, name_key

GRADES = {
    "A": T("A key customer"),
    "B": T("B important customer"),
    "C": T("C ordinary customer"),
}

CREDIT_RATINGS = ("AA", "A", "B", "C")

_HIGHEST_LIMIT = Decimal(10) ** 14
_HIGHEST_PRICE = Decimal(10) ** 10


class Customer(Base):
    """A company that buys. `owner_id` None: in the pool; `credit_limit` None: no limit set; `external_id`: import key.

    `status` is `active` or `merged` (into `merged_into_id`). The limit is in the base currency. `potential` and
    `influence`: from 1 to 5 as somebody has judged them, None: nobody has.
    """

    __tablename__ = "customers"
    __table_args__ = (Index(None, "owner_id", "status"), Index(None, "grade", "status"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(400), index=True)
    search_key: Mapped[str] = mapped_column(Text)
    country: Mapped[str | None] = mapped_column(String(2))
    currency: Mapped[str | None] = mapped_column(String(3))
    payment_terms: Mapped[str | None] = mapped_column(String(200))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    grade: Mapped[str] = mapped_column(String(1))
    potential: Mapped[int | None]
    influence: Mapped[int | None]
    credit_rating: Mapped[str | None] = mapped_column(String(2))
    credit_limit: Mapped[Decimal | None] = mapped_column(Amount)
    source: Mapped[str | None] = mapped_column(String(20))
    referred_by: Mapped[str | None] = mapped_column(String(200))
    tags: Mapped[list[str]] = mapped_column(Json)
    notes: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(10))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    external_id: Mapped[str | None] = mapped_column(String(100), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class CustomerPrice(Base):
    """What one customer pays for one unit of one product, instead of the list price."""

    __tablename__ = "customer_prices"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True)
    price: Mapped[Decimal] = mapped_column(Price)
    currency: Mapped[str] = mapped_column(String(3))


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDetails:
    """What somebody tells of a customer; from `contact` to `whatsapp` it is the main contact's."""

    name: str
    contact: str | None = None
    position: str | None = None
    phone: str | None = None
    email: str | None = None
    wechat: str | None = None
    whatsapp: str | None = None
    country: str | None = None
    currency: str | None = None
    payment_terms: str | None = None
    source: str | None = None
    referred_by: str | None = None
    tags: list[str] = field(default_factory=list)
    notes: str | None = None
    external_id: str | None = None


_CUSTOMERS = Customer.table()
_CONTACTS = Contact.table()
_PRICES = CustomerPrice.table()
_OWNERS = Person.table().alias("owners")
_COLUMNS = (*_CUSTOMERS.c, _OWNERS.c.name.label("owner_name"), _OWNERS.c.team_id.label("owner_team_id"))
_WITH_OWNER = _CUSTOMERS.outerjoin(_OWNERS, _OWNERS.c.id == _CUSTOMERS.c.owner_id)
_INSERT = insert(_CUSTOMERS).returning(_CUSTOMERS.c.id)
_REACHED = ("position", *WAYS)
_OF_CONTACT = frozenset({"contact", *_REACHED})
_LINES = ("name", "contact", *_REACHED, "payment_terms", "referred_by", "external_id")
OF_CUSTOMER = tuple(f.name for f in fields(CustomerDetails) if f.name not in _OF_CONTACT)
"""The details that stand in the customer's own row, under the same names."""


def create_customer(
    work: UnitOfWork, *, actor: Member, platform: str, details: CustomerDetails, owner_id: int | None = None
) -> int:
    """Add a customer with its main contact; returns its id. Raises Forbidden and Invalid.

    Its owner is `owner_id`, else the actor; one that only an administrator adds is in the pool.
    """
    require(can_create_customer(actor))
    if owner_id is not None and owner_id != actor.id:
        require(can_give_customer(actor, owner=find_member(work, person_id=owner_id)))
    elif actor.has(Role.REP, Role.SUPERVISOR, Role.GM):
        owner_id = actor.id
    by = Actor(actor.id, platform)
    return insert_customer(work, actor=by, details=checked_customer(details), owner_id=owner_id)


def get_customer(work: UnitOfWork, *, viewer: Member, customer_id: int) -> Any:
    """The customer as a row (columns of `customers`, `owner_name`, `owner_team_id`), one merged into another too.

    Raises NotFound when it is not there, or not for this person to see.
    """
    query = select(*_COLUMNS).select_from(_WITH_OWNER).where(_CUSTOMERS.c.id == customer_id)
    row = work.connection.execute(query).one_or_none()
    if row is None or can_see_customer(viewer, row) is not True:
        raise NotFound(T("There is no such customer."))
    return row


def find_customers(
    work: UnitOfWork, *, viewer: Member, query: str, offset: int = 0, most: int = 10
) -> tuple[list[Any], int]:
    """The customers this person may see that fit, best first, and how many in all; rows as of `get_customer`.

    Name (part of it, pinyin, initials), a contact's name, the whole of a phone number or e-mail. An empty query
    finds all, the person's own first, then by name. Merged ones are never found.
    """
    c = _CUSTOMERS.c
    where = [c.status == "active", visible_customers(viewer, c.owner_id)]
    order: list[Any] = [c.owner_id.is_distinct_from(viewer.id), c.name, c.id]
    if query.strip():
        if not has_words(query):
            return [], 0
        where.append(or_(fits(c.search_key, query), c.id.in_(customers_reached_by(query))))
        order = [closeness(c.search_key, query), order[0], func.length(c.name), *order[1:]]
    # The count comes with the rows: a second statement would look at every customer a second time.
    hits = select(c.id, func.count().over().label("total")).where(*where).order_by(*order)
    found = work.connection.execute(hits.offset(offset).limit(most)).all()
    if not found:
        return [], _count(work, where) if offset else 0
    page = [hit.id for hit in found]
    rows = work.connection.execute(select(*_COLUMNS).select_from(_WITH_OWNER).where(c.id.in_(page)))
    return sorted(rows.all(), key=lambda row: page.index(row.id)), found[0].total


def same_customers(
    work: UnitOfWork, *, viewer: Member, name: str, phone: str | None = None, email: str | None = None
) -> list[Any]:
    """Active customers this person may see with exactly this name, or a contact with this phone or e-mail."""
    c, same = _CUSTOMERS.c, [_CUSTOMERS.c.name_key == name_key(name)]
    for column, way in ((_CONTACTS.c.phone, phone), (_CONTACTS.c.email, email)):
        if way:
            same.append(c.id.in_(select(_CONTACTS.c.customer_id).where(column == way)))
    query = select(*_COLUMNS).select_from(_WITH_OWNER).where(c.status == "active", or_(*same))
    visible = visible_customers(viewer, c.owner_id)
    return list(work.connection.execute(query.where(visible).order_by(c.id)).all())


def set_credit_limit(
    work: UnitOfWork, *, actor: Member, platform: str, customer_id: int, limit: Decimal | None
) -> None:
    """Set how much the customer may owe, in the base currency; None takes the limit away. Finance alone.

    Raises NotFound, Forbidden, Invalid.
    """
    if limit is not None and not (limit.is_finite() and 0 <= limit < _HIGHEST_LIMIT):
        raise Invalid(T("A credit limit is an amount from 0 upwards, such as 300000."))
    _set_credit(work, actor, platform, customer_id, "credit_limit", limit)


def set_credit_rating(work: UnitOfWork, *, actor: Member, platform: str, customer_id: int, rating: str | None) -> None:
    """Rate how the customer pays (CREDIT_RATINGS); None takes the rating away. Finance alone.

    Raises NotFound, Forbidden, Invalid.
    """
    if rating is not None and rating not in CREDIT_RATINGS:
        raise Invalid(T("The credit ratings are {ratings}.", ratings=list(CREDIT_RATINGS)))
    _set_credit(work, actor, platform, customer_id, "credit_rating", rating)


def customer_price(work: UnitOfWork, *, customer_id: int, product_id: int) -> tuple[Decimal, str] | None:
    """What this customer pays for one unit, and in which currency; None where the list price holds."""
    return customer_prices(work, customer_id=customer_id, product_ids=[product_id]).get(product_id)


def customer_prices(
    work: UnitOfWork, *, customer_id: int, product_ids: Iterable[int]
) -> dict[int, tuple[Decimal, str]]:
    """The customer's own prices of these products by product, in one statement."""
    own = (_PRICES.c.customer_id == customer_id, _PRICES.c.product_id.in_(set(product_ids)))
    return {row.product_id: (row.price, row.currency) for row in work.connection.execute(select(_PRICES).where(*own))}


def own_prices(work: UnitOfWork, *, customer_id: int) -> list[Any]:
    """All prices agreed with a customer, as rows with the product's `sku`, `name` and `name_zh`; by name."""
    products = Product.table()
    query = select(_PRICES.c.price, _PRICES.c.currency, products.c.sku, products.c.name, products.c.name_zh)
    joined = query.join(products, products.c.id == _PRICES.c.product_id).where(_PRICES.c.customer_id == customer_id)
    return list(work.connection.execute(joined.order_by(products.c.name, products.c.id)).all())


def set_customer_price(
    work: UnitOfWork, *, actor: Member, platform: str, customer_id: int, product_id: int, price: Money
) -> None:
    """Agree a price of one unit with a customer, in place of an earlier one. Supervisors of the team and up.

    Raises NotFound, Forbidden, Invalid.
    """
    row = get_customer(work, viewer=actor, customer_id=customer_id)
    require(can_set_price(actor, row))
    get_product(work, product_id=product_id)
    if not (price.amount.is_finite() and 0 < price.amount < _HIGHEST_PRICE) or price.currency not in CURRENCIES:
        raise Invalid(T("A price is an amount above 0 with its currency, such as 12.50 USD."))
    before = customer_price(work, customer_id=customer_id, product_id=product_id)
    key = {"customer_id": customer_id, "product_id": product_id}
    work.connection.execute(delete(_PRICES).filter_by(**key))
    work.connection.execute(insert(_PRICES), key | {"price": price.amount, "currency": price.currency})
    changes = {f"price of {product_id}": (None if before is None else Money(*before), price)}
    _record(work, Actor(actor.id, platform), customer_id, "price agreed", changes)


def checked_customer(details: CustomerDetails) -> CustomerDetails:
    """The details in their normal form, as they are kept. Raises Invalid with the first thing that is wrong."""
    texts: dict[str, Any] = {name: tidy(getattr(details, name)) for name in _LINES}
    name = texts["name"]
    if name is None or not has_words(name):
        raise Invalid(T("A customer needs a name with at least a letter or a digit."))
    if texts["contact"] is None and any(texts[way] for way in WAYS):
        texts["contact"] = name  # a number without a name is the company's own
    check_lengths(_CUSTOMERS, {line: texts[line] for line in _LINES if line not in _OF_CONTACT})
    check_lengths(_CONTACTS, {"name": texts["contact"], **{way: texts[way] for way in _REACHED}})
    if details.country is not None and details.country not in COUNTRIES:
        raise Invalid(T("{code} is no country's code; write one such as DE or CN.", code=details.country))
    if details.currency is not None and details.currency not in CURRENCIES:
        raise Invalid(T("{currency} is no currency; write a code such as USD or CNY.", currency=details.currency))
    if details.source is not None and details.source not in SOURCES:
        raise Invalid(T("{source} is none of the sources.", source=details.source))
    tags = list(dict.fromkeys(tag for tag in map(tidy, details.tags) if tag))
    notes = (details.notes or "").strip() or None
    return replace(details, **texts, tags=tags, notes=notes)


def insert_customer(work: UnitOfWork, *, actor: Actor, details: CustomerDetails, owner_id: int | None) -> int:
    """Write a new customer with its main contact; for who has asked the policy and `checked_customer`."""
    told = asdict(details)
    values = customer_values(details) | {"owner_id": owner_id, "grade": "C", "status": "active"}
    stamps = {"created_at": work.now, "changed_at": work.now}
    customer_id = int(work.connection.execute(_INSERT, values | stamps).scalar_one())
    keep_keys(work, kind="customer", record_id=customer_id, name=details.name, is_new=True)
    if details.contact is not None:
        reached = {name: told[name] for name in _REACHED}
        insert_contact(work, customer_id=customer_id, name=details.contact, is_main=True, **reached)
    changes = {name: (None, value) for name, value in told.items() if value} | {"owner": (None, owner_id)}
    _record(work, actor, customer_id, "added", changes)
    return customer_id


def customer_values(details: CustomerDetails) -> dict[str, Any]:
    """What stands in the row of `customers` for these details."""
    told = {name: getattr(details, name) for name in OF_CUSTOMER}
    return told | {"name_key": name_key(details.name), "search_key": search_key(details.name)}


def _set_credit(work: UnitOfWork, actor: Member, platform: str, customer_id: int, name: str, value: Any) -> None:
    row = get_customer(work, viewer=actor, customer_id=customer_id)
    require(can_set_credit(actor))
    before = getattr(row, name)
    if before == value:
        return
    changed = update(_CUSTOMERS).where(_CUSTOMERS.c.id == customer_id)
    work.connection.execute(changed.values({name: value, "changed_at": work.now}))
    _record(work, Actor(actor.id, platform), customer_id, "credit set", {name: (before, value)})


def _count(work: UnitOfWork, where: list[ColumnElement[bool]]) -> int:
    return work.connection.execute(select(func.count()).select_from(_CUSTOMERS).where(*where)).scalar_one()


def _record(work: UnitOfWork, actor: Actor, customer_id: int, act: str, changes: Mapping[str, tuple[Any, Any]]) -> None:
    history.record(work, actor=actor, entity="customer", entity_id=customer_id, act=act, changes=changes)
    copies.touch_card(work, card="customer", subject_id=customer_id)
