from decimal import Decimal

import pytest

from crm.language.percents import read_discount

DISCOUNTS = {
    "0": "0",
    "5": "5",
    "5%": "5",
    "１５％": "15",
    "7.5 %": "7.5",
    "5% off": "5",
    "9折": "10",
    "九折": "10",
    "95折": "5",
    "九五折": "5",
    "打八八折": "12",
    "8.5折": "15",
    "10折": "0",
    "百分之五": "5",
    "半价": "50",
    "不打折": "0",
    "100%": "100",
}


@pytest.mark.parametrize("typed", DISCOUNTS)
def test_a_discount(typed):
    reading = read_discount(typed)
    assert reading is not None
    assert reading.percent == Decimal(DISCOUNTS[typed])


@pytest.mark.parametrize("typed", ["", "abc", "-5", "-5%", "101", "120%", "0折", "120折", "$5", "5 USD", "5 boxes"])
def test_no_discount(typed):
    assert read_discount(typed) is None


def test_in_a_text_only_what_is_signed_as_one():
    reading = read_discount("500个，打95折", whole=False)
    assert reading is not None
    assert (reading.percent, "500个，打95折"[slice(*reading.span)]) == (Decimal(5), "95折")
    assert read_discount("500 pcs", whole=False) is None
