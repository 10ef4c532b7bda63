"""Products out of a file: one per SKU, prices in one currency, categories by name."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from crm.core.database import Database
from crm.core.errors import Invalid
from crm.sales.catalogue.categories import add_category, list_categories
from crm.sales.catalogue.products import Product
from tests.crm.exchange.importing import counts, plan, reasons, run

LAMP = "ProductID,ProductName,UnitPrice,UnitsInStock,Discontinued\n7,Lamp,18.0,39,0\n"


def rows(database: Database) -> list[Any]:
    with database.read() as work:
        return list(work.connection.execute(select(Product.__table__).order_by(Product.id)))


def test_new_then_the_same_then_changed(database: Database) -> None:
    assert counts(plan(database, "products", LAMP)) == {"new": 1}
    assert rows(database) == []
    assert counts(run(database, "products", LAMP)) == {"new": 1}
    assert counts(run(database, "products", LAMP)) == {"same": 1}
    assert counts(run(database, "products", "sku\tdiscontinued\tstock\n7\tyes\t１２\n")) == {"changed": 1}
    [row] = rows(database)
    assert (row.sku, row.name, row.currency, row.list_price, row.unit) == ("7", "Lamp", "CNY", Decimal(18), "pcs")
    assert (row.stock, row.is_discontinued, row.floor_price, row.cost) == (Decimal(12), True, None, None)


def test_chinese_headers_and_every_column(database: Database) -> None:
    text = (
        "货号,品名,英文名称,产品类别,单位,币种,单价(元),底价,成本,库存,交期（天）,停产\n"
        'L-1,平板灯,LED panel,照明灯具,套,人民币,"1,200.50",￥1100,900,2000,15,否\n'
    )
    with database.write() as work:
        add_category(work, name="Lighting", name_zh="照明灯具")
    done = run(database, "products", text)
    assert (counts(done), list(done.unread)) == ({"new": 1}, [])
    [row] = rows(database)
    assert (row.sku, row.name, row.name_zh, row.category, row.unit) == ("L-1", "LED panel", "平板灯", "Lighting", "套")
    prices = (Decimal("1200.5"), Decimal(1100), Decimal(900))
    assert (row.currency, (row.list_price, row.floor_price, row.cost)) == ("CNY", prices)
    assert (row.stock, row.lead_time_days, row.is_discontinued) == (Decimal(2000), 15, False)


def test_the_currency_is_the_cells_the_columns_the_given_the_known_or_the_base(database: Database) -> None:
    text = "sku,name,price,currency\nA,A,USD 5,\nB,B,5,EUR\nC,C,5,\n"
    assert counts(run(database, "products", text, currency="GBP")) == {"new": 3}
    assert [row.currency for row in rows(database)] == ["USD", "EUR", "GBP"]
    assert counts(run(database, "products", "sku,price\nA,6\nC,5\n")) == {"changed": 1, "same": 1}
    assert [row.currency for row in rows(database)] == ["USD", "EUR", "GBP"]
    with pytest.raises(Invalid):
        run(database, "products", text, currency="XXX")


def test_prices_in_several_currencies_are_faulty_also_across_two_files(database: Database) -> None:
    done = run(database, "products", "sku,name,price,floor,currency\nA,A,$5,€4,\nB,B,€5,,USD\nC,C,5,4,USD\n")
    assert reasons(done) == dict.fromkeys((2, 3), "the prices are in several currencies")
    half = run(database, "products", "sku,price,currency\nC,5,EUR\n")
    assert reasons(half) == {2: "the prices change from {old} to {new}, but not all are told"}
    assert counts(run(database, "products", "sku,price,floor,currency\nC,5,4,EUR\n")) == {"changed": 1}


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("price", "-1"),
        ("price", "NaN"),
        ("price", "1e400"),
        ("price", "99999999999"),
        ("price", "cheap"),
        ("stock", "-3"),
        ("stock", "many"),
        ("lead time", "1.5"),
        ("lead time", "99999"),
        ("discontinued", "maybe"),
        ("cost", "Infinity"),
        ("unit", "x" * 21),
    ],
)
def test_what_is_no_number_is_faulty_and_hides_no_good_row(database: Database, header: str, cell: str) -> None:
    price = "" if header == "price" else ",price"
    text = f"sku,name,{header}{price}\nA,Lamp,{cell},1\n" if price else f"sku,name,price\nA,Lamp,{cell}\n"
    good = "A,Lamp,,2\n" if price else "A,Lamp,2\n"
    done = run(database, "products", text + good)
    assert counts(done) == {"new": 1, "faulty": 1}
    assert list(reasons(done)) == [2]


def test_a_row_twice_without_an_sku_or_without_what_a_new_product_needs(database: Database) -> None:
    done = run(database, "products", "sku,name,price\nA,Lamp,1\nA,Torch,2\n,Nail,1\nB,Hook,\nC,,1\n")
    assert counts(done) == {"new": 1, "duplicate": 1, "faulty": 3}
    assert reasons(done) == {
        3: "the same SKU as in line {line}",
        4: "no SKU",
        5: "a new product needs a name and a price",
        6: "a new product needs a name and a price",
    }


def test_a_category_is_known_by_either_name_made_when_new_and_left_out_when_a_number(database: Database) -> None:
    with database.write() as work:
        add_category(work, name="Lighting", name_zh="照明灯具")
    text = "sku,name,price,category\nA,A,1,LIGHTING\nB,B,1,Tents\nC,C,1,tents\nD,D,1,4\n"
    plan(database, "products", text)
    done = run(database, "products", text)
    assert [row.category for row in rows(database)] == ["Lighting", "Tents", "Tents", None]
    assert [len(row.remarks) for row in done.rows] == [0, 1, 0, 1]
    with database.read() as work:
        assert [category.name for category in list_categories(work)] == ["Lighting", "Tents"]
    assert counts(run(database, "products", text)) == {"same": 4}
