"""Special prices that nobody decides on: who is asked is reminded once, then the superior may decide too; after as many
working hours as of orders.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from crm.core.money import Money
from crm.core.rules import decimal_rule
from crm.core.text import TN, T, Text
from crm.core.work import UnitOfWork
from crm.orders.approvers import Circle, Deciders, read_circle, superiors_of
from crm.orders.quotes.quotes import CARD
from crm.orders.quotes.special_prices import escalate
from crm.orders.quotes.waiting import open_prices, who_decides
from crm.orders.slow_steps import latest_for
from crm.people.people import Member, find_member
from crm.people.watching import Sighting, Watch, as_list


def _find(work: UnitOfWork) -> list[Sighting]:
    """Of concern to who is asked."""
    return [_sighting(row, person) for row, over, _ in _left_for(work, "orders.remind_after_hours") for person in over]


def _find_above(work: UnitOfWork) -> list[Sighting]:
    """Of concern to the superiors of those who all have had it for too long, and who may not decide on it yet."""
    found = []
    for row, over, (who, circle) in _left_for(work, "orders.escalate_after_hours"):
        if len(over) < len(who.asked):
            continue  # somebody who is there has not had it for so long
        above = {one.id: one for approver in over for one in superiors_of(approver, circle)}
        found += [
            _sighting(row, superior)
            for superior in above.values()
            if superior.id != row.owner_id and not who.may(superior.id)
        ]
    return found


def _hand_up(work: UnitOfWork, person_id: int, seen: Sequence[Sighting]) -> None:
    superior = find_member(work, person_id=person_id)
    for one in seen:
        escalate(work, approval_id=one.subject_id, superior=superior)


def _left_for(work: UnitOfWork, rule: str) -> Iterator[tuple[Any, list[Member], tuple[Deciders, Circle]]]:
    """The open special prices, and who of those asked has had each for so many working hours. None where that is 0."""
    hours = timedelta(hours=float(decimal_rule(work, rule)))
    # Never fewer hours of the clock than of work.
    rows = [row for row in open_prices(work) if row.asked_at <= work.now - hours] if hours else []
    if not rows:
        return
    circle = read_circle(work, *{row.owner_id for row in rows})
    who = {row.approval_id: who_decides(row, circle) for row in rows}
    latest = latest_for(work, hours, {one.id for each in who.values() for one in each.asked})
    for row in rows:
        each = who[row.approval_id]
        over = [one for one in each.asked if row.asked_at <= latest[one.id]]
        if over:
            yield row, over, (each, circle)


def _sighting(row: Any, person: Member) -> Sighting:
    line = T(
        "{number} {customer} · {total} · {name}",
        number=row.number,
        customer=row.customer_name,
        total=Money(row.total, row.currency),
        name=row.owner_name,
    )
    return Sighting(subject_id=row.approval_id, person_id=person.id, line=line, about=(CARD, row.id))


def _heading(work: UnitOfWork, seen: Sequence[Sighting]) -> Text:
    return TN(
        "{n} special price has waited for your decision for {hours} working hours:",
        "{n} special prices have waited for your decision for {hours} working hours:",
        n=len(seen),
        hours=decimal_rule(work, "orders.remind_after_hours"),
    )


UNDECIDED = Watch("special_price_undecided", _find, as_list("special_price_undecided", _heading))
ABOVE = Watch("special_price_escalated", _find_above, _hand_up)
