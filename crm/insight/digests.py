"""Digests: what concerns somebody today, gathered once a local day and kept as it was then. Guide 1, 4."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.tables import Base
from crm.core.types import Id, Json, UTCDateTime


class Digest(Base):
    """One digest of a person's or a team's. `kind`: whose it is (`rep`, `supervisor`, `finance`, `gm`, `team`);
    `facts`: what it said, its texts packed.
    """

    __tablename__ = "digests"
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "local_date"),
        UniqueConstraint("team_id", "kind", "local_date"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    kind: Mapped[str] = mapped_column(String(20))
    local_date: Mapped[date] = mapped_column(Date)
    facts: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
