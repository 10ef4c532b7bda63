from decimal import Decimal

import pytest

from crm.language.numbers import read_number

NUMBERS = {
    "0": "0",
    "1200": "1200",
    "1,200.50": "1200.50",
    "1.200,50": "1200.50",
    "1.200.500": "1200500",
    "1'200": "1200",
    "12,5": "12.5",
    "12,00,000": "1200000",
    "12.5k": "12500",
    "1.2m": "1200000",
    "3 million": "3000000",
    "30万": "300000",
    "30w": "300000",
    "1.5亿": "150000000",
    "3万5": "35000",
    "1亿2000万": "120000000",
    "三千五": "3500",
    "两百": "200",
    "一万二": "12000",
    "一百零五": "105",
    "一千零五十": "1050",
    "三千五百万": "35000000",
    "三萬四千五百六十七": "34567",
    "伍佰叁拾肆": "534",
    "廿五": "25",
    "十": "10",
    "三点五": "3.5",
    "二〇二六": "2026",
    "２０": "20",
    "１，２００．５": "1200.5",
    "two thousand": "2000",
    "twenty-one": "21",
    "one hundred and five": "105",
    "Two Million Three Hundred Thousand": "2300000",
    "-5": "-5",
    "minus 3": "-3",
    "负两百": "-200",
    "9" * 15: "9" * 15,
}


@pytest.mark.parametrize("typed", NUMBERS)
def test_a_number(typed):
    reading = read_number(f" {typed} ", whole=True)
    assert reading is not None
    assert reading.value == Decimal(NUMBERS[typed])
    assert reading.span == (1, 1 + len(typed))


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "abc",
        "nan",
        "inf",
        "Infinity",
        "1e400",
        "1e5",
        "9" * 16,
        "1,2,3",
        "12.5kg",
        "1.2.3",
        "--",
        "万",
        "seven thirty",
        "两三",
        "三五万",
        "一二百",
        "一" * 16,
        "0x1F",
    ],
)
def test_no_number(typed):
    assert read_number(typed, whole=True) is None


@pytest.mark.parametrize(
    ("typed", "value", "part"),
    [
        ("price 12.5 now", "12.5", "12.5"),
        ("共３０万 左右", "300000", "３０万"),
        ("30 - 50", "30", "30"),
    ],
)
def test_the_first_number_in_a_text(typed, value, part):
    reading = read_number(typed)
    assert reading is not None
    assert (reading.value, typed[slice(*reading.span)]) == (Decimal(value), part)
