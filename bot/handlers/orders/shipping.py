"""`ship` and `delivered`: logistics record what left and what arrived."""

from collections.abc import Mapping
from typing import Any

from bot.cards import labels
from bot.cards.screen import Button, say
from bot.cards.shipment import draw_shipping_text
from bot.conversations.ship import CHANGE_SHIPMENT, DELIVERED, SHIP, read_goods
from bot.handlers.customers.customers import record_id
from bot.handlers.guided import Guide, begin, register
from bot.handlers.orders.shipping_world import to_ship
from bot.handlers.verbs import Verb
from bot.handlers.world import CompanyWorld
from bot.request import Card, Reply, Request
from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.text import T, Text
from crm.fulfilment.shipments import read_shipment, shipments_of
from crm.fulfilment.shipping import ShipmentDraft, can_ship, change_shipment, deliver, ship
from crm.orders.orders import STATUSES, get_order, read_order
from crm.people.people import Role
from crm.people.permissions import require
from crm.sales.customers.customers import get_customer


def start_ship(request: Request) -> Reply:
    """`ship`, with an order's number if one follows."""
    answers, wrong = SHIP.heard("order", request.argument, CompanyWorld(request.work, request.person))
    return begin(request, SHIP_GUIDE, answers=answers, wrong=wrong)


def ship_order(request: Request) -> Reply:
    return begin(request, SHIP_GUIDE, answers={"order": str(record_id(request.argument))})


def submit_shipment(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    order_id = int(values["order"])
    world = CompanyWorld(request.work, request.person)
    goods = read_goods(values.get("lines"), to_ship(world, values["order"]).get("lines", ()), world)
    if isinstance(goods, Text):
        raise Invalid(goods)
    draft = ShipmentDraft(
        order_id=order_id,
        mode=values["mode"],
        shipped_on=values["shipped_on"][0].date(),
        expected_on=values["expected_on"][0].date(),
        carrier=values.get("carrier"),
        tracking=values.get("tracking"),
        quantities=goods,
    )
    ship(request.work, actor=request.person, platform=request.platform, draft=draft)
    order = read_order(request.work, order_id=order_id, viewer=request.person)
    told = T("Recorded: {number} has left. It is now: {status}.", number=order.number, status=STATUSES[order.status])
    return Reply((say(told, Button(labels.OPEN, f"order.open:{order_id}")),))


def start_delivered(request: Request) -> Reply:
    """`delivered`, with an order's number if one follows."""
    answers, wrong = DELIVERED.heard("shipment", request.argument, CompanyWorld(request.work, request.person))
    return begin(request, DELIVERED_GUIDE, answers=answers, wrong=wrong)


def deliver_this(request: Request) -> Reply:
    shipment_id = record_id(request.argument)
    _under_way(request, shipment_id)
    return begin(request, DELIVERED_GUIDE, answers={"shipment": str(shipment_id)})


def submit_delivery(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    shipment_id = int(values["shipment"])
    on = values["delivered_on"][0].date()
    deliver(
        request.work,
        actor=request.person,
        platform=request.platform,
        shipment_id=shipment_id,
        on=on,
        received_by=values.get("received_by"),
    )
    order_id = read_shipment(request.work, shipment_id=shipment_id).order_id
    order = read_order(request.work, order_id=order_id, viewer=request.person)
    told = T("Recorded: {number} arrived on {date}.", number=order.number, date=on)
    return Reply((say(told, Button(labels.OPEN, f"order.open:{order_id}")),))


def start_change(request: Request) -> Reply:
    shipment_id = record_id(request.argument)
    row = _under_way(request, shipment_id)
    known = {"carrier": row.carrier, "tracking": row.tracking}
    answers: dict[str, Any] = {name: value for name, value in known.items() if value}
    answers["expected_on"] = {"at": f"{row.expected_on}T00:00:00+00:00", "minute": False}
    return begin(request, CHANGE_GUIDE, answers=answers, subject_id=shipment_id)


def submit_change(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    assert subject_id is not None, "a shipment is changed from its own button"
    change_shipment(
        request.work,
        actor=request.person,
        platform=request.platform,
        shipment_id=subject_id,
        carrier=values.get("carrier"),
        tracking=values.get("tracking"),
        expected_on=values["expected_on"][0].date(),
    )
    return Reply((Card("order", read_shipment(request.work, shipment_id=subject_id).order_id),))


def shipping_text(request: Request) -> Reply:
    """The text for the customer about what has left last."""
    order_id = record_id(request.argument)
    order = get_order(request.work, viewer=request.person, order_id=order_id).order
    if not shipments_of(request.work, order_id=order_id):
        raise Conflict(T("Nothing of this order has left yet."))
    customer = get_customer(request.work, viewer=request.person, customer_id=order["customer_id"])
    return Reply((draw_shipping_text(request.work, order, customer),))


def _under_way(request: Request, shipment_id: int) -> Any:
    """The shipment's row. Raises Forbidden, NotFound, Conflict (it has arrived)."""
    require(can_ship(request.person))
    row = read_shipment(request.work, shipment_id=shipment_id)
    if row is None:
        raise NotFound(T("There is no such shipment."))
    if row.delivered_on is not None:
        raise Conflict(T("This shipment arrived on {date} already.", date=row.delivered_on))
    return row


def _still_under_way(request: Request, shipment_id: int) -> None:
    _under_way(request, shipment_id)


SHIP_GUIDE = register(Guide(SHIP, can_ship, submit_shipment))
DELIVERED_GUIDE = register(Guide(DELIVERED, can_ship, submit_delivery))
CHANGE_GUIDE = register(Guide(CHANGE_SHIPMENT, can_ship, submit_change, _still_under_way))

_LOGISTICS = frozenset({Role.LOGISTICS})
VERBS = (
    Verb("ship", ("发货",), T("record a shipment"), start_ship, _LOGISTICS, parks=False, usual=True),
    Verb("delivered", ("签收",), T("record a delivery"), start_delivered, _LOGISTICS, parks=False, usual=True),
)
PRESSES = {
    "order.ship": ship_order,
    "order.shipping_text": shipping_text,
    "shipment.delivered": deliver_this,
    "shipment.change": start_change,
}
