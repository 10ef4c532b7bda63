"""Plans: stock first, the rest placed behind what is there; what slips moves what stands behind it, told once."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import pytest

from crm.core.database import Database
from crm.core.errors import Conflict, Forbidden, Invalid, NotFound
from crm.fulfilment.board import board, loads
from scheduler.watches import tell_watched
from tests.conftest import Clock, MakePerson
from tests.crm.fulfilment.making_desk import MakingDesk
from tests.crm.orders.trading import TODAY
from tests.crm.sales.selling import at_once

MONDAY = date(2026, 3, 2)


def march(day: int) -> date:
    return date(2026, 3, day)


@pytest.fixture
def desk(database: Database, make_person: MakePerson) -> MakingDesk:
    return MakingDesk(database, make_person)


def test_what_is_in_stock_is_ready_at_once(desk: MakingDesk) -> None:
    order = desk.order("100", desk.trade.chai)
    assert desk.trade.status(order) == "ready"
    assert (desk.promised(order), desk.stock(desk.trade.chai)) == (Decimal(100), Decimal(100_000))
    assert desk.milestones(order) == []
    assert desk.ready_on(order) is None
    assert [words for words in desk.trade.told(desk.lin) if words.endswith("is ready to ship.")]
    desk.ship(order)
    assert (desk.promised(order), desk.stock(desk.trade.chai)) == (Decimal(0), Decimal(99_900))
    assert desk.trade.status(order) == "shipped"


def test_the_rest_is_made_behind_what_is_planned(desk: MakingDesk) -> None:
    """Material takes three working days, packing one; the line makes 100 a day, not on Saturdays."""
    desk.maker("100")
    first, second = desk.order("250"), desk.order("100")
    assert desk.days(first) == [(march(5), march(9))]
    assert desk.days(second) == [(march(9), march(10))], "the half day that is left, and the next"
    assert desk.ready_on(first) == march(10)
    assert [(row.key, row.planned_on) for row in desk.milestones(first)] == [
        ("materials", march(5)),
        ("started", march(5)),
        ("quality", march(9)),
        ("ready", march(10)),
    ]
    assert desk.trade.status(first) == "approved"
    assert "planned" in desk.acts(first)
    assert [words for words in desk.trade.told(desk.wu) if words.startswith("New to make: SO-2026-0001")]


def test_the_maker_who_is_done_first_gets_it(desk: MakingDesk) -> None:
    desk.maker("10", "Slow")
    quick = desk.maker("100", "Quick", days="123456")
    order = desk.order("300")
    assert desk.days(order) == [(march(5), march(7))]
    with desk.database.read() as work:
        full = {one.maker: one.weeks[0] for one in loads(work)}
    assert (full["Quick"].planned, full["Quick"].capacity) == (Decimal(300), Decimal(600))
    assert full["Slow"].planned == 0
    assert quick > 0


def test_nobody_known_to_make_it_takes_the_lead_time(desk: MakingDesk) -> None:
    slow = desk.trade.add_product("SLOW", "Slow thing", cost="10", stock=Decimal(0), lead_time_days=20)
    order = desk.order("5", slow)
    assert desk.days(order) == [(TODAY, TODAY + timedelta(days=20))]
    unknown = desk.order("5", desk.trade.add_product("WHO", "Who knows", cost="10", stock=Decimal(0)))
    assert desk.days(unknown) == [(TODAY, TODAY + timedelta(days=14))]


def test_more_than_a_maker_makes_in_ten_years_is_planned_all_the_same(desk: MakingDesk) -> None:
    desk.maker("1")
    assert desk.days(desk.order("9000")) == [(TODAY, TODAY + timedelta(days=14))]
    desk.maker("0.5", "Later")
    order = desk.order("10")
    with pytest.raises(Conflict, match="no room"):
        desk.late(order, "quality", date(2046, 3, 2))


def test_part_from_stock_leaves_before_the_rest_is_made(desk: MakingDesk) -> None:
    desk.maker("100")
    desk.stock_of(desk.lamp, "40")
    order = desk.order("100")
    assert (desk.promised(order), desk.left(order)) == (Decimal(40), Decimal(40))
    assert desk.days(order) == [(march(5), march(5))]
    desk.ship(order)
    assert desk.trade.status(order) == "partly_shipped"
    with pytest.raises(Conflict, match="production has planned it"):
        desk.ship(order)
    desk.done(order, "ready")
    assert (desk.stock(), desk.left(order)) == (Decimal(60), Decimal(60))
    desk.ship(order)
    assert (desk.stock(), desk.trade.status(order)) == (Decimal(0), "shipped")


def test_two_orders_for_the_last_piece(desk: MakingDesk) -> None:
    desk.stock_of(desk.lamp, "1")
    first, second = desk.order("1"), desk.order("1")
    assert (desk.promised(first), desk.promised(second)) == (Decimal(1), Decimal(0))
    assert (desk.trade.status(first), desk.trade.status(second)) == ("ready", "approved")
    desk.cancel(first)  # nothing was made for it
    third = desk.order("1")
    assert desk.promised(third) == Decimal(1)


def test_milestones_are_reached_one_after_another(desk: MakingDesk, clock: Clock) -> None:
    desk.maker("100")
    order = desk.order("200")
    desk.done(order, "materials")
    assert desk.trade.status(order) == "in_production"
    clock.move(days=3)
    desk.done(order, "quality")
    reached = {row.key: row.done_on for row in desk.milestones(order)}
    assert reached == {"materials": TODAY, "started": march(5), "quality": march(5), "ready": None}
    with pytest.raises(Conflict):
        desk.done(order, "started")
    desk.done(order, "ready")
    assert (desk.trade.status(order), desk.stock(), desk.left(order)) == ("ready", Decimal(200), Decimal(200))
    for person in (desk.trade.rep, desk.lin):
        assert [words for words in desk.trade.told(person) if words.endswith("Ernst Handel is ready to ship.")]
    desk.ship(order, march(5))
    assert desk.stock() == 0


def test_only_production_reports(desk: MakingDesk) -> None:
    order = desk.order("5")
    for person in (desk.trade.rep, desk.lin, desk.trade.admin, desk.trade.boss):
        with pytest.raises(Forbidden):
            desk.done(order, "ready", actor=person)
        with pytest.raises(Forbidden):
            desk.late(order, "ready", march(30), actor=person)
    assert desk.trade.status(order) == "approved"


def test_what_slips_moves_what_stands_behind_it(desk: MakingDesk) -> None:
    desk.maker("100")
    first = desk.order("200")
    second = desk.order("200", delivery_on=march(13))
    before = desk.order("100", delivery_on=march(30))
    assert [desk.ready_on(one) for one in (first, second, before)] == [march(9), march(11), march(12)]
    desk.late(first, "quality", march(10))
    assert [desk.ready_on(one) for one in (first, second, before)] == [march(11), march(13), march(16)]
    assert desk.days(second) == [(march(11), march(12))]
    desk.late(first, "quality", march(12))
    assert desk.ready_on(second) == march(17)
    warned = [words for words in desk.trade.told(desk.trade.rep) if "was agreed" in words]
    assert warned == [
        "SO-2026-0002 Ernst Handel: ready on 2026-03-17 at the earliest, there on 2026-03-17; 2026-03-13 was agreed."
    ]
    assert [words for words in desk.trade.told(desk.trade.boss) if "was agreed" in words] == warned
    assert desk.acts(second).count("replanned") == 2


def test_a_late_start_moves_the_whole_work(desk: MakingDesk) -> None:
    desk.maker("100")
    first, second = desk.order("200"), desk.order("200")
    desk.late(first, "started", march(9))
    assert desk.days(first) == [(march(9), march(10))]
    assert desk.days(second) == [(march(11), march(12))]
    with desk.database.read() as work:
        weeks = loads(work)[0].weeks
    assert sum(week.planned for week in weeks) == Decimal(400), "nothing is lost"
    assert all(week.planned <= week.capacity for week in weeks)
    planned = {row.key: row.planned_on for row in desk.milestones(first)}
    assert planned == {"materials": march(9), "started": march(9), "quality": march(10), "ready": march(11)}


def test_days_that_cannot_be_are_refused(desk: MakingDesk, clock: Clock) -> None:
    desk.maker("100")
    order = desk.order("100")
    for day in (TODAY - timedelta(days=1), march(5)):
        with pytest.raises(Invalid):
            desk.late(order, "quality", day)
    clock.move(days=14)
    with pytest.raises(Invalid, match="is over"):
        desk.late(order, "quality", march(12))
    assert desk.ready_on(order) == march(6)


def test_goods_that_fail_are_made_again(desk: MakingDesk) -> None:
    desk.maker("100")
    order = desk.order("100")
    desk.done(order, "quality")
    with pytest.raises(Invalid, match="day on which it will have passed"):
        desk.problem(order, "quality", "quality", "scratches")
    desk.problem(order, "quality", "quality", "scratches on the glass", march(12))
    rows = {row.key: row for row in desk.milestones(order)}
    assert (rows["quality"].done_on, rows["quality"].problem) == (None, "scratches on the glass")
    assert desk.ready_on(order) == march(13)
    assert "production reopened" in desk.acts(order)
    assert [words for words in desk.trade.told(desk.trade.rep) if "scratches on the glass" in words]
    assert [words for words in desk.trade.told(desk.trade.boss) if "scratches on the glass" in words]
    desk.done(order, "ready")
    assert desk.trade.status(order) == "ready"


def test_a_cancelled_order_frees_its_stock_and_its_days(desk: MakingDesk) -> None:
    desk.maker("100")
    desk.stock_of(desk.lamp, "50")
    order = desk.order("150")
    desk.cancel(order)
    assert desk.promised(order) == 0
    following = desk.order("150")
    assert (desk.promised(following), desk.days(following)) == (Decimal(50), [(march(5), march(5))])
    with pytest.raises(NotFound):
        desk.done(order, "ready")


def test_the_owner_is_asked_on_the_day_and_again_later(desk: MakingDesk, clock: Clock) -> None:
    desk.maker("100", person_id=desk.wu.id)
    order = desk.order("100")
    assert tell_watched(desk.database) == 0
    clock.move(days=3)
    assert tell_watched(desk.database) == 1
    assert tell_watched(desk.database) == 0, "once"
    asked = [card for card in desk.trade.cards(desk.wu) if card[0] == "milestone"]
    assert asked == [("milestone", desk.milestones(order)[0].id)], "the first to come alone, though more are due"
    clock.move(days=4)
    assert tell_watched(desk.database) == 1, "and again where nobody answered"
    desk.done(order, "ready")
    clock.move(days=7)
    assert tell_watched(desk.database) == 0


def test_the_board_has_the_late_ones_first(desk: MakingDesk) -> None:
    desk.maker("100")
    in_time, late = desk.order("100"), desk.order("100", delivery_on=march(6))
    with desk.database.read() as work:
        found = board(work, viewer=desk.wu)
        assert [(one.id, one.days_late, one.milestone) for one in found] == [
            (late, 3, "materials"),
            (in_time, 0, "materials"),
        ]
        stranger = board(work, viewer=desk.trade.rep)
        assert len(stranger) == 2


def test_many_for_the_last_pieces_at_once(postgres_url: str, open_database: object, make_person: MakePerson) -> None:
    """Approved at the same moment by several people: what is promised is never more than there is."""
    database = open_database(postgres_url)  # type: ignore[operator]
    desk = MakingDesk(database, make_person)
    desk.maker("100")
    desk.stock_of(desk.lamp, "10")
    orders = []
    for _ in range(4):
        draft = desk.trade.draft(desk.trade.line("5", product=desk.lamp), payment_terms="net 30")
        order = desk.trade.submit(draft)
        desk.trade.press(order, desk.trade.boss)
        orders.append(order)
    steps = [desk.trade.step(order).id for order in orders]
    told = at_once([partial(desk.trade.press_step, step, desk.trade.finance) for step in steps])
    assert told == [None] * 4
    assert sum(desk.promised(order) for order in orders) == Decimal(10)
    assert sorted(desk.trade.status(order) for order in orders) == ["approved", "approved", "ready", "ready"]
