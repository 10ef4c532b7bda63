"""Drawing what is due in a chat: rows of the outbox and copies of cards become parcels, ready to be sent."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from bot.cards import labels
from bot.cards.deck import CARDS, FOR_EVERYBODY, OUTLIVED
from bot.cards.keys import Keys
from bot.cards.screen import Button, Screen, say, unpack_screen
from bot.cards.told import draw_told
from bot.config import Settings
from bot.gateway import Message
from bot.wording import Wording, wording
from crm.core import copies, outbox
from crm.core.copies import CardCopy
from crm.core.errors import TradewindError
from crm.core.files import read_file
from crm.core.outbox import Chat, Lane
from crm.core.text import T, Text, unpack
from crm.core.work import UnitOfWork
from crm.people.people import Member
from crm.people.quiet import SILENT, find_reader, is_urgent

BATCH = 10


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message ready to go: a row of the outbox (`row_id`), a copy of a card (`copy_id`, `version`), or both.

    `replaces`: the message to be edited; `retires`: the row of the question that this one takes the place of, with
    `retires_ref` where that was sent before. `refused`: why its reader may not have it (any more). `file`: id and name
    of the one it brings, which `with_file` reads when its turn has come. `held_until`: its reader has quiet hours.
    """

    platform: str
    message: Message
    row_id: int | None = None
    copy_id: int | None = None
    version: int = 0
    replaces: str | None = None
    retires: int | None = None
    retires_ref: str | None = None
    refused: Text | None = None
    file: tuple[int, str] | None = None
    trace: str | None = None
    held_until: datetime | None = None


_CHAT = select(Chat.platform, Chat.external_id, Chat.is_private).where(Chat.id == bindparam("chat"))
_COPY = select(CardCopy.__table__).where(CardCopy.id == bindparam("copy"))


def pack(work: UnitOfWork, chat_id: int, *, keys: Keys, settings: Settings, with_copies: bool = True) -> list[Parcel]:
    """Everything due in this chat, in the order in which it leaves, at most BATCH of each kind.

    `with_copies` False: messages only, and not the cards that have fallen behind.
    """
    rows = outbox.waiting(work, chat_id=chat_id, most=BATCH)
    behind = copies.copies_behind(work, chat_id=chat_id)[:BATCH] if with_copies else []
    if not rows and not behind:
        return []
    chat = work.connection.execute(_CHAT, {"chat": chat_id}).one()
    packer = _Packer(work, chat, keys, settings)
    return [packer.row(row) for row in rows] + [packer.copy(copy) for copy in behind]


def with_file(work: UnitOfWork, parcel: Parcel) -> Message:
    """The message with its file's content."""
    assert parcel.file is not None
    file_id, name = parcel.file
    found = read_file(work, file_id=file_id, name=name)
    if found is None:
        return replace(parcel.message, screen=say(T("The file is no longer there.")))
    return replace(parcel.message, document=found)


class _Packer:
    """Draws for one chat; people are looked up once."""

    def __init__(self, work: UnitOfWork, chat: Any, keys: Keys, settings: Settings) -> None:
        self._work = work
        self._chat = chat
        self._keys = keys
        self._settings = settings
        self._readers: dict[int, tuple[Member, datetime | None]] = {}

    def row(self, row: Any) -> Parcel:
        person = self._person(row.person_id)
        if "copy" in row.payload:
            copy = self._work.connection.execute(_COPY, {"copy": row.payload["copy"]}).one()
            parcel = self._card(copy, person)
            if row.not_before is not None and parcel.refused is None and self._is_outlived(copy, person):
                parcel = replace(parcel, refused=_OUTLIVED)
        elif "card" in row.payload:
            parcel = self._parcel(*self._drawn(row.payload["card"][0], row.payload["card"][1], person))
        elif "notice" in row.payload:
            parcel = self._parcel(_notice(row.payload), person)
        else:
            parcel = self._parcel(unpack_screen(row.payload["screen"]), person)
        if person is not None and not person.is_active:
            # Said instead of it, in case it was to replace a message that is there already.
            said = self._parcel(say(_DISABLED), person).message
            parcel = replace(parcel, message=said, refused=_DISABLED)
        if person is None and "language" in row.payload:
            guessed = wording(row.payload["language"], self._settings.timezone)
            parcel = replace(parcel, message=replace(parcel.message, wording=guessed))
        if "file" in row.payload and parcel.refused is None:
            file_id, name = row.payload["file"]
            parcel = replace(parcel, file=(file_id, name))
        shown_in, only_for = row.payload.get("only_in", ("", ""))
        instead = row.payload.get("instead")
        message = replace(
            parcel.message,
            trigger=row.payload.get("trigger"),
            written_at=row.created_at,
            lane=row.lane,
            shown_in=shown_in,
            only_for=only_for,
            instead=None if instead is None else unpack_screen(instead),
        )
        replaces = row.payload.get("replaces")
        retires = row.payload.get("retires")
        return replace(
            parcel,
            message=message,
            row_id=row.id,
            replaces=replaces,
            retires=retires,
            retires_ref=None if retires is None else outbox.message_ref(self._work, row_id=retires),
            trace=row.trace,
            held_until=self._held_until(row),
        )

    def _is_outlived(self, copy: Any, person: Member | None) -> bool:
        is_so = OUTLIVED.get(copy.card)
        return is_so is not None and person is not None and is_so(self._work, copy.subject_id, person)

    def _held_until(self, row: Any) -> datetime | None:
        """It was written before its reader's quiet hours began, or held nowhere: it waits all the same."""
        if row.lane == Lane.REPLY or self._chat.platform in SILENT or is_urgent(row.payload):
            return None
        return None if row.person_id is None else self._readers[row.person_id][1]

    def copy(self, copy: Any) -> Parcel:
        """A copy that has fallen behind: to be edited, even if only to say that it is not for its reader any more."""
        parcel = self._card(copy, self._person(copy.person_id))
        return replace(parcel, message=replace(parcel.message, lane=Lane.DECISION), replaces=copy.message_ref)

    def _card(self, copy: Any, person: Member | None) -> Parcel:
        screen, person, refused = self._drawn(copy.card, copy.subject_id, person)
        parcel = self._parcel(screen, person)
        return replace(parcel, copy_id=copy.id, version=copy.wanted, refused=refused)

    def _drawn(self, card: str, subject_id: int, person: Member | None) -> tuple[Screen, Member | None, Text | None]:
        """The card as this person may see it, or as everybody in a shared chat may; else why not."""
        try:
            if person is None and not self._chat.is_private and card in FOR_EVERYBODY:
                return FOR_EVERYBODY[card](self._work, subject_id), None, None
            if person is None or not person.is_active:
                raise TradewindError(_DISABLED)
            return CARDS[card](self._work, subject_id, person), person, None
        except TradewindError as error:
            return say(error.text), person, error.text

    def _parcel(self, screen: Screen, person: Member | None, refused: Text | None = None) -> Parcel:
        sign = self._sign()
        if screen.form is not None:
            screen = replace(screen, form=replace(screen.form, token=sign(screen.form.token)))
        message = Message(
            chat_id=self._chat.external_id,
            is_private=bool(self._chat.is_private),
            screen=screen,
            wording=self._wording(person),
            sign=sign,
        )
        return Parcel(self._chat.platform, message, refused=refused)

    def _sign(self) -> Callable[[str], str]:
        platform, chat_id, keys = self._chat.platform, self._chat.external_id, self._keys
        return lambda action: keys.seal(action, platform=platform, chat_id=chat_id)

    def _wording(self, person: Member | None) -> Wording:
        if person is None:
            return wording(self._settings.language, self._settings.timezone)
        return wording(person.language, person.timezone)

    def _person(self, person_id: int | None) -> Member | None:
        if person_id is None:
            return None
        if person_id not in self._readers:
            self._readers[person_id] = find_reader(self._work, person_id=person_id)
        return self._readers[person_id][0]


def _notice(payload: dict[str, Any]) -> Screen:
    """What `crm.people.reach.tell` wrote: its text, and buttons to the card it is about and to what it offers."""
    if "lines" in payload:
        return _list(payload)
    about = payload.get("about")
    buttons = [] if about is None else [Button(labels.OPEN, f"{about[0]}.open:{about[1]}")]
    if about is not None and payload.get("offers") in _OFFERS:
        buttons.append(Button(_OFFERS[payload["offers"]], f"{about[0]}.{payload['offers']}:{about[1]}", "primary"))
    return say(unpack(payload["notice"]), *buttons)


def _list(payload: dict[str, Any]) -> Screen:
    """What `crm.people.listing.tell_lines` wrote."""
    told = [(unpack(line), kind, record) for line, kind, record in payload["lines"]]
    return draw_told(unpack(payload["notice"]), told, payload["more"])


_OFFERS = {"resubmit": labels.RESUBMIT, "answer": labels.ANSWER, "delay_text": labels.DELAY_TEXT}


_OUTLIVED = T("This was decided in the meantime.")
_DISABLED = T("This is not for you any more.")
