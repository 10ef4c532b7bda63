"""What waits for somebody, the most pressing first: for the verb `today`, and for a page of their own."""

from bot.cards.lead import lead_line
from bot.cards.names import deal_name
from bot.cards.order import order_line
from bot.cards.screen import Button, Line, body
from bot.cards.task import task_line
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.orders.orders import list_orders
from crm.orders.waiting import waiting_for
from crm.people.people import Member, Role
from crm.sales.finding_leads import follow_ups_due
from crm.sales.pipeline import pipeline
from crm.sales.tasks import due_tasks

MOST = 5
"""Of each kind: it is read on a phone."""

Found = tuple[list[Line], list[Button]]
"""A line for each, and the button that opens it."""


def decisions(work: UnitOfWork, viewer: Member) -> Found:
    """The orders that wait for this person's decision."""
    if not viewer.has(Role.SUPERVISOR, Role.FINANCE, Role.GM):
        return [], []
    waiting = waiting_for(work, person=viewer)
    lines = [
        body(T("Decide: {number} {customer} · {total}", number=one.number, customer=one.customer_name, total=one.total))
        for one in waiting[:MOST]
    ]
    buttons = [Button(one.number, f"approval.open:{one.order_id}", "primary") for one in waiting[:MOST]]
    if len(waiting) > MOST:
        buttons.append(Button(T("All {count} decisions", count=len(waiting)), "verb:approvals"))
    return lines, buttons


def due_today(work: UnitOfWork, viewer: Member) -> Found:
    """Reminders; of sales also follow-ups, orders that came back, and deals that stand still."""
    kinds = [_reminders(work, viewer)]
    if viewer.has(Role.REP, Role.SUPERVISOR):
        kinds += [_follow_ups(work, viewer), _returned(work, viewer), _stale(work, viewer)]
    found = [one for kind in kinds for one in kind]
    return [line for line, _ in found], [button for _, button in found]


def _reminders(work: UnitOfWork, viewer: Member) -> list[tuple[Line, Button]]:
    return [
        (body(T("Remember: {task}", task=task_line(task))), Button(task.text, f"task.open:{task.id}"))
        for task in due_tasks(work, viewer=viewer, most=MOST)
    ]


def _follow_ups(work: UnitOfWork, viewer: Member) -> list[tuple[Line, Button]]:
    return [
        (body(T("Follow up: {lead}", lead=lead_line(lead))), Button(lead.company, f"lead.open:{lead.id}"))
        for lead in follow_ups_due(work, viewer=viewer, most=MOST)
    ]


def _returned(work: UnitOfWork, viewer: Member) -> list[tuple[Line, Button]]:
    rows, _ = list_orders(work, viewer=viewer, status="sent_back", most=MOST)
    return [
        (body(T("To change: {order}", order=order_line(row))), Button(row.number, f"order.open:{row.id}"))
        for row in rows
    ]


def _stale(work: UnitOfWork, viewer: Member) -> list[tuple[Line, Button]]:
    stale = [one for one in pipeline(work, viewer=viewer, most=50).deals if one.is_stale]
    return [
        (
            body(T("Stands still: {deal}, {days} days", deal=deal_name(one.deal), days=one.days)),
            Button(deal_name(one.deal), f"deal.open:{one.deal.id}"),
        )
        for one in stale[:MOST]
    ]
