"""Messages that our own rules could not read and a model is to be asked about: rows, so that a restart loses none."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, UniqueConstraint, delete, insert, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from bot.inbound import Inbound
from crm.core.database import Database
from crm.core.tables import Base
from crm.core.types import Id, Json, UTCDateTime
from crm.core.work import UnitOfWork

MOST_ATTEMPTS = 3
LEASE = timedelta(seconds=60)
"""Longer than a model may take: a process that died meanwhile has lost its claim by then."""


class ModelQuestion(Base):
    """A message as it came in; gone as soon as it is answered."""

    __tablename__ = "model_questions"
    __table_args__ = (UniqueConstraint("platform", "delivery_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    platform: Mapped[str] = mapped_column(String(20))
    delivery_id: Mapped[str] = mapped_column(String(200))
    inbound: Mapped[dict[str, Any]] = mapped_column(Json)
    attempts: Mapped[int]
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


_QUESTIONS = ModelQuestion.table()


def ask_later(work: UnitOfWork, inbound: Inbound) -> None:
    """Put a message down to be asked about."""
    row = {
        "platform": inbound.platform,
        "delivery_id": inbound.delivery_id,
        "inbound": inbound.to_json(),
        "attempts": 0,
        "created_at": work.now,
    }
    work.connection.execute(insert(_QUESTIONS), row)


def claim_questions(database: Database, *, most: int = 4) -> Sequence[tuple[int, Inbound, bool]]:
    """Messages to be asked about now, oldest first, each for one process; and whether it is the last attempt."""
    c = _QUESTIONS.c
    with database.read() as work:
        free = or_(c.lease_until.is_(None), c.lease_until <= work.now)
        ids = work.connection.execute(select(c.id).where(free).order_by(c.id).limit(most)).scalars().all()
    if not ids:
        return ()
    with database.write() as work:
        free = or_(c.lease_until.is_(None), c.lease_until <= work.now)
        mine = update(_QUESTIONS).where(c.id.in_(ids), free)
        values = {"lease_until": work.now + LEASE, "attempts": c.attempts + 1}
        rows = work.connection.execute(mine.values(**values).returning(c.id, c.inbound, c.attempts)).all()
    return [(row.id, Inbound.from_json(row.inbound), row.attempts >= MOST_ATTEMPTS) for row in rows]


def settle_question(database: Database, question_id: int) -> None:
    with database.write() as work:
        work.connection.execute(delete(_QUESTIONS).where(_QUESTIONS.c.id == question_id))
