"""Deals: opened, moved with what each stage asks for, and listed."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import insert, update

from crm.core import history
from crm.core.database import Database
from crm.core.errors import Conflict, Forbidden, Invalid, NotFound
from crm.core.history import SYSTEM
from crm.core.money import Money
from crm.core.rates import set_rate
from crm.core.rules import Rule, read_rules, set_rule
from crm.people.people import Member, Role
from crm.sales.catalogue.products import discontinue_product
from crm.sales.customers.customers import Customer
from crm.sales.deals.deals import find_deals
from crm.sales.deals.pipeline import pipeline
from crm.sales.deals.stages import (
    BACK_REASONS,
    LOST_REASONS,
    OPEN_STAGES,
    SKIP_REASONS,
    STAGE,
    STAGES,
    days_in_stage,
    expected_close_for,
    is_stale,
    missing_facts,
    reasons_for,
)
from crm.sales.deals.story import story
from tests.crm.sales.selling import FACTS, TODAY, MakePerson, Sales


@pytest.fixture
def sales(database: Database, make_person: MakePerson) -> Sales:
    return Sales(database, make_person)


def test_the_stages_are_those_of_the_guide() -> None:
    likely = {stage.key: stage.probability for stage in STAGES}
    assert likely == {
        "initial": 20,
        "needs": 40,
        "quotation": 60,
        "negotiation": 80,
        "contract": 95,
        "won": 100,
        "lost": 0,
    }
    assert all(STAGE[key].checklist and STAGE[key].needs for key in OPEN_STAGES)


def test_a_deal_is_opened_in_the_first_stage(sales: Sales) -> None:
    deal = sales.deal(sales.open(notes="met at the fair"))
    assert (deal.stage, deal.title, deal.customer_name, deal.owner_name) == ("initial", "Lamps", "万通贸易", "Li")
    assert (deal.amount, deal.currency, deal.base_amount, deal.rate) == (Decimal(12500), "CNY", Decimal(12500), 1)
    assert deal.stage_since == datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
    assert (deal.lost_reason, deal.on_hold, deal.facts) == (None, False, {})
    assert sales.way(deal.id) == [("initial", 0, None)]


def test_the_rate_of_the_day_is_locked(sales: Sales) -> None:
    with pytest.raises(Invalid, match="no exchange rate"):
        sales.open(amount=Money(Decimal(100), "USD"))
    with sales.database.write() as work:
        set_rate(work, currency="USD", valid_from=TODAY, rate=Decimal("7.1234"))
    deal = sales.open(amount=Money(Decimal("100.005"), "USD"))
    with sales.database.write() as work:
        set_rate(work, currency="USD", valid_from=TODAY, rate=Decimal(8))
    row = sales.deal(deal)
    assert (row.amount, row.rate, row.base_amount) == (Decimal("100.01"), Decimal("7.1234"), Decimal("712.41"))


def test_the_expected_close_is_proposed_from_the_stages_to_come(sales: Sales) -> None:
    assert sales.deal(sales.open()).expected_close == TODAY + timedelta(days=14 + 21 + 14 + 28 + 7)
    assert sales.deal(sales.open(expected_close=TODAY)).expected_close == TODAY
    with sales.database.write() as work:
        set_rule(work, actor=SYSTEM, key="deals.negotiation_days", value="10")
        rules = read_rules(work)
    assert expected_close_for("negotiation", TODAY, rules) == TODAY + timedelta(days=17)
    assert expected_close_for("contract", TODAY, rules) == TODAY + timedelta(days=7)
    assert expected_close_for("won", TODAY, rules) == TODAY


def test_a_slip_in_a_rule_does_not_leave_the_calendar(sales: Sales) -> None:
    with sales.database.write() as work:
        slip = {"key": "deals.needs_days", "value": "1000000000000000", "changed_at": work.now}
        work.connection.execute(insert(Rule), slip)  # kept when any number was taken
    assert sales.deal(sales.open()).expected_close.year == 2036


@pytest.mark.parametrize("amount", ["0", "-1", "0.004", "NaN", "Infinity", "1e400", "1e14"])
def test_an_amount_must_be_one(sales: Sales, amount: str) -> None:
    with pytest.raises(Invalid):
        sales.open(amount=Money(Decimal(amount), "CNY"))


@pytest.mark.parametrize("quantity", ["0", "-1", "NaN", "-Infinity", "1e400", "0.00001"])
def test_a_quantity_must_be_one(sales: Sales, quantity: str) -> None:
    with pytest.raises(Invalid):
        sales.open(quantity=Decimal(quantity))
    deal = sales.open()
    with pytest.raises(Invalid):
        sales.move(deal, "needs", facts={"quantity": Decimal(quantity), **FACTS["initial"]})


@pytest.mark.parametrize("told", [{"title": "  "}, {"title": "x" * 201}, {"expected_close": date(2026, 3, 1)}])
def test_what_makes_no_deal_is_refused(sales: Sales, told: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        sales.open(**told)


def test_an_amount_that_is_nothing_or_too_much_in_the_base_currency_is_refused(sales: Sales) -> None:
    with sales.database.write() as work:
        set_rate(work, currency="IDR", valid_from=TODAY, rate=Decimal("0.0004"))
        set_rate(work, currency="KWD", valid_from=TODAY, rate=Decimal(1000))
    for money in (Money(Decimal(1), "IDR"), Money(Decimal("9e12"), "KWD")):
        with pytest.raises(Invalid):
            sales.open(amount=money)


def test_a_discontinued_product_is_refused(sales: Sales) -> None:
    product = sales.add_product()
    deal = sales.open(product_id=product)
    assert (sales.deal(deal).product_name, sales.deal(deal).product_sku) == ("Chai", "L-1")
    with sales.database.write() as work:
        discontinue_product(work, actor=SYSTEM, product_id=product)
    with pytest.raises(Invalid, match="discontinued"):
        sales.open(product_id=product)
    with pytest.raises(NotFound):
        sales.open(product_id=product + 1)


def test_a_customer_merged_meanwhile_is_refused(sales: Sales) -> None:
    with sales.database.write() as work:
        merged = update(Customer).where(Customer.id == sales.customer).values(status="merged")
        work.connection.execute(merged)
    with pytest.raises(Conflict, match="merged"):
        sales.open()


def test_who_opens_deals_for_whom(sales: Sales, make_person: MakePerson) -> None:
    with pytest.raises(NotFound):
        sales.open(sales.colleague)
    for role in (Role.FINANCE, Role.GM, Role.ADMIN):
        with pytest.raises(Forbidden):
            sales.open(make_person("", role))
    deal = sales.open(sales.boss)
    assert sales.deal(deal).owner_name == "Li"  # the customer's owner looks after its deals


def test_who_sees_and_who_moves(sales: Sales, make_person: MakePerson) -> None:
    deal = sales.open()
    stranger = make_person("Sun", Role.SUPERVISOR, team="South")
    for viewer in (sales.colleague, stranger, make_person("", Role.PRODUCTION)):
        with pytest.raises(NotFound):
            sales.move(deal, "needs", viewer, facts=FACTS["initial"])
    for viewer in (make_person("", Role.GM), make_person("", Role.ADMIN)):
        assert sales.deal(deal, viewer).id == deal
        with pytest.raises(Forbidden):
            sales.move(deal, "needs", viewer, facts=FACTS["initial"])
    sales.move(deal, "needs", sales.boss, facts=FACTS["initial"])
    assert sales.deal(deal).stage == "needs"


def test_each_stage_asks_for_its_own_and_only_for_what_lacks(sales: Sales) -> None:
    deal = sales.open(quantity=Decimal(300))
    road = [*OPEN_STAGES, "won"]
    wanted = {
        "initial": ["first_response_on"],
        "needs": ["product", "need"],  # the quantity was told at the opening
        "quotation": ["quote_sent_on"],
        "negotiation": ["final_price", "payment_terms"],
        "contract": ["contract_number", "signed_on"],
    }
    for at, onward in pairwise(road):
        assert missing_facts(sales.deal(deal), onward) == wanted[at]
        for lacking in wanted[at]:
            given = {key: value for key, value in FACTS[at].items() if key != lacking}
            with pytest.raises(Invalid, match="missing"):
                sales.move(deal, onward, facts=given)
        sales.move(deal, onward, facts={key: FACTS[at][key] for key in wanted[at]})
    row = sales.deal(deal)
    assert (row.stage, row.quantity, row.product_text) == ("won", Decimal(300), "LED lamps")
    assert row.facts == {
        "first_response_on": "2026-03-02",
        "need": "IP65, 4000 K, to Hamburg",
        "quote_sent_on": "2026-03-02",
        "quote_outside": True,
        "final_price": "11800.00",
        "payment_terms": "30% T/T, balance before shipment",
        "contract_number": "HT-2026-7",
        "signed_on": "2026-03-02",
    }


def test_blank_facts_are_no_facts(sales: Sales) -> None:
    deal = sales.open()
    sales.walk(deal, "contract")
    with pytest.raises(Invalid, match="missing"):
        sales.move(deal, "won", facts={"contract_number": "  ", "signed_on": TODAY})
    with pytest.raises(Invalid, match="missing"):
        sales.move(deal, "won", facts={"contract_number": "HT-1", "signed_on": None})


def test_what_has_not_come_yet_did_not_happen(sales: Sales) -> None:
    deal = sales.open()
    with pytest.raises(Invalid, match="not come yet"):
        sales.move(deal, "needs", facts={"first_response_on": TODAY + timedelta(days=1)})


@pytest.mark.parametrize("price", [Decimal("NaN"), Decimal(0), Decimal("1e400"), Money(Decimal(5), "USD")])
def test_a_final_price_is_an_amount_of_the_deals_currency(sales: Sales, price: Any) -> None:
    deal = sales.open()
    sales.walk(deal, "negotiation")
    with pytest.raises(Invalid):
        sales.move(deal, "contract", facts={**FACTS["negotiation"], "final_price": price})


def test_a_product_of_the_catalogue_or_words(sales: Sales) -> None:
    deal, product = sales.open(product_text="lamps"), sales.add_product()
    assert sales.deal(deal).product_text == "lamps"
    sales.move(deal, "needs", facts={**FACTS["initial"], "product": product})
    assert (sales.deal(deal).product_id, sales.deal(deal).product_text) == (product, None)


def test_an_unknown_fact_is_a_fault_of_ours(sales: Sales) -> None:
    with pytest.raises(ValueError, match="colour"):
        sales.move(sales.open(), "needs", facts={"colour": "red"})


def test_skipping_wants_a_reason_and_every_fact_on_the_way(sales: Sales) -> None:
    deal = sales.open()
    told = FACTS["initial"] | FACTS["needs"]
    assert reasons_for("initial", "quotation") == SKIP_REASONS
    with pytest.raises(Invalid, match="say why"):
        sales.move(deal, "quotation", facts=told)
    with pytest.raises(Invalid, match="missing"):
        sales.move(deal, "quotation", facts=FACTS["initial"], reason="repeat")
    sales.move(deal, "quotation", facts=told, reason="repeat")
    assert sales.way(deal) == [("initial", 0, None), ("quotation", 0, SKIP_REASONS["repeat"])]


def test_going_back_wants_a_reason_and_keeps_what_is_known(sales: Sales) -> None:
    deal = sales.open()
    sales.walk(deal, "negotiation")
    assert reasons_for("negotiation", "needs") == BACK_REASONS
    for reason in (None, "", "   "):
        with pytest.raises(Invalid, match="say why"):
            sales.move(deal, "needs", reason=reason)
    sales.move(deal, "needs", reason="the buyer changed")
    assert sales.way(deal)[-1] == ("needs", 0, "the buyer changed")
    sales.move(deal, "quotation")  # nothing lacks


def test_losing_wants_a_reason_and_taking_up_again_another(sales: Sales) -> None:
    deal = sales.open()
    assert reasons_for("initial", "lost") == LOST_REASONS
    with pytest.raises(Invalid, match="lost"):
        sales.move(deal, "lost")
    sales.move(deal, "lost", reason="price")
    assert sales.deal(deal).lost_reason == "price"
    with pytest.raises(Invalid, match="missing"):
        sales.move(deal, "needs", reason="reopened")
    with pytest.raises(Invalid, match="say why"):
        sales.move(deal, "initial")
    sales.move(deal, "initial", reason="reopened")
    assert (sales.deal(deal).stage, sales.deal(deal).lost_reason) == ("initial", None)


def test_a_stage_that_is_none_or_the_same_is_refused(sales: Sales) -> None:
    deal = sales.open()
    with pytest.raises(Invalid):
        sales.move(deal, "heaven", reason="hope")
    with pytest.raises(Conflict, match="moved it there"):
        sales.move(deal, "initial", reason="again")


def test_a_move_seen_from_another_stage_is_told_who_was_first(sales: Sales) -> None:
    deal = sales.open()
    sales.move(deal, "needs", sales.boss, facts=FACTS["initial"])
    with pytest.raises(Conflict) as refused:
        sales.move(deal, "lost", reason="price", from_stage="initial")
    assert refused.value.text.facts["name"] == "Zhao"
    assert sales.deal(deal).stage == "needs"


def test_the_days_in_each_stage_add_up(sales: Sales, clock: Any) -> None:
    deal = sales.open()
    clock.move(days=3, hours=5)
    sales.move(deal, "needs", facts=FACTS["initial"])
    clock.move(days=20)
    assert sales.way(deal) == [("initial", 3, None), ("needs", 20, None)]
    assert days_in_stage(sales.deal(deal), clock()) == 20


def test_stale_is_longer_than_the_upper_bound(sales: Sales, clock: Any) -> None:
    deal = sales.open()
    with sales.database.read() as work:
        rules = read_rules(work)
    clock.move(days=14)
    assert not is_stale(sales.deal(deal), clock(), rules)
    clock.move(seconds=1)
    assert is_stale(sales.deal(deal), clock(), rules)
    sales.move(deal, "lost", reason="silence")
    clock.move(days=300)
    assert not is_stale(sales.deal(deal), clock(), rules)


def test_each_move_is_in_the_history_with_what_it_changed(sales: Sales) -> None:
    deal = sales.open()
    sales.move(deal, "needs", facts=FACTS["initial"])
    sales.move(deal, "initial", reason="entered_wrongly")
    with sales.database.read() as work:
        told = story(work, viewer=sales.rep, deal_id=deal)
    assert [entry.act for entry in told] == ["opened", "moved", "moved"]
    assert told[1].changes == {"stage": ["initial", "needs"], "first_response_on": [None, "2026-03-02"]}
    assert (told[2].reason, told[2].person_id, told[2].platform) == ("entered_wrongly", sales.rep.id, "test")


def test_a_refused_move_writes_nothing(sales: Sales) -> None:
    deal = sales.open()
    before = sales.deal(deal)
    with pytest.raises(Invalid):
        sales.move(deal, "quotation", facts=FACTS["initial"])
    assert sales.deal(deal) == before
    with sales.database.read() as work:
        assert len(history.history_of(work, entity="deal", entity_id=deal)) == 1


def test_deals_are_found_by_number_title_and_customer(sales: Sales) -> None:
    lamps = sales.open()
    cable = sales.open(customer_id=sales.add_customer("Ernst Handel"), title="电缆 2026")

    def found(query: str, viewer: Member = sales.rep, **more: Any) -> list[int]:
        with sales.database.read() as work:
            rows, total = find_deals(work, viewer=viewer, query=query, **more)
        assert total >= len(rows)
        return [row.id for row in rows]

    assert found("") == [cable, lamps]
    assert found(f"D-{lamps}") == found(f"d{lamps}") == found("lamp") == found("wtmy") == [lamps]
    assert found("dianlan") == found("ERNST") == [cable]
    assert found("%") == found("_") == found("D-99999999999999999999") == []
    assert found("", customer_id=sales.customer) == [lamps]
    assert found("", sales.colleague) == []
    assert found("", sales.boss) == [cable, lamps]
    sales.move(lamps, "lost", reason="price")
    assert found("") == [cable]
    assert found("", stages=None) == [cable, lamps]
    assert found("", stages=None, offset=1, most=1) == [lamps]


def test_the_pipeline_sums_each_stage_in_the_base_currency(sales: Sales, clock: Any) -> None:
    with sales.database.write() as work:
        set_rate(work, currency="USD", valid_from=TODAY, rate=Decimal("7.1"))
    old = sales.open()
    clock.move(days=20)
    new = sales.open(amount=Money(Decimal("1000.50"), "USD"))
    later = sales.open()
    sales.move(later, "needs", facts=FACTS["initial"])
    with sales.database.read() as work:
        seen = pipeline(work, viewer=sales.rep)
        one = pipeline(work, viewer=sales.rep, stage="initial", offset=1, most=1)
        nothing = pipeline(work, viewer=sales.colleague)
    sums = {total.stage.key: (total.count, total.base_amount) for total in seen.stages}
    assert sums["initial"] == (2, Decimal("19603.55"))
    assert sums["needs"] == (1, Decimal(12500))
    assert sums["contract"] == (0, Decimal(0))
    assert [(line.deal.id, line.days, line.is_stale) for line in seen.deals] == [
        (old, 20, True),
        (new, 0, False),
        (later, 0, False),
    ]
    assert (seen.total, seen.currency) == (3, "CNY")
    assert ([line.deal.id for line in one.deals], one.total) == ([new], 2)
    assert (nothing.total, nothing.deals) == (0, ())
