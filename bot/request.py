"""What a handler is given and what it gives back. The dispatcher fills the one and carries out the other."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.cards.screen import Form, Screen
from bot.config import Settings
from bot.conversations.sessions import Session
from bot.inbound import Inbound
from crm.core.text import Words
from crm.core.work import UnitOfWork
from crm.people.people import Member


@dataclass(frozen=True, slots=True)
class Request:
    """One thing a known person wants, inside the transaction that will answer it.

    `session`: the conversation active in this chat, if any. `argument`: what followed the verb, or the press's own.
    """

    work: UnitOfWork
    inbound: Inbound
    person: Member
    chat_id: int
    settings: Settings
    session: Session | None = None
    argument: str = ""

    @property
    def platform(self) -> str:
        return self.inbound.platform


@dataclass(frozen=True, slots=True)
class Card:
    """A card to be shown here and kept true: its kind (`lead`) and the record's id."""

    card: str
    subject_id: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What to say. `replaces`: the pressed message becomes the first of `shows`, instead of a new one below.

    `toast` answers a press in passing; `problems` belong to the fields of a form, by path. `form`: the form that has
    a place for them all, where the one handed in has not.
    """

    shows: tuple[Screen | Card, ...] = ()
    toast: Words | None = None
    replaces: bool = False
    problems: Mapping[str, Words] = field(default_factory=dict)
    form: Form | None = None
