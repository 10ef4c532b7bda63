"""The workspace behind the counterpart: people, channels, messages, modals, triggers, under one lock.

Whoever reads or writes here holds `changed`; whoever writes notifies it.
"""

import itertools
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .limits import ACK_SECONDS, RESPONSE_URL_USES, TRIGGER_SECONDS
from .shown import Values, initial_values, kept_values, stored_blocks

Json = dict[str, Any]
T = TypeVar("T")

TEAM, APP, BOT_USER, BOT = "T0TEAM", "A0APP", "U0BOT", "B0BOT"


@dataclass
class Profile:
    """An account of the workspace."""

    id: str
    real_name: str
    locale: str
    tz: str
    email: str
    dm: str


@dataclass
class Channel:
    """A channel (that the bot is a member of or not), or the direct conversation of one person with the bot."""

    id: str
    name: str
    person: str | None = None
    has_bot: bool = True
    messages: list["Stored"] = field(default_factory=list)


@dataclass
class Stored:
    """A message as it stands now; `versions` counts the edits."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Json]
    values: Values
    thread_ts: str | None = None
    edits: int = 0
    seen_by: str | None = None

    def wire(self) -> Json:
        """The message inside a payload or an answer."""
        sent: Json = {"type": "message", "user": self.user, "ts": self.ts, "text": self.text, "team": TEAM}
        if self.user == BOT_USER:
            sent |= {"bot_id": BOT, "app_id": APP}
        if self.blocks:
            sent["blocks"] = self.blocks
        if self.thread_ts:
            sent["thread_ts"] = self.thread_ts
        if self.edits:
            sent["edited"] = {"user": self.user, "ts": f"{time.time():.6f}"}
        return sent


@dataclass(frozen=True)
class SharedFile:
    """A file that somebody sent; `size` is what Slack says of it."""

    id: str
    name: str
    mime: str
    content: bytes
    size: int

    def wire(self, base: str) -> Json:
        """The file inside an event."""
        return {
            "id": self.id,
            "name": self.name,
            "title": self.name,
            "mimetype": self.mime,
            "size": self.size,
            "mode": "hosted",
            "is_external": False,
            "url_private": f"{base}/files-pri/{self.id}/{self.name}",
            "url_private_download": f"{base}/files-pri/{self.id}/download/{self.name}",
        }


@dataclass
class OpenView:
    """A modal or home tab, with what its person has filled in so far."""

    id: str
    user: str
    definition: Json
    blocks: list[Json]
    values: Values
    hash: str
    root: str
    previous: str | None = None
    errors: dict[str, str] = field(default_factory=dict)

    def wire(self) -> Json:
        """The view inside a payload or an answer; state included."""
        given = self.definition
        return {
            "id": self.id,
            "team_id": TEAM,
            "type": given["type"],
            "blocks": self.blocks,
            "private_metadata": given.get("private_metadata", ""),
            "callback_id": given.get("callback_id", ""),
            "state": {"values": {b: {a: dict(s) for a, s in actions.items()} for b, actions in self.values.items()}},
            "hash": self.hash,
            "title": given.get("title"),
            "clear_on_close": given.get("clear_on_close", False),
            "notify_on_close": given.get("notify_on_close", False),
            "close": given.get("close"),
            "submit": given.get("submit"),
            "previous_view_id": self.previous,
            "root_view_id": self.root,
            "app_id": APP,
            "external_id": given.get("external_id", ""),
            "app_installed_team_id": TEAM,
            "bot_id": BOT,
        }


@dataclass
class Trigger:
    """A right to open one modal, for three seconds."""

    user: str
    view: str | None
    issued: float
    used: bool = False


@dataclass
class ResponseUrl:
    """A right to answer into a conversation without a token, five times."""

    user: str
    channel: str
    message: str | None
    left: int = RESPONSE_URL_USES


class Workspace:
    """Everything that Slack would remember."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        self.changed = threading.Condition()
        self.clock = clock
        self.ack_seconds = ACK_SECONDS
        """How late an acknowledgement may come; more where a crowd on a busy machine asks for order, not for speed."""
        self.people: dict[str, Profile] = {}
        self.channels: dict[str, Channel] = {}
        self.views: dict[str, OpenView] = {}
        self.stacks: dict[str, list[OpenView]] = {}
        self.homes: dict[str, OpenView] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.files: dict[str, SharedFile] = {}
        self.uploaded: list[tuple[str, SharedFile]] = []
        self.beside_uploads: list[str] = []
        self.violations: list[str] = []
        self._seconds = int(time.time())
        self._numbers = itertools.count(100)

    def wait_until(self, seek: Callable[[], T | None], *, timeout: float, what: Callable[[], str] | str) -> T:
        """The first true answer of `seek`, asked at every change; AssertionError after `timeout` seconds."""
        found: list[T] = []

        def look() -> bool:
            answer = seek()
            if answer:
                found.append(answer)
            return bool(answer)

        with self.changed:
            if not self.changed.wait_for(look, timeout):
                text = what() if callable(what) else what
                raise AssertionError(f"not within {timeout} s: {text}; violations: {self.violations}")
        return found[0]

    def violate(self, problem: str) -> None:
        """Keep what the app did that Slack does not allow."""
        with self.changed:
            self.violations.append(problem)
            self.changed.notify_all()

    def new_ts(self) -> str:
        """A message's time, which is its id: unique and growing."""
        return f"{self._seconds}.{next(self._numbers):06d}"

    def new_trigger(self, user: str, view: str | None = None) -> str:
        trigger = f"{next(self._numbers)}.{secrets.randbelow(10**9)}.{secrets.token_hex(16)}"
        self.triggers[trigger] = Trigger(user=user, view=view, issued=self.clock())
        return trigger

    def take_trigger(self, trigger_id: str) -> Trigger | str:
        """The trigger if it is fresh, otherwise the error; it is not used up yet."""
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            return "invalid_arguments"
        if trigger.used:
            return "exchanged_trigger_id"
        if self.clock() - trigger.issued > TRIGGER_SECONDS:
            return "expired_trigger_id"
        return trigger

    def new_response_url(self, user: str, channel: str, message: str | None) -> str:
        key = secrets.token_hex(12)
        self.response_urls[key] = ResponseUrl(user, channel, message)
        return key

    def post(
        self,
        channel: Channel,
        *,
        user: str,
        text: str,
        blocks: list[Json],
        thread_ts: str | None = None,
        seen_by: str | None = None,
    ) -> Stored:
        """A new message in a channel; `seen_by` makes it ephemeral."""
        kept = stored_blocks(blocks)
        stored = Stored(
            self.new_ts(),
            channel.id,
            user,
            text,
            kept,
            initial_values(kept),
            thread_ts=thread_ts,
            seen_by=seen_by,
        )
        channel.messages.append(stored)
        return stored

    def rewrite(self, stored: Stored, *, text: str | None, blocks: list[Json] | None) -> None:
        """An edit; `blocks` None leaves them."""
        stored.edits += 1
        if text is not None:
            stored.text = text
        if blocks is not None:
            stored.blocks = stored_blocks(blocks)
            stored.values = kept_values(stored.values, stored.blocks)

    def new_file(self, name: str, content: bytes, mime: str, *, size: int | None) -> SharedFile:
        """A file kept here, to be downloaded with the bot's token."""
        told = len(content) if size is None else size
        file = SharedFile(f"F{next(self._numbers):08d}", name, mime, content, told)
        self.files[file.id] = file
        return file

    def find(self, channel: str, ts: str) -> Stored | None:
        room = self.channels.get(channel)
        return next((stored for stored in room.messages if stored.ts == ts), None) if room else None

    def new_view(self, user: str, definition: Json, *, under: OpenView | None = None) -> OpenView:
        """A modal on top of `under`, or a first one that replaces what was open; or a home tab."""
        view_id = f"V{next(self._numbers):08d}"
        blocks = stored_blocks(definition["blocks"])
        view = OpenView(
            id=view_id,
            user=user,
            definition=definition,
            blocks=blocks,
            values=initial_values(blocks),
            hash=self._new_hash(),
            root=under.root if under else view_id,
            previous=under.id if under else None,
        )
        self.views[view_id] = view
        if definition["type"] == "home":
            self.homes[user] = view
        elif under is None:
            self.stacks[user] = [view]
        else:
            self.stacks[user].append(view)
        return view

    def redraw(self, view: OpenView, definition: Json) -> None:
        """Another content for the same view; fields with the same ids keep what was filled in."""
        view.definition = definition
        view.blocks = stored_blocks(definition["blocks"])
        view.values = kept_values(view.values, view.blocks)
        view.hash = self._new_hash()
        view.errors = {}

    def is_open(self, view: OpenView) -> bool:
        return view in self.stacks.get(view.user, []) or self.homes.get(view.user) is view

    def close_view(self, view: OpenView) -> None:
        """Take a modal off its stack; what was under it shows again."""
        stack = self.stacks.get(view.user, [])
        if view in stack:
            stack.remove(view)

    def _new_hash(self) -> str:
        return f"{int(time.time())}.{secrets.token_urlsafe(6)}"
