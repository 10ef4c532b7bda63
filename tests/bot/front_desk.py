"""Tradewind behind a door that exists only in memory: the real way in, a real database, the real way out.

A `Room` is the platform: what people see in their chats. A `Desk` is one process; two of them may share a room.
"""

import asyncio
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bot.cards.keys import Keys
from bot.cards.screen import Form
from bot.config import Settings
from bot.delivery import Delivery
from bot.dispatcher import Dispatcher
from bot.gateway import Message, Vanished
from bot.inbound import CLOSED, FORM, PRESS, TEXT, Inbound
from bot.reception import Receipt, Reception
from bot.spool import Spool
from bot.standing import UP, Standing
from crm.core.database import Database
from crm.core.files import FileContent
from crm.core.work import UnitOfWork
from crm.people.identities import tie
from crm.people.people import Member

KEY = "k" * 32


@dataclass(frozen=True)
class Shown:
    """A message as it stands in a chat: drawn lines, and the keys behind its buttons."""

    ref: str
    chat: str
    lines: tuple[str, ...]
    buttons: tuple[tuple[str, str], ...] = ()
    form: Form | None = None
    trigger: str | None = None
    edits: int = 0
    document: FileContent | None = None

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def labels(self) -> list[str]:
        return [label for label, _ in self.buttons]

    def key(self, label: str) -> str:
        found = [key for shown, key in self.buttons if shown.endswith(label)]
        assert found, f"no button {label!r} under {self}"
        return found[0]


class Room:
    """What the people of this platform see, and everything that was sent or edited, in order."""

    def __init__(self) -> None:
        self.seen: dict[str, Shown] = {}
        self.calls: list[tuple[str, Shown]] = []
        self.failures: list[Exception] = []
        """Raised by the next calls, one each."""
        self.gates: list[asyncio.Event] = []
        """The next calls wait for these, one each."""
        self.arrivals = asyncio.Event()
        self._numbers = itertools.count(1)

    def chat(self, chat: str) -> list[Shown]:
        return [shown for shown in self.seen.values() if shown.chat == chat]

    def last(self, chat: str) -> Shown:
        assert self.chat(chat), f"nothing in {chat}"
        return self.chat(chat)[-1]

    async def send(self, message: Message) -> str:
        ref = f"m{next(self._numbers)}"
        await self._arrive()
        self._put("send", _drawn(message, ref))
        return ref

    async def edit(self, message: Message, ref: str) -> None:
        await self._arrive()
        if ref not in self.seen:
            raise Vanished(ref)
        self._put("edit", _drawn(message, ref, edits=self.seen[ref].edits + 1))

    async def retire(self, ref: str) -> None:
        retired = self.seen.pop(ref, None)
        if retired is not None:
            self.calls.append(("retire", retired))

    async def _arrive(self) -> None:
        self.arrivals.set()
        if self.gates:
            await self.gates.pop(0).wait()
        if self.failures:
            raise self.failures.pop(0)

    def _put(self, call: str, shown: Shown) -> None:
        self.seen[shown.ref] = shown
        self.calls.append((call, shown))


@dataclass
class MemoryDoor:
    """Delivery's and the application's view of the room."""

    room: Room
    name: str = "test"
    may_send: bool = True
    closed: bool = False

    @property
    def platform(self) -> str:
        return self.name

    @property
    def gateway(self) -> "MemoryDoor":
        return self

    async def send(self, message: Message) -> str:
        return await self.room.send(message)

    async def edit(self, message: Message, ref: str) -> None:
        await self.room.edit(message, ref)

    async def retire(self, chat_id: str, ref: str) -> None:
        await self.room.retire(ref)

    async def run(self, reception: Reception) -> None:
        await asyncio.Event().wait()

    async def close(self) -> None:
        self.closed = True

    def describe(self) -> Standing:
        return Standing(UP, "up")


@dataclass
class Desk:
    """One process of Tradewind in this room."""

    database: Database
    room: Room
    spool: Path
    worker: str = "one"
    settings: Settings = field(init=False)

    def __post_init__(self) -> None:
        self.settings = Settings(_env_file=None, secret_key=KEY, language="en", spool_dir=self.spool)  # type: ignore[arg-type,call-arg]
        self.keys = Keys(KEY)
        self.door = MemoryDoor(self.room)
        self.delivery = Delivery(self.database, [self.door], self.keys, self.settings, worker=self.worker)
        dispatcher = Dispatcher(self.database, self.settings, self.keys, worker=self.worker)
        self.reception = Reception(dispatcher, self.delivery, Spool(self.spool))
        self._ids = itertools.count(1)

    async def close(self) -> None:
        await self.reception.close()
        await self.delivery.close()

    # — people —

    def link(self, person: Member, account: str | None = None, platform: str = "test") -> str:
        """Tie an account to somebody, by default one of their first name; returns it: their chat is called so too."""
        account = account or person.name
        with self.database.write() as work:
            tie(work, platform=platform, account_id=account, person_id=person.id, chat_id=None)
        return account

    async def say(self, account: str, words: str, **more: Any) -> Receipt:
        return await self.take(self.inbound(account, TEXT, text=words, **_of_inbound(more)), **more)

    async def press(self, account: str, label: str, *, on: Shown | None = None, **more: Any) -> Receipt:
        """Press a button of the message `on`, by default of the last one in the chat that has it."""
        chat = more.get("chat_id", account)
        shown = on or next(one for one in reversed(self.room.chat(chat)) if any(b.endswith(label) for b in one.labels))
        pressed = {"button": shown.key(label), "message_ref": shown.ref, **_of_inbound(more)}
        return await self.take(self.inbound(account, PRESS, **pressed), **more)

    async def fill(self, account: str, values: Mapping[str, Any], *, token: str, **more: Any) -> Receipt:
        return await self.take(self.inbound(account, FORM, token=token, values=values, **_of_inbound(more)), **more)

    async def close_form(self, account: str, *, token: str, **more: Any) -> Receipt:
        return await self.take(self.inbound(account, CLOSED, token=token, **_of_inbound(more)), **more)

    def inbound(self, account: str, kind: str, **more: Any) -> Inbound:
        values = {"delivery_id": f"{self.worker}-{next(self._ids)}", "chat_id": account, **more}
        return Inbound(platform="test", account_id=account, kind=kind, **values)

    async def take(self, inbound: Inbound, *, settle: bool = True, patience: float | None = None, **_: Any) -> Receipt:
        receipt = await self.reception.receive(inbound, patience=patience)
        if settle:
            await self.delivery.settle()
        return receipt

    async def log_lead(self, account: str, company: str = "Ernst Handel", **more: Any) -> None:
        """The shortest way to a lead."""
        for words in (f"/lead {company}", "Roland"):
            await self.say(account, words, **more)
        for words in ("skip", "skip", "other", "500 LED panels"):
            await self.say(account, words, **more)
        await self.press(account, "To the review", **more)
        await self.press(account, "Confirm", **more)

    # — what is written —

    def rows(self, query: str, **values: Any) -> Sequence[Any]:
        with self.database.read() as work:
            return work.connection.execute(text(query), values).all()

    def leads(self) -> list[str]:
        return [row.company for row in self.rows("SELECT company FROM leads ORDER BY id")]

    def outbox(self) -> list[tuple[str, int]]:
        """Status and attempts of every row, in order."""
        return [(row.status, row.attempts) for row in self.rows("SELECT status, attempts FROM outbox ORDER BY id")]

    def write(self, act: Callable[[UnitOfWork], Any]) -> Any:
        with self.database.write() as work:
            return act(work)


def _of_inbound(more: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in more.items() if name not in {"settle", "patience"}}


def _drawn(message: Message, ref: str, edits: int = 0) -> Shown:
    words = message.wording
    lines = tuple(
        words(line.words) if line.label is None else f"{words(line.label)}: {words(line.words)}"
        for line in message.screen.lines
    )
    buttons = tuple(
        (f"{button.mark} {words(button.label)}".strip(), message.sign(button.action))
        for row in message.screen.rows
        for button in row
    )
    return Shown(ref, message.chat_id, lines, buttons, message.screen.form, message.trigger, edits, message.document)
