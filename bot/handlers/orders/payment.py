"""`payment`: finance record what came and where it goes, let orders through, and note what was promised."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bot.cards import labels
from bot.cards.payment import draw_receivables, open_lines
from bot.cards.screen import Button, Screen, body, muted, say, title
from bot.conversations.payment import (
    NOTHING,
    OLDEST,
    PAYMENT,
    PROMISE,
    RELEASE_PRODUCTION,
    RELEASE_SHIPMENT,
    read_orders,
    sums_of,
)
from bot.handlers.customers.customers import record_id
from bot.handlers.guided import Guide, anybody, begin, register
from bot.handlers.orders.payment_world import payment_facts
from bot.handlers.verbs import Verb
from bot.handlers.world import CompanyWorld
from bot.request import Card, Reply, Request
from crm.core.errors import Invalid
from crm.core.money import Money
from crm.core.text import T, Text
from crm.fulfilment.gates import Gate, can_release, check_release, release_gate
from crm.fulfilment.promises import check_promise, promise
from crm.fulfilment.receiving import Received, Wishes, receive_payment, undo_payment, write_off_rest
from crm.insight.owed import owed_by_customer
from crm.ledger.receipts import ReceiptDraft
from crm.ledger.receivables import can_settle, read_receivable
from crm.orders.orders import read_order
from crm.people.people import Role
from crm.people.permissions import require
from crm.sales.customers.customers import get_customer


def start_payment(request: Request) -> Reply:
    """`payment`, with a customer's name if one follows: what they owe stands above the questions."""
    answers, wrong = PAYMENT.heard("customer", request.argument, CompanyWorld(request.work, request.person))
    return begin(request, PAYMENT_GUIDE, answers=answers, wrong=wrong)


def payment_of_order(request: Request) -> Reply:
    order = read_order(request.work, order_id=record_id(request.argument), viewer=request.person)
    return begin(request, PAYMENT_GUIDE, answers={"customer": str(order.customer_id), "allocate": order.number})


def payment_of_customer(request: Request) -> Reply:
    return begin(request, PAYMENT_GUIDE, answers={"customer": str(record_id(request.argument))})


def submit_payment(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    facts = payment_facts(CompanyWorld(request.work, request.person), values["customer"])
    sums = sums_of(values, facts)
    if isinstance(sums, Text):
        raise Invalid(sums)
    amount, charges = sums
    draft = ReceiptDraft(
        customer_id=int(values["customer"]),
        amount=amount,
        charges=charges,
        received_on=values["received_on"][0].date(),
        reference=values.get("reference"),
    )
    wishes = _wishes(values["allocate"], facts, amount.currency)
    by: dict[str, Any] = {"actor": request.person, "platform": request.platform}
    received = receive_payment(request.work, draft=draft, wishes=wishes, **by)
    return Reply((_recorded(request, draft, received),))


def undo(request: Request) -> Reply:
    by: dict[str, Any] = {"actor": request.person, "platform": request.platform}
    undo_payment(request.work, receipt_id=record_id(request.argument), **by)
    return Reply((say(T("Undone: the payment is not recorded any more.")),), replaces=True)


def write_off(request: Request) -> Reply:
    receivable_id = record_id(request.argument)
    by: dict[str, Any] = {"actor": request.person, "platform": request.platform}
    amount = write_off_rest(request.work, receivable_id=receivable_id, **by)
    order_id = read_receivable(request.work, receivable_id=receivable_id).order_id
    return Reply((say(T("{amount} is written off as bank charges.", amount=amount)), Card("order", order_id)))


def ask_release_production(request: Request) -> Reply:
    return _ask_release(request, RELEASE_PRODUCTION_GUIDE, "production")


def ask_release_shipment(request: Request) -> Reply:
    return _ask_release(request, RELEASE_SHIPMENT_GUIDE, "shipment")


def submit_release_production(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    return _release(request, "production", values["reason"], subject_id or 0)


def submit_release_shipment(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    return _release(request, "shipment", values["reason"], subject_id or 0)


def ask_promise(request: Request) -> Reply:
    order_id = record_id(request.argument)
    _promisable(request, order_id)
    return begin(request, PROMISE_GUIDE, subject_id=order_id)


def submit_promise(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    order_id, on = subject_id or 0, values["promised_on"][0].date()
    promise(request.work, actor=request.person, platform=request.platform, order_id=order_id, on=on)
    number = read_order(request.work, order_id=order_id, viewer=request.person).number
    told = T("Noted: {number} is to be paid on {date}. I will ask on the day.", number=number, date=on)
    return Reply((say(told, Button(labels.OPEN, f"order.open:{order_id}")),))


def show_receivables(request: Request) -> Reply:
    require(can_settle(request.person))
    return Reply((draw_receivables(owed_by_customer(request.work), 0),))


def turn_receivables(request: Request) -> Reply:
    require(can_settle(request.person))
    page = min(record_id(request.argument), 10_000)
    return Reply((draw_receivables(owed_by_customer(request.work), page),), replaces=True)


def receivables_of(request: Request) -> Reply:
    """What one customer owes, by order."""
    require(can_settle(request.person))
    customer = get_customer(request.work, viewer=request.person, customer_id=record_id(request.argument))
    lines = open_lines(request.work, customer.id) or [muted(T("{customer} owes nothing.", customer=customer.name))]
    row = (
        Button(labels.RECORD_PAYMENT, f"payment.for:{customer.id}", "primary"),
        Button(labels.OPEN, f"customer.open:{customer.id}"),
    )
    return Reply((Screen((title(customer.name), *lines), (row,)),))


def _wishes(typed: str, facts: Mapping[str, Any], currency: str) -> Wishes:
    if typed == OLDEST:
        return "oldest"
    if typed == NOTHING:
        return "nothing"
    read = read_orders(typed, facts, currency)
    if isinstance(read, Text):
        raise Invalid(read)
    return read


def _recorded(request: Request, draft: ReceiptDraft, received: Received) -> Screen:
    customer = get_customer(request.work, viewer=request.person, customer_id=draft.customer_id)
    lines = [body(T("Recorded: {amount} from {customer}.", amount=draft.amount, customer=customer.name))]
    lines += [body(T("{number}: {amount}", number=number, amount=amount)) for number, amount in received.allocated]
    if received.left.amount > Decimal(0):
        lines.append(muted(T("{amount} is unallocated.", amount=Money(received.left.amount, received.left.currency))))
    row = (
        Button(labels.OPEN, f"customer.open:{customer.id}"),
        Button(labels.UNDO, f"payment.undo:{received.receipt_id}"),
    )
    return Screen(tuple(lines), (row,))


def _ask_release(request: Request, guide: Guide, gate: Gate) -> Reply:
    order_id = record_id(request.argument)
    check_release(request.work, actor=request.person, order_id=order_id, gate=gate)
    return begin(request, guide, subject_id=order_id)


def _release(request: Request, gate: Gate, reason: str, order_id: int) -> Reply:
    by: dict[str, Any] = {"actor": request.person, "platform": request.platform}
    release_gate(request.work, order_id=order_id, gate=gate, reason=reason, **by)
    return Reply((Card("order", order_id),))


def _production_waits(request: Request, order_id: int) -> None:
    check_release(request.work, actor=request.person, order_id=order_id, gate="production")


def _shipment_waits(request: Request, order_id: int) -> None:
    check_release(request.work, actor=request.person, order_id=order_id, gate="shipment")


def _promisable(request: Request, order_id: int) -> None:
    check_promise(request.work, actor=request.person, order_id=order_id)


PAYMENT_GUIDE = register(Guide(PAYMENT, can_settle, submit_payment))
RELEASE_PRODUCTION_GUIDE = register(
    Guide(RELEASE_PRODUCTION, can_release, submit_release_production, _production_waits)
)
RELEASE_SHIPMENT_GUIDE = register(Guide(RELEASE_SHIPMENT, can_release, submit_release_shipment, _shipment_waits))
PROMISE_GUIDE = register(Guide(PROMISE, anybody, submit_promise, _promisable))

VERBS = (
    Verb(
        "payment",
        ("登记收款",),
        T("record a payment"),
        start_payment,
        frozenset({Role.FINANCE}),
        parks=False,
        usual=True,
    ),
)
PRESSES = {
    "payment.of": payment_of_order,
    "payment.for": payment_of_customer,
    "payment.undo": undo,
    "payment.write_off": write_off,
    "payment.promised": ask_promise,
    "order.release_production": ask_release_production,
    "order.release_shipment": ask_release_shipment,
    "receivables.show": show_receivables,
    "receivables.page": turn_receivables,
    "receivables.of": receivables_of,
}
