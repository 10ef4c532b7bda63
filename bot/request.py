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
    `room`: the shared chat in which it was said or pressed; they are answered in their own, `chat_id`. `bots`: by
    platform, the name people find us by there, as far as it is known.
    """

    work: UnitOfWork
    inbound: Inbound
    person: Member
    chat_id: int
    settings: Settings
    session: Session | None = None
    argument: str = ""
    room: int | None = None
    bots: Mapping[str, str] = field(default_factory=dict)

    @property
    def platform(self) -> str:
        return self.inbound.platform


@dataclass(frozen=True, slots=True)
class Card:
    """A card to be shown here and kept true: its kind (`lead`) and the record's id."""

    card: str
    subject_id: int


@dataclass(frozen=True, slots=True)
class Document:
    """A kept file (`crm.core.files`) to be sent here under this name, with `beside` said of it."""

    file_id: int
    name: str
    beside: Words


@dataclass(frozen=True, slots=True)
class Reply:
    """What to say. `replaces`: the pressed message becomes the first of `shows`, instead of a new one below.

    `toast` answers a press in passing; `problems` belong to the fields of a form, by path. `form`: the form that has
    a place for them all, where the one handed in has not. `asks`: the last of `shows` is a question that stands open
    until it is answered, in place of the one before. `here`: to be said in the shared chat itself, for all to read.
    `instead` of the first of `shows`: to be said in their own chat where that cannot be shown in the room it is for.
    """

    shows: tuple[Screen | Card | Document, ...] = ()
    toast: Words | None = None
    replaces: bool = False
    problems: Mapping[str, Words] = field(default_factory=dict)
    form: Form | None = None
    asks: bool = False
    here: Screen | None = None
    instead: Screen | None = None
