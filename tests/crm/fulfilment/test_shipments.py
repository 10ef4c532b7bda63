"""Shipments: what may leave, what an order is then, who hears of it, and what is asked when it does not arrive."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from crm.core.database import Database
from crm.core.errors import Conflict, Forbidden, Invalid
from crm.fulfilment.shipments import is_on_time
from crm.fulfilment.standing import Facts, stand_of
from scheduler.watches import tell_watched
from tests.conftest import Clock, MakePerson
from tests.crm.fulfilment.shipping_desk import SOON, ShippingDesk
from tests.crm.orders.trading import TODAY


@pytest.fixture
def desk(database: Database, make_person: MakePerson) -> ShippingDesk:
    return ShippingDesk(database, make_person)


def test_an_order_leaves_in_parts_and_is_delivered_when_all_has_arrived(desk: ShippingDesk) -> None:
    first = desk.ship({desk.chai: "60"}, carrier="MSC", tracking="MEDUAB123456")
    assert desk.trade.status(desk.order) == "partly_shipped"
    assert desk.left() == {desk.chai: Decimal(40), desk.chang: Decimal(50)}
    desk.deliver(first)
    assert desk.trade.status(desk.order) == "partly_shipped", "a part that arrived is not the order"
    second = desk.ship()
    assert (desk.trade.status(desk.order), desk.left()) == ("shipped", {})
    desk.deliver(second, TODAY + timedelta(days=1), received_by="Frau Huber")
    assert desk.trade.status(desk.order) == "delivered"
    assert desk.statuses()[-3:] == ["partly_shipped", "shipped", "delivered"]
    assert [(row.position, row.tracking, row.received_by) for row in desk.shipments()] == [
        (1, "MEDUAB123456", None),
        (2, None, "Frau Huber"),
    ]
    heard = [words for words in desk.trade.told(desk.trade.rep) if "shipped on" in words or "arrived on" in words]
    assert [words.removeprefix("SO-2026-0001 Ernst Handel: ") for words in heard] == [
        "shipped on 2026-03-02 by MSC MEDUAB123456, expected 2026-03-30.",
        "arrived on 2026-03-02.",
        "shipped on 2026-03-02, expected 2026-03-30.",
        "arrived on 2026-03-03, received by Frau Huber.",
    ]


@pytest.mark.parametrize("many", ["101", "0", "-1", "NaN"])
def test_never_more_than_there_is(desk: ShippingDesk, many: str) -> None:
    with pytest.raises(Invalid):
        desk.ship({desk.chai: many})
    desk.ship({desk.chai: "100"})
    with pytest.raises(Invalid):
        desk.ship({desk.chai: "1"})
    assert desk.left() == {desk.chang: Decimal(50)}


def test_days_that_cannot_be_are_refused(desk: ShippingDesk) -> None:
    with pytest.raises(Invalid):
        desk.ship(shipped_on=TODAY + timedelta(days=2))
    with pytest.raises(Invalid):
        desk.ship(expected_on=TODAY - timedelta(days=1))
    shipment = desk.ship()
    with pytest.raises(Invalid):
        desk.deliver(shipment, TODAY - timedelta(days=1))
    with pytest.raises(Invalid):
        desk.deliver(shipment, TODAY + timedelta(days=3))
    assert desk.shipments()[0].delivered_on is None


def test_only_logistics_and_only_what_was_approved(desk: ShippingDesk) -> None:
    for person in (desk.trade.rep, desk.trade.boss, desk.trade.admin):
        with pytest.raises(Forbidden):
            desk.ship(actor=person)
    shipment = desk.ship()
    with pytest.raises(Forbidden):
        desk.deliver(shipment, actor=desk.trade.rep)
    with pytest.raises(Conflict):
        desk.ship()
    desk.deliver(shipment)
    with pytest.raises(Conflict):
        desk.deliver(shipment)
    with pytest.raises(Conflict):
        desk.change(shipment, tracking="1")


def test_numbers_follow_later_and_a_new_day_is_told(desk: ShippingDesk) -> None:
    shipment = desk.ship()
    before = len(desk.trade.told(desk.trade.rep))
    desk.change(shipment, tracking="MSCU6639870")
    assert (desk.shipments()[0].carrier, len(desk.trade.told(desk.trade.rep))) == ("MSC", before)
    desk.change(shipment, tracking="MSCU6639870", carrier="MSC", expected_on=SOON + timedelta(days=5))
    assert len(desk.trade.told(desk.trade.rep)) == before + 1
    assert desk.shipments()[0].expected_on == SOON + timedelta(days=5)


def test_silence_past_the_day_is_asked_about_again_and_told_once(
    desk: ShippingDesk, make_person: MakePerson, clock: Clock
) -> None:
    shipment = desk.ship(expected_on=TODAY + timedelta(days=3))
    asked = len(desk.trade.told(desk.lin)), len(desk.trade.told(desk.trade.rep))

    def new() -> tuple[int, int]:
        tell_watched(desk.database)
        return len(desk.trade.told(desk.lin)) - asked[0], len(desk.trade.told(desk.trade.rep)) - asked[1]

    clock.move(days=3)
    assert new() == (0, 0)
    clock.move(days=4)  # a working day, four days late
    assert new() == (1, 1)
    assert new() == (1, 1)
    clock.move(days=2)
    assert new()[0] == 2
    late = new()
    desk.deliver(shipment, TODAY + timedelta(days=8))
    clock.move(days=5)
    after = new()
    assert after[0] == late[0]


def test_in_time_is_judged_where_the_terms_deliver() -> None:
    left, arrived, agreed = date(2026, 3, 1), date(2026, 4, 1), date(2026, 3, 15)
    one = SimpleNamespace(shipped_on=left, delivered_on=arrived)
    assert is_on_time("FOB", agreed, [one]) is True
    assert is_on_time("DDP", agreed, [one]) is False
    assert is_on_time("DDP", agreed, [SimpleNamespace(shipped_on=left, delivered_on=None)]) is None
    assert is_on_time("FOB", agreed, [one, SimpleNamespace(shipped_on=arrived, delivered_on=None)]) is False
    assert is_on_time("FOB", agreed, []) is None


def test_every_status_follows_from_the_facts() -> None:
    facts = {
        "is_planned": True,
        "may_begin": True,
        "has_begun": False,
        "is_made": True,
        "shipped": "nothing",
        "is_delivered": False,
        "is_paid": False,
    }
    assert stand_of(Facts(**facts)) == "ready"  # type: ignore[arg-type]
    for more, status in (
        ({"may_begin": False, "is_made": False}, "waiting_deposit"),
        ({"is_made": False}, "approved"),
        ({"is_planned": False}, "approved"),
        ({"is_made": False, "has_begun": True}, "in_production"),
        ({"is_made": False, "has_begun": True, "may_begin": False}, "in_production"),
        ({"shipped": "part", "is_delivered": True}, "partly_shipped"),
        ({"shipped": "all"}, "shipped"),
        ({"shipped": "all", "is_delivered": True}, "delivered"),
        ({"shipped": "all", "is_delivered": True, "is_paid": True}, "closed"),
        ({"is_paid": True}, "ready"),
    ):
        assert stand_of(Facts(**facts | more)) == status  # type: ignore[arg-type]
