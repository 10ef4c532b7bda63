"""Steps left undecided for too long: the superior may decide too. Guide 3.1."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.tables import Base
from crm.core.types import UTCDateTime


class StepEscalation(Base):
    """`person_id`, the superior of `approver_id`, may decide on this step too, since `at`."""

    __tablename__ = "step_escalations"

    step_id: Mapped[int] = mapped_column(ForeignKey("approval_steps.id"), primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, autoincrement=False)
    approver_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
