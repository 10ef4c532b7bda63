"""Who and where: ways to reach somebody, and countries."""

from dataclasses import dataclass
from typing import Any

from bot.conversations.definition import Read, Refused, Taken, World
from bot.conversations.kinds.words import Plain
from crm.core.text import T, Words
from crm.language.contacts import read_contact, show_phone
from crm.language.countries import country_name, read_country

_WAYS = ("phone", "email", "wechat", "whatsapp")


@dataclass(frozen=True, slots=True)
class ContactWay(Plain):
    """Phone (E.164), e-mail, WeChat, WhatsApp: one or several, kept as `{way: value}`."""

    numeric = True

    def read(self, text: str, world: World) -> Read:
        found = read_contact(text, region=world.region)
        ways = {way: getattr(found, way) for way in _WAYS if getattr(found, way)} if found else {}
        if not ways:
            return Refused(
                T("Write a phone number with its country code, or an e-mail: +49 30 901820, wang@example.cn.")
            )
        return Taken(ways)

    def show(self, value: Any, world: World) -> Words:
        shown = []
        for way in _WAYS:
            if way in value:
                said = show_phone(value[way]) if way == "phone" else value[way]
                shown.append(said if way in {"phone", "email"} else T("{app} {name}", app=_APPS[way], name=said))
        return T("{items}", items=shown)

    def text(self, value: Any, world: World) -> str:
        return " / ".join(
            value[way] if way in {"phone", "email"} else f"{way}: {value[way]}" for way in _WAYS if way in value
        )

    def holds(self, value: Any, world: World) -> bool:
        return isinstance(value, dict) and all(way in _WAYS and isinstance(said, str) for way, said in value.items())


_APPS = {"wechat": T("WeChat"), "whatsapp": T("WhatsApp")}


@dataclass(frozen=True, slots=True)
class Country(Plain):
    """A country or region by its name in either language or its code; kept as ISO 3166 alpha-2."""

    def read(self, text: str, world: World) -> Read:
        code = read_country(text)
        if code is None:
            return Refused(
                T(
                    "No country or region is called {text}. Please write its name, such as Germany or 德国.",
                    text=text[:60],
                )
            )
        return Taken(code)

    def show(self, value: Any, world: World) -> Words:
        return country_name(value, world.language)

    def text(self, value: Any, world: World) -> str:
        return country_name(value, world.language)
