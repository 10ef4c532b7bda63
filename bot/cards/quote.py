"""What a quote looks like: its card, with the supervisor's decision on a special price; its line in a list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bot.cards import labels
from bot.cards.files import files_on_card
from bot.cards.order_lines import MOST_LINES, the_others, to_a_tenth
from bot.cards.screen import Button, Line, Screen, body, labelled, muted, problem, title
from crm.core.money import Money
from crm.core.rules import text_rule
from crm.core.text import Named, T, Words
from crm.core.work import UnitOfWork
from crm.ledger.credit import credit_state
from crm.orders.approvers import read_circle
from crm.orders.facts import last_prices
from crm.orders.quotes.drifting import drift_of, drift_words, margin_now
from crm.orders.quotes.ordering import orders_of_quote
from crm.orders.quotes.quote_policy import can_change_quote, can_follow_quote, can_quote, can_see_quote
from crm.orders.quotes.quotes import (
    CLEARED,
    PRICE_STATUSES,
    STATUSES,
    QuoteView,
    company_today,
    list_quotes,
    read_plain,
    view_of,
)
from crm.orders.quotes.special_prices import Asked, approvals_now, deciders_of, latest_approval, read_seen
from crm.orders.reasons import reason_words
from crm.orders.rounds import differences
from crm.people.people import ROLE_NAMES, Member, Role
from crm.sales.agreed_orders import AGREED
from crm.sales.deals.deals import number as deal_number
from crm.sales.deals.stages import reason_words as why_declined

RUNNING = ("pending", *AGREED, "sent_back", "recalled")
"""The statuses of an order that stands for the quote it was made from."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A quote as somebody looks at it. `decides`: a special price waits for them."""

    work: UnitOfWork
    viewer: Member
    row: Any
    view: QuoteView
    asked: Asked | None
    decides: bool


def draw_quote(work: UnitOfWork, quote_id: int, viewer: Member) -> Screen:
    """The card of a quote as this person may see it now; for who decides on its special price all that needs, with
    buttons until somebody has. Raises NotFound.
    """
    seen = _look(work, quote_id, viewer)
    lines = [
        *_head(seen),
        *_price(seen),
        *_lines(seen),
        *_terms(seen),
        *_margin(seen),
        *_credit(seen),
        *_odd(seen),
        *_changed(seen),
    ]
    orders = orders_of_quote(work, quote_id=quote_id)
    lines += [labelled(T("Order"), number) for _, number, _ in orders]
    lines.append(muted(T("Version {version} by {name}", version=seen.row.version, name=seen.row.owner_name)))
    told, to_files = files_on_card(work, viewer, "quote", quote_id, seen.row)
    return Screen((*lines, *told), (*_buttons(seen, orders), *to_files))


def is_price_decided(work: UnitOfWork, quote_id: int, viewer: Member) -> bool:
    """Whether there is no special price (left) for this person to decide on."""
    return not _look(work, quote_id, viewer).decides


def quote_line(row: Any) -> Words:
    """`Q-2026-0001 Ernst Handel · USD 9,000 · Sent`, with the version from the second on."""
    named = {
        "number": row.number,
        "customer": row.customer_name,
        "total": Money(row.total, row.currency),
        "status": status_words(row),
    }
    if row.version > 1:
        return T("{number} (version {version}) {customer} · {total} · {status}", version=row.version, **named)
    return T("{number} {customer} · {total} · {status}", **named)


def status_words(row: Any) -> Words:
    """A draft's says what its special price waits for."""
    if row.status == "draft" and row.price_status in PRICE_STATUSES:
        return PRICE_STATUSES[row.price_status]
    return STATUSES[row.status]


def quotes_on_card(
    work: UnitOfWork, viewer: Member, *, customer_id: int | None = None, deal_id: int | None = None, is_open: bool
) -> tuple[list[Line], tuple[tuple[Button, ...], ...]]:
    """A line and a row for the card of a customer or a deal: its latest quote, and a button to them all. `is_open`: for
    another one.
    """
    new: tuple[Button, ...] = ()
    if is_open and can_quote(viewer) is True:
        action = f"quote.from:{deal_id}" if deal_id is not None else f"quote.for:{customer_id}"
        new = (Button(T("New quote"), action),)
    rows, total = list_quotes(work, viewer=viewer, customer_id=customer_id, deal_id=deal_id, most=1)
    if not rows:
        return [], (new,) if new else ()
    latest = rows[0]
    words = T(
        "{number} · {total} · {status}",
        number=latest.number,
        total=Money(latest.total, latest.currency),
        status=status_words(latest),
    )
    if total == 1:
        button = Button(labels.QUOTE, f"quote.open:{latest.id}")
    else:
        record = f"deal.{deal_id}" if deal_id is not None else f"customer.{customer_id}"
        button = Button(labels.QUOTES, f"quotes.of:{record}")
    return [labelled(labels.QUOTE, words)], ((button, *new),)


def _look(work: UnitOfWork, quote_id: int, viewer: Member) -> _Seen:
    row, is_decider = read_seen(work, quote_id=quote_id, viewer=viewer)
    asked = latest_approval(work, quote_id=quote_id)
    decides = is_decider and row.status == "draft" and asked is not None and asked.status == "pending"
    return _Seen(work, viewer, row, view_of(work, row, viewer), asked, decides)


def _head(seen: _Seen) -> list[Line]:
    row = seen.row
    name = T("{number} {customer}", number=row.number, customer=row.customer_name)
    if row.version > 1:
        name = T("{number} (version {version}) {customer}", **{**name.facts, "version": row.version})
    lines = [title(name), labelled(T("Status"), STATUSES[row.status])]
    if row.decline_reason:
        lines.append(labelled(T("Reason"), why_declined(row.decline_reason)))
    total: Words = T("{total}", total=Money(row.total, row.currency))
    base = text_rule(seen.work, "company.base_currency")
    if row.currency != base:
        total = T("{total} = {base}", total=Money(row.total, row.currency), base=Money(row.base_total, base))
    return [*lines, labelled(T("Total"), total)]


def _price(seen: _Seen) -> list[Line]:
    """What has become of a special price, and who is asked."""
    row, asked = seen.row, seen.asked
    if row.price_status not in PRICE_STATUSES:
        return []
    lines = [labelled(T("Special price"), PRICE_STATUSES[row.price_status])]
    if row.price_status == "pending" and row.status == "draft":
        return [*lines, *_decided(seen), *_waiting(seen)]
    return [*lines, *_decided(seen)] if asked is not None and asked.status == row.price_status else lines


def _decided(seen: _Seen) -> list[Line]:
    """Who has decided so far."""
    lines = []
    for asked in approvals_now(seen.work, quote_id=seen.row.id):
        if asked.decider is None or asked.status not in _SIGNS:
            continue
        facts: dict[str, Any] = {
            "sign": _SIGNS[asked.status],
            "role": ROLE_NAMES[Role(asked.role)],
            "name": asked.decider,
        }
        words = T("{sign} {role}: {name}", **facts)
        if asked.reason:
            words = T("{sign} {role}: {name}, {reason}", reason=reason_words(asked.reason), **facts)
        lines.append(body(words))
    return lines


_SIGNS = {"approved": "✓", "rejected": "✗", "sent_back": "↩"}


def _waiting(seen: _Seen) -> list[Line]:
    circle = read_circle(seen.work, seen.row.owner_id, seen.viewer.id)
    asked = seen.asked
    who = deciders_of(seen.row, circle, *((asked.role, asked.escalated or ()) if asked is not None else ()))
    if not who.asked:
        return [problem(T("Nobody can decide on this step; the administrators were told."))]
    away = who.away_for.get(seen.viewer.id)
    names = [
        one.name
        if one.id not in who.away_for
        else T("{name} for {other}", context="asked", name=one.name, other=who.away_for[one.id].name)
        for one in who.asked
    ]
    lines = [muted(T("Waiting for: {names}", names=names))]
    if away is not None:
        lines.insert(0, body(T("You decide for {name}, who is away.", name=away.name)))
    return lines


def _lines(seen: _Seen) -> list[Line]:
    shown = list(enumerate(seen.view.lines, start=1))
    if len(shown) > MOST_LINES:
        shown.sort(key=lambda one: not one[1]["is_under_floor"])
    last: Mapping[int, Decimal] = {}
    if seen.decides:
        products = [line["product_id"] for _, line in shown]
        last = last_prices(seen.work, customer_id=seen.row.customer_id, product_ids=products, rate=seen.row.rate)
    lines = [labelled(str(at), _line_words(line, seen, last)) for at, line in shown[:MOST_LINES]]
    return [*lines, *the_others(len(shown))]


def _line_words(line: Any, seen: _Seen, last: Mapping[int, Decimal]) -> Words:
    bought = T(
        "{name} × {quantity} @ {price} = {net}",
        name=Named(line["name"], line["name_zh"]),
        quantity=line["quantity"],
        price=Money(line["unit_price"], seen.row.currency),
        net=Money(line["net"], seen.row.currency),
    )
    notes: list[Words] = []
    if line["discount"]:
        notes.append(T("{percent}% off", percent=line["discount"]))
    if line["is_under_floor"]:
        notes.append(T("under the floor ⚠️"))
    if seen.decides:
        if line["floor_price"] is not None:
            notes.append(T("floor {price}", price=Money(line["floor_price"], line["floor_currency"])))
        if line["product_id"] in last:
            notes.append(T("last {price}", price=Money(last[line["product_id"]], seen.row.currency)))
        if line["list_price"] is not None:
            notes.append(T("list {price}", price=Money(line["list_price"], seen.row.currency)))
    if seen.view.shows_margin and line["cost"] is not None and line["net"] > 0:
        margin = (line["net"] - line["cost"] * line["quantity"]) * 100 / line["net"]
        notes.append(T("margin {percent}%", percent=to_a_tenth(margin)))
    return T("{line} ({notes})", line=bought, notes=notes) if notes else bought


def _terms(seen: _Seen) -> list[Line]:
    row = seen.row
    terms = T("Tax included, ex works") if row.incoterm == "TAX" else " ".join(filter(None, (row.incoterm, row.place)))
    facts: list[tuple[Words, Words | None]] = [
        (T("Price terms"), terms),
        (T("Payment terms"), row.payment_terms),
        (T("Valid until"), T("{date}", date=row.valid_until)),
        (T("Lead time"), row.lead_time),
        (T("Deal", context="of a quote"), None if row.deal_id is None else deal_number(row.deal_id)),
        (T("Notes"), row.notes),
    ]
    return [labelled(label, words) for label, words in facts if words]


def _margin(seen: _Seen) -> list[Line]:
    if not seen.view.shows_margin:
        return []
    margin = seen.row.margin
    words = T("unknown") if margin is None else T("{percent}%", percent=to_a_tenth(margin))
    now = margin_now(seen.work, quote=seen.row) if seen.row.status == "draft" else None
    if now is not None and margin is not None and to_a_tenth(now) != to_a_tenth(margin):
        words = T("{percent}% at today's rate, {before}% when it was written", percent=now, before=to_a_tenth(margin))
    return [labelled(T("Margin"), words)]


def _credit(seen: _Seen) -> list[Line]:
    """For who decides: what the customer uses of its credit."""
    if not seen.decides:
        return []
    state = credit_state(seen.work, customer_id=seen.row.customer_id, today=company_today(seen.work))
    base = text_rule(seen.work, "company.base_currency")
    used = Money(state.exposure, base)
    words = T("{used}, no limit set", used=used)
    if state.limit is not None:
        words = T("{used} of {limit}", used=used, limit=Money(state.limit, base))
    return [labelled(T("Credit used"), words)]


def _odd(seen: _Seen) -> list[Line]:
    lines = []
    if seen.row.status in {"draft", "sent"}:
        found = [one for one in seen.view.findings if one.severity == "warning" and one.kind != "under_floor"]
        lines = [problem(one.text) for one in found]
    drift = drift_of(seen.work, quote=seen.row)
    if drift is not None:
        lines.append(problem(T("The exchange rate has brought this quote under the lowest margin.")))
        lines.append(muted(drift_words(seen.row, drift, shows_margin=seen.view.shows_margin)))
    return lines


def _changed(seen: _Seen) -> list[Line]:
    """What is not as it was in the version before."""
    if seen.row.follows_id is None:
        return []
    before = read_plain(seen.work, quote_id=seen.row.follows_id)
    found = differences(before.inputs, seen.row.inputs, with_margin=seen.view.shows_margin)
    told = [(one.label, one.before, one.after) for one in found if one.key != "customer"]
    if before.lead_time != seen.row.lead_time:
        told.append((T("Lead time"), before.lead_time, seen.row.lead_time))
    return [
        labelled(
            T("Changed: {what}", what=label),
            T(
                "{before} → {after}",
                before="–" if was is None else was,
                after="–" if now is None else now,
            ),
        )
        for label, was, now in told
    ]


def _buttons(seen: _Seen, orders: Sequence[tuple[int, str, str]]) -> tuple[tuple[Button, ...], ...]:
    rows: list[list[Button]] = [_decisions(seen), _own(seen, orders), _papers(seen)]
    rows += [[Button(number, f"order.open:{order_id}")] for order_id, number, _ in orders[-1:]]
    return tuple(tuple(row) for row in rows if row)


def _decisions(seen: _Seen) -> list[Button]:
    if not seen.decides or seen.asked is None:
        return []
    # The question's id is in the key: a card drawn for an earlier price can't decide on a later one.
    return [
        Button(labels.APPROVE, f"quote.approve:{seen.asked.id}", "primary", "✅"),
        Button(labels.REJECT, f"quote.reject:{seen.asked.id}", "danger", "❌"),
        Button(labels.SEND_BACK, f"quote.send_back:{seen.asked.id}"),
    ]


def _own(seen: _Seen, orders: Sequence[tuple[int, str, str]]) -> list[Button]:
    """What whoever made it, or has its customer now, may do next."""
    row, key = seen.row, str(seen.row.id)
    follows = can_follow_quote(seen.viewer, row) is True
    if row.status == "draft" and can_change_quote(seen.viewer, row) is True:
        change = Button(T("Change"), f"quote.change:{key}")
        return [Button(labels.MARK_SENT, f"quote.sent:{key}", "primary"), change] if _is_cleared(row) else [change]
    if not follows:
        return []
    if row.status == "sent":
        return [
            Button(labels.CUSTOMER_ACCEPTED, f"quote.accepted:{key}", "primary"),
            Button(labels.CUSTOMER_DECLINED, f"quote.declined:{key}"),
            Button(labels.NEW_VERSION, f"quote.version:{key}"),
        ]
    if row.status == "accepted" and not any(status in RUNNING for _, _, status in orders):
        return [Button(labels.MAKE_ORDER, f"quote.order:{key}", "primary")]
    return [Button(labels.NEW_VERSION, f"quote.version:{key}")] if row.status in {"declined", "expired"} else []


def _papers(seen: _Seen) -> list[Button]:
    if not _is_cleared(seen.row) or can_see_quote(seen.viewer, seen.row) is not True:
        return []
    pdf = Button(labels.PDF, f"quote.pdf:{seen.row.id}")
    if seen.row.status not in {"sent", "accepted"}:
        return [pdf]
    return [
        pdf,
        Button(labels.SALES_CONTRACT, f"quote.contract:{seen.row.id}"),
        Button(labels.PROFORMA, f"quote.proforma:{seen.row.id}"),
    ]


def _is_cleared(row: Any) -> bool:
    return row.price_status in CLEARED
