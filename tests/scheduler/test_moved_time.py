"""Nights on which the clocks are changed, people who travel, a day's standstill: told once, and at the right moment."""

from datetime import UTC, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from crm.core.history import Actor
from crm.people.people import Member, set_timezone
from crm.people.working_time import set_digest, set_quiet_hours, set_work_days
from crm.sales.reminders.setting import add_task
from crm.sales.tasks.tasks import Task, snooze_task
from scheduler.absences import tell_absences
from scheduler.digests import tell_digests
from scheduler.reminders import tell_reminders
from scheduler.watches import tell_watched
from tests.conftest import MakePerson
from tests.crm.sales.selling import at_once
from tests.scheduler.crew import Crew, Town

JOBS = (tell_reminders, tell_digests, tell_watched, tell_absences)
"""All that tells people something because it is time."""
TOLD = r"(?<=Reminder: )[^*\n]+"
BERLIN = ZoneInfo("Europe/Berlin")
GAP, FOLD = datetime(2026, 3, 29, tzinfo=BERLIN), datetime(2026, 10, 25, tzinfo=BERLIN)
"""In the first night 02:30 never comes, in the second it comes twice."""


class Night:
    """The hours of a town, in which every job runs twice at once at each step."""

    def __init__(self, crew: Crew, town: Town) -> None:
        self.crew = crew
        self.town = town
        self.digests: list[datetime] = []

    def go(self, since: datetime, until: datetime, step: timedelta = timedelta(minutes=30)) -> None:
        """From step to step; when digests were told stands in `digests`."""
        now = since.astimezone(UTC)
        while now <= until:
            self.crew.at(now)
            before = self._count()
            at_once([partial(job, self.crew.database) for job in JOBS for _ in range(2)])
            self.digests += [now] * (self._count() - before)
            now += step

    def deliver(self) -> None:
        self.crew.start(2)
        self.crew.wait_sent()

    def _count(self) -> int:
        return int(self.crew.rows("SELECT count(*) FROM digests")[0][0])


@pytest.fixture
def night(crew: Crew, town: Town) -> Night:
    return Night(crew, town)


def _settle(night: Night, make_person: MakePerson, zone: str, digest_at: time | None, platform: str) -> Member:
    """Somebody who works every day, is never left in peace, and gets a digest at this time, or none."""
    person = make_person(timezone=zone, at=night.crew.database)
    night.town.settle(night.crew.database, person, platform)
    me = Actor(person.id, "test")
    with night.crew.database.write() as work:
        set_work_days(work, actor=me, person_id=person.id, days="1234567")
        set_quiet_hours(work, actor=me, person_id=person.id, hours=None)
        set_digest(work, actor=me, person_id=person.id, wanted=digest_at is not None, at=digest_at)
    return person


def _remind(night: Night, person: Member, said: str, due_at: datetime) -> int:
    with night.crew.database.write() as work:
        return add_task(work, actor=person, platform="test", text=said, due_at=due_at)


def _told_at(night: Night) -> dict[str, datetime]:
    """When each reminder was told."""
    table = Task.table()
    with night.crew.database.read() as work:
        rows = work.connection.execute(select(table.c.text, table.c.told_at).where(table.c.status == "told"))
        return {row.text: row.told_at for row in rows}


@pytest.mark.parametrize(
    ("database_url", "night_of", "first"),
    [("sqlite", GAP, "01:30"), ("postgresql", FOLD, "00:30")],
    indirect=["database_url"],
)
def test_the_nights_of_the_clocks(night: Night, make_person: MakePerson, night_of: datetime, first: str) -> None:
    """A reminder comes at its moment, also at the second 02:30 of a night; a digest once a date."""
    begins = night_of - timedelta(hours=4)
    night.crew.at(begins)
    people = [_settle(night, make_person, "Europe/Berlin", time(2, 30), one) for one in ("telegram", "slack")]
    due = {}
    for person in people:
        for fold in (0, 1):
            said = f"set {person.id} {fold}"
            due[said] = night_of.replace(hour=2, minute=30, fold=fold).astimezone(UTC)
            _remind(night, person, said, due[said])
        said = f"snoozed {person.id}"
        due[said] = night_of.replace(hour=2, minute=30).astimezone(UTC)
        put_off = night_of.replace(hour=0, minute=30)
        task = _remind(night, person, said, put_off)
        with night.crew.database.write() as work:
            snooze_task(work, actor=person, platform="test", task_id=task, seen=put_off, until=due[said])
    night.go(begins, night_of + timedelta(hours=27))
    night.deliver()
    told = _told_at(night)
    assert told.keys() == due.keys()
    for said, at in due.items():
        assert timedelta() <= told[said] - at < timedelta(minutes=1), said
    assert night.town.arrivals(TOLD) == dict.fromkeys(due, 1)
    rows = night.crew.rows("SELECT person_id, count(*), count(DISTINCT local_date) FROM digests GROUP BY 1")
    assert [tuple(row[1:]) for row in rows] == [(2, 2), (2, 2)], "two dates, once each"
    assert f"{night.digests[0]:%H:%M}" == first
    for person in people:
        texts = night.town.messages(person)
        assert len([one for one in texts if "Reminder: " not in one[:20]]) == 2, texts


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_changes_zone_on_the_day(night: Night, make_person: MakePerson) -> None:
    """From Shanghai to Berlin, and then to Auckland: one digest a date there, and each reminder at its moment."""
    monday = datetime(2026, 3, 2, tzinfo=ZoneInfo("Asia/Shanghai"))
    night.crew.at(monday)
    person = _settle(night, make_person, "Asia/Shanghai", time(8, 30), "slack")
    due = {f"call {hour}": (monday + timedelta(hours=hour)).astimezone(UTC) for hour in (10, 18, 30)}
    for said, at in due.items():
        _remind(night, person, said, at)
    at = monday
    for zone, hours in (("Asia/Shanghai", 12), ("Europe/Berlin", 8), ("Pacific/Auckland", 14)):
        with night.crew.database.write() as work:
            set_timezone(work, actor=Actor(person.id, "test"), person_id=person.id, timezone=zone)
        night.go(at, at + timedelta(hours=hours, minutes=-30))
        at += timedelta(hours=hours)
    night.deliver()
    told = _told_at(night)
    for said, moment in due.items():
        assert timedelta() <= told[said] - moment < timedelta(minutes=1)
    assert night.town.arrivals(TOLD) == dict.fromkeys(due, 1)
    days = [str(row[0]) for row in night.crew.rows("SELECT local_date FROM digests ORDER BY local_date")]
    assert days == ["2026-03-02", "2026-03-03"]
    assert len(night.town.messages(person)) == len(due) + 2


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_twenty_six_hours_down(night: Night, make_person: MakePerson) -> None:
    """What is less than a day late is told, marked late; what is older stands in the digest only."""
    monday = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    night.crew.at(monday)
    person = _settle(night, make_person, "Asia/Shanghai", time(8, 30), "telegram")
    _remind(night, person, "too old", monday + timedelta(hours=1))
    _remind(night, person, "late", monday + timedelta(hours=3))
    night.crew.at(monday + timedelta(hours=26))
    night.crew.start(4)
    night.crew.wait_until(lambda: len(night.town.messages(person)) == 2, "the reminder and the digest")
    night.crew.wait_sent()
    reminder, digest = sorted(night.town.messages(person), key=lambda one: "Reminder: late" not in one)
    assert "This comes late" in reminder
    assert "too old" in digest
    assert night.town.arrivals(TOLD) == {"late": 1}
    assert night.crew.rows("SELECT count(*) FROM digests") == [(1,)]
