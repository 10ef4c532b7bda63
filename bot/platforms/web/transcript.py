"""What was said in the browser chats. Telegram keeps a chat's messages on its servers; this door keeps them itself.

Every line and every edit of one takes its chat's next number, `seq`, under the lock of the chat's row: who has
read up to N has read everything below N, whichever process wrote it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Row,
    Select,
    String,
    UniqueConstraint,
    and_,
    bindparam,
    insert,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.files import FileContent, read_file
from crm.core.tables import Base
from crm.core.types import Id, Json, UTCDateTime
from crm.core.work import UnitOfWork
from crm.people.people import Person

PERSON, BOT = "person", "bot"


class WebChat(Base):
    """One person's chat in the browser: `external_id` is the house's name for it, `seq` the last number given."""

    __tablename__ = "web_chats"

    external_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    seq: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))


class WebMessage(Base):
    """One line. `body` is `{"text": …}` of a person, or what the renderer drew; `seq` that of its last change.

    `client_id` is the page's own name for a line it has sent, by which it knows the line again.
    """

    __tablename__ = "web_messages"
    __table_args__ = (UniqueConstraint("chat_id", "seq"), Index(None, "chat_id", "id"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    chat_id: Mapped[str] = mapped_column(String(100), ForeignKey("web_chats.external_id"))
    seq: Mapped[int] = mapped_column(BigInteger)
    author: Mapped[str] = mapped_column(String(10))
    body: Mapped[dict[str, Any]] = mapped_column(Json)
    client_id: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    edited_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


@dataclass(frozen=True, slots=True)
class Head:
    """How far a chat has come, and how its person reads."""

    seq: int
    language: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a chat as it is now."""

    id: int
    chat: str
    seq: int
    author: str
    body: Mapping[str, Any]
    client_id: str | None
    created_at: datetime
    edited_at: datetime | None


class NoSuchChat(Exception):
    """Nobody has opened this chat; the text is its id."""


_CHATS = WebChat.table()
_MESSAGES = WebMessage.table()
_PEOPLE = Person.table()
_COLUMNS = (
    _MESSAGES.c.id,
    _MESSAGES.c.chat_id,
    _MESSAGES.c.seq,
    _MESSAGES.c.author,
    _MESSAGES.c.body,
    _MESSAGES.c.client_id,
    _MESSAGES.c.created_at,
    _MESSAGES.c.edited_at,
)
_NEXT = (
    update(_CHATS).where(_CHATS.c.external_id == bindparam("chat")).values(seq=_CHATS.c.seq + 1).returning(_CHATS.c.seq)
)
_ADD = insert(_MESSAGES).returning(_MESSAGES.c.id)
_EDIT = (
    update(_MESSAGES)
    .where(
        _MESSAGES.c.id == bindparam("message"),
        _MESSAGES.c.chat_id == bindparam("chat"),
        _MESSAGES.c.author == literal_column(f"'{BOT}'"),
    )
    .values(
        seq=bindparam("number"),
        body=bindparam("drawn", type_=_MESSAGES.c.body.type),
        edited_at=bindparam("now", type_=UTCDateTime),
    )
)


def open_chat(work: UnitOfWork, *, chat: str, person_id: int) -> None:
    """Make this chat, or give it to this person; holds its row until the commit."""
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[work.connection.dialect.name]
    row = dialect.insert(_CHATS).values(external_id=chat, person_id=person_id)
    work.connection.execute(
        row.on_conflict_do_update(index_elements=[_CHATS.c.external_id], set_={"person_id": row.excluded.person_id})
    )


def add_line(work: UnitOfWork, *, chat: str, author: str, body: Mapping[str, Any], client_id: str | None = None) -> int:
    """Write one line at the end of a chat; returns its id. Raises NoSuchChat."""
    values = {
        "chat_id": chat,
        "seq": _next_seq(work, chat),
        "author": author,
        "body": dict(body),
        "client_id": client_id,
        "created_at": work.now,
    }
    return int(work.connection.execute(_ADD, values).scalar_one())


def edit_line(work: UnitOfWork, *, chat: str, message_id: int, body: Mapping[str, Any]) -> bool:
    """Make a line of the bot in this chat show `body` instead; False when there is none such. Raises NoSuchChat."""
    values = {"message": message_id, "chat": chat, "drawn": dict(body), "now": work.now}
    return work.connection.execute(_EDIT, {**values, "number": _next_seq(work, chat)}).rowcount == 1


def retire_line(work: UnitOfWork, *, chat: str, message_id: int) -> None:
    """Leave of a question of the bot what was asked: its answer and those before it stand in the next one.

    Raises NoSuchChat.
    """
    where = (_MESSAGES.c.id == message_id, _MESSAGES.c.chat_id == chat, _MESSAGES.c.author == BOT)
    body = work.connection.execute(select(_MESSAGES.c.body).where(*where)).scalar()
    if body is not None:
        kept = {key: value for key, value in body.items() if key != "form"}
        edit_line(work, chat=chat, message_id=message_id, body=kept | {"lines": body["lines"][-1:], "rows": []})


def heads(work: UnitOfWork, *, chats: Iterable[str]) -> dict[str, Head]:
    """How far these chats have come; chats that nobody has opened are left out."""
    query = (
        select(_CHATS.c.external_id, _CHATS.c.seq, _PEOPLE.c.language, _PEOPLE.c.timezone)
        .join(_PEOPLE, _PEOPLE.c.id == _CHATS.c.person_id)
        .where(_CHATS.c.external_id.in_(list(chats)))
    )
    return {chat: Head(seq, language, timezone) for chat, seq, language, timezone in work.connection.execute(query)}


def changes(work: UnitOfWork, *, after: Mapping[str, int], most: int = 200) -> list[Entry]:
    """What was said or edited in these chats after these numbers, per chat in order; at most so many."""
    if not after:
        return []
    newer = or_(*(and_(_MESSAGES.c.chat_id == chat, _MESSAGES.c.seq > seq) for chat, seq in sorted(after.items())))
    return _entries(work, select(*_COLUMNS).where(newer).order_by(_MESSAGES.c.chat_id, _MESSAGES.c.seq).limit(most))


def last_lines(work: UnitOfWork, *, chat: str, before: int | None = None, most: int = 200) -> list[Entry]:
    """The last lines of a chat, oldest first; with `before` (a line's id), the last ones above that line."""
    query = select(*_COLUMNS).where(_MESSAGES.c.chat_id == chat)
    if before is not None:
        query = query.where(_MESSAGES.c.id < before)
    return _entries(work, query.order_by(_MESSAGES.c.id.desc()).limit(most))[::-1]


def file_of_line(work: UnitOfWork, *, chat: str, message_id: int) -> FileContent | None:
    """The file that went with this line of this chat; None where there is none (any more)."""
    query = select(_MESSAGES.c.body).where(_MESSAGES.c.chat_id == chat, _MESSAGES.c.id == message_id)
    body = work.connection.execute(query).scalar()
    file = None if body is None else body.get("file")
    return None if file is None else read_file(work, file_id=file["id"], name=file["name"])


def _next_seq(work: UnitOfWork, chat: str) -> int:
    seq = work.connection.execute(_NEXT, {"chat": chat}).scalar()
    if seq is None:
        raise NoSuchChat(chat)
    return int(seq)


def _entries(work: UnitOfWork, query: Select[Any]) -> list[Entry]:
    return [_entry(row) for row in work.connection.execute(query)]


def _entry(row: Row[Any]) -> Entry:
    values: tuple[Any, ...] = tuple(row)
    return Entry(*values)
