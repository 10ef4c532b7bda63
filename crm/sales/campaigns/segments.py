"""Segments of customers, declared as data: each criterion's name and the condition it puts. Guide 2.2.

A segment is plain JSON, `{"grade": ["C"], "country": ["DE", "AT"]}`: every criterion in it must hold, for one of its
values. To add one, add it to CRITERIA.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, column, exists, func, select, table, text

from crm.core.errors import Invalid
from crm.core.text import T, Text
from crm.core.types import Id
from crm.sales.agreed_orders import AGREED
from crm.sales.customers.customers import Customer

Segment: TypeAlias = Mapping[str, Sequence[Any]]

_CUSTOMERS = Customer.table()
# Of a room above this one, so not imported.
_ORDERS = table("orders", column("id", Id), column("customer_id", Id), column("status"))
_LINES = table("order_lines", column("order_id", Id), column("product_id", Id))

MOST_VALUES = 100


@dataclass(frozen=True, slots=True)
class Criterion:
    """`where(values, dialect)`: the condition on a row of `customers`."""

    label: Text
    where: Callable[[Sequence[Any], str], ColumnElement[bool]]


def _grade(values: Sequence[Any], dialect: str) -> ColumnElement[bool]:
    return _CUSTOMERS.c.grade.in_(values)


def _country(values: Sequence[Any], dialect: str) -> ColumnElement[bool]:
    return _CUSTOMERS.c.country.in_(values)


def _product(values: Sequence[Any], dialect: str) -> ColumnElement[bool]:
    """Bought: in an order that was approved, as turnover counts."""
    bought = select(_ORDERS.c.customer_id).join(_LINES, _LINES.c.order_id == _ORDERS.c.id)
    wanted = bought.where(_ORDERS.c.status.in_(AGREED), _LINES.c.product_id.in_([int(one) for one in values]))
    return _CUSTOMERS.c.id.in_(wanted)


def _tag(values: Sequence[Any], dialect: str) -> ColumnElement[bool]:
    tags = _CUSTOMERS.c.tags
    each = func.json_each(tags) if dialect == "sqlite" else func.jsonb_array_elements_text(tags)
    tag = each.table_valued("value", name="tag")
    wanted = [str(one).casefold() for one in values]
    return exists(select(text("1")).select_from(tag).where(func.lower(tag.c.value).in_(wanted)))


CRITERIA = {
    "grade": Criterion(T("Grade"), _grade),
    "country": Criterion(T("Country or region"), _country),
    "product": Criterion(T("Product bought"), _product),
    "tag": Criterion(T("Tags"), _tag),
}


def checked_segment(segment: Segment) -> dict[str, list[Any]]:
    """The segment as it is kept: without empty criteria. Raises Invalid."""
    kept = {key: list(dict.fromkeys(values)) for key, values in segment.items() if values}
    if not kept.keys() <= CRITERIA.keys():
        raise Invalid(T("A segment is chosen by {criteria}.", criteria=[one.label for one in CRITERIA.values()]))
    if any(len(values) > MOST_VALUES for values in kept.values()):
        raise Invalid(T("At most {most} values fit into one criterion.", most=MOST_VALUES))
    return kept


def conditions(segment: Segment, dialect: str) -> list[ColumnElement[bool]]:
    """What a row of `customers` has to fulfil to be in this segment; all customers where it is empty."""
    return [CRITERIA[key].where(values, dialect) for key, values in segment.items() if values]
