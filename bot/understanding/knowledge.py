"""What a reader of messages may know of the company: what this person may see of it, searched when it is asked."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from crm.core.rules import text_rule
from crm.core.work import UnitOfWork
from crm.language.capture.understanding import Named
from crm.language.names import matches, search_query
from crm.people.people import Member
from crm.sales.catalogue.categories import ProductCategory, list_categories, propose_category
from crm.sales.customers.customers import find_customers
from crm.sales.deals.deals import find_deals
from crm.sales.leads.finding import find_leads

_LOOKED_AT = 8
_BEGINS_SO = 0.7
"""How well a name must fit that is not written in Latin letters: its beginning, its pinyin's or its initials'."""


class CompanyKnowledge:
    """The Knowledge of `crm.language.capture`, inside a transaction."""

    def __init__(self, work: UnitOfWork, person: Member) -> None:
        self._work = work
        self._person = person

    @property
    def region(self) -> str | None:
        return "CN" if self._person.language == "zh_CN" else None

    @cached_property
    def currency(self) -> str:
        return text_rule(self._work, "company.base_currency")

    def customers(self, name: str) -> Sequence[Named]:
        rows, _ = find_customers(self._work, viewer=self._person, query=name, most=_LOOKED_AT)
        return [Named(str(row.id), row.name) for row in rows if is_meant(name, row.name)][:2]

    def leads(self, name: str) -> Sequence[Named]:
        rows = find_leads(self._work, viewer=self._person, query=name, most=_LOOKED_AT)
        return [Named(str(row.id), row.company) for row in rows if is_meant(name, row.company)][:2]

    def deals(self, query: str) -> Sequence[Named]:
        wanted = f"D-{query}" if query.isdecimal() else query
        rows, _ = find_deals(self._work, viewer=self._person, query=wanted, most=_LOOKED_AT)
        fits = [
            row for row in rows if query.isdecimal() or is_meant(query, row.customer_name) or is_meant(query, row.title)
        ]
        return [Named(str(row.id), row.title) for row in fits][:2]

    def category(self, need: str) -> str | None:
        return propose_category(self._categories, need)

    @cached_property
    def _categories(self) -> list[ProductCategory]:
        return list_categories(self._work)


def is_meant(said: str, name: Any) -> bool:
    """Whether the name is what was said: of a Latin one whole words, so that `she` is not Shenzhen."""
    words = search_query(said).split()
    if not words:
        return False
    if said.isascii():
        return set(words) <= set(search_query(str(name)).split())
    return (matches(said, str(name)) or 0.0) > _BEGINS_SO
