from decimal import Decimal

import pytest

from crm.language.currencies import CURRENCIES, GENERIC, WRITTEN
from crm.language.money import read_budget, read_money

MONEY = {
    "￥30万": ("300000", "CNY"),
    "USD 1,200.50": ("1200.50", "USD"),
    "usd1200": ("1200", "USD"),
    "1200美元": ("1200", "USD"),
    "30万美金": ("300000", "USD"),
    "€5": ("5", "EUR"),
    "1.200,50 €": ("1200.50", "EUR"),
    "三千五百块": ("3500", "CNY"),
    "三块五": ("3.5", "CNY"),
    "3块4毛5": ("3.45", "CNY"),
    "五元六角": ("5.6", "CNY"),
    "US$20": ("20", "USD"),
    "HK$300": ("300", "HKD"),
    "RMB 5000": ("5000", "CNY"),
    "人民币三十万": ("300000", "CNY"),
    "30万元人民币": ("300000", "CNY"),
    "5000 yuan": ("5000", "CNY"),
    "20 bucks": ("20", "USD"),
    "$20k": ("20000", "USD"),
    "about $ 20": ("20", "USD"),
    "约30万元左右": ("300000", "CNY"),
    "20 CAD": ("20", "CAD"),
    "$20 CAD": ("20", "CAD"),
    "5 TRY": ("5", "TRY"),
    "US$4.7 billion": ("4700000000", "USD"),
}


@pytest.mark.parametrize("typed", MONEY)
def test_an_amount_with_its_currency(typed):
    reading = read_money(typed, default_currency="CNY", whole=True)
    assert reading is not None
    assert (reading.amount, reading.currency, reading.explicit) == (Decimal(MONEY[typed][0]), MONEY[typed][1], True)


@pytest.mark.parametrize("default", ["CNY", "EUR", None])
def test_a_bare_amount_has_the_default_currency(default):
    reading = read_money("12.5k", default_currency=default)
    assert reading is not None
    assert (reading.amount, reading.currency, reading.explicit) == (Decimal(12500), default, False)


@pytest.mark.parametrize(
    ("typed", "default", "currency"),
    [("$5", "HKD", "HKD"), ("$5", "CNY", "USD"), ("¥500", "JPY", "JPY"), ("¥500", "USD", "CNY"), ("5元", "TWD", "TWD")],
)
def test_generic_signs_follow_the_default_where_it_is_one_of_theirs(typed, default, currency):
    reading = read_money(typed, default_currency=default)
    assert reading is not None
    assert reading.currency == currency


@pytest.mark.parametrize(
    "typed", ["-5", "-$5", "$-5", "- 5 USD", "", "abc", "5%", "2 all", "try 5", "1e400 USD", "5 boxes", "nan USD"]
)
def test_no_money(typed):
    assert read_money(typed, default_currency="CNY", whole=True) is None


@pytest.mark.parametrize(
    ("typed", "amount", "part"),
    [
        ("目标价 ＄２．３/个，500个", "2.3", "＄２．３"),
        ("500 pcs at USD 2.30 FOB", "2.30", "USD 2.30"),
        ("报价12.5美元", "12.5", "12.5美元"),
    ],
)
def test_the_first_amount_with_a_currency_in_a_text(typed, amount, part):
    reading = read_money(typed, default_currency="CNY")
    assert reading is not None
    assert (reading.amount, typed[slice(*reading.span)]) == (Decimal(amount), part)


def test_a_bare_number_among_other_words_is_no_money():
    assert read_money("500 pcs please", default_currency="CNY") is None


BUDGETS = {
    "30-50k USD": (30_000, 50_000, "USD"),
    "30-50万": (300_000, 500_000, "CNY"),
    "30万到50万": (300_000, 500_000, "CNY"),
    "３０～５０万": (300_000, 500_000, "CNY"),
    "10k~20k": (10_000, 20_000, "CNY"),
    "$10k - $20k": (10_000, 20_000, "USD"),
    "USD 30k to 50k": (30_000, 50_000, "USD"),
    "between 10 and 20 dollars": (10, 20, "USD"),
    "¥30,000–¥50,000": (30_000, 50_000, "CNY"),
    "预算30-50万": (300_000, 500_000, "CNY"),
    "500-1k": (500, 1000, "CNY"),
    "50k-30k": (30_000, 50_000, "CNY"),
    "around 5000": (5000, 5000, "CNY"),
    "5000": (5000, 5000, "CNY"),
    "大概5万块": (50_000, 50_000, "CNY"),
    "不超过2万": (0, 20_000, "CNY"),
    "5万以内": (0, 50_000, "CNY"),
    "up to 20k": (0, 20_000, "CNY"),
    "under €7": (0, 7, "EUR"),
    "50k+": (50_000, None, "CNY"),
    "at least 50k": (50_000, None, "CNY"),
    "30K+ EUR": (30_000, None, "EUR"),
    "不到10万": (0, 100_000, "CNY"),
    "5 - 8 万": (50_000, 80_000, "CNY"),
    "10万以上": (100_000, None, "CNY"),
}


@pytest.mark.parametrize("typed", BUDGETS)
def test_a_budget(typed):
    reading = read_budget(typed, default_currency="CNY")
    assert reading is not None
    assert (reading.low, reading.high, reading.currency) == BUDGETS[typed]


@pytest.mark.parametrize("typed", ["", "abc", "-5", "abc 5", "-5 - 10 USD", "unknown", "10%"])
def test_no_budget(typed):
    assert read_budget(typed, default_currency="CNY") is None


def test_every_written_form_stands_for_a_currency_in_use():
    assert set(WRITTEN.values()) <= CURRENCIES
    assert {usual for usual, _ in GENERIC.values()} <= CURRENCIES


@pytest.mark.parametrize(
    ("typed", "amount", "currency"),
    [
        ("20 dollars and 43 cents", "20.43", "USD"),
        ("3 GBP 1 pence", "3.01", "GBP"),
        ("两毛五", "0.25", "CNY"),
        ("2角", "0.2", "CNY"),
        ("三块零四", "3.04", "CNY"),
        ("42 Malaysian ringgits", "42", "MYR"),
        ("42 Qatari riyals", "42", "QAR"),
        ("5,000 Hong Kong dollars", "5000", "HKD"),
    ],
)
def test_small_change_and_names_of_countries(typed, amount, currency):
    reading = read_money(typed, default_currency="CNY", whole=True)
    assert reading is not None
    assert (reading.amount, reading.currency) == (Decimal(amount), currency)


@pytest.mark.parametrize("typed", ["2毛巾", "毛利3", "5角度"])
def test_what_only_begins_like_small_change(typed):
    assert read_money(typed, default_currency=None) is None


@pytest.mark.parametrize("typed", ["不低于2万", "不少于2万", "不小于2万", "no less than 20k", "not less than 20k"])
def test_a_floor_is_not_read_as_a_ceiling(typed):
    reading = read_budget(typed, default_currency="CNY")
    assert reading is not None
    assert (reading.low, reading.high) == (Decimal(20_000), None)
