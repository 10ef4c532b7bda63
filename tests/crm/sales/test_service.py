"""Service by grade: what falls due becomes the owner's reminder, once a period, and not where contact took place."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from crm.people.people import Person
from crm.sales.customers.communications import add_note
from crm.sales.customers.customers import Customer
from crm.sales.customers.grading import set_grade
from crm.sales.customers.service_by_grade import give_service_tasks, service_duties, warn_of_missed_visits
from crm.sales.reminders.setting import add_task
from crm.sales.tasks.tasks import Task, end_task
from tests.conftest import Clock, MakePerson
from tests.crm.orders.trading import Trade

CONTACT, VISIT, LOOK = "Get in touch again", "Visit or video call", "Quarterly look"


class Service:
    def __init__(self, trade: Trade, clock: Clock) -> None:
        self.trade, self.clock, self.ernst = trade, clock, trade.customer

    def grade(self, grade: str, customer: int | None = None) -> None:
        with self.trade.database.write() as work:
            one = update(Customer.table()).where(Customer.id == (customer or self.ernst))
            work.connection.execute(one.values(grade=grade))

    def pass_days(self, days: float) -> list[str]:
        """Let so many days go by, look once, and return the reminders written."""
        self.clock.move(days=days)
        return self.look()

    def contacts(self, days: float) -> list[str]:
        return [text for text in self.pass_days(days) if CONTACT in text]

    def look(self) -> list[str]:
        known = len(self.tasks())
        with self.trade.database.write() as work:
            count = give_service_tasks(work)
        written = self.tasks()[known:]
        assert len(written) == count
        return [task.text for task in written]

    def tasks(self) -> list[Any]:
        with self.trade.database.read() as work:
            return list(work.connection.execute(select(Task.table()).order_by(Task.id)).all())

    def note(self, kind: str) -> None:
        with self.trade.database.write() as work:
            told: dict[str, Any] = {"customer_id": self.ernst, "text": "…", "kind": kind}
            add_note(work, actor=self.trade.rep, platform="test", **told)

    def done(self) -> None:
        with self.trade.database.write() as work:
            end_task(work, actor=self.trade.rep, platform="test", task_id=self.tasks()[-1].id)

    def warn(self) -> int:
        with self.trade.database.write() as work:
            return warn_of_missed_visits(work)


@pytest.fixture
def service(database: Any, make_person: MakePerson, clock: Clock) -> Service:
    return Service(Trade(database, make_person), clock)


@pytest.mark.parametrize(("grade", "days"), [("A", 14), ("B", 30), ("C", 90)])
def test_before_a_contact_is_overdue_its_owner_gets_a_reminder_once(service: Service, grade: str, days: int) -> None:
    service.trade.rule("service.visit_day", "99")
    service.grade(grade)
    assert service.pass_days(days - 3 - 0.1) == []
    assert service.pass_days(0.2) == [f"{CONTACT} (grade {grade})"]
    assert service.contacts(5) == []
    task = service.tasks()[0]
    assert (task.person_id, task.about, task.about_id) == (service.trade.rep.id, "customer", service.ernst)
    assert task.due_at > task.created_at


def test_a_contact_or_a_plan_of_ones_own_makes_it_needless(service: Service) -> None:
    service.grade("B")
    service.clock.move(days=20)
    service.note("note")
    assert service.pass_days(7.1) == [f"{CONTACT} (grade B)"]
    service.note("call")
    service.done()
    assert service.contacts(26.8) == []
    with service.trade.database.write() as work:
        told: dict[str, Any] = {"text": "call", "due_at": work.now + timedelta(days=60)}
        add_task(work, actor=service.trade.rep, platform="test", about=("customer", service.ernst), **told)
    assert service.contacts(20) == []


def test_done_without_a_word_it_comes_again_only_after_the_period(service: Service) -> None:
    service.grade("B")
    assert service.pass_days(27.1) == [f"{CONTACT} (grade B)"]
    service.done()
    assert service.contacts(26) == []
    assert len(service.contacts(2)) == 1


def test_a_visit_each_month_for_a_key_customer(service: Service) -> None:
    service.grade("A")
    with service.trade.database.write() as work:
        work.connection.execute(update(Customer.table()).values(created_at=work.now - timedelta(days=60)))
    service.note("call")
    assert service.pass_days(11.2) == [f"{CONTACT} (grade A)"]  # 13 March
    service.done()
    service.note("call")
    assert service.pass_days(2) == [f"{VISIT} this month"]
    assert service.pass_days(2) == []
    service.done()
    service.note("meeting")
    service.clock.move(days=18)
    assert [text for text in service.pass_days(10) if VISIT in text] == []  # 14 April
    assert [text for text in service.pass_days(1) if VISIT in text] == [f"{VISIT} this month"]


def test_a_month_without_a_visit_is_the_supervisors_to_know_once(service: Service) -> None:
    service.grade("A")
    service.clock.move(days=20)
    assert service.warn() == 0  # in February it was not ours yet
    service.clock.move(days=20)
    with service.trade.database.write() as work:
        work.connection.execute(update(Customer.table()).values(created_at=work.now - timedelta(days=60)))
    assert service.warn() == 1
    assert service.warn() == 0
    assert sum("had no visit" in words for words in service.trade.told(service.trade.boss)) == 1
    assert service.trade.told(service.trade.rep) == []
    service.note("visit")
    service.clock.move(days=30)
    assert service.warn() == 0  # in April there was one


def test_a_quarterly_look_at_an_important_customer(service: Service) -> None:
    service.grade("B")
    service.note("call")
    assert service.look() == []  # it came in this quarter
    service.clock.move(days=31)  # 2 April
    service.note("call")
    assert [LOOK in text for text in service.look()] == [True]
    service.clock.move(days=60)
    service.note("call")
    assert [text for text in service.look() if LOOK in text] == []
    service.clock.move(days=31)
    service.note("call")
    assert [text for text in service.look() if LOOK in text] != []


def test_many_are_spread_over_working_days(service: Service) -> None:
    for number in range(20):
        service.trade.add_customer(f"Customer {number}")
    assert len(service.pass_days(88)) == 21  # Friday, 29 May
    days = [task.due_at.astimezone(service.trade.rep.zone).strftime("%a %d") for task in service.tasks()]
    assert {day: days.count(day) for day in days} == {"Mon 01": 8, "Tue 02": 8, "Wed 03": 5}
    assert {task.due_at.astimezone(service.trade.rep.zone).hour for task in service.tasks()} == {9}


@pytest.mark.parametrize("values", [{"status": "merged"}, {"owner_id": None}])
def test_of_others_there_is_nothing_to_do(service: Service, values: dict[str, Any]) -> None:
    with service.trade.database.write() as work:
        work.connection.execute(update(Customer.table()).values(grade="A", **values))
    assert service.pass_days(20) == []


def test_who_was_disabled_gets_none_and_others_in_their_language(service: Service) -> None:
    with service.trade.database.write() as work:
        work.connection.execute(update(Person.table()).values(language="zh_CN"))
    assert service.pass_days(88) == ["该联系了（C级客户）"]
    service.trade.add_customer("Other")
    service.trade.disable(service.trade.rep)
    service.clock.move(days=100)
    with service.trade.database.read() as work:
        assert service_duties(work) == []


def test_nobody_is_blamed_for_who_was_no_key_customer_then_and_who_is_found_later_is_told_of(service: Service) -> None:
    trade = service.trade
    others = [trade.add_customer(f"Other {number}") for number in range(2)]
    with trade.database.write() as work:
        work.connection.execute(update(Customer.table()).values(created_at=work.now - timedelta(days=60)))
    service.grade("A")
    service.clock.move(days=35)
    assert service.warn() == 1
    with trade.database.write() as work:
        told: dict[str, Any] = {"grade": "A", "reason": "a large contract"}
        set_grade(work, actor=trade.gm, platform="test", customer_id=others[0], **told)
    service.clock.move(minutes=10)
    assert service.warn() == 0  # it became one only now
    service.grade("A", others[1])
    service.clock.move(minutes=10)
    assert service.warn() == 1
    assert sum("had no visit" in words for words in trade.told(trade.boss)) == 2
