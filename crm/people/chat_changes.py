"""What a platform says of a chat itself: nobody reads there any more, somebody does again, it goes by another name."""

from datetime import timedelta

from sqlalchemy import delete, select, update

from crm.core import outbox
from crm.core.copies import CardCopy
from crm.core.outbox import Chat, Lane, OutboxEntry
from crm.core.work import UnitOfWork
from crm.people.reach import leave_chat, return_to_chat
from crm.people.team_chats import TeamChat

SHOWN_AGAIN = timedelta(days=7)
MOST_SHOWN_AGAIN = 10
"""Cards posted lately are posted anew where their chat has moved to; older ones are history by then."""

_CHATS = Chat.table()
_COPIES = CardCopy.table()
_OUTBOX = OutboxEntry.table()
_TEAM_CHATS = TeamChat.table()


def chat_closed(work: UnitOfWork, *, platform: str, external_id: str) -> None:
    """We are blocked there, or put out: from now on its people are reached elsewhere."""
    known = _find(work, platform, external_id)
    if known is not None:
        leave_chat(work, chat_id=known, reason="the platform says that we are blocked or put out")


def chat_opened(work: UnitOfWork, *, platform: str, external_id: str) -> None:
    """We may write there (again)."""
    known = _find(work, platform, external_id)
    if known is not None:
        return_to_chat(work, chat_id=known)
        work.wakes.add(known)


def chat_moved(work: UnitOfWork, *, platform: str, old: str, new: str) -> None:
    """The chat goes by the name `new`, with all that is to be said there; told twice, nothing more happens.

    The messages in it have no names any more by which they could be edited, so the cards among them are posted anew.
    """
    moved = _find(work, platform, old)
    if moved is None or old == new:
        return
    there = _find(work, platform, new)
    if there is None:
        work.connection.execute(update(_CHATS).where(_CHATS.c.id == moved).values(external_id=new))
        there = moved
    else:
        _hand_over(work, moved, there)
    _post_again(work, there, came_from=moved)


def _find(work: UnitOfWork, platform: str, external_id: str) -> int | None:
    where = (_CHATS.c.platform == platform, _CHATS.c.external_id == external_id)
    return work.connection.execute(select(_CHATS.c.id).where(*where)).scalar()


def _hand_over(work: UnitOfWork, moved: int, there: int) -> None:
    """Somebody spoke under the new name already: what belongs to the chat goes to that row."""
    waiting = update(_OUTBOX).where(_OUTBOX.c.chat_id == moved, _OUTBOX.c.status == "pending")
    work.connection.execute(waiting.values(chat_id=there))
    team = select(_TEAM_CHATS.c.team_id).where(_TEAM_CHATS.c.chat_id == there)
    if work.connection.execute(team).first() is None:
        work.connection.execute(update(_TEAM_CHATS).where(_TEAM_CHATS.c.chat_id == moved).values(chat_id=there))
    work.connection.execute(delete(_TEAM_CHATS).where(_TEAM_CHATS.c.chat_id == moved))
    outbox.mark_unreachable(work, chat_id=moved)
    work.wakes.add(there)


def _post_again(work: UnitOfWork, there: int, *, came_from: int) -> None:
    posted = (_COPIES.c.chat_id == came_from, _COPIES.c.message_ref.is_not(None))
    lately = select(_COPIES.c.id, _COPIES.c.person_id).where(*posted, _COPIES.c.created_at > work.now - SHOWN_AGAIN)
    rows = work.connection.execute(lately.order_by(_COPIES.c.id.desc()).limit(MOST_SHOWN_AGAIN)).all()
    work.connection.execute(update(_COPIES).where(*posted).values(message_ref=None))
    work.connection.execute(update(_COPIES).where(_COPIES.c.chat_id == came_from).values(chat_id=there))
    for row in reversed(rows):
        payload = {"copy": row.id}
        outbox.put(work, chat_id=there, person_id=row.person_id, payload=payload, lane=Lane.DECISION)
