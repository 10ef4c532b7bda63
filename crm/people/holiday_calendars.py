"""Holiday calendars: which there are, and how people name them. `DE` is a country's, `DE-BY` that of a part of it."""

from collections.abc import Mapping
from functools import lru_cache

import holidays

from crm.core.errors import Invalid
from crm.core.text import T
from crm.language.countries import COUNTRIES, country_name, read_country

MOST_CHARACTERS = 10
_NONE = frozenset({"none", "no", "off", "-", "无", "没有", "不用", "关"})


def check_calendar(code: str) -> None:
    """Raises Invalid unless there is such a calendar; empty is none."""
    country, _, part = code.partition("-")
    if code and (country not in _parts() or (part and part not in _parts()[country])):
        raise Invalid(
            T("There is no holiday calendar {code}. Write a country, such as China or DE-BY.", code=code[:20])
        )


def read_calendar_code(text: str) -> str | None:
    """The calendar that the whole text names (`Germany`, `德国`, `DE-BY`, `Germany Bayern`, `none`), or None."""
    plain = " ".join(text.replace("，", " ").replace(",", " ").split())
    if plain.casefold() in _NONE:
        return ""
    country = read_country(plain)
    if country is not None:
        return country if country in _parts() else None
    for sign in (" ", "-", "/"):
        first, _, rest = plain.partition(sign)
        while rest:
            country = read_country(first)
            if country is not None and (found := _part(country, rest.strip())):
                return f"{country}-{found}"
            more, _, rest = rest.partition(sign)
            first = f"{first}{sign}{more}"
    return None


def calendar_name(code: str, language: str) -> str:
    """The name for people: `Germany (BY)`, `德国 (BY)`; empty for none."""
    country, _, part = code.partition("-")
    name = country_name(country, language)
    return f"{name} ({part})" if part else name


@lru_cache(maxsize=1)
def _parts() -> Mapping[str, frozenset[str]]:
    """The countries that have a calendar, with the parts of them that have one of their own."""
    return {
        country: frozenset(part for part in parts if len(country) + 1 + len(part) <= MOST_CHARACTERS)
        for country, parts in holidays.list_supported_countries().items()
        if country in COUNTRIES
    }


def _part(country: str, text: str) -> str | None:
    wanted = text.casefold()
    if country not in _parts():
        return None
    names = {part.casefold(): part for part in _parts()[country]}
    others: Mapping[str, str] = getattr(holidays.country_holidays(country), "subdivisions_aliases", {})
    names |= {name.casefold(): part for name, part in others.items() if part in _parts()[country]}
    return names.get(wanted)
