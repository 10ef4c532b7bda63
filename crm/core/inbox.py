"""What has come in: a delivery's id, written in the same transaction as its effects, so twice does nothing twice."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Index, String, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.tables import Base
from crm.core.types import Id, Json, UTCDateTime
from crm.core.work import UnitOfWork


class InboxEntry(Base):
    """One delivery of a platform. `outcome` is what a redelivery has to be answered with, where that matters."""

    __tablename__ = "inbox"
    __table_args__ = (
        Index("uq_inbox_platform_delivery_id", "platform", "delivery_id", unique=True),
        Index(None, "received_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    platform: Mapped[str] = mapped_column(String(20))
    delivery_id: Mapped[str] = mapped_column(String(200))
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    outcome: Mapped[dict[str, Any] | None] = mapped_column(Json)


_ENTRIES = InboxEntry.table()
_KEY = [_ENTRIES.c.platform, _ENTRIES.c.delivery_id]


def _take(dialect: Any) -> Any:
    # An insert's count of rows is only told when asked for; and inline, or PostgreSQL is asked for the new id too.
    row = dialect.insert(_ENTRIES).on_conflict_do_nothing(index_elements=_KEY).inline()
    return row.execution_options(preserve_rowcount=True)


_TAKE = {"sqlite": _take(sqlite), "postgresql": _take(postgresql)}
_OUTCOME = select(_ENTRIES.c.outcome).where(
    _ENTRIES.c.platform == bindparam("platform"), _ENTRIES.c.delivery_id == bindparam("delivery_id")
)


def take(work: UnitOfWork, *, platform: str, delivery_id: str) -> bool:
    """Note that this delivery is being handled; False when it already was."""
    values = {"platform": platform, "delivery_id": delivery_id, "received_at": work.now}
    return work.connection.execute(_TAKE[work.connection.dialect.name], values).rowcount == 1


def keep_outcome(work: UnitOfWork, *, platform: str, delivery_id: str, outcome: dict[str, Any]) -> None:
    """Remember what this delivery was answered with, for when the platform asks again."""
    work.connection.execute(
        update(_ENTRIES)
        .where(_ENTRIES.c.platform == platform, _ENTRIES.c.delivery_id == delivery_id)
        .values(outcome=outcome)
    )


def outcome_of(work: UnitOfWork, *, platform: str, delivery_id: str) -> dict[str, Any] | None:
    """What the first handling of this delivery was answered with, if that was kept."""
    found = work.connection.execute(_OUTCOME, {"platform": platform, "delivery_id": delivery_id}).scalar()
    return found or None


def forget(work: UnitOfWork, *, older_than: timedelta) -> int:
    """Drop entries no platform will ever deliver again; returns how many."""
    return work.connection.execute(delete(_ENTRIES).where(_ENTRIES.c.received_at < work.now - older_than)).rowcount
