"""Countries and regions: reads their names in Chinese and English, shows them, searches them."""

import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from crm.language.country_codes import ALPHA_3, OTHER_NAMES, SHOWN_NAMES
from crm.language.names import matches

COUNTRIES: tuple[str, ...] = tuple(ALPHA_3)
LANGUAGES = ("en", "zh_CN")

_LOCALES = {"en": "en", "zh_CN": "zh_Hans_CN"}
_LONGEST_NAME = 80
# A misspelt name must be this close (of 100) to one country, and clearly closer to it than to any other.
_CLOSE, _CLEARLY = 87.0, 6.0
_SHORTEST_MISSPELT = 5


def read_country(text: str) -> str | None:
    """The ISO 3166 alpha-2 code of the country or region that the whole text names, or None.

    Names in both languages, what people call them (Holland, UAE), alpha-2 and alpha-3 codes; a small slip of the
    fingers is forgiven where only one country can be meant. The beginning of a name is not enough.
    """
    wanted = _plain(text[: _LONGEST_NAME * 2])
    if not wanted or len(wanted) > _LONGEST_NAME:
        return None
    known = _by_name().get(wanted)
    return known if known is not None else _misspelt(wanted)


def country_name(code: str, language: str) -> str:
    """The name for people; `language` is en or zh_CN (any other is shown in English). Unknown codes come back."""
    if code not in ALPHA_3:
        return code
    return SHOWN_NAMES.get((code, language)) or _territories(language)[code]


def search_countries(query: str, language: str) -> list[str]:
    """Codes of the countries that fit what was typed so far, the best first.

    Code, name in either language, what people call it, pinyin and pinyin initials; among equals the alphabet
    of the shown names decides. An empty query fits none.
    """
    wanted = _plain(query[:_LONGEST_NAME])
    if not wanted:
        return []
    ranked: list[tuple[float, str, str]] = []
    for code in COUNTRIES:
        rank = _rank(wanted, code, language)
        if rank is not None:
            ranked.append((-rank, country_name(code, language), code))
    return [code for _, _, code in sorted(ranked)]


def _rank(wanted: str, code: str, language: str) -> float | None:
    if wanted in {code.lower(), ALPHA_3[code].lower()}:
        return 2.0
    others = [name for name in LANGUAGES if name != language]
    names = [(country_name(code, language), 0.0)]
    names += [(country_name(code, other), 0.02) for other in others]
    names += [(name, 0.03) for name in OTHER_NAMES.get(code, ())]
    ranks = [rank - less for name, less in names if (rank := matches(wanted, name)) is not None]
    return max(ranks, default=None)


def _misspelt(wanted: str) -> str | None:
    if len(wanted) < _SHORTEST_MISSPELT or not wanted.isascii():
        return None
    from rapidfuzz import fuzz, process

    names = [name for name in _by_name() if len(name) >= _SHORTEST_MISSPELT and name.isascii()]
    close = process.extract(wanted, names, scorer=fuzz.ratio, limit=None, score_cutoff=_CLOSE - _CLEARLY)
    best: dict[str, float] = {}
    for name, score, _ in close:
        code = _by_name()[name]
        best[code] = max(best.get(code, 0.0), score)
    order = sorted(best.items(), key=lambda item: -item[1])
    if not order or order[0][1] < _CLOSE:
        return None
    if len(order) > 1 and order[0][1] - order[1][1] < _CLEARLY:
        return None
    return order[0][0]


@lru_cache(maxsize=1)
def _by_name() -> Mapping[str, str]:
    """Every form of every name; a name that two countries share is nobody's."""
    table: dict[str, str] = {}
    for language in LANGUAGES:
        territories = _territories(language)
        for code in COUNTRIES:
            table.setdefault(_plain(territories[code]), code)
            table.setdefault(_plain(country_name(code, language)), code)
    for code, names in OTHER_NAMES.items():
        for name in names:
            table.setdefault(_plain(name), code)
    for code, alpha_3 in ALPHA_3.items():
        table[code.lower()] = code
        table.setdefault(alpha_3.lower(), code)
    return table


@lru_cache(maxsize=len(_LOCALES))
def _territories(language: str) -> Mapping[str, str]:
    from babel import Locale

    names: Mapping[str, str] = Locale.parse(_LOCALES.get(language, "en")).territories
    return names


def _plain(text: str) -> str:
    """Lower case letters and digits, one blank between words; no accents, no leading "the", & is "and"."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text)).casefold().replace("&", " and ")
    letters = []
    for character in decomposed:
        if unicodedata.combining(character) or character in ".'’":
            continue
        letters.append(character if character.isalnum() else " ")
    return " ".join("".join(letters).split()).removeprefix("the ")
