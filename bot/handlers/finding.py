"""Across everything: `find`, and `today`, what waits for me."""

from bot.cards.lead import lead_line
from bot.cards.names import deal_name
from bot.cards.order import order_line
from bot.cards.quote import quote_line
from bot.cards.screen import Button, Line, Screen, body, say, title
from bot.cards.today import draw_today
from bot.handlers.verbs import Verb
from bot.request import Reply, Request
from crm.core.errors import Invalid
from crm.core.text import T
from crm.orders.orders import find_orders
from crm.orders.quotes.quotes import list_quotes
from crm.sales.customers.customers import find_customers
from crm.sales.deals.deals import find_deals
from crm.sales.leads.finding import find_leads

MOST = 4


def find(request: Request) -> Reply:
    """`find TEXT`: leads, customers, deals, quotes and orders that fit, each opened by its button."""
    text = request.argument.strip()
    if not text:
        raise Invalid(T("Write what to look for: find Ernst, find wtmy, find SO-2026-0031"))
    found = [
        *_leads(request, text),
        *_customers(request, text),
        *_deals(request, text),
        *_quotes(request, text),
        *_orders(request, text),
    ]
    if not found:
        return Reply((say(T("Nothing fits “{text}”.", text=text[:60])),))
    lines = [title(T("Found for “{text}”", text=text[:60])), *(line for line, _ in found)]
    return Reply((Screen(tuple(lines), tuple((button,) for _, button in found)),))


def today(request: Request) -> Reply:
    """`today`: what waits for me now, the most pressing first."""
    return Reply((draw_today(request.work, request.person),))


def _leads(request: Request, text: str) -> list[tuple[Line, Button]]:
    return [
        (body(lead_line(lead)), Button(T("Lead {name}", name=lead.company), f"lead.open:{lead.id}"))
        for lead in find_leads(request.work, viewer=request.person, query=text, most=MOST)
    ]


def _customers(request: Request, text: str) -> list[tuple[Line, Button]]:
    rows, _ = find_customers(request.work, viewer=request.person, query=text, most=MOST)
    return [(body(T("Customer {name}", name=row.name)), Button(row.name, f"customer.open:{row.id}")) for row in rows]


def _deals(request: Request, text: str) -> list[tuple[Line, Button]]:
    named = f"D-{text}" if text.isdecimal() else text  # titles hold many numbers; who types one alone means the deal's
    rows, _ = find_deals(request.work, viewer=request.person, query=named, stages=None, most=MOST)
    return [
        (
            body(T("Deal {name} · {customer}", name=deal_name(row), customer=row.customer_name)),
            Button(deal_name(row), f"deal.open:{row.id}"),
        )
        for row in rows
    ]


def _quotes(request: Request, text: str) -> list[tuple[Line, Button]]:
    rows, _ = list_quotes(request.work, viewer=request.person, query=text, most=MOST)
    return [
        (body(T("Quote {quote}", quote=quote_line(row))), Button(row.number, f"quote.open:{row.id}")) for row in rows
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
