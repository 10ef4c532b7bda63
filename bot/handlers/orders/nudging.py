"""`Nudge` on an order that waits for a decision."""

from bot.cards.screen import say
from bot.handlers.customers.customers import record_id
from bot.request import Reply, Request
from crm.core.text import T
from crm.orders.nudging import nudge


def press_nudge(request: Request) -> Reply:
    order_id = record_id(request.argument)
    asked = nudge(request.work, actor=request.person, platform=request.platform, order_id=order_id)
    return Reply((say(T("Asked again: {names}.", names=[person.name for person in asked])),))


PRESSES = {"order.nudge": press_nudge}
