"""An order's card as far as the customer is concerned: the link they follow it by, and what they said of it."""

from typing import Any

from bot.cards import labels
from bot.cards.screen import Button, Line, labelled
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.fulfilment.customer_links import can_send_link, live_link
from crm.fulfilment.satisfaction import score_of_order
from crm.people.people import Member


def customer_on_card(work: UnitOfWork, viewer: Member, order: Any) -> tuple[list[Line], tuple[tuple[Button, ...], ...]]:
    """Lines and a row of buttons; `order`: a mapping of its columns."""
    lines: list[Line] = []
    score = score_of_order(work, order_id=order["id"])
    if score is not None:
        told = T("{score} of 5", score=score.score)
        if score.comment:
            told = T("{score} of 5: “{comment}”", score=score.score, comment=score.comment)
        lines.append(labelled(T("The customer says"), told))
    if can_send_link(viewer, order) is not True:
        return lines, ()
    row = [Button(labels.SEND_TO_CUSTOMER, f"order.send_link:{order['id']}")]
    if live_link(work, order_id=order["id"]) is not None:
        row.append(Button(labels.REVOKE_LINK, f"order.revoke_link:{order['id']}"))
    return lines, (tuple(row),)
