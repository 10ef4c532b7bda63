"""Telling many people at once: a card each, in a handful of statements however many they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from crm.core.copies import CardCopy
from crm.core.outbox import Lane, OutboxEntry
from crm.core.work import UnitOfWork
from crm.people.identities import ChatIdentity
from crm.people.reach import REACHED

_OUTBOX = OutboxEntry.table()
_COPIES = CardCopy.table()
_ADD_COPIES = insert(_COPIES).returning(_COPIES.c.id, _COPIES.c.person_id, _COPIES.c.subject_id)


@dataclass(frozen=True, slots=True)
class Due:
    """A card's subject for a person. The same `key` is never told twice."""

    person_id: int
    subject_id: int
    key: str


def send_cards(work: UnitOfWork, *, card: str, due: Sequence[Due], lane: Lane = Lane.NOTICE) -> None:
    """A copy of the card of each subject, to the chat its person chose or used last; kept until they have one.

    Some hundred at a time: what is due stands in the statements themselves. Each person and subject once.
    """
    told = _told(work, [one.key for one in due])
    due = [one for one in due if one.key not in told]
    chats = _chats(work, {one.person_id for one in due})
    copies = _copies(work, card, [(one, chats[one.person_id]) for one in due if one.person_id in chats])
    rows = [_row(work, one, card, lane, chats, copies) for one in due]
    if rows:
        work.connection.execute(insert(_OUTBOX), rows)
    work.wakes.update(chats.values())


def _told(work: UnitOfWork, keys: Sequence[str]) -> set[str]:
    return {str(key) for key in work.connection.execute(select(_OUTBOX.c.key).where(_OUTBOX.c.key.in_(keys))).scalars()}


def _chats(work: UnitOfWork, people: Iterable[int]) -> dict[int, int]:
    """The chat of each that is to be used; those who have none are left out."""
    chats: dict[int, int] = {}
    for person_id, chat_id in work.connection.execute(REACHED.where(ChatIdentity.person_id.in_(people))):
        chats.setdefault(person_id, chat_id)
    return chats


def _copies(work: UnitOfWork, card: str, due: Sequence[tuple[Due, int]]) -> dict[tuple[int, int], int]:
    """Note the copies about to be sent; their ids by person and subject."""
    rows = [
        {
            "card": card,
            "subject_id": one.subject_id,
            "chat_id": chat_id,
            "person_id": one.person_id,
            "wanted": 1,
            "drawn": 0,
            "created_at": work.now,
        }
        for one, chat_id in due
    ]
    if not rows:
        return {}
    added = work.connection.execute(_ADD_COPIES, rows)
    return {(person_id, subject_id): copy_id for copy_id, person_id, subject_id in added}


def _row(
    work: UnitOfWork, one: Due, card: str, lane: Lane, chats: dict[int, int], copies: dict[tuple[int, int], int]
) -> dict[str, Any]:
    copy_id = copies.get((one.person_id, one.subject_id))
    return {
        "key": one.key,
        "lane": int(lane),
        "chat_id": chats.get(one.person_id),
        "person_id": one.person_id,
        "payload": {"card": [card, one.subject_id]} if copy_id is None else {"copy": copy_id},
        "status": "pending",
        "created_at": work.now,
    }
