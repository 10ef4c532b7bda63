"""The Bot API as this room calls it: python-telegram-bot's Bot, with answers left as they come.

The library makes an object of everything that comes back. For a reply only its id is wanted, and of a batch of
updates one that cannot be read must not hide the others; left as JSON, a reply costs a third less.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from telegram import Bot, InputFile
from telegram.error import ChatMigrated, TelegramError

from bot.cards.links import link_of
from bot.platforms.telegram.transport import Transport
from crm.core.files import FileContent

WANTED = ("message", "callback_query", "my_chat_member")
_SENDERS = 64
"""Connections for sending: many chats at once, one message in flight in each."""
_DOWNLOADS = 4
_CONNECTIONS = 40
"""How many updates Telegram may bring at once where it calls us: its own default."""
CAPTION = 1024
"""Units of UTF-16 of the text beside a file."""
_GRACE_S = 10.0
"""How much longer than Telegram was asked to wait an empty poll may take."""


@dataclass(frozen=True, slots=True)
class Me:
    """The bot itself, as people call it."""

    id: int
    username: str


@dataclass(frozen=True, slots=True)
class Webhook:
    """How Telegram brings updates. `url`: the address it calls, empty when it waits to be asked; `waiting` updates
    have not got there; the last call that failed did so at `failed_at` (Unix time, 0: none has), with `failure`.
    """

    url: str
    waiting: int
    failed_at: float
    failure: str


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
        self._files = Transport(url, connections=_DOWNLOADS, read_timeout=patience)
        self._moved: Callable[[str, str], None] | None = None
        self._username = ""

    def when_moved(self, told: Callable[[str, str], None]) -> None:
        """`told(old, new)` is called where a call finds that a group has another id now."""
        self._moved = told

    async def connect(self) -> Me:
        """Ask who we are, which also shows whether the token is good."""
        await self._files.initialize()
        await self.initialize()
        self._username = self.username
        return Me(self.id, self._username)

    def link_to(self, action: str) -> str | None:
        """The address that opens in the private chat what a button with this action opens; None where there is none."""
        link = link_of(action) if self._username else None
        return link and f"https://t.me/{self._username}?start={link}"

    async def shutdown(self) -> None:
        await self._files.shutdown()
        await super().shutdown()

    async def poll(self, *, offset: int | None, wait: int, most: int = 100) -> list[Any]:
        """The next updates, as they come; waits up to `wait` seconds for the first. Confirms all below `offset`."""
        asked = {"offset": offset, "limit": most, "timeout": wait, "allowed_updates": list(WANTED)}
        found = await self._post("getUpdates", asked, read_timeout=wait + _GRACE_S)
        return found if isinstance(found, list) else []

    async def send_html(self, chat_id: int, text: str, keyboard: Sequence[Sequence[Mapping[str, str]]]) -> int:
        """Send a text; returns the message's id."""
        sent = await self._post("sendMessage", {"chat_id": chat_id, **_content(text, keyboard)})
        return int(sent["message_id"])

    async def send_file(
        self, chat_id: int, document: FileContent, caption: str, keyboard: Sequence[Sequence[Mapping[str, str]]]
    ) -> int:
        """Send a file with a text of at most CAPTION beside it; returns the message's id."""
        sent = {"chat_id": chat_id, "document": InputFile(document.content, filename=document.name)}
        beside = _content(caption, keyboard)
        given = {"caption": beside.pop("text"), "parse_mode": beside.pop("parse_mode")}
        markup = {name: beside[name] for name in ("reply_markup",) if name in beside}
        posted = await self._post("sendDocument", {**sent, **given, **markup})
        return int(posted["message_id"])

    async def edit_html(
        self, chat_id: int, message_id: int, text: str, keyboard: Sequence[Sequence[Mapping[str, str]]]
    ) -> None:
        """Make a message of ours show this text and these buttons, or none."""
        where = {"chat_id": chat_id, "message_id": message_id}
        await self._post("editMessageText", {**where, **_content(text, keyboard)})

    async def delete(self, chat_id: int, message_id: int) -> None:
        """Take a message of ours away."""
        await self._post("deleteMessage", {"chat_id": chat_id, "message_id": message_id})

    async def show_typing(self, chat_id: int) -> None:
        """Show for five seconds, or until the next message, that an answer is being written."""
        await self._post("sendChatAction", {"chat_id": chat_id, "action": "typing"})

    async def set_menu(
        self, commands: Sequence[tuple[str, str]], *, chat_id: int | None = None, language: str | None = None
    ) -> None:
        """What stands behind the menu button: in this chat, else wherever nothing nearer is set.

        `language`: for clients in this language (two letters); None: for all others.
        """
        described = [{"command": verb, "description": what} for verb, what in commands]
        asked = {"commands": described, "scope": _scope(chat_id), "language_code": language}
        await self._post("setMyCommands", asked)

    async def clear_menu(self, *, chat_id: int) -> None:
        """In this chat there is nothing of its own behind the menu button any more."""
        await self._post("deleteMyCommands", {"scope": _scope(chat_id)})

    async def bring_updates_to(self, url: str, *, secret: str) -> None:
        """Ask Telegram to call this address with every update, and to show the secret there."""
        asked = {"url": url, "secret_token": secret, "max_connections": _CONNECTIONS, "allowed_updates": list(WANTED)}
        await self._post("setWebhook", asked)

    async def webhook(self) -> Webhook:
        """Whom Telegram calls, and how that goes."""
        info = await self._post("getWebhookInfo")
        return Webhook(
            url=str(info.get("url", "")),
            waiting=int(info.get("pending_update_count", 0)),
            failed_at=float(info.get("last_error_date", 0)),
            failure=str(info.get("last_error_message", "")),
        )

    async def content_of(self, file_id: str) -> AsyncIterator[bytes]:
        """What a file holds, piece by piece."""
        path = (await self._post("getFile", {"file_id": file_id})).get("file_path")
        if not isinstance(path, str):
            raise TelegramError("the file is nowhere to be fetched from")
        async for piece in self._files.stream(f"{self.base_file_url}/{quote(path)}"):
            yield piece

    async def _post(self, endpoint: str, data: dict[str, Any] | None = None, **more: Any) -> Any:
        try:
            return await super()._post(endpoint, data, **more)
        except ChatMigrated as moved:
            if self._moved is not None:
                self._moved(str((data or {}).get("chat_id")), str(moved.new_chat_id))
            raise


def _scope(chat_id: int | None) -> dict[str, Any]:
    return {"type": "default"} if chat_id is None else {"type": "chat", "chat_id": chat_id}


def _content(text: str, keyboard: Sequence[Sequence[Mapping[str, str]]]) -> dict[str, Any]:
    content: dict[str, Any] = {"text": text, "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}
    return content | {"reply_markup": {"inline_keyboard": keyboard}} if keyboard else content
