"""Messages that were given up, or wait: seen, tried again, dropped."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update

from crm.core.outbox import Chat, OutboxEntry
from crm.core.work import UnitOfWork

_CHATS = Chat.table()
_OUTBOX = OutboxEntry.table()


def unsent_rows(work: UnitOfWork, *, with_pending: bool = False) -> list[Any]:
    """Rows given up (and those waiting), oldest first, with `platform` and `external_id` of their chat."""
    states = ("dead", "pending") if with_pending else ("dead",)
    query = (
        select(_OUTBOX, _CHATS.c.platform, _CHATS.c.external_id)
        .outerjoin(_CHATS, _CHATS.c.id == _OUTBOX.c.chat_id)
        .where(_OUTBOX.c.status.in_(states))
    )
    return list(work.connection.execute(query.order_by(_OUTBOX.c.id)))


def retry_rows(work: UnitOfWork, *, row_ids: Sequence[int]) -> int:
    """Put given-up rows (all, where none are named) back to be sent; returns how many."""
    return _change(work, row_ids, ["dead"], {"status": "pending", "attempts": 0})


def drop_rows(work: UnitOfWork, *, row_ids: Sequence[int]) -> int:
    """Give up for good the rows named, also where they only wait; none named: all given-up ones. Returns how many."""
    return _change(work, row_ids, ["dead", "pending"] if row_ids else ["dead"], {"status": "dropped"})


def _change(work: UnitOfWork, row_ids: Sequence[int], states: Sequence[str], values: dict[str, Any]) -> int:
    rows = update(_OUTBOX).where(_OUTBOX.c.status.in_(states))
    if row_ids:
        rows = rows.where(_OUTBOX.c.id.in_(row_ids))
    return work.connection.execute(rows.values(values)).rowcount
