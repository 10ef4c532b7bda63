"""Special prices that nobody decides on: who is asked is reminded once, after as many working hours as of orders."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from crm.core.money import Money
from crm.core.rules import decimal_rule
from crm.core.text import TN, T, Text
from crm.core.work import UnitOfWork
from crm.orders.approvers import read_circle
from crm.orders.quotes.quotes import CARD
from crm.orders.quotes.special_prices import deciders_of
from crm.orders.quotes.waiting import open_prices
from crm.orders.slow_steps import latest_for
from crm.people.watching import Sighting, Watch, as_list


def _find(work: UnitOfWork) -> list[Sighting]:
    hours = timedelta(hours=float(_hours(work)))
    # Never fewer hours of the clock than of work.
    rows = [row for row in open_prices(work) if row.asked_at <= work.now - hours] if hours else []
    if not rows:
        return []
    circle = read_circle(work, *{row.owner_id for row in rows})
    asked = {row.approval_id: deciders_of(row, circle).asked for row in rows}
    latest = latest_for(work, hours, {one.id for people in asked.values() for one in people})
    return [
        Sighting(
            subject_id=row.approval_id,
            person_id=person.id,
            line=T(
                "{number} {customer} · {total} · {name}",
                number=row.number,
                customer=row.customer_name,
                total=Money(row.total, row.currency),
                name=row.owner_name,
            ),
            about=(CARD, row.id),
        )
        for row in rows
        for person in asked[row.approval_id]
        if row.asked_at <= latest[person.id]
    ]


def _heading(work: UnitOfWork, seen: Sequence[Sighting]) -> Text:
    return TN(
        "{n} special price has waited for your decision for {hours} working hours:",
        "{n} special prices have waited for your decision for {hours} working hours:",
        n=len(seen),
        hours=_hours(work),
    )


def _hours(work: UnitOfWork) -> Decimal:
    return decimal_rule(work, "orders.remind_after_hours")


UNDECIDED = Watch("special_price_undecided", _find, as_list("special_price_undecided", _heading))
