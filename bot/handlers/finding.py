"""Across everything: `find`, and `today`, what waits for me."""

from bot.cards.lead import lead_line
from bot.cards.names import deal_name
from bot.cards.order import order_line
from bot.cards.screen import Button, Line, Screen, body, say, title
from bot.cards.task import task_line
from bot.handlers.verbs import Verb
from bot.request import Reply, Request
from crm.core.errors import Invalid
from crm.core.text import T
from crm.orders.orders import find_orders, list_orders
from crm.orders.waiting import waiting_for
from crm.people.people import Role
from crm.sales.customers import find_customers
from crm.sales.deals import find_deals
from crm.sales.finding_leads import find_leads, follow_ups_due
from crm.sales.pipeline import pipeline
from crm.sales.tasks import due_tasks

MOST = 4


def find(request: Request) -> Reply:
    """`find TEXT`: leads, customers, deals and orders that fit, each opened by its button."""
    text = request.argument.strip()
    if not text:
        raise Invalid(T("Write what to look for: find Ernst, find wtmy, find SO-2026-0031"))
    found = [*_leads(request, text), *_customers(request, text), *_deals(request, text), *_orders(request, text)]
    if not found:
        return Reply((say(T("Nothing fits “{text}”.", text=text[:60])),))
    lines = [title(T("Found for “{text}”", text=text[:60])), *(line for line, _ in found)]
    return Reply((Screen(tuple(lines), tuple((button,) for _, button in found)),))


def today(request: Request) -> Reply:
    """`today`: what waits for me now, the most pressing first."""
    lines: list[Line] = []
    rows: list[tuple[Button, ...]] = []
    if request.person.has(Role.SUPERVISOR, Role.FINANCE, Role.GM):
        _add_approvals(request, lines, rows)
    _add_reminders(request, lines, rows)
    if request.person.has(Role.REP, Role.SUPERVISOR):
        _add_follow_ups(request, lines, rows)
        _add_orders(request, lines, rows)
        _add_stale(request, lines, rows)
    if not lines:
        return Reply((say(T("Nothing waits for you today.")),))
    return Reply((Screen((title(T("Today")), *lines), tuple(rows)),))


def _add_approvals(request: Request, lines: list[Line], rows: list[tuple[Button, ...]]) -> None:
    waiting = waiting_for(request.work, person=request.person)
    for one in waiting[:MOST]:
        words = T(
            "Decide: {number} {customer} · {total}", number=one.number, customer=one.customer_name, total=one.total
        )
        lines.append(body(words))
        rows.append((Button(one.number, f"approval.open:{one.order_id}", "primary"),))
    if len(waiting) > MOST:
        rows.append((Button(T("All {count} decisions", count=len(waiting)), "verb:approvals"),))


def _add_reminders(request: Request, lines: list[Line], rows: list[tuple[Button, ...]]) -> None:
    for task in due_tasks(request.work, viewer=request.person, most=MOST):
        lines.append(body(T("Remember: {task}", task=task_line(task))))
        rows.append((Button(task.text, f"task.open:{task.id}"),))


def _add_follow_ups(request: Request, lines: list[Line], rows: list[tuple[Button, ...]]) -> None:
    for lead in follow_ups_due(request.work, viewer=request.person, most=MOST):
        lines.append(body(T("Follow up: {lead}", lead=lead_line(lead))))
        rows.append((Button(lead.company, f"lead.open:{lead.id}"),))


def _add_orders(request: Request, lines: list[Line], rows: list[tuple[Button, ...]]) -> None:
    returned, _ = list_orders(request.work, viewer=request.person, status="sent_back", most=MOST)
    for row in returned:
        lines.append(body(T("To change: {order}", order=order_line(row))))
        rows.append((Button(row.number, f"order.open:{row.id}"),))


def _add_stale(request: Request, lines: list[Line], rows: list[tuple[Button, ...]]) -> None:
    stale = [one for one in pipeline(request.work, viewer=request.person, most=50).deals if one.is_stale]
    for one in stale[:MOST]:
        words = T("Stands still: {deal}, {days} days", deal=deal_name(one.deal), days=one.days)
        lines.append(body(words))
        rows.append((Button(deal_name(one.deal), f"deal.open:{one.deal.id}"),))


def _leads(request: Request, text: str) -> list[tuple[Line, Button]]:
    return [
        (body(lead_line(lead)), Button(T("Lead {name}", name=lead.company), f"lead.open:{lead.id}"))
        for lead in find_leads(request.work, viewer=request.person, query=text, most=MOST)
    ]


def _customers(request: Request, text: str) -> list[tuple[Line, Button]]:
    rows, _ = find_customers(request.work, viewer=request.person, query=text, most=MOST)
    return [(body(T("Customer {name}", name=row.name)), Button(row.name, f"customer.open:{row.id}")) for row in rows]


def _deals(request: Request, text: str) -> list[tuple[Line, Button]]:
    rows, _ = find_deals(request.work, viewer=request.person, query=text, stages=None, most=MOST)
    return [
        (
            body(T("Deal {name} · {customer}", name=deal_name(row), customer=row.customer_name)),
            Button(deal_name(row), f"deal.open:{row.id}"),
        )
        for row in rows
    ]


def _orders(request: Request, text: str) -> list[tuple[Line, Button]]:
    rows, _ = find_orders(request.work, viewer=request.person, query=text, most=MOST)
    return [
        (body(T("Order {order}", order=order_line(row))), Button(row.number, f"order.open:{row.id}")) for row in rows
    ]


VERBS = (
    Verb("find", ("搜索",), T("search leads, customers, deals and orders"), find),
    Verb("today", ("今日",), T("what waits for me"), today, usual=True),
)
