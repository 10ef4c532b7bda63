"""Exposure and its check, on plain receivables and reservations."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update

from crm.core.database import Database
from crm.core.errors import Conflict, Forbidden, Invalid, NotFound
from crm.core.history import SYSTEM
from crm.core.money import Money
from crm.ledger.credit import CreditCheck, CreditState, Reservation, check_credit, credit_state, release, reserve
from crm.ledger.receivables import add_receivable, settle_receivable
from crm.sales.customers.customers import set_credit_rating
from tests.crm.orders.trading import TODAY, MakePerson, Trade


@pytest.fixture
def trade(database: Database, make_person: MakePerson) -> Trade:
    return Trade(database, make_person)


def _state(trade: Trade, without: int | None = None) -> CreditState:
    with trade.database.read() as work:
        return credit_state(work, customer_id=trade.customer, today=TODAY, without_order=without)


def _check(trade: Trade, amount: str) -> CreditCheck:
    with trade.database.read() as work:
        return check_credit(work, customer_id=trade.customer, base_amount=Decimal(amount), today=TODAY)


def _owe(trade: Trade, amount: str, due_on: date, *, currency: str = "CNY", rate: str = "1") -> int:
    money = Money(Decimal(amount), currency)
    with trade.database.write() as work:
        return add_receivable(
            work,
            actor=SYSTEM,
            customer_id=trade.customer,
            amount=money,
            rate=Decimal(rate),
            base="CNY",
            due_on=due_on,
        )


def _cover(trade: Trade, order: int, *, deposit: str = "0", cover: str = "0") -> None:
    with trade.database.write() as work:
        values = {"deposit_received_base": Decimal(deposit), "cover_base": Decimal(cover)}
        work.connection.execute(update(Reservation).where(Reservation.order_id == order).values(**values))


def test_a_new_customer_owes_nothing(trade: Trade) -> None:
    assert _state(trade) == CreditState(Decimal(1_000_000), Decimal(0), Decimal(0), 0, Decimal(0), 30)


def test_exposure_is_what_is_open_and_what_is_on_order_less_what_covers_it(trade: Trade) -> None:
    _owe(trade, "1000", TODAY)
    _owe(trade, "100.005", TODAY - timedelta(days=40), currency="USD", rate="7")
    _owe(trade, "10", TODAY - timedelta(days=3))
    order = trade.submit()
    state = _state(trade)
    assert state.open_base == Decimal("1710.04")
    assert state.exposure == Decimal("3710.04")
    assert (state.overdue_base, state.overdue_days, state.is_overdue_too_long) == (Decimal("710.04"), 40, True)
    assert _state(trade, without=order).exposure == Decimal("1710.04")
    _cover(trade, order, deposit="600", cover="400")
    assert _state(trade).exposure == Decimal("2710.04")
    _cover(trade, order, deposit="600", cover="4000")
    assert _state(trade).exposure == Decimal("1710.04")  # what is too much there covers nothing else


def test_what_is_due_today_is_not_overdue(trade: Trade) -> None:
    _owe(trade, "1", TODAY)
    assert (_state(trade).overdue_base, _state(trade).overdue_days) == (0, 0)


def test_the_limit_may_be_reached(trade: Trade) -> None:
    trade.set_limit("2000")
    at, above = _check(trade, "2000"), _check(trade, "2000.01")
    assert (at.ok, at.over_by, at.before, at.after) == (True, 0, 0, 2000)
    assert (above.ok, above.over_by) == (False, Decimal("0.01"))


def test_without_a_limit_the_rating_says_it_and_without_both_there_is_none(trade: Trade) -> None:
    trade.set_limit(None)
    assert _state(trade).limit is None
    assert _check(trade, "999999999").ok

    def rated(rating: str | None) -> Decimal | None:
        with trade.database.write() as work:
            set_credit_rating(work, actor=trade.finance, platform="test", customer_id=trade.customer, rating=rating)
        return _state(trade).limit

    assert (rated("AA"), rated("C")) == (Decimal(2_000_000), Decimal(0))
    trade.rule("credit.limit_C", "5")
    assert _state(trade).limit == 5
    trade.set_limit("7")
    assert _state(trade).limit == 7


def test_how_long_something_may_be_overdue_is_a_rule(trade: Trade) -> None:
    _owe(trade, "1", TODAY - timedelta(days=10))
    assert _check(trade, "1").ok
    trade.rule("orders.overdue_days", "9")
    assert not _check(trade, "1").ok


def test_a_reservation_is_one_per_order(trade: Trade) -> None:
    order = trade.submit()
    with trade.database.write() as work:
        release(work, order_id=order)
        release(work, order_id=order)
    assert trade.reserved() == {}
    other = trade.add_customer("Another")
    for customer, amount in ((trade.customer, "5"), (other, "7.5")):
        with trade.database.write() as work:
            reserve(work, order_id=order, customer_id=customer, base_amount=Decimal(amount))
    assert trade.reserved() == {order: Decimal("7.5")}
    assert _state(trade).exposure == 0


def test_a_reservation_taken_again_keeps_the_deposit_that_was_received(trade: Trade) -> None:
    order = trade.submit()
    _cover(trade, order, deposit="500")
    with trade.database.write() as work:
        release(work, order_id=order)
        reserve(work, order_id=order, customer_id=trade.customer, base_amount=Decimal(2000))
    assert _state(trade).exposure == 1500


def test_large_sums_stay_exact(trade: Trade) -> None:
    with trade.database.write() as work:
        amount = Money(Decimal("999999999999.99"), "CNY")
        for _ in range(40):
            add_receivable(
                work,
                actor=SYSTEM,
                customer_id=trade.customer,
                amount=amount,
                rate=Decimal(1),
                base="CNY",
                due_on=TODAY,
            )
    assert _state(trade).exposure == Decimal("999999999999.99") * 40


def test_a_receivable_is_settled_bit_by_bit_by_finance(trade: Trade) -> None:
    owed = _owe(trade, "100", TODAY)

    def pay(amount: str | None, by: str = "finance") -> Decimal:
        told = None if amount is None else Decimal(amount)
        with trade.database.write() as work:
            person = getattr(trade, by)
            return settle_receivable(work, actor=person, platform="test", receivable_id=owed, base_amount=told)

    with pytest.raises(Forbidden):
        pay("1", by="rep")
    assert pay("30.5") == Decimal("69.5")
    for wrong in ("0", "-1", "NaN"):
        with pytest.raises(Invalid):
            pay(wrong)
    with pytest.raises(Conflict):
        pay("69.51")
    assert pay(None) == 0
    assert _state(trade).open_base == 0
    with pytest.raises(Invalid):
        pay(None)


def test_what_is_not_there(trade: Trade) -> None:
    with trade.database.write() as work:
        with pytest.raises(NotFound):
            settle_receivable(work, actor=trade.finance, platform="test", receivable_id=4711)
        with pytest.raises(NotFound):
            credit_state(work, customer_id=4711, today=TODAY)
        with pytest.raises(Invalid):
            add_receivable(
                work,
                actor=SYSTEM,
                customer_id=trade.customer,
                amount=Money(Decimal(0), "CNY"),
                rate=Decimal(1),
                base="CNY",
                due_on=TODAY,
            )
