"""Customers: whose they are, who may see, change, order and set credit, and their own prices."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from crm.core.database import Database
from crm.core.errors import Forbidden, Invalid, NotFound
from crm.core.history import SYSTEM, history_of
from crm.core.money import Money
from crm.people.people import Member, Role
from crm.sales.catalogue.products import ProductDetails, save_product
from crm.sales.customers.changes import change_customer, known_customers
from crm.sales.customers.contacts import contacts_of
from crm.sales.customers.customers import (
    Customer,
    CustomerDetails,
    checked_customer,
    create_customer,
    customer_price,
    find_customers,
    get_customer,
    same_customers,
    set_credit_limit,
    set_credit_rating,
    set_customer_price,
)
from crm.sales.customers.policy import can_change_customer, can_order_for, can_see_customer

ERNST = CustomerDetails(name="Ernst  Handel", contact="Roland Mendel", phone="+43316123456", country="AT")
Make = Callable[..., Member]


def create(database: Database, actor: Member, details: CustomerDetails = ERNST, **more: int) -> int:
    with database.write() as work:
        return create_customer(work, actor=actor, platform="test", details=details, **more)


def see(database: Database, viewer: Member, customer_id: int) -> object:
    with database.read() as work:
        return get_customer(work, viewer=viewer, customer_id=customer_id)


def put_in_pool(database: Database, customer_id: int) -> None:
    with database.write() as work:
        work.connection.execute(update(Customer).where(Customer.id == customer_id).values(owner_id=None))


@pytest.fixture
def office(make_person: Make) -> dict[str, Member]:
    people = {
        "sup": make_person("Sup", Role.SUPERVISOR, team="North"),
        "rep": make_person("Rep", Role.REP, team="North"),
        "mate": make_person("Mate", Role.REP, team="North"),
        "stranger": make_person("Stranger", Role.REP, team="South"),
        "other sup": make_person("Other sup", Role.SUPERVISOR, team="South"),
        "lone sup": make_person("Lone sup", Role.SUPERVISOR),
    }
    return people | {
        role.value: make_person(role.name, role) for role in Role if role not in {Role.REP, Role.SUPERVISOR}
    }


def test_a_new_customer_is_the_actors_with_its_contact_and_history(
    database: Database, office: dict[str, Member]
) -> None:
    customer_id = create(database, office["rep"])
    with database.read() as work:
        row = get_customer(work, viewer=office["rep"], customer_id=customer_id)
        [contact] = contacts_of(work, customer_ids=[customer_id])
        [entry] = history_of(work, entity="customer", entity_id=customer_id)
    assert (row.name, row.owner_name, row.grade, row.status, row.credit_limit) == (
        "Ernst Handel",
        "Rep",
        "C",
        "active",
        None,
    )
    assert (contact.name, contact.phone, contact.is_main) == ("Roland Mendel", "+43316123456", True)
    assert (entry.act, entry.person_id, entry.platform) == ("added", office["rep"].id, "test")


def test_who_adds_customers_and_for_whom(database: Database, office: dict[str, Member]) -> None:
    assert see(database, office["gm"], create(database, office["admin"])).owner_id is None
    given = create(database, office["sup"], owner_id=office["rep"].id)
    assert see(database, office["gm"], given).owner_name == "Rep"
    for actor, owner in (
        ("finance", None),
        ("production", None),
        ("rep", "mate"),
        ("other sup", "rep"),
        ("lone sup", "admin"),
    ):
        with pytest.raises(Forbidden):
            create(database, office[actor], owner_id=office[owner].id if owner else None)


SEES_OWNED = {"rep", "sup", "finance", "gm", "admin"}
SEES_POOL = {"rep", "mate", "stranger", "sup", "other sup", "lone sup", "finance", "gm", "admin"}


@pytest.mark.parametrize(("in_pool", "seeing"), [(False, SEES_OWNED), (True, SEES_POOL)])
def test_who_sees_and_finds_a_customer(
    database: Database, office: dict[str, Member], in_pool: bool, seeing: set[str]
) -> None:
    customer_id = create(database, office["rep"])
    if in_pool:
        put_in_pool(database, customer_id)
    row = see(database, office["gm"], customer_id)
    for who, member in office.items():
        allowed = who in seeing
        assert (can_see_customer(member, row) is True) is allowed, who
        with database.read() as work:
            for query in ("ernst", "", "mendel", "+43 316 123456"):
                assert (find_customers(work, viewer=member, query=query)[1] == 1) is allowed, (who, query)
            assert bool(same_customers(work, viewer=member, name="ERNST HANDEL")) is allowed, who
            if not allowed:
                with pytest.raises(NotFound):
                    get_customer(work, viewer=member, customer_id=customer_id)


def test_who_orders_for_a_customer_and_changes_it(database: Database, office: dict[str, Member]) -> None:
    customer_id = create(database, office["rep"])
    owned = see(database, office["gm"], customer_id)
    assert {who for who, member in office.items() if can_order_for(member, owned) is True} == {"rep", "sup"}
    assert {who for who, member in office.items() if can_change_customer(member, owned) is True} == {
        "rep",
        "sup",
        "admin",
    }
    put_in_pool(database, customer_id)
    pooled = see(database, office["gm"], customer_id)
    sales = {"rep", "mate", "stranger", "sup", "other sup", "lone sup"}
    assert {who for who, member in office.items() if can_order_for(member, pooled) is True} == sales


def test_a_merged_customer_is_not_found_nor_ordered_for_and_says_why(
    database: Database, office: dict[str, Member]
) -> None:
    kept, merged = create(database, office["rep"], CustomerDetails(name="Kept")), create(database, office["rep"])
    with database.write() as work:
        work.connection.execute(
            update(Customer).where(Customer.id == merged).values(status="merged", merged_into_id=kept)
        )
    row = see(database, office["rep"], merged)
    assert can_order_for(office["rep"], row) is not True
    with database.write() as work:
        assert find_customers(work, viewer=office["rep"], query="ernst") == ([], 0)
        assert same_customers(work, viewer=office["rep"], name="Ernst Handel") == []
        with pytest.raises(Forbidden, match="merged"):
            change_customer(work, actor=office["rep"], platform="test", customer_id=merged, details=ERNST)


def test_only_what_differs_is_changed_and_recorded(database: Database, office: dict[str, Member]) -> None:
    customer_id = create(database, office["rep"])

    def change(actor: str, details: CustomerDetails) -> str:
        with database.write() as work:
            return change_customer(work, actor=office[actor], platform="test", customer_id=customer_id, details=details)

    assert change("rep", replace(ERNST, contact=None, phone=None)) == "same"  # no contact told: it stays
    assert change("sup", replace(ERNST, contact="Georg Pipps", currency="EUR")) == "changed"
    with pytest.raises(NotFound):
        change("stranger", ERNST)
    with pytest.raises(Forbidden):
        change("finance", ERNST)
    with database.read() as work:
        [contact] = contacts_of(work, customer_ids=[customer_id])
        last = history_of(work, entity="customer", entity_id=customer_id)[-1]
        assert find_customers(work, viewer=office["rep"], query="pipps")[1] == 1
        assert find_customers(work, viewer=office["rep"], query="mendel")[1] == 0
    assert (contact.name, contact.phone) == ("Georg Pipps", "+43316123456")
    assert last.changes == {"contact": ["Roland Mendel", "Georg Pipps"], "currency": [None, "EUR"]}


def test_credit_is_set_by_finance_alone(database: Database, office: dict[str, Member]) -> None:
    customer_id = create(database, office["rep"])

    def limit(actor: str, amount: Decimal | None) -> None:
        with database.write() as work:
            set_credit_limit(work, actor=office[actor], platform="test", customer_id=customer_id, limit=amount)

    limit("finance", Decimal("300000.00"))
    limit("finance", Decimal(300000))
    for actor in ("rep", "sup", "gm", "admin"):
        with pytest.raises(Forbidden):
            limit(actor, Decimal(1))
    for amount in (Decimal(-1), Decimal("NaN"), Decimal("1e400"), Decimal("Infinity")):
        with pytest.raises(Invalid):
            limit("finance", amount)
    assert see(database, office["rep"], customer_id).credit_limit == Decimal(300000)
    limit("finance", None)
    with database.write() as work:
        set_credit_rating(work, actor=office["finance"], platform="test", customer_id=customer_id, rating="AA")
        with pytest.raises(Invalid):
            set_credit_rating(work, actor=office["finance"], platform="test", customer_id=customer_id, rating="Z")
        entries = history_of(work, entity="customer", entity_id=customer_id)
    assert [entry.changes for entry in entries[1:]] == [
        {"credit_limit": [None, {"$number": "300000.00"}]},
        {"credit_limit": [{"$number": "300000.0000"}, None]},
        {"credit_rating": [None, "AA"]},
    ]


def test_a_customers_own_price(database: Database, office: dict[str, Member]) -> None:
    customer_id = create(database, office["rep"])
    lamp = ProductDetails(sku="A", name="Lamp", currency="USD", list_price=Decimal(20))
    with database.write() as work:
        product_id, _ = save_product(work, actor=SYSTEM, details=lamp)
        assert customer_price(work, customer_id=customer_id, product_id=product_id) is None
    for amount in ("18.5", "17.25"):
        with database.write() as work:
            set_customer_price(
                work,
                actor=office["sup"],
                platform="test",
                customer_id=customer_id,
                product_id=product_id,
                price=Money(Decimal(amount), "USD"),
            )
    with database.write() as work:
        assert customer_price(work, customer_id=customer_id, product_id=product_id) == (Decimal("17.25"), "USD")
        for actor, wrong, error in (("rep", "1", Forbidden), ("sup", "0", Invalid), ("sup", "NaN", Invalid)):
            with pytest.raises(error):
                set_customer_price(
                    work,
                    actor=office[actor],
                    platform="test",
                    customer_id=customer_id,
                    product_id=product_id,
                    price=Money(Decimal(wrong), "USD"),
                )


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "…"},
        {"name": "x" * 201},
        {"contact": "x" * 201},
        {"country": "XX"},
        {"currency": "XXX"},
        {"source": "heaven"},
        {"wechat": "x" * 101},
    ],
)
def test_what_cannot_be_kept_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        checked_customer(replace(ERNST, **wrong))


def test_the_normal_form_is_stable_and_a_number_without_a_name_is_the_companys() -> None:
    details = checked_customer(CustomerDetails(name=" A  B ", email="a@b.de", tags=["x", " x ", "", "y"], notes=" \n"))
    assert (details.name, details.contact, details.tags, details.notes) == ("A B", "A B", ["x", "y"], None)
    assert checked_customer(details) == details


def test_a_long_name_of_wide_signs_is_kept(database: Database, office: dict[str, Member]) -> None:
    name = "㍿" * 200  # each is four characters in the compared form
    customer_id = create(database, office["rep"], CustomerDetails(name=name))
    with database.read() as work:
        assert [known.id for known in known_customers(work, names=[name])] == [customer_id]
        assert work.connection.execute(select(Customer.name)).scalar_one() == name
