"""Columns: money exact to the ten-thousandth, times aware, the same on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Dialect, MetaData, Table, func, insert, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import StatementError

from crm.core.database import Database
from crm.core.money import Money, decimals, round_amount
from crm.core.types import Amount, Id, Json, Price, Rate, UTCDateTime

LITTLE: Dialect = sqlite.dialect()
LARGEST = Decimal(2**63 - 1).scaleb(-4)

_tables = MetaData()
VALUES = Table(
    "values_of_types",
    _tables,
    Column("id", Id, primary_key=True),
    Column("amount", Amount),
    Column("price", Price),
    Column("rate", Rate),
    Column("at", UTCDateTime),
    Column("data", Json),
)


@pytest.fixture
def values(database: Database) -> Iterator[Table]:
    _tables.create_all(database.engine)
    yield VALUES
    _tables.drop_all(database.engine)


def _keep(database: Database, **row: object) -> None:
    with database.write() as work:
        work.connection.execute(insert(VALUES), row)


def _kept(database: Database, column: str) -> list[object]:
    with database.read() as work:
        return list(work.connection.execute(select(VALUES.c[column]).order_by(VALUES.c.id)).scalars())


@pytest.mark.parametrize("amount", ["0", "0.0001", "-12500.5", "922337203685477.5807", "-922337203685477.5807"])
def test_amounts_come_back_as_they_were(database: Database, values: Table, amount: str) -> None:
    _keep(database, amount=Decimal(amount))
    assert _kept(database, "amount") == [Decimal(amount)]


@pytest.mark.parametrize("name", ["price", "rate"])
def test_prices_and_rates_have_eight_decimals(database: Database, values: Table, name: str) -> None:
    _keep(database, **{name: Decimal("7.12345678")})
    _keep(database, **{name: Decimal("92233720368.54775807")})
    assert _kept(database, name) == [Decimal("7.12345678"), Decimal("92233720368.54775807")]


def test_what_is_finer_is_rounded_half_up(database: Database, values: Table) -> None:
    for amount in ("0.00005", "0.00004999", "-0.00005"):
        _keep(database, amount=Decimal(amount))
    assert _kept(database, "amount") == [Decimal("0.0001"), 0, Decimal("-0.0001")]


def test_an_amount_too_large_is_refused_and_not_wrapped(database: Database, values: Table) -> None:
    for amount in (LARGEST + Decimal("0.0001"), -LARGEST - Decimal("0.0002"), Decimal("1e30")):
        with pytest.raises((StatementError, OverflowError), match="does not fit"):
            _keep(database, amount=amount)
    assert _kept(database, "amount") == []


@pytest.mark.parametrize("value", [1.5, 3, "12", Decimal("NaN"), Decimal("Infinity")])
def test_only_finite_decimals_are_amounts(value: object) -> None:
    with pytest.raises(TypeError, match="finite Decimal"):
        Amount().process_bind_param(value, LITTLE)


def test_a_sum_is_exact_and_an_amount_again(database: Database, values: Table) -> None:
    for amount in ("0.1", "0.2", "1000000000000.0001"):
        _keep(database, amount=Decimal(amount))
    with database.read() as work:
        assert work.connection.execute(select(func.sum(VALUES.c.amount))).scalar() == Decimal("1000000000000.3001")


def test_nothing_is_nothing(database: Database, values: Table) -> None:
    _keep(database, amount=None, at=None, data=None)
    assert (_kept(database, "amount"), _kept(database, "at"), _kept(database, "data")) == ([None], [None], [None])
    with database.read() as work:
        assert work.connection.execute(select(VALUES.c.id).where(VALUES.c.data.is_(None))).all() == [(1,)]


def test_times_come_back_in_utc(database: Database, values: Table) -> None:
    at = datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    _keep(database, at=at)
    (kept,) = _kept(database, "at")
    assert kept == at
    assert isinstance(kept, datetime)
    assert kept.tzinfo is UTC


def test_times_compare_in_sql_whatever_their_zone(database: Database, values: Table) -> None:
    _keep(database, at=datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
    later = datetime(2026, 3, 2, 9, 0, 1, tzinfo=timezone(timedelta(hours=8)))
    with database.read() as work:
        assert work.connection.execute(select(VALUES.c.id).where(VALUES.c.at < later)).all() == [(1,)]


def test_a_naive_time_is_refused(database: Database, values: Table) -> None:
    with pytest.raises((StatementError, TypeError), match="without a zone"):
        _keep(database, at=datetime(2026, 3, 2, 9, 30))  # noqa: DTZ001 - that is the point
    assert _kept(database, "at") == []


def test_json_comes_back_as_it_was(database: Database, values: Table) -> None:
    data = {"text": "报价 🏮 \u202e שלום", "list": [1, None, True, {"deep": ["x"]}], "": 0.5}
    _keep(database, data=data)
    assert _kept(database, "data") == [data]


@given(st.decimals(min_value=-LARGEST, max_value=LARGEST, places=4))
def test_any_amount_survives(amount: Decimal) -> None:
    kind = Amount()
    assert kind.process_result_value(kind.process_bind_param(amount, LITTLE), LITTLE) == amount


def test_currencies_do_not_mix() -> None:
    with pytest.raises(ValueError, match="do not add up"):
        Money(Decimal(1), "CNY") + Money(Decimal(1), "USD")
    with pytest.raises(ValueError, match="do not add up"):
        Money(Decimal(1), "CNY") - Money(Decimal(1), "USD")
    assert Money(Decimal(3), "CNY") - Money(Decimal(1), "CNY") == Money(Decimal(2), "CNY")


def test_rounding_goes_by_the_currency() -> None:
    assert [decimals(code) for code in ("CNY", "JPY", "KWD")] == [2, 0, 3]
    assert round_amount(Decimal("2.345"), "CNY") == Decimal("2.35")
    assert round_amount(Decimal("2.5"), "JPY") == Decimal(3)
    assert Money(Decimal("1.0005"), "KWD").rounded() == Money(Decimal("1.001"), "KWD")
