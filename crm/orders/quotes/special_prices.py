"""Special price approval 特价审批: a price under the floor is approved by the supervisor before the customer sees it.

One compare-and-set decides, ever; nobody decides on a quote of their own. Guide 2.3.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ForeignKey, Index, String, Text, bindparam, insert, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import copies
from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.history import Actor
from crm.core.tables import Base
from crm.core.text import T, Words
from crm.core.text import Text as Sentence
from crm.core.types import Id, UTCDateTime
from crm.core.work import UnitOfWork
from crm.orders.approvers import Circle, Deciders, can_decide, deciders, read_circle
from crm.orders.quotes.quote_policy import can_see_quote
from crm.orders.quotes.quotes import CARD, PRICE_STATUSES, Quote, lock_quote, read_plain, record
from crm.orders.reasons import reason_words
from crm.people.absence import hold_still
from crm.people.people import ROLE_NAMES, Member, Person, Role
from crm.people.permissions import require
from crm.people.reach import HOME, show_card, tell

Decision = Literal["approve", "reject", "send_back"]

_MOST_REASON = 2_000


class QuoteApproval(Base):
    """That a special price was asked for, and what became of it. `for_id`: who was away when `decided_by` decided for
    them. `status`: one of PRICE_STATUSES, or `withdrawn` where the quote was changed before anybody decided.
    """

    __tablename__ = "quote_approvals"
    __table_args__ = (
        Index(None, "quote_id", "id"),
        Index(
            "ix_quote_approvals_open",
            "quote_id",
            unique=True,
            sqlite_where=text("status = 'pending'"),
            postgresql_where=text("status = 'pending'"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    quote_id: Mapped[int] = mapped_column(ForeignKey("quotes.id"))
    status: Mapped[str] = mapped_column(String(20))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    for_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    platform: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(Text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A row of `quote_approvals` with the names of its decider and of who was away."""

    id: int
    quote_id: int
    status: str
    asked_at: datetime
    decided_by: int | None
    for_id: int | None
    decided_at: datetime | None
    platform: str | None
    reason: str | None
    decider_name: str | None
    for_name: str | None

    @property
    def decider(self) -> Words | None:
        """Who decided; where it was for somebody away, both."""
        if self.decider_name is None or self.for_name is None:
            return self.decider_name
        return T("{name} for {other}", context="decided", name=self.decider_name, other=self.for_name)


_APPROVALS = QuoteApproval.table()
_QUOTES = Quote.table()
_PEOPLE = Person.table()
_AWAY = _PEOPLE.alias("away")
_ROWS = (
    select(*_APPROVALS.c, _PEOPLE.c.name.label("decider_name"), _AWAY.c.name.label("for_name"))
    .outerjoin(_PEOPLE, _PEOPLE.c.id == _APPROVALS.c.decided_by)
    .outerjoin(_AWAY, _AWAY.c.id == _APPROVALS.c.for_id)
)
_LATEST = _ROWS.where(_APPROVALS.c.quote_id == bindparam("quote")).order_by(_APPROVALS.c.id.desc()).limit(1)
_DECIDE = (
    update(_APPROVALS)
    .where(_APPROVALS.c.id == bindparam("approval"), _APPROVALS.c.status == "pending")
    .values(
        status=bindparam("to"),
        decided_by=bindparam("by", type_=Id),
        for_id=bindparam("away", type_=Id),
        decided_at=bindparam("now", type_=UTCDateTime),
        platform=bindparam("through"),
        reason=bindparam("why"),
    )
)
_OUTCOME = {"approve": "approved", "reject": "rejected", "send_back": "sent_back"}


def ask_for_price(work: UnitOfWork, *, quote_id: int) -> list[Member]:
    """Ask who may approve the special price of a quote that has just been written; returns them.

    Empty: nobody may, and the administrators are told.
    """
    values = {"quote_id": quote_id, "status": "pending", "asked_at": work.now}
    approval_id = int(work.connection.execute(insert(_APPROVALS).returning(_APPROVALS.c.id), values).scalar_one())
    quote = read_plain(work, quote_id=quote_id)
    circle = read_circle(work, quote.owner_id)
    asked = deciders_of(quote, circle).asked
    for person in asked:
        show_card(work, person_id=person.id, card=CARD, subject_id=quote_id)
    if not asked:
        for administrator in circle.holders(Role.ADMIN):
            tell(
                work,
                person_id=administrator.id,
                text=nobody_words(quote),
                key=f"stuck price:{approval_id}:{administrator.id}",
                about=(CARD, quote_id),
            )
    return asked


def withdraw_question(work: UnitOfWork, *, quote_id: int) -> None:
    """Nobody is asked any more: the quote is another one now."""
    pending = (_APPROVALS.c.quote_id == quote_id, _APPROVALS.c.status == "pending")
    work.connection.execute(update(_APPROVALS).where(*pending).values(status="withdrawn"))


def latest_approval(work: UnitOfWork, *, quote_id: int) -> Asked | None:
    """The last time a special price was asked for of this version; None: never."""
    row = work.connection.execute(_LATEST, {"quote": quote_id}).one_or_none()
    return None if row is None else Asked(**row._mapping)  # noqa: SLF001 - Row's public way


def get_approval(work: UnitOfWork, *, approval_id: int) -> Asked:
    """Raises NotFound."""
    row = work.connection.execute(_ROWS.where(_APPROVALS.c.id == approval_id)).one_or_none()
    if row is None:
        raise NotFound(T("There is nothing to decide there."))
    return Asked(**row._mapping)  # noqa: SLF001 - Row's public way


def decide_on_price(
    work: UnitOfWork, *, actor: Member, platform: str, approval_id: int, decision: Decision, reason: str | None = None
) -> Any:
    """Decide on a special price; returns the quote's row after it.

    Raises Forbidden (not this person's to decide, as things stand now), Conflict (decided already: by whom and when;
    the quote was changed), Invalid (a reason is missing), NotFound.
    """
    quote, asked, circle = _read_locked(work, approval_id, actor)
    require(_may_decide(actor, quote, circle))
    _check_open(quote, asked)
    reason = _wanted_reason(decision, reason)
    away = deciders_of(quote, circle).away_for.get(actor.id)
    to = _OUTCOME[decision]
    values = {
        "approval": asked.id,
        "to": to,
        "by": actor.id,
        "away": None if away is None else away.id,
        "now": work.now,
        "through": platform,
        "why": reason,
    }
    if work.connection.execute(_DECIDE, values).rowcount != 1:
        raise _told(quote, get_approval(work, approval_id=approval_id))
    approved = {"approved_inputs": quote.inputs} if to == "approved" else {}
    this = update(_QUOTES).where(_QUOTES.c.id == quote.id)
    work.connection.execute(this.values(price_status=to, changed_at=work.now, **approved))
    changes: dict[str, tuple[Any, Any]] = {"price_status": (quote.price_status, to)}
    if away is not None:
        changes["for"] = (None, away.name)
    record(work, Actor(actor.id, platform), quote.id, f"special price {to}", changes, reason)
    touch_quote(work, quote_id=quote.id)
    _tell_owner(work, quote, get_approval(work, approval_id=approval_id))
    return read_plain(work, quote_id=quote.id)


def check_open(work: UnitOfWork, *, actor: Member, approval_id: int) -> None:
    """Raise what any decision of this person's would raise now: Forbidden, Conflict, NotFound."""
    quote, asked, circle = _read_locked(work, approval_id, actor)
    require(_may_decide(actor, quote, circle))
    _check_open(quote, asked)


def read_seen(work: UnitOfWork, *, quote_id: int, viewer: Member) -> tuple[Any, bool]:
    """The row of a quote for who may see it or decides on its special prices, and whether they do. Raises NotFound."""
    quote = read_plain(work, quote_id=quote_id)
    decides = may_decide(work, quote=quote, person=viewer)
    if not decides and can_see_quote(viewer, quote) is not True:
        raise NotFound(T("There is no such quote."))
    return quote, decides


def may_decide(work: UnitOfWork, *, quote: Any, person: Member) -> bool:
    """Whether this person decides on special prices of the quote, as people and roles stand now."""
    return _may_decide(person, quote, read_circle(work, quote.owner_id, person.id)) is True


def deciders_of(quote: Any, circle: Circle) -> Deciders:
    return deciders(Role.SUPERVISOR, submitter_id=quote.owner_id, circle=circle)


def touch_quote(work: UnitOfWork, *, quote_id: int) -> None:
    """Every copy of the quote's card is drawn anew; and its readers' pages."""
    copies.touch_cards(work, cards=(CARD,), subject_id=quote_id, page=HOME)


def nobody_words(quote: Any) -> Sentence:
    """What the administrators are told of a special price that nobody may decide on."""
    return T(
        "The special price of quote {number} waits for {role}, but nobody may decide on it. "
        "Please give somebody that role.",
        number=quote.number,
        role=ROLE_NAMES[Role.SUPERVISOR],
    )


def _may_decide(person: Member, quote: Any, circle: Circle) -> Any:
    if person.id == quote.owner_id:
        return T("Nobody decides on a quote of their own.")
    return can_decide(person, role=Role.SUPERVISOR, submitter_id=quote.owner_id, circle=circle)


def _read_locked(work: UnitOfWork, approval_id: int, actor: Member) -> tuple[Any, Asked, Circle]:
    hold_still(work)
    quote_id = get_approval(work, approval_id=approval_id).quote_id
    lock_quote(work, quote_id=quote_id)
    quote = read_plain(work, quote_id=quote_id)
    asked = get_approval(work, approval_id=approval_id)
    return quote, asked, read_circle(work, quote.owner_id, actor.id)


def _check_open(quote: Any, asked: Asked) -> None:
    if asked.status == "withdrawn":
        raise Conflict(T("Quote {number} was changed meanwhile. Its card shows what stands now.", number=quote.number))
    if asked.status != "pending":
        raise _told(quote, asked)


def _told(quote: Any, asked: Asked) -> Conflict:
    if asked.status not in PRICE_STATUSES or asked.decider_name is None:
        return Conflict(T("There is nothing to decide there."))
    return Conflict(
        T(
            "{name} decided on quote {number} already, on {at}: {decision}.",
            name=asked.decider,
            number=quote.number,
            at=asked.decided_at,
            decision=PRICE_STATUSES[asked.status],
        )
    )


def _wanted_reason(decision: Decision, reason: str | None) -> str | None:
    reason = " ".join((reason or "").split())[:_MOST_REASON] or None
    if reason is None and decision == "reject":
        raise Invalid(T("Please say why the price is rejected."))
    if reason is None and decision == "send_back":
        raise Invalid(T("Please say what to change."))
    return reason


def _tell_owner(work: UnitOfWork, quote: Any, asked: Asked) -> None:
    facts = {
        "number": quote.number,
        "customer": quote.customer_name,
        "name": asked.decider,
        "reason": None if asked.reason is None else reason_words(asked.reason),
    }
    told = {
        "approved": T("{name} approved the special price of quote {number} for {customer}. It can be sent.", **facts),
        "rejected": T("{name} rejected the special price of quote {number} for {customer}: {reason}", **facts),
        "sent_back": T("{name} sent quote {number} for {customer} back. What to change: {reason}", **facts),
    }[asked.status]
    tell(work, person_id=quote.owner_id, text=told, about=(CARD, quote.id))
