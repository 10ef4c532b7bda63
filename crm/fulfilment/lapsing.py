"""Capacity kept for a deposit that did not come: after its days it is free for others. Guide 3.2."""

from sqlalchemy import bindparam, select

from crm.core.rules import company_today
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.fulfilment.plans import Plan, give_days_up
from crm.fulfilment.work_orders import WorkOrder
from crm.orders.orders import lock_order, read_plain
from crm.people.reach import tell

_PLANS, _WORK = Plan.table(), WorkOrder.table()
_LAPSED = (
    select(_PLANS.c.order_id)
    .where(
        _PLANS.c.held_until < bindparam("today"),
        select(_WORK.c.id)
        .where(
            _WORK.c.order_id == _PLANS.c.order_id,
            _WORK.c.holds,
            _WORK.c.done_on.is_(None),
            _WORK.c.withdrawn_at.is_(None),
        )
        .exists(),
    )
    .order_by(_PLANS.c.order_id)
)


def lapsed(work: UnitOfWork) -> list[int]:
    """The orders whose capacity was kept long enough."""
    return list(work.connection.execute(_LAPSED, {"today": company_today(work)}).scalars())


def let_lapse(work: UnitOfWork, *, order_id: int) -> bool:
    """Give the order's days to others, and tell who sold it; False where that is not so any more."""
    lock_order(work, order_id=order_id)
    if order_id not in lapsed(work):
        return False
    give_days_up(work, order_id=order_id)
    order = read_plain(work, order_id=order_id)
    told = T(
        "{number} {customer}: the deposit has not come, and the capacity kept for it was given to others. "
        "It is planned anew when the deposit comes.",
        number=order.number,
        customer=order.customer_name,
    )
    key = f"lapsed:{order_id}:{company_today(work)}"
    tell(work, person_id=order.submitter_id, text=told, key=key, about=("order", order_id))
    return True
