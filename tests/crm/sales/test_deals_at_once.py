"""Several people at one deal in the same instant, and how many statements it all takes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event

from crm.core.database import Database
from crm.core.errors import Conflict
from crm.core.money import Money
from crm.sales.deals.deals import find_deals, get_deal
from crm.sales.deals.pipeline import pipeline
from crm.sales.deals.stages import OPEN_STAGES
from crm.sales.deals.story import stays
from crm.sales.leads.pool import claim_lead, release_lead
from crm.sales.ownership.conversion import convert_lead
from tests.crm.sales.selling import FACTS, MakePerson, Sales, at_once


@pytest.fixture
def sales(database: Database, make_person: MakePerson) -> Sales:
    return Sales(database, make_person)


def test_of_movers_at_once_one_moves_and_the_others_are_told_who(sales: Sales) -> None:
    for _ in range(5):
        deal = sales.open()
        told = at_once(
            [
                partial(sales.move, deal, "needs", sales.rep, facts=FACTS["initial"], from_stage="initial"),
                partial(sales.move, deal, "lost", sales.boss, reason="price", from_stage="initial"),
                partial(sales.move, deal, "needs", sales.boss, facts=FACTS["initial"], from_stage="initial"),
            ]
        )
        assert [type(error) for error in told if error is not None] == [Conflict, Conflict]
        with sales.database.read() as work:
            way = stays(work, viewer=sales.rep, deal_id=deal)
        assert len(way) == 2
        assert all(error.text.facts["name"] == way[-1].person_name for error in told if error is not None)


def test_a_move_made_between_looking_and_writing_is_seen(
    postgres_url: str, open_database: Callable[[str], Database], make_person: MakePerson
) -> None:
    """PostgreSQL alone has this gap: SQLite lets one writer in at a time."""
    database = open_database(postgres_url)
    sales = Sales(database, partial(make_person, at=database))
    deal = sales.open()
    meddle = _Meddler(sales, deal)
    event.listen(sales.database.engine, "before_cursor_execute", meddle)
    try:
        with pytest.raises(Conflict) as refused:
            sales.move(deal, "lost", reason="price")
    finally:
        event.remove(sales.database.engine, "before_cursor_execute", meddle)
    assert refused.value.text.facts["name"] == "Zhao"
    assert sales.deal(deal).stage == "needs"


class _Meddler:
    """Moves the deal, as somebody else, just before the first statement that would change it."""

    def __init__(self, sales: Sales, deal: int) -> None:
        self.sales, self.deal, self.done = sales, deal, False

    def __call__(self, connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        if not self.done and statement.startswith("UPDATE deals"):
            self.done = True
            self.sales.move(self.deal, "needs", self.sales.boss, facts=FACTS["initial"])


def test_the_number_of_statements_is_small_and_does_not_grow(sales: Sales, make_lead: Callable[..., int]) -> None:
    few = _count(sales, make_lead, "Sunrise")
    for _ in range(10):
        sales.walk(sales.open(), "negotiation")
    many = _count(sales, make_lead, "Sunset")
    assert few.pop("pipeline") <= many.pop("pipeline") <= 2 + len(OPEN_STAGES), "one for each stage on the page"
    assert many == few
    assert few == {"open": 7, "move": 7, "claim": 9, "convert": 21, "find": 2, "deal": 1}


def _count(sales: Sales, make_lead: Callable[..., int], company: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    giver = sales.colleague
    lead = make_lead(giver, company=company)
    with sales.database.write() as work:
        release_lead(work, actor=giver, platform="test", lead_id=lead)
    with _statements(sales.database) as seen:
        deal = sales.open()
        counts["open"] = seen.reset()
        sales.move(deal, "needs", facts=FACTS["initial"])
        counts["move"] = seen.reset()
        with sales.database.write() as work:
            claim_lead(work, actor=sales.rep, platform="test", lead_id=lead)
        counts["claim"] = seen.reset()
        with sales.database.write() as work:
            amount = Money(Decimal(100), "CNY")
            convert_lead(work, actor=sales.rep, platform="test", lead_id=lead, title="Lamps", amount=amount)
        counts["convert"] = seen.reset()
        with sales.database.read() as work:
            pipeline(work, viewer=sales.rep)
            counts["pipeline"] = seen.reset()
            find_deals(work, viewer=sales.rep, query="lamps")
            counts["find"] = seen.reset()
            get_deal(work, viewer=sales.rep, deal_id=deal)
            counts["deal"] = seen.reset()
    return counts


class _Seen:
    def __init__(self) -> None:
        self.statements: list[str] = []

    def __call__(self, connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        self.statements.append(statement)

    def reset(self) -> int:
        count = len([one for one in self.statements if not one.startswith("BEGIN")])
        self.statements.clear()
        return count


@contextmanager
def _statements(database: Database) -> Iterator[_Seen]:
    seen = _Seen()
    event.listen(database.engine, "before_cursor_execute", seen)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", seen)
