"""`Cancel order` on an approved order that has not left."""

from collections.abc import Mapping
from typing import Any

from bot.cards import labels
from bot.cards.screen import Button, say
from bot.conversations.decisions import CANCEL_ORDER
from bot.handlers.customers.customers import record_id
from bot.handlers.guided import Guide, anybody, begin, register
from bot.request import Reply, Request
from crm.core.text import T
from crm.orders.cancelling import cancel_order, check_cancellable
from crm.orders.orders import read_plain


def start_cancel(request: Request) -> Reply:
    order_id = record_id(request.argument)
    _cancellable(request, order_id)  # said before any question
    return begin(request, CANCEL_GUIDE, subject_id=order_id)


def submit_cancel(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    order_id = subject_id or 0
    told = {"actor": request.person, "platform": request.platform, "reason": values["reason"]}
    cancel_order(request.work, order_id=order_id, **told)
    number = read_plain(request.work, order_id=order_id).number
    button = Button(labels.OPEN, f"order.open:{order_id}")
    return Reply((say(T("Order {number} is cancelled; its credit is given back.", number=number), button),))


def _cancellable(request: Request, order_id: int) -> None:
    check_cancellable(request.work, actor=request.person, order_id=order_id)


CANCEL_GUIDE = register(Guide(CANCEL_ORDER, anybody, submit_cancel, _cancellable))
PRESSES = {"order.cancel": start_cancel}
