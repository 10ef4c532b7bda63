"""Which time it is in a country: its one zone, or the one most of its trade goes by."""

from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.core import get_global
from babel.dates import get_timezone_location

_PRINCIPAL = {
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CD": "Africa/Kinshasa",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "FM": "Pacific/Pohnpei",
    "GL": "America/Nuuk",
    "ID": "Asia/Jakarta",
    "KI": "Pacific/Tarawa",
    "KZ": "Asia/Almaty",
    "MH": "Pacific/Majuro",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PF": "Pacific/Tahiti",
    "PG": "Pacific/Port_Moresby",
    "PS": "Asia/Hebron",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "US": "America/New_York",
    "UZ": "Asia/Tashkent",
}
_SEVERAL_TIMES = frozenset({"AU", "BR", "CA", "CD", "EC", "FM", "GL", "ID", "KI", "MN", "MX", "PF", "PG", "RU", "US"})
"""Where the time alone would leave open whose it is."""
_LOCALES = {"en": "en", "zh_CN": "zh_Hans_CN"}


def country_zone(code: str) -> ZoneInfo | None:
    """The zone of an ISO 3166 alpha-2 country; None where there is none to go by."""
    if code in _PRINCIPAL:
        return ZoneInfo(_PRINCIPAL[code])
    zones = get_global("territory_zones").get(code) or []
    return ZoneInfo(zones[0]) if len(zones) == 1 else None


@lru_cache(maxsize=256)
def zone_city(code: str, language: str) -> str | None:
    """The city whose time it is, where a country has several times: New York, 纽约; else None."""
    zone = country_zone(code)
    if zone is None or code not in _SEVERAL_TIMES:
        return None
    return str(get_timezone_location(zone.key, locale=_LOCALES.get(language, "en"), return_city=True))
