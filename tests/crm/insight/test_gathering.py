"""What digests are gathered with: no more statements for many readers, and nothing of what others may not know."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import event

from bot.app import subscriptions
from crm.core.database import Database
from crm.core.money import Money
from crm.insight.digests import gather, parts_of, unpack_gathered
from crm.insight.ground import Reader
from crm.ledger.credit import release
from crm.people.people import Member, Role
from crm.sales.deals.deals import DealDetails, open_deal
from crm.sales.reminders.setting import add_task
from tests.conftest import Clock, MakePerson
from tests.crm.orders.trading import Trade


def _reader(database: Database, person: Member) -> Reader:
    now = database.clock().astimezone(person.zone)
    return Reader(person, parts_of(person), now.date(), now - timedelta(days=1))


def _work_of(trade: Trade, person: Member) -> None:
    customer = trade.add_customer(f"Customer of {person.name}", person)
    with trade.database.write() as work:
        details = DealDetails(customer_id=customer, title="Lamps", amount=Money(Decimal(10), "CNY"))
        open_deal(work, actor=person, platform="test", details=details)
        due = work.now + timedelta(hours=1)
        add_task(work, actor=person, platform="test", text="call", due_at=due, about=("customer", customer))
    trade.submit(trade.draft(customer_id=customer), person)


def _statements(database: Database, readers: list[Reader]) -> tuple[int, dict[int, Any]]:
    ran: list[str] = []
    note = event.listen(database.engine, "before_cursor_execute", lambda *a: ran.append(a[2]))
    with database.write() as work:
        ran.clear()
        found = gather(work, readers)
        count = len(ran)
    assert note is None
    return count, found


def test_many_readers_take_no_more_statements_than_one(
    database: Database, make_person: MakePerson, clock: Clock
) -> None:
    database.events = subscriptions()
    trade = Trade(database, make_person)
    reps = [trade.rep, *(make_person(f"Rep{number}", team="North", at=database) for number in range(9))]
    bosses = [trade.boss, make_person("Zhou", Role.SUPERVISOR, team="South", at=database)]
    for person in reps:
        _work_of(trade, person)
    clock.move(days=16)
    _statements(database, [_reader(database, person) for person in (*reps, *bosses)])  # from now on all of it was said
    one, _ = _statements(database, [_reader(database, reps[0])])
    many, found = _statements(database, [_reader(database, person) for person in reps])
    assert one == many
    assert all(found[person.id].sections for person in reps)
    one, _ = _statements(database, [_reader(database, bosses[0])])
    many, _ = _statements(database, [_reader(database, person) for person in bosses])
    assert one == many
    assert one <= 25


def test_each_is_told_of_their_own(database: Database, make_person: MakePerson, clock: Clock) -> None:
    trade = Trade(database, make_person)
    other = make_person("Wang", team="South", at=database)
    stranger = make_person("Zhou", Role.SUPERVISOR, team="South", at=database)
    _work_of(trade, trade.rep)
    clock.move(days=30)
    readers = [_reader(database, person) for person in (trade.rep, other, trade.boss, stranger)]
    _, found = _statements(database, readers)
    keys = {person: [one.key for one in found[person].sections] for person in found}
    assert keys[trade.rep.id] == ["overdue", "stale"]
    assert {"decisions", "pipeline", "stale_team"} <= set(keys[trade.boss.id])
    assert "Customer of Li" not in str(found[other.id])
    assert "Customer of Li" not in str(found[stranger.id])


def test_what_is_kept_is_what_was_found(database: Database, make_person: MakePerson, clock: Clock) -> None:
    trade = Trade(database, make_person)
    _work_of(trade, trade.rep)
    clock.move(days=30)
    _, found = _statements(database, [_reader(database, trade.boss)])
    assert unpack_gathered(found[trade.boss.id].pack()) == found[trade.boss.id]


def test_an_approved_order_is_late_until_it_is_shipped(
    database: Database, make_person: MakePerson, clock: Clock
) -> None:
    trade = Trade(database, make_person)
    trade.rule("orders.general_manager_over", "1000000")
    order = trade.submit(trade.draft(delivery_on=date(2026, 3, 4)))
    for person in (trade.boss, trade.finance):
        trade.press(order, person)

    def late(days: int) -> list[str]:
        clock.now = datetime(2026, 3, 4, 2, tzinfo=UTC) + timedelta(days=days)
        readers = [_reader(database, person) for person in (trade.rep, trade.boss)]
        found = _statements(database, readers)[1].values()
        return [one.key for each in found for one in each.sections if one.key in {"risk", "late"}]

    assert late(0) == []
    assert late(1) == ["risk", "late"]
    assert late(31) == [], "what nobody has reported on for long is asked about no more"
    assert late(2) == ["risk", "late"]
    with database.write() as work:
        release(work, order_id=order)
    assert late(2) == []


def test_stale_deals_beyond_those_shown_are_named_the_next_day(
    database: Database, make_person: MakePerson, clock: Clock
) -> None:
    trade = Trade(database, make_person)
    for number in range(15):
        with database.write() as work:
            amount = Money(Decimal(10), "CNY")
            details = DealDetails(customer_id=trade.customer, title=f"Deal {number}", amount=amount)
            open_deal(work, actor=trade.rep, platform="test", details=details)
    clock.move(days=16)
    told = []
    for _ in range(3):
        readers = [_reader(database, person) for person in (trade.rep, trade.boss)]
        sections = _statements(database, readers)[1][trade.rep.id].sections
        told += [one for one in sections if one.key == "stale"]
        clock.move(days=1)
    assert [(len(one.lines), one.more) for one in told] == [(10, 5), (5, 0), (0, 0)]
    assert len({line.about for one in told for line in one.lines}) == 15
