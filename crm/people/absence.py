"""Who is away, until when, and who decides for them meanwhile. Guide 3.1."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.tables import Base
from crm.core.types import Id, UTCDateTime


class Absence(Base):
    """Somebody's time away. `delegate_id` None: nobody decides for them. `ended_at`: back before `until`, or over;
    `welcomed_at`: when they were told what had happened meanwhile.
    """

    __tablename__ = "absences"
    __table_args__ = (Index(None, "person_id", "until"), Index(None, "delegate_id"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    delegate_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    until: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    welcomed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
