"""Notes on an order: they stand in its customer's history, and name it; and in the order's own."""

from crm.core.work import UnitOfWork
from crm.orders.facts import decision_facts
from crm.orders.orders import record
from crm.people.people import Member
from crm.sales.customers.communications import insert_note


def add_order_note(work: UnitOfWork, *, actor: Member, platform: str, order_id: int, text: str) -> int:
    """Note something on an order the actor may see or decide on; returns the row's id in `communications`.

    Raises NotFound and Invalid (no text).
    """
    order = decision_facts(work, order_id=order_id, viewer=actor).order
    said = text.strip()
    note_id = insert_note(
        work,
        actor=actor,
        customer_id=order.customer_id,
        deal_id=order.deal_id,
        text=f"{order.number}: {said}" if said else "",
    )
    record(work, actor, platform, order_id, "noted", {}, said)
    return note_id
