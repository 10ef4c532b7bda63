"""Exchange rates as finance sets them: what one unit of a currency is worth in the company's own, from a day on."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from crm.core import history
from crm.core.errors import Invalid
from crm.core.history import Actor
from crm.core.rates import ExchangeRate, set_rate
from crm.core.rules import text_rule
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.language.currencies import CURRENCIES
from crm.people.people import Member, Role
from crm.people.permissions import Allowed

_RATES = ExchangeRate.table()


def can_set_rates(person: Member) -> Allowed:
    if person.has(Role.FINANCE, Role.ADMIN):
        return True
    return T("Exchange rates are set by finance.")


def rates_on(work: UnitOfWork, *, day: date) -> list[Any]:
    """The rate of each currency that holds on a day: rows with `currency`, `rate`, `valid_from`."""
    newest = (
        select(_RATES.c.currency, func.max(_RATES.c.valid_from).label("since"))
        .where(_RATES.c.valid_from <= day)
        .group_by(_RATES.c.currency)
        .subquery()
    )
    query = (
        select(_RATES.c.currency, _RATES.c.rate, _RATES.c.valid_from)
        .join(newest, (newest.c.currency == _RATES.c.currency) & (newest.c.since == _RATES.c.valid_from))
        .order_by(_RATES.c.currency)
    )
    return list(work.connection.execute(query))


def change_rate(work: UnitOfWork, *, actor: Actor, currency: str, rate: Decimal, valid_from: date) -> None:
    """From this day on a unit of `currency` is worth `rate`; orders keep the rate they were submitted at.

    Raises Invalid (no currency, the company's own, not above nought).
    """
    base = text_rule(work, "company.base_currency")
    if currency not in CURRENCIES:
        raise Invalid(T("{text} is no currency. Write its code, such as USD.", text=currency[:20]))
    if currency == base:
        raise Invalid(T("{currency} is the company's own currency; it needs no rate.", currency=currency))
    before = {row.currency: row.rate for row in rates_on(work, day=valid_from)}.get(currency)
    set_rate(work, currency=currency, valid_from=valid_from, rate=rate)
    history.record(
        work,
        actor=actor,
        entity="exchange_rate",
        entity_id=0,
        act="rate set",
        changes={currency: (before, rate)},
    )
