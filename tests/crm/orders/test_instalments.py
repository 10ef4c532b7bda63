"""What is paid when, on paper: shares to the cent, together the total."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from crm.orders.quotes.instalments import instalments_on_paper


def test_deposit_and_balance() -> None:
    assert instalments_on_paper("T/T 30/70", Decimal("1000.01"), "USD") == (
        ("Deposit", "定金", "USD 300.00 (30 %)  with the order 下单时"),
        ("Balance", "余款", "USD 700.01 (70 %)  before shipment 发货前"),
    )
    rows = instalments_on_paper("签约付30%，发货前付60%，验收后付10%", Decimal(1000), "JPY")
    assert [text.split("  ")[0] for _, _, text in rows] == ["JPY 300 (30 %)", "JPY 600 (60 %)", "JPY 100 (10 %)"]
    assert [label for label, _, _ in rows] == ["Deposit", "Payment 2", "Balance"]


def test_later_and_by_letter_of_credit() -> None:
    (_, later) = instalments_on_paper("30% deposit, balance 60 days after B/L date", Decimal(100), "EUR")
    assert later[2] == "EUR 70.00 (70 %)  60 days after date of shipment 装运日后 60 天"
    (_, credit) = instalments_on_paper("30% T/T in advance, 70% L/C at sight", Decimal(100), "EUR")
    assert credit[2] == "EUR 70.00 (70 %)  by L/C, date of shipment 信用证，装运日"


def test_nothing_where_all_is_paid_at_once_or_nobody_can_say() -> None:
    assert instalments_on_paper("net 30", Decimal(100), "USD") == ()
    assert instalments_on_paper("see contract", Decimal(100), "USD") == ()


@given(st.decimals(min_value="0.01", max_value=10**9, places=2), st.integers(1, 99))
def test_the_shares_make_the_total(total: Decimal, percent: int) -> None:
    rows = instalments_on_paper(f"{percent}% deposit, balance before shipment", total, "USD")
    said = [Decimal(text.split()[1].replace(",", "")) for _, _, text in rows]
    assert sum(said) == total
