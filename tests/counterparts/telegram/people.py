"""The other side of the chat: people who type, press and read, and the groups they do it in.

Every method may be called from any thread, returns at once, and shows the state at that moment. Only the
`wait_*` ones wait until what they wait for is there, and when the time is over fail with the chat's contents.
They block their thread: where the bot runs on the test's loop, put them in another (`asyncio.to_thread`).
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.counterparts.patience import PATIENCE
from tests.counterparts.telegram.world import JSON, Callback, Chat, Message, StoredFile, Toast, World

Answer = Toast
_COMMAND = re.compile(r"/[A-Za-z0-9_]{1,64}(@\w+)?(?=\s|$)")


class Button(NamedTuple):
    """`data` is the callback data, or None for a button that opens an address or copies a text."""

    text: str
    data: str | None


@dataclass(frozen=True)
class ShownMessage:
    """A message as it stood when it was looked at; later edits need another look.

    `text` is what one reads, `html` what the bot sent; `keyboard` are the labels of a reply keyboard,
    `links` the addresses of URL buttons by label.
    """

    id: int
    chat_id: int
    from_bot: bool
    text: str
    html: str
    buttons: tuple[tuple[Button, ...], ...]
    edits: int
    reply_to: int | None
    links: dict[str, str] = field(default_factory=dict)
    keyboard: tuple[tuple[str, ...], ...] = ()
    file: StoredFile | None = None

    @property
    def edited(self) -> bool:
        return self.edits > 0

    @property
    def labels(self) -> list[str]:
        return [button.text for row in self.buttons for button in row]


class ChatView:
    """One chat as its members see it."""

    def __init__(self, world: World, chat: Chat) -> None:
        self._world = world
        self._chat = chat
        self.id: int = chat.described["id"]

    def messages(self, *, everything: bool = False) -> list[ShownMessage]:
        """The bot's messages as they are now, in order, deleted ones left out; `everything`: people's too."""
        with self._world.changed:
            shown = [_shown(message, self._world.bot) for message in self._live()]
        return [message for message in shown if everything or message.from_bot]

    def wait_for(
        self,
        wanted: str | Callable[[ShownMessage], bool],
        timeout: float = PATIENCE,
        *,
        after: int = 0,
    ) -> ShownMessage:
        """The bot's first message with an id above `after` that holds the text or satisfies the predicate."""
        found: list[ShownMessage] = []

        def look() -> bool:
            fitting = (
                message
                for message in self.messages()
                if message.id > after and (wanted in message.text if isinstance(wanted, str) else wanted(message))
            )
            found[:] = [first] if (first := next(fitting, None)) else []
            return bool(found)

        what = repr(wanted) if isinstance(wanted, str) else "what was waited for"
        with self._world.changed:
            seen = self._world.changed.wait_for(look, timeout)
        assert seen, f"no message with {what} within {timeout} s; the chat shows:\n{self.transcript()}"
        return found[0]

    def actions(self) -> list[str]:
        """What the bot was shown to be doing ("typing"), in order."""
        with self._world.changed:
            return list(self._chat.actions)

    def transcript(self) -> str:
        lines = []
        for message in self.messages(everything=True):
            who = "bot" if message.from_bot else "user"
            edits = f" (edited {message.edits}×)" if message.edited else ""
            rows = "".join("\n    " + " ".join(f"[{button.text}]" for button in row) for row in message.buttons)
            lines.append(f"{message.id} {who}{edits}: {message.text}{rows}")
        return "\n".join(lines) or "(nothing)"

    def _live(self) -> list[Message]:
        return [message for message in self._chat.messages.values() if not message.deleted]

    def _latest_with_buttons(self) -> ShownMessage:
        latest = next((message for message in reversed(self.messages()) if message.buttons), None)
        assert latest, f"no message with buttons; the chat shows:\n{self.transcript()}"
        return latest


class TelegramGroup(ChatView):
    """A supergroup (or a plain group, by its `type`) with the bot in it, that reads everything (privacy mode off)."""

    def removes_bot(self) -> None:
        with self._world.changed:
            self._chat.refusal = "bot was kicked from the supergroup chat"
            member = {
                "chat": self._chat.described,
                "from": {"id": 1, "is_bot": False, "first_name": "Admin"},
                "date": int(time.time()),
                "old_chat_member": _member(self._world.bot, "member"),
                "new_chat_member": _member(self._world.bot, "kicked"),
            }
            self._world.deliver({"my_chat_member": member})

    def becomes_supergroup(self, group_id: int, *, told: bool = True) -> "TelegramGroup":
        """The group has another id from now on and its messages none; returns the new one.

        Unless `told` the bot finds out when it writes to the old one.
        """
        with self._world.changed:
            described = {**self._chat.described, "id": group_id, "type": "supergroup"}
            self._world.chats[group_id] = Chat(described)
            self._chat.moved_to = group_id
            there = self._world.chats[group_id]
            admin = {"id": 1, "is_bot": False, "first_name": "Admin"}
            notes = [
                self._world.post(self._chat, sender=admin, extra={"migrate_to_chat_id": group_id}),
                self._world.post(there, sender=admin, extra={"migrate_from_chat_id": self.id}),
            ]
            for note in notes if told else ():
                self._world.deliver({"message": note.to_json()})
            return TelegramGroup(self._world, there)


class TelegramUser:
    """A person with a private chat open to the bot, who speaks there, or in a group given as `chat`."""

    def __init__(self, world: World, described: JSON) -> None:
        self._world = world
        self._described = described
        self.id: int = described["id"]
        names = {name: value for name, value in described.items() if name in _NAMES}
        self._private = world.chats.setdefault(self.id, Chat({"id": self.id, "type": "private", **names}))
        self.chat = ChatView(world, self._private)

    def say(
        self,
        text: str,
        *,
        chat: ChatView | None = None,
        reply_to: ShownMessage | None = None,
        forwarded_from: str | JSON | None = None,
    ) -> int:
        """Sends a text exactly as given; returns the update's id.

        `forwarded_from` is the name of somebody who hides their account, or a whole origin.
        """
        command = _COMMAND.match(text)
        entities = ({"type": "bot_command", "offset": 0, "length": len(command[0])},) if command else ()
        extra: JSON = {}
        if forwarded_from is not None:
            hidden = {"type": "hidden_user", "date": int(time.time()), "sender_user_name": forwarded_from}
            extra["forward_origin"] = hidden if isinstance(forwarded_from, str) else forwarded_from
        return self._send(chat, reply_to, text=text, entities=entities, extra=extra)

    def share_contact(
        self, phone_number: str, first_name: str, *, last_name: str = "", user_id: int | None = None, vcard: str = ""
    ) -> int:
        """Sends a contact card, with `user_id` of someone who is on Telegram; returns the update's id."""
        card: JSON = {"phone_number": phone_number, "first_name": first_name}
        card |= {"last_name": last_name} if last_name else {}
        card |= {"user_id": user_id} if user_id is not None else {}
        card |= {"vcard": vcard} if vcard else {}
        return self._send(None, None, extra={"contact": card})

    def send_file(
        self,
        name: str,
        content: bytes,
        *,
        mime: str = "application/octet-stream",
        caption: str = "",
        chat: ChatView | None = None,
        reply_to: ShownMessage | None = None,
        album: str = "",
    ) -> int:
        """Sends a document, which the bot can fetch with getFile; returns the update's id.

        `album`: the same text for all that are sent as one.
        """
        with self._world.changed:
            file = self._world.store_file(name=name, mime=mime, content=content, folder="documents")
        extra = {"media_group_id": album} if album else {}
        return self._send(chat, reply_to, text=caption, file=file, extra=extra)

    def send_photo(self, content: bytes, *, caption: str = "") -> int:
        """Sends a picture; returns the update's id."""
        with self._world.changed:
            file = self._world.store_file(name="photo.jpg", mime="image/jpeg", content=content, folder="photos")
        return self._send(None, None, text=caption, file=file, photo_size=(1280, 960))

    def edits(self, update_id: int, text: str) -> int:
        """Changes what they said with that update; returns the id of the update that tells of it."""
        with self._world.changed:
            said = self._world.updates.every[update_id]["message"]
            message = self._world.chats[said["chat"]["id"]].messages[said["message_id"]]
            message.text, message.edited_at = text, int(time.time())
            return self._world.deliver({"edited_message": message.to_json()})

    def press(
        self,
        wanted: str | Callable[[Button], bool],
        message: ShownMessage | None = None,
        *,
        chat: ChatView | None = None,
    ) -> str:
        """Presses a button by its text, or the first for which `wanted` is true; returns the callback's id.

        Without `message` it is the bot's latest one that has buttons; a message looked at earlier is pressed
        as it was then, like on a screen that has not caught up.
        """
        view = chat or self.chat
        with self._world.changed:
            where = message or view._latest_with_buttons()
            buttons = [button for row in where.buttons for button in row]
            fits = (lambda button: button.text == wanted) if isinstance(wanted, str) else wanted
            button = next(filter(fits, buttons), None)
            assert button, f"no such button as {wanted!r}; the chat shows:\n{view.transcript()}"
            assert button.data is not None, f"[{button.text}] opens an address, it does not call back"
            return self.press_data(where, button.data)

    def press_data(self, message: ShownMessage, data: str) -> str:
        """Sends a callback query with any data at all, as a forged client can; returns its id."""
        with self._world.changed:
            chat = self._world.chats[message.chat_id]
            current = chat.messages[message.id]
            gone = {"message_id": current.id, "chat": chat.described, "date": 0}
            callback: Callback = self._world.new_callback(self.id)
            query = {
                "id": callback.id,
                "from": self._described,
                "message": gone if current.deleted else current.to_json(),
                "chat_instance": str(7_000_000_000 + message.chat_id),
                "data": data,
            }
            self._world.deliver({"callback_query": query})
            return callback.id

    def blocks_bot(self) -> None:
        """From now on the bot may not write here; it learns so by a `my_chat_member` update."""
        self._set_membership("member", "kicked", refusal="bot was blocked by the user")

    def unblocks_bot(self) -> None:
        self._set_membership("kicked", "member", refusal="")

    def messages(self, *, everything: bool = False) -> list[ShownMessage]:
        return self.chat.messages(everything=everything)

    def wait_for(
        self,
        wanted: str | Callable[[ShownMessage], bool],
        timeout: float = PATIENCE,
        *,
        after: int = 0,
    ) -> ShownMessage:
        return self.chat.wait_for(wanted, timeout, after=after)

    def answers(self) -> list[Answer]:
        """The answers to this person's presses in order, empty ones (that only stop the clock) included."""
        with self._world.changed:
            return [toast for toast in self._world.toasts if toast.user_id == self.id]

    def wait_for_answer(self, callback_id: str, timeout: float = PATIENCE) -> Answer:
        with self._world.changed:
            seen = self._world.changed.wait_for(lambda: self._answer(callback_id), timeout)
        assert seen, f"callback {callback_id} was not answered within {timeout} s"
        return seen

    def _answer(self, callback_id: str) -> Answer | None:
        return next((toast for toast in self._world.toasts if toast.callback_id == callback_id), None)

    def _send(self, view: ChatView | None, reply_to: ShownMessage | None, **content: object) -> int:
        with self._world.changed:
            chat = self._world.chats[view.id] if view else self._private
            replied = chat.messages[reply_to.id] if reply_to else None
            message = self._world.post(chat, sender=self._described, reply_to=replied, **content)
            return self._world.deliver({"message": message.to_json()})

    def _set_membership(self, old: str, new: str, *, refusal: str) -> None:
        with self._world.changed:
            self._private.refusal = refusal
            member = {
                "chat": self._private.described,
                "from": self._described,
                "date": int(time.time()),
                "old_chat_member": _member(self._world.bot, old),
                "new_chat_member": _member(self._world.bot, new),
            }
            self._world.deliver({"my_chat_member": member})


_NAMES = frozenset({"first_name", "last_name", "username"})


def _member(bot: JSON, status: str) -> JSON:
    return {"user": bot, "status": status} | ({"until_date": 0} if status == "kicked" else {})


def _shown(message: Message, bot: JSON) -> ShownMessage:
    inline = (message.inline or {}).get("inline_keyboard", [])
    reply = (message.keyboard or {}).get("keyboard", [])
    return ShownMessage(
        id=message.id,
        chat_id=message.chat["id"],
        from_bot=message.sender == bot,
        text=message.text,
        html=message.source,
        buttons=tuple(tuple(Button(button["text"], button.get("callback_data")) for button in row) for row in inline),
        edits=message.edits,
        reply_to=message.reply_to.id if message.reply_to else None,
        links={button["text"]: button["url"] for row in inline for button in row if "url" in button},
        keyboard=tuple(tuple(button["text"] for button in row) for row in reply),
        file=message.file,
    )
