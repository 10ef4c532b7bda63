"""Product categories, and which one a stated need seems to mean."""

from sqlalchemy import String, Text, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.tables import Base
from crm.core.types import Id
from crm.core.work import UnitOfWork


class ProductCategory(Base):
    """`keywords`: words of a need that point here, in any language, separated by spaces."""

    __tablename__ = "product_categories"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    name_zh: Mapped[str] = mapped_column(String(100))
    keywords: Mapped[str] = mapped_column(Text)


def add_category(work: UnitOfWork, *, name: str, name_zh: str, keywords: str = "") -> None:
    work.connection.execute(insert(ProductCategory), {"name": name, "name_zh": name_zh, "keywords": keywords})


def list_categories(work: UnitOfWork) -> list[ProductCategory]:
    return list(work.session.scalars(select(ProductCategory).order_by(ProductCategory.id)))


def category_called(categories: list[ProductCategory], told: str) -> ProductCategory | None:
    """The one meant by its name in either language, by one of its keywords, or by a part of a name; if it is one."""
    wanted = told.strip().casefold()
    for names in (_full_names, _keywords):
        fits = [one for one in categories if wanted in names(one)]
        if fits:
            return fits[0] if len(fits) == 1 else None
    fits = [one for one in categories if wanted and any(wanted in name for name in _full_names(one))]
    return fits[0] if len(fits) == 1 else None


def category_name(category: ProductCategory, language: str) -> str:
    """What it is called in a language."""
    return category.name_zh if language == "zh_CN" and category.name_zh else category.name


def _full_names(category: ProductCategory) -> list[str]:
    return [category.name.casefold(), category.name_zh.casefold()]


def _keywords(category: ProductCategory) -> list[str]:
    return category.keywords.casefold().split()


def propose_category(categories: list[ProductCategory], need: str) -> str | None:
    """The name of the category with most of its words in the need; None when none has any."""
    wanted = need.casefold()
    scored = [
        (sum(word in wanted for word in f"{c.name} {c.name_zh} {c.keywords}".casefold().split()), c.name)
        for c in categories
    ]
    score, name = max(scored, default=(0, ""), key=lambda pair: pair[0])
    return name if score else None
