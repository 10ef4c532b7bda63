"""Logistics hear of an order when it may leave: all of it is there, and nothing is awaited before. Guide 3.3."""

from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.fulfilment.gates import shipment_gate
from crm.fulfilment.plans import people_of
from crm.orders.orders import read_plain
from crm.people.people import Role
from crm.people.reach import tell


def tell_may_leave(work: UnitOfWork, *, order_id: int) -> None:
    """Tell logistics, once, where the order is ready and no payment keeps it; called whenever either may have become
    so.
    """
    order = read_plain(work, order_id=order_id)
    if order.status != "ready" or shipment_gate(work, order_id=order_id) is not None:
        return
    told = T("{number} {customer} is ready to ship.", number=order.number, customer=order.customer_name)
    for person_id in people_of(work, Role.LOGISTICS):
        tell(work, person_id=person_id, text=told, key=f"ready:{order_id}:{person_id}", about=("order", order_id))
