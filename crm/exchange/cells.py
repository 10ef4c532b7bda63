"""What a cell says, in the form it is kept in. Each raises Invalid with what is wrong and what would be right."""

import re
import unicodedata
from decimal import Decimal

from crm.core.errors import Invalid
from crm.core.text import T
from crm.language.contacts import read_contact
from crm.language.countries import read_country
from crm.language.currencies import GENERIC, WRITTEN, meant_currency
from crm.language.folding import fold
from crm.language.money import MoneyReading, read_money
from crm.language.numbers import read_number

_BETWEEN_TAGS = re.compile(r"[,，;；、|]")
_YES = frozenset({"1", "1.0", "true", "yes", "y", "t", "x", "是", "对", "有", "停产", "已停产", "停售", "discontinued"})
_NO = frozenset({"0", "0.0", "false", "no", "n", "f", "否", "不是", "无", "在产", "在售", "正常", "active"})


def line(text: str) -> str:
    """One line without control characters and doubled spaces."""
    return " ".join("".join(" " if unicodedata.category(c) == "Cc" else c for c in text).split())


def country(text: str) -> str:
    """ISO 3166 alpha-2."""
    code = read_country(text)
    if code is None:
        raise Invalid(T("no country or region is called {text}", text=text[:60]))
    return code


def currency(text: str) -> str:
    """ISO 4217."""
    form = fold(text).text.strip()
    if form not in WRITTEN and form not in GENERIC:
        raise Invalid(T("{text} is no currency", text=text[:60]))
    return meant_currency(form, None)


def price(text: str, *, default_currency: str) -> MoneyReading:
    """An amount from 0 upwards, with the currency written beside it or the default one."""
    read = read_money(text, default_currency=default_currency, whole=True)
    if read is None:
        raise Invalid(T("{text} is no price; write one such as 12.50", text=text[:60]))
    return read


def number(text: str) -> Decimal:
    """A number from 0 upwards."""
    read = read_number(text, whole=True)
    if read is None or read.value < 0:
        raise Invalid(T("{text} is no number from 0 upwards", text=text[:60]))
    return read.value


def whole_number(text: str) -> int:
    value = number(text)
    if value != value.to_integral_value():
        raise Invalid(T("{text} is no whole number", text=text[:60]))
    return int(value)


def flag(text: str) -> bool:
    """Yes or no, in words or as 1 and 0."""
    said = fold(text).text.strip()
    if said not in _YES and said not in _NO:
        raise Invalid(T("{text} is neither yes nor no", text=text[:60]))
    return said in _YES


def phone(text: str, *, region: str | None) -> str | None:
    """E.164, a national number read as one of the region's; None for what is no possible number."""
    read = read_contact(text, region=region)
    return None if read is None else read.phone or read.whatsapp


def email(text: str) -> str:
    """In lower case."""
    read = read_contact(text, region=None)
    if read is None or read.email is None:
        raise Invalid(T("{text} is no e-mail address", text=text[:60]))
    return read.email


def tags(text: str) -> list[str]:
    return [tag for tag in map(line, _BETWEEN_TAGS.split(text)) if tag]
