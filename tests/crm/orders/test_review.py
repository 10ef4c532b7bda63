"""The form's check of itself: what it finds, what it refuses, and who gets to see what."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm.core.errors import Forbidden, Invalid, NotFound
from crm.core.history import SYSTEM
from crm.core.money import Money
from crm.orders.orders import Order
from crm.orders.review import OrderReview
from crm.people.people import Role
from crm.sales.catalogue.products import discontinue_product
from crm.sales.customers.customers import set_customer_price
from crm.sales.deals.deals import DealDetails, open_deal
from tests.crm.orders.trading import TODAY, MakePerson, Trade


def _kinds(review: OrderReview) -> list[str]:
    return [finding.kind for finding in review.findings]


def test_nothing_to_find(trade: Trade) -> None:
    review = trade.review(trade.draft())
    assert review.findings == ()
    assert (review.total, review.base_total) == (Money(Decimal("2000.00"), "CNY"),) * 2
    assert review.path == (Role.SUPERVISOR, Role.FINANCE)
    assert review.customer_name == "Ernst Handel"


@pytest.mark.parametrize(
    ("price", "discount", "kinds"),
    [
        ("18", "0", []),
        ("17.99", "0", ["under_own_price", "under_list"]),
        ("20", "10", []),
        ("20", "10.01", ["under_own_price", "under_list"]),
        ("15", "0", ["under_own_price", "under_list"]),
        ("14.99999999", "0", ["under_own_price", "under_list", "under_floor"]),
        ("20", "25.0001", ["under_own_price", "under_list", "under_floor"]),
    ],
)
def test_the_price_against_the_customers_own_the_list_and_the_floor(
    trade: Trade, price: str, discount: str, kinds: list[str]
) -> None:
    product = trade.add_product("TEA", "Tea", price="18", cost="9", floor_price=Decimal(15))
    with trade.database.write() as work:
        own = Money(Decimal(18), "CNY")
        set_customer_price(
            work, actor=trade.boss, platform="test", customer_id=trade.customer, product_id=product, price=own
        )
    draft = trade.draft(trade.line("100", price, product=product, discount=Decimal(discount)))
    assert _kinds(trade.review(draft)) == kinds
    found = {f.kind: f.text.facts for f in trade.review(draft, trade.boss).findings}
    assert "percent" in found["under_list"] if "under_list" in kinds else True


def test_prices_of_another_currency_are_compared_at_the_days_rates(trade: Trade) -> None:
    trade.rate("USD", "8")
    trade.rate("EUR", "10")
    product = trade.add_product("TEA", "Tea", price="10", cost="5", currency="EUR", floor_price=Decimal(8))

    def kinds(price: str) -> list[str]:
        return _kinds(trade.review(trade.draft(trade.line("100", price, product=product), currency="USD")))

    assert kinds("12.5") == []  # USD 12.50 = CNY 100 = EUR 10
    assert kinds("12.49") == ["under_list"]
    assert kinds("10") == ["under_list"]
    assert kinds("9.99") == ["under_list", "under_floor"]


def test_without_a_rate_nothing_is_compared_and_the_margin_is_unknown(trade: Trade) -> None:
    product = trade.add_product("TEA", "Tea", price="10", cost="5", currency="CHF")
    review = trade.review(trade.draft(trade.line("100", "1", product=product)), trade.boss)
    assert (_kinds(review), review.margin) == (["no_rate", "margin_unknown"], None)


def test_an_order_without_a_rate_is_refused(trade: Trade) -> None:
    with pytest.raises(Invalid, match="exchange rate"):
        trade.submit(trade.draft(currency="CHF"))


def test_a_rate_of_the_future_is_no_rate(trade: Trade) -> None:
    trade.rate("USD", "8", TODAY + timedelta(days=1))
    with pytest.raises(Invalid, match="exchange rate"):
        trade.review(trade.draft(currency="USD"))
    trade.rate("USD", "7", TODAY)
    assert trade.review(trade.draft(currency="USD")).rate == 7


@pytest.mark.parametrize(
    ("quantity", "days", "kinds"),
    [
        ("50", 0, []),
        ("50.0001", 30, ["stock"]),
        ("51", 29, ["stock", "lead_time"]),
    ],
)
def test_stock_and_the_wished_date_against_the_lead_time(
    trade: Trade, quantity: str, days: int, kinds: list[str]
) -> None:
    product = trade.add_product("TEA", "Tea", cost="9", stock=Decimal(50), lead_time_days=30, unit="kg")
    draft = trade.draft(trade.line(quantity, product=product), delivery_on=TODAY + timedelta(days=days))
    assert _kinds(trade.review(draft)) == kinds


def test_stock_is_shared_by_the_lines_of_a_product(trade: Trade) -> None:
    product = trade.add_product("TEA", "Tea", cost="9", stock=Decimal(50))
    line = trade.line("30", product=product)
    assert _kinds(trade.review(trade.draft(line, line))) == ["stock"]


def test_the_margin_and_what_is_found_about_it_are_not_for_a_rep(trade: Trade) -> None:
    draft = trade.draft(trade.line("100", "10.5"))
    for_rep, for_boss = trade.review(draft), trade.review(draft, trade.boss)
    assert (_kinds(for_rep), for_rep.margin, for_rep.shows_margin) == (["under_list"], None, False)
    assert {(line.cost, line.cost_base, line.floor_price) for line in for_rep.lines} == {(None, None, None)}
    assert _kinds(for_boss) == ["under_list", "margin_under_floor"]
    assert for_boss.margin == Decimal("4.7619")
    assert for_boss.lines[0].cost == 10


def test_what_was_found_is_recorded_and_never_in_the_way(trade: Trade) -> None:
    product = trade.add_product("TEA", "Tea", cost="50", stock=Decimal(0), lead_time_days=300, floor_price=Decimal(15))
    trade.set_limit("1")
    order = trade.submit(trade.draft(trade.line("100", "1", product=product)))
    kinds = [check["kind"] for check in trade.order(order).checks]
    assert kinds == ["under_list", "under_floor", "stock", "lead_time", "margin_under_floor", "over_limit"]
    assert trade.history(order)[0].changes["checks"] == [None, kinds]


BAD_LINES: dict[str, dict[str, Any]] = {
    "no quantity": {"quantity": Decimal(0)},
    "negative quantity": {"quantity": Decimal(-1)},
    "quantity not a number": {"quantity": Decimal("NaN")},
    "signalling quantity": {"quantity": Decimal("sNaN")},
    "endless quantity": {"quantity": Decimal("Infinity")},
    "absurd quantity": {"quantity": Decimal("1e400")},
    "quantity finer than kept": {"quantity": Decimal("0.00001")},
    "negative price": {"unit_price": Decimal("-0.01")},
    "price not a number": {"unit_price": Decimal("NaN")},
    "absurd price": {"unit_price": Decimal("1e400")},
    "price finer than kept": {"unit_price": Decimal("0.000000001")},
    "negative discount": {"discount": Decimal(-1)},
    "discount over all": {"discount": Decimal("100.01")},
    "discount not a number": {"discount": Decimal("NaN")},
    "absurd discount": {"discount": Decimal("1e400")},
    "negative sum": {"discount_sum": Decimal(-1)},
    "sum over the line": {"discount_sum": Decimal("2000.01")},
    "sum not a number": {"discount_sum": Decimal("NaN")},
    "too large together": {"quantity": Decimal("1e12"), "unit_price": Decimal("1e10")},
    "too large in the base currency": {"quantity": Decimal("1e6"), "unit_price": Decimal("1e6")},
}


@pytest.mark.parametrize("bad", BAD_LINES)
def test_a_line_that_cannot_be_is_refused_with_a_sentence(trade: Trade, bad: str) -> None:
    draft = trade.draft(trade.line(), replace(trade.line(), **BAD_LINES[bad]))
    for act in (trade.review, trade.submit):
        with pytest.raises(Invalid) as refused:
            act(draft)
        assert refused.value.text.message.endswith(".")
    assert trade.count(Order) == 0


BAD_ORDERS: dict[str, dict[str, Any]] = {
    "no lines": {"lines": ()},
    "a date in the past": {"delivery_on": TODAY - timedelta(days=1)},
    "a date long past": {"delivery_on": date(1, 1, 1)},
    "no date": {"delivery_on": None},
    "no price terms": {"incoterm": None},
    "unknown price terms": {"incoterm": "XYZ"},
    "nowhere to": {"deliver_to": "  "},
    "no payment terms": {"payment_terms": None},
    "no currency at all": {"currency": "XYZ"},
    "too long": {"notes": "x" * 10_001},
}


@pytest.mark.parametrize("bad", BAD_ORDERS)
def test_an_order_that_cannot_be_is_refused_with_a_sentence(trade: Trade, bad: str) -> None:
    draft = replace(trade.draft(), **BAD_ORDERS[bad])
    for act in (trade.review, trade.submit):
        with pytest.raises(Invalid) as refused:
            act(draft)
        assert refused.value.text.message.endswith(".")


def test_today_is_the_submitters(trade: Trade, make_person: MakePerson, clock: Any) -> None:
    clock.now = clock.now.replace(hour=20)  # the 3rd in Shanghai, the 2nd in Berlin
    abroad = make_person("Anna", team="North", timezone="Europe/Berlin")
    customer = trade.add_customer("Abroad", abroad)
    trade.submit(trade.draft(customer_id=customer, delivery_on=TODAY), abroad)
    with pytest.raises(Invalid, match="past"):
        trade.submit(trade.draft(delivery_on=TODAY))


def test_a_discontinued_product_is_refused_also_between_review_and_submission(trade: Trade) -> None:
    draft = trade.draft()
    trade.review(draft)
    with trade.database.write() as work:
        discontinue_product(work, actor=SYSTEM, product_id=trade.chai)
    for act in (trade.review, trade.submit):
        with pytest.raises(Invalid, match="discontinued") as refused:
            act(draft)
        assert refused.value.text.facts["product"].name == "Chai"


def test_a_customer_merged_between_review_and_submission_is_refused(trade: Trade) -> None:
    draft = trade.draft()
    trade.review(draft)
    trade.merge(trade.customer)
    for act in (trade.review, trade.submit):
        with pytest.raises(Forbidden, match="merged"):
            act(draft)


def test_what_is_not_there_is_not_found(trade: Trade) -> None:
    with pytest.raises(NotFound):
        trade.submit(trade.draft(trade.line(product=4711)))
    with pytest.raises(NotFound):
        trade.submit(trade.draft(customer_id=4711))


def test_a_colleagues_customer_is_not_ordered_for(trade: Trade, make_person: MakePerson) -> None:
    other = make_person("Wang", team="North")
    with pytest.raises(NotFound):
        trade.submit(trade.draft(), other)
    for person in (trade.finance, trade.admin, trade.gm):
        with pytest.raises(Forbidden):
            trade.submit(trade.draft(), person)
    trade.submit(trade.draft(), trade.boss)


def test_a_deal_of_another_customer_is_refused(trade: Trade) -> None:
    other = trade.add_customer("Another")
    with trade.database.write() as work:
        details = DealDetails(customer_id=other, title="Tea", amount=Money(Decimal(100), "CNY"))
        deal = open_deal(work, actor=trade.rep, platform="test", details=details)
    for wrong in (deal, 4711):
        with pytest.raises(Invalid, match="deal"):
            trade.submit(trade.draft(deal_id=wrong))
    assert trade.order(trade.submit(trade.draft(customer_id=other, deal_id=deal))).deal_id == deal


def test_the_currency_is_the_orders_else_the_customers_else_the_base(trade: Trade) -> None:
    trade.rate("USD", "7")
    trade.rate("EUR", "8")
    from sqlalchemy import update

    from crm.sales.customers.customers import Customer

    def currency(own: str | None, told: str | None) -> str:
        with trade.database.write() as work:
            work.connection.execute(update(Customer).where(Customer.id == trade.customer).values(currency=own))
        return str(trade.order(trade.submit(trade.draft(currency=told))).currency)

    assert (currency("EUR", "USD"), currency("EUR", None), currency(None, None)) == ("USD", "EUR", "CNY")
