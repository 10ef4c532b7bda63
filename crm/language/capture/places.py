"""Which country is named: `in Germany`, `德国客户`, or a line that says no more; else what phone and e-mail say."""

import re
from functools import lru_cache

from crm.language.capture.sheet import Sheet
from crm.language.contacts import ContactReading
from crm.language.countries import COUNTRIES, LANGUAGES, country_name, read_country
from crm.language.country_codes import OTHER_NAMES

# Names of people and things too: they count only where the text says that a place is meant.
_ALSO_OTHERWISE = frozenset(
    {"jordan", "chad", "georgia", "turkey", "guinea", "mali", "niger", "togo", "cuba", "oman", "china"}
)
_CODES = {"USA": "US", "UK": "GB", "UAE": "AE", "KSA": "SA", "U.S.": "US", "U.S.A.": "US", "U.K.": "GB", "U.A.E.": "AE"}
_CITIES = {
    "dubai": "AE", "abu dhabi": "AE", "munich": "DE", "berlin": "DE", "hamburg": "DE", "münchen": "DE", "paris": "FR",
    "london": "GB", "milan": "IT", "rome": "IT", "madrid": "ES", "lagos": "NG", "nairobi": "KE", "cairo": "EG",
    "istanbul": "TR", "moscow": "RU", "mumbai": "IN", "new "
                                                      "delhi": "IN", "delhi": "IN", "jakarta": "ID", "bangkok": "TH",
    "tokyo": "JP", "osaka": "JP", "seoul": "KR", "sao paulo": "BR", "são paulo": "BR", "warsaw": "PL", "vienna": "AT",
    "riyadh": "SA", "jeddah": "SA", "karachi": "PK", "lahore": "PK", "dhaka": "BD", "ho chi minh": "VN", "hanoi": "VN",
    "迪"
    "拜": "AE", "慕尼"
               "黑": "DE", "柏"
                          "林": "DE", "汉"
                                     "堡": "DE", "巴黎": "FR", "伦敦": "GB", "米兰": "IT", "莫斯科": "RU", "东京": "JP",
    "大"
    "阪": "JP", "首"
               "尔": "KR", "伊斯坦布尔": "TR", "孟买": "IN", "雅加达": "ID", "曼谷": "TH", "开罗": "EG", "拉各斯": "NG",
}  # fmt: skip
_MARKET = re.compile(r"(?:到|往|至|for|to)\s*(?:the\s*)?$", re.IGNORECASE)
_PLACED = r"(?:(?:based |located |office |company )?\b(?:in|from|of)\s+(?:[A-Z][\w-]+,\s*)?(?:the\s+)?|\(|来自|从|在)"
_TOP_LEVEL = frozenset(
    [
        "de",
        "fr",
        "it",
        "es",
        "nl",
        "be",
        "at",
        "ch",
        "pl",
        "cz",
        "pt",
        "gr",
        "ie",
        "dk",
        "se",
        "no",
        "fi",
        "gb",
        "uk",
        "ru",
        "ua",
        "tr",
        "in",
        "pk",
        "bd",
        "lk",
        "th",
        "vn",
        "id",
        "my",
        "sg",
        "ph",
        "jp",
        "kr",
        "br",
        "mx",
        "ar",
        "cl",
        "pe",
        "ec",
        "za",
        "ke",
        "ng",
        "eg",
        "ma",
        "ae",
        "sa",
        "qa",
        "kw",
        "il",
        "au",
        "nz",
        "ca",
        "hk",
        "tw",
        "cn",
        "hu",
        "ro",
        "bg",
        "hr",
        "rs",
        "si",
        "sk",
        "lt",
        "lv",
        "ee",
    ]
)


def take_country(sheet: Sheet) -> str | None:
    """The country that the text names, crossed out; a name that may be a person's or a thing's is left alone."""
    for start, end in list(sheet.free()):
        code = read_country(sheet.text[start:end]) if end - start > 3 and _may_be(sheet.text[start:end]) else None
        code = code or _CODES.get(sheet.text[start:end].upper().rstrip(".") if end - start < 7 else "")
        code = code or _CITIES.get(sheet.text[start:end].casefold())
        if code is not None:
            sheet.cross_out(start, end)
            return code
    free = sheet.shown()
    for match in _named().finditer(free):
        name = match["name"].casefold()
        code = _by_name()[name]
        placed = match["placed"] is not None
        people = match["people"] is not None
        is_set_off = _is_set_off(free, match.start("name"), match.end("name"))
        if not placed and not is_set_off and (name in _ALSO_OTHERWISE or (name.isascii() and not people)):
            continue
        if not placed and not people and _MARKET.search(free[: match.start("name")]):
            continue
        if not (placed or people) and not _stands_for_itself(free, match.start("name"), match.end("name")):
            continue
        sheet.cross_out(match.start(), match.end())
        return code
    return None


def country_of_ways(ways: ContactReading | None) -> str | None:
    """Where the phone number is at home, else the e-mail address, by its ending."""
    if ways is None:
        return None
    number = ways.phone or ways.whatsapp
    if number is not None:
        import phonenumbers

        region = phonenumbers.region_code_for_number(phonenumbers.parse(number, None))
        if region in COUNTRIES:
            return region
    ending = ways.email.rpartition(".")[2] if ways.email else ""
    if ending in _TOP_LEVEL:
        return {"uk": "GB"}.get(ending, ending.upper())
    return None


def _may_be(text: str) -> bool:
    return text.casefold() in _by_name()


def _is_set_off(text: str, start: int, end: int) -> bool:
    """`(Maison Dupont, France)`, `Accra Electricals Ltd, Ghana wants`"""
    return text[end : end + 1] == ")" or (
        text[:start].rstrip(" ")[-1:] == "," and re.match(r" [a-z]", text[end:]) is not None
    )


def _stands_for_itself(text: str, start: int, end: int) -> bool:
    """A Chinese name at the edge of its stretch: 德国 王先生, not a part of 德国莱茵."""
    before, behind = text[start - 1 : start], text[end : end + 1]
    return (not before or not before.isalnum()) and (not behind or not behind.isalnum())


@lru_cache(maxsize=1)
def _by_name() -> dict[str, str]:
    names = dict(_CITIES)
    for code in COUNTRIES:
        for name in (*(country_name(code, language) for language in LANGUAGES), *OTHER_NAMES.get(code, ())):
            plain = name.casefold()
            if len(plain) >= (4 if plain.isascii() else 2):
                names.setdefault(plain, code)
    return {**names, **{short.casefold(): code for short, code in _CODES.items()}}


@lru_cache(maxsize=1)
def _named() -> re.Pattern[str]:
    names = sorted(_by_name(), key=len, reverse=True)
    latin = "|".join(re.escape(name) for name in names if name.isascii())
    others = "|".join(re.escape(name) for name in names if not name.isascii())
    return re.compile(
        rf"(?P<placed>{_PLACED})?(?P<name>(?<![A-Za-z])(?:{latin})(?![A-Za-z])|{others})"
        r"(?P<people>的?(?:客户|买家|客商|采购商|经销商|进口商|公司的|人)|\s+(?:customer|client|buyer|importer|"
        r"company)\b)?\)?",
        re.IGNORECASE,
    )
