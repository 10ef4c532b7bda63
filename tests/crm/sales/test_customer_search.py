"""Finding a customer by what one types: part of the name, pinyin, a contact, a number; best first."""

from collections.abc import Callable

import pytest
from sqlalchemy import event

from crm.core.database import Database
from crm.people.people import Member
from crm.sales.customers.customers import CustomerDetails, create_customer, find_customers, same_customers

Make = Callable[..., Member]


@pytest.fixture
def rep(make_person: Make) -> Member:
    return make_person("Rep")


def add(database: Database, actor: Member, *customers: CustomerDetails | str) -> None:
    with database.write() as work:
        for one in customers:
            details = CustomerDetails(name=one) if isinstance(one, str) else one
            create_customer(work, actor=actor, platform="test", details=details)


def names(database: Database, viewer: Member, query: str, **page: int) -> list[str]:
    with database.read() as work:
        return [row.name for row in find_customers(work, viewer=viewer, query=query, **page)[0]]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("ernst", "Ernst Handel"),
        ("HANDEL ernst", "Ernst Handel"),
        ("ernsthandel", "Ernst Handel"),
        ("wtmy", "万通贸易"),
        ("wantong", "万通贸易"),
        ("贸易", "万通贸易"),
        ("muller", "Müller GmbH"),
        ("mendel", "Ernst Handel"),
        ("wxm", "万通贸易"),
        ("Roland@Ernst.example.at", "Ernst Handel"),
        ("+43 316 123456", "Ernst Handel"),
        ("0043316123456", "Ernst Handel"),
        ("0316 123456", "Ernst Handel"),
        ("13812345678", "万通贸易"),
    ],
)
def test_a_customer_is_found_by(database: Database, rep: Member, query: str, name: str) -> None:
    roland = {"contact": "Roland Mendel", "phone": "+43316123456", "email": "roland@ernst.example.at"}
    add(
        database,
        rep,
        CustomerDetails(name="Ernst Handel", **roland),
        CustomerDetails(name="万通贸易", contact="王小明", whatsapp="+8613812345678"),
        "Müller GmbH",
    )
    assert names(database, rep, query) == [name]


@pytest.mark.parametrize(
    "query",
    [
        "%",
        "_",
        "ernst%",
        "e_nst",
        "ern\\st",
        "'; --",
        "roland@ernst",
        "316123",
        "+4331612345",
        "+316123456",
        "xyz",
        "…",
    ],
)
def test_what_does_not_fit_is_not_found_and_signs_are_no_wildcards(database: Database, rep: Member, query: str) -> None:
    roland = {"contact": "Mendel", "phone": "+43316123456", "email": "roland@ernst.example.at"}
    add(database, rep, CustomerDetails(name="Handel", **roland), "Lyon, e. K.")
    assert names(database, rep, query) == []


def test_the_name_itself_is_first_then_its_beginning_then_its_words_then_the_rest(
    database: Database, rep: Member
) -> None:
    by_contact = CustomerDetails(name="Zebra", contact="Ernst Meier")
    add(database, rep, by_contact, "Kernstein", "Handel Ernst", "Ernst Handel", "Ernst")
    best = ["Ernst", "Ernst Handel", "Handel Ernst", "Zebra", "Kernstein"]
    assert names(database, rep, "ernst") == best
    assert names(database, rep, "ernst", offset=2, most=2) == best[2:4]


def test_a_page_tells_how_many_there_are_in_all_also_beyond_the_last(database: Database, rep: Member) -> None:
    add(database, rep, *(f"Lamp {number}" for number in range(5)))
    with database.read() as work:
        assert find_customers(work, viewer=rep, query="lamp", most=2)[1] == 5
        assert find_customers(work, viewer=rep, query="lamp", offset=50) == ([], 5)
        assert find_customers(work, viewer=rep, query="", most=2)[1] == 5


def test_ones_own_come_before_the_pool(database: Database, rep: Member, make_person: Make) -> None:
    from crm.people.people import Role

    add(database, make_person("Admin", Role.ADMIN), "Abel", "Lamp A")
    add(database, rep, "Zoe", "Lamp Z")
    assert names(database, rep, "") == ["Lamp Z", "Zoe", "Abel", "Lamp A"]
    assert names(database, rep, "lamp") == ["Lamp Z", "Lamp A"]


def test_the_same_customer_is_known_by_name_phone_or_mail(database: Database, rep: Member) -> None:
    add(database, rep, CustomerDetails(name="Ernst Handel", phone="+43316123456", email="a@ernst.example.at"), "Ernst")
    for told in (
        {"name": "ＥＲＮＳＴ  handel"},
        {"name": "x", "phone": "+43316123456"},
        {"name": "x", "email": "a@ernst.example.at"},
    ):
        with database.read() as work:
            assert [row.name for row in same_customers(work, viewer=rep, **told)] == ["Ernst Handel"], told


def test_a_search_takes_two_statements_whatever_there_is(sqlite: Database, make_person: Make) -> None:
    rep = make_person("Rep", at=sqlite)
    add(sqlite, rep, *(CustomerDetails(name=f"Lamp {n}", contact=f"Li {n}") for n in range(40)))
    seen: list[str] = []
    event.listen(sqlite.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    for query in ("lamp", "li", ""):
        seen.clear()
        with sqlite.read() as work:
            find_customers(work, viewer=rep, query=query, most=30)
        assert len([statement for statement in seen if statement != "BEGIN"]) == 2, query
