"""Shipments of an order: what left how and when, its numbers, and when it arrived. Guide 3.3.

Shipped is not delivered: an order is delivered when everything of it has left and arrived.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Date, ForeignKey, String, UniqueConstraint, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Id, Quantity, UTCDateTime
from crm.core.work import UnitOfWork
from crm.language.tracking import Carrier, recognise
from crm.orders.lines import OrderLine
from crm.orders.orders import Order

MODES = {
    "sea": T("Sea"),
    "air": T("Air"),
    "rail": T("Rail"),
    "road": T("Road"),
    "express": T("Express"),
    "pickup": T("Collected by the customer"),
}


class Shipment(Base):
    """One departure. `position` counts within the order, from 1. `tracking`: a parcel's number, a bill of lading or a
    container; `received_by`: who signed for it, as it was told.
    """

    __tablename__ = "shipments"
    __table_args__ = (UniqueConstraint("order_id", "position"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    position: Mapped[int]
    mode: Mapped[str] = mapped_column(String(20))
    carrier: Mapped[str | None] = mapped_column(String(200))
    tracking: Mapped[str | None] = mapped_column(String(100))
    shipped_on: Mapped[date] = mapped_column(Date)
    expected_on: Mapped[date] = mapped_column(Date)
    delivered_on: Mapped[date | None] = mapped_column(Date, index=True)
    received_by: Mapped[str | None] = mapped_column(String(200))
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ShipmentLine(Base):
    """How much of an order's line left with a shipment, in the product's unit."""

    __tablename__ = "shipment_lines"

    shipment_id: Mapped[int] = mapped_column(ForeignKey("shipments.id"), primary_key=True, autoincrement=False)
    order_line_id: Mapped[int] = mapped_column(
        ForeignKey("order_lines.id"), primary_key=True, autoincrement=False, index=True
    )
    quantity: Mapped[Decimal] = mapped_column(Quantity)


_SHIPMENTS = Shipment.table()
_SHIPPED = ShipmentLine.table()
_LINES = OrderLine.table()
_ORDERS = Order.table()


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """What is kept of a shipment when it leaves. `quantities` by order line's id."""

    mode: str
    shipped_on: date
    expected_on: date
    quantities: Mapping[int, Decimal]
    carrier: str | None = None
    tracking: str | None = None


def add_shipment(work: UnitOfWork, *, order_id: int, recorded_by: int, departure: Departure) -> tuple[int, int]:
    """Write it; returns its id and its position. Whoever calls holds the order's lock and has looked at it."""
    ones = select(func.coalesce(func.max(_SHIPMENTS.c.position), 0)).where(_SHIPMENTS.c.order_id == order_id)
    position = int(work.connection.execute(ones).scalar_one()) + 1
    values = {
        "order_id": order_id,
        "position": position,
        "mode": departure.mode,
        "carrier": departure.carrier,
        "tracking": departure.tracking,
        "shipped_on": departure.shipped_on,
        "expected_on": departure.expected_on,
        "recorded_by_id": recorded_by,
        "created_at": work.now,
    }
    written = insert(_SHIPMENTS).values(values).returning(_SHIPMENTS.c.id)
    shipment_id = int(work.connection.execute(written).scalar_one())
    lines = [
        {"shipment_id": shipment_id, "order_line_id": line_id, "quantity": quantity}
        for line_id, quantity in departure.quantities.items()
    ]
    work.connection.execute(insert(_SHIPPED), lines)
    return shipment_id, position


def shipments_of(work: UnitOfWork, *, order_id: int) -> Sequence[Any]:
    """The rows of an order's shipments, the first to leave first."""
    theirs = select(_SHIPMENTS).where(_SHIPMENTS.c.order_id == order_id)
    return work.connection.execute(theirs.order_by(_SHIPMENTS.c.position)).all()


def read_shipment(work: UnitOfWork, *, shipment_id: int) -> Any:
    """One row, None where there is no such shipment."""
    return work.connection.execute(select(_SHIPMENTS).where(_SHIPMENTS.c.id == shipment_id)).one_or_none()


def shipped_quantities(work: UnitOfWork, *, order_id: int) -> dict[int, Decimal]:
    """How much of each line has left already; lines of which nothing has are left out."""
    shipped = (
        select(_SHIPPED.c.order_line_id, func.sum(_SHIPPED.c.quantity))
        .join(_SHIPMENTS, _SHIPMENTS.c.id == _SHIPPED.c.shipment_id)
        .where(_SHIPMENTS.c.order_id == order_id)
        .group_by(_SHIPPED.c.order_line_id)
    )
    return {row[0]: row[1] for row in work.connection.execute(shipped)}


def shipped_share(work: UnitOfWork, *, order_id: int) -> Literal["nothing", "part", "all"]:
    """Whether anything of the order has left, and whether all."""
    gone = shipped_quantities(work, order_id=order_id)
    if not gone:
        return "nothing"
    lines = select(_LINES.c.id, _LINES.c.quantity).where(_LINES.c.order_id == order_id)
    is_all = all(gone.get(row.id, 0) >= row.quantity for row in work.connection.execute(lines))
    return "all" if is_all else "part"


def all_delivered(work: UnitOfWork, *, order_id: int) -> bool:
    """Whether every shipment that has left has arrived."""
    rows = shipments_of(work, order_id=order_id)
    return bool(rows) and all(row.delivered_on is not None for row in rows)


def carrier_of(shipment: Any) -> Carrier | None:
    """Whose number it bears; None where that is not certain, whatever was typed as its carrier."""
    return None if shipment.tracking is None else recognise(shipment.tracking)


AT_ARRIVAL = frozenset({"DAP", "DPU", "DDP"})
"""Incoterms whose delivery point is the arrival; with all others the seller has delivered when the goods leave."""


def is_on_time(incoterm: str, delivery_on: date, shipments: Sequence[Any]) -> bool | None:
    """Whether all of an order came in time, judged at the incoterm's delivery point; None: it is not there yet.

    `shipments`: all that the order's goods left with. Domestic terms count as leaving.
    """
    days = [one.delivered_on if incoterm in AT_ARRIVAL else one.shipped_on for one in shipments]
    if not days or None in days:
        return None
    return bool(max(days) <= delivery_on)
