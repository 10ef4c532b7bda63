"""Verbs and presses about customers, and notes in their history."""

from collections.abc import Mapping
from typing import Any

from bot.cards import labels
from bot.cards.customer import customer_line
from bot.cards.paste import greeting
from bot.cards.screen import Button, Screen, body, muted, say, title
from bot.conversations.customer import NEW_CUSTOMER
from bot.conversations.note import NOTE
from bot.handlers.guided import Guide, anybody, begin, register
from bot.handlers.verbs import Verb
from bot.request import Card, Reply, Request
from crm.core.errors import Invalid, NotFound
from crm.core.text import T, Text
from crm.people.people import Role
from crm.sales.customers.communications import KINDS, add_note, say_kind
from crm.sales.customers.customers import CustomerDetails, create_customer, find_customers, get_customer
from crm.sales.customers.policy import can_create_customer
from crm.sales.deals.deals import find_deals

PAGE = 8


def customer(request: Request) -> Reply:
    """`customer TEXT`: the card of the one that fits, or those that do."""
    if not request.argument:
        return Reply((_found(request, "", 0),))
    rows, total = find_customers(request.work, viewer=request.person, query=request.argument, most=2)
    named = [row for row in rows if row.name.casefold() == request.argument.casefold()]
    if total == 1 or len(named) == 1:
        return Reply((Card("customer", (named or rows)[0].id),))
    if not total:
        nothing = T("No customer fits “{text}”.", text=request.argument[:60])
        return Reply((say(nothing, Button(T("New customer"), "verb:newcustomer")),))
    return Reply((_found(request, request.argument, 0),))


def open_customer(request: Request) -> Reply:
    customer_id = record_id(request.argument)
    get_customer(request.work, viewer=request.person, customer_id=customer_id)
    return Reply((Card("customer", customer_id),))


def new_customer(request: Request) -> Reply:
    named = " ".join(request.argument.split())
    return begin(request, NEW_CUSTOMER_GUIDE, answers={"company": named} if 0 < len(named) <= 200 else {})


def submit_customer(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    reach = values.get("reach") or {}
    details = CustomerDetails(
        name=values["company"],
        contact=values["contact"],
        phone=reach.get("phone"),
        email=reach.get("email"),
        wechat=reach.get("wechat"),
        whatsapp=reach.get("whatsapp"),
        country=values["country"],
        currency=values.get("currency"),
        payment_terms=values.get("payment_terms"),
        notes=values.get("notes"),
    )
    customer_id = create_customer(request.work, actor=request.person, platform=request.platform, details=details)
    row = (
        Button(labels.OPEN, f"customer.open:{customer_id}"),
        Button(T("New deal"), f"deal.for:{customer_id}"),
        Button(T("New order"), f"order.for:{customer_id}"),
    )
    saved = get_customer(request.work, viewer=request.person, customer_id=customer_id)
    lines = (body(T("Saved customer {name}.", name=details.name)), *greeting(request.work, saved, request.person))
    return Reply((Screen(lines, (row,)),))


def note(request: Request) -> Reply:
    """`note Ernst: asked for samples`, `note 17 asked for samples`; what is not said so far is asked."""
    head, separator, text = _split_note(request.argument)
    if not separator:
        return begin(request, NOTE_GUIDE, answers=_known_of_note(request))
    number = head.strip().lstrip("#＃Dd-")
    if number.isdecimal():
        deals, _ = find_deals(request.work, viewer=request.person, query=f"D-{number}", stages=None, most=1)
        if deals:
            return _save_note(request, deals[0].customer_id, deals[0].id, deals[0].customer_name, text)
    rows, total = find_customers(request.work, viewer=request.person, query=head, most=2)
    if total != 1:
        raise NotFound(T("Write whom it is about, then a colon: note Ernst: asked for samples"))
    return _save_note(request, rows[0].id, None, rows[0].name, text)


def _known_of_note(request: Request) -> dict[str, Any]:
    """Of `note Ernst asked for samples` the customer, if the first words name one, and the text, if any is left."""
    words = request.argument.split()
    for length in range(min(len(words), 4), 0, -1):
        rows, total = find_customers(request.work, viewer=request.person, query=" ".join(words[:length]), most=2)
        if total == 1:
            text = " ".join(words[length:])
            return {"customer": str(rows[0].id), **({"text": text} if text else {})}
    return {"text": request.argument.strip()} if words else {}


def note_for(request: Request) -> Reply:
    customer_id = record_id(request.argument)
    get_customer(request.work, viewer=request.person, customer_id=customer_id)
    return begin(request, NOTE_GUIDE, answers={"customer": str(customer_id)})


def submit_note(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    row = get_customer(request.work, viewer=request.person, customer_id=int(values["customer"]))
    return _save_note(request, row.id, None, row.name, values["text"])


def turn_page(request: Request) -> Reply:
    page, _, query = request.argument.partition(":")
    if not page.isdecimal():
        raise Invalid(T("There is no such page."))
    return Reply((_found(request, query, min(int(page[:6]), 10_000)),), replaces=True)


def record_id(argument: str) -> int:
    """The id a button carries; 0, which nothing has, for anything else."""
    return int(argument) if argument.isdecimal() and len(argument) <= 15 else 0


def _split_note(argument: str) -> tuple[str, str, str]:
    for mark in (":", "："):
        if mark in argument:
            return argument.partition(mark)
    head, separator, text = argument.partition(" ")
    return (head, separator, text) if head.lstrip("#＃").isdecimal() else (argument, "", "")


def _save_note(request: Request, customer_id: int, deal_id: int | None, name: str, text: str) -> Reply:
    note_id = add_note(
        request.work,
        actor=request.person,
        platform=request.platform,
        customer_id=customer_id,
        deal_id=deal_id,
        text=text,
    )
    return Reply((_noted(T("Noted for {name}.", name=name), note_id, customer_id, "note"),))


def say_note_kind(request: Request) -> Reply:
    """`4711:call`: what was noted was a call."""
    note, _, kind = request.argument.partition(":")
    told: dict[str, Any] = {"actor": request.person, "platform": request.platform}
    row = say_kind(request.work, **told, note_id=record_id(note), kind=kind)
    name = get_customer(request.work, viewer=request.person, customer_id=row.customer_id).name
    noted = T("Noted for {name}: {kind}", name=name, kind=KINDS[kind])
    return Reply((_noted(noted, row.id, row.customer_id, kind),), replaces=True)


def _noted(saved: Text, note_id: int, customer_id: int, kind: str) -> Screen:
    """What was saved; what it was, if more than a note, is said by a press."""
    kinds = [Button(KINDS[one], f"note.kind:{note_id}:{one}") for one in KINDS if one not in {"note", kind}]
    last = (Button(labels.OPEN, f"customer.open:{customer_id}"), Button(labels.UNDO, f"note.undo:{note_id}"))
    return Screen((body(saved),), (tuple(kinds[:3]), tuple(kinds[3:]), last))


def _found(request: Request, query: str, page: int) -> Screen:
    rows, total = find_customers(request.work, viewer=request.person, query=query, offset=page * PAGE, most=PAGE)
    if not total:
        return say(T("There is no customer yet."), Button(T("New customer"), "verb:newcustomer"))
    lines = [title(T("Customers")), *(body(customer_line(row, request.person)) for row in rows)]
    if total > PAGE:
        lines.append(muted(T("Page {page}", page=page + 1)))
    return Screen(
        tuple(lines),
        (
            *((Button(row.name, f"customer.open:{row.id}"),) for row in rows),
            *paging("customers.page", page, total, query),
        ),
    )


def paging(action: str, page: int, total: int, more: str = "", *, size: int = PAGE) -> tuple[tuple[Button, ...], ...]:
    """A row of buttons to the pages before and behind; none where there is one page."""
    tail = f":{_short(more)}" if more else ""
    turn = []
    if page > 0:
        turn.append(Button(labels.PREVIOUS, f"{action}:{page - 1}{tail}"))
    if (page + 1) * size < total:
        turn.append(Button(labels.NEXT, f"{action}:{page + 1}{tail}"))
    return (tuple(turn),) if turn else ()


def _short(text: str) -> str:
    """As much of a query as a button's key has room for."""
    return text.encode()[:24].decode("utf-8", "ignore")


NEW_CUSTOMER_GUIDE = register(Guide(NEW_CUSTOMER, can_create_customer, submit_customer))
NOTE_GUIDE = register(Guide(NOTE, anybody, submit_note))

_SALES = frozenset({Role.REP, Role.SUPERVISOR, Role.GM, Role.ADMIN})
_ALL_BUT_MAKERS = frozenset({*_SALES, Role.FINANCE})
VERBS = (
    Verb("customer", ("客户",), T("find a customer and open the card"), customer, _ALL_BUT_MAKERS, usual=True),
    Verb("newcustomer", ("新建客户",), T("add a customer"), new_customer, _SALES, parks=False),
    Verb("note", ("写跟进",), T("add to a customer's history"), note, _ALL_BUT_MAKERS, parks=False),
)
PRESSES = {
    "customer.open": open_customer,
    "customers.page": turn_page,
    "note.for": note_for,
    "note.kind": say_note_kind,
}
