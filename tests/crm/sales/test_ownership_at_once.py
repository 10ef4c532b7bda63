"""Who owns what, decided by several at once: on PostgreSQL, with the other act made right before one statement."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import select

from crm.core.database import Database
from crm.core.errors import Conflict, Forbidden, Invalid
from crm.core.events import Events
from crm.people.people import Member
from crm.sales.customers.customers import Customer
from crm.sales.deals.moves import move_deal
from crm.sales.deals.pipeline_totals import keep_pipeline, totals_differ
from tests.between import Between
from tests.conftest import Clock, MakeLead, MakePerson
from tests.crm.orders.trading import Trade
from tests.crm.sales.test_handing_over import Books
from tests.crm.sales.test_merging import Two


@pytest.fixture
def database(postgres_url: str, open_database: Any) -> Database:
    events = Events()
    keep_pipeline(events)
    return open_database(postgres_url, events=events)  # type: ignore[no-any-return]


@contextmanager
def beside(database: Database, what: str, act: Callable[[], None]) -> Iterator[None]:
    """`act` begins in a thread of its own right before our first statement that begins with `what`. It waits for our
    commit, or would be through by the time we go on.
    """
    elsewhere = Thread(target=act)

    def meanwhile() -> None:
        elsewhere.start()
        elsewhere.join(0.5)

    with Between(database.engine, what, meanwhile):
        yield
    elsewhere.join()


@pytest.fixture
def books(database: Database, make_person: MakePerson, make_lead: MakeLead, clock: Clock) -> Books:
    return Books(Trade(database, partial(make_person, at=database)), make_person, make_lead, clock)


def test_a_deal_lost_beside_its_hand_over_leaves_the_totals_right(books: Books) -> None:
    def lose() -> None:
        told: dict[str, Any] = {"to_stage": "lost", "reason": "price", "from_stage": "initial"}
        with suppress(Conflict), books.trade.database.write() as work:
            move_deal(work, actor=books.zhao, platform="test", deal_id=books.deal, **told)

    books.clock.move(seconds=1)
    with beside(books.trade.database, "UPDATE deals SET", lose):
        books.give()
    with books.trade.database.read() as work:
        assert not totals_differ(work)


def test_a_book_is_given_once(books: Books, make_person: MakePerson) -> None:
    third: Member = make_person("Qian", team="North", at=books.trade.database)
    elsewhere = partial(books.give, to=third)
    with (
        pytest.raises((Conflict, Invalid)),
        Between(books.trade.database.engine, "SELECT customers.id, customers.name", elsewhere),
    ):
        books.give()
    with books.trade.database.read() as work:
        owners = set(work.connection.execute(select(Customer.owner_id).where(Customer.id == books.ernst)).scalars())
    assert owners == {third.id}


def test_two_merges_crosswise_leave_one_customer(database: Database, make_person: MakePerson, clock: Clock) -> None:
    two = Two(Trade(database, partial(make_person, at=database)), clock)
    refused: list[str] = []

    def crosswise() -> None:
        try:
            two.merge(kept=two.double, merged=two.kept)
        except Forbidden as error:
            refused.append(str(error))

    with beside(database, "UPDATE customers SET", crosswise):
        two.merge()
    assert len(refused) == 1
    with database.read() as work:
        rows = work.connection.execute(
            select(Customer.id, Customer.status).where(Customer.id.in_([two.kept, two.double]))
        ).all()
    assert sorted(row.status for row in rows) == ["active", "merged"]
