"""What every platform offers to delivery: send, edit, and a narrow family of ways to fail."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.cards.screen import Screen
from bot.wording import Wording
from crm.core.files import FileContent


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message for one chat. `sign` turns a button's action into the key that leaves the house.

    `trigger` (with `written_at`, to know its age) may open `screen.form`, where the platform has such a thing.
    `shown_in`: post it in that room instead, for the account `only_for` to see and nobody else; where the room does not
    take it, `instead` goes to the chat, or the screen all the same. `lane` (see
    `crm.core.outbox.Lane`) says how it stands beside others where sending is limited. `document`: a file to be sent,
    with the screen's lines beside it.
    """

    chat_id: str
    is_private: bool
    screen: Screen
    wording: Wording
    sign: Callable[[str], str]
    trigger: str | None = None
    written_at: datetime | None = None
    shown_in: str = ""
    only_for: str = ""
    instead: Screen | None = None
    lane: int = 0
    document: FileContent | None = None


class Gateway(Protocol):
    """Draws and sends for one platform. All methods raise only the errors below."""

    platform: str

    async def send(self, message: Message) -> str | None:
        """Send it; returns the platform's reference to what was sent, by which it can be edited."""
        ...

    async def edit(self, message: Message, ref: str) -> None:
        """Make the message `ref` show this instead. Showing it already is no error."""
        ...

    async def retire(self, chat_id: str, ref: str) -> None:
        """The question `ref` is answered further down: take it, or at least its buttons, away."""
        ...


class Door(Protocol):
    """A platform as delivery sees it: where it sends, and whether this process is the one to send just now.

    (A Telegram token belongs to one process at a time.)
    """

    @property
    def name(self) -> str: ...

    @property
    def gateway(self) -> Gateway: ...

    @property
    def may_send(self) -> bool: ...


class DeliveryError(Exception):
    """Base of the ways to fail; the text is for logs and `tradewind outbox list`."""


class Later(DeliveryError):
    """The platform asks to wait `seconds` (429)."""

    def __init__(self, reason: str, seconds: float) -> None:
        super().__init__(reason)
        self.seconds = seconds


class Busy(Later):
    """Not tried: the platform's limits leave no room in this chat for `seconds`, or (`everywhere`) in any."""

    def __init__(self, reason: str, seconds: float, *, everywhere: bool = False) -> None:
        super().__init__(reason, seconds)
        self.everywhere = everywhere


class Away(DeliveryError):
    """The platform cannot be reached, or answers that it is in trouble itself. Tried again for as long as it takes."""


class Unreachable(DeliveryError):
    """Nobody reads there any more: the bot is blocked, the chat gone."""


class Refused(DeliveryError):
    """The platform will never take this message as it is; trying again is of no use."""


class Vanished(DeliveryError):
    """The message to be edited is not there any more (or too old): a new one has to be sent."""
