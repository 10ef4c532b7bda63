"""Special price approval 特价审批: a price under the floor is approved by the supervisor before the customer sees it,
and where it brings the margin under the floor margin, by the general manager after them.

One compare-and-set decides on each, ever; nobody decides on a quote of their own. Guide 2.3.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ForeignKey, Index, String, Text, bindparam, insert, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import copies
from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.history import SYSTEM, Actor
from crm.core.rules import decimal_rule
from crm.core.tables import Base
from crm.core.text import T, Words
from crm.core.text import Text as Sentence
from crm.core.types import Id, Json, UTCDateTime
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
    `role`: whose decision it is; `escalated`: the ids of the superiors who may decide too, for it was left too long.
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
    role: Mapped[str] = mapped_column(String(20), server_default=text("'supervisor'"))
    escalated: Mapped[list[int] | None] = mapped_column(Json)
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
    role: str
    escalated: Sequence[int] | None
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


def ask_for_price(work: UnitOfWork, *, quote_id: int, role: Role = Role.SUPERVISOR) -> list[Member]:
    """Ask who may approve the special price of a quote that has just been written; returns them.

    Empty: nobody may, and the administrators are told.
    """
    values = {"quote_id": quote_id, "status": "pending", "asked_at": work.now, "role": role.value}
    approval_id = int(work.connection.execute(insert(_APPROVALS).returning(_APPROVALS.c.id), values).scalar_one())
    quote = read_plain(work, quote_id=quote_id)
    circle = read_circle(work, quote.owner_id)
    asked = deciders_of(quote, circle, role).asked
    for person in asked:
        show_card(work, person_id=person.id, card=CARD, subject_id=quote_id)
    if not asked:
        for administrator in circle.holders(Role.ADMIN):
            tell(
                work,
                person_id=administrator.id,
                text=nobody_words(quote, role),
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


def approvals_now(work: UnitOfWork, *, quote_id: int) -> list[Asked]:
    """The questions of the last asking, in their order: the supervisor's, and where there is one what followed it."""
    query = _ROWS.where(_APPROVALS.c.quote_id == quote_id).order_by(_APPROVALS.c.id.desc()).limit(2)
    rows = [Asked(**row._mapping) for row in work.connection.execute(query)]  # noqa: SLF001 - Row's public way
    return rows[::-1] if rows and rows[0].role == Role.GM.value else rows[:1]


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
    require(_may_decide(actor, quote, circle, asked))
    _check_open(quote, asked)
    reason = _wanted_reason(decision, reason)
    by = Actor(actor.id, platform)
    _decide(work, quote, asked, circle, by, _OUTCOME[decision], reason)
    if decision == "approve" and asked.role == Role.SUPERVISOR.value and _is_under_floor_margin(work, quote):
        return _ask_further(work, quote, circle, actor, by)
    return _settle(work, quote, by, get_approval(work, approval_id=approval_id))


def _ask_further(work: UnitOfWork, quote: Any, circle: Circle, actor: Member, by: Actor) -> Any:
    """The general manager is asked after the supervisor; who is both has decided for both with one press."""
    ask_for_price(work, quote_id=quote.id, role=Role.GM)
    further = latest_approval(work, quote_id=quote.id)
    assert further is not None, "it was just asked"
    if deciders_of(quote, circle, Role.GM).may_in_their_own_right(actor.id):
        _decide(work, quote, further, circle, by, "approved", None)
        return _settle(work, quote, by, get_approval(work, approval_id=further.id))
    record(work, by, quote.id, "special price goes on", {"for": (None, ROLE_NAMES[Role.GM])})
    touch_quote(work, quote_id=quote.id)
    return read_plain(work, quote_id=quote.id)


def _decide(work: UnitOfWork, quote: Any, asked: Asked, circle: Circle, by: Actor, to: str, reason: str | None) -> None:
    """Note who decided, by compare-and-set. Raises Conflict where somebody else was faster."""
    away = deciders_of(quote, circle, asked.role, asked.escalated or ()).away_for.get(by.person_id or 0)
    values = {
        "approval": asked.id,
        "to": to,
        "by": by.person_id,
        "away": None if away is None else away.id,
        "now": work.now,
        "through": by.platform,
        "why": reason,
    }
    if work.connection.execute(_DECIDE, values).rowcount != 1:
        raise _told(quote, get_approval(work, approval_id=asked.id))


def _settle(work: UnitOfWork, quote: Any, by: Actor, asked: Asked) -> Any:
    """The last decision stands for the quote; its owner hears of it."""
    to = asked.status
    approved = {"approved_inputs": quote.inputs} if to == "approved" else {}
    this = update(_QUOTES).where(_QUOTES.c.id == quote.id)
    work.connection.execute(this.values(price_status=to, changed_at=work.now, **approved))
    changes: dict[str, tuple[Any, Any]] = {"price_status": (quote.price_status, to)}
    if asked.for_name is not None:
        changes["for"] = (None, asked.for_name)
    record(work, by, quote.id, f"special price {to}", changes, asked.reason)
    touch_quote(work, quote_id=quote.id)
    _tell_owner(work, quote, asked)
    return read_plain(work, quote_id=quote.id)


def escalate(work: UnitOfWork, *, approval_id: int, superior: Member) -> None:
    """Let a superior decide too; they get the card. Nothing where it is decided, or theirs already."""
    asked = get_approval(work, approval_id=approval_id)
    lock_quote(work, quote_id=asked.quote_id)
    asked = get_approval(work, approval_id=approval_id)
    known = list(asked.escalated or ())
    if asked.status != "pending" or superior.id in known:
        return
    this = update(_APPROVALS).where(_APPROVALS.c.id == approval_id)
    work.connection.execute(this.values(escalated=[*known, superior.id]))
    record(work, SYSTEM, asked.quote_id, "special price escalated", {"to": (None, superior.name)})
    touch_quote(work, quote_id=asked.quote_id)
    show_card(work, person_id=superior.id, card=CARD, subject_id=asked.quote_id)


def _is_under_floor_margin(work: UnitOfWork, quote: Any) -> bool:
    """An unknown margin alone does not call the general manager."""
    return quote.margin is not None and quote.margin < decimal_rule(work, "orders.floor_margin")


def check_open(work: UnitOfWork, *, actor: Member, approval_id: int) -> None:
    """Raise what any decision of this person's would raise now: Forbidden, Conflict, NotFound."""
    quote, asked, circle = _read_locked(work, approval_id, actor)
    require(_may_decide(actor, quote, circle, asked))
    _check_open(quote, asked)


def read_seen(work: UnitOfWork, *, quote_id: int, viewer: Member) -> tuple[Any, bool]:
    """The row of a quote for who may see it or decides on its special prices, and whether they do. Raises NotFound."""
    quote = read_plain(work, quote_id=quote_id)
    circle = read_circle(work, quote.owner_id, viewer.id)
    asked = approvals_now(work, quote_id=quote_id)
    decides = _may_decide(viewer, quote, circle, asked[-1] if asked else None) is True
    has_decided = any(one.decided_by == viewer.id for one in asked)
    if not decides and not has_decided and can_see_quote(viewer, quote) is not True:
        raise NotFound(T("There is no such quote."))
    return quote, decides


def deciders_of(
    quote: Any, circle: Circle, role: str | Role = Role.SUPERVISOR, escalated: Sequence[int] = ()
) -> Deciders:
    """Who may decide on a special price of this quote that is `role`'s."""
    return deciders(Role(role), submitter_id=quote.owner_id, circle=circle, escalated=escalated)


def touch_quote(work: UnitOfWork, *, quote_id: int) -> None:
    """Every copy of the quote's card is drawn anew; and its readers' pages."""
    copies.touch_cards(work, cards=(CARD,), subject_id=quote_id, page=HOME)


def nobody_words(quote: Any, role: Role = Role.SUPERVISOR) -> Sentence:
    """What the administrators are told of a special price that nobody may decide on."""
    return T(
        "The special price of quote {number} waits for {role}, but nobody may decide on it. "
        "Please give somebody that role.",
        number=quote.number,
        role=ROLE_NAMES[role],
    )


def _may_decide(person: Member, quote: Any, circle: Circle, asked: Asked | None) -> Any:
    """Whether this person decides on what is asked; on a quote of which nothing is, as its supervisor would."""
    if person.id == quote.owner_id:
        return T("Nobody decides on a quote of their own.")
    role, escalated = (Role.SUPERVISOR, ()) if asked is None else (Role(asked.role), asked.escalated or ())
    return can_decide(person, role=role, submitter_id=quote.owner_id, circle=circle, escalated=escalated)


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
