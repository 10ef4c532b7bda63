"""Digests as people get them: who, when by their own clocks, how often, and what they say."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert

from crm.core.history import SYSTEM, Actor
from crm.core.money import Money
from crm.ledger.receivables import add_receivable
from crm.people.absence import Absence
from crm.people.people import Role, set_timezone
from scheduler.digests import tell_digests
from tests.bot.handlers.mornings import EVENING, MORNING, Morning
from tests.conftest import Clock, MakePerson
from tests.crm.sales.selling import FACTS, at_once


async def test_the_rep_is_told_in_the_morning_what_to_do(morning: Morning, clock: Clock) -> None:
    trade = morning.trade
    key = trade.add_customer("Alfreds")
    with morning.database.write() as work:
        work.connection.exec_driver_sql(f"UPDATE customers SET grade = 'A' WHERE id = {key}")
    morning.remind(trade.rep, "call Roland", clock.now + timedelta(hours=1), trade.customer)
    morning.remind(trade.rep, "send the catalogue", clock.now + timedelta(hours=2), key)
    morning.remind(trade.rep, "ask for the deposit", MORNING + timedelta(hours=5), key)
    sent_back = trade.submit()
    trade.press(sent_back, trade.boss, "send_back", reason="price")
    trade.submit(trade.draft(delivery_on=date(2026, 3, 8)))
    _owes(morning, trade.customer, "9000", date(2026, 3, 4))
    _owes(morning, key, "500", date(2026, 2, 20))
    assert await morning.at(MORNING - timedelta(minutes=1)) == 0
    assert await morning.at(MORNING) == 2  # finance too
    (shown,) = morning.digests()
    assert shown.lines == (
        "Your day · Tue 3 Mar 2026",
        "Overdue follow-ups",
        "A · Alfreds: send the catalogue · 1 day overdue",
        "C · Ernst Handel: call Roland · 1 day overdue",
        "To do today",
        "13:30 Alfreds: ask for the deposit",
        "Orders at risk",
        "SO-2026-0001 Ernst Handel · sent back, to be changed",
        "SO-2026-0002 Ernst Handel · undecided, delivery in 5 days",
        "Payments due",
        "Alfreds · CNY 500 · 11 days overdue",
        "Ernst Handel · CNY 9,000 · due in 1 day",
    )
    assert shown.labels == [
        "Alfreds",
        "Ernst Handel",
        "Alfreds",
        "SO-2026-0001",
        "SO-2026-0002",
        "Alfreds",
        "Ernst Handel",
    ]
    await morning.desk.press("Li", "SO-2026-0001", on=shown)
    assert morning.desk.room.last("Li").lines[0] == "SO-2026-0001 Ernst Handel"
    for later in (0, 1, 300):
        assert await morning.at(MORNING + timedelta(minutes=later)) == 0
    assert len(morning.digests()) == 1


async def test_an_empty_digest_is_one_line(morning: Morning) -> None:
    assert await morning.at(MORNING) == 2  # Sun of finance too
    assert [shown.lines for shown in morning.digests()] == [("Nothing waits for you today.",)]
    assert [shown.lines for shown in morning.digests("Sun")] == [("Nothing waits for you today.",)]
    assert morning.rows() == [("Li", "rep", "2026-03-03"), ("Sun", "finance", "2026-03-03")]


def _owes(morning: Morning, customer: int, amount: str, due_on: date) -> None:
    with morning.database.write() as work:
        add_receivable(
            work,
            actor=Actor(None, "test"),
            customer_id=customer,
            amount=Money(Decimal(amount), "CNY"),
            rate=Decimal(1),
            base="CNY",
            due_on=due_on,
        )


async def test_stale_deals_are_named_when_new_and_again_when_a_week_worse(morning: Morning, clock: Clock) -> None:
    for title in ("Lamps", "Panels"):
        morning.deal(title)
    clock.move(days=15)
    morning.deal("Strips")
    told = []
    for days in range(5):
        await morning.at(datetime(2026, 3, 17, 0, 30, tzinfo=UTC) + timedelta(days=days))
        told.append([line for line in morning.digests()[-1].lines if "·" in line or "before" in line][1:])
    assert told[0] == [
        "Lamps · Ernst Handel · Initial contact · 1 day too long",
        "Panels · Ernst Handel · Initial contact · 1 day too long",
    ]
    assert told[1] == ["2 deals stand still as before"]
    assert (await _typed(morning, "Li", "/today")).count("too long") == 2
    await morning.at(datetime(2026, 3, 24, 0, 30, tzinfo=UTC))
    assert morning.digests()[-1].text.count("1 week") + morning.digests()[-1].text.count("7 days too long") == 2
    for stage, more in (("needs", FACTS["initial"]), ("initial", None)):
        morning.move(1, stage, more)
    clock.move(days=15)
    await morning.at(datetime(2026, 4, 8, 0, 30, tzinfo=UTC))
    assert "Lamps · Ernst Handel · Initial contact" in morning.digests()[-1].text, "gone and come again, it is news"


async def test_the_supervisor_is_told_in_the_evening(morning: Morning, clock: Clock) -> None:
    trade = morning.trade
    clock.now = MORNING
    trade.submit(trade.draft(delivery_on=date(2099, 1, 1)))
    won = morning.deal("Lamps")
    lost = morning.deal("Panels")
    morning.deal("Strips")
    await morning.at(EVENING)
    assert morning.digests("Zhao")[-1].lines == (
        "Your day · Tue 3 Mar 2026",
        "Waiting for my decision",
        "SO-2026-0001 Ernst Handel · CNY 2,000 · for 9 hours",
        "Pipeline",
        "3 open deals worth CNY 37,500",
    )
    clock.now = EVENING + timedelta(hours=3)
    morning.move(won, "won", {name: value for told in FACTS.values() for name, value in told.items()}, "urgent")
    morning.move(lost, "lost", None, "price")
    trade.press(1, trade.boss)
    await morning.at(EVENING + timedelta(days=1))
    assert morning.digests("Zhao")[-1].lines == (
        "Your day · Wed 4 Mar 2026",
        "Won and lost",
        "Won: Lamps · Ernst Handel · CNY 12,500 · Li",
        "Lost: Panels · Ernst Handel · CNY 12,500 · Li: Price",
        "Pipeline",
        "1 open deal worth CNY 12,500",
        "Since Tue 3 Mar 2026: −2 deals, −CNY 25,000",
    )
    await morning.at(EVENING + timedelta(days=2))
    assert morning.digests("Zhao")[-1].lines == ("Nothing waits for you today.",)
    await morning.at(EVENING + timedelta(days=6))
    assert "Li: nothing for 4 working days" in morning.digests("Zhao")[-1].lines


async def test_finance_is_told_who_owes_and_who_is_over(morning: Morning) -> None:
    trade = morning.trade
    other = trade.add_customer("Alfreds", limit="1000")
    _owes(morning, other, "1500", date(2026, 2, 20))
    _owes(morning, trade.customer, "9000", date(2026, 3, 4))
    await morning.at(MORNING)
    assert morning.digests("Sun")[0].lines[1:] == (
        "Receivables",
        "Overdue: CNY 1,500 from 1 customer",
        "Due by Fri 6 Mar 2026: CNY 9,000 from 1 customer",
        "Ernst Handel · CNY 9,000 · due in 1 day",
        "Alfreds · CNY 1,500 · 11 days overdue",
        "Over the credit limit",
        "Alfreds · CNY 500 over the limit of CNY 1,000",
    )


async def test_the_general_manager_is_told_on_mondays_of_last_week(morning: Morning, clock: Clock) -> None:
    trade = morning.trade
    trade.rule("orders.general_manager_over", "1000000")
    order = trade.submit()
    for person in (trade.boss, trade.finance):
        trade.press(order, person)
    won = morning.deal("Lamps")
    morning.move(won, "won", {name: value for told in FACTS.values() for name, value in told.items()}, "urgent")
    for days in range(7):
        await morning.at(MORNING + timedelta(days=days))
    assert [row for row in morning.rows() if row[1] == "gm"] == [("Chen", "gm", "2026-03-09")]
    assert morning.digests("Chen")[0].lines == (
        "Your day · Mon 9 Mar 2026",
        "Last week, Mon 2 Mar 2026 to Sun 8 Mar 2026",
        "Turnover: CNY 2,000 (CNY 0 the week before)",
        "Orders: 1 (0 the week before)",
        "Deals won: 1 worth CNY 12,500 (0 the week before)",
        "Win rate: 100 %",
        "By team: turnover, deals won",
        "North: CNY 2,000 (CNY 0 the week before), 1 won",
    )


async def test_a_holiday_puts_the_weekly_one_off_to_the_next_day_worked(morning: Morning) -> None:
    """6 April 2026 is a day off in China, Monday after Qingming; in Germany it is Easter Monday."""
    for day in (6, 7):
        await morning.at(datetime(2026, 4, day, 0, 30, tzinfo=UTC))
    assert [row for row in morning.rows() if row[1] == "gm"] == [("Chen", "gm", "2026-04-07")]


async def test_several_kinds_at_one_time_are_one_message(morning: Morning, make_person: MakePerson) -> None:
    both = make_person("Qian", Role.REP, Role.SUPERVISOR, Role.FINANCE, at=morning.database)
    morning.desk.link(both)
    await morning.write_first("Qian")
    await morning.at(MORNING)
    await morning.at(EVENING)
    assert [row[1] for row in morning.rows() if row[0] == "Qian"] == ["finance", "rep", "supervisor"]
    assert len(morning.digests("Qian")) == 2
    morning.change(both, digest_at=time(7))
    await morning.at(MORNING + timedelta(hours=23))
    assert len(morning.digests("Qian")) == 3
    assert len([row for row in morning.rows() if row[0] == "Qian"]) == 6


async def test_who_gets_none(morning: Morning, make_person: MakePerson, clock: Clock) -> None:
    """Weekends, holidays, who is away, who wants none, who has no chat, who came today."""
    await morning.at(datetime(2026, 3, 7, 0, 30, tzinfo=UTC))
    await morning.at(datetime(2026, 5, 1, 0, 30, tzinfo=UTC))
    morning.change(morning.trade.finance, wants_digest=False)
    clock.now = datetime(2026, 3, 9, 0, 40, tzinfo=UTC)
    make_person("Unlinked", at=morning.database)
    clock.now = datetime(2026, 3, 10, 0, 40, tzinfo=UTC)
    late = make_person("Newcomer", at=morning.database)
    morning.desk.link(late)
    await morning.write_first("Newcomer")
    absence = {"person_id": morning.trade.rep.id, "since": clock.now - timedelta(days=1), "created_at": clock.now}
    with morning.database.write() as work:
        work.connection.execute(insert(Absence), absence | {"until": clock.now + timedelta(hours=9)})
    await morning.at(datetime(2026, 3, 10, 1, 0, tzinfo=UTC))
    assert morning.rows() == []
    await morning.at(datetime(2026, 3, 11, 0, 30, tzinfo=UTC))
    assert sorted(row[0] for row in morning.rows()) == ["Li", "Newcomer"]


async def test_a_zone_changed_on_the_day_never_brings_two(morning: Morning) -> None:
    rep = morning.trade.rep
    await morning.at(MORNING)
    for zone in ("America/New_York", "Asia/Shanghai", "Pacific/Auckland", "Europe/Berlin"):
        with morning.database.write() as work:
            set_timezone(work, actor=SYSTEM, person_id=rep.id, timezone=zone)
        for hours in range(0, 24, 3):
            await morning.at(MORNING + timedelta(hours=hours))
    days = [row[2] for row in morning.rows() if row[0] == "Li"]
    assert len(days) == len(set(days))
    assert "2026-03-03" in days


@pytest.mark.parametrize(
    ("day", "at", "utc"),
    [
        (date(2026, 3, 27), time(8, 30), "07:30"),
        (date(2026, 3, 30), time(8, 30), "06:30"),
        (date(2026, 10, 23), time(8, 30), "06:30"),
        (date(2026, 10, 26), time(8, 30), "07:30"),
        (date(2026, 3, 29), time(2, 30), "01:30"),  # the hour that is left out
        (date(2026, 10, 25), time(2, 30), "00:30"),  # the hour that comes twice
    ],
)
async def test_daylight_saving_in_berlin(morning: Morning, day: date, at: time, utc: str) -> None:
    rep = morning.trade.rep
    morning.change(rep, timezone="Europe/Berlin", holidays="DE", work_days="1234567", digest_at=at)
    for other in (morning.trade.finance, morning.trade.gm, morning.trade.boss):
        morning.change(other, wants_digest=False)
    due = datetime.combine(day, time.fromisoformat(utc), UTC)
    assert await morning.at(due - timedelta(minutes=1)) == 0
    for minutes in (0, 30, 60, 90, 120):
        await morning.at(due + timedelta(minutes=minutes))
    assert [row for row in morning.rows() if row[0] == "Li"] == [("Li", "rep", str(day))]


async def test_the_clock_jumps_and_the_machine_was_down(morning: Morning) -> None:
    for hours in (0, 30, 0, -20, 3, 48, 24, 49):
        await morning.at(MORNING + timedelta(hours=hours))
    days = [row[2] for row in morning.rows() if row[0] == "Li"]
    assert days == ["2026-03-03", "2026-03-04", "2026-03-05"]
    await morning.at(MORNING + timedelta(days=7))
    await morning.at(MORNING + timedelta(days=8, hours=2))  # 26 hours down: one, for today
    days = [row[2] for row in morning.rows() if row[0] == "Li"]
    assert days[3:] == ["2026-03-10", "2026-03-11"]
    await morning.at(MORNING + timedelta(days=9, hours=8, minutes=1))
    assert [row[2] for row in morning.rows() if row[0] == "Li"] == days, "too late: it is not told any more"


async def test_many_at_once_tell_each_once(morning: Morning, make_person: MakePerson) -> None:
    for number in range(6):
        person = make_person(f"Rep{number}", at=morning.database)
        morning.desk.link(person)
        await morning.write_first(person.name)
    morning.clock.now = MORNING
    at_once([lambda: tell_digests(morning.database)] * 4)
    assert len(morning.rows()) == 8
    keys = [row.key for row in morning.desk.rows("SELECT key FROM outbox WHERE key LIKE 'digest:%'")]
    assert len(keys) == len(set(keys)) == 8
    await morning.at(MORNING)
    assert len(morning.digests("Rep3")) == 1


async def test_what_has_no_room_is_a_press_away(morning: Morning) -> None:
    rep = morning.trade.rep
    for number in range(11):
        morning.remind(rep, f"ask for the signed contract number {number:02}", MORNING + timedelta(minutes=number + 1))
    morning.remind(rep, "left over", morning.clock.now + timedelta(minutes=1))
    await morning.at(MORNING)
    (shown,) = morning.digests()
    assert "and 1 more" in shown.lines
    assert shown.labels == ["left over", *["ask for the signed contract n…"] * 10, "All my reminders"]
    await morning.desk.press("Li", "All my reminders", on=shown)
    assert morning.desk.room.chat("Li")[-1].lines[0] == "12 reminders"
    assert morning.desk.room.seen[shown.ref].lines[0] == shown.lines[0], "the digest still stands"


async def _typed(morning: Morning, person: str, words: str) -> str:
    await morning.desk.say(person, words)
    return morning.desk.room.last(person).text
