"""What the counterpart remembers: chats, messages, updates, callback queries, files, and what was called.

Everything here is touched under `World.changed`, a condition that both the server's thread and the test's
threads hold briefly, and which is notified at every change, so that tests can wait without polling.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.counterparts.telegram.refusals import circumstance, forbidden, moved
from tests.counterparts.telegram.rules import UPDATES_NOT_SENT_UNLESS_ASKED

JSON = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One call as it arrived: `parameters` typed and checked, or raw where they did not pass."""

    method: str
    parameters: Mapping[str, Any]
    at: float


@dataclass(frozen=True)
class Refusal:
    """One answer that was not `ok`, whoever was to blame."""

    method: str
    status: int
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class StoredFile:
    file_id: str
    path: str
    name: str
    mime: str
    content: bytes

    def described(self) -> JSON:
        return {
            "file_id": self.file_id,
            "file_unique_id": f"u{self.file_id}",
            "file_size": len(self.content),
        }


@dataclass
class Message:
    id: int
    chat: JSON
    sender: JSON
    date: int
    text: str = ""
    source: str = ""
    entities: tuple[Mapping[str, Any], ...] = ()
    inline: JSON | None = None
    keyboard: JSON | None = None
    preview: JSON | None = None
    file: StoredFile | None = None
    photo_size: tuple[int, int] | None = None
    reply_to: "Message | None" = None
    extra: JSON = field(default_factory=dict)
    edits: int = 0
    edited_at: int | None = None
    deleted: bool = False

    def to_json(self, *, with_reply: bool = True) -> JSON:
        found: JSON = {"message_id": self.id, "from": self.sender, "chat": self.chat, "date": self.date}
        words, marks = ("caption", "caption_entities") if self.file else ("text", "entities")
        if self.text:
            found[words] = self.text
        if self.entities:
            found[marks] = [dict(entity) for entity in self.entities]
        if self.file and self.photo_size:
            width, height = self.photo_size
            found["photo"] = [{**self.file.described(), "width": width, "height": height}]
        elif self.file:
            found["document"] = {
                **self.file.described(),
                "file_name": self.file.name,
                "mime_type": self.file.mime,
            }
        optional = {
            "reply_markup": self.inline,
            "link_preview_options": self.preview,
            "edit_date": self.edited_at,
            "reply_to_message": self.reply_to.to_json(with_reply=False) if self.reply_to and with_reply else None,
        }
        found.update({name: value for name, value in optional.items() if value is not None})
        return {**found, **self.extra}


@dataclass
class Chat:
    described: JSON
    messages: dict[int, Message] = field(default_factory=dict)
    refusal: str = ""
    actions: list[str] = field(default_factory=list)
    moved_to: int | None = None

    @property
    def is_private(self) -> bool:
        return bool(self.described["type"] == "private")


@dataclass
class Callback:
    id: str
    user_id: int
    answered: bool = False
    expired: bool = False


@dataclass(frozen=True)
class Toast:
    callback_id: str
    user_id: int
    text: str
    alert: bool
    url: str


class Updates:
    """The queue of updates with the real one's rules of confirmation."""

    def __init__(self, first_id: int) -> None:
        self.next_id = first_id
        self.confirmed_below = first_id
        self.pending: list[JSON] = []
        self.every: dict[int, JSON] = {}
        self.again: list[JSON] = []
        self.allowed: frozenset[str] = frozenset()

    def add(self, update: JSON) -> int:
        """Queues an update and returns its id, one more than the last; an id of its own is kept."""
        update = {"update_id": self.next_id, **update}
        number = int(update["update_id"])
        self.next_id = max(self.next_id, number + 1)
        self.every[number] = update
        if self._is_wanted(update):
            self.pending.append(update)
        return number

    def _is_wanted(self, update: JSON) -> bool:
        kinds = update.keys() - {"update_id"}
        if self.allowed:
            return bool(kinds & self.allowed)
        return not kinds & UPDATES_NOT_SENT_UNLESS_ASKED

    def confirm(self, offset: int) -> None:
        """Forgets what is below `offset`; a negative one keeps only that many from the end."""
        if offset < 0:
            offset = self.pending[offset:][0]["update_id"] if self.pending else 0
        if offset:
            self.confirmed_below = max(self.confirmed_below, offset)
            self.pending = [update for update in self.pending if update["update_id"] >= offset]

    def take(self, limit: int) -> list[JSON]:
        """What one answer holds: first what is delivered again, which is then done with."""
        batch = (self.again + self.pending)[:limit]
        self.again = self.again[limit:]
        return batch


class World:
    def __init__(self, *, bot: JSON) -> None:
        self.changed = threading.Condition()
        self.bot = bot
        self.chats: dict[int, Chat] = {}
        self.updates = Updates(first_id=731_000_001)
        self.callbacks: dict[str, Callback] = {}
        self.toasts: list[Toast] = []
        self.files: dict[str, StoredFile] = {}
        self.commands: dict[tuple[str, str], list[JSON]] = {}
        self.descriptions: dict[str, str] = {}
        self.webhook: JSON = {}
        self.webhook_answers: list[tuple[int, int]] = []
        self.webhook_error: JSON = {}
        self.calls: list[Call] = []
        self.refusals: list[Refusal] = []
        self.violations: list[str] = []
        self.wake: Callable[[], None] = lambda: None
        self._private_messages = 0
        self._callback_number = 4_382_000_000

    def chat(self, chat_id: int | str, *, to_write: bool = False) -> Chat:
        chat = self.chats.get(chat_id) if isinstance(chat_id, int) else self._by_username(chat_id)
        if chat is None:
            raise circumstance("chat not found")
        if to_write and chat.refusal:
            raise forbidden(chat.refusal)
        if to_write and chat.moved_to is not None:
            raise moved(chat.moved_to)
        return chat

    def _by_username(self, name: str) -> Chat | None:
        public = [chat for chat in self.chats.values() if not chat.is_private]
        return next((chat for chat in public if f"@{chat.described.get('username')}" == name), None)

    def post(self, chat: Chat, *, sender: JSON, **content: Any) -> Message:
        """Adds a message. As in the real one, private chats share one count of ids, a group has its own."""
        if chat.is_private:
            self._private_messages += 1
            number = self._private_messages
        else:
            number = max(chat.messages, default=0) + 1
        message = Message(number, chat.described, sender, int(time.time()), **content)
        chat.messages[number] = message
        self.notify()
        return message

    def deliver(self, update: JSON) -> int:
        number = self.updates.add(update)
        self.notify()
        return number

    def new_callback(self, user_id: int) -> Callback:
        self._callback_number += 1
        callback = Callback(str(self._callback_number), user_id)
        self.callbacks[callback.id] = callback
        return callback

    def store_file(self, *, name: str, mime: str, content: bytes, folder: str) -> StoredFile:
        number = len(self.files) + 1
        ending = f".{name.rsplit('.', 1)[-1]}" if "." in name else ""
        file = StoredFile(f"BQAC{number:06}", f"{folder}/file_{number}{ending}", name, mime, content)
        self.files[file.file_id] = file
        return file

    def notify(self) -> None:
        """Wakes the waiting tests and the pending poll."""
        self.changed.notify_all()
        self.wake()
