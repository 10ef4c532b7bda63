"""Deals: opened, told more of, found. Guide 2.3 and 1.2."""

import re
from collections.abc import Iterable, Mapping
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
    bindparam,
    false,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import copies, history
from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.history import Actor
from crm.core.money import Money
from crm.core.rates import in_base, rate_on
from crm.core.rules import read_rules
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Amount, Id, Json, Quantity, Rate, UTCDateTime
from crm.core.work import UnitOfWork
from crm.language.names import search_key
from crm.people.people import Member, Person
from crm.people.permissions import require
from crm.sales.catalogue.products import Product
from crm.sales.customers.customers import Customer, get_customer
from crm.sales.deals.events import DealChanged, DealStand
from crm.sales.deals.facts import Told, read_amount, read_facts, read_product, read_quantity, read_words
from crm.sales.deals.policy import can_change_deal, can_open_deal, can_see_deal
from crm.sales.deals.stages import OPEN_STAGES, expected_close_for
from crm.sales.leads.policy import visible_owners
from crm.sales.searching import fits, has_words


class Deal(Base):
    """Business that may come about. `rate` is locked at the opening; `facts` hold what the stages asked for.

    In `facts` (plain JSON): `first_response_on`, `quote_sent_on`, `signed_on` (ISO dates), `quote_outside`, `need`,
    `final_price` (a decimal in words, of `currency`), `payment_terms`, `contract_number`. `base_amount` is `amount`
    in the base currency at `rate`, kept for sums. `counted_since`: from when its days in the stage count, where it was
    on hold there; None: `stage_since`. `hold_task_id`: the reminder of the day until which it is on hold.
    """

    __tablename__ = "deals"
    __table_args__ = (
        Index(None, "owner_id", "stage", "stage_since"),
        Index(None, "stage", "expected_close", "id"),
        Index(None, "customer_id"),
        Index(None, "lead_id"),
        Index(
            "ix_deals_with_quote",
            "stage",
            sqlite_where=text("stage IN ('quotation', 'negotiation')"),
            postgresql_where=text("stage IN ('quotation', 'negotiation')"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    title: Mapped[str] = mapped_column(String(200))
    search_key: Mapped[str] = mapped_column(Text)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"))
    product_text: Mapped[str | None] = mapped_column(Text)
    quantity: Mapped[Decimal | None] = mapped_column(Quantity)
    amount: Mapped[Decimal] = mapped_column(Amount)
    currency: Mapped[str] = mapped_column(String(3))
    rate: Mapped[Decimal] = mapped_column(Rate)
    base_amount: Mapped[Decimal] = mapped_column(Amount)
    expected_close: Mapped[date] = mapped_column(Date)
    stage: Mapped[str] = mapped_column(String(20))
    stage_since: Mapped[datetime] = mapped_column(UTCDateTime)
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(Json)
    lost_reason: Mapped[str | None] = mapped_column(Text)
    on_hold: Mapped[bool]
    hold_reason: Mapped[str | None] = mapped_column(Text)
    hold_until: Mapped[date | None] = mapped_column(Date)
    held_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    hold_task_id: Mapped[int | None]
    counted_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    source: Mapped[str | None] = mapped_column(String(20))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("leads.id"))
    notes: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class DealStage(Base):
    """A deal's stay in a stage. `left_at` None: it is there now, which each deal is in exactly one."""

    __tablename__ = "deal_stages"
    __table_args__ = (
        Index(None, "deal_id", "id"),
        Index(
            "uq_deal_stages_open",
            "deal_id",
            unique=True,
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    deal_id: Mapped[int] = mapped_column(ForeignKey("deals.id"))
    stage: Mapped[str] = mapped_column(String(20))
    entered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    reason: Mapped[str | None] = mapped_column(Text)


@dataclass(frozen=True, slots=True, kw_only=True)
class DealDetails:
    """What somebody tells of a deal. `expected_close` None: proposed from the stages to come.

    `owner_id` None: the customer's owner, else who opens it. `facts`: what is known already (see `read_facts`).
    """

    customer_id: int
    title: str
    amount: Money
    expected_close: date | None = None
    product_id: int | None = None
    product_text: str | None = None
    quantity: Decimal | None = None
    notes: str | None = None
    source: str | None = None
    lead_id: int | None = None
    owner_id: int | None = None
    facts: Mapping[str, Any] | None = None


_DEALS = Deal.table()
_STAYS = DealStage.table()
_PEOPLE = Person.table()
_CUSTOMERS = Customer.table()
_PRODUCTS = Product.table()
_OWNERS = _PEOPLE.alias("owners")
_COLUMNS = (
    *_DEALS.c,
    _OWNERS.c.name.label("owner_name"),
    _OWNERS.c.team_id.label("owner_team_id"),
    _CUSTOMERS.c.name.label("customer_name"),
    _PRODUCTS.c.name.label("product_name"),
    _PRODUCTS.c.name_zh.label("product_name_zh"),
    _PRODUCTS.c.sku.label("product_sku"),
)
DEAL_ROWS = (
    select(*_COLUMNS)
    .join(_OWNERS, _OWNERS.c.id == _DEALS.c.owner_id)
    .join(_CUSTOMERS, _CUSTOMERS.c.id == _DEALS.c.customer_id)
    .outerjoin(_PRODUCTS, _PRODUCTS.c.id == _DEALS.c.product_id)
)
"""A select of deals with what a line of a list needs; to be narrowed by who looks."""

_ROW = DEAL_ROWS.where(_DEALS.c.id == bindparam("deal_id"))
_INSERT = insert(_DEALS).returning(_DEALS.c.id)
_ENTER = insert(_STAYS)
_HOLD_FAST = select(_DEALS.c.id).where(_DEALS.c.id == bindparam("deal_id")).with_for_update()
OFF_HOLD = {"on_hold": False, "hold_reason": None, "hold_until": None, "held_since": None, "hold_task_id": None}
"""Columns of a deal that is not on hold."""
NO_HOLD = {**OFF_HOLD, "counted_since": None}
"""The same where it was not in the stage it is in."""

_NUMBER = re.compile(r"\s*[dD]-?([0-9]{1,15})\s*")


def number(deal_id: int) -> str:
    """How a deal is called by people: D-17."""
    return f"D-{deal_id}"


def open_deal(work: UnitOfWork, *, actor: Member, platform: str, details: DealDetails) -> int:
    """Open a deal in its first stage and return its id.

    Raises NotFound (customer or product not there, or not for this person to see), Forbidden, Conflict (the customer
    was merged into another) and Invalid (a value that cannot be taken, no exchange rate).
    """
    customer = get_customer(work, viewer=actor, customer_id=details.customer_id)
    require(can_open_deal(actor, customer))
    if customer.status != "active":
        raise Conflict(T("{customer} was merged into another customer.", customer=customer.name))
    values = _checked(work, actor, details)
    values |= {
        "customer_id": customer.id,
        "stage": OPEN_STAGES[0],
        "stage_since": work.now,
        "owner_id": details.owner_id or customer.owner_id or actor.id,
        "lost_reason": None,
        **NO_HOLD,
        "source": details.source,
        "lead_id": details.lead_id,
        "created_at": work.now,
        "changed_at": work.now,
    }
    deal_id = int(work.connection.execute(_INSERT, values).scalar_one())
    enter_stage(work, deal_id=deal_id, stage=OPEN_STAGES[0], at=work.now, actor=actor)
    work.emit(DealChanged(deal_id, None, stand_of(values)))
    amount = Money(values["amount"], values["currency"])
    changes = {"stage": (None, OPEN_STAGES[0]), "owner": (None, values["owner_id"]), "amount": (None, amount)}
    record_deal(work, actor=actor, platform=platform, deal_id=deal_id, act="opened", changes=changes)
    copies.touch_card(work, card="customer", subject_id=customer.id)
    return deal_id


def tell_facts(
    work: UnitOfWork, *, actor: Member, platform: str, deal_id: int, facts: Mapping[str, Any]
) -> dict[str, tuple[Any, Any]]:
    """Write down what became known of a deal without moving it (see `deal_facts.read_facts`); returns what it changed,
    by name: from what to what.

    Raises NotFound, Forbidden, Invalid (a fact that cannot be).
    """
    require(can_change_deal(actor, hold_fast(work, viewer=actor, deal_id=deal_id)))
    return learn_facts(work, actor=actor, platform=platform, deal_id=deal_id, facts=facts)


def learn_facts(
    work: UnitOfWork, *, actor: Member, platform: str, deal_id: int, facts: Mapping[str, Any]
) -> dict[str, tuple[Any, Any]]:
    """The same for who has asked whether the actor may: of another's deal, too. Raises NotFound, Invalid."""
    if work.connection.dialect.name != "sqlite":
        work.connection.execute(_HOLD_FAST, {"deal_id": deal_id})
    row = work.connection.execute(_ROW, {"deal_id": deal_id}).one_or_none()
    if row is None:
        raise NotFound(T("There is no deal {number}.", number=number(deal_id)))
    told = read_facts(work, facts, currency=row.currency, today=today_of(work, actor))
    changes = changed_by(row, told)
    if changes:
        new = {"facts": row.facts | told.facts, "changed_at": work.now, **told.columns}
        work.connection.execute(update(_DEALS).where(_DEALS.c.id == row.id).values(**new))
        record_deal(work, actor=actor, platform=platform, deal_id=row.id, act="told", changes=changes)
        copies.touch_card(work, card="deal", subject_id=row.id)
    return changes


def get_deal(work: UnitOfWork, *, viewer: Member, deal_id: int) -> Any:
    """The deal as a row: columns of `deals`, `owner_name`, `owner_team_id`, `customer_name`, `product_name`, ….

    Raises NotFound when it is not there, or not for this person to see.
    """
    row = work.connection.execute(_ROW, {"deal_id": deal_id}).one_or_none()
    if row is None or can_see_deal(viewer, row) is not True:
        raise NotFound(T("There is no deal {number}.", number=number(deal_id)))
    return row


def hold_fast(work: UnitOfWork, *, viewer: Member, deal_id: int) -> Any:
    """`get_deal`, and nobody else changes it until this transaction ends."""
    row = get_deal(work, viewer=viewer, deal_id=deal_id)
    if work.connection.dialect.name == "sqlite":
        return row  # whoever writes there is alone
    work.connection.execute(_HOLD_FAST, {"deal_id": deal_id})
    return get_deal(work, viewer=viewer, deal_id=deal_id)


def find_deals(
    work: UnitOfWork,
    *,
    viewer: Member,
    query: str = "",
    customer_id: int | None = None,
    stages: Iterable[str] | None = OPEN_STAGES,
    offset: int = 0,
    most: int = 10,
) -> tuple[list[Any], int]:
    """Deals this person may see, newest first, and how many in all.

    `query` is a number (`D-17`) or a part of the title's or the customer's name, pinyin included; `stages` None: any.
    """
    where: list[ColumnElement[bool]] = [visible_owners(viewer, _DEALS.c.owner_id)]
    if stages is not None:
        where.append(_DEALS.c.stage.in_(tuple(stages)))
    if customer_id is not None:
        where.append(_DEALS.c.customer_id == customer_id)
    if query.strip():
        where.append(_fits(query))
    rows = work.connection.execute(
        DEAL_ROWS.where(*where).order_by(_DEALS.c.id.desc()).offset(offset).limit(most)
    ).all()
    count = select(func.count()).select_from(_DEALS.join(_CUSTOMERS, _CUSTOMERS.c.id == _DEALS.c.customer_id))
    return list(rows), work.connection.execute(count.where(*where)).scalar_one()


def today_of(work: UnitOfWork, person: Member) -> date:
    """The day it is for this person."""
    return work.now.astimezone(person.zone).date()


def stand_of(deal: Mapping[str, Any]) -> DealStand:
    """A deal as far as figures go, of its columns."""
    return DealStand(deal["owner_id"], deal["stage"], deal["stage_since"], deal["base_amount"], deal["on_hold"])


def enter_stage(
    work: UnitOfWork, *, deal_id: int, stage: str, at: datetime, actor: Member, reason: str | None = None
) -> None:
    """Begin a deal's stay in a stage; the one before must have ended."""
    values = {"deal_id": deal_id, "stage": stage, "entered_at": at, "left_at": None}
    work.connection.execute(_ENTER, values | {"person_id": actor.id, "reason": reason})


def changed_by(row: Any, told: Told) -> dict[str, tuple[Any, Any]]:
    """What of a deal is told differently, for its history."""
    changes = {name: (getattr(row, name), new) for name, new in told.columns.items()}
    changes |= {name: (row.facts.get(name), new) for name, new in told.facts.items()}
    return {name: (old, new) for name, (old, new) in changes.items() if old != new}


def record_deal(
    work: UnitOfWork,
    *,
    actor: Member,
    platform: str,
    deal_id: int,
    act: str,
    changes: Mapping[str, tuple[Any, Any]],
    reason: str | None = None,
) -> None:
    """A row of the deal's history."""
    by = Actor(actor.id, platform)
    history.record(work, actor=by, entity="deal", entity_id=deal_id, act=act, changes=changes, reason=reason)


def _checked(work: UnitOfWork, actor: Member, details: DealDetails) -> dict[str, Any]:
    """The values of a new deal that come from what was told, checked."""
    today = today_of(work, actor)
    rules = read_rules(work)
    base = rules["company.base_currency"]
    amount = read_amount(details.amount)
    rate = rate_on(work, currency=amount.currency, day=today, base=base)
    base_amount = read_amount(Money(in_base(amount, rate=rate, base=base), base)).amount
    close = details.expected_close or expected_close_for(OPEN_STAGES[0], today, rules)
    if close < today:
        raise Invalid(T("The expected close can't lie in the past."))
    told = read_facts(work, details.facts or {}, currency=amount.currency, today=today)
    title = read_words(details.title, most=200)
    product = details.product_text or None if details.product_id is None else details.product_id
    return {
        "title": title,
        "search_key": search_key(title),
        "product_id": None,
        "product_text": None,
        "quantity": None if details.quantity is None else read_quantity(details.quantity),
        "amount": amount.amount,
        "currency": amount.currency,
        "rate": rate,
        "base_amount": base_amount,
        "expected_close": close,
        "notes": details.notes,
        "facts": told.facts,
        **({} if product is None else read_product(work, product)),
        **told.columns,
    }


def _fits(query: str) -> ColumnElement[bool]:
    numbered = _NUMBER.fullmatch(query)
    if numbered:
        return _DEALS.c.id == int(numbered[1])
    if not has_words(query):
        return false()
    return fits(_DEALS.c.search_key, query) | fits(_CUSTOMERS.c.search_key, query)
