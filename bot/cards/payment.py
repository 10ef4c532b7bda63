"""An order's card as far as its payment goes; what a customer owes; the list of receivables."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from bot.cards import labels
from bot.cards.screen import Button, Line, Screen, body, labelled, muted, problem, title
from crm.core.money import Money
from crm.core.rules import company_today
from crm.core.text import TN, T, Text
from crm.core.work import UnitOfWork
from crm.fulfilment.gates import can_release, production_gate, shipment_gate
from crm.fulfilment.payments import ANCHOR_NAMES, schedule_of
from crm.fulfilment.promises import can_promise, promised_on
from crm.fulfilment.receiving import Owing, owing
from crm.ledger.receipts import is_small, unallocated_sums
from crm.ledger.receivables import can_settle, open_receivables
from crm.orders.order_policy import can_see_prices
from crm.people.people import Member
from crm.sales.agreed_orders import AGREED, UNSHIPPED

PAGE = 8


def payments_on_card(
    work: UnitOfWork, viewer: Member, order: Mapping[str, Any]
) -> tuple[list[Line], tuple[tuple[Button, ...], ...]]:
    """Lines and rows of buttons; `order`: a mapping of its columns. Without amounts for who sees no prices."""
    if order["status"] not in AGREED:
        return [], ()
    rows = schedule_of(work, order_id=order["id"])
    today, lines = company_today(work), []
    if can_see_prices(viewer):
        for row in rows:
            label = T("Payment") if len(rows) == 1 else T("Payment {n}", n=row.position)
            lines.append(labelled(label, _share_words(row, order["currency"], today)))
            lines += _promise(work, row)
    awaited, release = _gate(work, order)
    if awaited is not None:
        lines.append(problem(awaited))
    return lines, _buttons(work, viewer, order, rows, release, today)


def open_lines(work: UnitOfWork, customer_id: int) -> list[Line]:
    """What a customer owes by order, the oldest first, and what they paid that belongs to nothing yet."""
    today = company_today(work)
    lines: list[Line] = [_owing_line(one, today) for one in owing(work, customer_id=customer_id)[:PAGE]]
    return [*lines, *unallocated_lines(work, customer_id)]


def unallocated_lines(work: UnitOfWork, customer_id: int) -> list[Line]:
    sums = unallocated_sums(work, customer_id=customer_id)
    return [labelled(T("Unallocated"), T("{amount}", amount=amount)) for amount in sums]


def draw_receivables(found: Sequence[Any], page: int) -> Screen:
    """Customers by age of what they owe; `found`: rows of `crm.insight.owed.owed_by_customer`."""
    shown = found[page * PAGE : (page + 1) * PAGE]
    lines: list[Line] = [title(T("Receivables"))]
    if not found:
        lines.append(body(T("Nobody owes anything.")))
    lines += [problem(_owed_words(one)) if one.days > 0 else body(_owed_words(one)) for one in shown]
    rows: list[tuple[Button, ...]] = [(Button(one.name[:40], f"receivables.of:{one.customer_id}"),) for one in shown]
    turning = []
    if page > 0:
        turning.append(Button(labels.PREVIOUS, f"receivables.page:{page - 1}"))
    if len(found) > (page + 1) * PAGE:
        turning.append(Button(labels.NEXT, f"receivables.page:{page + 1}"))
    return Screen(tuple(lines), (*rows, tuple(turning)) if turning else tuple(rows))


def _owed_words(one: Any) -> Text:
    facts = {"customer": one.name, "amount": one.amount, "date": one.since}
    if one.days > 0:
        return TN(
            "{customer} · {amount} · overdue for {n} day",
            "{customer} · {amount} · overdue for {n} days",
            n=one.days,
            **facts,
        )
    return T("{customer} · {amount} · due from {date}", **facts)


def _owing_line(one: Owing, today: date) -> Line:
    facts: dict[str, Any] = {"number": one.number, "amount": Money(one.owed, one.currency), "date": one.due_on}
    if one.due_on is None:
        return muted(T("{number}: {amount} still to come", number=one.number, amount=Money(one.whole, one.currency)))
    if one.due_on < today:
        return problem(T("{number}: {amount} overdue since {date}", **facts))
    return body(T("{number}: {amount} due on {date}", **facts))


def _share_words(row: Any, currency: str, today: date) -> Text:
    facts: dict[str, Any] = {
        "percent": row.percent,
        "when": ANCHOR_NAMES[row.anchor],
        "amount": Money(row.amount, currency),
        "date": row.owed_on,
    }
    if row.receivable_id is None:
        return T("{amount} ({percent}%), {when}", **facts)
    if row.settled_at is not None:
        return T("{amount} ({percent}%), {when}: paid", **facts)
    left = Money(row.open_amount, currency)
    if row.owed_on < today:
        return T("{amount} ({percent}%), {when}: {left} overdue since {date}", left=left, **facts)
    return T("{amount} ({percent}%), {when}: {left} open, due on {date}", left=left, **facts)


def _promise(work: UnitOfWork, row: Any) -> list[Line]:
    if row.receivable_id is None or row.settled_at is not None:
        return []
    day = promised_on(work, receivable_id=row.receivable_id)
    return [] if day is None else [muted(T("promised for {date}", date=day))]


def _gate(work: UnitOfWork, order: Mapping[str, Any]) -> tuple[Text | None, Button | None]:
    """What is awaited now, and how finance lets it through."""
    if order["status"] not in UNSHIPPED:
        return None, None
    awaited = production_gate(work, order_id=order["id"])
    if awaited is not None and order["status"] in {"approved", "waiting_deposit"}:
        return awaited, Button(labels.RELEASE_PRODUCTION, f"order.release_production:{order['id']}")
    if order["status"] in {"ready", "partly_shipped"}:
        awaited = shipment_gate(work, order_id=order["id"])
        if awaited is not None:
            return awaited, Button(labels.RELEASE_SHIPMENT, f"order.release_shipment:{order['id']}")
    return None, None


def _buttons(
    work: UnitOfWork,
    viewer: Member,
    order: Mapping[str, Any],
    rows: Sequence[Any],
    release: Button | None,
    today: date,
) -> tuple[tuple[Button, ...], ...]:
    found: list[Button] = []
    if can_settle(viewer) is True and any(row.settled_at is None for row in rows):
        found.append(Button(labels.RECORD_PAYMENT, f"payment.of:{order['id']}"))
    if release is not None and can_release(viewer) is True:
        found.append(release)
    owed = open_receivables(work, order_id=order["id"])
    if can_promise(viewer, order) is True and any(row.due_on < today for row in owed):
        found.append(Button(labels.PROMISED, f"payment.promised:{order['id']}"))
    if can_settle(viewer) is True:
        found += [Button(labels.WRITE_OFF, f"payment.write_off:{row.id}") for row in owed if is_small(work, row)][:1]
    return (tuple(found),) if found else ()
