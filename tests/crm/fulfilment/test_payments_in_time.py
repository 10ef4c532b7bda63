"""Payments in time: told of around their day, promises asked about, capacity kept for a deposit and no longer."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from crm.core.database import Database
from crm.core.errors import Conflict
from crm.core.money import Money
from crm.fulfilment.payment_watches import level_of
from crm.fulfilment.payments import schedule_of
from crm.fulfilment.promises import promise
from crm.fulfilment.receiving import receive_payment
from crm.ledger.receipts import ReceiptDraft
from scheduler.capacity import lapse_all
from scheduler.watches import tell_watched
from tests.conftest import Clock, MakePerson
from tests.crm.fulfilment.making_desk import MakingDesk
from tests.crm.orders.trading import TODAY

DEPOSIT = "30% deposit, 70% before shipment"


@pytest.fixture
def desk(database: Database, make_person: MakePerson) -> MakingDesk:
    return MakingDesk(database, make_person)


def pay(desk: MakingDesk, order: int, amount: str) -> None:
    draft = ReceiptDraft(
        customer_id=desk.trade.customer,
        amount=Money(Decimal(amount), "CNY"),
        received_on=desk.database.clock().date(),
    )
    with desk.database.write() as work:
        receive_payment(work, actor=desk.trade.finance, platform="test", draft=draft, wishes=[(order, None)])


def lines(desk: MakingDesk, part: str) -> list[str]:
    """What finance was told in lists, one entry for each list."""
    return [words for words in desk.trade.told(desk.trade.finance) if part in words]


def test_levels_are_three_days_before_and_one_seven_fourteen_and_thirty_after() -> None:
    found = {days: level_of(TODAY - timedelta(days=days), TODAY) for days in (-4, -3, 0, 1, 6, 7, 13, 14, 29, 30, 400)}
    assert found == {-4: 0, -3: 1, 0: 1, 1: 2, 6: 2, 7: 3, 13: 3, 14: 4, 29: 4, 30: 5, 400: 5}


def test_an_overdue_payment_is_told_of_at_each_step_and_once(desk: MakingDesk, clock: Clock) -> None:
    order = desk.order("100", desk.trade.chai, payment_terms="net 30")
    desk.ship(order)
    told = []
    for _ in range(70):
        clock.move(days=1)
        if tell_watched(desk.database):
            told.append((clock.now.date() - TODAY).days - 30)
    mine = [days for days in told if lines(desk, "due or overdue")]
    assert len(lines(desk, "due or overdue")) == 5, "before its day, and at each of four steps"
    assert mine
    pay(desk, order, "2000")
    before = len(lines(desk, "due or overdue"))
    clock.move(days=400)
    tell_watched(desk.database)
    assert len(lines(desk, "due or overdue")) == before


def test_a_promise_is_waited_for_and_asked_about_on_its_day(desk: MakingDesk, clock: Clock) -> None:
    order = desk.order("100", desk.trade.chai, payment_terms="net 30")
    desk.ship(order)
    clock.move(days=38)
    tell_watched(desk.database)
    day = clock.now.date() + timedelta(days=9)
    with desk.database.write() as work:
        promise(work, actor=desk.trade.rep, platform="test", order_id=order, on=day)
    before = len(lines(desk, "due or overdue"))
    clock.move(days=7)  # past fourteen days overdue
    tell_watched(desk.database)
    assert (len(lines(desk, "promised")), len(lines(desk, "due or overdue"))) == (0, before)
    clock.move(days=4)
    tell_watched(desk.database)
    tell_watched(desk.database)
    assert len(lines(desk, "payment was promised")) == 1


def test_capacity_is_kept_for_a_deposit_and_then_no_longer(desk: MakingDesk, clock: Clock) -> None:
    desk.maker("100")
    waiting = desk.order("300", payment_terms=DEPOSIT)
    assert desk.trade.status(waiting) == "waiting_deposit"
    other = desk.order("100")
    assert desk.days(other)[0][0] > desk.days(waiting)[0][0], "it stands behind what is kept"
    clock.move(days=13)
    assert lapse_all(desk.database) == 0
    clock.move(days=3)
    assert (lapse_all(desk.database), lapse_all(desk.database)) == (1, 0)
    assert [words for words in desk.trade.told(desk.trade.rep) if "was given to others" in words]
    third = desk.order("100")
    first_day = desk.days(third)[0][0]
    pay(desk, waiting, "1800")
    assert desk.trade.status(waiting) == "approved"
    assert desk.days(waiting)[0][0] >= first_day, "it is planned anew, and moves nobody"
    assert desk.days(third)[0][0] == first_day


def test_a_deposit_in_time_begins_the_work_as_it_was_planned(desk: MakingDesk) -> None:
    desk.maker("100")
    order = desk.order("300", payment_terms=DEPOSIT)
    planned = desk.days(order)
    pay(desk, order, "1799")
    assert desk.trade.status(order) == "waiting_deposit", "a cent short is short"
    pay(desk, order, "1")
    assert desk.trade.status(order) == "approved"
    assert desk.days(order) == planned
    with desk.database.read() as work:
        assert [row.settled_at is not None for row in schedule_of(work, order_id=order)] == [True, False]
    assert date(2026, 3, 5) == planned[0][0]


def test_logistics_hear_when_it_may_leave_and_not_before(desk: MakingDesk) -> None:
    """All of it is in stock; the balance is to be paid before shipment."""
    order = desk.order("100", desk.trade.chai, payment_terms=DEPOSIT)
    assert desk.trade.status(order) == "ready"
    assert not desk.trade.told(desk.lin)
    with pytest.raises(Conflict, match="waits for a payment"):
        desk.ship(order)
    pay(desk, order, "600")
    assert not desk.trade.told(desk.lin), "the deposit alone lets nothing leave"
    pay(desk, order, "1400")
    assert [words for words in desk.trade.told(desk.lin) if words.endswith("is ready to ship.")]
    assert len(desk.trade.told(desk.lin)) == 1
    desk.ship(order)
    assert desk.trade.status(order) == "shipped"
