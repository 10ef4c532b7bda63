"""Exchange rates: `rates` shows them, `rates USD 7.1` sets one from today on."""

from datetime import date
from decimal import Decimal, InvalidOperation

from bot.cards.screen import Line, Screen, labelled, muted, say, title
from bot.handlers.verbs import Verb
from bot.request import Reply, Request
from crm.core.errors import Invalid
from crm.core.history import Actor
from crm.core.rules import text_rule
from crm.core.text import T
from crm.ledger.exchange_rates import can_set_rates, change_rate, rates_on
from crm.people.people import Role
from crm.people.permissions import require


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
    currency = currency.strip().upper()
    rate = read_rate(number)
    change_rate(
        request.work,
        actor=Actor(request.person.id, request.platform),
        currency=currency,
        rate=rate,
        valid_from=_today(request),
    )
    return Reply((say(T("1 {currency} is now {rate} {base}.", currency=currency, rate=rate, base=base)),))


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
