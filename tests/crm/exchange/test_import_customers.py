"""Customers out of a file: each once, brought up to date, in the pool without an owner; all or nothing."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import func, select, update

from crm.core.database import Database
from crm.core.errors import Invalid
from crm.core.history import history_of
from crm.core.text import Text
from crm.exchange import customers as customer_rows
from crm.people.people import Member, Role
from crm.sales.customers.contacts import Contact, contacts_of
from crm.sales.customers.customers import Customer, CustomerDetails, create_customer
from tests.crm.exchange.importing import counts, plan, reasons, run

Make = Callable[..., Member]
TWO = """CustomerID,CompanyName,ContactName,Country
ERNSH,Ernst Handel,Roland Mendel,Austria
BLAUS,Blauer See,Hanna Moos,Germany
"""


def rows(database: Database) -> list[tuple[str, str | None, int | None]]:
    with database.read() as work:
        found = work.connection.execute(
            select(Customer.name, Customer.country, Customer.owner_id).order_by(Customer.id)
        )
        return [tuple(row) for row in found]


def test_a_dry_run_writes_nothing_then_all_are_new_then_all_the_same(database: Database) -> None:
    assert counts(plan(database, "customers", TWO)) == {"new": 2}
    assert rows(database) == []
    assert counts(run(database, "customers", TWO)) == {"new": 2}
    assert counts(run(database, "customers", TWO)) == {"same": 2}
    assert rows(database) == [("Ernst Handel", "AT", None), ("Blauer See", "DE", None)]
    with database.read() as work:
        [contact] = contacts_of(work, customer_ids=[1])
        [entry] = history_of(work, entity="customer", entity_id=1)
    assert (contact.name, contact.is_main) == ("Roland Mendel", True)
    assert (entry.platform, entry.person_id) == ("cli", None)


def test_what_changed_is_changed_and_what_a_file_does_not_tell_stays(database: Database) -> None:
    run(database, "customers", TWO)
    again = "客户编号;公司名称;联系人;电话;备注\nERNSH;Ernst Handel KG;;+43 316 123456;pays late\nBLAUS;Blauer See;;;\n"
    assert counts(run(database, "customers", again)) == {"changed": 1, "same": 1}
    assert rows(database)[0] == ("Ernst Handel KG", "AT", None)
    with database.read() as work:
        [contact] = contacts_of(work, customer_ids=[1])
        changes = history_of(work, entity="customer", entity_id=1)[-1].changes
    assert (contact.name, contact.phone) == ("Roland Mendel", "+43316123456")
    assert set(changes) == {"name", "phone", "notes"}


def test_without_a_number_the_name_is_the_key(database: Database, make_person: Make) -> None:
    text = "公司,国家\n万通贸易,中国\nErnst Handel,\n ERNST  handel,德国\n"
    done = run(database, "customers", text)
    assert counts(done) == {"new": 2, "duplicate": 1}
    assert reasons(done) == {4: "the same company as in line {line}"}
    assert counts(run(database, "customers", text)) == {"same": 2, "duplicate": 1}


def test_a_customer_added_by_hand_is_taken_up_not_doubled(database: Database, make_person: Make) -> None:
    rep = make_person("Li Wei")
    with database.write() as work:
        create_customer(work, actor=rep, platform="test", details=CustomerDetails(name="ernst handel", currency="EUR"))
    assert counts(run(database, "customers", TWO)) == {"new": 1, "changed": 1}
    assert counts(run(database, "customers", TWO)) == {"same": 2}
    assert rows(database)[0] == ("Ernst Handel", "AT", rep.id)


def test_numbers_tell_companies_of_one_name_apart_and_a_name_alone_does_not(database: Database) -> None:
    branches = "id,name\n1,Star Shop\n2,Star Shop\n2,Star Shop Two\n"
    done = run(database, "customers", branches)
    assert (counts(done), reasons(done)) == (
        {"new": 2, "duplicate": 1},
        {4: "the same customer number as in line {line}"},
    )
    assert counts(run(database, "customers", branches)) == {"same": 2, "duplicate": 1}
    assert reasons(run(database, "customers", "name,country\nStar Shop,DE\n")) == {
        2: "{n} customers are called so; a customer number would tell which"
    }


def test_a_company_with_another_number_is_another_and_only_one_row_takes_up_what_was_added_by_hand(
    database: Database, make_person: Make
) -> None:
    rep = make_person("Li Wei")
    with database.write() as work:
        create_customer(work, actor=rep, platform="test", details=CustomerDetails(name="Star Shop"))
    assert counts(run(database, "customers", "id,name\n1,Star Shop\n2,Star Shop\n")) == {"new": 1, "changed": 1}
    assert counts(run(database, "customers", "id,name\n3,Star Shop\n")) == {"new": 1}
    assert len(rows(database)) == 3


def test_a_merged_customer_is_not_brought_back(database: Database) -> None:
    run(database, "customers", TWO)
    with database.write() as work:
        work.connection.execute(update(Customer).where(Customer.id == 1).values(status="merged", merged_into_id=2))
    assert counts(run(database, "customers", TWO)) == {"same": 1, "duplicate": 1}
    assert len(rows(database)) == 2


def test_an_owner_is_found_by_name_in_sales_only(database: Database, make_person: Make) -> None:
    rep, _ = make_person("Li Wei"), make_person("Fin", Role.FINANCE)
    text = "name,owner\nA1,li wei\nB1,\nC1,Fin\nD1,Nobody\n"
    done = run(database, "customers", text)
    assert reasons(done) == dict.fromkeys((4, 5), "nobody in sales is called {name}")
    assert rows(database) == [("A1", None, rep.id), ("B1", None, None)]
    assert counts(run(database, "customers", "name,owner\nB1,Li Wei\nA1,\n")) == {"changed": 1, "same": 1}
    assert [owner for _, _, owner in rows(database)] == [rep.id, rep.id]


@pytest.mark.parametrize(
    ("header", "cell", "reason"),
    [
        ("country", "Atlantis", "no country or region is called {text}"),
        ("currency", "shells", "{text} is no currency"),
        ("email", "at home", "{text} is no e-mail address"),
        ("contact", "x" * 201, "{beginning}… is too long: at most {most} characters."),
    ],
)
def test_a_faulty_row_is_left_out_with_its_reason_and_hides_no_good_one(
    database: Database, header: str, cell: str, reason: str
) -> None:
    done = run(database, "customers", f"name,{header}\nA1,{cell}\nB1,\nA1,\n,x\nC1,,more\n")
    assert counts(done) == {"new": 2, "faulty": 3}
    assert reasons(done) == {2: reason, 5: "no company name", 6: "more cells than there are headers"}


def test_values_come_into_their_normal_form_and_odd_ones_are_remarked(database: Database) -> None:
    text = (
        "name,phone,country,currency,source,tags,email\n"
        "A1,0316 123456,奥地利,美元,广交会,a、b;a,Li@Example.com\n"
        "B1,12,Austria,usd,the moon,,\n"
    )
    done = run(database, "customers", text)
    assert [[remark.message for remark in row.remarks] for row in done.rows] == [
        [],
        [
            "{text} is no possible phone number, and kept as it is written",
            "{text} is none of the sources, and kept as Other",
        ],
    ]
    with database.read() as work:
        first, second = work.connection.execute(select(Customer.__table__).order_by(Customer.id)).all()
        contacts = contacts_of(work, customer_ids=[1, 2])
    assert (first.country, first.currency, first.source, first.tags) == ("AT", "USD", "exhibition", ["a", "b"])
    assert [(one.phone, one.email) for one in contacts] == [("+43316123456", "li@example.com"), ("12", None)]
    assert second.source == "other"
    assert counts(run(database, "customers", text)) == {"same": 2}


def test_a_file_without_companies_is_refused_by_naming_what_lacks(database: Database) -> None:
    with pytest.raises(Invalid) as refused:
        plan(database, "customers", "fish,fowl\n1,2\n")
    facts = refused.value.text.facts
    assert isinstance(facts["columns"][0], Text)
    assert (facts["columns"][0].message, facts["headers"]) == ("Company", "fish, fowl")


def test_all_or_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    saved: list[object] = []

    def break_down(*args: object, **named: object) -> None:
        saved.append(real(*args, **named))
        if len(saved) == 2:
            raise LookupError

    real = customer_rows.save_customer
    monkeypatch.setattr(customer_rows, "save_customer", break_down)
    with pytest.raises(LookupError):
        run(database, "customers", TWO)
    assert len(saved) == 2
    assert rows(database) == []


def test_two_imports_at_once_double_nothing(database: Database) -> None:
    text = "name,contact\n" + "".join(f"Company {n},Li {n}\n" for n in range(40))
    gate = threading.Barrier(2)
    done = []

    def go() -> None:
        gate.wait()
        done.append(counts(run(database, "customers", text)))

    threads = [threading.Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done, key=str) == [{"new": 40}, {"same": 40}]
    with database.read() as work:
        assert work.connection.execute(select(func.count()).select_from(Contact)).scalar_one() == 40


def test_more_rows_than_one_lookup_takes(sqlite: Database) -> None:
    text = "id,name\n" + "".join(f"N{n},Company {n}\n" for n in range(1_101))
    assert counts(run(sqlite, "customers", text)) == {"new": 1_101}
    assert counts(plan(sqlite, "customers", text)) == {"same": 1_101}
