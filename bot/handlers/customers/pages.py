"""The pages behind a customer's card: its history, its own prices, and everything seldom needed."""

from typing import Any

from bot.cards import labels
from bot.cards.customer import said_words
from bot.cards.grade import part_lines
from bot.cards.names import product_name
from bot.cards.paste import greeting
from bot.cards.screen import Button, Line, Screen, body, labelled, muted, title
from bot.handlers.customers.customers import paging, record_id
from bot.request import Reply, Request
from crm.core.errors import Invalid
from crm.core.money import Money
from crm.core.rules import text_rule
from crm.core.text import DayOf, T
from crm.insight.grades import score_of
from crm.people.people import Role
from crm.sales.collisions.doubles import likely_doubles
from crm.sales.customers.communications import KINDS, communications_of, count_communications
from crm.sales.customers.customers import get_customer, own_prices
from crm.sales.customers.policy import can_change_customer, can_grade, can_set_credit, can_set_price
from crm.sales.leads.leads import SOURCES
from crm.sales.ownership.merging import last_merge

PAGE = 6
PRICES_SHOWN = 20


def history(request: Request) -> Reply:
    """`history.of:17`: what was said with a customer, the latest first."""
    return Reply((_history(request, record_id(request.argument), "", 0),))


def turn_history(request: Request) -> Reply:
    """`1:17:call`: a page of it, of one kind where one is named; in place of the page before."""
    page, _, rest = request.argument.partition(":")
    customer, _, kind = rest.partition(":")
    if not page.isdecimal() or kind not in {"", *KINDS}:
        raise Invalid(T("There is no such page."))
    return Reply((_history(request, record_id(customer), kind, min(int(page[:6]), 10_000)),), replaces=True)


def prices(request: Request) -> Reply:
    """What this customer pays instead of the list price, and the terms kept for it."""
    customer = get_customer(request.work, viewer=request.person, customer_id=record_id(request.argument))
    rows = own_prices(request.work, customer_id=customer.id)
    lines: list[Line] = [title(T("Prices of {name}", name=customer.name))]
    if customer.payment_terms:
        lines.append(labelled(T("Payment terms"), customer.payment_terms))
    lines += [
        labelled(product_name(row, request.person.language), T("{price}", price=Money(row.price, row.currency)))
        for row in rows[:PRICES_SHOWN]
    ]
    if not rows:
        lines.append(body(T("No prices of their own: the list price holds.")))
    elif len(rows) > PRICES_SHOWN:
        lines.append(muted(T("{count} in all", count=len(rows))))
    row = [Button(customer.name, f"customer.open:{customer.id}")]
    if can_set_price(request.person, customer) is True:
        row.insert(0, Button(T("Agree a price"), f"price.add:{customer.id}"))
    return Reply((Screen(tuple(lines), (tuple(row),)),))


def more(request: Request) -> Reply:
    """The score with its parts, how it came to us, notes; and what is seldom done with a customer."""
    customer = get_customer(request.work, viewer=request.person, customer_id=record_id(request.argument))
    lines = [title(customer.name), *_score(request, customer)]
    facts = (
        (T("Source"), SOURCES.get(customer.source or "")),
        (T("Referred by"), customer.referred_by),
        (T("Tags"), T("{items}", items=list(customer.tags)) if customer.tags else None),
        (T("Notes"), customer.notes),
        (T("Customer since"), T("{day}", day=DayOf(customer.created_at))),
    )
    lines += [labelled(label, words) for label, words in facts if words]
    doubles = likely_doubles(request.work, viewer=request.person, customer_id=customer.id)
    lines += [muted(T("Perhaps the same: {name} ({why})", name=other.name, why=why)) for other, why in doubles[:3]]
    return Reply((Screen(tuple(lines), _more_buttons(request, customer)),))


def say_hello(request: Request) -> Reply:
    """A text to begin with, to be pasted."""
    customer = get_customer(request.work, viewer=request.person, customer_id=record_id(request.argument))
    return Reply((Screen(greeting(request.work, customer, request.person)),))


def _history(request: Request, customer_id: int, kind: str, page: int) -> Screen:
    customer = get_customer(request.work, viewer=request.person, customer_id=customer_id)
    told: dict[str, Any] = {"customer_id": customer_id, "kind": kind or None}
    rows = communications_of(request.work, **told, offset=page * PAGE, most=PAGE)
    counts = count_communications(request.work, customer_id=customer_id)
    total = counts.get(kind, 0) if kind else sum(counts.values())
    lines: list[Line] = [title(T("History of {name}", name=customer.name))]
    lines += [labelled(KINDS[row.kind], said_words(row, 600)) for row in rows]
    if not rows:
        lines.append(body(T("Nothing was noted yet.")))
    elif total > PAGE:
        lines.append(muted(T("Page {page}", page=page + 1)))
    kinds = [
        Button(T("{kind} ({count})", kind=KINDS[one], count=counts[one]), f"history.page:0:{customer_id}:{one}")
        for one in KINDS
        if counts.get(one) and one != kind
    ]
    if kind:
        kinds.insert(0, Button(T("All ({count})", count=sum(counts.values())), f"history.page:0:{customer_id}"))
    rows_of = [tuple(kinds[start : start + 3]) for start in range(0, len(kinds), 3)] if kind or len(kinds) > 1 else []
    note = (Button(T("Add a note"), f"note.for:{customer_id}"), Button(customer.name, f"customer.open:{customer_id}"))
    more_of = f"{customer_id}:{kind}" if kind else str(customer_id)
    return Screen(tuple(lines), (*rows_of, *paging("history.page", page, total, more_of, size=PAGE), note))


def _score(request: Request, customer: Any) -> list[Line]:
    score = score_of(request.work, customer_id=customer.id)
    if score.is_new:
        return [muted(T("Too new for a score: there is no order yet."))]
    currency = text_rule(request.work, "company.base_currency")
    lines = [labelled(T("Score"), T("{score} of 100 points", score=score.score)), *part_lines(score.parts, currency)]
    if score.proposed != score.grade:
        lines.append(muted(T("These figures speak for grade {grade}.", grade=score.proposed)))
    return lines


def _more_buttons(request: Request, customer: Any) -> tuple[tuple[Button, ...], ...]:
    person, number = request.person, customer.id
    changes, grades, others = [], [], []
    if can_change_customer(person, customer) is True:
        changes.append(Button(labels.EDIT, f"customer.edit:{number}"))
        grades.append(Button(T("Potential, influence"), f"customer.judge:{number}"))
        others.append(Button(labels.MERGE, f"customer.merge:{number}"))
    if can_set_credit(person) is True and customer.status == "active":
        changes.append(Button(T("Credit"), f"customer.credit:{number}"))
    if can_grade(person, customer) is True:
        grades.insert(0, Button(T("Grade"), f"customer.grade:{number}"))
    if person.has(Role.SUPERVISOR, Role.ADMIN) and customer.status == "active":
        others.insert(0, Button(labels.HAND_OVER, f"customer.give:{number}"))
    merge = last_merge(request.work, kept_id=number)
    if merge is not None and merge.actor_id == person.id:
        others.append(Button(T("Undo the merge with {name}", name=merge.name), f"merge.undo:{merge.id}"))
    last = (
        Button(T("Greeting to paste"), f"customer.hello:{number}"),
        Button(customer.name, f"customer.open:{number}"),
    )
    return tuple(tuple(row) for row in (changes, grades, others, last) if row)


PRESSES = {
    "history.of": history,
    "history.page": turn_history,
    "prices.of": prices,
    "customer.more": more,
    "customer.hello": say_hello,
}
