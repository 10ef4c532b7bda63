"""How much waits to be sent, and for how long already. Reads two partial indexes, whatever the outbox has grown to."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, case, func, null, select, text

from crm.core.copies import CardCopy
from crm.core.outbox import Chat, OutboxEntry
from crm.core.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Queue:
    """The messages of one platform, lane and status (`pending`, `dead`).

    `due_since`: since when the one that is due the longest has been; None where none is. Platform is empty for
    messages to people who have no chat anywhere.
    """

    platform: str
    lane: int
    status: str
    count: int
    due_since: datetime | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """What stood in the outbox at `at`; `cards_behind`: copies of cards that do not show what is."""

    at: datetime
    queues: tuple[Queue, ...]
    cards_behind: int

    def count(self, status: str) -> int:
        return sum(queue.count for queue in self.queues if queue.status == status)

    @property
    def oldest_seconds(self) -> float:
        """The age of the message that is due the longest; 0 where none is."""
        return max((age_seconds(queue, self.at) for queue in self.queues), default=0.0)


def measure_backlog(work: UnitOfWork) -> Backlog:
    """Count what waits and what was given up. Writes nothing."""
    queues = tuple(
        Queue(row.platform or "", row.lane, status, row.messages, row.due_since)
        for status in ("pending", "dead")
        for row in work.connection.execute(_queues(status, work.now))
    )
    return Backlog(work.now, queues, int(work.connection.execute(_BEHIND).scalar_one()))


def age_seconds(queue: Queue, at: datetime) -> float:
    """How long the oldest due message of this queue has been due; 0 where none is."""
    return 0.0 if queue.due_since is None else max(0.0, (at - queue.due_since).total_seconds())


_BEHIND = select(func.count()).select_from(CardCopy.table()).where(text("drawn < wanted AND message_ref IS NOT NULL"))


def _queues(status: str, now: datetime) -> Select[tuple[str | None, int, int, datetime | None]]:
    rows = OutboxEntry.table()
    held = and_(rows.c.not_before.is_not(None), rows.c.not_before > rows.c.created_at)
    since = case((held & (rows.c.not_before > now), null()), (held, rows.c.not_before), else_=rows.c.created_at)
    oldest = func.min(since, type_=rows.c.created_at.type) if status == "pending" else null()
    # The status stands in the statement itself, or a partial index on it would not be used.
    return (
        select(Chat.platform, rows.c.lane, func.count().label("messages"), oldest.label("due_since"))
        .select_from(rows.outerjoin(Chat.table(), Chat.table().c.id == rows.c.chat_id))
        .where(text(f"outbox.status = '{status}'"))
        .group_by(Chat.platform, rows.c.lane)
        .order_by(Chat.platform, rows.c.lane)
    )
