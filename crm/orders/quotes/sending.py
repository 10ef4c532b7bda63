"""A quote goes to the customer, and what they say: sent, accepted, declined; a later version takes its place.

Guide 2.3. The exchange rate is locked with the sending.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select, update

from crm.core import copies
from crm.core.errors import Conflict, Invalid
from crm.core.history import Actor
from crm.core.money import Money
from crm.core.text import T
from crm.core.types import UTCDateTime
from crm.core.work import UnitOfWork
from crm.orders.quotes.prefill import draft_of_quote
from crm.orders.quotes.pricing import needs_approval, price_quote
from crm.orders.quotes.quote_policy import can_change_quote, can_follow_quote
from crm.orders.quotes.quotes import (
    CLEARED,
    PRICE_STATUSES,
    STATUSES,
    Quote,
    company_today,
    lock_quote,
    read_quote,
    record,
)
from crm.orders.quotes.special_prices import ask_for_price, touch_quote
from crm.orders.quotes.writing import values_of, write_lines
from crm.people.absence import hold_still
from crm.people.people import Member
from crm.people.permissions import require
from crm.sales.deals.deals import DEAL_ROWS, Deal, learn_facts, today_of
from crm.sales.deals.stages import LOST_REASONS, OPEN_STAGES

DECLINE_REASONS = LOST_REASONS

_QUOTES = Quote.table()
_LONGEST_TERMS = 200
_END = (
    update(_QUOTES)
    .where(_QUOTES.c.id == bindparam("quote"), _QUOTES.c.status == bindparam("was"))
    .values(
        status=bindparam("to"),
        ended_at=bindparam("ended", type_=UTCDateTime),
        changed_at=bindparam("now", type_=UTCDateTime),
        decline_reason=bindparam("why"),
    )
)
_OTHERS = select(_QUOTES.c.id, _QUOTES.c.status).where(
    _QUOTES.c.number == bindparam("number"), _QUOTES.c.id != bindparam("quote")
)
_OTHERS = _OTHERS.order_by(_QUOTES.c.id).with_for_update()


def mark_sent(work: UnitOfWork, *, actor: Member, platform: str, quote_id: int) -> bool:
    """Note that the quote went to the customer: its rate is locked, the version before it gives way, its deal knows.

    Prices are checked once more: where one is under the floor by now and nobody has approved it, that is asked for
    instead, and False returned. Raises Forbidden, NotFound, Invalid, Conflict.
    """
    hold_still(work)
    row = _read(work, actor, quote_id)
    if row.status != "draft":
        raise _stands(row)
    require_cleared(row)
    draft = draft_of_quote(work, quote=row)
    priced = price_quote(work, actor=actor, draft=draft)
    is_wanting = needs_approval(priced, row.approved_inputs)
    values = values_of(work, draft, priced)
    values |= {"price_status": "pending"} if is_wanting else {"status": "sent", "sent_at": work.now}
    work.connection.execute(update(_QUOTES).where(_QUOTES.c.id == row.id).values(values))
    write_lines(work, quote_id=row.id, priced=priced)
    by = Actor(actor.id, platform)
    if is_wanting:
        record(work, by, row.id, "price asked", {"price_status": (row.price_status, "pending")})
        ask_for_price(work, quote_id=row.id)
    else:
        total = Money(priced.figures.total, priced.figures.currency)
        changes = {"status": ("draft", "sent"), "rate": (None, priced.figures.rate), "total": (None, total)}
        record(work, by, row.id, "sent", changes)
        _supersede(work, by, row, ("sent",))
        sent = {"quote_sent_on": today_of(work, actor), "quote_outside": False}
        _tell_deal(work, actor, platform, row, sent)
    _touch(work, row)
    return not is_wanting


def accept_quote(work: UnitOfWork, *, actor: Member, platform: str, quote_id: int) -> None:
    """The customer takes the quote; other versions of it are over, and its deal knows price and terms.

    Raises Forbidden, NotFound, Conflict (not sent, answered already, run out).
    """
    row = _read_open(work, actor, quote_id)
    _end(work, Actor(actor.id, platform), row, "accepted")
    _supersede(work, Actor(actor.id, platform), row, ("draft", "sent"))
    _tell_deal(work, actor, platform, row, _agreed(work, row))
    _touch(work, row)


def decline_quote(work: UnitOfWork, *, actor: Member, platform: str, quote_id: int, reason: str) -> None:
    """The customer does not take it: why (a key of DECLINE_REASONS, or words). Raises as `accept_quote`; Invalid."""
    reason = " ".join(reason.split())[:2_000]
    if not reason:
        raise Invalid(T("Please say why the customer declined."))
    row = _read_open(work, actor, quote_id, lasting=False)
    _end(work, Actor(actor.id, platform), row, "declined", reason)
    _touch(work, row)


def check_answerable(work: UnitOfWork, *, actor: Member, quote_id: int) -> None:
    """Raise what declining this quote would raise now: Forbidden, NotFound, Conflict."""
    _read_open(work, actor, quote_id, lasting=False)


def require_cleared(quote: Any) -> None:
    """Raise Conflict where a price under the floor is not approved: the customer may not see it."""
    if quote.price_status not in CLEARED:
        raise Conflict(
            T(
                "Quote {number} has a price under the floor: {status}. It can't be sent like this.",
                number=quote.number,
                status=PRICE_STATUSES[quote.price_status],
            )
        )


def _read(work: UnitOfWork, actor: Member, quote_id: int) -> Any:
    lock_quote(work, quote_id=quote_id)
    row = read_quote(work, quote_id=quote_id, viewer=actor)
    require(can_change_quote(actor, row))
    return row


def _read_open(work: UnitOfWork, actor: Member, quote_id: int, *, lasting: bool = True) -> Any:
    """A quote that the customer has and has not answered. `lasting`: and that holds today."""
    lock_quote(work, quote_id=quote_id)
    row = read_quote(work, quote_id=quote_id, viewer=actor)
    require(can_follow_quote(actor, row))
    if row.status != "sent":
        raise _stands(row)
    if lasting and row.valid_until < company_today(work):
        raise Conflict(
            T(
                "Quote {number} was valid until {date}. Please make a new version; its prices are checked again.",
                number=row.number,
                date=row.valid_until,
            )
        )
    return row


def _end(work: UnitOfWork, by: Actor, row: Any, to: str, reason: str | None = None) -> None:
    values = {"quote": row.id, "was": row.status, "to": to, "ended": work.now, "now": work.now, "why": reason}
    if work.connection.execute(_END, values).rowcount != 1:
        raise Conflict(T("Quote {number} was answered already.", number=row.number))
    record(work, by, row.id, to, {"status": (row.status, to)}, reason)


def _supersede(work: UnitOfWork, by: Actor, row: Any, statuses: Sequence[str]) -> None:
    """Other versions in these statuses are over."""
    for other in work.connection.execute(_OTHERS, {"number": row.number, "quote": row.id}).all():
        if other.status not in statuses:
            continue
        now = {"ended": work.now, "now": work.now, "why": None}
        if (
            work.connection.execute(_END, {"quote": other.id, "was": other.status, "to": "superseded", **now}).rowcount
            != 1
        ):
            continue  # it has ended otherwise
        record(work, by, other.id, "superseded", {"status": (other.status, "superseded")})
        touch_quote(work, quote_id=other.id)


def _agreed(work: UnitOfWork, row: Any) -> Mapping[str, Any]:
    """What an accepted quote says of its deal."""
    deal = _deal(work, row)
    facts: dict[str, Any] = {"payment_terms": row.payment_terms[:_LONGEST_TERMS]}
    if deal is not None and deal.currency == row.currency and row.total > 0:
        facts["final_price"] = Money(row.total, row.currency)
    return facts


def _tell_deal(work: UnitOfWork, actor: Member, platform: str, row: Any, facts: Mapping[str, Any]) -> None:
    """What the quote says of its deal, where that is still open: also one that was handed over since, for whoever may
    answer the quote knows what the customer said.
    """
    deal = _deal(work, row)
    if deal is not None and deal.stage in OPEN_STAGES:
        learn_facts(work, actor=actor, platform=platform, deal_id=deal.id, facts=facts)


def _deal(work: UnitOfWork, row: Any) -> Any:
    if row.deal_id is None:
        return None
    return work.connection.execute(DEAL_ROWS.where(Deal.table().c.id == row.deal_id)).one_or_none()


def _stands(row: Any) -> Conflict:
    facts = {"number": row.number, "status": STATUSES[row.status]}
    return Conflict(T("Quote {number} is: {status}. That can't be done any more.", **facts))


def _touch(work: UnitOfWork, row: Any) -> None:
    touch_quote(work, quote_id=row.id)
    copies.touch_card(work, card="customer", subject_id=row.customer_id)
    if row.deal_id is not None:
        copies.touch_card(work, card="deal", subject_id=row.deal_id)
