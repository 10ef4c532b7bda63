"""The forecast: by month, by likelihood, beside what its owner's own deals came to."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm.core.database import Database
from crm.core.history import SYSTEM
from crm.core.money import Money
from crm.core.rates import set_rate
from crm.core.rules import set_rule
from crm.insight.forecast import Expected, Forecast, Share, forecast
from crm.people.people import Member
from crm.sales.deals.holds import hold_deal
from tests.conftest import Clock, MakePerson
from tests.crm.sales.selling import TODAY, Sales

MARCH, APRIL, MAY = (date(2026, month, 1) for month in (3, 4, 5))


@pytest.fixture
def sales(database: Database, make_person: MakePerson) -> Sales:
    return Sales(database, make_person)


def _forecast(sales: Sales, viewer: Member | None = None, **narrowed: Any) -> Forecast:
    with sales.database.read() as work:
        return forecast(work, viewer=viewer or sales.rep, **narrowed)


def _open(sales: Sales, amount: int, closes: date, actor: Member | None = None, **more: Any) -> int:
    return sales.open(actor, amount=Money(Decimal(amount), "CNY"), expected_close=closes, **more)


def test_each_month_is_weighted_by_the_stages(sales: Sales) -> None:
    _open(sales, 1000, date(2026, 3, 31))
    sales.walk(_open(sales, 2000, date(2026, 3, 2)), "quotation")
    _open(sales, 500, date(2026, 5, 1))
    found = _forecast(sales)
    assert list(found.months) == [MARCH, MAY]
    assert found.months[MARCH] == Expected(2, Decimal(3000), Decimal(200 + 1200), Decimal(1400))
    assert found.months[MAY] == Expected(1, Decimal(500), Decimal(100), Decimal(100))
    assert (found.in_all.deals, found.in_all.weighted, found.currency) == (3, Decimal(1500), "CNY")


def test_what_slipped_is_apart_and_what_is_on_hold_is_not_counted(sales: Sales, clock: Clock) -> None:
    _open(sales, 1000, date(2026, 3, 5))
    _open(sales, 3000, date(2026, 4, 1))
    held = _open(sales, 2000, date(2026, 3, 5))
    told = {"reason": "season", "until": TODAY + timedelta(days=90), "reminder": "again"}
    with sales.database.write() as work:
        hold_deal(work, actor=sales.rep, platform="test", deal_id=held, **told)
    assert MARCH in _forecast(sales).months
    clock.move(days=4)
    found = _forecast(sales)
    assert list(found.months) == [APRIL]
    assert (found.slipped.deals, found.slipped.amount) == (1, Decimal(1000))
    assert (found.held.deals, found.held.amount) == (1, Decimal(2000))


def test_its_owners_own_share_counts_from_enough_closed_deals_on(sales: Sales) -> None:
    with sales.database.write() as work:
        set_rule(work, actor=SYSTEM, key="deals.own_share_from", value="3")
    for _ in range(2):
        sales.walk(_open(sales, 10, APRIL), "won")
    _open(sales, 1000, APRIL)
    assert _forecast(sales).months[APRIL].own == Decimal(200), "two are too few: as likely as the stage"
    sales.move(_open(sales, 10, APRIL), "lost", reason="price")
    found = _forecast(sales)
    assert found.shares["initial"] == Share(3, 2)
    assert found.shares["contract"] == Share(2, 2), "the lost one never came so far"
    assert found.months[APRIL].own == Decimal(1000) * Share(3, 2).percent / 100
    assert found.months[APRIL].weighted == Decimal(200)


def test_a_stage_come_to_twice_counts_once(sales: Sales) -> None:
    deal = _open(sales, 10, APRIL)
    sales.walk(deal, "quotation")
    sales.move(deal, "needs", reason="requote")
    sales.walk(deal, "won")
    assert _forecast(sales).shares == {
        key: Share(1, 1) for key in ("initial", "needs", "quotation", "negotiation", "contract")
    }


def test_a_supervisor_sees_the_team_by_rep_and_each_alone(sales: Sales, make_person: MakePerson) -> None:
    mate = make_person("Hu", team="North")
    with sales.database.write() as work:
        set_rate(work, currency="USD", valid_from=TODAY, rate=Decimal(7))
    _open(sales, 1000, APRIL)
    theirs = sales.add_customer("Alfreds", mate)
    sales.open(mate, customer_id=theirs, amount=Money(Decimal(100), "USD"), expected_close=APRIL)
    seen = _forecast(sales, sales.boss)
    assert {name: one.amount for (_, name), one in seen.owners.items()} == {"Li": Decimal(1000), "Hu": Decimal(700)}
    assert _forecast(sales, sales.boss, owner_id=mate.id).in_all.amount == Decimal(700)
    assert _forecast(sales).in_all.amount == Decimal(1000)
    assert _forecast(sales, sales.colleague).months == {}
    assert _forecast(sales, owner_id=mate.id).months == {}, "nobody looks into a colleague's by their number"
