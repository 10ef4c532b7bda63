"""What follows an approved order of the sample company: it is made, shipped, and paid sooner or later."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from crm.core.money import Money
from crm.ledger.credit import release
from crm.ledger.receivables import add_receivable, settle_receivable
from crm.orders.orders import read_order, read_plain
from crm.people.people import Role
from crm.sample.diary import Story
from crm.sample.leaving import left
from crm.sample.making import made
from crm.sample.setting import BASE, Buyer, Setting, by, door


def fulfilled(setting: Setting, buyer: Buyer, order_id: int) -> Story:
    """Shipped, so that the money is owed; then paid, sooner or later, most at once."""
    finance = setting.pick(setting.all_of(Role.FINANCE))
    row = read_order(setting.work, order_id=order_id, viewer=finance)
    setting.diary.begin(made(setting, order_id))
    yield setting.on(finance, row.delivery_on + timedelta(days=setting.chance.randint(-2, 5)))
    while read_plain(setting.work, order_id=order_id).status != "ready":
        yield setting.later(finance, (1, 2))
    setting.diary.begin(left(setting, buyer, order_id))
    owed = row.total * (100 - (row.deposit_percent or 0)) / 100
    due_on = setting.today(finance) + timedelta(days=_days_in(row.payment_terms))
    receivable_id = add_receivable(
        setting.work,
        actor=by(finance),
        customer_id=buyer.customer_id,
        order_id=order_id,
        amount=Money(owed, row.currency).rounded(),
        rate=row.rate,
        base=BASE,
        due_on=due_on,
    )
    release(setting.work, order_id=order_id)
    pay: dict[str, Any] = {"actor": finance, "platform": door(finance), "receivable_id": receivable_id}
    yield setting.on(finance, due_on + timedelta(days=setting.chance.randint(*buyer.pays_late)))
    if setting.may(10):
        part = (owed * row.rate / 2).quantize(Decimal("0.01"))
        settle_receivable(setting.work, **pay, base_amount=part)
        yield setting.later(finance, (5, 20))
    settle_receivable(setting.work, **pay)


def _days_in(terms: str) -> int:
    """How long after shipment the balance is due."""
    return next((days for days in (60, 45, 30) if f"{days} days" in terms or f"{days}天" in terms), 7)
