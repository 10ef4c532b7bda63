"""What follows an approved order of the sample company: it is made, shipped, and paid as its terms say, or later."""

from datetime import timedelta
from typing import Any

from crm.core.money import Money, round_amount
from crm.fulfilment.gates import production_gate, release_gate, shipment_gate
from crm.fulfilment.payments import schedule_of
from crm.fulfilment.receiving import receive_payment
from crm.ledger.receipts import ReceiptDraft
from crm.orders.orders import read_order, read_plain
from crm.people.people import Member, Role
from crm.sample.diary import Story
from crm.sample.leaving import left
from crm.sample.making import made
from crm.sample.setting import Buyer, Setting, door


def fulfilled(setting: Setting, buyer: Buyer, order_id: int) -> Story:
    """Paid ahead what is to be, made, shipped; then paid, sooner or later, most at once."""
    finance = setting.pick(setting.all_of(Role.FINANCE))
    row = read_order(setting.work, order_id=order_id, viewer=finance)
    setting.diary.begin(made(setting, order_id))
    if production_gate(setting.work, order_id=order_id) is not None:
        yield setting.later(finance, (2, 5))
        for share in _shares(setting, order_id, "order"):
            _pay(setting, finance, share)
    _let_through(setting, finance, order_id)
    yield setting.on(finance, row.delivery_on + timedelta(days=setting.chance.randint(-2, 5)))
    while read_plain(setting.work, order_id=order_id).status != "ready":
        yield setting.later(finance, (1, 2))
    for share in _shares(setting, order_id, "before_shipment"):
        _pay(setting, finance, share)
    _let_through(setting, finance, order_id)
    setting.diary.begin(left(setting, buyer, order_id))
    yield from _later(setting, buyer, finance, order_id)


def _later(setting: Setting, buyer: Buyer, finance: Member, order_id: int) -> Story:
    """What is owed once the goods have left or arrived."""
    for position in [share.position for share in schedule_of(setting.work, order_id=order_id)]:
        while (share := _share(setting, order_id, position)).owed_on is None:
            yield setting.later(finance, (6, 9))
        if share.settled_at is not None:
            continue
        yield setting.on(finance, share.owed_on + timedelta(days=setting.chance.randint(*buyer.pays_late)))
        if setting.may(10):
            _pay(setting, finance, share, part=2)
            yield setting.later(finance, (5, 20))
        _pay(setting, finance, _share(setting, order_id, position))


def _let_through(setting: Setting, finance: Member, order_id: int) -> None:
    """Finance releases what waits for nothing that comes as a payment: a letter of credit, a limit looked at again."""
    by: dict[str, Any] = {"actor": finance, "platform": door(finance), "order_id": order_id}
    if production_gate(setting.work, order_id=order_id) is not None:
        release_gate(setting.work, **by, gate="production", reason=setting.words(finance, "letter_of_credit"))
    status = read_plain(setting.work, order_id=order_id).status
    if status == "ready" and shipment_gate(setting.work, order_id=order_id) is not None:
        release_gate(setting.work, **by, gate="shipment", reason=setting.words(finance, "looked_at_again"))


def _shares(setting: Setting, order_id: int, anchor: str) -> list[Any]:
    """The open shares with this anchor that are paid by transfer."""
    rows = schedule_of(setting.work, order_id=order_id)
    return [row for row in rows if row.anchor == anchor and row.settled_at is None and row.method != "lc"]


def _share(setting: Setting, order_id: int, position: int) -> Any:
    return next(row for row in schedule_of(setting.work, order_id=order_id) if row.position == position)


def _pay(setting: Setting, finance: Member, share: Any, *, part: int = 1) -> None:
    """All that is open of a share, or one part of so many."""
    order = read_plain(setting.work, order_id=share.order_id)
    whole = share.amount if share.open_amount is None else share.open_amount
    amount = round_amount(whole / part, order.currency)
    draft = ReceiptDraft(
        customer_id=order.customer_id,
        amount=Money(amount, order.currency),
        received_on=setting.today(finance),
        reference=f"TT{order.id:04d}{share.position}{part}",
    )
    receive_payment(setting.work, actor=finance, platform=door(finance), draft=draft, wishes=[(order.id, None)])
