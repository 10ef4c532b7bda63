"""The pool: leads that nobody looks after, claimed by a button."""

from bot.cards import labels
from bot.cards.lead import lead_line
from bot.cards.screen import Button, Screen, body, muted, say, title
from bot.handlers.customers.customers import paging, record_id
from bot.handlers.verbs import Verb
from bot.request import Card, Reply, Request
from crm.core.text import T
from crm.people.people import Role
from crm.sales.leads.leads import number
from crm.sales.leads.pool import can_claim, claim_lead, pool_leads

PAGE = 8


def pool(request: Request) -> Reply:
    """`pool`: who waits there, contacts hidden until claimed."""
    return Reply((_page(request, 0),))


def turn_page(request: Request) -> Reply:
    return Reply((_page(request, min(record_id(request.argument), 10_000)),), replaces=True)


def claim(request: Request) -> Reply:
    lead_id = record_id(request.argument)
    claim_lead(request.work, actor=request.person, platform=request.platform, lead_id=lead_id)
    return Reply((say(T("Lead {number} is yours.", number=number(lead_id))), Card("lead", lead_id)))


def _page(request: Request, page: int) -> Screen:
    rows, total = pool_leads(request.work, viewer=request.person, offset=page * PAGE, most=PAGE)
    if not total:
        return say(T("The pool is empty."))
    lines = [title(T("Pool")), *(body(lead_line(lead)) for lead in rows)]
    if total > PAGE:
        lines.append(muted(T("Page {page}", page=page + 1)))
    buttons: list[tuple[Button, ...]] = []
    if can_claim(request.person) is True:
        buttons = [
            (Button(T("{act} {number}", act=labels.CLAIM, number=number(lead.id)), f"lead.claim:{lead.id}"),)
            for lead in rows
        ]
    return Screen(tuple(lines), (*buttons, *paging("pool.page", page, total)))


VERBS = (
    Verb(
        "pool",
        ("公海",),
        T("leads that nobody looks after"),
        pool,
        frozenset({Role.REP, Role.SUPERVISOR, Role.GM, Role.ADMIN}),
    ),
)
PRESSES = {"pool.page": turn_page, "lead.claim": claim}
