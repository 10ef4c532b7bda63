"""How records are called in lists and choices: short, and in the reader's language."""

from typing import Any

from crm.core.money import Money
from crm.core.text import T, Words
from crm.language.countries import country_name
from crm.sales.deals.deals import number


def product_name(row: Any, language: str) -> str:
    return str(row.name_zh) if language == "zh_CN" and row.name_zh else str(row.name)


def product_note(row: Any) -> Words:
    return T("{sku} · {price} · stock {stock}", sku=row.sku, price=Money(row.list_price, row.currency), stock=row.stock)


def customer_note(row: Any, language: str) -> Words:
    where = country_name(row.country, language) if row.country else "–"
    return T("{grade} · {country}", grade=row.grade, country=where)


def deal_name(row: Any) -> str:
    return f"{number(row.id)} {row.title}"


def budget_words(low: Money | None, high: Money | None) -> Words | None:
    if low is None and high is None:
        return None
    if low is None:
        return T("up to {high}", high=high)
    if high is None:
        return T("{low} or more", low=low)
    return T("{low}", low=low) if low == high else T("{low} to {high}", low=low, high=high)
