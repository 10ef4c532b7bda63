"""What the conversation engine may see of the company: the World, read from the running transaction."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.cards.screen import Choice
from crm.core.work import UnitOfWork
from crm.people.people import Member
from crm.sales.categories import ProductCategory, list_categories, propose_category

Found = tuple[Sequence[Choice], int]


class CompanyWorld:
    """The World as one person may see it, at the transaction's time in their zone."""

    def __init__(self, work: UnitOfWork, person: Member, currency: str) -> None:
        self._work = work
        self.person = person
        self.currency = currency
        self._categories: list[ProductCategory] | None = None

    @property
    def now(self) -> datetime:
        return self._work.now.astimezone(self.person.zone)

    @property
    def language(self) -> str:
        return self.person.language

    @property
    def region(self) -> str | None:
        return "CN" if self.person.language == "zh_CN" else None

    def search(self, source: str, query: str, *, offset: int, most: int) -> Found:
        return _SOURCES[source](self, query, offset, most)

    def find(self, source: str, value: str) -> Choice | None:
        return _FINDERS[source](self, value)

    def categories(self) -> list[ProductCategory]:
        if self._categories is None:
            self._categories = list_categories(self._work)
        return self._categories

    def category_choice(self, category: ProductCategory) -> Choice:
        return Choice(category.name, category.name_zh if self.language == "zh_CN" else category.name)


def _search_categories(world: CompanyWorld, query: str, offset: int, most: int) -> Found:
    wanted = query.casefold()
    fits = [c for c in world.categories() if wanted in f"{c.name} {c.name_zh} {c.keywords}".casefold()]
    return [world.category_choice(c) for c in fits[offset : offset + most]], len(fits)


def _category_for_need(world: CompanyWorld, query: str, offset: int, most: int) -> Found:
    name = propose_category(world.categories(), query)
    fits = [world.category_choice(c) for c in world.categories() if c.name == name]
    return fits, len(fits)


def _find_category(world: CompanyWorld, value: str) -> Choice | None:
    return next((world.category_choice(c) for c in world.categories() if c.name == value), None)


_SOURCES: dict[str, Callable[[CompanyWorld, str, int, int], Found]] = {
    "category": _search_categories,
    "category for": _category_for_need,
}
_FINDERS: dict[str, Callable[[CompanyWorld, str], Choice | None]] = {"category": _find_category}
