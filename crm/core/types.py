"""Column types: money, prices and rates as exact integers, times that are aware and UTC, JSON."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB

_INT64_MAX = 2**63 - 1


class _Scaled(TypeDecorator[Decimal]):
    """A Decimal kept as a 64-bit integer of 10^-places; SQLite's numerics would be floats."""

    impl = BigInteger
    cache_ok = True
    places = 0

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if not isinstance(value, Decimal) or not value.is_finite():
            raise TypeError(f"{type(self).__name__} takes a finite Decimal, not {value!r}")
        scaled = int(value.scaleb(self.places).to_integral_value(rounding=ROUND_HALF_UP))
        if abs(scaled) > _INT64_MAX:
            raise OverflowError(f"{value} does not fit a {type(self).__name__}")
        return scaled

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        # PostgreSQL's SUM over bigint is numeric, SQLite's an int: both become an int of the scale.
        return None if value is None else Decimal(int(value)).scaleb(-self.places)


class Amount(_Scaled):
    """An amount of money in ten-thousandths of the currency unit; the currency stands in a column beside."""

    cache_ok = True
    places = 4


class Price(_Scaled):
    """A price of one unit, with 8 decimals."""

    cache_ok = True
    places = 8


class Rate(_Scaled):
    """An exchange rate (base currency per unit of the foreign one), with 8 decimals."""

    cache_ok = True
    places = 8


class Quantity(_Scaled):
    """A quantity of goods, with 4 decimals."""

    cache_ok = True
    places = 4


class Percent(_Scaled):
    """A percentage (5 for 5 %), with 4 decimals."""

    cache_ok = True
    places = 4


class UTCDateTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC. Refuses naive times, which SQLite would store without complaint."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError(f"a time without a zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""Plain JSON; binary in PostgreSQL."""

# SQLite numbers rows by itself only in a column that is INTEGER to the letter.
Id = BigInteger().with_variant(Integer(), "sqlite")
