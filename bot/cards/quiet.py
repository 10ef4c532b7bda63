"""Whose quiet hours an order waits for, and the button that does not wait."""

from bot.cards import labels
from bot.cards.screen import Button, Line, muted
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.orders.facts import DecisionFacts
from crm.orders.urgency import held_approvals
from crm.people.people import Member


def held_back(work: UnitOfWork, facts: DecisionFacts, viewer: Member) -> tuple[list[Line], list[Button]]:
    """For the submitter of an order that waits in somebody's quiet hours; nothing for anybody else."""
    step = facts.open_step
    if viewer.id != facts.order.submitter_id or step is None or step.status != "pending":
        return [], []
    names = {member.id: member.name for member in facts.waits_for}
    until = {one.person_id: one.until for one in held_approvals(work, order_id=facts.order.id)}
    lines = [
        muted(T("{name} has quiet hours until {at}; the card comes then.", name=names[person_id], at=at))
        for person_id, at in until.items()
        if person_id in names
    ]
    return lines, [Button(labels.URGENT, f"order.urgent:{facts.order.id}")] if lines else []
