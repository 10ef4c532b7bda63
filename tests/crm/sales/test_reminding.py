"""Reminders that fall due: late ones, many at once, those that come again; each told once, whoever tells."""

from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import event, insert, select, text

from crm.core.copies import CardCopy
from crm.core.database import Database
from crm.core.history import SYSTEM, history_of
from crm.core.outbox import OutboxEntry, enter_chat
from crm.people.identities import tie
from crm.people.people import Member, Person, Role
from crm.sales.leads.leads import Lead, disqualify_lead
from crm.sales.reminders.reminding import tell_due
from crm.sales.tasks.follow_ups import plan_follow_up
from crm.sales.tasks.tasks import Task, end_task, snooze_task, standing_tasks
from scheduler import reminders
from scheduler.reminders import tell_reminders
from tests.conftest import Clock, MakeLead, MakePerson
from tests.crm.sales.selling import at_once

TASKS = Task.table()


@pytest.fixture
def li(database: Database, make_person: MakePerson) -> Member:
    li = make_person("Li")
    _link(database, li)
    return li


def _link(database: Database, person: Member) -> None:
    with database.write() as work:
        chat = enter_chat(work, platform="test", external_id=person.name, is_private=True, token="t").id
        tie(work, platform="test", account_id=person.name, person_id=person.id, chat_id=chat)


def _fill(database: Database, person: Member, count: int = 1, *, ago: timedelta = timedelta(), **values: Any) -> None:
    with database.write() as work:
        row = {"person_id": person.id, "text": "call", "status": "open", "created_at": work.now}
        work.connection.execute(insert(TASKS), [row | {"due_at": work.now - ago, **values}] * count)


def _keys(database: Database) -> list[str]:
    with database.read() as work:
        return list(work.connection.execute(select(OutboxEntry.key).order_by(OutboxEntry.id)).scalars())


def _rows(database: Database, status: str) -> list[Any]:
    with database.read() as work:
        return list(work.connection.execute(select(TASKS).where(TASKS.c.status == status).order_by(TASKS.c.id)))


def test_a_day_late_it_stands_in_the_digest_only(database: Database, li: Member, clock: Clock) -> None:
    _fill(database, li, ago=timedelta(hours=23, minutes=59), text="yesterday")
    _fill(database, li, ago=timedelta(hours=24), text="long ago")
    assert tell_reminders(database) == 2
    assert len(_keys(database)) == 1
    assert [(row.text, row.told_at is None) for row in _rows(database, "told")] == [
        ("yesterday", False),
        ("long ago", True),
    ]
    with database.read() as work:
        assert standing_tasks(work, viewer=li, before=work.now)[1] == 2
    clock.move(days=2)
    assert tell_reminders(database) == 0


@pytest.mark.parametrize(("count", "told"), [(10, 10), (11, 1), (120, 1)])
def test_many_at_once_are_one_list(
    database: Database, li: Member, clock: Clock, monkeypatch: pytest.MonkeyPatch, count: int, told: int
) -> None:
    monkeypatch.setattr(reminders, "BATCH", 7)
    _fill(database, li, count)
    at_once([lambda: tell_reminders(database)] * 5)
    tell_reminders(database)  # what somebody else held when the last one looked
    keys = _keys(database)
    assert len(keys) == told
    assert all(key.startswith("due:" if told == 1 else "task:") for key in keys)
    assert len(_rows(database, "told")) == count


def test_more_and_more_within_a_minute_become_a_list(database: Database, li: Member, clock: Clock) -> None:
    """As where another process has told some of them by the time this one looks."""
    _fill(database, li, 8)
    tell_reminders(database)
    clock.move(seconds=30)
    _fill(database, li, 4)
    tell_reminders(database)
    assert [key.split(":")[0] for key in _keys(database)] == ["task"] * 8 + ["due"]


def test_a_list_just_sent_takes_the_rest(database: Database, li: Member, clock: Clock) -> None:
    clock.move(seconds=50)
    _fill(database, li, 12)
    tell_reminders(database)
    clock.move(seconds=20)  # the next minute
    _fill(database, li, 2)
    tell_reminders(database)
    assert len(_keys(database)) == 1
    clock.move(minutes=5)
    _fill(database, li, 2)
    tell_reminders(database)
    assert [key.split(":")[0] for key in _keys(database)] == ["due", "task", "task"]


def test_a_list_for_each_who_has_many(database: Database, li: Member, make_person: MakePerson) -> None:
    wang, kept = make_person("Wang"), make_person("Nobody's chat")
    _link(database, wang)
    for person, count in ((li, 12), (wang, 3), (kept, 12)):
        _fill(database, person, count)
    tell_reminders(database)
    heads = sorted(key.split(":")[0] for key in _keys(database))
    assert heads == ["due", "due", "task", "task", "task"]


def test_what_comes_again_goes_on_once(
    database: Database, li: Member, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "BATCH", 2)
    _fill(database, li, 9, recurrence="D1@0930")
    at_once([lambda: tell_reminders(database)] * 5)
    tell_reminders(database)
    assert (len(_rows(database, "told")), len(_rows(database, "open"))) == (9, 9)
    series = {row.series_id for row in _rows(database, "open")}
    assert series == {row.id for row in _rows(database, "told")} == {row.series_id for row in _rows(database, "told")}
    for jump in (-26, 50, -3, 3):  # the clock jumps: nothing comes twice for one day
        clock.move(hours=jump)
        tell_reminders(database)
    local = [row.due_at.astimezone(li.zone) for status in ("told", "missed") for row in _rows(database, status)]
    assert len(local) == 9 * len(set(local))
    assert {f"{at:%H:%M}" for at in local} == {"09:30"}


def test_ended_by_two_at_once_it_goes_on_once(database: Database, li: Member) -> None:
    _fill(database, li, ago=-timedelta(hours=1), recurrence="D1@1000")
    task = _rows(database, "open")[0]

    def end() -> None:
        with database.write() as work:
            end_task(work, actor=li, platform="test", task_id=task.id)

    at_once([end] * 4)
    assert len(_rows(database, "open")) == 1


def test_a_time_of_ones_own_is_kept_in_quiet_hours(database: Database, li: Member, clock: Clock) -> None:
    with database.write() as work:
        now = work.now.astimezone(li.zone)
        quiet = {"quiet_from": now.time(), "quiet_to": (now + timedelta(hours=1)).time()}
        work.connection.execute(Person.table().update().values(**quiet))
    _fill(database, li, text="at this time")
    _fill(database, li, text="on this day", has_time=False)
    tell_reminders(database)
    with database.read() as work:
        held = work.connection.execute(select(OutboxEntry.not_before).order_by(OutboxEntry.id)).scalars().all()
    assert [at is None for at in held] == [True, False]


def test_a_leads_follow_up_is_replaced_and_ends_with_it(
    database: Database, li: Member, make_lead: MakeLead, clock: Clock
) -> None:
    lead = make_lead(li, next_follow_up_at=clock.now + timedelta(hours=2), next_follow_up_has_time=True)
    make_lead(li, next_follow_up_at=clock.now + timedelta(hours=2))  # the day alone: the digest's
    assert [(row.about_id, row.is_follow_up) for row in _rows(database, "open")] == [(lead, True)]
    later = clock.now + timedelta(hours=5)
    with database.write() as work:
        plan_follow_up(work, by=SYSTEM, owner_id=li.id, lead_id=lead, text="Ernst", at=later)
    assert [row.due_at for row in _rows(database, "open")] == [later]
    with database.write() as work:
        disqualify_lead(work, actor=li, platform="test", lead_id=lead, reason="no_need")
    assert _rows(database, "open") == []


@pytest.mark.parametrize("change", [{"status": "converted"}, {"owner_id": None}])
def test_a_follow_up_that_is_nobodys_any_more_is_not_told(
    database: Database, li: Member, make_lead: MakeLead, clock: Clock, change: dict[str, Any]
) -> None:
    make_lead(li, next_follow_up_at=clock.now + timedelta(hours=2), next_follow_up_has_time=True)
    with database.write() as work:
        work.connection.execute(Lead.table().update().values(**change))
    clock.move(hours=2)
    tell_reminders(database)
    assert _keys(database) == []
    assert len(_rows(database, "dropped")) == 1


def test_of_a_series_that_is_ignored_the_last_one_stands(database: Database, li: Member, clock: Clock) -> None:
    _fill(database, li, recurrence="D1@0930", text="check the mail")
    tell_reminders(database)
    first = _rows(database, "told")[0]
    _fill(database, li, text="once")
    for _ in range(3):
        clock.move(days=1)
        tell_reminders(database)
    told = _rows(database, "told")
    assert [(row.text, row.due_at) for row in told] == [("once", first.due_at), ("check the mail", clock.now)]
    missed = _rows(database, "missed")
    assert missed[0].id == first.id
    assert (len(missed), missed[-1].ended_at) == (3, clock.now)
    with database.read() as work:
        acts = [entry.act for entry in history_of(work, entity="task", entity_id=first.id)]
        wanted = work.connection.execute(select(CardCopy.wanted).where(CardCopy.subject_id == first.id)).scalars().all()
    assert (acts, wanted) == (["told", "missed"], [2])


def test_one_put_off_beyond_the_next_is_told_and_stands_alone(database: Database, li: Member, clock: Clock) -> None:
    _fill(database, li, recurrence="D1@0930")
    tell_reminders(database)
    first = _rows(database, "told")[0]
    with database.write() as work:
        until = clock.now + timedelta(days=1, hours=1)
        snooze_task(work, actor=li, platform="test", task_id=first.id, seen=first.due_at, until=until)
    for jump in (24, 1):
        clock.move(hours=jump)
        tell_reminders(database)
    assert [row.id for row in _rows(database, "told")] == [first.id]
    assert len(_keys(database)) == 3
    assert (len(_rows(database, "missed")), len(_rows(database, "open"))) == (1, 1)


def test_one_put_off_before_it_was_told_leaves_the_rhythm(database: Database, li: Member, clock: Clock) -> None:
    """Every second week, put off into the week between: the others stay where they were."""
    weekday = clock.now.astimezone(li.zone).isoweekday()
    due = clock.now + timedelta(hours=1)
    at = due.astimezone(li.zone)
    _fill(database, li, ago=-timedelta(hours=1), recurrence=f"W2:{weekday}@{at:%H%M}")
    first = _rows(database, "open")[0]
    with database.write() as work:
        snooze_task(work, actor=li, platform="test", task_id=first.id, seen=first.due_at, until=due + timedelta(days=8))
    assert [row.due_at for row in _rows(database, "open")] == [due + timedelta(days=8), due + timedelta(days=14)]
    for days in (8, 6, 14):
        clock.move(days=days, hours=1)
        tell_reminders(database)
        clock.move(hours=-1)
    assert [row.due_at for row in _rows(database, "open")] == [due + timedelta(days=42)]


def test_done_while_it_is_being_told_it_goes_on_once(
    postgres_url: str, open_database: Callable[..., Database], make_person: MakePerson, clock: Clock
) -> None:
    database = open_database(postgres_url)
    li = make_person("Li", at=database)
    _fill(database, li, recurrence="D1@0930")
    task = _rows(database, "open")[0]

    def end() -> None:
        with database.write() as work:
            end_task(work, actor=li, platform="test", task_id=task.id)

    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    ending = Thread(target=end)
    with database.write() as work:
        assert tell_due(work, most=10) == 1
        ending.start()
        deadline = monotonic() + 10
        with database.engine.connect() as watching:
            while not watching.execute(waiting).scalar_one():
                assert monotonic() < deadline, "it does not wait"
    ending.join(10)
    assert (len(_rows(database, "open")), len(_rows(database, "done"))) == (1, 1)


@pytest.mark.parametrize(
    ("role", "wants_digest", "told"),
    [
        (Role.PRODUCTION, True, 1),
        (Role.ADMIN, True, 1),
        (Role.GM, True, 1),
        (Role.REP, False, 1),
        (Role.REP, True, 0),
        (Role.FINANCE, True, 0),
    ],
)
def test_too_late_it_is_a_list_for_whom_no_digest_tells(
    database: Database, make_person: MakePerson, role: Role, wants_digest: bool, told: int
) -> None:
    person = make_person("Zhou", role)
    _link(database, person)
    with database.write() as work:
        work.connection.execute(Person.table().update().values(wants_digest=wants_digest))
    _fill(database, person, 3, ago=timedelta(hours=26))
    tell_reminders(database)
    assert [key.split(":")[0] for key in _keys(database)] == ["due"] * told
    assert [row.told_at for row in _rows(database, "told")] == [None] * 3


def test_a_list_that_is_held_does_not_swallow_a_time_of_ones_own(database: Database, li: Member, clock: Clock) -> None:
    with database.write() as work:
        now = work.now.astimezone(li.zone)
        quiet = {"quiet_from": now.time(), "quiet_to": (now + timedelta(hours=1)).time()}
        work.connection.execute(Person.table().update().values(**quiet))
    _fill(database, li, 12, has_time=False)
    tell_reminders(database)
    clock.move(seconds=20)
    for _ in range(2):
        _fill(database, li, text="at this time")
        tell_reminders(database)
    with database.read() as work:
        held = work.connection.execute(select(OutboxEntry.not_before).order_by(OutboxEntry.id)).scalars().all()
    assert [at is None for at in held] == [False, True]


def test_of_one_moment_a_batch_takes_a_persons_together(database: Database, make_person: MakePerson) -> None:
    """Else each batch writes every person's part of the indexes again: half of what ten thousand at once cost."""
    people = [make_person(f"Person {number}") for number in range(4)]
    for _ in range(3):
        for person in people:
            _fill(database, person)
    with database.write() as work:
        assert tell_due(work, most=6) == 6
    assert {row.person_id for row in _rows(database, "told")} == {people[0].id, people[1].id}


def test_many_people_take_a_handful_of_statements(sqlite: Database, make_person: MakePerson, clock: Clock) -> None:
    people = [make_person(f"Person {number}", at=sqlite) for number in range(40)]
    for number, person in enumerate(people):
        _link(sqlite, person)
        _fill(sqlite, person, 3 if number % 2 else 30, recurrence="D1@0930" if number % 4 == 1 else None)
    ran: list[str] = []
    event.listen(sqlite.engine, "before_cursor_execute", lambda *a: ran.append(a[2]))
    assert tell_reminders(sqlite) == 660
    assert len(ran) < 60
    assert len(_keys(sqlite)) == 20 + 60
