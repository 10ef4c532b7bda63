"""What is to be said, as rows: chats, messages waiting in lanes, and the copies of cards that must stay true.

A chat is sent to by one worker at a time, named by a lease on the chat's row; that keeps a chat's messages in
order whichever process wrote them. Nothing here sends: `bot.delivery` does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    case,
    exists,
    insert,
    null,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.copies import FALLEN_BEHIND, CardCopy
from crm.core.tables import Base
from crm.core.types import Id, Json, UTCDateTime
from crm.core.work import UnitOfWork

LEASE = timedelta(seconds=10)
"""How long a worker may take over one chat's messages before another may take them up."""


class Lane(IntEnum):
    """In this order a chat's messages leave."""

    REPLY = 0
    DECISION = 1
    NOTICE = 2
    DIGEST = 3


class Chat(Base):
    """A place on a platform where messages can be sent: a private chat, a group or a channel.

    `sender` and `lease_until` name who sends there now; `paused_until` holds the whole chat after a failure,
    so that nothing overtakes what failed. `asked`: the outbox row of the question that stands open there.
    """

    __tablename__ = "chats"
    __table_args__ = (UniqueConstraint("platform", "external_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    platform: Mapped[str] = mapped_column(String(20))
    external_id: Mapped[str] = mapped_column(String(100))
    is_private: Mapped[bool]
    sender: Mapped[str | None] = mapped_column(String(60))
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    paused_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    failures: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    last_inbound_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    unreachable_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    asked: Mapped[int | None]


class OutboxEntry(Base):
    """A message to be sent once. `key` (if any) makes a second one with the same meaning impossible.

    `payload` is what the platform's renderer draws (`bot.cards.screen`), facts frozen, language open; `status` is
    `pending`, `sent`, `dead` (given up, to be seen with `tradewind outbox list`) or `dropped`;
    `not_before` holds it for its reader's quiet hours (`crm.people.quiet`).
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("key"),
        Index(
            "ix_outbox_waiting",
            "chat_id",
            "lane",
            "id",
            sqlite_where=text("status = 'pending'"),
            postgresql_where=text("status = 'pending'"),
        ),
        Index(None, "person_id", "status"),
        Index("ix_outbox_dead", "id", sqlite_where=text("status = 'dead'"), postgresql_where=text("status = 'dead'")),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str | None] = mapped_column(String(200))
    lane: Mapped[int]
    chat_id: Mapped[int | None] = mapped_column(ForeignKey("chats.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    status: Mapped[str] = mapped_column(String(10))
    not_before: Mapped[datetime | None] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    last_error: Mapped[str | None] = mapped_column(Text)
    message_ref: Mapped[str | None] = mapped_column(String(100))
    trace: Mapped[str | None] = mapped_column(String(220))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


@dataclass(frozen=True, slots=True)
class EnteredChat:
    """A chat whose row this transaction holds; `leased` when this worker may send there after the commit.

    `asked`: the outbox row of the question that stands open there; `returned`: nobody was thought to read there.
    """

    id: int
    leased: bool
    asked: int | None = None
    returned: bool = False


_CHATS = Chat.table()
_OUTBOX = OutboxEntry.table()
_COPIES = CardCopy.table()


def _enter(dialect: Any) -> Any:
    row = dialect.insert(_CHATS)
    free = _free(bindparam("ended", type_=UTCDateTime), bindparam("absurd", type_=UTCDateTime))
    unpaused = or_(_CHATS.c.paused_until.is_(None), _CHATS.c.paused_until <= row.excluded.last_inbound_at)
    return row.on_conflict_do_update(
        index_elements=[_CHATS.c.platform, _CHATS.c.external_id],
        set_={
            "last_inbound_at": row.excluded.last_inbound_at,
            "sender": case((free & unpaused, row.excluded.sender), else_=_CHATS.c.sender),
            "lease_until": case((free & unpaused, row.excluded.lease_until), else_=_CHATS.c.lease_until),
        },
    ).returning(_CHATS.c.id, _CHATS.c.sender, _CHATS.c.asked, _CHATS.c.unreachable_since)


def _free(ended: Any, absurd: Any) -> Any:
    """Nobody has the lease of the chat: given back, run out before `ended`, or to last until after `absurd`."""
    return or_(_CHATS.c.lease_until.is_(None), _CHATS.c.lease_until < ended, _CHATS.c.lease_until > absurd)


_ENTER = {"sqlite": _enter(sqlite), "postgresql": _enter(postgresql)}
_PUT = insert(_OUTBOX).returning(_OUTBOX.c.id)
_DUE = (
    _OUTBOX.c.chat_id == bindparam("chat"),
    _OUTBOX.c.status == text("'pending'"),
    or_(_OUTBOX.c.not_before.is_(None), _OUTBOX.c.not_before <= bindparam("now", type_=UTCDateTime)),
)
_WAITING = select(_OUTBOX).where(*_DUE).order_by(_OUTBOX.c.lane, _OUTBOX.c.id).limit(bindparam("most"))
_ANYTHING = select(or_(exists().where(*_DUE), exists().where(*FALLEN_BEHIND)))
_ANY_ROW = select(exists().where(*_DUE))
_SENT = (
    update(_OUTBOX)
    .where(_OUTBOX.c.id == bindparam("row"))
    .values(
        status="sent",
        message_ref=bindparam("ref"),
        sent_at=bindparam("now", type_=UTCDateTime),
        attempts=_OUTBOX.c.attempts + 1,
    )
)
_RELEASE = (
    update(_CHATS)
    .where(_CHATS.c.id == bindparam("chat"), _CHATS.c.sender == bindparam("token"))
    .values(
        sender=None,
        lease_until=None,
        failures=0,
        unreachable_since=case((bindparam("reached", type_=Boolean), null()), else_=_CHATS.c.unreachable_since),
    )
    .returning(_CHATS.c.unreachable_since)
)
_LET_GO = (
    update(_CHATS)
    .where(_CHATS.c.id == bindparam("chat"), _CHATS.c.sender == bindparam("token"))
    .values(sender=None, lease_until=None)
)
_RETAKE = (
    update(_CHATS)
    .where(_CHATS.c.id == bindparam("chat"))
    .values(sender=bindparam("token"), lease_until=bindparam("until", type_=UTCDateTime))
)
_REF = select(_OUTBOX.c.message_ref).where(_OUTBOX.c.id == bindparam("row"))
_ASKED = update(_CHATS).where(_CHATS.c.id == bindparam("chat")).values(asked=bindparam("asked"))


def enter_chat(work: UnitOfWork, *, platform: str, external_id: str, is_private: bool, token: str) -> EnteredChat:
    """Lock this chat's row for the transaction (made if new) and take its sending lease where it is free.

    `token` names this acquisition, not the process: two tasks of one process do not send side by side either.
    """
    values = {
        "platform": platform,
        "external_id": external_id,
        "is_private": is_private,
        "sender": token,
        "lease_until": work.now + LEASE,
        "last_inbound_at": work.now,
        **dict(zip(("ended", "absurd"), _lease_bounds(work), strict=True)),
    }
    chat_id, sender, asked, gone = work.connection.execute(_ENTER[work.connection.dialect.name], values).one()
    if gone is not None:
        mark_reachable(work, chat_id=chat_id)
    return EnteredChat(chat_id, sender == token, asked, gone is not None)


def note_question(work: UnitOfWork, *, chat_id: int, row_id: int | None) -> None:
    """This outbox row is the question that stands open in the chat now; None: none does."""
    work.connection.execute(_ASKED, {"chat": chat_id, "asked": row_id})


def message_ref(work: UnitOfWork, *, row_id: int) -> str | None:
    """The platform's reference to the message of a row; None before it is sent."""
    return work.connection.execute(_REF, {"row": row_id}).scalar()


def put(
    work: UnitOfWork,
    *,
    chat_id: int | None,
    person_id: int | None,
    payload: dict[str, Any],
    lane: Lane = Lane.REPLY,
    key: str | None = None,
    not_before: datetime | None = None,
    trace: str | None = None,
) -> int:
    """Add one message to be sent; returns its row's id. A `key` used before raises IntegrityError."""
    values = {
        "key": key,
        "lane": int(lane),
        "chat_id": chat_id,
        "person_id": person_id,
        "payload": payload,
        "status": "pending",
        "not_before": not_before,
        "trace": trace,
        "created_at": work.now,
    }
    if chat_id is not None and (not_before is None or not_before <= work.now):
        work.wakes.add(chat_id)
    return int(work.connection.execute(_PUT, values).scalar_one())


def due_chats(work: UnitOfWork, *, platforms: Sequence[str], most: int = 50) -> list[int]:
    """Chats of these platforms that have something to send and nobody sending, replies first."""
    free = (
        _CHATS.c.platform.in_(platforms)
        & _free(*_lease_bounds(work))
        & or_(_CHATS.c.paused_until.is_(None), _CHATS.c.paused_until <= work.now)
    )
    due = or_(_OUTBOX.c.not_before.is_(None), _OUTBOX.c.not_before <= work.now)
    waiting = (
        select(_OUTBOX.c.chat_id, _OUTBOX.c.lane)
        .join(_CHATS, _CHATS.c.id == _OUTBOX.c.chat_id)
        .where(free, due, _OUTBOX.c.status == text("'pending'"))
        .order_by(_OUTBOX.c.lane, _OUTBOX.c.id)
        .limit(most * 4)
    )
    behind = (
        select(_COPIES.c.chat_id)
        .join(_CHATS, _CHATS.c.id == _COPIES.c.chat_id)
        .where(free, _CHATS.c.unreachable_since.is_(None), text("drawn < wanted AND message_ref IS NOT NULL"))
        .limit(most)
    )
    found = dict.fromkeys(work.connection.execute(waiting).scalars())
    found |= dict.fromkeys(work.connection.execute(behind).scalars())
    return list(found)[:most]


def lease_chat(work: UnitOfWork, *, chat_id: int, token: str) -> bool:
    """Take the sending lease of a chat; False when somebody has it or the chat is paused."""
    taken = work.connection.execute(
        update(_CHATS)
        .where(
            _CHATS.c.id == chat_id,
            _free(*_lease_bounds(work)),
            or_(_CHATS.c.paused_until.is_(None), _CHATS.c.paused_until <= work.now),
        )
        .values(sender=token, lease_until=work.now + LEASE)
    )
    return taken.rowcount == 1


def renew_lease(work: UnitOfWork, *, chat_id: int, token: str) -> None:
    """Keep the lease of a chat for as long again, if it is still held under this token."""
    mine = update(_CHATS).where(_CHATS.c.id == chat_id, _CHATS.c.sender == token)
    work.connection.execute(mine.values(lease_until=work.now + LEASE))


def waiting(work: UnitOfWork, *, chat_id: int, most: int = 20) -> list[Any]:
    """The rows of a chat that are due, in the order in which they leave."""
    found = work.connection.execute(_WAITING, {"chat": chat_id, "now": work.now, "most": most})
    return list(found)


def mark_sent(work: UnitOfWork, *, row_id: int, message_ref: str | None) -> None:
    """The platform has taken this message under this reference."""
    work.connection.execute(_SENT, {"row": row_id, "ref": message_ref, "now": work.now})


def mark_dead(work: UnitOfWork, *, row_id: int, error: str) -> None:
    """Give up on a row; it stays to be seen, retried or dropped."""
    values = {"status": "dead", "last_error": error, "attempts": _OUTBOX.c.attempts + 1}
    work.connection.execute(update(_OUTBOX).where(_OUTBOX.c.id == row_id).values(values))


def mark_dropped(work: UnitOfWork, *, row_id: int, reason: str) -> None:
    """Not sent, and not to be: its reader may not have it any more."""
    values = {"status": "dropped", "last_error": reason}
    work.connection.execute(update(_OUTBOX).where(_OUTBOX.c.id == row_id).values(values))


def mark_failed(work: UnitOfWork, *, row_id: int, error: str) -> int:
    """Note a failed try; returns how many there have been."""
    failed = update(_OUTBOX).where(_OUTBOX.c.id == row_id)
    values = {"last_error": error, "attempts": _OUTBOX.c.attempts + 1}
    return int(work.connection.execute(failed.values(values).returning(_OUTBOX.c.attempts)).scalar_one())


def release_chat(work: UnitOfWork, *, chat_id: int, token: str, reached: bool = False) -> bool:
    """Give the lease back; False when more has come meanwhile and the lease was kept for it.

    `reached`: something has just arrived there, so somebody reads there whatever was thought.

    The update locks the chat's row first, so a message committed by another process just now is either seen
    here, or its writer sees the lease free: it cannot fall between the two.
    """
    released = work.connection.execute(_RELEASE, {"chat": chat_id, "token": token, "reached": reached}).one_or_none()
    if released is None:
        return True
    # Cards that nobody can see are drawn anew when somebody can.
    left = _ANYTHING if released.unreachable_since is None else _ANY_ROW
    if not work.connection.execute(left, {"chat": chat_id, "now": work.now}).scalar_one():
        return True
    work.connection.execute(_RETAKE, {"chat": chat_id, "token": token, "until": work.now + LEASE})
    return False


def let_go(work: UnitOfWork, *, chat_id: int, token: str) -> None:
    """Give the lease back without having sent anything."""
    work.connection.execute(_LET_GO, {"chat": chat_id, "token": token})


def let_go_all(work: UnitOfWork, *, worker: str) -> None:
    """A process that ends gives back whatever it still has leased: its tokens begin with its name, then `~` or `#`."""
    mine = or_(
        _CHATS.c.sender.startswith(f"{worker}~", autoescape=True),
        _CHATS.c.sender.startswith(f"{worker}#", autoescape=True),
    )
    work.connection.execute(update(_CHATS).where(mine).values(sender=None, lease_until=None))


def pause_chat(work: UnitOfWork, *, chat_id: int, token: str, seconds: float | None) -> datetime:
    """Give the lease back and hold the chat: for `seconds` where the platform said so, else growing to a minute."""
    failures = work.connection.execute(select(_CHATS.c.failures).where(_CHATS.c.id == chat_id)).scalar_one()
    pause = seconds if seconds is not None else min(60.0, 0.5 * 2 ** min(failures, 10))
    until = work.now + timedelta(seconds=pause)
    work.connection.execute(
        update(_CHATS)
        .where(_CHATS.c.id == chat_id, _CHATS.c.sender == token)
        .values(sender=None, lease_until=None, paused_until=until, failures=failures + 1)
    )
    return until


def mark_unreachable(work: UnitOfWork, *, chat_id: int) -> None:
    """The platform says that nobody reads there (the bot was blocked, the chat is gone)."""
    known = update(_CHATS).where(_CHATS.c.id == chat_id, _CHATS.c.unreachable_since.is_(None))
    work.connection.execute(known.values(unreachable_since=work.now))


def mark_reachable(work: UnitOfWork, *, chat_id: int) -> bool:
    """Somebody reads there; True where that is news."""
    gone = update(_CHATS).where(_CHATS.c.id == chat_id, _CHATS.c.unreachable_since.is_not(None))
    return work.connection.execute(gone.values(unreachable_since=None)).rowcount == 1


def _lease_bounds(work: UnitOfWork) -> tuple[datetime, datetime]:
    """A lease that ends before the first has run out; one after the second was taken by a clock set back since.

    While the clock was set a moment ago neither can be told: whoever lives renews their lease within that time.
    """
    if work.steady_s <= LEASE.total_seconds():
        return _NEVER, _EVER
    return work.now, work.now + 2 * LEASE


_NEVER, _EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
