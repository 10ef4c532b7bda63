"""What was said with a customer and when: notes, calls, mails, visits."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, column, delete, func, insert, select, table, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import copies, history
from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.history import Actor
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Id, UTCDateTime
from crm.core.work import UnitOfWork
from crm.people.people import Member, Person
from crm.sales.customers.customers import get_customer

KINDS = {
    "note": T("Note"),
    "call": T("Call"),
    "email": T("E-mail", context="communication"),
    "wechat": T("WeChat"),
    "visit": T("Visit"),
    "meeting": T("Meeting"),
}

LONGEST_TEXT = 10_000


class Communication(Base):
    """`at` is when it happened; `kind` one of KINDS; `deal_id`, where it was about a deal of the customer's."""

    __tablename__ = "communications"
    __table_args__ = (Index(None, "customer_id", "at"), Index(None, "deal_id", "at"), Index(None, "person_id", "at"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deals.id"))
    kind: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))


_TABLE = Communication.table()
_PEOPLE = Person.table()
_INSERT = insert(_TABLE).returning(_TABLE.c.id)
_COLUMNS = (*_TABLE.c, _PEOPLE.c.name.label("person_name"))
_DEALS = table("deals", column("id"), column("customer_id"))  # its room stands on this one, so not imported


def add_note(
    work: UnitOfWork,
    *,
    actor: Member,
    platform: str,
    customer_id: int,
    text: str,
    deal_id: int | None = None,
    kind: str = "note",
    at: datetime | None = None,
) -> int:
    """Add to the history of a customer the actor may see, and of one of its deals; returns the row's id.

    `at` None: now. Raises NotFound (customer, or deal of this customer) and Invalid (no text, unknown kind).
    """
    get_customer(work, viewer=actor, customer_id=customer_id)
    if kind not in KINDS:
        raise Invalid(T("There is no kind of note called {kind}.", kind=kind))
    if deal_id is not None:
        of_customer = select(_DEALS.c.id).where(_DEALS.c.id == deal_id, _DEALS.c.customer_id == customer_id)
        if work.connection.execute(of_customer).first() is None:
            raise NotFound(T("There is no such deal of this customer."))
    return insert_note(work, actor=actor, customer_id=customer_id, text=text, deal_id=deal_id, kind=kind, at=at)


def insert_note(
    work: UnitOfWork,
    *,
    actor: Member,
    customer_id: int,
    text: str,
    deal_id: int | None = None,
    kind: str = "note",
    at: datetime | None = None,
) -> int:
    """The same for who has asked whether the actor may: of an order, whoever may see that. Raises Invalid (no text)."""
    text = checked_text(text)
    values = {"customer_id": customer_id, "deal_id": deal_id, "kind": kind, "text": text}
    stamps = {"at": at or work.now, "person_id": actor.id}
    note_id = int(work.connection.execute(_INSERT, values | stamps).scalar_one())
    _touch(work, customer_id, deal_id)
    return note_id


def take_back_note(work: UnitOfWork, *, actor: Member, platform: str, note_id: int) -> Any:
    """Take back what the actor has written; history keeps it. Returns its row. Raises Conflict: gone, or not theirs."""
    mine = (_TABLE.c.id == note_id, _TABLE.c.person_id == actor.id)
    row = work.connection.execute(delete(_TABLE).where(*mine).returning(*_TABLE.c)).one_or_none()
    if row is None:
        raise Conflict(T("This note was taken back already, or it is not yours."))
    changes = {"note": (row.text, None)}
    by = Actor(actor.id, platform)
    told = {"entity": "customer", "entity_id": row.customer_id, "act": "note taken back"}
    history.record(work, actor=by, changes=changes, **told)
    _touch(work, row.customer_id, row.deal_id)
    return row


def checked_text(text: str) -> str:
    """The text of a note without what stands around it. Raises Invalid."""
    text = text.strip()
    if not text or len(text) > LONGEST_TEXT:
        raise Invalid(T("A note needs a text of at most {most} characters.", most=LONGEST_TEXT))
    return text


def communications_of(
    work: UnitOfWork,
    *,
    customer_id: int,
    deal_id: int | None = None,
    kind: str | None = None,
    offset: int = 0,
    most: int = 5,
) -> list[Any]:
    """What was said with a customer the reader may see (about one deal, or of one kind, if named), latest first.

    Rows of `communications` with `person_name`.
    """
    where = [_TABLE.c.customer_id == customer_id]
    if deal_id is not None:
        where.append(_TABLE.c.deal_id == deal_id)
    if kind is not None:
        where.append(_TABLE.c.kind == kind)
    query = select(*_COLUMNS).join(_PEOPLE, _PEOPLE.c.id == _TABLE.c.person_id).where(*where)
    latest = query.order_by(_TABLE.c.at.desc(), _TABLE.c.id.desc()).offset(offset).limit(most)
    return list(work.connection.execute(latest).all())


def count_communications(work: UnitOfWork, *, customer_id: int) -> dict[str, int]:
    """How much was said with a customer, by kind."""
    query = select(_TABLE.c.kind, func.count()).where(_TABLE.c.customer_id == customer_id).group_by(_TABLE.c.kind)
    return {row[0]: row[1] for row in work.connection.execute(query)}


def say_kind(work: UnitOfWork, *, actor: Member, platform: str, note_id: int, kind: str) -> Any:
    """Say of one's own note that it was a call, a visit, …; returns its row. Raises Invalid (kind), Conflict."""
    if kind not in KINDS:
        raise Invalid(T("There is no kind of note called {kind}.", kind=kind))
    mine = (_TABLE.c.id == note_id, _TABLE.c.person_id == actor.id)
    row = work.connection.execute(update(_TABLE).where(*mine).values(kind=kind).returning(*_TABLE.c)).one_or_none()
    if row is None:
        raise Conflict(T("This note was taken back already, or it is not yours."))
    told: dict[str, Any] = {"entity": "customer", "entity_id": row.customer_id, "act": "note of a kind"}
    history.record(work, actor=Actor(actor.id, platform), changes={"kind": (None, kind)}, **told)
    _touch(work, row.customer_id, row.deal_id)
    return row


def last_spoken(work: UnitOfWork, *, customer_id: int) -> datetime | None:
    """When anything was last said with the customer."""
    latest = select(func.max(_TABLE.c.at)).where(_TABLE.c.customer_id == customer_id)
    spoken: datetime | None = work.connection.execute(latest).scalar_one()
    return spoken


def _touch(work: UnitOfWork, customer_id: int, deal_id: int | None) -> None:
    copies.touch_card(work, card="customer", subject_id=customer_id)
    if deal_id is not None:
        copies.touch_card(work, card="deal", subject_id=deal_id)
