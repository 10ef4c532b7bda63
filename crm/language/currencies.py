"""How currencies are written: symbols, codes, words. The declared table money is read with."""

import re

# ISO 4217, the currencies in use (no funds, metals or test codes).
_IN_USE = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD
CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF
GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK
LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD
OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN
SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF
XPF YER ZAR ZMW ZWG
"""
CURRENCIES: frozenset[str] = frozenset(_IN_USE.split())
# Codes that are words too: only their capitals count.
WORDLIKE_CODES = frozenset({"ALL", "BAM", "CUP", "GEL", "MAD", "MOP", "PEN", "SOS", "TOP", "TRY", "COP", "LAK"})

DOLLARS = frozenset({"USD", "HKD", "AUD", "CAD", "SGD", "NZD", "TWD", "BND", "FJD", "JMD"})
YUAN_LIKE = frozenset({"CNY", "JPY", "HKD", "TWD", "MOP"})  # what ¥ or 元 may also stand for

# `$`, `¥` and 元 are generic: the default currency decides where it is one of theirs.
GENERIC: dict[str, tuple[str, frozenset[str]]] = {
    "$": ("USD", DOLLARS),
    "dollar": ("USD", DOLLARS),
    "dollars": ("USD", DOLLARS),
    "buck": ("USD", DOLLARS),
    "bucks": ("USD", DOLLARS),
    "¥": ("CNY", frozenset({"CNY", "JPY"})),
    "元": ("CNY", YUAN_LIKE),
    "块": ("CNY", YUAN_LIKE),
    "块钱": ("CNY", YUAN_LIKE),
}

_WRITTEN = {
    "USD": "us$ u.s.$ usd$ $us 美元 美金 美刀 us-dollar us-dollars",
    "HKD": "hk$ hkd$ 港元 港币 港纸",
    "AUD": "a$ au$ aud$ 澳元 澳币",
    "CAD": "c$ ca$ cad$ 加元 加币",
    "SGD": "s$ sg$ sgd$ 新加坡元 新元 新币 坡币",
    "NZD": "nz$ 纽元 新西兰元",
    "TWD": "nt$ ntd 台币 新台币",
    "BRL": "r$ 雷亚尔",
    "MXN": "mx$",
    "CNY": "rmb cn¥ rmb¥ 人民币 元人民币 cnh yuan renminbi kuai 圆",
    "JPY": "jp¥ 日元 日圆 日币 円 yen",
    "EUR": "€ 欧元 欧 euro euros",
    "GBP": "£ 英镑 镑 pound pounds quid sterling",
    "CHF": "瑞士法郎 瑞郎 sfr",
    "RUB": "₽ 卢布 ruble rubles rouble roubles",
    "INR": "₹ rs rs. 卢比 印度卢比 rupee rupees",
    "KRW": "₩ 韩元 韩币 won",
    "THB": "฿ 泰铢 baht",
    "VND": "₫ 越南盾 dong",
    "TRY": "₺ 里拉",
    "UAH": "₴ hryvnia",
    "MYR": "rm 马币 林吉特 ringgit ringgits",
    "IDR": "rp 印尼盾 印尼卢比",
    "AED": "迪拉姆 dirham dirhams dhs",
    "SAR": "沙特里亚尔 riyal riyals",
    "PHP": "₱",
    "ILS": "₪ shekel shekels",
    "NGN": "₦ naira",
    "ZAR": "兰特 rand",
    "SEK": "瑞典克朗",
    "NOK": "挪威克朗",
    "DKK": "丹麦克朗",
    "PLN": "zł zloty",
    "KZT": "₸ 坚戈",
    "MOP": "mop$ 澳门元 葡币",
}
# A country's name before a word that many share; with and without the plural's s.
_OF_COUNTRIES = {
    "USD": "us dollar|american dollar",
    "HKD": "hong kong dollar|hongkong dollar",
    "AUD": "australian dollar|aussie dollar",
    "CAD": "canadian dollar",
    "SGD": "singapore dollar",
    "NZD": "new zealand dollar",
    "TWD": "taiwan dollar",
    "GBP": "british pound|pound sterling|pounds sterling",
    "EGP": "egyptian pound",
    "LBP": "lebanese pound",
    "CHF": "swiss franc",
    "QAR": "qatari riyal",
    "SAR": "saudi riyal",
    "OMR": "omani rial",
    "KWD": "kuwaiti dinar",
    "JOD": "jordanian dinar",
    "BHD": "bahraini dinar",
    "AED": "uae dirham|emirati dirham",
    "MAD": "moroccan dirham",
    "MYR": "malaysian ringgit|malaysia ringgit",
    "INR": "indian rupee",
    "PKR": "pakistani rupee|pakistan rupee",
    "IDR": "indonesian rupiah",
    "JPY": "japanese yen",
    "CNY": "chinese yuan",
    "KRW": "korean won",
    "TRY": "turkish lira",
    "RUB": "russian ruble",
    "BRL": "brazilian real|brazilian reai",
    "MXN": "mexican peso",
    "PHP": "philippine peso",
    "CLP": "chilean peso",
    "COP": "colombian peso",
    "ARS": "argentine peso",
    "ZAR": "south african rand",
    "THB": "thai baht",
    "VND": "vietnamese dong",
    "SEK": "swedish krona|swedish kronor",
    "NOK": "norwegian krone|norwegian kroner",
    "DKK": "danish krone|danish kroner",
    "KES": "kenyan shilling|kenya shilling",
}
WRITTEN: dict[str, str] = {
    **{code.lower(): code for code in CURRENCIES},
    **{form: code for code, forms in _WRITTEN.items() for form in forms.split()},
    **{form + end: code for code, forms in _OF_COUNTRIES.items() for form in forms.split("|") for end in ("", "s")},
}

_FORMS = "|".join(re.escape(form) for form in sorted([*WRITTEN, *GENERIC], key=len, reverse=True))
_AHEAD = re.compile(rf"(?:{_FORMS})(?![a-z])")

_LONGEST = max(len(form) for form in [*WRITTEN, *GENERIC])


def currency_at(text: str, start: int) -> tuple[str, int] | None:
    """The written currency that begins at `start`, and where it ends. A word must end there."""
    match = _AHEAD.match(text, start)
    return (match[0], match.end()) if match else None


def currency_before(text: str, end: int) -> tuple[str, int] | None:
    """The written currency that ends at `end`, and where it begins. A word must begin there."""
    first = max(0, end - _LONGEST)
    for start in range(first, end):
        if text[start:end] in WRITTEN or text[start:end] in GENERIC:
            before = text[start - 1 : start]
            if text[start].isascii() and text[start].isalpha() and before.isascii() and before.isalnum():
                continue
            return text[start:end], start
    return None


def meant_currency(form: str, default_currency: str | None) -> str:
    """The ISO code a written form stands for."""
    generic = GENERIC.get(form)
    if generic is None:
        return WRITTEN[form]
    usual, possible = generic
    return default_currency if default_currency in possible else usual
