"""Absences by the clock: handed over, handed back and told of once, whoever ticks and whatever the clock does."""

import threading
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from crm.core.database import Database
from crm.core.outbox import OutboxEntry
from crm.orders.delegation import go_away
from crm.people.absence import Absence, back_at, stand_in_for, until_words
from crm.people.calendar import WorkCalendar
from crm.people.people import Member, Person, Role
from scheduler.absences import tell_absences
from tests.conftest import Clock, MakePerson


def _leave(database: Database, person: Member, until: datetime, **more: Any) -> None:
    with database.write() as work:
        told = {"since": None, "delegate_id": None, **more}
        go_away(work, actor=person, platform="test", until=until, **told)


def _keys(database: Database) -> list[str]:
    with database.read() as work:
        return list(work.connection.execute(select(OutboxEntry.key).order_by(OutboxEntry.id)).scalars())


def test_at_once_by_many_and_told_once(database: Database, make_person: MakePerson, clock: Clock) -> None:
    for number in range(5):
        _leave(database, make_person(f"Rep {number}"), clock.now + timedelta(days=1))
    clock.move(days=2)
    counts: list[int] = []
    together = threading.Barrier(4)

    def tick() -> None:
        together.wait(10)
        counts.append(tell_absences(database))

    threads = [threading.Thread(target=tick) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(counts) == 10  # each is over once, and welcomed once
    assert sorted(_keys(database)) == [f"absence:{number}:back" for number in range(1, 6)]
    for days in (-3, 30):
        clock.move(days=days)
        assert tell_absences(database) == 0


def test_a_system_that_was_down_catches_up(database: Database, make_person: MakePerson, clock: Clock) -> None:
    boss, gm = make_person("Zhao", Role.SUPERVISOR, team="North"), make_person("Chen", Role.GM)
    _leave(database, boss, clock.now + timedelta(days=2), since=clock.now + timedelta(days=1), delegate_id=gm.id)
    clock.move(days=9)
    assert tell_absences(database) == 2
    with database.read() as work:
        row = work.connection.execute(select(Absence.begun_at, Absence.ended_at, Absence.until)).one()
    assert row.begun_at is None  # it never began here: nothing was handed over
    assert row.ended_at == row.until
    assert _keys(database) == ["absence:1:2", "absence:1:back"]


def test_the_whole_day_in_berlin_on_the_day_the_clocks_change(
    database: Database, make_person: MakePerson, clock: Clock
) -> None:
    clock.now = datetime(2026, 3, 27, 8, tzinfo=UTC)  # a Friday; on Sunday the clocks go forward
    person = make_person("Hans", timezone="Europe/Berlin")
    until = datetime(2026, 3, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    _leave(database, person, until)
    clock.now = datetime(2026, 3, 29, 22, tzinfo=UTC)  # midnight of the summer's first Monday
    assert tell_absences(database) == 1
    clock.now = datetime(2026, 3, 30, 6, 59, tzinfo=UTC)
    assert tell_absences(database) == 0
    clock.now = datetime(2026, 3, 30, 7, tzinfo=UTC)  # nine o'clock
    assert tell_absences(database) == 1


def test_who_leaves_again_is_welcomed_when_they_are_there(
    database: Database, make_person: MakePerson, clock: Clock
) -> None:
    person = make_person("Li")
    _leave(database, person, clock.now + timedelta(hours=1))
    clock.move(hours=2)
    _leave(database, person, clock.now + timedelta(hours=1))
    tell_absences(database)
    assert [key for key in _keys(database) if key.endswith(":back")] == []
    clock.move(hours=2)
    tell_absences(database)
    assert sorted(_keys(database)) == ["absence:1:back", "absence:2:back"]


def test_a_zone_changed_meanwhile_moves_the_morning(database: Database, make_person: MakePerson, clock: Clock) -> None:
    person = make_person("Li")
    _leave(database, person, datetime(2026, 3, 3, 20, tzinfo=UTC))
    with database.write() as work:
        work.connection.execute(update(Person.table()).values(timezone="Europe/Berlin"))
    clock.now = datetime(2026, 3, 4, 7, 59, tzinfo=UTC)
    assert tell_absences(database) == 1  # over, and nine o'clock in Shanghai long past
    clock.move(minutes=1)
    assert tell_absences(database) == 1


SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkCalendar(SHANGHAI, "12345", time(9), time(18), "CN")


@pytest.mark.parametrize(
    ("until", "back"),
    [
        ("2026-03-07T00:00", "2026-03-09T09:00"),  # the end of a Friday
        ("2026-03-06T15:00", "2026-03-06T15:00"),  # at work already
        ("2026-03-06T08:00", "2026-03-06T09:00"),
        ("2026-03-06T19:00", "2026-03-09T09:00"),
        ("2026-02-16T00:00", "2026-02-24T09:00"),  # Spring Festival
    ],
)
def test_when_somebody_is_at_work_again(until: str, back: str) -> None:
    found = back_at(CALENDAR, datetime.fromisoformat(until).replace(tzinfo=SHANGHAI))
    assert found.astimezone(SHANGHAI).isoformat()[:16] == back


def test_how_an_end_is_said() -> None:
    days = until_words(datetime(2026, 3, 6, 16, tzinfo=UTC), "Asia/Shanghai")
    assert (days.message, days.facts["date"]) == ("through {date}", date(2026, 3, 6))
    clock = until_words(datetime(2026, 3, 6, 15, tzinfo=UTC), "Asia/Shanghai")
    assert (clock.message, clock.facts["date"]) == ("until {date}", datetime(2026, 3, 6, 15, tzinfo=UTC))


@pytest.mark.parametrize(
    ("delegates", "but", "found"),
    [
        ({1: 2}, (), 2),
        ({1: None}, (), None),
        ({}, (), None),
        ({1: 2, 2: 3}, (), 3),
        ({1: 2, 2: None}, (), None),
        ({1: 2, 2: 1}, (), None),
        ({1: 2, 2: 3, 3: 2}, (), None),
        ({1: 2}, (2,), None),
        ({1: 2, 2: 3}, (2,), None),
        ({1: 2, 2: 3}, (3,), None),
    ],
)
def test_delegates_are_followed_on(delegates: dict[int, int | None], but: tuple[int, ...], found: int | None) -> None:
    assert stand_in_for(1, delegates, but=but) == found
