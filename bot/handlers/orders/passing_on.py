"""`Reassign` of a step that is stuck; who waits for whom."""

from collections.abc import Mapping
from typing import Any

from bot.cards.lead import length_words
from bot.cards.screen import Line, Screen, labelled, muted, say, title
from bot.conversations.decisions import REASSIGN_STEP
from bot.handlers.customers.customers import record_id
from bot.handlers.guided import Guide, begin, register
from bot.request import Reply, Request
from crm.core.money import Money
from crm.core.rules import text_rule
from crm.core.text import TN, T
from crm.insight.who_waits import who_waits
from crm.orders.orders import read_plain
from crm.orders.reassigning import can_reassign, check_reassignable, reassign_step

SHOWN = 12


def start_reassign(request: Request) -> Reply:
    order_id = record_id(request.argument)
    _reassignable(request, order_id)  # said before any question
    return begin(request, REASSIGN_GUIDE, subject_id=order_id)


def submit_reassign(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    order_id = subject_id or 0
    to = reassign_step(
        request.work,
        actor=request.person,
        platform=request.platform,
        order_id=order_id,
        to_id=int(values["to"]),
        reason=values["reason"],
    )
    number = read_plain(request.work, order_id=order_id).number
    return Reply((say(T("{name} has the card of order {number} and may decide now.", name=to.name, number=number)),))


def waits(request: Request) -> Reply:
    """Who waits for whom, how long, at what value."""
    found = who_waits(request.work, viewer=request.person)
    if not found:
        return Reply((say(T("No order waits for a decision.")),))
    base = text_rule(request.work, "company.base_currency")
    lines: list[Line] = [title(T("Who waits for whom"))]
    for one in found[:SHOWN]:
        facts: dict[str, Any] = {
            "count": TN("{n} order", "{n} orders", n=one.orders),
            "total": Money(one.base_total, base),
            "length": length_words(int(one.longest.total_seconds() // 60)),
            "names": list(one.submitters),
        }
        lines.append(labelled(one.decider.name, T("{count}, {total}, longest {length}; from {names}", **facts)))
    lines.append(muted(T("Working hours of who decides. What several may decide on counts with each.")))
    return Reply((Screen(tuple(lines)),))


def _reassignable(request: Request, order_id: int) -> None:
    check_reassignable(request.work, actor=request.person, order_id=order_id)


REASSIGN_GUIDE = register(Guide(REASSIGN_STEP, can_reassign, submit_reassign, _reassignable))
PRESSES = {"order.reassign": start_reassign}
