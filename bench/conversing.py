"""A rep who logs leads, step by step, through the dispatcher and the delivery, with a gateway that costs nothing."""

import itertools
from dataclasses import dataclass, field
from pathlib import Path

from bot.cards.keys import Keys
from bot.config import Settings
from bot.delivery import Delivery
from bot.dispatcher import Dispatcher
from bot.gateway import Message
from bot.inbound import TEXT, Inbound
from bot.marking import Result
from crm.core.database import Database

from .house import ACCOUNT, PLATFORM, settings_for

OPENING = "/lead"
STEPS = ("Hansa Import GmbH", "Jürgen Voß", "+49 30 901820", "Germany")
"""What is typed at the first four questions: a company, a contact, a phone number, a country."""
CLOSING = "/cancel"


class Silent:
    """A platform whose gateway takes everything and does nothing."""

    name = platform = PLATFORM
    may_send = True

    @property
    def gateway(self) -> "Silent":
        return self

    async def send(self, message: Message) -> str:
        return "1"

    async def edit(self, message: Message, ref: str) -> None: ...

    async def retire(self, chat_id: str, ref: str) -> None: ...


def typed(number: int, text: str, *, chat: int = 0) -> Inbound:
    account = str(int(ACCOUNT) + chat)
    delivery = f"7:{number}"
    return Inbound(platform=PLATFORM, delivery_id=delivery, account_id=account, chat_id=account, kind=TEXT, text=text)


@dataclass(slots=True)
class Road:
    """One database with the two ends of the road on it; `step` carries one message through both, in this thread."""

    database: Database
    settings: Settings
    dispatcher: Dispatcher = field(init=False)
    delivery: Delivery = field(init=False)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        keys = Keys(self.settings.key())
        self.dispatcher = Dispatcher(self.database, self.settings, keys, worker="bench-1")
        self.delivery = Delivery(self.database, [Silent()], keys, self.settings, worker="bench-1")

    def step(self, text: str) -> None:
        """Handling, and what delivery reads before and writes after sending. Both commit."""
        outcome = self.dispatcher.handle(typed(next(self._numbers), text))
        assert outcome.status == "handled", outcome.status
        assert outcome.chat_id is not None, "the chat is known"
        assert outcome.token is not None, "the lease is free"
        parcels = self.delivery._pack(outcome.chat_id)
        assert len(parcels) == 1, "one message, one reply"
        done = self.delivery._mark(outcome.chat_id, outcome.token, [Result(parcels[0], "sent", "1")])
        assert done, "nothing else waits in the chat"

    def close(self) -> None:
        self.delivery._executor.shutdown()
        self.database.close()


def open_road(url: str, folder: Path) -> Road:
    return Road(Database(url), settings_for(url, folder))
