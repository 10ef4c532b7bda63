"""Conversations under way, as rows: they survive restarts and pauses of days, and each turn is used up once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, String, bindparam, insert, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from bot.conversations.draft import Draft
from crm.core.tables import Base
from crm.core.types import Id, Json, UTCDateTime
from crm.core.work import UnitOfWork

LIFE = timedelta(days=30)
"""How long a draft that nobody touches can be continued."""


class ConversationSession(Base):
    """`turn` counts every answer; a button carries the turn it was drawn for. `state` is a Draft.

    `status`: `active` (bare text is its answer; one a person and chat), `parked` (waits for "Continue"), `done`,
    `cancelled`, `expired`, `over` (what it is about was dealt with otherwise). `as_form`: drawn as one page, so bare
    text is no answer to it.
    """

    __tablename__ = "conversation_sessions"
    __table_args__ = (
        Index(
            "uq_conversation_sessions_active",
            "chat_id",
            "person_id",
            unique=True,
            sqlite_where=text("status = 'active'"),
            postgresql_where=text("status = 'active'"),
        ),
        Index(None, "person_id", "status"),
        Index(None, "status", "changed_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    conversation: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    state: Mapped[dict[str, Any]] = mapped_column(Json)
    subject_id: Mapped[int | None]
    turn: Mapped[int]
    status: Mapped[str] = mapped_column(String(10))
    as_form: Mapped[bool]
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)


@dataclass(frozen=True, slots=True)
class Session:
    """A session as it was read; `subject_id` is the record it is about (the lead to be disqualified), if any."""

    id: int
    chat_id: int
    person_id: int
    conversation: str
    version: int
    draft: Draft
    subject_id: int | None
    turn: int
    status: str
    as_form: bool

    @property
    def token(self) -> str:
        """What its buttons carry: which session, and which turn of it."""
        return f"{self.id}.{self.turn}"


_SESSIONS = ConversationSession.table()
COLUMNS = (
    _SESSIONS.c.id,
    _SESSIONS.c.chat_id,
    _SESSIONS.c.person_id,
    _SESSIONS.c.conversation,
    _SESSIONS.c.version,
    _SESSIONS.c.state,
    _SESSIONS.c.subject_id,
    _SESSIONS.c.turn,
    _SESSIONS.c.status,
    _SESSIONS.c.as_form,
)
_BY_ID = select(*COLUMNS).where(_SESSIONS.c.id == bindparam("session"))
_ADVANCE = (
    update(_SESSIONS)
    .where(_SESSIONS.c.id == bindparam("session"), _SESSIONS.c.turn == bindparam("was"))
    .values(
        state=bindparam("state", type_=_SESSIONS.c.state.type),
        turn=bindparam("was") + 1,
        status=bindparam("now_is"),
        changed_at=bindparam("now", type_=UTCDateTime),
        version=bindparam("new_version"),
    )
)


def read_session(row: Any) -> Session:
    """A Session from the values of COLUMNS, in their order."""
    session_id, chat_id, person_id, name, version, state, subject_id, turn, status, as_form = row
    draft = Draft.from_json(state)
    return Session(session_id, chat_id, person_id, name, version, draft, subject_id, turn, status, bool(as_form))


def get_session(work: UnitOfWork, session_id: int) -> Session | None:
    row = work.connection.execute(_BY_ID, {"session": session_id}).one_or_none()
    return None if row is None else read_session(row)


def start_session(
    work: UnitOfWork,
    *,
    chat_id: int,
    person_id: int,
    conversation: str,
    version: int,
    draft: Draft,
    subject_id: int | None,
    as_form: bool,
) -> Session:
    """A new active session; the caller has parked the one before."""
    values = {
        "chat_id": chat_id,
        "person_id": person_id,
        "conversation": conversation,
        "version": version,
        "state": draft.to_json(),
        "subject_id": subject_id,
        "turn": 1,
        "status": "active",
        "as_form": as_form,
        "started_at": work.now,
        "changed_at": work.now,
    }
    session_id = work.connection.execute(insert(_SESSIONS).returning(_SESSIONS.c.id), values).scalar_one()
    return Session(session_id, chat_id, person_id, conversation, version, draft, subject_id, 1, "active", as_form)


def advance(
    work: UnitOfWork, session: Session, draft: Draft, *, status: str = "active", version: int | None = None
) -> Session | None:
    """Use up this turn: compare-and-set on it. None when somebody else has used it already (a double tap)."""
    version = session.version if version is None else version
    values = {
        "session": session.id,
        "was": session.turn,
        "state": draft.to_json(),
        "now_is": status,
        "now": work.now,
        "new_version": version,
    }
    if work.connection.execute(_ADVANCE, values).rowcount != 1:
        return None
    return Session(
        session.id,
        session.chat_id,
        session.person_id,
        session.conversation,
        version,
        draft,
        session.subject_id,
        session.turn + 1,
        status,
        session.as_form,
    )


def keep(work: UnitOfWork, session: Session, draft: Draft) -> None:
    """Remember a draft without using the turn up."""
    kept = update(_SESSIONS).where(_SESSIONS.c.id == session.id, _SESSIONS.c.turn == session.turn)
    work.connection.execute(kept.values(state=draft.to_json(), changed_at=work.now))


def set_status(work: UnitOfWork, session: Session, status: str) -> None:
    """Park, cancel or finish, whatever the turn: buttons drawn before become stale."""
    changed = {"status": status, "turn": _SESSIONS.c.turn + 1, "changed_at": work.now}
    work.connection.execute(update(_SESSIONS).where(_SESSIONS.c.id == session.id).values(changed))


def latest_parked(work: UnitOfWork, *, chat_id: int, person_id: int) -> Session | None:
    """The draft in this chat that "Continue" means: the one put aside last."""
    query = (
        select(*COLUMNS)
        .where(_SESSIONS.c.chat_id == chat_id, _SESSIONS.c.person_id == person_id, _SESSIONS.c.status == "parked")
        .order_by(_SESSIONS.c.changed_at.desc(), _SESSIONS.c.id.desc())
        .limit(1)
    )
    row = work.connection.execute(query).one_or_none()
    return None if row is None else read_session(row)


def expire_sessions(work: UnitOfWork, *, life: timedelta = LIFE) -> int:
    """Close drafts that nobody has touched for longer than `life`; returns how many."""
    old = (_SESSIONS.c.status.in_(("active", "parked")), _SESSIONS.c.changed_at < work.now - life)
    return work.connection.execute(update(_SESSIONS).where(*old).values(status="expired")).rowcount
