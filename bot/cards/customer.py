"""The 360° card of a customer, and its line in a list. Guide 1.1."""

from collections.abc import Sequence
from typing import Any

from bot.cards import labels
from bot.cards.files import files_on_card
from bot.cards.mail_state import mail_state_lines
from bot.cards.names import customer_note, deal_name
from bot.cards.payment import unallocated_lines
from bot.cards.quote import quotes_on_card
from bot.cards.screen import Button, Line, Screen, labelled, muted, title
from crm.core.money import Money
from crm.core.rules import text_rule
from crm.core.text import DayOf, T, Words
from crm.core.work import UnitOfWork
from crm.insight.grades import score_of
from crm.language.contacts import show_phone
from crm.language.countries import country_name
from crm.ledger.credit import credit_state
from crm.orders.orders import STATUSES, list_orders
from crm.orders.prefill import has_last_order
from crm.people.people import Member
from crm.sales.customers.communications import KINDS, communications_of
from crm.sales.customers.completeness import completeness
from crm.sales.customers.contacts import contacts_of
from crm.sales.customers.customers import GRADES, get_customer
from crm.sales.customers.policy import can_order_for
from crm.sales.deals.deals import find_deals, today_of
from crm.sales.deals.policy import can_open_deal
from crm.sales.deals.stages import STAGE
from crm.sales.reminders.next_steps import next_step

LATEST = 3
SHOWN_CONTACTS = 2


def draw_customer(work: UnitOfWork, customer_id: int, viewer: Member) -> Screen:
    """Everything about a customer in one card, as this person may see it. Raises NotFound."""
    customer = get_customer(work, viewer=viewer, customer_id=customer_id)
    contacts = contacts_of(work, customer_ids=[customer_id])
    lines = [title(customer.name), *_standing(work, customer), *_facts(customer, viewer)]
    lines += [labelled(T("Contact"), contact_words(contact)) for contact in contacts[:SHOWN_CONTACTS]]
    if len(contacts) > SHOWN_CONTACTS:
        lines.append(muted(T("{count} contacts in all", count=len(contacts))))
    lines += mail_state_lines(work, customer_id)
    lines += [*_next_step(work, customer, viewer), *_credit(work, customer, viewer)]
    lines += _deals(work, customer_id, viewer)
    orders, _ = list_orders(work, viewer=viewer, customer_id=customer_id, most=LATEST)
    lines += [*_orders(orders), *_talk(work, customer_id), *_lacking(customer, contacts)]
    quoted, to_quotes = quotes_on_card(
        work, viewer, customer_id=customer_id, is_open=can_order_for(viewer, customer) is True
    )
    told, to_files = files_on_card(work, viewer, "customer", customer_id, customer)
    return Screen((*lines, *quoted, *told), (*_buttons(work, customer, viewer), *to_quotes, *to_files))


def customer_line(row: Any, viewer: Member) -> Words:
    return T("{name} · {note}", name=row.name, note=customer_note(row, viewer.language))


def contact_words(contact: Any) -> Words:
    """`Roland Mendel, Buyer, +43 316 123456, …`"""
    ways = [
        contact.position,
        contact.phone and show_phone(contact.phone),
        contact.email,
        contact.wechat and T("{app} {name}", app=T("WeChat"), name=contact.wechat),
        contact.whatsapp and T("{app} {name}", app=T("WhatsApp"), name=contact.whatsapp),
    ]
    return T("{items}", items=[contact.name, *(way for way in ways if way)])


def _standing(work: UnitOfWork, customer: Any) -> list[Line]:
    """Its grade, the score behind it, and whether it was merged."""
    if customer.status == "merged":
        return [muted(T("Merged into another customer."))]
    score = score_of(work, customer_id=customer.id)
    grade: Words = GRADES[customer.grade]
    if not score.is_new:
        grade = T("{grade}, score {score} of 100", grade=grade, score=score.score)
    return [labelled(T("Grade"), grade)]


def _facts(customer: Any, viewer: Member) -> list[Line]:
    facts: list[tuple[Words, Words | None]] = [
        (T("Country or region"), customer.country and country_name(customer.country, viewer.language)),
        (T("Currency"), customer.currency),
        (T("Payment terms"), customer.payment_terms),
        (T("Owner"), customer.owner_name or T("in the pool")),
        (T("Tags"), T("{items}", items=list(customer.tags)) if customer.tags else None),
        (T("Notes"), customer.notes),
    ]
    return [labelled(label, words) for label, words in facts if words]


def _next_step(work: UnitOfWork, customer: Any, viewer: Member) -> list[Line]:
    """The next reminder about it, whoever has set it."""
    row = next_step(work, customer_id=customer.id)
    if row is None:
        return []
    step: Words = T("{day}: {text}", day=DayOf(row.due_at), text=row.text[:200])
    if row.person_id != viewer.id:
        step = T("{step} ({name})", step=step, name=row.person_name)
    return [labelled(T("Next step"), step)]


def _lacking(customer: Any, contacts: Sequence[Any]) -> list[Line]:
    percent, missing = completeness(customer, contacts)
    if not missing or customer.status == "merged":
        return []
    return [muted(T("Data {percent}% complete. Missing: {items}", percent=percent, items=missing))]


def _deals(work: UnitOfWork, customer_id: int, viewer: Member) -> list[Line]:
    rows, total = find_deals(work, viewer=viewer, customer_id=customer_id, most=LATEST)
    shown = [
        labelled(
            T("Open deal"),
            T(
                "{deal} · {stage} · {amount}",
                deal=deal_name(row),
                stage=STAGE[row.stage].label,
                amount=Money(row.amount, row.currency),
            ),
        )
        for row in rows
    ]
    if total > LATEST:
        shown.append(muted(T("{count} open deals in all", count=total)))
    return shown


def _credit(work: UnitOfWork, customer: Any, viewer: Member) -> list[Line]:
    """Rating, receivables and the use of credit, in the base currency."""
    customer_id = customer.id
    base = text_rule(work, "company.base_currency")
    state = credit_state(work, customer_id=customer_id, today=today_of(work, viewer))
    used = Money(state.exposure, base)
    limit: Words = T("{used}, no limit set", used=used)
    if state.limit is not None:
        limit = T("{used} of {limit}", used=used, limit=Money(state.limit, base))
    lines = [labelled(T("Credit rating"), customer.credit_rating)] if customer.credit_rating else []
    lines.append(labelled(T("Credit used"), limit))
    if state.open_base:
        lines.append(labelled(T("Receivables"), T("{amount}", amount=Money(state.open_base, base))))
    if state.overdue_base:
        overdue = T("{amount}, {days} days", amount=Money(state.overdue_base, base), days=state.overdue_days)
        lines.append(labelled(T("Overdue"), overdue))
    return [*lines, *unallocated_lines(work, customer_id)]


def _orders(rows: Sequence[Any]) -> list[Line]:
    return [
        labelled(
            T("Order"),
            T("{number} · {total} · {status}", number=row.number, total=_total(row), status=STATUSES[row.status]),
        )
        for row in rows
    ]


def _total(row: Any) -> Any:
    return "–" if row.total is None else Money(row.total, row.currency)


def said_words(said: Any, longest: int = 200) -> Words:
    """`Mon 2 Mar 2026 Li: asked for samples`"""
    return T("{day} {person}: {text}", day=DayOf(said.at), person=said.person_name, text=said.text[:longest])


def _talk(work: UnitOfWork, customer_id: int) -> list[Line]:
    return [
        labelled(KINDS[said.kind] if said.kind != "note" else T("Latest"), said_words(said))
        for said in communications_of(work, customer_id=customer_id, most=LATEST)
    ]


def _buttons(work: UnitOfWork, customer: Any, viewer: Member) -> tuple[tuple[Button, ...], ...]:
    rows: list[tuple[Button, ...]] = []
    row = []
    if can_order_for(viewer, customer) is True:
        row.append(Button(T("New order"), f"order.for:{customer.id}", "primary"))
        if has_last_order(work, customer_id=customer.id):
            rows.append((Button(labels.SAME_AS_LAST_TIME, f"order.again:{customer.id}"),))
    if can_open_deal(viewer, customer) is True:
        row.append(Button(T("New deal"), f"deal.for:{customer.id}"))
    row.append(Button(T("Add a note"), f"note.for:{customer.id}"))
    row.append(Button(labels.REMIND, f"remind.for:customer:{customer.id}"))
    pages = (
        Button(labels.CONTACTS, f"contacts.of:{customer.id}"),
        Button(labels.HISTORY, f"history.of:{customer.id}"),
        Button(labels.PRICES, f"prices.of:{customer.id}"),
        Button(labels.MORE, f"customer.more:{customer.id}"),
    )
    return (tuple(row), *rows, pages)
