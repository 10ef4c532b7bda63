"""A person's own page, where a platform has one: what waits for them, what stands in their pipeline, where to begin."""

from bot.cards.lead import lead_line
from bot.cards.names import deal_name
from bot.cards.order import order_line
from bot.cards.screen import Button, Line, Screen, body, labelled, muted, title
from bot.cards.task import task_line
from crm.core.money import Money
from crm.core.text import T, Text
from crm.core.work import UnitOfWork
from crm.orders.orders import list_orders
from crm.orders.waiting import waiting_for
from crm.people.people import Member, Role
from crm.sales.finding_leads import follow_ups_due
from crm.sales.pipeline import pipeline
from crm.sales.tasks import due_tasks

MOST = 5
"""Of each kind: a page is read on a phone."""

_SALES = frozenset({Role.REP, Role.SUPERVISOR})
_SUPERIORS = frozenset({Role.SUPERVISOR, Role.FINANCE, Role.GM})
_EVERYBODY = frozenset(Role)

USUAL: tuple[tuple[str, Text, frozenset[Role]], ...] = (
    ("lead", T("Log a lead"), _SALES),
    ("order", T("Submit an order"), _SALES),
    ("deals", T("Pipeline"), frozenset({*_SALES, Role.GM, Role.ADMIN})),
    ("customer", T("Customers"), _EVERYBODY - {Role.PRODUCTION, Role.LOGISTICS}),
    ("orders", T("Orders"), _EVERYBODY),
    ("approvals", T("Approvals"), _SUPERIORS),
    ("today", T("Today"), _EVERYBODY),
    ("help", T("Help"), _EVERYBODY),
)
"""Verbs with a button here, how it reads, and who has it: nobody who may not use the verb."""

Found = tuple[list[Line], list[Button]]


def draw_home(work: UnitOfWork, person_id: int, viewer: Member) -> Screen:
    """The page of this person as things stand now; it is drawn for nobody else."""
    assert person_id == viewer.id, "a page is its owner's"
    lines: list[Line] = []
    rows: list[tuple[Button, ...]] = []
    for heading, (found, buttons) in (
        (T("Waiting for my decision"), _decisions(work, viewer)),
        (T("Today"), _today(work, viewer)),
        (T("Pipeline"), (_pipeline(work, viewer), [])),
    ):
        if found:
            lines += [title(heading), *found]
            rows += [tuple(buttons)] if buttons else []
    if not rows:
        lines.insert(0, body(T("Nothing waits for you today.")))
    usual = [Button(label, f"verb:{verb}") for verb, label, roles in USUAL if viewer.has(*roles)]
    rows.append(tuple(usual))
    return Screen((*lines, muted(T("Or write to me under Messages."))), tuple(rows))


def _decisions(work: UnitOfWork, viewer: Member) -> Found:
    if not viewer.has(*_SUPERIORS):
        return [], []
    waiting = waiting_for(work, person=viewer)
    lines = [
        body(T("{number} {customer} · {total}", number=one.number, customer=one.customer_name, total=one.total))
        for one in waiting[:MOST]
    ]
    buttons = [Button(one.number, f"approval.open:{one.order_id}", "primary") for one in waiting[:MOST]]
    if len(waiting) > MOST:
        buttons.append(Button(T("All {count} decisions", count=len(waiting)), "verb:approvals"))
    return lines, buttons


def _today(work: UnitOfWork, viewer: Member) -> Found:
    lines: list[Line] = []
    buttons: list[Button] = []
    for task in due_tasks(work, viewer=viewer, most=MOST):
        lines.append(body(T("Remember: {task}", task=task_line(task))))
        buttons.append(Button(task.text, f"task.open:{task.id}"))
    if not viewer.has(*_SALES):
        return lines, buttons
    for lead in follow_ups_due(work, viewer=viewer, most=MOST):
        lines.append(body(T("Follow up: {lead}", lead=lead_line(lead))))
        buttons.append(Button(lead.company, f"lead.open:{lead.id}"))
    for row in list_orders(work, viewer=viewer, status="sent_back", most=MOST)[0]:
        lines.append(body(T("To change: {order}", order=order_line(row))))
        buttons.append(Button(row.number, f"order.open:{row.id}"))
    stale = [one for one in pipeline(work, viewer=viewer, most=50).deals if one.is_stale]
    for one in stale[:MOST]:
        lines.append(body(T("Stands still: {deal}, {days} days", deal=deal_name(one.deal), days=one.days)))
        buttons.append(Button(deal_name(one.deal), f"deal.open:{one.deal.id}"))
    return lines, buttons


def _pipeline(work: UnitOfWork, viewer: Member) -> list[Line]:
    """The stages that hold anything, with their totals."""
    if not viewer.has(*_SALES, Role.GM):
        return []
    found = pipeline(work, viewer=viewer, most=1)
    return [
        labelled(
            total.stage.label, T("{count} · {sum}", count=total.count, sum=Money(total.base_amount, found.currency))
        )
        for total in found.stages
        if total.count
    ]
