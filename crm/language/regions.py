"""Regions of the world that sales are divided by, in Chinese and English, and the countries in them."""

from functools import lru_cache

from crm.language.countries import country_name, read_country

_EU = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"
_EUROPE = f"{_EU} GB CH NO IS LI AL BA BY MD ME MK RS UA RU XK MC SM AD VA FO GI"
_MIDDLE_EAST = "AE SA QA KW BH OM YE IQ IR IL JO LB SY TR PS EG"
_SOUTHEAST_ASIA = "VN TH MY SG ID PH MM KH LA BN TL"
_EAST_ASIA = "CN HK MO TW JP KR KP MN"
_SOUTH_ASIA = "IN PK BD LK NP BT MV AF"
_CENTRAL_ASIA = "KZ UZ KG TJ TM"
_SOUTH_AMERICA = "AR BO BR CL CO EC GY PE PY SR UY VE GF"
_CENTRAL_AMERICA = "MX GT HN SV NI CR PA BZ CU DO HT JM TT BS BB PR"
_AFRICA = """
DZ AO BJ BW BF BI CM CV CF TD KM CG CD CI DJ EG GQ ER SZ ET GA GM GH GN GW KE LS LR LY MG MW ML MR MU MA MZ NA NE NG RW
ST SN SC SL SO ZA SS SD TZ TG TN UG ZM ZW
"""

REGIONS: dict[str, tuple[str, frozenset[str], tuple[str, ...]]] = {
    "eu": ("European Union", frozenset(_EU.split()), ("eu", "european union", "欧盟")),
    "europe": ("Europe", frozenset(_EUROPE.split()), ("europe", "欧洲")),
    "north_america": ("North America", frozenset(("US", "CA", "MX")), ("north america", "北美", "北美洲")),
    "latin_america": (
        "Latin America",
        frozenset(f"{_SOUTH_AMERICA} {_CENTRAL_AMERICA}".split()),
        ("latin america", "拉美", "拉丁美洲"),
    ),
    "south_america": ("South America", frozenset(_SOUTH_AMERICA.split()), ("south america", "南美", "南美洲")),
    "middle_east": ("Middle East", frozenset(_MIDDLE_EAST.split()), ("middle east", "中东")),
    "southeast_asia": ("Southeast Asia", frozenset(_SOUTHEAST_ASIA.split()), ("southeast asia", "asean", "东南亚")),
    "east_asia": ("East Asia", frozenset(_EAST_ASIA.split()), ("east asia", "东亚")),
    "south_asia": ("South Asia", frozenset(_SOUTH_ASIA.split()), ("south asia", "南亚")),
    "asia": (
        "Asia",
        frozenset(f"{_EAST_ASIA} {_SOUTHEAST_ASIA} {_SOUTH_ASIA} {_CENTRAL_ASIA} {_MIDDLE_EAST}".split()) - {"EG"},
        ("asia", "亚洲"),
    ),
    "africa": ("Africa", frozenset(_AFRICA.split()), ("africa", "非洲")),
    "oceania": (
        "Oceania",
        frozenset(["AU", "NZ", "FJ", "PG", "SB", "VU", "WS", "TO", "NC", "PF"]),
        ("oceania", "大洋洲", "澳新"),
    ),
}
"""By key: its name, its countries, what people call it (the first in Chinese is its name there)."""


@lru_cache(maxsize=1)
def _by_name() -> dict[str, str]:
    return {name: key for key, (_, _, names) in REGIONS.items() for name in (*names, key)}


def read_region(text: str) -> str | None:
    """The key of a region, or the code of a country, that the whole text names; None for anything else."""
    plain = " ".join(text.casefold().split())
    return _by_name().get(plain) or read_country(text)


def region_name(region: str, language: str) -> str:
    """The name of a region or a country for people; `language` is en or zh_CN."""
    if region not in REGIONS:
        return country_name(region, language)
    name, _, called = REGIONS[region]
    return next(one for one in called if not one.isascii()) if language == "zh_CN" else name


def in_region(country: str | None, region: str) -> bool:
    """Whether a country (ISO code; None: nobody knows) lies in a region, or is the country meant."""
    if country is None:
        return False
    return country == region if region not in REGIONS else country in REGIONS[region][1]
