"""What may be done with a deal from its card."""

from typing import Any

from bot.cards import labels
from bot.cards.screen import Button
from crm.core.text import T
from crm.people.people import Member
from crm.sales.deals.policy import can_change_deal, can_give_deal
from crm.sales.deals.stages import OPEN_STAGES, ROAD, STAGE

Rows = tuple[tuple[Button, ...], ...]


def deal_buttons(deal: Any, viewer: Member) -> Rows:
    """Rows for this person: the next stage first, then how it may end, then what may be changed."""
    may_give = deal.stage in OPEN_STAGES and can_give_deal(viewer, deal) is True
    giving = (Button(labels.HAND_OVER, f"deal.give:{deal.id}"),) if may_give else ()
    story = Button(labels.HISTORY, f"deal.story:{deal.id}")
    if can_change_deal(viewer, deal) is not True:
        return ((*giving, story),)
    reminding = Button(labels.REMIND, f"remind.for:deal:{deal.id}")
    if deal.stage not in OPEN_STAGES:
        return (*_closed(deal), (reminding, story))
    changing = (Button(labels.EDIT, f"deal.edit:{deal.id}"), *giving, story)
    return (*(_held(deal) if deal.on_hold else _going(deal)), changing, (reminding,))


def _going(deal: Any) -> Rows:
    onward = ROAD[ROAD.index(deal.stage) + 1]
    lost = Button(labels.LOST, f"deal.lost:{deal.id}", "danger")
    other = (Button(T("Other stage"), f"deal.move:{deal.id}"), Button(labels.ON_HOLD, f"deal.hold:{deal.id}"))
    if onward == "won":
        ordering = Button(T("New order"), f"order.from:{deal.id}", "primary")
        return (ordering,), (Button(labels.WON, f"deal.won:{deal.id}", "primary"), lost), other
    on = Button(T("On to: {stage}", stage=STAGE[onward].label), f"deal.on:{deal.id}", "primary")
    return (on,), (Button(labels.WON, f"deal.won:{deal.id}"), lost), other


def _held(deal: Any) -> Rows:
    resuming = Button(labels.RESUME, f"deal.resume:{deal.id}", "primary")
    return ((resuming, Button(labels.LOST, f"deal.lost:{deal.id}", "danger")),)


def _closed(deal: Any) -> Rows:
    if deal.stage == "won":
        return ((Button(T("New order"), f"order.from:{deal.id}", "primary"),),)
    return ((Button(T("Move"), f"deal.move:{deal.id}"),),)
