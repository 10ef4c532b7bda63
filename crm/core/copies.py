"""Copies of cards in chats: which there are, what they show, and which have fallen behind."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, String, bindparam, insert, or_, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.tables import Base
from crm.core.types import Id, UTCDateTime
from crm.core.work import UnitOfWork


class CardCopy(Base):
    """One copy of a card in one chat. Delivery edits it until the version drawn is the version wanted."""

    __tablename__ = "card_copies"
    __table_args__ = (
        Index(None, "card", "subject_id"),
        Index(None, "chat_id", "message_ref"),
        Index(
            "ix_card_copies_behind",
            "chat_id",
            sqlite_where=text("drawn < wanted AND message_ref IS NOT NULL"),
            postgresql_where=text("drawn < wanted AND message_ref IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    card: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int]
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    wanted: Mapped[int]
    drawn: Mapped[int]
    message_ref: Mapped[str | None] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


_COPIES = CardCopy.table()
FALLEN_BEHIND = (_COPIES.c.chat_id == bindparam("chat"), text("drawn < wanted AND message_ref IS NOT NULL"))
"""Conditions on a copy in the chat `chat` that does not show what is."""
_BEHIND = select(_COPIES).where(*FALLEN_BEHIND)
_TOUCH = (
    update(_COPIES)
    .where(_COPIES.c.card == bindparam("kind"), _COPIES.c.subject_id == bindparam("subject"))
    .values(wanted=_COPIES.c.wanted + 1)
    .returning(_COPIES.c.chat_id)
)
_READERS = _COPIES.alias("readers")
_TOUCH_WITH_READERS = (
    update(_COPIES)
    .where(
        or_(
            _COPIES.c.card.in_(bindparam("kinds", expanding=True)) & (_COPIES.c.subject_id == bindparam("subject")),
            (_COPIES.c.card == bindparam("page"))
            & _COPIES.c.subject_id.in_(
                select(_READERS.c.person_id).where(
                    _READERS.c.card.in_(bindparam("kinds", expanding=True)),
                    _READERS.c.subject_id == bindparam("subject"),
                )
            ),
        )
    )
    .values(wanted=_COPIES.c.wanted + 1)
    .returning(_COPIES.c.chat_id)
)


def add_copy(work: UnitOfWork, *, card: str, subject_id: int, chat_id: int, person_id: int | None) -> int:
    """Note that a chat is about to get a copy of this card; returns the copy's id."""
    values = {
        "card": card,
        "subject_id": subject_id,
        "chat_id": chat_id,
        "person_id": person_id,
        "wanted": 1,
        "drawn": 0,
        "created_at": work.now,
    }
    return int(work.connection.execute(insert(_COPIES).returning(_COPIES.c.id), values).scalar_one())


def show_again(
    work: UnitOfWork, *, card: str, subject_id: int, chat_id: int, person_id: int | None, message_ref: str | None
) -> None:
    """Draw the one copy of this card in this chat anew, in the place `message_ref`; made if there is none yet."""
    mine = (_COPIES.c.card == card, _COPIES.c.subject_id == subject_id, _COPIES.c.chat_id == chat_id)
    values = {"wanted": _COPIES.c.wanted + 1, "message_ref": message_ref, "created_at": work.now}
    again = update(_COPIES).where(*mine).values(values)
    if not work.connection.execute(again.returning(_COPIES.c.id)).all():
        copy_id = add_copy(work, card=card, subject_id=subject_id, chat_id=chat_id, person_id=person_id)
        work.connection.execute(update(_COPIES).where(_COPIES.c.id == copy_id).values(message_ref=message_ref))
    work.wakes.add(chat_id)


def touch_card(work: UnitOfWork, *, card: str, subject_id: int) -> None:
    """Ask that every copy of this card be drawn anew, because what it shows has changed."""
    work.wakes.update(work.connection.execute(_TOUCH, {"kind": card, "subject": subject_id}).scalars())


def touch_each(work: UnitOfWork, *, card: str, subject_ids: Collection[int]) -> None:
    """`touch_card` for many records at once."""
    if subject_ids:
        mine = (_COPIES.c.card == card, _COPIES.c.subject_id.in_(subject_ids))
        touched = update(_COPIES).where(*mine).values(wanted=_COPIES.c.wanted + 1).returning(_COPIES.c.chat_id)
        work.wakes.update(work.connection.execute(touched).scalars())


def touch_cards(work: UnitOfWork, *, cards: Sequence[str], subject_id: int, page: str) -> None:
    """`touch_card` for several cards of one record, and for the card `page` of each person who has a copy of them."""
    values = {"kinds": list(cards), "subject": subject_id, "page": page}
    work.wakes.update(work.connection.execute(_TOUCH_WITH_READERS, values).scalars())


def forget_copies(work: UnitOfWork, *, chat_id: int, but: int) -> None:
    """The chat belongs to the person `but` now: what was drawn there for others is never drawn again."""
    others = (_COPIES.c.chat_id == chat_id, _COPIES.c.person_id != but)
    work.connection.execute(update(_COPIES).where(*others).values(message_ref=None))


def let_rest(work: UnitOfWork, *, card: str, older_than: timedelta) -> int:
    """Draw no more the copies of this card that were not asked for in so long; returns how many.

    `show_again` brings them back.
    """
    old = (_COPIES.c.card == card, _COPIES.c.created_at < work.now - older_than, _COPIES.c.message_ref.is_not(None))
    return work.connection.execute(update(_COPIES).where(*old).values(message_ref=None)).rowcount


def copies_behind(work: UnitOfWork, *, chat_id: int) -> list[Any]:
    """The copies of cards in this chat that do not show what is."""
    return list(work.connection.execute(_BEHIND, {"chat": chat_id}))


def mark_drawn(work: UnitOfWork, *, copy_id: int, version: int, message_ref: str | None) -> None:
    """This copy now shows the state it had at `version`. A None reference: it can never be drawn again."""
    values = {"drawn": version, "message_ref": message_ref}
    work.connection.execute(update(_COPIES).where(_COPIES.c.id == copy_id).values(values))
