"""What an order looks like to whom it concerns: its card, its line in a list, its text for the customer."""

from collections.abc import Mapping
from typing import Any

from bot.cards import labels
from bot.cards.approval import step_words
from bot.cards.files import files_on_card
from bot.cards.screen import Button, Line, Screen, Style, body, labelled, muted, problem, title
from crm.core.money import Money
from crm.core.text import T, Words
from crm.core.work import UnitOfWork
from crm.orders.approvals import of_round, steps_of
from crm.orders.facts import decision_facts
from crm.orders.orders import STATUSES, OrderView, get_order
from crm.people.people import Member

MOST_LINES = 12


def draw_order(work: UnitOfWork, order_id: int, viewer: Member) -> Screen:
    """The card of an order as this person may see it now. Raises NotFound."""
    view = get_order(work, viewer=viewer, order_id=order_id)
    order = view.order
    lines = [title(T("{number} {customer}", number=order["number"], customer=order["customer_name"]))]
    lines += [labelled(T("Status"), STATUSES[order["status"]]), *_facts(view), *_lines(view, viewer)]
    lines += [problem(found.text) for found in view.findings if found.severity == "warning"]
    path = of_round(steps_of(work, order_id=order_id), order["round"])
    lines += [body(step_words(step)) for step in path]
    lines.append(muted(T("Submitted {at} by {name}", at=order["submitted_at"], name=order["submitter_name"])))
    told, to_files = files_on_card(work, viewer, "order", order_id, order)
    return Screen((*lines, *told), (*_buttons(work, order_id, viewer), *to_files))


def order_line(row: Any) -> Words:
    """`SO-2026-0031 Ernst Handel · USD 9,000 · Approved`, without the total where it is not the reader's to see."""
    named = {"number": row.number, "customer": row.customer_name, "status": STATUSES[row.status]}
    if row.total is None:
        return T("{number} {customer} · {status}", **named)
    return T("{number} {customer} · {total} · {status}", total=Money(row.total, row.currency), **named)


def for_customer(number: str, total: Money) -> Line:
    """A text ready to be pasted into WeChat or WhatsApp."""
    text = T(
        "Hello, your order {number} over {total} is being processed. We will keep you informed.",
        number=number,
        total=total,
    )
    return Line(Style.COPY, text)


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
    currency = view.order["currency"]
    shown = [
        labelled(str(index + 1), _line(line, currency, viewer)) for index, line in enumerate(view.lines[:MOST_LINES])
    ]
    if len(view.lines) > MOST_LINES:
        shown.append(muted(T("… and {count} more lines", count=len(view.lines) - MOST_LINES)))
    return shown


def _line(line: Mapping[str, Any], currency: str, viewer: Member) -> Words:
    name = line["name_zh"] if viewer.language == "zh_CN" and line["name_zh"] else line["name"]
    if line["net"] is None:
        return T("{name} × {quantity}", name=name, quantity=line["quantity"])
    return T(
        "{name} × {quantity} @ {price} = {net}",
        name=name,
        quantity=line["quantity"],
        price=Money(line["unit_price"], currency),
        net=Money(line["net"], currency),
    )


def _buttons(work: UnitOfWork, order_id: int, viewer: Member) -> tuple[tuple[Button, ...], ...]:
    facts = decision_facts(work, order_id=order_id, viewer=viewer)
    row = []
    if facts.open_step is not None:
        for choice, label in (
            ("accept_condition", labels.ACCEPT_CONDITION),
            ("decline_condition", labels.DECLINE_CONDITION),
        ):
            if choice in facts.choices:
                row.append(Button(label, f"approval.{choice}:{facts.open_step.id}"))
    if "resubmit" in facts.choices:
        row.append(Button(labels.RESUBMIT, f"order.resubmit:{order_id}", "primary"))
    if "recall" in facts.choices:
        row.append(Button(labels.RECALL, f"order.recall:{order_id}"))
    if "approve" in facts.choices or "override" in facts.choices:
        row.append(Button(T("Decide"), f"approval.open:{order_id}", "primary"))
    if facts.order.submitter_id == viewer.id and facts.order.status == "approved":
        row.append(Button(labels.SAME_AS_LAST_TIME, f"order.again:{facts.order.customer_id}"))
    return (tuple(row),) if row else ()
