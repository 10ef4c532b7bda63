"""Reaching people: a notice to the chat they used last, a card to every chat they have."""

from typing import Any

from sqlalchemy import bindparam, select, update

from crm.core import outbox
from crm.core.outbox import Chat, Lane, OutboxEntry
from crm.core.text import Text, pack
from crm.core.work import UnitOfWork
from crm.people.identities import ChatIdentity

_OUTBOX = OutboxEntry.table()
_REACHED = (
    select(Chat.id)
    .join(ChatIdentity, ChatIdentity.chat_id == Chat.id)
    .where(ChatIdentity.person_id == bindparam("person"), Chat.is_private, Chat.unreachable_since.is_(None))
    .order_by(Chat.last_inbound_at.desc().nulls_last(), Chat.id)
)


def tell(
    work: UnitOfWork,
    *,
    person_id: int,
    text: Text,
    key: str | None = None,
    about: tuple[str, int] | None = None,
    lane: Lane = Lane.NOTICE,
) -> None:
    """A notice with its facts frozen, to the chat the person used last; kept until they have one.

    `about` names a card (`order`, 31) that a button under the notice opens. The same `key` is never told twice.
    """
    if key is not None and work.connection.execute(select(OutboxEntry.id).where(OutboxEntry.key == key)).first():
        return
    chats = private_chats(work, person_id=person_id)
    payload: dict[str, Any] = {"notice": pack(text)}
    if about is not None:
        payload["about"] = list(about)
    outbox.put(work, chat_id=chats[0] if chats else None, person_id=person_id, payload=payload, lane=lane, key=key)


def show_card(work: UnitOfWork, *, person_id: int, card: str, subject_id: int, lane: Lane = Lane.DECISION) -> None:
    """A copy of a card into every chat of the person, each kept true from then on."""
    chats: list[int | None] = [*private_chats(work, person_id=person_id)]
    for chat_id in chats or [None]:
        if chat_id is None:
            payload: dict[str, Any] = {"card": [card, subject_id]}
        else:
            copy_id = outbox.add_copy(work, card=card, subject_id=subject_id, chat_id=chat_id, person_id=person_id)
            payload = {"copy": copy_id}
        outbox.put(work, chat_id=chat_id, person_id=person_id, payload=payload, lane=lane)


def private_chats(work: UnitOfWork, *, person_id: int) -> list[int]:
    """The person's private chats that can be reached, the one used last first."""
    return list(work.connection.execute(_REACHED, {"person": person_id}).scalars())


def deliver_kept(work: UnitOfWork, *, person_id: int, chat_id: int) -> None:
    """What was written for a person before they had any chat goes to this one."""
    waiting = (_OUTBOX.c.person_id == person_id, _OUTBOX.c.chat_id.is_(None), _OUTBOX.c.status == "pending")
    for row_id, payload in work.connection.execute(select(_OUTBOX.c.id, _OUTBOX.c.payload).where(*waiting)).all():
        values: dict[str, Any] = {"chat_id": chat_id}
        if "card" in payload:
            card, subject_id = payload["card"]
            copy_id = outbox.add_copy(work, card=card, subject_id=subject_id, chat_id=chat_id, person_id=person_id)
            values["payload"] = {"copy": copy_id}
        work.connection.execute(update(_OUTBOX).where(_OUTBOX.c.id == row_id).values(values))
        work.wakes.add(chat_id)
