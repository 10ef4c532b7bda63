"""Where a text gets its language: drawn with the reader's locale, zone and number forms in hand."""

import gettext
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_decimal

from crm.core.money import Money
from crm.core.text import DayOf, Named, Text, Words

_LOCALES = Path(__file__).parent / "locales"
DOMAIN = "tradewind"

_DAY = {"en": "EEE d MMM y", "zh_CN": "y年M月d日 EEE"}
_TIME = {"en": "HH:mm", "zh_CN": "HH:mm"}


@lru_cache(maxsize=8)
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, _LOCALES, languages=[language], fallback=True)


@lru_cache(maxsize=8)
def _locale(language: str) -> Locale:
    return Locale.parse(language)


@lru_cache(maxsize=256)
def wording(language: str, timezone: str) -> "Wording":
    """The wording for a reader of this language in this zone."""
    return Wording(language, timezone)


class Wording:
    """Draws texts for one kind of reader. `language` is `zh_CN` or `en`, `timezone` an IANA name."""

    def __init__(self, language: str, timezone: str) -> None:
        self.language = language
        self.zone = ZoneInfo(timezone)
        self._catalogue = _catalogue(language)
        self._locale = _locale(language)

    def __call__(self, words: Words) -> str:
        """The text as this reader reads it; somebody's own words come through as they are."""
        if isinstance(words, str):
            return words
        template = self._template(words)
        if not words.facts:
            return template
        return template.format_map({name: self.fact(fact) for name, fact in words.facts.items()})

    def fact(self, fact: Any) -> str:
        """A fact of a text in this reader's form."""
        match fact:
            case str():
                return fact
            case Text():
                return self(fact)
            case Money():
                return self.money(fact)
            case Named(name, name_zh):
                return name_zh if name_zh and self.language == "zh_CN" else name
            case bool() | None:
                return str(fact)
            case int() | Decimal():
                return self.number(fact)
            case DayOf(at):
                return self.day(at.astimezone(self.zone).date())
            case datetime():
                return self.moment(fact)
            case date():
                return self.day(fact)
            case list() | tuple():
                return self.listing([self.fact(item) for item in fact])
        raise TypeError(f"no form for {type(fact).__name__}")

    def number(self, value: int | Decimal) -> str:
        return format_decimal(value, locale=self._locale, decimal_quantization=False)

    def money(self, value: Money) -> str:
        """`CNY 620,000.00`: the code in front, the same in both languages, cents only where there are any."""
        whole = value.amount == value.amount.to_integral_value()
        amount = format_decimal(
            value.amount, "#,##0" if whole else "#,##0.00", locale=self._locale, decimal_quantization=False
        )
        return f"{value.currency} {amount}"

    def moment(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        return f"{self.day(local.date())} {format_time(local, _TIME[self.language], locale=self._locale)}"

    def day(self, day: date) -> str:
        return format_date(day, _DAY[self.language], locale=self._locale)

    def listing(self, items: list[str]) -> str:
        return ("、" if self.language == "zh_CN" else ", ").join(items)

    def _template(self, words: Text) -> str:
        if words.plural is not None:
            return self._catalogue.ngettext(words.message, words.plural, words.facts["n"])
        if words.context is not None:
            return self._catalogue.pgettext(words.context, words.message)
        return self._catalogue.gettext(words.message)
