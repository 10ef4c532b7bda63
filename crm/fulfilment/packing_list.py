"""The packing list of a shipment: what left, how, under which numbers and marks. Without prices. Guide 3.3."""

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from crm.core.errors import NotFound
from crm.core.rules import read_rules
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.documents import PackedLine, PackingList
from crm.documents.letterhead import seller
from crm.fulfilment.shipments import ShipmentLine, read_shipment
from crm.language.names import romanised
from crm.orders.on_paper import keep_paper
from crm.orders.order_policy import can_see_order, can_see_prices
from crm.orders.orders import NUMBER_PREFIX, read_lines, read_order
from crm.orders.papers import order_buyer, reference_of
from crm.people.people import Member, Role
from crm.people.permissions import Allowed, require

_MODES = {
    "sea": "Sea 海运",
    "air": "Air 空运",
    "rail": "Rail 铁路",
    "road": "Road 公路",
    "express": "Express 快递",
    "pickup": "Collected by the customer 客户自提",
}
_SHIPPED = ShipmentLine.table()


def can_have_packing_list(person: Member, order: Any) -> Allowed:
    """Logistics, and who may see the order with its prices."""
    if not person.has(Role.LOGISTICS) and not can_see_prices(person):
        return T("Packing lists are for logistics and sales.")
    return can_see_order(person, order)


def print_packing_list(work: UnitOfWork, *, viewer: Member, shipment_id: int) -> tuple[int, str]:
    """Print it and keep it under the order; returns the kept file's id and its name. Raises NotFound, Forbidden."""
    order_id, sheet = packing_list(work, viewer=viewer, shipment_id=shipment_id)
    return keep_paper(work, viewer=viewer, entity="order", entity_id=order_id, sheet=sheet)


def packing_list(work: UnitOfWork, *, viewer: Member, shipment_id: int) -> tuple[int, PackingList]:
    """The order's id and what stands on the list. Raises NotFound, Forbidden."""
    shipment = read_shipment(work, shipment_id=shipment_id)
    if shipment is None:
        raise NotFound(T("There is no such shipment."))
    order = read_order(work, order_id=shipment.order_id, viewer=viewer)
    require(can_have_packing_list(viewer, order))
    # Whom to talk to at the customer's is for those who look after them.
    consignee = replace(order_buyer(work, order), contact="", phone="", email="")
    return order.id, PackingList(
        number=f"{order.number.replace(NUMBER_PREFIX, 'PL', 1)}-{shipment.position}",
        day=shipment.shipped_on,
        seller=seller(read_rules(work)),
        buyer=consignee,
        lines=tuple(_left(work, order.id, shipment.id)),
        reference="  ·  ".join(part for part in (order.number, reference_of(work, order)) if part),
        prepared_by=romanised(order.submitter_name),
        extra=tuple((en, zh, str(value)) for en, zh, value in _terms(order, shipment) if value),
    )


def _left(work: UnitOfWork, order_id: int, shipment_id: int) -> list[PackedLine]:
    found = select(_SHIPPED.c.order_line_id, _SHIPPED.c.quantity).where(_SHIPPED.c.shipment_id == shipment_id)
    gone = {row.order_line_id: row.quantity for row in work.connection.execute(found)}
    return [
        PackedLine(sku=line.sku, name=line.name, name_zh=line.name_zh or "", quantity=gone[line.id], unit=line.unit)
        for line in read_lines(work, order_id=order_id)
        if line.id in gone
    ]


def _terms(order: Any, shipment: Any) -> list[tuple[str, str, Any]]:
    return [
        ("Deliver to", "交货地点", order.deliver_to),
        ("Mode of transport", "运输方式", _MODES[shipment.mode]),
        ("Carrier", "承运商", shipment.carrier),
        ("Tracking or B/L no.", "运单号/提单号", shipment.tracking),
        ("Shipped on", "发货日期", shipment.shipped_on),
        ("Expected arrival", "预计到达", shipment.expected_on),
        ("Packing and marks", "包装唛头", order.packing),
    ]
