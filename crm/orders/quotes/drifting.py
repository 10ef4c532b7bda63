"""Open quotes whose exchange rate has moved so far that their margin fell under the floor. Guide 2.3.

Cost and price stand as they were when the quote was sent; each currency counts at its rate of today.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import select, text

from crm.core.rules import decimal_rule, text_rule
from crm.core.text import TN, T, Text
from crm.core.work import UnitOfWork
from crm.orders.approvers import read_circle
from crm.orders.basis import rates_on
from crm.orders.lines import exactly
from crm.orders.order_policy import can_see_margin
from crm.orders.quotes.quotes import CARD, FROM_QUOTES, Quote, company_today
from crm.orders.quotes.special_prices import deciders_of
from crm.people.watching import Sighting, Watch, as_list
from crm.sales.customers.customers import Customer

_QUOTES = Quote.table()
_NEEDED = ("id", "number", "status", "owner_id", "currency", "rate", "total", "base_total", "cost_base", "costs")
_OPEN = (
    select(*(_QUOTES.c[name] for name in _NEEDED), Customer.table().c.name.label("customer_name"))
    .select_from(FROM_QUOTES)
    .where(text("quotes.status = 'sent'"), _QUOTES.c.cost_base.is_not(None))  # the former: an index's very words
)
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Drift:
    """What the rate has done to a quote: from the one locked to today's, and the margin by it, in per cent."""

    currency: str
    rate: Decimal
    rate_now: Decimal
    margin_now: Decimal


def drift_of(work: UnitOfWork, *, quote: Any) -> Drift | None:
    """How far the rates have moved against an open quote (a row of QUOTE_COLUMNS); None unless its margin was at the
    floor margin or above when it was sent, and is under it now.
    """
    if quote.status != "sent" or quote.costs is None or quote.cost_base is None:
        return None
    base = text_rule(work, "company.base_currency")
    rates = rates_on(work, currencies=[quote.currency, *quote.costs], day=company_today(work), base=base)
    return _drift(quote, rates, decimal_rule(work, "orders.floor_margin"))


def margin_now(work: UnitOfWork, *, quote: Any) -> Decimal | None:
    """What is left of a quote's price at the rates of today, in per cent to a tenth; None where it can't be known."""
    if quote.costs is None:
        return None
    base = text_rule(work, "company.base_currency")
    rates = rates_on(work, currencies=[quote.currency, *quote.costs], day=company_today(work), base=base)
    if quote.currency not in rates or any(currency not in rates for currency in quote.costs):
        return None
    with exactly():
        value, cost = _at(quote, rates)
        return None if value <= 0 else _percent(value, cost)


def _at(quote: Any, rates: Mapping[str, Decimal]) -> tuple[Decimal, Decimal]:
    """A quote's value and its goods' cost in the base currency."""
    cost = sum((Decimal(cost) * rates[currency] for currency, cost in quote.costs.items()), Decimal(0))
    return quote.total * rates[quote.currency], cost


def _percent(value: Decimal, cost: Decimal) -> Decimal:
    return ((value - cost) * _HUNDRED / value).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def _drift(quote: Any, rates: Mapping[str, Decimal], floor: Decimal) -> Drift | None:
    if quote.currency not in rates or any(currency not in rates for currency in quote.costs):
        return None
    with exactly():
        was_under = (quote.base_total - quote.cost_base) * _HUNDRED < floor * quote.base_total
        value, cost = _at(quote, rates)
        if was_under or value <= 0 or (value - cost) * _HUNDRED >= floor * value:
            return None
        margin = _percent(value, cost)
    return Drift(quote.currency, quote.rate, rates[quote.currency], margin)


def _find(work: UnitOfWork) -> list[Sighting]:
    """Of concern to their owners, and to who approves their special prices."""
    base = text_rule(work, "company.base_currency")
    rows = work.connection.execute(_OPEN).all()
    wanted = {row.currency for row in rows} | {currency for row in rows for currency in row.costs}
    if not wanted - {base}:
        return []
    rates = rates_on(work, currencies=sorted(wanted), day=company_today(work), base=base)
    floor = decimal_rule(work, "orders.floor_margin")
    drifted = [(row, drift) for row in rows if (drift := _drift(row, rates, floor)) is not None]
    return list(_sightings(work, drifted))


def _sightings(work: UnitOfWork, drifted: Sequence[tuple[Any, Drift]]) -> Iterable[Sighting]:
    circle = read_circle(work, *{row.owner_id for row, _ in drifted}) if drifted else None
    for row, drift in drifted:
        assert circle is not None
        people = {row.owner_id: circle.people[row.owner_id]}
        people |= {person.id: person for person in deciders_of(row, circle).asked}
        for person_id, person in people.items():
            line = drift_words(row, drift, shows_margin=can_see_margin(person))
            yield Sighting(subject_id=row.id, person_id=person_id, line=line, about=(CARD, row.id))


def drift_words(quote: Any, drift: Drift, *, shows_margin: bool) -> Text:
    """What has happened to a quote; with the margin for who may see it."""
    facts = {
        "number": quote.number,
        "customer": quote.customer_name,
        "currency": drift.currency,
        "before": drift.rate,
        "after": drift.rate_now,
    }
    if shows_margin:
        return T(
            "{number} {customer}: {currency} moved from {before} to {after}; the margin is {margin} % now.",
            margin=drift.margin_now,
            **facts,
        )
    return T("{number} {customer}: {currency} moved from {before} to {after}.", **facts)


def _heading(work: UnitOfWork, seen: Sequence[Sighting]) -> Text:
    return TN(
        "The exchange rate has brought {n} open quote under the lowest margin:",
        "The exchange rate has brought {n} open quotes under the lowest margin:",
        n=len(seen),
    )


DRIFTED = Watch("quote_drifted", _find, as_list("quote_drifted", _heading))
