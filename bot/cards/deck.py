"""All cards that live in chats, by kind: how each is drawn for who looks at it."""

from collections.abc import Callable

from bot.cards.lead import draw_lead
from bot.cards.screen import Screen
from crm.core.work import UnitOfWork
from crm.people.people import Member

Draw = Callable[[UnitOfWork, int, Member], Screen]

CARDS: dict[str, Draw] = {"lead": draw_lead}
