"""What of the stock is promised to which order's line; what is made goes into stock for its line, what leaves goes out.

`products.stock` is what lies there; free is what no line has been promised. Of two orders for the last piece one gets
it: whoever allocates locks the products first, in the order of their ids.
"""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import history
from crm.core.history import Actor
from crm.core.tables import Base
from crm.core.types import Id, Quantity
from crm.core.work import UnitOfWork
from crm.orders.lines import OrderLine
from crm.sales.catalogue.products import Product

_NOTHING = Decimal(0)


class Allocation(Base):
    """What of the stock is an order line's: promised to it and not yet gone, in the product's unit."""

    __tablename__ = "allocations"

    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id"), primary_key=True, autoincrement=False)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True)
    quantity: Mapped[Decimal] = mapped_column(Quantity)


_ALLOCATIONS, _PRODUCTS, _LINES = Allocation.table(), Product.table(), OrderLine.table()
_LOCK = (
    select(_PRODUCTS.c.id, _PRODUCTS.c.stock)
    .where(_PRODUCTS.c.id.in_(bindparam("products", expanding=True, type_=Id)))
    .order_by(_PRODUCTS.c.id)
    .with_for_update(key_share=True)
)
_PROMISED = (
    select(_ALLOCATIONS.c.product_id, func.sum(_ALLOCATIONS.c.quantity))
    .where(_ALLOCATIONS.c.product_id.in_(bindparam("products", expanding=True, type_=Id)))
    .group_by(_ALLOCATIONS.c.product_id)
)
_STORED = update(_PRODUCTS).where(_PRODUCTS.c.id == bindparam("product")).values(stock=bindparam("left"))
_CHANGED = (
    update(_ALLOCATIONS).where(_ALLOCATIONS.c.order_line_id == bindparam("line")).values(quantity=bindparam("left"))
)
_OF_ORDER = (
    select(_ALLOCATIONS)
    .join(_LINES, _LINES.c.id == _ALLOCATIONS.c.order_line_id)
    .where(_LINES.c.order_id == bindparam("order"))
)


def free_stock(work: UnitOfWork, product_ids: Collection[int]) -> dict[int, Decimal]:
    """What of each product lies there and is promised to nobody; locks them until the commit."""
    wanted = {"products": sorted(set(product_ids))}
    stored = {row.id: row.stock for row in work.connection.execute(_LOCK, wanted)}
    promised = {row[0]: row[1] for row in work.connection.execute(_PROMISED, wanted)}
    return {one: max(_NOTHING, stock - promised.get(one, _NOTHING)) for one, stock in stored.items()}


def allocate(work: UnitOfWork, lines: Iterable[Any]) -> dict[int, Decimal]:
    """Promise these lines of one order what there is, the first line first; returns how much of each by its id.

    `lines`: rows with `id`, `product_id` and `quantity`, none of which has been promised anything.
    """
    lines = list(lines)
    free = free_stock(work, [line.product_id for line in lines])
    rows = []
    for line in lines:
        part = min(line.quantity, free[line.product_id])
        if part > 0:
            free[line.product_id] -= part
            rows.append({"order_line_id": line.id, "product_id": line.product_id, "quantity": part})
    if rows:
        work.connection.execute(insert(_ALLOCATIONS), rows)
    return {row["order_line_id"]: row["quantity"] for row in rows}


def allocated(work: UnitOfWork, *, order_id: int) -> dict[int, Decimal]:
    """What lies there for the lines of an order, by their ids."""
    rows = work.connection.execute(_OF_ORDER, {"order": order_id})
    return {row.order_line_id: row.quantity for row in rows if row.quantity > 0}


def put_in(work: UnitOfWork, *, actor: Actor, order_id: int, made: Mapping[int, Decimal]) -> None:
    """What was made for these lines lies there now, and is theirs. `made` by line's id; the stock's history says so."""
    products = _products_of(work, made)
    stored = _lock(work, products.values())
    known = {row.order_line_id: row.quantity for row in work.connection.execute(_OF_ORDER, {"order": order_id})}
    for line_id, quantity in made.items():
        if line_id in known:
            work.connection.execute(_CHANGED, {"line": line_id, "left": known[line_id] + quantity})
        else:
            values = {"order_line_id": line_id, "product_id": products[line_id], "quantity": quantity}
            work.connection.execute(insert(_ALLOCATIONS).values(values))
    _store(work, actor, stored, _by_product(products, made), "made", order_id)


def take_out(work: UnitOfWork, *, actor: Actor, order_id: int, quantities: Mapping[int, Decimal]) -> None:
    """So much of these lines has left: what was promised to them goes out of the stock. By line's id.

    Of a line that was promised less (an order from before there were plans) only that much goes out.
    """
    known = {row.order_line_id: row for row in work.connection.execute(_OF_ORDER, {"order": order_id})}
    gone = {one: min(quantity, known[one].quantity) for one, quantity in quantities.items() if one in known}
    products = {line_id: known[line_id].product_id for line_id in gone}
    stored = _lock(work, products.values())
    for line_id, quantity in gone.items():
        work.connection.execute(_CHANGED, {"line": line_id, "left": known[line_id].quantity - quantity})
    taken = {product: -quantity for product, quantity in _by_product(products, gone).items()}
    _store(work, actor, stored, taken, "shipped", order_id)


def give_back(work: UnitOfWork, *, order_id: int) -> None:
    """Nothing is promised to this order's lines any more: what lies there is free for others."""
    theirs = select(_LINES.c.id).where(_LINES.c.order_id == order_id)
    work.connection.execute(delete(_ALLOCATIONS).where(_ALLOCATIONS.c.order_line_id.in_(theirs)))


def _products_of(work: UnitOfWork, lines: Iterable[int]) -> dict[int, int]:
    query = select(_LINES.c.id, _LINES.c.product_id).where(_LINES.c.id.in_(set(lines)))
    return {row.id: row.product_id for row in work.connection.execute(query)}


def _lock(work: UnitOfWork, product_ids: Iterable[int]) -> dict[int, Decimal]:
    rows = work.connection.execute(_LOCK, {"products": sorted(set(product_ids))})
    return {row.id: row.stock for row in rows}


def _by_product(products: Mapping[int, int], quantities: Mapping[int, Decimal]) -> dict[int, Decimal]:
    summed: dict[int, Decimal] = {}
    for line_id, quantity in quantities.items():
        summed[products[line_id]] = summed.get(products[line_id], _NOTHING) + quantity
    return summed


def _store(
    work: UnitOfWork,
    actor: Actor,
    stored: Mapping[int, Decimal],
    change: Mapping[int, Decimal],
    act: str,
    order_id: int,
) -> None:
    for product_id, by in change.items():
        left = stored[product_id] + by
        work.connection.execute(_STORED, {"product": product_id, "left": left})
        changes = {"stock": (stored[product_id], left), "order": (order_id, order_id)}
        history.record(work, actor=actor, entity="product", entity_id=product_id, act=act, changes=changes)
