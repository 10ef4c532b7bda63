"""Copies of cards in chats: which there are, what they show, and which have fallen behind."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, String, bindparam, insert, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.many import DIALECTS, NUMBER, WORDS, Many
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
_READERS, _PAGES = _COPIES.alias("readers"), _COPIES.alias("pages")
_TOUCHED = Many(card=WORDS, subject_id=NUMBER, page=WORDS)


def _touch(dialect: str, *, with_pages: bool) -> Any:
    """Every copy of these cards falls behind; `with_pages`: and of the page of each person who has one.

    Locked in the order of their ids before any is changed: two that touch the same copies wait, and never for each
    other.
    """
    many = _TOUCHED.rows(dialect)
    found: Any = select(_COPIES.c.id).join(
        many, (_COPIES.c.card == many.c.card) & (_COPIES.c.subject_id == many.c.subject_id)
    )
    if with_pages:
        whose = (_READERS.c.card == many.c.card) & (_READERS.c.subject_id == many.c.subject_id)
        page = (_PAGES.c.card == many.c.page) & (_PAGES.c.subject_id == _READERS.c.person_id)
        found = found.union(select(_PAGES.c.id).select_from(many).join(_READERS, whose).join(_PAGES, page))
    locked = select(_COPIES.c.id).where(_COPIES.c.id.in_(found)).order_by(_COPIES.c.id)
    held = locked.with_for_update(key_share=True).cte("held")
    touched = update(_COPIES).where(_COPIES.c.id.in_(select(held.c.id))).values(wanted=_COPIES.c.wanted + 1)
    return touched.returning(_COPIES.c.chat_id)


_TOUCH = {(one, pages): _touch(one, with_pages=pages) for one in DIALECTS for pages in (False, True)}


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
    """Ask that every copy of this card be drawn anew, because what it shows has changed.

    Written right before the commit, with all that the transaction touches (`UnitOfWork.collect`).
    """
    work.collect(_write, (card, subject_id, None))


def touch_each(work: UnitOfWork, *, card: str, subject_ids: Collection[int]) -> None:
    """`touch_card` for many records at once."""
    for subject_id in subject_ids:
        touch_card(work, card=card, subject_id=subject_id)


def touch_cards(work: UnitOfWork, *, cards: Sequence[str], subject_id: int, page: str) -> None:
    """`touch_card` for several cards of one record, and for the card `page` of each person who has a copy of them."""
    for card in cards:
        work.collect(_write, (card, subject_id, page))


def _write(work: UnitOfWork, touched: list[tuple[str, int, str | None]]) -> None:
    dialect, rows = work.connection.dialect.name, list(dict.fromkeys(touched))
    statement = _TOUCH[dialect, any(page is not None for _, _, page in rows)]
    work.wakes.update(work.connection.execute(statement, _TOUCHED.values(dialect, rows)).scalars())


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
