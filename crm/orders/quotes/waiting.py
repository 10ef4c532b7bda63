"""Special prices that wait for somebody's decision; and how they move with absences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text

from crm.core.money import Money
from crm.core.work import UnitOfWork
from crm.orders.approvers import Circle, Deciders, read_circle
from crm.orders.quotes.quotes import CARD, FROM_QUOTES, QUOTE_COLUMNS, Quote
from crm.orders.quotes.special_prices import QuoteApproval, deciders_of, touch_quote
from crm.people.people import Member
from crm.people.reach import show_card

_QUOTES = Quote.table()
_APPROVALS = QuoteApproval.table()
_ROLE = _APPROVALS.c.role.label("asked_role")
_ESCALATED = _APPROVALS.c.escalated
_OPEN = (
    select(*QUOTE_COLUMNS, _APPROVALS.c.asked_at, _APPROVALS.c.id.label("approval_id"), _ROLE, _ESCALATED)
    .select_from(FROM_QUOTES.join(_APPROVALS, _APPROVALS.c.quote_id == _QUOTES.c.id))
    .where(text("quote_approvals.status = 'pending'"))  # an index's very words
    .order_by(_APPROVALS.c.asked_at, _APPROVALS.c.id)
)


@dataclass(frozen=True, slots=True)
class WaitingPrice:
    """A quote whose special price waits, as a line of a list; `for_name`: who is away and decided for."""

    quote_id: int
    number: str
    asked_at: datetime
    customer_name: str
    owner_name: str
    total: Money
    for_name: str | None


def open_prices(work: UnitOfWork) -> list[Any]:
    """The quotes whose special price waits, the longest waiting first: QUOTE_COLUMNS, `asked_at`,
    `approval_id`, and for `who_decides` `asked_role` and `escalated`.
    """
    return list(work.connection.execute(_OPEN).all())


def prices_waiting_for(work: UnitOfWork, *, person: Member) -> list[WaitingPrice]:
    """Those that this person may decide on now, whoever may besides. Two statements."""
    return prices_waiting_for_each(work, people=[person])[person.id]


def prices_waiting_for_each(work: UnitOfWork, *, people: Sequence[Member]) -> dict[int, list[WaitingPrice]]:
    """The same for each of these people by their ids, in as many statements."""
    found: dict[int, list[WaitingPrice]] = {person.id: [] for person in people}
    rows = open_prices(work)
    if not rows:
        return found
    circle = read_circle(work, *found, *{row.owner_id for row in rows})
    for row in rows:
        who = who_decides(row, circle)
        for approver in who.everybody:
            if approver.id in found:
                found[approver.id].append(_line(row, who.away_for.get(approver.id)))
    return found


def who_decides(row: Any, circle: Circle) -> Deciders:
    """Who may decide on an open special price, a row of `open_prices`."""
    return deciders_of(row, circle, row.asked_role, row.escalated or ())


def _line(row: Any, away: Member | None) -> WaitingPrice:
    named = (row.number, row.asked_at, row.customer_name, row.owner_name)
    return WaitingPrice(row.id, *named, Money(row.total, row.currency), None if away is None else away.name)


def hand_over_prices(
    work: UnitOfWork, *, person_id: int, now: Circle, then: Circle, asked_before: datetime | None
) -> None:
    """Give who is now asked to decide on a special price, and was not before, its card; the other copies are drawn
    anew. `now` and `then`: the people with the absence of this person as it is, and as it was; `asked_before` as in
    `crm.orders.delegation.hand_over`.
    """
    rows = open_prices(work)
    if not rows:
        return
    owners = read_circle(work, *{row.owner_id for row in rows}).people
    now, then = (Circle({**owners, **one.people}, one.delegates, one.away_until) for one in (now, then))
    for row in rows:
        asked, once = who_decides(row, now), who_decides(row, then)
        if asked == once and person_id not in asked.resting:
            continue
        touch_quote(work, quote_id=row.id)
        if asked_before is not None and row.asked_at >= asked_before:
            continue
        known = {person.id for person in once.asked}
        for person in asked.stand_ins:
            if person.id not in known:
                show_card(work, person_id=person.id, card=CARD, subject_id=row.id)
