"""How the goods of the sample company's orders leave and arrive: recorded by logistics, mostly in time."""

from datetime import datetime, time, timedelta
from typing import Any

from crm.fulfilment.shipping import ShipmentDraft, deliver, ship
from crm.language.tracking import is_container
from crm.people.people import Role
from crm.sample.diary import Story, workday
from crm.sample.setting import Buyer, Setting, door

_BY_AIR, _LATE = 5, 6
"""Every so many orders abroad go by air; every so many arrive days after they were expected."""


def left(setting: Setting, buyer: Buyer, order_id: int) -> Story:
    """Shipped now, all of it; delivered when it arrives."""
    logistics = setting.all_of(Role.LOGISTICS)[0]
    mode, days = ("road", 3) if buyer.firm.country == "CN" else ("sea", 30)
    if mode == "sea" and order_id % _BY_AIR == 0:
        mode, days = "air", 6
    today = setting.today(logistics)
    by: dict[str, Any] = {"actor": logistics, "platform": door(logistics)}
    draft = ShipmentDraft(
        order_id=order_id,
        mode=mode,
        shipped_on=today,
        expected_on=today + timedelta(days=days),
        tracking=_container(order_id) if mode == "sea" else None,
    )
    shipment_id = ship(setting.work, draft=draft, **by)
    arrives = workday(today + timedelta(days=days + (4 if order_id % _LATE == 0 else 0)))
    yield datetime.combine(arrives, time(10, order_id % 60), logistics.zone)
    deliver(setting.work, shipment_id=shipment_id, on=setting.today(logistics), **by)


def _container(order_id: int) -> str:
    """A container's number with the check digit it must have."""
    serial = f"{417_200 + order_id * 37:06d}"
    return next(number for number in (f"MSCU{serial}{digit}" for digit in range(10)) if is_container(number))
