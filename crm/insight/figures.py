"""Figures kept ready as rows change, by person and day, in the base currency to the cent: what digests add up."""

from datetime import date
from decimal import Decimal

from sqlalchemy import Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.tables import Base
from crm.core.types import Amount


class DayFigure(Base):
    """What one person's records add up to on one day of the company's. `measure`: one of MEASURES."""

    __tablename__ = "day_figures"
    __table_args__ = (Index(None, "measure", "day"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    measure: Mapped[str] = mapped_column(String(20), primary_key=True)
    count: Mapped[int]
    base_amount: Mapped[Decimal] = mapped_column(Amount)
