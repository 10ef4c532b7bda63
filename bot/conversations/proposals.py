"""What is offered as a button where anything may be typed."""

from collections.abc import Sequence

from bot.conversations.definition import DERIVED, Answers, Default, World
from crm.language.countries import country_name

_OFTEN = ("DE", "US", "GB", "RU", "IN", "BR", "AE", "CN")
_FOLLOW_UPS = {"zh_CN": ("今天", "3天后", "7天后"), "en": ("today", "in 3 days", "in 7 days")}
_CURRENCIES = ("USD", "EUR", "CNY", "GBP")
_PAYMENT_TERMS = ("T/T 30/70", "T/T 100% in advance", "L/C at sight", "D/P at sight", "net 30")


def common_countries(answers: Answers, world: World) -> Sequence[str]:
    return [country_name(code, world.language) for code in _OFTEN]


def follow_ups(answers: Answers, world: World) -> Sequence[str]:
    return _FOLLOW_UPS.get(world.language, _FOLLOW_UPS["en"])


def today(answers: Answers, world: World) -> Sequence[str]:
    return ("今天",) if world.language == "zh_CN" else ("today",)


def common_currencies(answers: Answers, world: World) -> Sequence[str]:
    return _CURRENCIES


def common_payment_terms(answers: Answers, world: World) -> Sequence[str]:
    """The customer's own terms first, then the usual ones."""
    return list(dict.fromkeys([*_known(answers, "payment_terms"), *_PAYMENT_TERMS]))


def closes(answers: Answers, world: World) -> Sequence[str]:
    return _known(answers, "expected_close")


def usual_places(answers: Answers, world: World) -> Sequence[str]:
    return _known(answers, "deliver_to")


def usual_price_terms(answers: Answers, world: World) -> Sequence[str]:
    return list(dict.fromkeys([*_known(answers, "price_terms"), "FOB Ningbo", "CIF Hamburg", "EXW"]))


def known(key: str) -> Default:
    """What the conversation has derived under this key, as a form fills it in."""

    def default(answers: Answers, world: World) -> str | None:
        return next(iter(_known(answers, key)), None)

    return default


def _known(answers: Answers, key: str) -> list[str]:
    """What the conversation has derived under this key (from the customer, the deal, the last order)."""
    found = answers.get(DERIVED, {}).get(key)
    return [found] if found else []
