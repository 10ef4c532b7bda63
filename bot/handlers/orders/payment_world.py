"""What the conversation about a payment may see: what the customer owes, and where the money would go."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bot.cards.payment import open_lines
from bot.cards.screen import Line, body, muted, problem
from bot.conversations.payment import NOTHING, OLDEST, read_orders, sums_of
from crm.core.errors import NotFound
from crm.core.money import Money
from crm.core.text import T, Text
from crm.fulfilment.receiving import Owing, owing
from crm.ledger.receipts import recorded_on
from crm.sales.customers.customers import get_customer


def payment_facts(world: Any, customer: str) -> Mapping[str, Any]:
    """The customer's currency and what is open, the oldest first, as plain JSON."""
    row = _customer(world, customer)
    if row is None:
        return {}
    found = owing(world.work, customer_id=row.id)
    currency = found[0].currency if found else row.currency or world.currency
    return {"currency": currency, "open": [_packed(one) for one in found]}


def remark_open(world: Any, answers: Mapping[str, Any]) -> list[Line]:
    """What the customer owes, above the questions."""
    row = _customer(world, str(answers.get("customer", "")))
    if row is None:
        return []
    return open_lines(world.work, row.id) or [muted(T("{customer} owes nothing.", customer=row.name))]


def remark_payment(world: Any, answers: Mapping[str, Any]) -> list[Line]:
    """What it comes to, and where it goes."""
    facts = payment_facts(world, str(answers.get("customer", "")))
    if not facts or "amount" not in answers:
        return []
    sums = sums_of(answers, facts)
    if isinstance(sums, Text):
        return []
    amount, charges = sums
    whole = Money(amount.amount + charges, amount.currency)
    lines: list[Line] = [
        body(T("{amount} with the bank charges", amount=whole) if charges else T("{amount}", amount=whole))
    ]
    lines += _destination(answers, facts, amount.currency)
    reference = answers.get("reference")
    if reference:
        before = recorded_on(world.work, customer_id=int(answers["customer"]), reference=reference)
        if before is not None:
            told = T("A payment with the reference {text} is recorded already, of {date}.", text=reference, date=before)
            lines.append(problem(told))
    return lines


def _destination(answers: Mapping[str, Any], facts: Mapping[str, Any], currency: str) -> list[Line]:
    typed = answers.get("allocate")
    if typed in {None, NOTHING}:
        return [muted(T("It stays unallocated until you say where it belongs."))]
    if typed == OLDEST:
        due = [row["number"] for row in facts["open"] if row["due"]]
        if not due:
            return [muted(T("Nothing is due: it stays unallocated."))]
        return [muted(T("In this sequence, as far as it goes: {items}", items=due[:6]))]
    read = read_orders(typed, facts, currency)
    if isinstance(read, Text):
        return []
    numbers = {row["id"]: row["number"] for row in facts["open"]}
    return [
        muted(T("{number}: as far as it goes", number=numbers[order]))
        if most is None
        else body(T("{number}: {amount}", number=numbers[order], amount=Money(most, currency)))
        for order, most in read
    ]


def _packed(one: Owing) -> dict[str, Any]:
    return {
        "id": one.order_id,
        "number": one.number,
        "currency": one.currency,
        "owed": _plain(one.owed),
        "whole": _plain(one.whole),
        "due": None if one.due_on is None else one.due_on.isoformat(),
    }


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _customer(world: Any, value: str) -> Any:
    if not value.isdecimal() or len(value) > 15:
        return None
    try:
        return get_customer(world.work, viewer=world.person, customer_id=int(value))
    except NotFound:
        return None
