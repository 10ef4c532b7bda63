"""The sample company: there whole, the same on every day it is built, alive today, and nothing past the services."""

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select

from bot.app import subscriptions
from bot.tables import metadata
from crm.core import outbox
from crm.core.database import Database
from crm.core.history import HistoryEntry
from crm.core.outbox import OutboxEntry
from crm.core.rules import read_rules
from crm.core.work import UnitOfWork
from crm.ledger.credit import check_credit
from crm.ledger.receivables import Receivable
from crm.migrations import migrate
from crm.orders.approvals import ApprovalStep
from crm.orders.orders import Order, get_order
from crm.orders.waiting import waiting_for
from crm.people.people import Member, Person, Role, Team, list_members
from crm.people.reach import deliver_kept
from crm.sales.catalogue.products import Product, find_products
from crm.sales.customers.communications import Communication
from crm.sales.customers.customers import Customer
from crm.sales.deals.deals import Deal, DealStage
from crm.sales.deals.pipeline import pipeline
from crm.sales.deals.pipeline_totals import rebuild_totals
from crm.sales.deals.stages import OPEN_STAGES
from crm.sales.leads.leads import Lead, open_leads
from crm.sales.leads.pool import pool_leads
from crm.sample.company import build_company
from tests import postgres
from tests.conftest import KINDS

NOW = datetime(2026, 3, 4, 1, 30, tzinfo=UTC)  # Wednesday, 9:30 in Shanghai
TODAY = date(2026, 3, 4)
MOST_STATEMENTS = 57_000
"""At some 0.09 ms each the demo's first start stays under five seconds; see `bot/demo.py`."""


@dataclass
class Built:
    """A database with the company in it, the clock at NOW."""

    database: Database
    statements: int

    def rows(self, column: Any, *where: Any) -> list[Any]:
        with self.database.read() as work:
            return list(work.connection.execute(select(column).where(*where)).scalars())

    def counted(self, column: Any) -> Counter[Any]:
        return Counter(self.rows(column))


@pytest.fixture(scope="module")
def companies(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Built]]:
    """The same company on both kinds of database. Read only."""
    file = tmp_path_factory.mktemp("sample") / "tradewind.db"
    shutil.copyfile(migrated_file, file)
    name = f"sample_{os.getpid()}"
    urls = {"sqlite": f"sqlite:///{file}", "postgresql": postgres.create_database(name)}
    built = {kind: build(Database(url, clock=lambda: NOW, events=subscriptions())) for kind, url in urls.items()}
    yield built
    for one in built.values():
        one.database.close()
    postgres.drop_database(name)


@pytest.fixture(params=KINDS)
def company(companies: dict[str, Built], request: pytest.FixtureRequest) -> Built:
    return companies[request.param]


def build(database: Database) -> Built:
    migrate(database)
    with database.write() as work:
        metadata.create_all(work.connection)
    built = Built(database, 0)

    def count(*_: Any) -> None:
        built.statements += 1

    event.listen(database.engine, "before_cursor_execute", count)
    with database.write() as work:
        build_company(work)
        assert work.now == NOW or database.clock() != NOW
    event.remove(database.engine, "before_cursor_execute", count)
    return built


# — what is there —


def test_people_and_catalogue(company: Built) -> None:
    assert len(company.rows(Person.id)) == 15
    assert len(company.rows(Team.id)) == 2
    assert company.counted(Product.category) == dict.fromkeys(
        ("Lighting", "Kitchenware", "Tools", "Textiles", "Outdoor"), 8
    )
    with company.database.read() as work:
        for row in work.connection.execute(select(Product.table())):
            assert row.cost < row.floor_price < row.list_price
            assert row.stock >= 0
            assert row.lead_time_days > 0
        assert find_products(work, query="保温杯")[1] == 1


def test_customers(company: Built) -> None:
    countries = company.counted(Customer.country)
    assert len(countries) == 15
    assert set(countries.values()) == {4}
    owned = company.counted(Customer.owner_id)
    assert owned[None] == 5
    reps = [member.id for member in everybody(company) if member.has(Role.REP)]
    assert all(owned[rep] >= 6 for rep in reps)
    assert len(company.counted(Customer.currency)) >= 6
    assert None in company.counted(Customer.credit_limit)
    assert sum(limit is not None for limit in company.rows(Customer.credit_limit)) >= 30


def test_leads(company: Built) -> None:
    statuses = company.counted(Lead.status)
    assert statuses["converted"] >= 30
    assert statuses["disqualified"] >= 20
    assert min(statuses[status] for status in ("new", "contacted", "qualified", "withdrawn")) >= 1
    admin = person(company, Role.ADMIN)
    with company.database.read() as work:
        assert 5 <= pool_leads(work, viewer=admin)[1] <= 15
        follow_ups = [
            row.next_follow_up_at.astimezone(admin.zone).date()
            for member in everybody(company)
            for row in open_leads(work, viewer=member, most=50)[0]
            if row.next_follow_up_at is not None
        ]
    assert TODAY in follow_ups
    assert min(follow_ups) < TODAY < max(follow_ups)


def test_deals(company: Built) -> None:
    stages = company.counted(Deal.stage)
    assert set(stages) == {*OPEN_STAGES, "won", "lost"}
    assert stages["won"] >= 40
    assert len(company.counted(Deal.lost_reason)) >= 5
    with company.database.write() as work:
        rebuild_totals(work)  # as the demo does: while it is written nobody keeps them
    for rep in (member for member in everybody(company) if member.has(Role.REP)):
        with company.database.read() as work:
            mine = pipeline(work, viewer=rep, most=100)
        assert all(stage.count for stage in mine.stages), rep.name
        assert any(deal.is_stale for deal in mine.deals), rep.name


def test_orders(company: Built) -> None:
    statuses = company.counted(Order.status)
    assert statuses["closed"] >= 80
    assert min(statuses[one] for one in ("in_production", "ready", "shipped", "delivered")) >= 1
    assert min(statuses[status] for status in ("pending", "rejected", "sent_back", "recalled")) >= 1
    assert max(company.rows(Order.round)) >= 2
    decisions = company.counted(ApprovalStep.decision)
    assert min(decisions[one] for one in ("reject", "send_back", "override", "deposit")) >= 1
    months = Counter(at.strftime("%Y-%m") for at in company.rows(Order.submitted_at))
    assert len(months) >= 18


def test_receivables(company: Built) -> None:
    overdue = company.rows(Receivable.due_on, Receivable.settled_at.is_(None), Receivable.due_on < TODAY)
    assert len(overdue) >= 3
    assert len(company.rows(Receivable.id, Receivable.settled_at.is_not(None))) >= 80
    assert len(company.rows(Receivable.id, Receivable.settled_at.is_(None), Receivable.due_on >= TODAY)) >= 3


# — what goes on just now —


def test_everybody_who_approves_has_something_waiting(company: Built) -> None:
    assert_all_wait(company, TODAY)


def test_finance_has_an_order_over_the_limit_and_the_manager_a_large_one(company: Built) -> None:
    finance, manager = person(company, Role.FINANCE), person(company, Role.GM)
    with company.database.read() as work:
        over = [line.order_id for line in waiting_for(work, person=finance) if over_limit(work, finance, line.order_id)]
        large = [line for line in waiting_for(work, person=manager) if line.base_total > Decimal("500000.00")]
        floor = Decimal(read_rules(work)["orders.floor_margin"])
        orders = [get_order(work, viewer=manager, order_id=line.order_id) for line in waiting_for(work, person=manager)]
    assert over
    assert large
    assert any(view.order["margin"] < floor for view in orders)


def test_a_chat_opened_first_shows_the_present_alone(company: Built) -> None:
    with company.database.read() as work:
        kept = work.connection.execute(select(OutboxEntry.table()).where(OutboxEntry.status == "pending")).all()
        cards = {(row.person_id, row.payload["card"][1]) for row in kept if "card" in row.payload}
        for member in everybody(company):
            mine = {(member.id, line.order_id) for line in waiting_for(work, person=member)}
            assert mine <= cards, member.name
            assert sum(row.person_id == member.id for row in kept) <= len(mine) + 8, member.name
    assert company.counted(OutboxEntry.status).keys() == {"pending", "dropped"}
    assert all(row.created_at > NOW - timedelta(days=5) for row in kept if "notice" in row.payload)


def test_the_first_chat_gets_one_card_of_each_order(companies: dict[str, Built], tmp_path: Path) -> None:
    source = companies["sqlite"].database
    shutil.copyfile(Path(str(source.engine.url.database)), tmp_path / "copy.db")
    database = Database(f"sqlite:///{tmp_path / 'copy.db'}", clock=lambda: NOW)
    manager = person(companies["sqlite"], Role.GM)
    with database.write() as work:
        chat = outbox.enter_chat(work, platform="test", external_id="boss", is_private=True, token="t")
        deliver_kept(work, person_id=manager.id, chat_id=chat.id)
        orders = work.connection.execute(
            select(outbox.CardCopy.subject_id).where(outbox.CardCopy.card == "approval")
        ).scalars()
        assert sorted(orders) == sorted(line.order_id for line in waiting_for(work, person=manager))
    database.close()


# — how it came about —


ENTITIES = {
    "person": Person,
    "product": Product,
    "customer": Customer,
    "lead": Lead,
    "deal": Deal,
    "order": Order,
    "receivable": Receivable,
}


@pytest.mark.parametrize("entity", ENTITIES)
def test_everything_has_its_history(company: Built, entity: str) -> None:
    recorded = set(company.rows(HistoryEntry.entity_id, HistoryEntry.entity == entity))
    assert recorded == set(company.rows(ENTITIES[entity].id))


def test_every_move_and_every_decision_is_in_the_history(company: Built) -> None:
    with company.database.read() as work:
        acts = Counter(tuple(row) for row in work.connection.execute(select(HistoryEntry.entity, HistoryEntry.act)))
    assert acts["deal", "opened"] + acts["deal", "moved"] == len(company.rows(DealStage.id))
    decided = company.counted(ApprovalStep.decision)
    for decision in ("reject", "send_back"):
        assert acts["order", decision] == decided[decision]
    assert acts["receivable", "opened"] == len(company.rows(Receivable.id))


def test_time_went_forwards_and_ends_before_now(company: Built) -> None:
    with company.database.read() as work:
        times = list(work.connection.execute(select(HistoryEntry.at).order_by(HistoryEntry.id)).scalars())
    assert times == sorted(times)
    assert times[0] < NOW - timedelta(days=540)
    assert NOW - timedelta(days=4) < times[-1] < NOW
    assert max(company.rows(Communication.at)) < NOW
    assert max(company.rows(DealStage.entered_at)) < NOW


def test_people_act_in_their_working_hours(company: Built) -> None:
    zones = {member.id: member.zone for member in everybody(company)}
    with company.database.read() as work:
        acts = work.connection.execute(
            select(HistoryEntry.at, HistoryEntry.person_id).where(HistoryEntry.person_id.is_not(None))
        ).all()
    local = [row.at.astimezone(zones[row.person_id]) for row in acts]
    assert all(at.weekday() < 5 and 8 <= at.hour <= 18 for at in local)


def test_both_kinds_of_database_hold_the_same_company(companies: dict[str, Built]) -> None:
    for table in metadata.sorted_tables:
        assert contents(companies["sqlite"], table) == contents(companies["postgresql"], table), table.name


def test_it_is_not_built_twice_into_one_database(company: Built) -> None:
    before = len(company.rows(HistoryEntry.id))
    with company.database.write() as work:
        build_company(work)
    assert len(company.rows(HistoryEntry.id)) == before


def test_it_is_built_in_as_few_statements_as_a_quick_start_allows(companies: dict[str, Built]) -> None:
    assert companies["sqlite"].statements < MOST_STATEMENTS


def test_built_on_a_sunday_night_it_is_as_alive(sqlite_url: str) -> None:
    now = datetime(2027, 1, 3, 17, 0, tzinfo=UTC)  # Monday, one o'clock in the morning in Shanghai
    built = build(Database(sqlite_url, clock=lambda: now, events=subscriptions()))
    assert_all_wait(built, date(2027, 1, 4))
    assert max(built.rows(HistoryEntry.at)) < now
    built.database.close()


def assert_all_wait(company: Built, today: date) -> None:
    """Everybody who decides has something to decide, and something has waited for over a day."""
    with company.database.read() as work:
        lines = {
            member.name: waiting_for(work, person=member)
            for member in list_members(work)
            if member.has(Role.SUPERVISOR, Role.FINANCE, Role.GM)
        }
        assert work.connection.execute(select(func.count()).select_from(Order)).scalar_one() > 120
    assert len(lines) == 5
    assert all(lines.values()), lines
    asked = [line.asked_at for waiting in lines.values() for line in waiting]
    assert min(asked).date() < today - timedelta(days=2)


def over_limit(work: UnitOfWork, finance: Member, order_id: int) -> bool:
    order = get_order(work, viewer=finance, order_id=order_id).order
    check = check_credit(
        work,
        customer_id=order["customer_id"],
        base_amount=order["base_total"],
        today=TODAY,
        without_order=order_id,
    )
    return check.over_by > 0


def everybody(company: Built) -> list[Member]:
    with company.database.read() as work:
        return list_members(work)


def person(company: Built, role: Role) -> Member:
    return next(member for member in everybody(company) if member.has(role))


_REPLACED = {
    ("order_lines", "id"),
    ("quote_lines", "id"),
    ("shipment_lines", "order_line_id"),
    ("allocations", "order_line_id"),
    ("work_orders", "order_line_id"),
}


def contents(company: Built, table: Any) -> list[str]:
    """The rows in an order of their own. A line's id is nobody's: SQLite gives those of replaced lines out again."""
    columns = [column for column in table.c if (table.name, column.name) not in _REPLACED]
    with company.database.read() as work:
        rows = work.connection.execute(select(*columns))
        return sorted(json.dumps([*row], sort_keys=True, default=repr) for row in rows)
