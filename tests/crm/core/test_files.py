"""Files kept and put under records: once, whoever does the same at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import func, select

from crm.core import files
from crm.core.database import Database
from crm.core.files import StoredFile
from crm.core.history import Actor
from crm.people.people import Member
from crm.sales.customers import CustomerDetails, create_customer

Make = Callable[..., Member]
CONTENT = b"%PDF-1.4 the contract"


def send(database: Database, person: Member, content: bytes = CONTENT) -> int:
    with database.write() as work:
        file_id = files.keep_file(work, content=content, mime="application/pdf")
        told = {"file_id": file_id, "name": "contract.pdf", "person_id": person.id}
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
