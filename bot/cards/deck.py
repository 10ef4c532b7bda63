"""All cards that live in chats, by kind: how each is drawn for who looks at it."""

from collections.abc import Callable

from bot.cards.approval import draw_approval, draw_approval_for_everybody, is_decided
from bot.cards.campaign import draw_campaign
from bot.cards.customer import draw_customer
from bot.cards.deal import draw_deal
from bot.cards.digest import draw_digest, draw_team_digest
from bot.cards.fair import draw_fair
from bot.cards.grade import draw_proposal, draw_proposals
from bot.cards.held_lead import draw_handover, draw_held_lead
from bot.cards.home import draw_home
from bot.cards.lead import draw_lead
from bot.cards.order import draw_order
from bot.cards.production import draw_milestone
from bot.cards.quote import draw_quote, is_price_decided
from bot.cards.screen import Screen
from bot.cards.task import draw_task
from bot.cards.task_list import draw_due
from crm.core.work import UnitOfWork
from crm.people.people import Member

Draw = Callable[[UnitOfWork, int, Member], Screen]

CARDS: dict[str, Draw] = {
    "lead": draw_lead,
    "campaign": draw_campaign,
    "held_lead": draw_held_lead,
    "handover": draw_handover,
    "customer": draw_customer,
    "deal": draw_deal,
    "order": draw_order,
    "milestone": draw_milestone,
    "approval": draw_approval,
    "quote": draw_quote,
    "home": draw_home,
    "grade": draw_proposal,
    "grades": draw_proposals,
    "task": draw_task,
    "due": draw_due,
    "digest": draw_digest,
    "fair": draw_fair,
}

FOR_EVERYBODY: dict[str, Callable[[UnitOfWork, int], Screen]] = {
    "approval": draw_approval_for_everybody,
    "team_digest": draw_team_digest,
}
"""Cards that may stand in a shared chat, drawn without what not everybody there may know."""

OUTLIVED: dict[str, Callable[[UnitOfWork, int, Member], bool]] = {"approval": is_decided, "quote": is_price_decided}
"""Cards that need not be sent any more where this became true while they waited for the end of quiet hours."""
