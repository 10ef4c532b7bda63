"""Exchange rates: `rates` shows them, `rates USD 7.1` sets one from today on."""

from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.cards import labels
from bot.cards.screen import Button, Line, Screen, labelled, muted, say, title
from bot.handlers.verbs import Verb
from bot.request import Reply, Request
from crm.core.errors import Invalid
from crm.core.history import Actor
from crm.core.rules import text_rule
from crm.core.text import T
from crm.ledger.exchange_rates import can_set_rates, change_rate, rates_on
from crm.people.people import Role
from crm.people.permissions import require

ASKED_ABOVE = 10
"""Per cent from the rate that holds: a new one further away is asked about first."""


def rates(request: Request) -> Reply:
    base = text_rule(request.work, "company.base_currency")
    if request.argument:
        return _set(request, base)
    found = rates_on(request.work, day=_today(request))
    lines: list[Line] = [title(T("Exchange rates"))]
    lines += [
        labelled(
            T("1 {currency}", currency=row.currency),
            T("{rate} {base}, since {date}", rate=row.rate.normalize(), base=base, date=row.valid_from),
        )
        for row in found
    ]
    if not found:
        lines.append(muted(T("None is set yet.")))
    lines.append(muted(T("To set one: rates USD 7.1")))
    return Reply((Screen(tuple(lines)),))


def _set(request: Request, base: str) -> Reply:
    require(can_set_rates(request.person))
    currency, _, number = request.argument.partition(" ")
    currency, rate = currency.strip().upper(), read_rate(number)
    before = _rate_of(request, currency)
    if before is not None and abs(rate - before) * 100 > before * ASKED_ABOVE:
        return _asked_first(currency, rate, before, base)
    return _change(request, currency, rate)


def _asked_first(currency: str, rate: Decimal, before: Decimal, base: str) -> Reply:
    """A comma in the wrong place would misprice every document of the day: shown before it holds."""
    facts: dict[str, Any] = {"currency": currency, "rate": rate.normalize(), "before": before.normalize(), "base": base}
    told = T("1 {currency} is {before} {base} now. {rate} is far from that: is it meant?", **facts)
    meant = Button(T("Set {rate}", rate=rate.normalize()), f"rate.set:{currency}:{rate}")
    return Reply((say(told, meant),))


def set_meant(request: Request) -> Reply:
    """`USD:71`: the rate that was asked about, and the one before that Undo brings back."""
    currency, _, number = request.argument.partition(":")
    return replace(_change(request, currency, read_rate(number)), replaces=True)


def _change(request: Request, currency: str, rate: Decimal) -> Reply:
    require(can_set_rates(request.person))
    base, before = text_rule(request.work, "company.base_currency"), _rate_of(request, currency)
    by = Actor(request.person.id, request.platform)
    change_rate(request.work, actor=by, currency=currency, rate=rate, valid_from=_today(request))
    facts: dict[str, Any] = {"currency": currency, "rate": rate.normalize(), "base": base}
    if before is None or before == rate:
        return Reply((say(T("1 {currency} is now {rate} {base}.", **facts)),))
    told = T("1 {currency} is now {rate} {base}, before {before}.", before=before.normalize(), **facts)
    return Reply((say(told, Button(labels.UNDO, f"rate.set:{currency}:{before}")),))


def _rate_of(request: Request, currency: str) -> Decimal | None:
    return {row.currency: row.rate for row in rates_on(request.work, day=_today(request))}.get(currency)


def read_rate(text: str) -> Decimal:
    """A rate as it is typed: `7.1`, `7,1`. Raises Invalid."""
    try:
        rate = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        rate = Decimal(0)
    if not rate.is_finite() or not 0 < rate < 1_000_000_000:
        raise Invalid(T("Write the currency and what one of it is worth: rates USD 7.1"))
    return rate


def _today(request: Request) -> date:
    return request.work.now.astimezone(request.person.zone).date()


VERBS = (Verb("rates", ("汇率",), T("exchange rates"), rates, frozenset({Role.ADMIN, Role.FINANCE})),)
PRESSES = {"rate.set": set_meant}
