"""The key figure of each stage, and the deals that each comes from."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, update

from crm.core.database import Database
from crm.core.money import Money
from crm.insight.stage_figures import StageFigure, stage_figures
from crm.orders.quotes.quote_lines import QuoteLine
from crm.orders.quotes.quotes import Quote
from crm.people.people import Member
from crm.sales.deals.changes import DealEdit, change_deal
from crm.sales.deals.deals import tell_facts
from crm.sales.leads.leads import LeadDetails, advance_lead, log_lead
from crm.sales.ownership.conversion import convert_lead
from tests.conftest import Clock, MakePerson
from tests.crm.sales.selling import FACTS, TODAY, Sales


@pytest.fixture
def sales(database: Database, make_person: MakePerson) -> Sales:
    return Sales(database, make_person)


def _figures(
    sales: Sales, clock: Clock, viewer: Member | None = None, since: datetime | None = None, **narrowed: Any
) -> dict[str, StageFigure]:
    since = since or clock() - timedelta(days=200)
    with sales.database.read() as work:
        found = stage_figures(
            work, viewer=viewer or sales.rep, since=since, until=clock() + timedelta(seconds=1), **narrowed
        )
    return {one.key: one for one in found}


def _values(figure: StageFigure) -> dict[int, Decimal]:
    return {one.deal_id: one.value.quantize(Decimal("0.1")) for one in figure.deals}


def _quote(sales: Sales, deal: int, clock: Clock, *lines: tuple[int, int, int, int], version: int = 1) -> None:
    """A quote that was sent: product, quantity, unit price, list price."""
    total = sum(Decimal(quantity * price) for _, quantity, price, _ in lines)
    values = {
        "number": f"Q-{deal}", "version": version, "customer_id": sales.customer, "deal_id": deal,
        "owner_id": sales.rep.id, "status": "sent", "price_status": "free", "currency": "CNY", "rate": Decimal(1),
        "incoterm": "FOB", "payment_terms": "net 30", "valid_until": TODAY, "total": total, "base_total": total,
        "checks": [], "inputs": {}, "sent_at": clock(), "created_at": clock(), "changed_at": clock(),
    }  # fmt: skip
    with sales.database.write() as work:
        quote_id = work.connection.execute(insert(Quote.table()).returning(Quote.id), values).scalar_one()
        for position, (product, quantity, price, listed) in enumerate(lines):
            line = {
                "quote_id": quote_id, "position": position, "product_id": product, "quantity": Decimal(quantity),
                "unit_price": Decimal(price), "discount": Decimal(0), "net": Decimal(quantity * price),
                "list_price": Decimal(listed), "is_under_floor": False,
            }  # fmt: skip
            work.connection.execute(insert(QuoteLine.table()), line)


def test_the_first_answer_in_working_hours_of_a_lead_to_the_minute(sales: Sales, clock: Clock) -> None:
    with sales.database.write() as work:
        lead = log_lead(
            work,
            actor=sales.rep,
            platform="test",
            details=LeadDetails(company="Bólido", contact="Ana", source="other", product_need="500 lamps"),
        )
    clock.move(minutes=90)
    with sales.database.write() as work:
        advance_lead(work, actor=sales.rep, platform="test", lead_id=lead, to_status="contacted")
    with sales.database.write() as work:
        made = convert_lead(
            work, actor=sales.rep, platform="test", lead_id=lead, title="Lamps", amount=Money(Decimal(9), "CNY")
        )
    told = sales.open()
    clock.move(days=4)  # Friday
    sales.move(made.deal_id, "needs")
    sales.move(told, "needs", facts={"first_response_on": TODAY + timedelta(days=2)})
    figure = _figures(sales, clock)["response"]
    assert (figure.unit, figure.stage.key, figure.unknown) == ("hours", "initial", 0)
    assert _values(figure) == {made.deal_id: Decimal("1.5"), told: Decimal("18.0")}
    assert figure.mean == Decimal("9.75")


def test_what_the_quote_covers_of_the_confirmed_need(sales: Sales, clock: Clock) -> None:
    chai, other = sales.add_product(), sales.add_product("L-2", "Chang")
    deals = {}
    for name, line in {"both": (chai, 500), "less": (chai, 400), "other": (other, 500), "none": None}.items():
        deals[name] = sales.open(product_id=chai, quantity=Decimal(500))
        if line is not None:
            _quote(sales, deals[name], clock, (*line, 20, 20))
        sales.move(deals[name], "needs", facts=FACTS["initial"])
        sales.move(deals[name], "quotation", facts={"need": "IP65"})
    figure = _figures(sales, clock)["needs"]
    shares = {"both": 100, "less": 50, "other": 0}
    assert _values(figure) == {deals[name]: Decimal(share) for name, share in shares.items()}
    assert figure.unknown == 1, "sent outside: nobody knows its lines"


def test_the_first_quote_beside_the_final_price(sales: Sales, clock: Clock) -> None:
    chai = sales.add_product()
    deal = sales.open()
    _quote(sales, deal, clock, (chai, 100, 118, 125))
    clock.move(hours=1)
    _quote(sales, deal, clock, (chai, 100, 100, 125), version=2)
    sales.walk(deal, "contract")
    found = _figures(sales, clock)
    assert _values(found["accuracy"]) == {deal: Decimal(100)}, "the first one, not the second"
    assert _values(found["discount"]) == {deal: Decimal("5.6")}, "off the list: 11,800 of 12,500"
    assert found["accuracy"].deals[0].basis.facts["quote"] == "Q-1 v1"


def test_without_a_quote_of_ours_what_was_expected_when_one_went_out(sales: Sales, clock: Clock) -> None:
    deal = sales.open(amount=Money(Decimal(9000), "CNY"))

    def worth(amount: int) -> None:
        with sales.database.write() as work:
            edit = DealEdit(amount=Money(Decimal(amount), "CNY"))
            change_deal(work, actor=sales.rep, platform="test", deal_id=deal, edit=edit)

    worth(14750)
    with sales.database.write() as work:
        tell_facts(work, actor=sales.rep, platform="test", deal_id=deal, facts={"quote_sent_on": TODAY})
    worth(11800)
    sales.walk(deal, "contract")
    found = _figures(sales, clock)
    assert _values(found["accuracy"]) == {deal: Decimal(125)}
    assert _values(found["discount"]) == {deal: Decimal(20)}


def test_of_those_that_came_to_the_contract_how_many_were_signed(sales: Sales, clock: Clock) -> None:
    won, lost, there, back = (sales.open() for _ in range(4))
    for deal in (won, lost, there, back):
        sales.walk(deal, "contract")
    sales.walk(won, "won")
    sales.move(lost, "lost", reason="price")
    sales.move(back, "negotiation", reason="requote")
    sales.move(back, "contract")
    figure = _figures(sales, clock)["signed"]
    assert _values(figure) == {won: Decimal(100), lost: Decimal(0)}
    assert figure.mean == 50


def test_a_deal_counts_when_it_left_the_stage_and_for_who_looks_after_it(sales: Sales, clock: Clock) -> None:
    early, late = sales.open(), sales.open()
    sales.move(early, "needs", facts=FACTS["initial"])
    clock.move(days=40)
    sales.move(late, "needs", facts=FACTS["initial"])
    month = clock() - timedelta(days=30)
    assert set(_values(_figures(sales, clock, since=month)["response"])) == {late}
    assert set(_values(_figures(sales, clock, sales.boss, owner_id=sales.rep.id)["response"])) == {early, late}
    assert _figures(sales, clock, sales.colleague)["response"].deals == ()
    assert _figures(sales, clock, sales.colleague, owner_id=sales.rep.id)["response"].deals == ()
    assert _figures(sales, clock, sales.boss, owner_id=sales.boss.id)["response"].mean is None


def test_a_quote_in_another_currency_is_compared_at_its_own_rate(sales: Sales, clock: Clock) -> None:
    chai, deal = sales.add_product(), sales.open()
    _quote(sales, deal, clock, (chai, 100, 20, 20))
    with sales.database.write() as work:
        work.connection.execute(update(Quote.table()).values(currency="USD", rate=Decimal("5.9")))
    sales.walk(deal, "contract")
    assert _values(_figures(sales, clock)["accuracy"]) == {deal: Decimal(100)}
