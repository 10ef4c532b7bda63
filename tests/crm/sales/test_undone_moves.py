"""A move taken back leaves the deal as if it had never been moved: no fresher, and with the figures it had."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from crm.core.database import Database
from crm.core.errors import Conflict, NotFound
from crm.insight.recounting import figures_differ
from crm.people.people import Member
from crm.sales.deals.changes import DealEdit, change_deal
from crm.sales.deals.deals import get_deal
from crm.sales.deals.holds import hold_deal
from crm.sales.deals.moves import move_deal, undo_move
from crm.sales.deals.story import stays
from tests.conftest import Clock, MakePerson
from tests.crm.sales.selling import Sales


@pytest.fixture
def sales(database: Database, make_person: MakePerson) -> Sales:
    return Sales(database, make_person)


def lose(sales: Sales, deal: int) -> None:
    with sales.database.write() as work:
        move_deal(work, actor=sales.rep, platform="test", deal_id=deal, to_stage="lost", reason="price")


def undo(sales: Sales, deal: int, actor: Member | None = None, stage: str = "lost") -> str:
    with sales.database.write() as work:
        return undo_move(work, actor=actor or sales.rep, platform="test", deal_id=deal, stage=stage)


def stand(sales: Sales, deal: int) -> tuple[Any, ...]:
    with sales.database.read() as work:
        row = get_deal(work, viewer=sales.rep, deal_id=deal)
        way = [(one.stage, one.entered_at, one.left_at) for one in stays(work, viewer=sales.rep, deal_id=deal)]
        assert figures_differ(work) == []
    return row.stage, row.stage_since, row.lost_reason, way


def test_a_slip_makes_no_deal_fresher(sales: Sales, clock: Clock) -> None:
    deal = sales.open()
    clock.move(days=45)
    before = stand(sales, deal)
    lose(sales, deal)
    clock.move(minutes=1)
    assert undo(sales, deal) == "initial"
    assert stand(sales, deal) == before


def test_once_and_only_while_nothing_has_happened_since(sales: Sales, clock: Clock) -> None:
    deal = sales.open()
    clock.move(days=1)
    lose(sales, deal)
    with pytest.raises(NotFound):
        undo(sales, deal, sales.colleague)
    undo(sales, deal)
    with pytest.raises(Conflict, match="moved on"):
        undo(sales, deal)
    with sales.database.write() as work:
        facts = {"first_response_on": clock.now.date()}
        move_deal(work, actor=sales.rep, platform="test", deal_id=deal, to_stage="needs", facts=facts)
    clock.move(minutes=1)
    with sales.database.write() as work:
        change_deal(work, actor=sales.rep, platform="test", deal_id=deal, edit=DealEdit(title="Larger lamps"))
    with pytest.raises(Conflict, match="changed since"):
        undo(sales, deal, stage="needs")
    assert stand(sales, deal)[0] == "needs"


def test_the_hold_and_the_reminders_that_a_move_ended_are_back(sales: Sales, clock: Clock) -> None:
    deal = sales.open()
    until = date(2026, 4, 1)
    with sales.database.write() as work:
        told = {"reason": "budget", "until": until, "reminder": "Go on with it"}
        hold_deal(work, actor=sales.rep, platform="test", deal_id=deal, **told)
    before = sales.deal(deal)
    clock.move(days=1)
    lose(sales, deal)
    assert (sales.deal(deal).on_hold, _statuses(sales)) == (False, ["dropped"])
    undo(sales, deal)
    after = sales.deal(deal)
    for column in ("on_hold", "hold_reason", "hold_until", "held_since", "hold_task_id", "stage"):
        assert getattr(after, column) == getattr(before, column), column
    assert _statuses(sales) == ["open"]
    with sales.database.read() as work:
        assert figures_differ(work) == []


def _statuses(sales: Sales) -> list[str]:
    with sales.database.read() as work:
        return [row.status for row in work.connection.execute(text("SELECT status FROM tasks ORDER BY id"))]
