"""Verbs and presses about orders: submitting, repeating, resubmitting, recalling, listing."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.cards import labels
from bot.cards.order import for_customer, nobody_decides, order_line
from bot.cards.order_lines import PAGE as LINES_PAGE
from bot.cards.order_lines import draw_lines, draw_lines_to_decide
from bot.cards.quiet import held_back
from bot.cards.screen import Button, Line, Screen, body, labelled, muted, say, title
from bot.conversations.order import ORDER, RESUBMIT, order_currency
from bot.handlers.customers.customers import paging, record_id
from bot.handlers.guided import Guide, begin, register
from bot.handlers.orders.drafts import answers_of, draft_of
from bot.handlers.verbs import Handler, Verb
from bot.handlers.world import CompanyWorld
from bot.request import Card, Reply, Request
from crm.core.errors import NotFound
from crm.core.money import Money
from crm.core.text import T, Words
from crm.core.work import UnitOfWork
from crm.orders.drafts import OrderDraft
from crm.orders.facts import decision_facts
from crm.orders.order_policy import can_submit_order
from crm.orders.orders import STATUSES, find_orders, get_order, list_orders, status_counts
from crm.orders.prefill import draft_from_deal, draft_of_order, last_order_draft, repeated_draft
from crm.orders.submission import check_again, recall_order, resubmit_order, submit_order
from crm.people.people import Member, Role
from crm.sales.customers.customers import get_customer

PAGE = 8


def order(request: Request) -> Reply:
    """`order`, with a customer's name if one follows."""
    answers, wrong = ORDER.heard("customer", request.argument, _world(request))
    return begin(request, ORDER_GUIDE, answers=answers, wrong=wrong)


def order_for(request: Request) -> Reply:
    """For this customer: "same as last time" where there was one, on the review at once."""
    customer_id = record_id(request.argument)
    get_customer(request.work, viewer=request.person, customer_id=customer_id)
    return begin(request, ORDER_GUIDE, answers={"customer": str(customer_id)})


def order_again(request: Request) -> Reply:
    customer_id = record_id(request.argument)
    get_customer(request.work, viewer=request.person, customer_id=customer_id)
    draft = last_order_draft(request.work, actor=request.person, customer_id=customer_id)
    return _begin_with(request, draft or OrderDraft(customer_id=customer_id))


def order_from(request: Request) -> Reply:
    """From a deal: what it says is filled in, what it does not is asked."""
    deal_id = record_id(request.argument)
    return _begin_with(request, draft_from_deal(request.work, actor=request.person, deal_id=deal_id))


def start_resubmit(request: Request) -> Reply:
    order_id = record_id(request.argument)
    _again(request, order_id)  # said before any question
    draft = draft_of_order(request.work, actor=request.person, order_id=order_id)
    answers = answers_of(draft, zone=request.person.zone)
    return begin(request, RESUBMIT_GUIDE, answers=answers, subject_id=order_id)


def repeat_order(request: Request) -> Reply:
    """This very order again, as a new one: the one that was rejected, say."""
    order_id = record_id(request.argument)
    return _begin_with(request, repeated_draft(request.work, actor=request.person, order_id=order_id))


def all_lines(kind: str) -> Handler:
    """A handler that shows the first of all lines, below the card that leaves some out."""

    def show(request: Request) -> Reply:
        return Reply((_lines_page(request, kind, record_id(request.argument), 0),))

    return show


def turn_lines(kind: str) -> Handler:
    """A handler that turns to the page the button names: `PAGE:ORDER`."""

    def turn(request: Request) -> Reply:
        page, _, order_id = request.argument.partition(":")
        shown = _lines_page(request, kind, record_id(order_id), min(record_id(page), 10_000))
        return Reply((shown,), replaces=True)

    return turn


def recall(request: Request) -> Reply:
    order_id = record_id(request.argument)
    recall_order(request.work, actor=request.person, platform=request.platform, order_id=order_id)
    view = get_order(request.work, viewer=request.person, order_id=order_id)
    again = Button(labels.RESUBMIT, f"order.resubmit:{order_id}", "primary")
    return Reply((say(T("Order {number} is recalled.", number=view.order["number"]), again),))


def submit(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    """Submit the order, or a new version of the one it began from."""
    draft = draft_of(values, currency=_currency(request, values))
    if subject_id is None:
        order_id = submit_order(request.work, actor=request.person, platform=request.platform, draft=draft)
    else:
        order_id = subject_id
        resubmit_order(request.work, actor=request.person, platform=request.platform, order_id=order_id, draft=draft)
    return Reply((_submitted(request, order_id),))


def open_order(request: Request) -> Reply:
    order_id = record_id(request.argument)
    get_order(request.work, viewer=request.person, order_id=order_id)
    return Reply((Card("order", order_id),))


def orders(request: Request) -> Reply:
    """`orders`: mine by status; `orders SO-2026-0031` opens one."""
    if request.argument:
        rows, total = find_orders(request.work, viewer=request.person, query=request.argument, most=2)
        if not total:
            raise NotFound(T("No order fits “{text}”.", text=request.argument[:60]))
        if total == 1 or rows[0].number.casefold() == request.argument.casefold():
            return Reply((Card("order", rows[0].id),))
    return Reply((_page(request, 0),))


def turn_page(request: Request) -> Reply:
    return Reply((_page(request, min(record_id(request.argument), 10_000)),), replaces=True)


def _again(request: Request, order_id: int) -> None:
    check_again(request.work, actor=request.person, order_id=order_id)


def _begin_with(request: Request, draft: OrderDraft) -> Reply:
    return begin(request, ORDER_GUIDE, answers=answers_of(draft, zone=request.person.zone))


def _lines_page(request: Request, kind: str, order_id: int, page: int) -> Screen:
    screen, total = _LINES[kind](request.work, order_id, request.person, page)
    turning = paging(f"{kind}.lines_page", page, total, str(order_id), size=LINES_PAGE)
    return replace(screen, rows=(*turning, *screen.rows))


def _submitted(request: Request, order_id: int) -> Screen:
    view = get_order(request.work, viewer=request.person, order_id=order_id)
    row = view.order
    number, total = row["number"], Money(row["total"], row["currency"])
    saved = T(
        "Submitted order {number}: {customer}, {total}",
        number=number,
        customer=row["customer_name"],
        total=total,
    )
    lines: list[Line] = [body(saved), *(muted(found.text) for found in view.findings if found.severity == "warning")]
    facts = decision_facts(request.work, order_id=order_id, viewer=request.person)
    held, urgent = held_back(request.work, facts, request.person)
    lines += [*nobody_decides(facts), *held]
    customer = get_customer(request.work, viewer=request.person, customer_id=row["customer_id"])
    lines += for_customer(request.work, customer, number, total)
    buttons = (Button(labels.OPEN, f"order.open:{order_id}"), Button(labels.RECALL, f"order.recall:{order_id}"))
    return Screen(tuple(lines), ((*buttons, *urgent),))


def _page(request: Request, page: int) -> Screen:
    rows, total = list_orders(request.work, viewer=request.person, offset=page * PAGE, most=PAGE)
    if not total:
        return say(T("There are no orders yet."), Button(T("New order"), "verb:order", "primary"))
    counts = status_counts(request.work, viewer=request.person)
    lines: list[Line] = [title(T("Orders"))]
    lines += [
        labelled(STATUSES[status], T("{count}", count=counts[status])) for status in STATUSES if counts.get(status)
    ]
    lines += [body(order_line(row)) for row in rows]
    if total > PAGE:
        lines.append(muted(T("Page {page}", page=page + 1)))
    buttons = tuple((Button(_name(row), f"order.open:{row.id}"),) for row in rows)
    return Screen(tuple(lines), (*buttons, *paging("orders.page", page, total)))


def _name(row: Any) -> Words:
    return T("{number} {company}", number=row.number, company=row.customer_name)


def _currency(request: Request, values: Mapping[str, Any]) -> str:
    world = _world(request)
    plain = {
        "currency": values.get("currency"),
        "lines": [{"unit_price": {"currency": line["unit_price"][1]}} for line in values.get("lines", ())],
        "_": world.recall("order defaults", values["customer"]) or {},
    }
    return order_currency(plain, world)


def _world(request: Request) -> CompanyWorld:
    return CompanyWorld(request.work, request.person)


ORDER_GUIDE = register(Guide(ORDER, can_submit_order, submit, _again))
RESUBMIT_GUIDE = register(Guide(RESUBMIT, can_submit_order, submit, _again))
_LINES: dict[str, Callable[[UnitOfWork, int, Member, int], tuple[Screen, int]]] = {
    "order": draw_lines,
    "approval": draw_lines_to_decide,
}

_SUBMITTERS = frozenset({Role.REP, Role.SUPERVISOR, Role.GM})
VERBS = (
    Verb("order", ("录单", "下单"), T("submit an order"), order, _SUBMITTERS, parks=False, usual=True),
    Verb("orders", ("我的订单", "订单"), T("my orders by status"), orders, usual=True),
)
PRESSES = {
    "order.open": open_order,
    "order.for": order_for,
    "order.again": order_again,
    "order.from": order_from,
    "order.resubmit": start_resubmit,
    "order.recall": recall,
    "order.repeat": repeat_order,
    "order.lines": all_lines("order"),
    "order.lines_page": turn_lines("order"),
    "approval.lines": all_lines("approval"),
    "approval.lines_page": turn_lines("approval"),
    "orders.page": turn_page,
}
