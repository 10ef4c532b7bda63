"""A known trading company's customers and products, as they are published: all of them, once."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from crm.core.database import Database
from crm.core.history import COMMAND_LINE
from crm.exchange.importing import Kind, run_import
from crm.people.people import Role
from crm.sales.catalogue.products import Product, find_products
from crm.sales.customers.customers import Customer, find_customers

DATA = Path(__file__).parents[4] / "shared" / "data" / "northwind"
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not DATA.is_dir(), reason="the Northwind tables are not here"),
]


@pytest.mark.parametrize(("kind", "model", "many"), [("customers", Customer, 91), ("products", Product, 77)])
def test_all_are_there_after_the_first_run_and_no_more_after_the_second(database: Database, kind, model, many):
    data = (DATA / f"{kind}.csv").read_bytes()
    for state in ("new", "same"):
        with database.write() as work:
            done = run_import(work, actor=COMMAND_LINE, kind=Kind(kind), data=data)
        assert {state: count for state, count in done.counts().items() if count} == {state: many}
        with database.read() as work:
            assert work.connection.execute(select(func.count()).select_from(model)).scalar_one() == many


def test_a_rep_finds_them_by_the_beginning_of_their_names(database, make_person):
    rep = make_person("Li", Role.REP)
    with database.write() as work:
        for kind in Kind:
            data = (DATA / f"{kind}.csv").read_bytes()
            run_import(work, actor=COMMAND_LINE, kind=kind, data=data, currency="USD")
    with database.read() as work:
        [ernst], _ = find_customers(work, viewer=rep, query="ernst")
        [konbu], _ = find_products(work, query="konbu")
        assert find_products(work, query="chang") == ([], 0)  # discontinued, says the file
    assert (ernst.name, ernst.country, ernst.owner_id, ernst.external_id) == ("Ernst Handel", "AT", None, "ERNSH")
    assert (konbu.name, konbu.list_price, konbu.currency, konbu.stock, konbu.sku) == ("Konbu", 6, "USD", 24, "13")
