"""What a person sees: conversations with their messages, and modals. Copies, taken under the lock."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.counterparts.patience import PATIENCE

from . import forms
from .shown import buttons, inputs, is_empty, text_of
from .workspace import BOT_USER, OpenView, Stored, Workspace

Json = dict[str, Any]


@dataclass(frozen=True)
class Message:
    """A message as it shows now; `shown` is what one reads: the blocks' text, without blocks the text."""

    ts: str
    user: str
    text: str
    blocks: list[Json]
    buttons: tuple[str, ...]
    shown: str
    edits: int
    thread_ts: str | None

    @property
    def from_bot(self) -> bool:
        return self.user == BOT_USER


@dataclass(frozen=True)
class View:
    """A modal or home tab as it shows now; `fields` are the labels of its inputs, `errors` by label."""

    id: str
    hash: str
    title: str
    submit: str | None
    close: str | None
    callback_id: str
    private_metadata: str
    blocks: list[Json]
    fields: tuple[str, ...]
    values: dict[str, Any]
    buttons: tuple[str, ...]
    shown: str
    errors: dict[str, str]


class Room:
    """A conversation, as those see it who are in it."""

    def __init__(self, workspace: Workspace, channel_id: str, reader: str | None = None) -> None:
        self.workspace = workspace
        self.channel_id = channel_id
        self.reader = reader

    def messages(self) -> list[Message]:
        """What everybody here sees, oldest first."""
        return self._seen(None)

    def ephemerals(self) -> list[Message]:
        """What only the reader sees."""
        return self._seen(self.reader)

    def wait_for(
        self, wanted: str | Callable[[Message], bool], *, timeout: float = PATIENCE, after: str = ""
    ) -> Message:
        """The first message later than `after` (a ts) that shows `wanted`, or for which it holds."""

        def fits(message: Message) -> bool:
            return wanted in message.shown if isinstance(wanted, str) else wanted(message)

        def seek() -> Message | None:
            seen = [*self.messages(), *(self.ephemerals() if self.reader else [])]
            return next((message for message in seen if message.ts > after and fits(message)), None)

        def what() -> str:
            return f"{wanted!r} in {self.channel_id}; there is {[message.shown for message in self.messages()]}"

        return self.workspace.wait_until(seek, timeout=timeout, what=what)

    def _seen(self, reader: str | None) -> list[Message]:
        with self.workspace.changed:
            stored = self.workspace.channels[self.channel_id].messages
            return [_message(one) for one in stored if one.seen_by == reader]


def _message(stored: Stored) -> Message:
    return Message(
        ts=stored.ts,
        user=stored.user,
        text=stored.text,
        blocks=stored.blocks,
        buttons=buttons(stored.blocks),
        shown=text_of(stored.blocks) if stored.blocks else stored.text,
        edits=stored.edits,
        thread_ts=stored.thread_ts,
    )


def view_of(view: OpenView) -> View:
    given = view.definition
    fields = inputs(view.blocks)
    states = {label: view.values[c.block["block_id"]][c.element["action_id"]] for label, c in fields.items()}
    labels = {control.block["block_id"]: label for label, control in fields.items()}
    return View(
        id=view.id,
        hash=view.hash,
        title=given.get("title", {}).get("text", ""),
        submit=given["submit"]["text"] if "submit" in given else None,
        close=given["close"]["text"] if "close" in given else None,
        callback_id=given.get("callback_id", ""),
        private_metadata=given.get("private_metadata", ""),
        blocks=view.blocks,
        fields=tuple(fields),
        values={label: None if is_empty(state) else forms.plain(state) for label, state in states.items()},
        buttons=buttons(view.blocks),
        shown=text_of(view.blocks),
        errors={labels[block_id]: text for block_id, text in view.errors.items()},
    )
