from decimal import Decimal

import pytest

from crm.language.quantities import read_quantity

QUANTITIES = {
    "2,000套": ("2000", "套"),
    "两千个": ("2000", "个"),
    "2打": ("24", None),
    "two dozen pcs": ("24", "pcs"),
    "500 pcs": ("500", "pcs"),
    "500PCS": ("500", "PCS"),
    "3 cartons": ("3", "cartons"),
    "1.2k": ("1200", None),
    "１００ 箱": ("100", "箱"),
    "12.5kg": ("12.5", "kg"),
    "5m": ("5", "m"),
    "2.5吨": ("2.5", "吨"),
    "数量: 500": ("500", None),
}


@pytest.mark.parametrize("typed", QUANTITIES)
def test_a_quantity(typed):
    reading = read_quantity(typed, whole=True)
    assert reading is not None
    assert (reading.value, reading.unit) == (Decimal(QUANTITIES[typed][0]), QUANTITIES[typed][1])


@pytest.mark.parametrize("typed", ["", "abc", "-5", "-5 pcs", "5%", "5 USD", "5个月", "1e400", "500个杯子"])
def test_no_quantity(typed):
    assert read_quantity(typed, whole=True) is None


@pytest.mark.parametrize(
    ("typed", "value", "unit", "part"),
    [
        ("MOQ 1000, 2 colours", "1000", None, "1000"),
        ("他要５００个杯子", "500", "个", "５００个"),
        ("order 20 boxes of tea", "20", "boxes", "20 boxes"),
        ("3 weeks, then 20 sets", "20", "sets", "20 sets"),
    ],
)
def test_the_first_quantity_in_a_text(typed, value, unit, part):
    reading = read_quantity(typed)
    assert reading is not None
    assert (reading.value, reading.unit, typed[slice(*reading.span)]) == (Decimal(value), unit, part)


@pytest.mark.parametrize(
    ("typed", "value", "unit"),
    [
        ("三斤半", "3.5", "斤"),
        ("100来套", "100", "套"),
        ("500余件", "500", "件"),
        ("2台半自动设备", "2", "台"),
        ("35 mg", "35", "mg"),
    ],
)
def test_a_half_behind_and_about_so_many(typed, value, unit):
    reading = read_quantity(typed)
    assert reading is not None
    assert (reading.value, reading.unit) == (Decimal(value), unit)


def test_months_are_no_goods():
    assert read_quantity("2个多月") is None
