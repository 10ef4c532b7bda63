"""What lines come to: against a plain calculation in fractions, so that no digit is lost on the way."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm.core.errors import Invalid
from crm.orders.lines import PricedLine, add_up, line_net

quantities = st.decimals("0.0001", "999999999999", places=4)
prices = st.decimals("0", "9999999999", places=8)
discounts = st.decimals("0", "100", places=4)
rates = st.decimals("0.00000001", "99999", places=8)


def _half_up(value: Fraction, places: int) -> Decimal:
    scaled = value * 10**places
    whole = (scaled.numerator * 2 + scaled.denominator) // (scaled.denominator * 2)
    return Decimal(whole).scaleb(-places)


@given(quantities, prices, discounts, st.sampled_from([("CNY", 2), ("JPY", 0), ("KWD", 3)]))
@example(Decimal("0.0001"), Decimal(50), Decimal(0), ("CNY", 2))
@example(Decimal(1), Decimal("0.005"), Decimal(0), ("CNY", 2))
@example(Decimal(1), Decimal("2.675"), Decimal(0), ("CNY", 2))
@example(Decimal(3), Decimal("0.49999999"), Decimal(0), ("JPY", 0))
def test_a_line_is_rounded_once_half_up(
    quantity: Decimal, price: Decimal, discount: Decimal, currency: tuple[str, int]
) -> None:
    code, places = currency
    exact = Fraction(quantity) * Fraction(price) * (100 - Fraction(discount)) / 100
    if exact >= 10**14:
        with pytest.raises(Invalid):
            line_net(quantity=quantity, unit_price=price, discount=discount, discount_sum=None, currency=code)
        return
    net = line_net(quantity=quantity, unit_price=price, discount=discount, discount_sum=None, currency=code)
    assert net == _half_up(exact, places)


def _line(net: str, cost: str | None = None) -> PricedLine:
    names = ("position", "product_id", "sku", "name", "name_zh", "unit", "quantity", "unit_price", "discount")
    rest = dict.fromkeys((*names, "discount_sum", "list_price", "floor_price", "cost"))
    return PricedLine(**rest, net=Decimal(net), cost_base=None if cost is None else Decimal(cost))  # type: ignore[arg-type]


@given(st.lists(st.decimals("0", "99999999", places=2), min_size=1, max_size=8), rates)
def test_the_total_is_the_sum_of_rounded_lines_and_the_base_is_rounded_once(nets: list[Decimal], rate: Decimal) -> None:
    exact = sum(map(Fraction, nets), Fraction(0))
    lines = [_line(str(net)) for net in nets]
    if exact * Fraction(rate) >= 10**12:
        with pytest.raises(Invalid):
            add_up(lines, currency="USD", rate=rate, base="CNY")
        return
    figures = add_up(lines, currency="USD", rate=rate, base="CNY")
    assert Fraction(figures.total) == exact
    assert figures.base_total == _half_up(exact * Fraction(rate), 2)


def test_rounding_per_line_is_not_rounding_the_sum() -> None:
    third = line_net(
        quantity=Decimal(1), unit_price=Decimal("0.335"), discount=Decimal(0), discount_sum=None, currency="CNY"
    )
    assert add_up([_line(str(third))] * 3, currency="CNY", rate=Decimal(1), base="CNY").total == Decimal("1.02")


def test_a_discount_is_per_cent_a_sum_or_both() -> None:
    def net(discount: str, discount_sum: str | None) -> Decimal:
        told = None if discount_sum is None else Decimal(discount_sum)
        return line_net(
            quantity=Decimal(10),
            unit_price=Decimal(20),
            discount=Decimal(discount),
            discount_sum=told,
            currency="CNY",
        )

    assert [net("5", None), net("0", "50"), net("5", "50"), net("100", None), net("0", "200")] == [190, 150, 140, 0, 0]
    with pytest.raises(Invalid, match="more than the line"):
        net("5", "190.01")


@pytest.mark.parametrize(
    ("net", "cost", "margin", "under"),
    [
        ("100", "90", "10", False),
        ("100", "90.01", "9.99", True),
        ("3", "2.7", "10", False),
        ("500000.00", "450000.01", "10.0000", True),  # shown as 10 %, and under it all the same
        ("100", "250", "-150", True),
        ("0", "5", "-1000000", True),
        ("0", "0", None, False),
        ("100", None, None, False),
    ],
)
def test_the_margin_is_judged_before_rounding(net: str, cost: str | None, margin: str | None, under: bool) -> None:
    figures = add_up([_line(net, cost)], currency="CNY", rate=Decimal(1), base="CNY")
    shown = None if margin is None else Decimal(margin)
    assert (figures.margin, figures.is_margin_under(Decimal(10))) == (shown, under)


def test_one_unknown_cost_makes_the_margin_unknown() -> None:
    lines = [_line("100", "1"), _line("100", None)]
    assert add_up(lines, currency="CNY", rate=Decimal(1), base="CNY").margin is None


def test_costs_are_rounded_once() -> None:
    lines = [_line("1", "0.004")] * 3
    figures = add_up(lines, currency="CNY", rate=Decimal(1), base="CNY")
    assert figures.cost_base == Decimal("0.012").quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
