"""An open quote whose rate moved so far that its margin falls under the floor says so, once per crossing."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from crm.orders.quotes.drifting import DRIFTED, Drift, drift_of
from crm.orders.quotes.quotes import read_plain
from crm.people.watching import tell_news
from tests.crm.orders.quoting import Quoting
from tests.crm.orders.trading import Trade


@pytest.fixture
def quoting(trade: Trade) -> Quoting:
    trade.rate("USD", "7")
    return Quoting(trade)


def _drift(quoting: Quoting, quote: int) -> Drift | None:
    with quoting.trade.database.read() as work:
        return drift_of(work, quote=read_plain(work, quote_id=quote))


def _tell(trade: Trade) -> int:
    with trade.database.write() as work:
        return tell_news(work, DRIFTED).told


def _in_dollars(quoting: Quoting, price: str = "1.6") -> int:
    """1.6 dollars are CNY 11.20, of which 1.20 are left: a margin of 10.7 %."""
    lines = (quoting.trade.line("100", price),)
    return quoting.write(lines=lines, currency="USD")


def test_the_rate_is_locked_when_it_is_sent(quoting: Quoting, trade: Trade) -> None:
    quote = _in_dollars(quoting)
    trade.rate("USD", "7.2")
    assert quoting.send(quote)
    trade.rate("USD", "6")
    row = quoting.row(quote)
    assert (row.rate, row.base_total, row.costs) == (Decimal("7.2"), Decimal(1152), {"CNY": "1000"})


def test_a_crossing_is_told_once_to_owner_and_supervisor(quoting: Quoting, trade: Trade) -> None:
    quote = _in_dollars(quoting)
    trade.rate("USD", "6.9")
    assert _drift(quoting, quote) is None  # a draft is priced anew
    trade.rate("USD", "7")
    assert quoting.send(quote)
    trade.rate("USD", "6.95")
    assert _drift(quoting, quote) is None  # 10.07 %
    assert _tell(trade) == 0
    trade.rate("USD", "6.9")
    assert _drift(quoting, quote) == Drift("USD", Decimal(7), Decimal("6.9"), Decimal("9.4"))
    assert _tell(trade) == 2
    assert _tell(trade) == 0
    assert "9.4" in str(trade._payloads(trade.boss)[-1])
    assert "9.4" not in str(trade._payloads(trade.rep))
    trade.rate("USD", "7.1")
    assert _tell(trade) == 0
    trade.rate("USD", "6.8")
    assert _tell(trade) == 2


def test_goods_paid_in_the_same_currency_move_along(quoting: Quoting, trade: Trade) -> None:
    product = trade.add_product("EARL", "Earl Grey", price="2", cost="1.4", currency="USD")
    quote = quoting.sent(lines=(trade.line("100", "1.6", product=product),), currency="USD")
    trade.rate("USD", "3")
    assert _drift(quoting, quote) is None


def test_a_quote_in_base_currency_drifts_by_what_its_goods_cost(quoting: Quoting, trade: Trade) -> None:
    product = trade.add_product("EARL", "Earl Grey", price="2", cost="1.4", currency="USD")
    quote = quoting.sent(lines=(trade.line("100", "11.2", product=product),), currency="CNY")
    trade.rate("USD", "7.5")
    assert _drift(quoting, quote) is not None
    assert _tell(trade) == 2


def test_what_was_under_the_floor_margin_already_has_crossed_nothing(quoting: Quoting, trade: Trade) -> None:
    quote = _in_dollars(quoting, "1.5")
    assert quoting.send(quote)
    trade.rate("USD", "6.5")
    assert _drift(quoting, quote) is None


def test_an_answered_quote_and_one_of_unknown_cost_drift_nowhere(quoting: Quoting, trade: Trade) -> None:
    product = trade.add_product("EARL", "Earl Grey", price="2", currency="USD")
    unknown = quoting.sent(lines=(trade.line("100", "1.6", product=product),), currency="USD")
    answered = _in_dollars(quoting)
    quoting.send(answered)
    quoting.accept(answered)
    trade.rate("USD", "3")
    assert [_drift(quoting, one) for one in (unknown, answered)] == [None, None]
    assert _tell(trade) == 0


def test_tomorrows_rate_counts_tomorrow(quoting: Quoting, trade: Trade, clock: Any) -> None:
    quote = _in_dollars(quoting)
    quoting.send(quote)
    trade.rate("USD", "6", date(2026, 3, 3))
    assert _drift(quoting, quote) is None
    clock.move(days=1)
    assert _drift(quoting, quote) is not None
