"""What an order looks like to whom it concerns: its card, its line in a list, its text for the customer."""

from collections.abc import Sequence
from typing import Any

from bot.cards import labels
from bot.cards.approval import asked_lines, step_words
from bot.cards.customer_link import customer_on_card
from bot.cards.files import files_on_card
from bot.cards.order_lines import MOST_LINES, line_words, the_others, to_all_lines
from bot.cards.papers import papers_on_card
from bot.cards.paste import addressed, paste
from bot.cards.payment import payments_on_card
from bot.cards.production import production_on_card
from bot.cards.quiet import held_back
from bot.cards.screen import Button, Line, Screen, body, labelled, muted, problem, title
from bot.cards.shipment import shipments_on_card
from crm.core.money import Money
from crm.core.text import T, Words
from crm.core.work import UnitOfWork
from crm.documents import written_amount
from crm.orders.asking import open_question
from crm.orders.cancelling import BEFORE_PRODUCTION, BEFORE_SHIPPING, can_cancel
from crm.orders.facts import DecisionFacts, decision_facts
from crm.orders.orders import STATUSES, OrderView, get_order
from crm.orders.quotes.quotes import read_plain as read_quote_row
from crm.orders.reassigning import can_reassign
from crm.people.people import ROLE_NAMES, Member
from crm.sales.agreed_orders import AGREED


def draw_order(work: UnitOfWork, order_id: int, viewer: Member) -> Screen:
    """The card of an order as this person may see it now. Raises NotFound."""
    view = get_order(work, viewer=viewer, order_id=order_id)
    order = view.order
    lines = [title(T("{number} {customer}", number=order["number"], customer=order["customer_name"]))]
    lines += [labelled(T("Status"), STATUSES[order["status"]]), *_facts(view), *_lines(view, viewer)]
    if order["quote_id"] is not None:
        lines.append(labelled(T("Quote"), read_quote_row(work, quote_id=order["quote_id"]).number))
    lines += [problem(found.text) for found in view.findings if found.severity == "warning"]
    facts = decision_facts(work, order_id=order_id, viewer=viewer)
    held, urgent = held_back(work, facts, viewer)
    lines += [*(body(step_words(step)) for step in facts.path), *nobody_decides(facts), *held]
    if view.shows_prices:
        lines += asked_lines(work, facts)
    lines.append(muted(T("Submitted {at} by {name}", at=order["submitted_at"], name=order["submitter_name"])))
    made, to_production = production_on_card(work, viewer, order)
    paid, to_payments = payments_on_card(work, viewer, order)
    left, to_shipments = shipments_on_card(work, viewer, order)
    of_customer, to_customer = customer_on_card(work, viewer, order)
    told, to_files = files_on_card(work, viewer, "order", order_id, order)
    all_lines = to_all_lines("order", order_id, len(view.lines))
    rows = (
        *_buttons(facts, viewer, urgent),
        *_further(work, facts, viewer),
        *to_production,
        *to_payments,
        *to_shipments,
        *to_customer,
        *papers_on_card(work, viewer, order),
        *all_lines,
        *to_files,
    )
    return Screen((*lines, *made, *paid, *left, *of_customer, *told), rows)


def nobody_decides(facts: DecisionFacts) -> list[Line]:
    """What to say of an order whose open step is nobody's to decide; nothing of any other."""
    step = facts.open_step
    if step is None or step.status != "pending" or facts.order.status != "pending" or facts.waits_for:
        return []
    told = T(
        "Nobody can decide on this step yet ({role}): your administrator has to give somebody that role.",
        role=ROLE_NAMES[step.role],
    )
    return [problem(told)]


def order_line(row: Any) -> Words:
    """`SO-2026-0031 Ernst Handel · USD 9,000 · Approved`, without the total where it is not the reader's to see."""
    named = {"number": row.number, "customer": row.customer_name, "status": STATUSES[row.status]}
    if row.total is None:
        return T("{number} {customer} · {status}", **named)
    return T("{number} {customer} · {total} · {status}", total=Money(row.total, row.currency), **named)


def for_customer(work: UnitOfWork, customer: Any, number: str, total: Money) -> tuple[Line, ...]:
    """A text ready to be pasted into WeChat or WhatsApp, in the customer's language."""
    who = addressed(work, customer)
    amount = f"{total.currency} {written_amount(total.amount, total.currency)}"
    return paste(
        customer,
        zh=f"{who['zh']}您的订单 {number}（{amount}）已提交，正在处理，有进展我会第一时间通知您。",
        en=f"{who['en']} your order {number} ({amount}) is being processed. I will keep you informed.",
    )


def _facts(view: OrderView) -> list[Line]:
    order = view.order
    total: Words | None = None
    if order["total"] is not None:
        total = T("{total}", total=Money(order["total"], order["currency"]))
    facts: list[tuple[Words, Words | None]] = [
        (T("Total"), total),
        (T("Price terms"), " ".join(part for part in (order["incoterm"], order["place"]) if part)),
        (T("Delivery date"), T("{date}", date=order["delivery_on"])),
        (T("Deliver to"), order["deliver_to"]),
        (T("Payment terms"), order["payment_terms"]),
        (T("Customer PO"), order["customer_po"]),
        (T("Packing and marks"), order["packing"]),
        (T("Notes"), order["notes"]),
    ]
    return [labelled(label, words) for label, words in facts if words]


def _lines(view: OrderView, viewer: Member) -> list[Line]:
    currency, shown = view.order["currency"], view.lines[:MOST_LINES]
    lines = [labelled(str(number), line_words(line, currency)) for number, line in enumerate(shown, start=1)]
    return [*lines, *the_others(len(view.lines))]


def _further(work: UnitOfWork, facts: DecisionFacts, viewer: Member) -> tuple[tuple[Button, ...], ...]:
    """To answer what an approver asks; to cancel what was approved."""
    order, row = facts.order, []
    if order.status == "pending" and order.submitter_id == viewer.id and open_question(work, order_id=order.id):
        row.append(Button(labels.ANSWER, f"order.answer:{order.id}", "primary"))
    if order.status == "pending" and can_reassign(viewer) is True and facts.open_step is not None:
        row.append(Button(labels.REASSIGN, f"order.reassign:{order.id}"))
    if order.status in {*BEFORE_PRODUCTION, *BEFORE_SHIPPING} and can_cancel(work, viewer, order) is True:
        row.append(Button(labels.CANCEL_ORDER, f"order.cancel:{order.id}", "danger"))
    return (tuple(row),) if row else ()


def _buttons(facts: DecisionFacts, viewer: Member, urgent: Sequence[Button]) -> tuple[tuple[Button, ...], ...]:
    order, row = facts.order, [*urgent]
    if facts.open_step is not None:
        for choice, label in (
            ("accept_condition", labels.ACCEPT_CONDITION),
            ("decline_condition", labels.DECLINE_CONDITION),
        ):
            if choice in facts.choices:
                row.append(Button(label, f"approval.{choice}:{facts.open_step.id}"))
    if "resubmit" in facts.choices:
        row.append(Button(labels.RESUBMIT, f"order.resubmit:{order.id}", "primary"))
    if "recall" in facts.choices and facts.open_step is not None and facts.open_step.status == "pending":
        row.append(Button(labels.NUDGE, f"order.nudge:{order.id}"))
    if "recall" in facts.choices:
        row.append(Button(labels.RECALL, f"order.recall:{order.id}"))
    if "approve" in facts.choices or "override" in facts.choices:
        row.append(Button(T("Decide"), f"approval.open:{order.id}", "primary"))
    if order.submitter_id == viewer.id and order.status in AGREED:
        row.append(Button(labels.SAME_AS_LAST_TIME, f"order.again:{order.customer_id}"))
    if order.submitter_id == viewer.id and order.status == "rejected":
        row.append(Button(labels.SAME_AS_LAST_TIME, f"order.repeat:{order.id}"))
    return (tuple(row),) if row else ()
