"""What customers pay: it adds up at any time, holds nobody's credit twice, and opens the gates it should."""

from decimal import Decimal

import pytest

from bot.app import subscriptions
from crm.core.database import Database
from crm.core.errors import Conflict, Forbidden, Invalid
from crm.core.money import Money
from crm.fulfilment.gates import production_gate, release_gate, shipment_gate
from crm.fulfilment.payments import schedule_of
from crm.fulfilment.receiving import Received, Wishes, receive_payment, undo_payment
from crm.ledger.credit import credit_state
from crm.ledger.receipts import ReceiptDraft, read_receipt, refund, unallocated_sums
from crm.people.people import Member
from tests.conftest import MakePerson
from tests.crm.orders.trading import TODAY, Trade


class Till:
    def __init__(self, database: Database, make_person: MakePerson) -> None:
        database.events = subscriptions()
        self.database, self.trade = database, Trade(database, make_person)

    def order(self, terms: str = "30% deposit, 70% before shipment") -> int:
        """CNY 2,000, approved."""
        order = self.trade.submit(self.trade.draft(payment_terms=terms))
        self.trade.press(order, self.trade.boss)
        self.trade.press(order, self.trade.finance)
        return order

    def pay(self, amount: str, wishes: Wishes = "oldest", *, actor: Member | None = None, **told: str) -> Received:
        money = Money(Decimal(amount), told.pop("currency", "CNY"))
        draft = ReceiptDraft(customer_id=self.trade.customer, amount=money, received_on=TODAY, **told)  # type: ignore[arg-type]
        with self.database.write() as work:
            return receive_payment(work, actor=actor or self.trade.finance, platform="test", draft=draft, wishes=wishes)

    def exposure(self) -> Decimal:
        with self.database.read() as work:
            return credit_state(work, customer_id=self.trade.customer, today=TODAY).exposure


@pytest.fixture
def till(database: Database, make_person: MakePerson) -> Till:
    return Till(database, make_person)


def test_exposure_goes_down_by_what_is_paid_and_by_nothing_else(till: Till) -> None:
    order = till.order("30% deposit, 70% 60 days after B/L date")
    assert till.exposure() == 2000
    till.pay("600", [(order, None)])
    assert till.exposure() == 1400
    till.pay("400", [(order, None)])  # ahead of shipment
    assert till.exposure() == 1000
    with till.database.read() as work:
        assert [row.open_amount for row in schedule_of(work, order_id=order)] == [0, 1000]


def test_what_is_left_stays_visible_and_is_refunded_once(till: Till) -> None:
    till.order()
    received = till.pay("2100", reference="HSBC 1")
    assert received.left == Money(Decimal(100), "CNY")
    with till.database.write() as work:
        by = {"actor": till.trade.finance, "platform": "test", "receipt_id": received.receipt_id}
        refund(work, **by, amount=Decimal(60), reason="overpaid")
        assert unallocated_sums(work, customer_id=till.trade.customer) == [Money(Decimal(40), "CNY")]
        with pytest.raises(Conflict):
            refund(work, **by, amount=Decimal(41), reason="overpaid")
    with pytest.raises(Conflict, match="recorded already"):
        till.pay("5", reference="hsbc 1")


def test_an_undone_payment_closes_the_gate_again(till: Till) -> None:
    order = till.order()
    received = till.pay("600", [(order, None)])
    with till.database.write() as work:
        assert production_gate(work, order_id=order) is None
        assert shipment_gate(work, order_id=order) is not None
        undo_payment(work, actor=till.trade.finance, platform="test", receipt_id=received.receipt_id)
        assert production_gate(work, order_id=order) is not None
        assert read_receipt(work, receipt_id=received.receipt_id).unallocated == 600
        assert unallocated_sums(work, customer_id=till.trade.customer) == []
        with pytest.raises(Conflict):
            undo_payment(work, actor=till.trade.finance, platform="test", receipt_id=received.receipt_id)
    assert till.exposure() == 2000


def test_only_finance_records_and_releases_and_a_reason_is_needed(till: Till) -> None:
    order = till.order()
    with pytest.raises(Forbidden):
        till.pay("600", actor=till.trade.rep)
    release = {"platform": "test", "order_id": order, "gate": "shipment"}
    with till.database.write() as work, pytest.raises(Forbidden):
        release_gate(work, actor=till.trade.rep, reason="please", **release)  # type: ignore[arg-type]
    with till.database.write() as work, pytest.raises(Invalid):
        release_gate(work, actor=till.trade.finance, reason=" ", **release)  # type: ignore[arg-type]


def test_another_currency_counts_at_the_rate_of_the_day(till: Till) -> None:
    till.trade.rate("USD", "7.2")
    order = till.order()
    received = till.pay("50", [(order, None)], currency="USD")
    assert received.left.amount == 0
    assert till.exposure() == 2000 - 360
