"""Files that people sent: kept in the database, so that one backup holds everything, and attached to records."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, bindparam, delete, exists, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import copies, history
from crm.core.history import Actor
from crm.core.tables import Base
from crm.core.types import Id, UTCDateTime
from crm.core.work import UnitOfWork

MOST_BYTES = 20 * 1024 * 1024
"""The largest file that is taken; also the most that Telegram hands out."""


class StoredFile(Base):
    """A file's content, once however often it is sent. `size` in bytes; `mime` as the sender's platform says."""

    __tablename__ = "files"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    mime: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Attachment(Base):
    """A file under a record (`customer`, 17), with the name it had when it was sent."""

    __tablename__ = "attachments"
    __table_args__ = (Index(None, "entity", "entity_id", "id"), Index(None, "file_id"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    entity: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[int]
    file_id: Mapped[int] = mapped_column(ForeignKey("files.id"))
    name: Mapped[str] = mapped_column(String(255))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file as it is handed out; `id` is that of its content."""

    name: str
    mime: str
    content: bytes
    id: int = 0


_FILES = StoredFile.table()
_ATTACHMENTS = Attachment.table()
_SAME = select(_FILES.c.id).where(_FILES.c.sha256 == bindparam("digest")).with_for_update(read=True, key_share=True)
_KEEP = {
    name: dialect.insert(_FILES).on_conflict_do_nothing(index_elements=[_FILES.c.sha256]).returning(_FILES.c.id)
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}
_ONE = (
    select(*_ATTACHMENTS.c, _FILES.c.mime, _FILES.c.size)
    .join(_FILES, _FILES.c.id == _ATTACHMENTS.c.file_id)
    .where(_ATTACHMENTS.c.id == bindparam("attachment"))
)
_COUNT = (
    select(func.count())
    .select_from(_ATTACHMENTS)
    .where(_ATTACHMENTS.c.entity == bindparam("kind"), _ATTACHMENTS.c.entity_id == bindparam("record"))
)
UNATTACHED = "person"
"""What a file lies under that somebody has sent and not yet said where it belongs: themselves."""
_UNUSED = ~exists().where(_ATTACHMENTS.c.file_id == _FILES.c.id)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LONGEST_NAME = 255


def keep_file(work: UnitOfWork, *, content: bytes, mime: str) -> int:
    """Keep a content; returns its id, the same for the same bytes. Nobody drops it before this transaction ends."""
    digest = hashlib.sha256(content).hexdigest()
    values = {
        "sha256": digest,
        "mime": mime[:100],
        "size": len(content),
        "content": content,
        "created_at": work.now,
    }
    while True:
        known = work.connection.execute(_SAME, {"digest": digest}).scalar()
        if known is None:
            known = work.connection.execute(_KEEP[work.connection.dialect.name], values).scalar()
        if known is not None:
            return int(known)
        # Somebody else has kept the same bytes at this very moment.


def attach(work: UnitOfWork, *, entity: str, entity_id: int, file_id: int, name: str, person_id: int | None) -> int:
    """Put a kept file under a record; returns the attachment's id. Who may is the caller's to ask."""
    values = {
        "entity": entity,
        "entity_id": entity_id,
        "file_id": file_id,
        "name": printable(name),
        "person_id": person_id,
        "created_at": work.now,
    }
    return int(work.connection.execute(insert(_ATTACHMENTS).returning(_ATTACHMENTS.c.id), values).scalar_one())


def has_file(work: UnitOfWork, *, entity: str, entity_id: int, file_id: int) -> bool:
    """Whether this very content is under the record already."""
    same = (_ATTACHMENTS.c.entity == entity, _ATTACHMENTS.c.entity_id == entity_id, _ATTACHMENTS.c.file_id == file_id)
    return work.connection.execute(select(_ATTACHMENTS.c.id).where(*same).limit(1)).first() is not None


def file_under(work: UnitOfWork, *, actor: Actor, attachment_id: int, entity: str, entity_id: int, name: str) -> bool:
    """Put a file that the actor has sent under a record and this name, once; False when it was put or dropped already.

    Who may is the caller's to ask.
    """
    name = printable(name)
    moved = (
        update(_ATTACHMENTS)
        .where(*_sent_by(actor.person_id, attachment_id))
        .values(entity=entity, entity_id=entity_id, name=name, created_at=work.now)
    )
    if work.connection.execute(moved).rowcount != 1:
        return False
    changes = {"file": (None, name)}
    history.record(work, actor=actor, entity=entity, entity_id=entity_id, act="file attached", changes=changes)
    copies.touch_card(work, card=entity, subject_id=entity_id)
    return True


def take_off(work: UnitOfWork, *, actor: Actor, attachment_id: int) -> Any:
    """Take a file from its record back to the actor, who has put it there; the attachment's row, None if they have not.

    Who may is the caller's to ask.
    """
    row = get_attachment(work, attachment_id=attachment_id)
    if row is None or row.entity == UNATTACHED or row.person_id != actor.person_id:
        return None
    back = update(_ATTACHMENTS).where(_ATTACHMENTS.c.id == attachment_id, _ATTACHMENTS.c.entity == row.entity)
    values = {"entity": UNATTACHED, "entity_id": actor.person_id, "created_at": work.now}
    if work.connection.execute(back.values(values)).rowcount != 1:
        return None
    changes = {"file": (row.name, None)}
    history.record(work, actor=actor, entity=row.entity, entity_id=row.entity_id, act="file taken off", changes=changes)
    copies.touch_card(work, card=row.entity, subject_id=row.entity_id)
    return row


def drop_file(work: UnitOfWork, *, person_id: int, attachment_id: int) -> Any:
    """Forget a file that this person has sent and not attached; its row, None when there is no such any more.

    The content goes with it unless it lies somewhere else too.
    """
    row = get_attachment(work, attachment_id=attachment_id)
    if work.connection.execute(delete(_ATTACHMENTS).where(*_sent_by(person_id, attachment_id))).rowcount != 1:
        return None
    # Whoever keeps the same bytes now is waited for; the next statement sees what they have put there.
    work.connection.execute(select(_FILES.c.id).where(_FILES.c.id == row.file_id).with_for_update())
    work.connection.execute(delete(_FILES).where(_FILES.c.id == row.file_id, _UNUSED))
    return row


def forget_unattached(work: UnitOfWork, *, older_than: timedelta) -> None:
    """Forget what was sent and never attached, and the contents that lie nowhere (any more)."""
    c = _ATTACHMENTS.c
    work.connection.execute(delete(_ATTACHMENTS).where(c.entity == UNATTACHED, c.created_at < work.now - older_than))
    # What somebody is keeping just now is left for the next time, not waited for.
    unused = select(_FILES.c.id).where(_UNUSED).with_for_update(skip_locked=True)
    ids = work.connection.execute(unused).scalars().all()
    if ids:
        work.connection.execute(delete(_FILES).where(_FILES.c.id.in_(ids), _UNUSED))


def get_attachment(work: UnitOfWork, *, attachment_id: int) -> Any:
    """The row of an attachment, with `mime` and `size`; None when there is none. Who may is the caller's to ask."""
    return work.connection.execute(_ONE, {"attachment": attachment_id}).one_or_none()


def count_attachments(work: UnitOfWork, *, entity: str, entity_id: int) -> int:
    """How many files lie under a record."""
    return int(work.connection.execute(_COUNT, {"kind": entity, "record": entity_id}).scalar_one())


def attachments_of(work: UnitOfWork, *, entity: str, entity_id: int, most: int = 20) -> list[Any]:
    """The attachments of a record, the newest first: rows with `id`, `name`, `size`, `created_at`."""
    query = (
        select(_ATTACHMENTS.c.id, _ATTACHMENTS.c.name, _FILES.c.size, _ATTACHMENTS.c.created_at)
        .join(_FILES, _FILES.c.id == _ATTACHMENTS.c.file_id)
        .where(_ATTACHMENTS.c.entity == entity, _ATTACHMENTS.c.entity_id == entity_id)
        .order_by(_ATTACHMENTS.c.id.desc())
        .limit(most)
    )
    return list(work.connection.execute(query))


def read_file(work: UnitOfWork, *, file_id: int, name: str) -> FileContent | None:
    """A kept file's content under this name; None when there is none."""
    row = work.connection.execute(select(_FILES.c.mime, _FILES.c.content).where(_FILES.c.id == file_id)).one_or_none()
    return None if row is None else FileContent(name, row.mime, row.content, file_id)


def printable(name: str) -> str:
    """A file's name without what no header of a message carries: control characters and ends of lines."""
    return _CONTROL.sub("_", name)[:_LONGEST_NAME]


def _sent_by(person_id: int | None, attachment_id: int) -> tuple[Any, ...]:
    """Conditions: this attachment, as long as it lies under nothing but its sender."""
    c = _ATTACHMENTS.c
    return c.id == attachment_id, c.entity == UNATTACHED, c.entity_id == person_id, c.person_id == person_id
