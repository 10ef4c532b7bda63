"""Files kept and put under records: once, whoever does the same at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select

from crm.core import files
from crm.core.database import Database
from crm.core.files import StoredFile
from crm.core.history import Actor
from crm.people.people import Member
from crm.sales.customers.customers import CustomerDetails, create_customer
from tests.conftest import Clock

Make = Callable[..., Member]
CONTENT = b"%PDF-1.4 the contract"


def send(database: Database, person: Member, content: bytes = CONTENT, name: str = "contract.pdf") -> int:
    with database.write() as work:
        file_id = files.keep_file(work, content=content, mime="application/pdf")
        told = {"file_id": file_id, "name": name, "person_id": person.id}
        return files.attach(work, entity=files.UNATTACHED, entity_id=person.id, **told)


def contents(database: Database) -> int:
    with database.read() as work:
        return int(work.connection.execute(select(func.count()).select_from(StoredFile)).scalar_one())


def test_the_same_bytes_from_many_at_once_are_kept_once(database: Database, make_person: Make) -> None:
    people = [make_person() for _ in range(4)]
    together = Barrier(len(people))

    def at_once(person: Member) -> int:
        together.wait()
        return send(database, person)

    with ThreadPoolExecutor(len(people)) as threads:
        sent = list(threads.map(at_once, people))
    assert len(set(sent)) == len(people)
    assert contents(database) == 1


def test_a_file_goes_under_one_record_only(database: Database, make_person: Make) -> None:
    li = make_person("Li")
    with database.write() as work:
        customers = [
            create_customer(work, actor=li, platform="test", details=CustomerDetails(name=f"Customer {number}"))
            for number in range(4)
        ]
    number, together = send(database, li), Barrier(len(customers))

    def at_once(customer: int) -> bool:
        together.wait()
        with database.write() as work:
            told = {"entity": "customer", "entity_id": customer, "name": "contract.pdf"}
            return files.file_under(work, actor=Actor(li.id, "test"), attachment_id=number, **told)

    with ThreadPoolExecutor(len(customers)) as threads:
        put = list(threads.map(at_once, customers))
    assert sum(put) == 1
    with database.read() as work:
        counts = [files.count_attachments(work, entity="customer", entity_id=customer) for customer in customers]
    assert counts == [int(one) for one in put]


def test_what_is_dropped_is_gone_unless_it_lies_elsewhere(database: Database, make_person: Make) -> None:
    li, zhao = make_person("Li"), make_person("Zhao")
    mine, theirs = send(database, li), send(database, zhao)
    with database.write() as work:
        assert files.drop_file(work, person_id=zhao.id, attachment_id=mine) is None
        assert files.drop_file(work, person_id=li.id, attachment_id=mine).name == "contract.pdf"
        assert files.drop_file(work, person_id=li.id, attachment_id=mine) is None
    assert contents(database) == 1
    with database.write() as work:
        row = files.get_attachment(work, attachment_id=theirs)
        found = files.read_file(work, file_id=row.file_id, name=row.name)
        assert found is not None
        assert (found.name, found.mime, found.content) == ("contract.pdf", "application/pdf", CONTENT)
        files.drop_file(work, person_id=zhao.id, attachment_id=theirs)
        assert files.read_file(work, file_id=row.file_id, name=row.name) is None
    assert contents(database) == 0


@pytest.mark.parametrize("how", ["drop", "forget"])
def test_what_somebody_is_keeping_is_not_dropped_meanwhile(
    database: Database, make_person: Make, clock: Clock, how: str
) -> None:
    li, zhao = make_person("Li"), make_person("Zhao")
    known = send(database, li)
    clock.move(days=31)

    def drop() -> None:
        with database.write() as work:
            if how == "drop":
                files.drop_file(work, person_id=li.id, attachment_id=known)
            else:
                files.forget_unattached(work, older_than=timedelta(days=30))

    with ThreadPoolExecutor(1) as threads:
        with database.write() as work:
            file_id = files.keep_file(work, content=CONTENT, mime="application/pdf")
            other = threads.submit(drop)
            wait([other], timeout=0.5)  # it is through, where nothing holds it
            told = {"file_id": file_id, "name": "contract.pdf", "person_id": zhao.id}
            number = files.attach(work, entity=files.UNATTACHED, entity_id=zhao.id, **told)
        other.result(timeout=10)
    with database.read() as work:
        row = files.get_attachment(work, attachment_id=number)
        found = files.read_file(work, file_id=row.file_id, name=row.name)
        assert found is not None
        assert found.content == CONTENT
        assert files.get_attachment(work, attachment_id=known) is None


def test_two_who_drop_the_same_bytes_leave_none(database: Database, make_person: Make) -> None:
    people = [make_person() for _ in range(2)]
    sent = [send(database, person) for person in people]
    together = Barrier(2)

    def drop(place: int) -> None:
        together.wait()
        with database.write() as work:
            files.drop_file(work, person_id=people[place].id, attachment_id=sent[place])

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(drop, range(2)))
    assert contents(database) == 0


def test_a_file_is_taken_off_once(database: Database, make_person: Make) -> None:
    li, zhao = make_person("Li"), make_person("Zhao")
    actor, number = Actor(li.id, "test"), send(database, li)
    with database.write() as work:
        customer = create_customer(work, actor=li, platform="test", details=CustomerDetails(name="Wolza"))
        told = {"entity": "customer", "entity_id": customer, "name": "contract.pdf"}
        assert files.file_under(work, actor=actor, attachment_id=number, **told)
        assert files.take_off(work, actor=Actor(zhao.id, "test"), attachment_id=number) is None

    def at_once() -> object:
        with database.write() as work:
            return files.take_off(work, actor=actor, attachment_id=number)

    with ThreadPoolExecutor(1) as threads:
        with database.write() as work:
            assert files.take_off(work, actor=actor, attachment_id=number).name == "contract.pdf"
            other = threads.submit(at_once)
            wait([other], timeout=0.5)  # it has looked, and sees the file where it was
        assert other.result(timeout=10) is None


def test_a_name_has_no_control_characters(database: Database, make_person: Make) -> None:
    li = make_person("Li")
    number = send(database, li, name="a\r\nb\u2028c\x7f.pdf")
    with database.write() as work:
        assert files.get_attachment(work, attachment_id=number).name == "a__b_c_.pdf"
        customer = create_customer(work, actor=li, platform="test", details=CustomerDetails(name="Wolza"))
        told = {"entity": "customer", "entity_id": customer, "name": "x\ty.pdf"}
        files.file_under(work, actor=Actor(li.id, "test"), attachment_id=number, **told)
        assert files.get_attachment(work, attachment_id=number).name == "x_y.pdf"
