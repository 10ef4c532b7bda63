"""Shipments that should have arrived and of which nobody has said so: logistics are asked, the rep told. Guide 3.3."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select, text

from crm.core.rules import company_today, whole_rule
from crm.core.text import TN, T, Text
from crm.core.work import UnitOfWork
from crm.fulfilment.shipments import Shipment
from crm.orders.orders import FROM_ORDERS, Order
from crm.people.people import Person, PersonRole, Role
from crm.people.watching import Sighting, Watch, as_list
from crm.sales.customers.customers import Customer

_SHIPMENTS, _ORDERS, _CUSTOMERS = Shipment.table(), Order.table(), Customer.table()
_PEOPLE, _ROLES = Person.table(), PersonRole.table()
_SILENT = (
    select(
        _SHIPMENTS.c.id,
        _SHIPMENTS.c.order_id,
        _SHIPMENTS.c.expected_on,
        _SHIPMENTS.c.carrier,
        _SHIPMENTS.c.tracking,
        _ORDERS.c.number,
        _ORDERS.c.submitter_id,
        _CUSTOMERS.c.name.label("customer_name"),
    )
    .select_from(FROM_ORDERS.join(_SHIPMENTS, _SHIPMENTS.c.order_id == _ORDERS.c.id))
    .where(text("shipments.delivered_on IS NULL"), _SHIPMENTS.c.expected_on < bindparam("today"))
    .order_by(_SHIPMENTS.c.expected_on, _SHIPMENTS.c.id)
)
_LOGISTICS = (
    select(_PEOPLE.c.id)
    .join(_ROLES, _ROLES.c.person_id == _PEOPLE.c.id)
    .where(_ROLES.c.role == Role.LOGISTICS.value, _PEOPLE.c.is_active)
    .order_by(_PEOPLE.c.id)
)


def _find(work: UnitOfWork) -> list[Sighting]:
    """Each for all of logistics, worse every few days; for who submitted the order once."""
    today = company_today(work)
    rows = work.connection.execute(_SILENT, {"today": today}).all()
    if not rows:
        return []
    every = max(whole_rule(work, "shipping.ask_again_days"), 1)
    logistics = work.connection.execute(_LOGISTICS).scalars().all()
    found = []
    for row in rows:
        level = 1 + (today - row.expected_on).days // every
        told = {row.submitter_id: 1} | dict.fromkeys(logistics, level)
        line, about = _words(row), ("order", row.order_id)
        found += [
            Sighting(subject_id=row.id, person_id=person, line=line, about=about, level=worse)
            for person, worse in told.items()
        ]
    return found


def _words(row: Any) -> Text:
    facts = {"number": row.number, "customer": row.customer_name, "expected_on": row.expected_on}
    by = " ".join(part for part in (row.carrier, row.tracking) if part)
    if by:
        return T("{number} {customer}: expected on {expected_on}, {carrier}", carrier=by, **facts)
    return T("{number} {customer}: expected on {expected_on}", **facts)


def _heading(work: UnitOfWork, seen: Sequence[Sighting]) -> Text:
    return TN(
        "{n} shipment should have arrived. Is it there, or when will it be?",
        "{n} shipments should have arrived. Are they there, or when will they be?",
        n=len(seen),
    )


SILENT = Watch("shipment_silent", _find, as_list("shipment_silent", _heading))
