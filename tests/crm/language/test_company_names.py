"""Whether two names mean one company, in both languages and between them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.language.company_names import SAME, company_key, same_company, search_keys

ONE = [
    ("深圳市万通贸易有限公司", "万通贸易"),
    ("万通贸易", "Shenzhen Wantong Trading Co., Ltd."),
    ("萬通貿易有限公司", "万通贸易"),
    ("（深圳）万通贸易有限责任公司", "万通"),
    ("华为技术有限公司", "华为"),
    ("宏达电子科技", "宏达科技"),
    ("宁波宏达电子", "宏大电子"),
    ("ABC电子", "ABC Electronics"),
    ("Wan Tong Trading", "万通贸易"),
    ("Ernst Handel GmbH", "Ernst Handel"),
    ("Handel Ernst", "ERNST HANDEL G.m.b.H."),
    ("Müller Licht", "Muller-Licht AG"),
    ("Alfreds Futterkiste", "Alfred Futterkiste"),
    ("Johnson & Sons Ltd", "Johnson and Sons Limited"),
    ("Quitzon Group", "Group Quitzon"),
    ("Schumm PLC", "SchummPLC"),
    ("Towne, Johnston and Murray", "Tjwne, Johnston and Murray"),
    ("Rosenbaum Inc", "Rosenbaum Imc"),
]
TWO = [
    ("万通物流", "万通贸易"),
    ("华为", "华润"),
    ("阳光电子", "阳光照明"),
    ("北京贸易有限公司", "上海贸易有限公司"),
    ("万通贸易", "Wanda Trading"),
    ("Apex", "Apec"),
    ("Alpha Trading", "Beta Trading"),
    ("Global Trading Ltd", "Global Supply Ltd"),
    ("Ernst Handel", "Island Trading"),
    ("公司", "有限公司"),
    ("", "Ernst"),
    ("???", "!!!"),
]


@pytest.mark.parametrize(("a", "b"), ONE)
def test_one_company(a: str, b: str) -> None:
    assert same_company(a, b) >= SAME
    assert same_company(b, a) >= SAME
    assert set(search_keys(a)) & set(search_keys(b, to_find=True))


@pytest.mark.parametrize(("a", "b"), TWO)
def test_two_companies(a: str, b: str) -> None:
    assert same_company(a, b) < SAME
    assert same_company(b, a) < SAME


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Ernst Handel GmbH", "ernst"),
        ("深圳市万通贸易有限公司", "wantong"),
        ("Murray and Johnston LLC", "johnstonmurray"),
        ("Global Trading Ltd", "globaltrading"),
        ("GmbH", "gmbh"),
    ],
)
def test_the_key_is_what_is_left(name: str, key: str) -> None:
    assert company_key(name) == key


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_compared(a: str, b: str) -> None:
    score = same_company(a, b)
    assert 0 <= score <= 1
    assert score == pytest.approx(same_company(b, a), abs=0.25)
    assert all(0 < len(key) <= 64 for key in (*search_keys(a), *search_keys(a, to_find=True)))
    if company_key(a):
        assert same_company(a, a) >= SAME
        assert search_keys(a)
