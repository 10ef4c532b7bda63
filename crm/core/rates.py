"""Exchange rates, dated: how much of the base currency one unit of a foreign one is worth from a day on."""

from datetime import date
from decimal import Decimal

from sqlalchemy import Date, String, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.errors import Invalid
from crm.core.money import Money, round_amount
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Rate
from crm.core.work import UnitOfWork

ONE = Decimal(1)


class ExchangeRate(Base):
    __tablename__ = "exchange_rates"

    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    valid_from: Mapped[date] = mapped_column(Date, primary_key=True)
    rate: Mapped[Decimal] = mapped_column(Rate)


def set_rate(work: UnitOfWork, *, currency: str, valid_from: date, rate: Decimal) -> None:
    """From this day on, one unit of `currency` is worth `rate` of the base currency. Raises Invalid."""
    if rate <= 0:
        raise Invalid(T("A rate must be above nought."))
    same = (ExchangeRate.currency == currency, ExchangeRate.valid_from == valid_from)
    work.connection.execute(delete(ExchangeRate).where(*same))
    work.connection.execute(insert(ExchangeRate), {"currency": currency, "valid_from": valid_from, "rate": rate})


def rate_on(work: UnitOfWork, *, currency: str, day: date, base: str) -> Decimal:
    """The rate of a currency on a day: the latest that was valid by then. Raises Invalid where there is none."""
    if currency == base:
        return ONE
    query = (
        select(ExchangeRate.rate)
        .where(ExchangeRate.currency == currency, ExchangeRate.valid_from <= day)
        .order_by(ExchangeRate.valid_from.desc())
        .limit(1)
    )
    found = work.connection.execute(query).scalar()
    if found is None:
        raise Invalid(T("There is no exchange rate for {currency}. Please ask finance to set one.", currency=currency))
    return found


def in_base(money: Money, *, rate: Decimal, base: str) -> Decimal:
    """An amount in the base currency at a rate, rounded half up to the base currency's cents."""
    return round_amount(money.amount * rate, base)
