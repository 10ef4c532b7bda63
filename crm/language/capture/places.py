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
_CITIES_OF = {
    "AE": "dubai, abu dhabi, 迪拜",
    "AT": "vienna",
    "BD": "dhaka",
    "BR": "sao paulo, são paulo",
    "DE": "munich, berlin, hamburg, münchen, 慕尼黑, 柏林, 汉堡",
    "EG": "cairo, 开罗",
    "ES": "madrid",
    "FR": "paris, 巴黎",
    "GB": "london, 伦敦",
    "ID": "jakarta, 雅加达",
    "IN": "mumbai, new delhi, delhi, 孟买",
    "IT": "milan, rome, 米兰",
    "JP": "tokyo, osaka, 东京, 大阪",
    "KE": "nairobi",
    "KR": "seoul, 首尔",
    "NG": "lagos, 拉各斯",
    "PK": "karachi, lahore",
    "PL": "warsaw",
    "RU": "moscow, 莫斯科",
    "SA": "riyadh, jeddah",
    "TH": "bangkok, 曼谷",
    "TR": "istanbul, 伊斯坦布尔",
    "VN": "ho chi minh, hanoi",
}
_CITIES = {city: code for code, cities in _CITIES_OF.items() for city in cities.split(", ")}
_MARKET = re.compile(r"(?:到|往|至|for|to)\s*(?:the\s*)?$", re.IGNORECASE)
_PLACED = r"(?:(?:based |located |office |company )?\b(?:in|from|of)\s+(?:[A-Z][\w-]+,\s*)?(?:the\s+)?|\(|来自|从|在)"
_SHARED_CODES = (1, 7)
"""Calling codes of several countries, none of them the main one."""
_TOP_LEVEL_ENDINGS = """
ae ar at au bd be bg br ca ch cl cn cz de dk ec ee eg es fi fr gb gr hk hr hu id ie il in it jp ke kr kw lk lt lv ma mx
my ng nl no nz pe ph pk pl pt qa ro rs ru sa se sg si sk th tr tw ua uk vn za
"""
_TOP_LEVEL = frozenset(_TOP_LEVEL_ENDINGS.split())


def take_country(sheet: Sheet) -> str | None:
    """The country that the text names, crossed out; a name that may be a person's or a thing's is left alone."""
    for start, end in list(sheet.free()):
        code = read_country(sheet.text[start:end]) if end - start > 3 and _may_be(sheet.text[start:end]) else None
        code = code or _CODES.get(sheet.text[start:end].upper().rstrip(".") if end - start < 7 else "")
        code = code or _CITIES.get(sheet.text[start:end].casefold())
        if code is not None:
            _use_up(sheet, start, end)
            return code
    free = sheet.shown()
    for match in _named().finditer(free):
        name = match["name"].casefold()
        code = _by_name()[name]
        placed = match["placed"] is not None
        people = match["people"] is not None
        is_set_off = _is_set_off(free, match.start("name"), match.end("name"))
        is_latin = name[0] < "\u2e80"
        if not placed and not is_set_off and (name in _ALSO_OTHERWISE or (is_latin and not people)):
            continue
        if not placed and not people and _MARKET.search(free[: match.start("name")]):
            continue
        if not (placed or people) and not _stands_for_itself(free, match.start("name"), match.end("name")):
            continue
        sheet.cross_out(match.start(), match.end())
        _use_up(sheet, *match.span("name"))
        return code
    return None


def _use_up(sheet: Sheet, start: int, end: int) -> None:
    """The country's field says all that its name does; which city it was is for the notes."""
    if sheet.text[start:end].casefold() in _CITIES:
        sheet.keep(start, end)
    else:
        sheet.cross_out(start, end)


def country_of_ways(ways: ContactReading | None) -> str | None:
    """Where the phone number is at home, else the e-mail address, by its ending."""
    if ways is None:
        return None
    number = ways.phone or ways.whatsapp
    if number is not None:
        import phonenumbers

        parsed = phonenumbers.parse(number, None)
        region = phonenumbers.region_code_for_number(parsed)
        if region is None and parsed.country_code is not None and parsed.country_code not in _SHARED_CODES:
            region = phonenumbers.region_code_for_country_code(parsed.country_code)
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
