"""Deals whose quote, noted as sent outside, has run out while it is being talked about: their owner hears of it, and
later once more. Of our own quotes `crm.orders.quotes.expiry` tells. Guide 2.3.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, false, func, select, text

from crm.core.rules import whole_rule
from crm.core.text import TN, T, Text
from crm.core.work import UnitOfWork
from crm.people.people import Person
from crm.people.watching import Sighting, Watch, as_list
from crm.sales.customers.customers import Customer
from crm.sales.deals.deals import Deal, number

_DEALS = Deal.table()
_CUSTOMERS = Customer.table()
_PEOPLE = Person.table()
_SENT = _DEALS.c.facts["quote_sent_on"].as_string()
_OURS = _DEALS.c.facts["quote_outside"].as_boolean().is_(False)
_SENT_BEFORE = (
    select(
        _DEALS.c.id,
        _DEALS.c.title,
        _DEALS.c.owner_id,
        _SENT.label("sent_on"),
        _CUSTOMERS.c.name.label("customer"),
        _PEOPLE.c.timezone,
    )
    .join(_CUSTOMERS, _CUSTOMERS.c.id == _DEALS.c.customer_id)
    .join(_PEOPLE, _PEOPLE.c.id == _DEALS.c.owner_id)
    .where(
        text("deals.stage IN ('quotation', 'negotiation')"),  # an index's very words
        _DEALS.c.on_hold.is_(False),
        _PEOPLE.c.is_active,
        func.coalesce(_OURS, false()).is_(False),
        _SENT.op("<", is_comparison=True)(bindparam("before")),  # ISO dates: in the order of their letters
    )
)


def _find(work: UnitOfWork) -> list[Sighting]:
    """Level 1 from the day after the last on which the quote held, 2 a while after. The rule at 0: none, ever."""
    valid = timedelta(days=whole_rule(work, "watches.quote_valid_days"))
    if not valid:
        return []
    again = timedelta(days=whole_rule(work, "watches.quote_again_days"))
    soonest = (work.now + timedelta(days=1) - valid).date()  # it is tomorrow somewhere
    found = []
    for row in work.connection.execute(_SENT_BEFORE, {"before": soonest.isoformat()}):
        zone = ZoneInfo(row.timezone)
        over_on = date.fromisoformat(row.sent_on) + valid + timedelta(days=1)
        days_over = work.now.astimezone(zone).date() - over_on
        if days_over >= timedelta():
            over_at = datetime.combine(over_on, time(), zone)
            found.append(_sighting(row, over_at, level=2 if again and days_over >= again else 1))
    return found


def _sighting(row: Any, over_at: datetime, *, level: int) -> Sighting:
    deal = f"{number(row.id)} {row.title}"
    line = T(
        "{deal}, {customer}: quote of {day}", deal=deal, customer=row.customer, day=date.fromisoformat(row.sent_on)
    )
    return Sighting(
        subject_id=row.id, person_id=row.owner_id, line=line, about=("deal", row.id), level=level, since=over_at
    )


def _heading(work: UnitOfWork, seen: Sequence[Sighting]) -> Text:
    return TN(
        "{n} quote has probably expired. Renew it, or move the deal:",
        "{n} quotes have probably expired. Renew them, or move the deals:",
        n=len(seen),
    )


EXPIRED = Watch("expired_quote", _find, as_list("expired_quote", _heading))
