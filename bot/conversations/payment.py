"""The conversations about money: a receipt and where it goes, a release and why, a promise to pay. Guide 3.3."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bot.conversations.definition import (
    DERIVED,
    Answers,
    Conversation,
    Field,
    FieldProblem,
    Read,
    Refused,
    Taken,
    World,
)
from bot.conversations.kinds import Chips, Line, Record, When
from bot.conversations.kinds.words import Plain
from bot.conversations.proposals import today
from crm.core.money import Money, decimals
from crm.core.text import T, Text, Words
from crm.language.money import read_money

OLDEST, NOTHING = "oldest", "nothing"
_TO = Chips({OLDEST: T("What is due first"), NOTHING: T("Nothing yet")})
_PART = re.compile(r"(?P<order>(?:SO-?)?[\d-]{1,14}\d|\d)(?:[\s:：=]+(?P<amount>\S.*))?", re.IGNORECASE)
_SEPARATOR = re.compile(r"[;；\n]+")


@dataclass(frozen=True, slots=True)
class Sum(Plain):
    """An amount, kept as `{"amount", "currency"}`; the currency None where none was written: the customer's."""

    numeric = True

    def read(self, text: str, world: World) -> Read:
        found = read_money(text, default_currency=None, whole=True)
        if found is None or found.amount <= 0:
            return Refused(T("Please write an amount, such as {example}.", example="12,500 USD"))
        currency = found.currency if found.explicit else None
        places = decimals(currency or world.currency)
        if -int(found.amount.normalize().as_tuple().exponent) > places:
            return Refused(T("{currency} has {n} decimals.", currency=currency or world.currency, n=places))
        return Taken({"amount": str(found.amount), "currency": currency})

    def show(self, value: Any, world: World) -> Words:
        if value["currency"] is None:
            return T("{number}", number=Decimal(value["amount"]))
        return T("{amount}", amount=Money(Decimal(value["amount"]), value["currency"]))

    def text(self, value: Any, world: World) -> str:
        return f"{value['amount']} {value['currency'] or ''}".strip()


def sums_of(answers: Mapping[str, Any], facts: Mapping[str, Any]) -> tuple[Money, Decimal] | Text:
    """What arrived and what banks kept, in one currency; a sentence where they are in two."""
    amount, charges = answers["amount"], answers.get("charges")
    currency = amount["currency"] or (charges or {}).get("currency") or facts["currency"]
    if charges is not None and charges["currency"] not in {None, currency}:
        return T("Bank charges are in the currency of the payment, {currency}.", currency=currency)
    return Money(Decimal(amount["amount"]), currency), Decimal(charges["amount"]) if charges is not None else Decimal(0)


def read_orders(typed: str, facts: Mapping[str, Any], currency: str) -> Sequence[tuple[int, Decimal | None]] | Text:
    """`SO-2026-0031 3000; SO-2026-0032`: orders with how much of the payment; a sentence where it cannot be read."""
    found: list[tuple[int, Decimal | None]] = []
    for part in filter(None, (part.strip() for part in _SEPARATOR.split(typed))):
        match = _PART.fullmatch(part)
        rows = [] if match is None else [row for row in facts["open"] if _is_called(row["number"], match["order"])]
        if match is None or len(rows) != 1 or rows[0]["id"] is None:
            return T(
                "“{text}” is no order with something open. Write it like: {example}", text=part[:40], example=_LIKE
            )
        most = None
        if match["amount"]:
            money = read_money(match["amount"], default_currency=currency, whole=True)
            if money is None or money.amount <= 0 or money.currency != currency:
                return T("Please write an amount, such as {example}.", example=f"3,000 {currency}")
            most = money.amount
        found.append((rows[0]["id"], most))
    if len({order for order, _ in found}) != len(found):
        return T("An order is named twice.")
    return found or T("Write orders, such as {example}", example=_LIKE)


_LIKE = "SO-2026-0031 3000; SO-2026-0032"


def _is_called(number: str, typed: str) -> bool:
    if typed.isdecimal():
        return number.rpartition("-")[2].lstrip("0") == typed.lstrip("0")
    return number.casefold().replace("-", "") == typed.casefold().replace("-", "")


def _facts(answers: Answers, world: World) -> Mapping[str, Any]:
    customer = answers.get("customer")
    return {} if not customer else world.recall("payment", str(customer)) or {}


def _amounts(answers: Answers, world: World) -> Sequence[str]:
    return [f"{row['owed']} {row['currency']}" for row in answers.get(DERIVED, {}).get("open", ()) if row["due"]][:4]


def _orders(answers: Answers, world: World) -> Sequence[str]:
    return [row["number"] for row in answers.get(DERIVED, {}).get("open", ()) if row["id"] is not None][:6]


def _check(answers: Answers, world: World) -> Sequence[FieldProblem]:
    found: list[FieldProblem] = []
    facts = _facts(answers, world)
    if not facts or "amount" not in answers:
        return found
    sums = sums_of(answers, facts)
    if isinstance(sums, Text):
        return [FieldProblem("charges", sums)]
    typed = answers.get("allocate")
    if typed is not None and typed not in {OLDEST, NOTHING}:
        read = read_orders(typed, facts, sums[0].currency)
        if isinstance(read, Text):
            found.append(FieldProblem("allocate", read))
    return found


PAYMENT = Conversation(
    name="payment",
    version=1,
    title=T("Payment received"),
    derive=_facts,
    check=_check,
    about="payment open",
    remarks="payment",
    looked_over=True,
    steps=(
        Field(
            key="customer",
            label=T("Customer"),
            kind=Record("customer"),
            required=True,
            hint=T("who paid? choose, or type a part of the name"),
            decides=True,
        ),
        Field(
            key="amount",
            label=T("Amount", context="payment"),
            kind=Sum(),
            required=True,
            hint=T("what arrived, such as 12,500 USD"),
            propose=_amounts,
        ),
        Field(key="charges", label=T("Bank charges"), kind=Sum(), hint=T("what banks kept of it on the way")),
        Field(
            key="received_on",
            label=T("Received on"),
            kind=When(past=True),
            required=True,
            hint=T("a day, such as today or 25/12"),
            propose=today,
        ),
        Field(key="reference", label=T("Reference"), kind=Line(most=100), hint=T("as the bank has it")),
        Field(
            key="allocate",
            label=T("Allocate to"),
            kind=_TO,
            required=True,
            hint=T("what is due first, nothing yet, or orders: SO-2026-0031 3000; SO-2026-0032"),
            propose=_orders,
            when=lambda answers: bool(answers.get("customer")),
        ),
    ),
)


def _release(name: str, title: Text) -> Conversation:
    reason = Field(
        key="reason", label=T("Reason"), kind=Line(most=1_000), required=True, hint=T("why does it not have to wait?")
    )
    return Conversation(name=name, version=1, title=title, reviewed=False, steps=(reason,))


RELEASE_PRODUCTION = _release("release_production", T("Release production"))
RELEASE_SHIPMENT = _release("release_shipment", T("Release shipment"))
PROMISE = Conversation(
    name="payment_promise",
    version=1,
    title=T("Promise to pay"),
    reviewed=False,
    steps=(
        Field(
            key="promised_on",
            label=T("Promised for"),
            kind=When(),
            required=True,
            hint=T("when will the customer pay?"),
        ),
    ),
)
