"""Reminders as rows: one's own alone, ended once, put off once, and never into the past."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from crm.core import history
from crm.core.database import Database
from crm.core.errors import Conflict, Invalid, NotFound, TradewindError
from crm.people.people import Member
from crm.sales.reminders.reminding import tell_due
from crm.sales.reminders.setting import add_task, continue_task
from crm.sales.tasks.tasks import LONGEST_TEXT, About, due_tasks, end_task, get_task, snooze_task
from tests.conftest import Clock, MakePerson
from tests.crm.sales.selling import Sales, at_once


class Diary:
    """One person's reminders, and short words for what is done to them."""

    def __init__(self, database: Database, person: Member) -> None:
        self.database, self.person = database, person

    def add(self, text: str = "call Hans", *, about: About | None = None, **later: float) -> int:
        with self.database.write() as work:
            due = work.now + timedelta(**(later or {"hours": 1}))
            return add_task(work, actor=self.person, platform="test", text=text, due_at=due, about=about)

    def end(self, task: int, act: str = "done", *, by: Member | None = None) -> None:
        with self.database.write() as work:
            end_task(work, actor=by or self.person, platform="test", task_id=task, act=act)

    def snooze(self, task: int, *, seen: datetime, by: Member | None = None, **later: float) -> datetime:
        with self.database.write() as work:
            until = work.now + timedelta(**later)
            actor = by or self.person
            return snooze_task(work, actor=actor, platform="test", task_id=task, seen=seen, until=until)

    def go_on(self, task: int, **later: float) -> int:
        with self.database.write() as work:
            due = work.now + timedelta(**later)
            return continue_task(work, actor=self.person, platform="test", task_id=task, due_at=due)

    def tell(self) -> int:
        with self.database.write() as work:
            return tell_due(work, most=100)

    def row(self, task: int) -> Any:
        with self.database.read() as work:
            return get_task(work, viewer=self.person, task_id=task)

    def today(self) -> list[str]:
        with self.database.read() as work:
            return [row.text for row in due_tasks(work, viewer=self.person)]

    def acts(self, task: int) -> list[str]:
        with self.database.read() as work:
            return [entry.act for entry in history.history_of(work, entity="task", entity_id=task)]


@pytest.fixture
def diary(database: Database, make_person: MakePerson) -> Diary:
    return Diary(database, make_person("Li"))


def test_from_adding_to_done(diary: Diary, clock: Clock) -> None:
    task = diary.add()
    assert diary.tell() == 0
    clock.move(hours=1)
    assert (diary.tell(), diary.tell()) == (1, 0)
    assert diary.row(task).told_at == clock.now
    diary.end(task)
    assert diary.row(task).status == "done"
    assert diary.acts(task) == ["added", "told", "done"]
    with pytest.raises(Conflict):
        diary.end(task)
    assert diary.acts(task) == ["added", "told", "done"]


def test_nobody_else_sees_or_changes_a_reminder(diary: Diary, make_person: MakePerson) -> None:
    task, other = diary.add(), make_person("Wang")
    due = diary.row(task).due_at
    refused: list[TradewindError | None] = at_once(
        [lambda: diary.end(task, by=other), lambda: diary.snooze(task, seen=due, by=other, hours=2)]
    )
    assert [type(error) for error in refused] == [NotFound, NotFound]
    assert diary.row(task).status == "open"
    assert Diary(diary.database, other).today() == []


def test_of_many_presses_at_once_one_counts(diary: Diary) -> None:
    ended, put_off = diary.add(), diary.add()
    seen = diary.row(put_off).due_at
    told = at_once([lambda: diary.end(ended)] * 4 + [lambda: diary.snooze(put_off, seen=seen, days=1)] * 4)
    assert [error is None for error in told[:4]].count(True) == 1
    assert [error is None for error in told[4:]].count(True) == 1
    assert diary.acts(ended) == ["added", "done"]
    assert diary.acts(put_off) == ["added", "snoozed"]


def test_put_off_it_is_told_again_at_the_new_time(diary: Diary, clock: Clock) -> None:
    task = diary.add()
    clock.move(hours=1)
    assert diary.tell() == 1
    diary.snooze(task, seen=diary.row(task).due_at, hours=1)
    assert diary.tell() == 0
    clock.move(hours=1)
    assert diary.tell() == 1
    with diary.database.read() as work:
        keys = list(work.connection.exec_driver_sql("SELECT key FROM outbox ORDER BY id").scalars())
    assert keys == [f"task:{task}:2026-03-02T02:30:00+00:00", f"task:{task}:2026-03-02T03:30:00+00:00"]


def test_on_a_clock_set_back_it_is_still_told_again(diary: Diary, clock: Clock) -> None:
    task = diary.add(hours=1)
    clock.move(hours=1)
    assert diary.tell() == 1
    clock.move(hours=-1)
    assert diary.tell() == 0
    diary.snooze(task, seen=diary.row(task).due_at, hours=1)  # to the very time it was told at
    clock.move(hours=1, seconds=1)
    assert diary.tell() == 1
    with diary.database.read() as work:
        assert work.connection.exec_driver_sql("SELECT count(*) FROM outbox").scalar() == 2


def test_what_cannot_be_a_reminder(diary: Diary) -> None:
    with pytest.raises(Invalid, match="past"):
        diary.add(hours=-1)
    with pytest.raises(Invalid, match="past"):
        diary.snooze(task := diary.add(), seen=diary.row(task).due_at, hours=-1)
    for text in ("  ", "x" * (LONGEST_TEXT + 1)):
        with pytest.raises(Invalid, match="at most"):
            diary.add(text)
    with pytest.raises(Invalid):
        diary.add(about=("person", 1))


def test_about_what_one_may_see(database: Database, make_person: MakePerson) -> None:
    sales = Sales(database, make_person)
    deal = sales.open()
    mine, others = Diary(database, sales.rep), Diary(database, sales.colleague)
    for about in (("customer", sales.customer), ("deal", deal)):
        assert mine.row(mine.add(about=about)).about_id == about[1]
        with pytest.raises(NotFound):
            others.add(about=about)


def test_the_next_one_once(diary: Diary) -> None:
    task = diary.add()
    with pytest.raises(Conflict):
        diary.go_on(task, days=3)
    diary.end(task, "called")
    nexts = at_once([lambda: diary.go_on(task, days=3)] * 3)
    assert [type(error) for error in nexts if error] == [Conflict, Conflict]
    assert diary.acts(task) == ["added", "called", "continued"]
    assert diary.row(task + 1).text == "call Hans"


def test_today_ends_at_the_readers_midnight(diary: Diary, clock: Clock) -> None:
    diary.add("tonight", hours=14)  # 23:30 in Shanghai
    diary.add("tomorrow", hours=15)
    over = diary.add("over", hours=1)
    diary.end(over)
    assert diary.today() == ["tonight"]
    clock.move(hours=15)
    diary.tell()
    assert diary.today() == ["tonight", "tomorrow"]
