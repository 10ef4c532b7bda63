"""What happens to orders elsewhere and means something to their plan, in the same transaction."""

from crm.core.events import Events
from crm.core.history import SYSTEM
from crm.core.work import UnitOfWork
from crm.fulfilment.gates import production_is_open
from crm.fulfilment.leaving import tell_may_leave
from crm.fulfilment.makers import lock_planning
from crm.fulfilment.milestones import drop_open
from crm.fulfilment.plans import begin_work, make_plan
from crm.fulfilment.shipment_events import GoodsShipped
from crm.fulfilment.standing import restate
from crm.fulfilment.stock import give_back, take_out
from crm.fulfilment.work_orders import withdraw
from crm.ledger.payment_events import PaymentChanged
from crm.orders.approvals import OrderApproved
from crm.orders.order_events import OrderCancelled


def plan_orders(events: Events) -> None:
    """Plan what is approved, take out of stock what leaves, free what is cancelled."""
    events.subscribe(OrderApproved, _approved)
    events.subscribe(GoodsShipped, _shipped)
    events.subscribe(OrderCancelled, _cancelled)
    events.subscribe(PaymentChanged, _paid)


def _approved(work: UnitOfWork, event: OrderApproved) -> None:
    order_id = event.order_id
    make_plan(work, order_id=order_id, may_begin=production_is_open(work, order_id=order_id))
    restate(work, order_id=order_id, actor=SYSTEM)
    tell_may_leave(work, order_id=order_id)


def _shipped(work: UnitOfWork, event: GoodsShipped) -> None:
    take_out(work, actor=event.actor, order_id=event.order_id, quantities=event.quantities)


def _paid(work: UnitOfWork, event: PaymentChanged) -> None:
    if production_is_open(work, order_id=event.order_id):
        begin_work(work, order_id=event.order_id, actor=event.actor)
    restate(work, order_id=event.order_id, actor=event.actor)
    tell_may_leave(work, order_id=event.order_id)


def _cancelled(work: UnitOfWork, event: OrderCancelled) -> None:
    give_back(work, order_id=event.order_id)
    lock_planning(work)
    withdraw(work, order_id=event.order_id)
    drop_open(work, order_id=event.order_id)
