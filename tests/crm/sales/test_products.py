"""The catalogue: kept under its SKU, found by what one types, never shown with its cost where one chooses."""

from decimal import Decimal

import pytest
from sqlalchemy import event

from crm.core.database import Database
from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.history import SYSTEM, history_of
from crm.sales.catalogue.products import (
    ProductDetails,
    checked_product,
    discontinue_product,
    find_products,
    get_product,
    get_products,
    products_meant,
    products_named,
    save_product,
)

PANEL = ProductDetails(
    sku="LP-600",
    name="LED panel 60x60",
    name_zh="平板灯",
    currency="USD",
    list_price=Decimal("18.5"),
    floor_price=Decimal(15),
    cost=Decimal("11.123456789"),
    stock=Decimal(40),
)


def product(sku: str, name: str, **more: object) -> ProductDetails:
    return ProductDetails(**{"sku": sku, "name": name, "currency": "USD", "list_price": Decimal(1), **more})


def save(database: Database, *products: ProductDetails) -> list[tuple[int, str]]:
    with database.write() as work:
        return [save_product(work, actor=SYSTEM, details=details) for details in products]


def test_a_product_is_new_once_then_the_same_then_changed(database: Database) -> None:
    [(product_id, first)] = save(database, PANEL)
    again = save(database, PANEL)
    dearer = save(database, product("LP-600", "LED panel 60x60", list_price=Decimal(20)))
    assert (first, again, dearer) == ("new", [(product_id, "same")], [(product_id, "changed")])
    with database.read() as work:
        row = get_product(work, product_id=product_id)
        acts = [
            (entry.act, entry.changes.get("list_price")) for entry in history_of(work, entity="product", entity_id=1)
        ]
    assert (row.list_price, row.cost, row.stock) == (Decimal(20), None, Decimal(0))
    assert acts == [
        ("added", [None, {"$number": "18.50000000"}]),
        ("changed", [{"$number": "18.50000000"}, {"$number": "20.00000000"}]),
    ]


def test_prices_are_kept_with_eight_decimals_and_cost_is_not_among_what_one_chooses_from(database: Database) -> None:
    [(product_id, _)] = save(database, PANEL)
    with database.read() as work:
        assert get_product(work, product_id=product_id).cost == Decimal("11.12345679")
        [row], _ = find_products(work, query="panel")
    assert "cost" not in row._fields
    assert row.name == "LED panel 60x60"


@pytest.mark.parametrize("query", ["lp-600", "LP 600", "panel", "60x60 led", "平板", "pbd", "pingban", "ＬＥＤ"])
def test_a_product_is_found_by_sku_name_chinese_name_and_pinyin(database: Database, query: str) -> None:
    save(database, PANEL, product("T-1", "Torch"))
    with database.read() as work:
        rows, total = find_products(work, query=query)
    assert ([row.sku for row in rows], total) == (["LP-600"], 1)


@pytest.mark.parametrize("query", ["%", "_", "lp%600", "%%%", "panel q"])
def test_signs_of_the_search_language_are_no_wildcards(database: Database, query: str) -> None:
    save(database, PANEL, product("AB%C", "Hook"))
    with database.read() as work:
        rows, _ = find_products(work, query=query)
    assert {row.sku for row in rows} <= ({"LP-600"} if query == "lp%600" else set())


def test_best_first_and_a_page_at_a_time(database: Database) -> None:
    names = ["Big lamp", "Lamp", "Lamp shade", "Clamp"]
    save(database, *(product(f"S{at}", name) for at, name in enumerate(names)))
    with database.read() as work:
        rows, total = find_products(work, query="lamp", most=3)
        rest, again = find_products(work, query="lamp", offset=3, most=3)
        everything, _ = find_products(work, query=" ")
    assert [row.name for row in [*rows, *rest]] == ["Lamp", "Lamp shade", "Big lamp", "Clamp"]
    assert (total, again) == (4, 4)
    assert [row.sku for row in everything] == ["S0", "S1", "S2", "S3"]


def test_a_discontinued_product_is_not_offered_but_still_there(database: Database) -> None:
    [(product_id, _)] = save(database, PANEL)
    with database.write() as work:
        discontinue_product(work, actor=SYSTEM, product_id=product_id)
    with database.write() as work:
        assert find_products(work, query="panel") == ([], 0)
        assert get_products(work, product_ids=[product_id, 99])[product_id].is_discontinued
        with pytest.raises(Conflict):
            discontinue_product(work, actor=SYSTEM, product_id=product_id)
        with pytest.raises(NotFound):
            discontinue_product(work, actor=SYSTEM, product_id=99)


@pytest.mark.parametrize(
    "wrong",
    [
        {"sku": " "},
        {"sku": "x" * 61},
        {"name": "???"},
        {"name": "x" * 201},
        {"currency": "ABC"},
        {"list_price": Decimal(-1)},
        {"list_price": Decimal("NaN")},
        {"list_price": Decimal("1e400")},
        {"cost": Decimal("Infinity")},
        {"stock": Decimal(10) ** 14},
        {"lead_time_days": -1},
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_sentence(wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        checked_product(product(**{"sku": "A", "name": "Lamp", **wrong}))


def test_the_highest_numbers_taken_fit_the_columns(database: Database) -> None:
    most = product("A", "Gold", list_price=Decimal("9999999999.999999999"), stock=Decimal("99999999999999.99999"))
    save(database, most)
    with database.read() as work:
        assert get_product(work, product_id=1).list_price == Decimal(10) ** 10


def test_a_search_takes_two_statements_whatever_there_is(sqlite: Database) -> None:
    save(sqlite, *(product(f"S{at}", f"Lamp {at}") for at in range(30)))
    seen: list[str] = []
    event.listen(sqlite.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    with sqlite.read() as work:
        find_products(work, query="lamp", most=20)
    assert len([statement for statement in seen if statement != "BEGIN"]) == 2


def test_products_are_named_by_sku_or_name_all_at_once(database: Database) -> None:
    told = (("LED-1", "Panel"), ("LED-10", "Panel ten"), ("A", "Twin"), ("B", "Twin"), ("Panel", "C"))
    saved = save(
        database, *(product(sku, name, name_zh=f"面板{sku}") for sku, name in told), product("X", "No Chinese")
    )
    led, ten, _, other, panel, _ = (number for number, _ in saved)
    with database.read() as work:
        named = products_named(work, names=["led-1", "LED-10", "panel TEN", "面板B", "twin", "Panel", "LED", ""])
    # What two are called is nobody's, and a SKU comes before a name.
    assert named == {"led-1": led, "LED-10": ten, "panel TEN": ten, "面板B": other, "Panel": panel}


def test_a_discontinued_product_is_not_named(database: Database) -> None:
    ((number, _),) = save(database, PANEL)
    with database.write() as work:
        assert products_named(work, names=["lp-600"]) == {"lp-600": number}
        discontinue_product(work, actor=SYSTEM, product_id=number)
        assert products_named(work, names=["lp-600"]) == {}


@pytest.mark.parametrize("query", ["lp 600", "led", "平板", "pbd", "60x60 panel", "%", "tea", "panel ten"])
def test_what_is_meant_is_what_a_search_finds_alone(database: Database, query: str) -> None:
    save(database, PANEL, product("LED-1", "Panel"), product("LED-10", "Panel ten"))
    with database.read() as work:
        rows, total = find_products(work, query=query)
        expected = {query: rows[0].id} if total == 1 else {}
        assert products_meant(work, names=[query]) == expected
