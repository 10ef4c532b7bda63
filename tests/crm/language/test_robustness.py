"""Whatever is typed, no reader raises, none is slow, and every span lies in the text."""

import string
import time
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.language.contacts import email_domain, read_contact, show_phone
from crm.language.countries import read_country, search_countries
from crm.language.dates import read_date
from crm.language.money import read_budget, read_money
from crm.language.names import matches, search_key, search_query
from crm.language.numbers import read_number
from crm.language.percents import read_discount
from crm.language.quantities import read_quantity

NOW = datetime(2026, 11, 23, 13, 40, tzinfo=ZoneInfo("Europe/Berlin"))

READERS = {
    "date": lambda text: read_date(text, now=NOW),
    "whole date": lambda text: read_date(text, now=NOW, whole=True),
    "number": read_number,
    "whole number": lambda text: read_number(text, whole=True),
    "money": lambda text: read_money(text, default_currency="CNY"),
    "whole money": lambda text: read_money(text, default_currency=None, whole=True),
    "budget": lambda text: read_budget(text, default_currency="USD"),
    "quantity": read_quantity,
    "whole quantity": lambda text: read_quantity(text, whole=True),
    "discount": read_discount,
    "discount in a text": lambda text: read_discount(text, whole=False),
    "contact": lambda text: read_contact(text, region=None),
    "contact of a region": lambda text: read_contact(text, region="DE"),
}
OTHERS = (
    read_country,
    lambda text: search_countries(text, "zh_CN"),
    search_key,
    search_query,
    lambda text: matches(text, "万通贸易 Ernst"),
    lambda text: matches("wt", text),
    show_phone,
    email_domain,
)

# Words that the grammars know, thrown together.
WORDS_TYPED = """
下 周 个 月 号 日 年 点 半 刻 分 后 前 第 一 二十 两 零 万 亿 百 千 折 打 % 块 元 美元 $ ¥ USD k m - ~ 到 / . , : '
next this last monday fri tomorrow tonight in on at the end of month 3pm 31 02 2026 20th 1e9 0 99999 half past
quarter to a few days weeks ago from now second may dec 13800138000 @ wang@wt.cn 微信 WhatsApp + ( ) e 不超过 至少
"""
WORDS = st.sampled_from(WORDS_TYPED.split())
TEXTS = st.one_of(
    st.text(max_size=60),
    st.text(alphabet=st.characters(), max_size=60),
    st.text(alphabet=string.digits + ".,'-+ /:$%k万零点", max_size=40),
    st.lists(WORDS, max_size=14).map(" ".join),
    st.lists(WORDS, max_size=14).map("".join),
)

NASTY = {
    "NUL": "\0明天\0 5\0USD",
    "lone surrogates": "\ud800 tomorrow \udfff 5 USD \ud83d",
    "right to left": "\u202eمرحبا غدا 5 דולר\u202c",
    "emoji": "👩‍👩‍👧‍👦🇩🇪 5️⃣ ½ ① ㍘ ㏠",
    "other digits": "٣٤٥ ५६ Ⅷ ²",
    "combining": "e\u0301" * 2000,
    "digits": "1" * 10_000,
    "groups": "1," * 5_000,
    "thousands": "1" + ",000" * 2_500,
    "dots": "1." * 5_000,
    "chinese digits": "一" * 10_000,
    "chinese units": "一万" * 5_000,
    "zeros": "零" * 10_000,
    "words": "two thousand " * 800,
    "letters": "a" * 10_000,
    "blanks": " " * 10_000,
    "5 blanks": ("5" + " " * 500) * 20,
    "at signs": "a@" * 5_000,
    "address": "a." * 5_000 + "@b.cn",
    "phones": "+1 (2" * 2_000,
    "dashes": "1-" * 5_000,
    "colons": "1:" * 5_000,
    "slashes": "1/2/" * 2_500,
    "months": "may 5 " * 1_600,
    "weekdays": "sat, " * 2_000,
    "next": "下" * 10_000,
    "ends": "end of the " * 900,
    "at": "at at " * 1_600,
    "commas": "tomorrow " + "," * 9_000,
    "ranges": "5 to " * 2_000,
    "wechat": "微信" * 5_000,
    "minus": "-" * 10_000 + "5",
    "dollars": "$" * 10_000,
}


@pytest.fixture(scope="module", autouse=True)
def libraries_loaded():
    """What is loaded at the first call is not what is measured here."""
    for reader in (*READERS.values(), *OTHERS):
        reader("warm 微信 a@wt.cn +491701234567 Germny")


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=150, deadline=500)
@given(text=TEXTS)
def test_no_reader_raises_and_spans_lie_in_the_text(name, text):
    reading = READERS[name](text)
    if reading is not None:
        start, end = reading.span
        assert 0 <= start < end <= len(text)


@settings(max_examples=200, deadline=500)
@given(text=TEXTS)
def test_the_others_do_not_raise_either(text):
    for reader in OTHERS:
        reader(text)


@settings(max_examples=200, deadline=500)
@given(text=TEXTS)
def test_readings_are_bounded(text):
    number = read_number(text)
    assert number is None or (number.value.is_finite() and abs(number.value) < 10**15)
    money = read_money(text, default_currency="CNY")
    assert money is None or 0 <= money.amount < 10**15
    budget = read_budget(text, default_currency="CNY")
    assert budget is None or budget.high is None or 0 <= budget.low <= budget.high
    discount = read_discount(text, whole=False)
    assert discount is None or 0 <= discount.percent <= 100
    date = read_date(text, now=NOW)
    assert date is None or (date.at.tzinfo is NOW.tzinfo and (date.granularity == "minute" or date.at.hour == 0))


@pytest.mark.parametrize("name", NASTY)
def test_nasty_texts_are_read_in_bounded_time(name):
    text = NASTY[name]
    for kind, reader in READERS.items():
        began = time.perf_counter()
        reader(text)
        assert time.perf_counter() - began < 10.0, kind
    for reader in OTHERS:
        began = time.perf_counter()
        reader(text)
        assert time.perf_counter() - began < 10.0
