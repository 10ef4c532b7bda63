"""Writing quotes: a new one, another draft of it, another version. Guide 2.3."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from crm.core import copies
from crm.core.errors import Conflict, Invalid
from crm.core.history import Actor
from crm.core.money import Money
from crm.core.numbering import next_number
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.orders.checks import pack_findings
from crm.orders.quotes.drafts import QuoteDraft
from crm.orders.quotes.pricing import Priced, needs_approval, price_quote
from crm.orders.quotes.quote_lines import QuoteLine
from crm.orders.quotes.quote_policy import can_change_quote, can_follow_quote, can_quote
from crm.orders.quotes.quotes import NUMBER_PREFIX, STATUSES, Quote, company_today, lock_quote, read_quote, record
from crm.orders.quotes.special_prices import ask_for_price, touch_quote, withdraw_question
from crm.people.absence import hold_still
from crm.people.people import Member
from crm.people.permissions import require
from crm.sales.deals.deals import get_deal

_QUOTES = Quote.table()
_LINES = QuoteLine.table()
_INSERT = insert(_QUOTES).returning(_QUOTES.c.id)
_INSERT_LINES = insert(_LINES)
_DELETE_LINES = delete(_LINES).where(_LINES.c.quote_id == bindparam("quote"))
_LINE_NAMES = tuple(c.name for c in _LINES.c if c.name not in {"id", "quote_id", "is_under_floor"})
_TEXTS = ("place", "payment_terms", "lead_time", "notes")
_TOLD = (*_TEXTS, "incoterm", "valid_until", "deal_id", "customer_id")


def write_quote(work: UnitOfWork, *, actor: Member, platform: str, draft: QuoteDraft) -> int:
    """Write a quote as a draft and, where a price is under the floor, ask for its approval; returns its id.

    Raises Forbidden, NotFound, Invalid.
    """
    require(can_quote(actor))
    hold_still(work)
    draft = _tidied(draft)
    priced = _priced(work, actor, draft)
    number = next_number(work, prefix=NUMBER_PREFIX, year=company_today(work).year)
    of_version = {"number": number, "version": 1, "follows_id": None, "approved_inputs": None}
    return _insert(work, actor, platform, draft, priced, of_version)


def change_quote(work: UnitOfWork, *, actor: Member, platform: str, quote_id: int, draft: QuoteDraft) -> None:
    """Write a draft anew. An approval stands where its approver saw nothing better than what stands now; a question
    still open is asked anew. Raises Forbidden, NotFound, Invalid, Conflict (it is no draft any more).
    """
    hold_still(work)
    row = _read_draft(work, actor, quote_id)
    draft = _tidied(draft)
    priced = _priced(work, actor, draft)
    is_wanting = needs_approval(priced, row.approved_inputs)
    price_status = _price_status(priced, is_wanting=is_wanting)
    changes = _changes(row, draft, priced) | _changed("price_status", row.price_status, price_status)
    if not changes and row.price_status == "pending":
        return
    withdraw_question(work, quote_id=quote_id)
    values = values_of(work, draft, priced) | {"price_status": price_status}
    work.connection.execute(update(_QUOTES).where(_QUOTES.c.id == quote_id).values(values))
    write_lines(work, quote_id=quote_id, priced=priced)
    record(work, Actor(actor.id, platform), quote_id, "changed", changes)
    if is_wanting:
        ask_for_price(work, quote_id=quote_id)
    _touch(work, quote_id, {row.customer_id, draft.customer_id}, {row.deal_id, draft.deal_id})


def new_version(work: UnitOfWork, *, actor: Member, platform: str, quote_id: int, draft: QuoteDraft) -> int:
    """Write the next version of a quote that was sent, as a draft of the actor's; returns its id. The version before
    holds until this one is sent. Raises Forbidden, NotFound, Invalid, Conflict (there is a later version already).
    """
    hold_still(work)
    row = _read_to_follow(work, actor, quote_id)
    draft = _tidied(draft)
    if draft.customer_id != row.customer_id:
        raise Invalid(T("A new version is for the same customer. For another one please make a new quote."))
    priced = _priced(work, actor, draft)
    of_version = {
        "number": row.number,
        "version": row.version + 1,
        "follows_id": row.id,
        "approved_inputs": row.approved_inputs,
    }
    return _insert(work, actor, platform, draft, priced, of_version)


def check_changeable(work: UnitOfWork, *, actor: Member, quote_id: int) -> None:
    """Raise what changing this draft would raise now, whatever is in it: Forbidden, NotFound, Conflict."""
    _read_draft(work, actor, quote_id)


def check_followable(work: UnitOfWork, *, actor: Member, quote_id: int) -> None:
    """Raise what a new version of this quote would raise now, whatever is in it: Forbidden, NotFound, Conflict."""
    _read_to_follow(work, actor, quote_id)


def values_of(work: UnitOfWork, draft: QuoteDraft, priced: Priced) -> dict[str, Any]:
    """The columns of `quotes` that follow from what was filled in."""
    figures, costs = priced.figures, priced.costs
    return {
        **{name: getattr(draft, name) for name in _TOLD},
        "currency": figures.currency,
        "rate": figures.rate,
        "total": figures.total,
        "base_total": figures.base_total,
        "cost_base": figures.cost_base,
        "margin": figures.margin,
        "costs": None
        if costs is None
        else {currency: f"{cost.normalize():f}" for currency, cost in sorted(costs.items())},
        "checks": pack_findings(priced.findings),
        "inputs": priced.inputs,
        "changed_at": work.now,
    }


def write_lines(work: UnitOfWork, *, quote_id: int, priced: Priced) -> None:
    """The lines in place of those there were."""
    work.connection.execute(_DELETE_LINES, {"quote": quote_id})
    rows = [
        {name: getattr(line, name) for name in _LINE_NAMES}
        | {"quote_id": quote_id, "is_under_floor": line.position in priced.under_floor}
        for line in priced.lines
    ]
    work.connection.execute(_INSERT_LINES, rows)


def _insert(
    work: UnitOfWork, actor: Member, platform: str, draft: QuoteDraft, priced: Priced, of_version: Mapping[str, Any]
) -> int:
    is_wanting = needs_approval(priced, of_version["approved_inputs"])
    values = values_of(work, draft, priced) | {
        **of_version,
        "owner_id": actor.id,
        "status": "draft",
        "price_status": _price_status(priced, is_wanting=is_wanting),
        "created_at": work.now,
    }
    quote_id = int(work.connection.execute(_INSERT, values).scalar_one())
    write_lines(work, quote_id=quote_id, priced=priced)
    changes: dict[str, tuple[Any, Any]] = {
        "number": (None, values["number"]),
        "version": (None, values["version"]),
        "status": (None, "draft"),
        "price_status": (None, values["price_status"]),
        "total": (None, Money(values["total"], values["currency"])),
    }
    record(work, Actor(actor.id, platform), quote_id, "written", changes)
    if is_wanting:
        ask_for_price(work, quote_id=quote_id)
    _touch(work, quote_id, {draft.customer_id}, {draft.deal_id})
    return quote_id


def _read_draft(work: UnitOfWork, actor: Member, quote_id: int) -> Any:
    lock_quote(work, quote_id=quote_id)
    row = read_quote(work, quote_id=quote_id, viewer=actor)
    require(can_change_quote(actor, row))
    if row.status != "draft":
        raise Conflict(
            T(
                "Quote {number} is: {status}. It is changed by a new version.",
                number=row.number,
                status=STATUSES[row.status],
            )
        )
    return row


def _read_to_follow(work: UnitOfWork, actor: Member, quote_id: int) -> Any:
    lock_quote(work, quote_id=quote_id)
    row = read_quote(work, quote_id=quote_id, viewer=actor)
    require(can_follow_quote(actor, row))
    latest = select(func.max(_QUOTES.c.version)).where(_QUOTES.c.number == row.number)
    version = work.connection.execute(latest).scalar_one()
    if version > row.version:
        raise Conflict(T("There is a version {version} of quote {number} already.", version=version, number=row.number))
    if row.status == "draft":
        raise Conflict(T("Quote {number} was not sent yet: it can simply be changed.", number=row.number))
    if row.status == "accepted":
        raise Conflict(T("Quote {number} is accepted. Please make a new quote.", number=row.number))
    return row


def _priced(work: UnitOfWork, actor: Member, draft: QuoteDraft) -> Priced:
    if draft.deal_id is not None:
        get_deal(work, viewer=actor, deal_id=draft.deal_id)
    return price_quote(work, actor=actor, draft=draft)


def _price_status(priced: Priced, *, is_wanting: bool) -> str:
    if not priced.under_floor:
        return "free"
    return "pending" if is_wanting else "approved"


def _changes(row: Any, draft: QuoteDraft, priced: Priced) -> dict[str, tuple[Any, Any]]:
    """What history says of a draft written anew."""
    changes: dict[str, tuple[Any, Any]] = {name: (getattr(row, name), getattr(draft, name)) for name in _TOLD}
    old = Money(row.total, row.currency)
    changes["total"] = (old, Money(priced.figures.total, priced.figures.currency))
    changes["lines"] = _line_words(row.inputs), _line_words(priced.inputs)
    return {name: (before, after) for name, (before, after) in changes.items() if before != after}


def _line_words(inputs: Mapping[str, Any]) -> list[str]:
    return [f"{line['name']}: {line['quantity']} @ {line['price']}" for line in inputs["lines"]]


def _changed(name: str, before: Any, after: Any) -> dict[str, tuple[Any, Any]]:
    return {} if before == after else {name: (before, after)}


def _touch(work: UnitOfWork, quote_id: int, customers: set[int], deals: set[int | None]) -> None:
    touch_quote(work, quote_id=quote_id)
    for customer_id in customers:
        copies.touch_card(work, card="customer", subject_id=customer_id)
    for deal_id in deals - {None}:
        copies.touch_card(work, card="deal", subject_id=deal_id or 0)


def _tidied(draft: QuoteDraft) -> QuoteDraft:
    texts: dict[str, Any] = {name: (getattr(draft, name) or "").strip() or None for name in _TEXTS}
    return replace(draft, **texts)
