"""The Bot API as this room calls it: python-telegram-bot's Bot, with answers left as they come.

The library makes an object of everything that comes back. For a reply only its id is wanted, and of a batch of
updates one that cannot be read must not hide the others; left as JSON, a reply costs a third less.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from telegram import Bot

from bot.platforms.telegram.transport import Transport

WANTED = ("message", "callback_query")
_SENDERS = 64
"""Connections for sending: many chats at once, one message in flight in each."""
_GRACE_S = 10.0
"""How much longer than Telegram was asked to wait an empty poll may take."""


@dataclass(frozen=True, slots=True)
class Me:
    """The bot itself, as people call it."""

    id: int
    username: str


class Api(Bot):
    """One bot's calls. `patience`: seconds until an answer is given up. Raises the library's errors."""

    def __init__(self, *, token: str, url: str, patience: float = 10.0) -> None:
        url = url.rstrip("/")
        super().__init__(
            token,
            base_url=f"{url}/bot",
            base_file_url=f"{url}/file/bot",
            request=Transport(url, connections=_SENDERS, read_timeout=patience),
            get_updates_request=Transport(url, connections=1, read_timeout=_GRACE_S),
        )

    async def connect(self) -> Me:
        """Ask who we are, which also shows whether the token is good."""
        await self.initialize()
        return Me(self.id, self.username)

    async def poll(self, *, offset: int | None, wait: int, most: int = 100) -> list[Any]:
        """The next updates, as they come; waits up to `wait` seconds for the first. Confirms all below `offset`."""
        asked = {"offset": offset, "limit": most, "timeout": wait, "allowed_updates": list(WANTED)}
        found = await self._post("getUpdates", asked, read_timeout=wait + _GRACE_S)
        return found if isinstance(found, list) else []

    async def send_html(self, chat_id: int, text: str, keyboard: Sequence[Sequence[Mapping[str, str]]]) -> int:
        """Send a text; returns the message's id."""
        sent = await self._post("sendMessage", {"chat_id": chat_id, **_content(text, keyboard)})
        return int(sent["message_id"])

    async def edit_html(
        self, chat_id: int, message_id: int, text: str, keyboard: Sequence[Sequence[Mapping[str, str]]]
    ) -> None:
        """Make a message of ours show this text and these buttons, or none."""
        where = {"chat_id": chat_id, "message_id": message_id}
        await self._post("editMessageText", {**where, **_content(text, keyboard)})


def _content(text: str, keyboard: Sequence[Sequence[Mapping[str, str]]]) -> dict[str, Any]:
    content: dict[str, Any] = {"text": text, "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}
    return content | {"reply_markup": {"inline_keyboard": keyboard}} if keyboard else content
