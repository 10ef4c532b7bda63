"""What the conversations about shipments may see: which orders can leave, what of them, what is under way."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from bot.cards.screen import Choice, Line, body, muted
from bot.conversations.ship import read_goods
from crm.core.errors import NotFound
from crm.core.text import T, Text
from crm.fulfilment.shipments import Shipment
from crm.fulfilment.shipping import SHIPPABLE, left_to_ship
from crm.language.tracking import recognise
from crm.orders.orders import FROM_ORDERS, Order, find_orders, read_order
from crm.sales.customers.customers import Customer

_SHIPMENTS, _ORDERS, _CUSTOMERS = Shipment.table(), Order.table(), Customer.table()
_UNDER_WAY = (
    select(_SHIPMENTS, _ORDERS.c.number, _CUSTOMERS.c.name.label("customer_name"))
    .select_from(FROM_ORDERS.join(_SHIPMENTS, _SHIPMENTS.c.order_id == _ORDERS.c.id))
    .where(_SHIPMENTS.c.delivered_on.is_(None))
    .order_by(_SHIPMENTS.c.expected_on, _SHIPMENTS.c.id)
)
_MOST = 200


def search_to_ship(world: Any, query: str, offset: int, most: int) -> tuple[Sequence[Choice], int]:
    rows, _ = find_orders(world.work, viewer=world.person, query=query.partition(" ")[0], most=_MOST)
    fits = [row for row in rows if row.status in SHIPPABLE]
    fits.sort(key=lambda row: (row.delivery_on, row.id))
    return [_order_choice(row) for row in fits[offset : offset + most]], len(fits)


def find_to_ship(world: Any, value: str) -> Choice | None:
    order = _read(world, value)
    return None if order is None or order.status not in SHIPPABLE else _order_choice(order)


def search_under_way(world: Any, query: str, offset: int, most: int) -> tuple[Sequence[Choice], int]:
    wanted = query.strip().casefold()
    rows = world.work.connection.execute(_UNDER_WAY).all()
    fits = [row for row in rows if wanted in _label(row).casefold() or wanted in (row.tracking or "").casefold()]
    return [Choice(str(row.id), _label(row), _note(row)) for row in fits[offset : offset + most]], len(fits)


def find_under_way(world: Any, value: str) -> Choice | None:
    if not value.isdecimal() or len(value) > 15:
        return None
    row = world.work.connection.execute(_UNDER_WAY.where(_SHIPMENTS.c.id == int(value))).one_or_none()
    return None if row is None else Choice(value, _label(row), _note(row))


def to_ship(world: Any, order: str) -> Mapping[str, Any]:
    """The lines of which something can leave, as plain JSON."""
    if _read(world, order) is None:
        return {}
    lines = [
        {
            "id": line.id,
            "position": line.position,
            "sku": line.sku,
            "name": line.name,
            "name_zh": line.name_zh,
            "unit": line.unit or "",
            "left": f"{left.normalize():f}",
        }
        for line, left in left_to_ship(world.work, order_id=int(order))
    ]
    return {"lines": lines}


def remark_shipment(world: Any, answers: Mapping[str, Any]) -> list[Line]:
    """What leaves and what stays, and whose number it is."""
    order = str(answers.get("order", ""))
    lines = to_ship(world, order).get("lines", ())
    chosen = read_goods(answers.get("lines"), lines, world)
    if isinstance(chosen, Text):
        return []
    shown: list[Line] = []
    for line in lines:
        left = Decimal(line["left"])
        now = left if chosen is None else chosen.get(line["id"], Decimal(0))
        name = line["name_zh"] if world.language == "zh_CN" and line["name_zh"] else line["name"]
        facts = {"product": name, "quantity": now, "unit": line["unit"], "rest": left - now}
        if now and now == left:
            shown.append(body(T("{product}: {quantity} {unit}", **facts)))
        elif now:
            shown.append(body(T("{product}: {quantity} {unit}, {rest} stay for later", **facts)))
        else:
            shown.append(muted(T("{product}: stays for later", product=name)))
    tracking = answers.get("tracking")
    if tracking:
        carrier = recognise(tracking)
        known = carrier is not None and carrier.name
        told = T("The number is one of {carrier}.", carrier=carrier.name) if carrier is not None and known else None
        shown.append(muted(told or T("Whose number it is, I can't tell for certain.")))
    return shown[:40]


def _read(world: Any, value: str) -> Any:
    if not value.isdecimal() or len(value) > 15:
        return None
    try:
        return read_order(world.work, order_id=int(value), viewer=world.person)
    except NotFound:
        return None


def _order_choice(row: Any) -> Choice:
    return Choice(str(row.id), f"{row.number} {row.customer_name}", T("to be there by {date}", date=row.delivery_on))


def _label(row: Any) -> str:
    return f"{row.number} {row.customer_name}" + (f" #{row.position}" if row.position > 1 else "")


def _note(row: Any) -> Text:
    return T("expected on {date}", date=row.expected_on)
