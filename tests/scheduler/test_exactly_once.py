"""What is due is told once, by four processes at once, and whatever happens to them and to their clock."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from crm.core.history import COMMAND_LINE
from crm.core.rules import set_rule
from crm.people.people import Member
from crm.sales.tasks.tasks import Task
from tests.conftest import MakeLead, MakePerson
from tests.scheduler.crew import Crew, Town

MORNING = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
"""Monday, 10:00 in Shanghai."""
PEOPLE, REMINDERS = 20, 300
FEWER = 120
TOLD = r"(?<=Reminder: )R-\d+"
"""What a reminder's own card says; digests name it too."""


@pytest.fixture
def people(crew: Crew, town: Town, make_person: MakePerson) -> list[Member]:
    """Half of them on Telegram, half on Slack; however many reminders are due, each comes by itself."""
    crew.at(MORNING)
    made = [make_person(at=crew.database) for _ in range(PEOPLE)]
    with crew.database.write() as work:
        set_rule(work, actor=COMMAND_LINE, key="tasks.list_over", value="10000")
    for number, person in enumerate(made):
        town.settle(crew.database, person, ("telegram", "slack")[number % 2])
    return made


def _remind(crew: Crew, people: list[Member], count: int, due_at: datetime) -> list[str]:
    """So many reminders, shared among the people; returns what each says."""
    said = [f"R-{number:03}" for number in range(count)]
    row = {"status": "open", "created_at": crew.clock(), "due_at": due_at}
    rows = [row | {"person_id": people[at % len(people)].id, "text": one} for at, one in enumerate(said)]
    with crew.database.write() as work:
        work.connection.execute(insert(Task.table()), rows)
    return said


def test_four_processes_tell_each_once(crew: Crew, town: Town, people: list[Member]) -> None:
    said = _remind(crew, people, REMINDERS, MORNING + timedelta(seconds=30))
    crew.start(4)
    crew.at(MORNING + timedelta(seconds=31))
    crew.wait_until(lambda: len(town.arrivals(TOLD)) == REMINDERS, "all to arrive")
    crew.wait_sent()
    assert town.arrivals(TOLD) == dict.fromkeys(said, 1)
    assert crew.rows("SELECT status, count(*), count(DISTINCT key) FROM outbox GROUP BY 1") == [("sent", 300, 300)]
    assert crew.rows("SELECT status, count(*) FROM tasks GROUP BY 1") == [("told", 300)]
    assert crew.rows("SELECT act, count(*) FROM history WHERE entity = 'task' GROUP BY 1") == [("told", 300)]


@pytest.mark.parametrize("count", [FEWER, pytest.param(5 * REMINDERS, marks=pytest.mark.soak)])
def test_killed_again_and_again(crew: Crew, town: Town, people: list[Member], count: int) -> None:
    """Nothing is lost; what comes twice had been sent by a process that died before it could write that down, which
    is one message a chat.
    """
    crew.start(4)
    said = _remind(crew, people, count, MORNING)
    dice, kills, in_doubt = random.Random(5), 0, Counter[int]()
    while (there := town.arrivals(TOLD).total()) < count:
        _wait_arrived(crew, town, min(count, there + dice.randrange(5, 20)))
        victim = dice.choice(_senders(crew) or crew.processes)
        crew.kill(victim)
        kills += 1
        in_doubt.update(_served_by(crew, victim))
        crew.start(1)
    crew.wait_sent()
    arrived = town.arrivals(TOLD)
    doubled = Counter[int]()
    for one, times in arrived.items():
        doubled[people[int(one.removeprefix("R-")) % PEOPLE].id] += times - 1
    print(f"{kills} kills of who was sending, {in_doubt.total()} chats in doubt, {doubled.total()} messages once more")
    assert sorted(arrived) == sorted(said)
    assert doubled <= in_doubt


def _served_by(crew: Crew, process: int) -> list[int]:
    """Whose chats this process was sending to."""
    query = f"""
        SELECT DISTINCT outbox.person_id FROM outbox JOIN chats ON chats.id = outbox.chat_id
        WHERE outbox.status = 'pending' AND chats.sender LIKE '%-{process}~%'"""
    return [row.person_id for row in crew.rows(query)]


def _senders(crew: Crew) -> list[int]:
    """The processes that are sending now."""
    names = {row.sender for row in crew.rows("SELECT sender FROM chats WHERE sender IS NOT NULL")}
    return [process for process in crew.processes if any(f"-{process}~" in name for name in names)]


def _wait_arrived(crew: Crew, town: Town, count: int) -> None:
    crew.wait_until(lambda: town.arrivals(TOLD).total() >= count, f"{count} messages to arrive")


def test_a_clock_that_jumps_while_they_tell(crew: Crew, town: Town, people: list[Member]) -> None:
    """Forward a day, back an hour, forward, back a day: each time when some are told, some sent and some are not."""
    crew.start(4)
    said = _remind(crew, people, FEWER, MORNING + timedelta(hours=1))
    for hours in (23, 22, 46, 2):
        there = town.arrivals(TOLD).total()
        crew.at(MORNING + timedelta(hours=hours))
        _wait_arrived(crew, town, min(FEWER, there + 20))
    crew.wait_sent()
    assert town.arrivals(TOLD) == dict.fromkeys(said, 1)
    assert crew.rows("SELECT status, count(*) FROM tasks GROUP BY 1") == [("told", FEWER)]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite lets one write at a time
def test_digests_and_findings_come_once_each(crew: Crew, town: Town, people: list[Member], make_lead: MakeLead) -> None:
    """Four processes find the same at once, one of them is killed, and the clock goes back an hour and forth again."""
    for person in people:
        for _ in range(3):
            make_lead(person, at=crew.database, company=f"Company of {person.id}")
    later = MORNING + timedelta(days=10)
    crew.at(later)
    crew.start(4)
    crew.wait_until(lambda: len(crew.rows("SELECT id FROM digests")) == PEOPLE, "the digests")
    crew.kill(crew.processes[0])
    for hours in (-1, 0):
        crew.at(later + timedelta(hours=hours))
        crew.wait_until(lambda: crew.rows("SELECT count(*) FROM watches_said")[0][0] >= 3 * PEOPLE, "the findings")
        crew.wait_sent()
    kinds = "SELECT CASE WHEN key LIKE 'digest:%' THEN 'digest' ELSE 'finding' END, person_id, count(*) FROM outbox"
    told = {(kind, person_id): count for kind, person_id, count in crew.rows(f"{kinds} GROUP BY 1, 2")}
    assert told == {(kind, one.id): 1 for kind in ("digest", "finding") for one in people}
    findings = [[one for one in town.messages(person) if "untouched since" in one] for person in people]
    assert all(1 <= len(said) <= 2 for said in findings), "twice only where the plug was pulled"
    assert sum(len(said) - 1 for said in findings) <= PEOPLE
