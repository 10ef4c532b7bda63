"""An order that cannot wait for its approver's quiet hours."""

from bot.cards.screen import say
from bot.handlers.customers.customers import record_id
from bot.request import Reply, Request
from crm.core.text import T
from crm.orders.orders import get_order
from crm.orders.urgency import mark_urgent
from crm.people.people import find_member


def press_urgent(request: Request) -> Reply:
    order_id = record_id(request.argument)
    sent = mark_urgent(request.work, actor=request.person, platform=request.platform, order_id=order_id)
    number = get_order(request.work, viewer=request.person, order_id=order_id).order["number"]
    names = [find_member(request.work, person_id=one).name for one in dict.fromkeys(card.person_id for card in sent)]
    return Reply((say(T("Order {number} is marked as urgent and is with {names} now.", number=number, names=names)),))


PRESSES = {"order.urgent": press_urgent}
