import pytest

from crm.language.countries import COUNTRIES, country_name, read_country, search_countries

READ = {
    "USA": "US",
    "u.s.a.": "US",
    "United States": "US",
    "美国": "US",
    "UK": "GB",
    "England": "GB",
    "英国": "GB",
    "德国": "DE",
    "Germany": "DE",
    "DEU": "DE",
    "de": "DE",
    "Holland": "NL",
    "the Netherlands": "NL",
    "South Korea": "KR",
    "韩国": "KR",
    "北朝鲜": "KP",
    "UAE": "AE",
    "阿联酋": "AE",
    "HK": "HK",
    "香港": "HK",
    "台湾": "TW",
    "俄罗斯": "RU",
    "Russian Federation": "RU",
    "Turkey": "TR",
    "Türkiye": "TR",
    "cote d'ivoire": "CI",
    "ＣＨＩＮＡ": "CN",
    "Germny": "DE",
    "Untied States": "US",
    "Switzerlnd": "CH",
}


@pytest.mark.parametrize("typed", READ)
def test_a_country(typed):
    assert read_country(f" {typed} ") == READ[typed]


@pytest.mark.parametrize(
    "typed", ["", "Ger", "United", "zz", "Austrlia", "Atlantis", "德", "Europe", "in Germany", "XK", "EU"]
)
def test_no_country(typed):
    assert read_country(typed) is None


def test_every_name_that_is_shown_is_read_back():
    for code in COUNTRIES:
        for language in ("en", "zh_CN"):
            assert read_country(country_name(code, language)) == code, (code, language)
        assert read_country(code) == code


def test_the_countries_are_the_assigned_ones():
    assert len(set(COUNTRIES)) == 249
    assert {"CN", "TW", "HK", "AQ"} <= set(COUNTRIES)
    assert not {"EU", "UK", "XK", "ZZ"} & set(COUNTRIES)


@pytest.mark.parametrize(
    ("query", "language", "first"),
    [
        ("ger", "en", "DE"),
        ("德", "zh_CN", "DE"),
        ("dg", "zh_CN", "DE"),
        ("hanguo", "zh_CN", "KR"),
        ("us", "en", "US"),
        ("united", "en", "US"),
        ("hol", "en", "NL"),
    ],
)
def test_search_shows_the_likely_country_early(query, language, first):
    assert first in search_countries(query, language)[:4]


def test_search_for_nothing_finds_nothing():
    assert search_countries("", "en") == []
    assert search_countries("?!", "zh_CN") == []
