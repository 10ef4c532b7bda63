"""Two records become one and two again: nothing lost, nothing left behind, and what was made since follows."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, select

from crm.core.errors import Conflict, Forbidden, Invalid
from crm.core.money import Money
from crm.core.tables import Base
from crm.ledger.credit import Reservation
from crm.ledger.receivables import Receivable
from crm.people.people import Member
from crm.sales.campaigns.rows import Campaign, CampaignMail
from crm.sales.collisions.doubles import likely_doubles
from crm.sales.customers.changes import change_customer, known_customers
from crm.sales.customers.changing_contacts import ContactDetails, add_contact
from crm.sales.customers.communications import add_note
from crm.sales.customers.contacts import contacts_of
from crm.sales.customers.customers import CustomerDetails, create_customer, find_customers, get_customer
from crm.sales.deals.deals import DealDetails, open_deal
from crm.sales.ownership.handing_over import hand_over
from crm.sales.ownership.merging import last_merge, merge_customers, preview_merge, undo_merge
from crm.sales.reminders.setting import add_task
from tests.conftest import Clock, MakePerson
from tests.crm.orders.trading import Trade

BOOKKEEPING = {"history", "card_copies", "outbox", "customer_merges", "chats"}


class Two:
    """Ernst Handel, and a second record of it with a contact, a note, a deal, a reminder and a receivable."""

    def __init__(self, trade: Trade, clock: Clock) -> None:
        self.trade, self.clock, self.database = trade, clock, trade.database
        self.kept = trade.customer
        with self.database.write() as work:
            by: dict[str, Any] = {"actor": trade.rep, "platform": "test"}
            details = CustomerDetails(name="Ernst Handel GmbH", contact="Roland", phone="+43316123456")
            terms = replace(details, payment_terms="net 30", tags=["fair"])
            self.double = create_customer(work, **by, details=terms)
            add_contact(work, **by, customer_id=self.kept, details=ContactDetails(name="Mendel"))
            add_note(work, **by, customer_id=self.double, text="asked for samples", kind="call")
            amount = Money(Decimal(5000), "CNY")
            self.deal = open_deal(
                work, **by, details=DealDetails(customer_id=self.double, title="Lamps", amount=amount)
            )
            due = work.now + timedelta(days=1)
            add_task(work, **by, text="call", due_at=due, about=("customer", self.double))
            owed = {"amount": Decimal(10), "base_amount": Decimal(10), "open_base": Decimal(10), "currency": "CNY"}
            row = {"customer_id": self.double, "due_on": date(2026, 3, 1), "created_at": work.now, **owed}
            work.connection.execute(insert(Receivable.table()), row)

    def merge(self, actor: Member | None = None, kept: int | None = None, merged: int | None = None) -> int:
        with self.database.write() as work:
            told = {"kept_id": kept or self.kept, "merged_id": merged or self.double}
            return merge_customers(work, actor=actor or self.trade.rep, platform="test", **told)

    def undo(self, merge_id: int, actor: Member | None = None) -> None:
        with self.database.write() as work:
            undo_merge(work, actor=actor or self.trade.rep, platform="test", merge_id=merge_id)

    def rows(self) -> dict[str, list[Any]]:
        """Every row of every table but those that only tell what happened; times of change left out."""
        with self.database.read() as work:
            return {
                table.name: sorted(
                    str({name: value for name, value in row._mapping.items() if name != "changed_at"})
                    for row in work.connection.execute(select(table))
                )
                for table in Base.metadata.sorted_tables
                if table.name not in BOOKKEEPING
            }

    def of(self, model: Any) -> set[int]:
        with self.database.read() as work:
            return set(work.connection.execute(select(model.__table__.c.customer_id)).scalars())


@pytest.fixture
def two(database: Any, make_person: MakePerson, clock: Clock) -> Two:
    return Two(Trade(database, make_person), clock)


def test_everything_goes_over_and_comes_back_exactly(two: Two) -> None:
    order = two.trade.submit(two.trade.draft(customer_id=two.double))
    before = two.rows()
    with two.database.read() as work:
        told = preview_merge(work, actor=two.trade.rep, kept_id=two.kept, merged_id=two.double)
    assert [text.message for text in told] == [
        "{n} contact",
        "{n} entry in the history",
        "{n} deal",
        "{n} order",
        "{n} receivable",
        "{n} reminder",
    ]
    merge_id = two.merge()
    for model in (Receivable, Reservation):
        assert two.of(model) == {two.kept}
    assert two.trade.order(order).customer_id == two.kept
    with two.database.read() as work:
        kept = get_customer(work, viewer=two.trade.rep, customer_id=two.kept)
        assert (kept.payment_terms, kept.tags, kept.currency) == ("net 30", ["fair"], "CNY")
        contacts = contacts_of(work, customer_ids=[two.kept])
        assert [(one.name, one.is_main) for one in contacts] == [("Mendel", True), ("Roland", False)]
        assert find_customers(work, viewer=two.trade.rep, query="GmbH")[1] == 0
        assert last_merge(work, kept_id=two.kept).id == merge_id
    two.undo(merge_id)
    assert two.rows() == before
    with pytest.raises(Conflict, match="already"):
        two.undo(merge_id)


def test_what_was_made_of_it_since_follows_it_back(two: Two) -> None:
    merge_id = two.merge()
    two.clock.move(minutes=5)
    order = two.trade.submit(two.trade.draft(customer_id=two.kept, deal_id=two.deal))
    own = two.trade.submit(two.trade.draft(customer_id=two.kept))
    two.undo(merge_id)
    assert two.trade.order(order).customer_id == two.double
    assert two.trade.order(own).customer_id == two.kept
    with two.database.read() as work:
        held = dict(work.connection.execute(select(Reservation.order_id, Reservation.customer_id)).all())
    assert held == {order: two.double, own: two.kept}


def test_what_was_changed_since_stays_changed(two: Two) -> None:
    merge_id = two.merge()
    two.clock.move(minutes=5)
    with two.database.write() as work:
        known = known_customers(work, customer_ids=[two.kept])[0]
        details = replace(known.details, payment_terms="in advance")
        change_customer(work, actor=two.trade.rep, platform="test", customer_id=two.kept, details=details)
    two.undo(merge_id)
    with two.database.read() as work:
        kept = get_customer(work, viewer=two.trade.rep, customer_id=two.kept)
        assert (kept.payment_terms, kept.tags) == ("in advance", [])


def test_of_two_owners_the_one_that_stays_gets_the_open_deals(two: Two, make_person: MakePerson) -> None:
    wang = make_person("Wang", team="North")
    with two.database.write() as work:
        told: dict[str, Any] = {"from_id": two.trade.rep.id, "to_id": wang.id, "customer_ids": [two.kept]}
        hand_over(work, actor=two.trade.boss, platform="test", **told)
    two.clock.move(minutes=5)
    for actor in (two.trade.rep, wang):
        with pytest.raises(Exception, match="There is no such customer"):
            two.merge(actor)
    before = two.rows()
    merge_id = two.merge(two.trade.boss)
    with two.database.read() as work:
        deals = Base.metadata.tables["deals"]
        owner = work.connection.execute(select(deals.c.owner_id).where(deals.c.id == two.deal)).scalar_one()
    assert owner == wang.id
    two.undo(merge_id, two.trade.boss)
    assert {name: rows for name, rows in two.rows().items() if name != "pipeline_totals"} == {
        name: rows for name, rows in before.items() if name != "pipeline_totals"
    }


def test_why_it_cannot_be_undone(two: Two, make_person: MakePerson) -> None:
    third = two.trade.add_customer("Third")
    first = two.merge()
    with pytest.raises(Forbidden):
        two.undo(first, two.trade.boss)
    second = two.merge(kept=third, merged=two.kept)
    with pytest.raises(Conflict, match="merged further"):
        two.undo(first)
    two.undo(second)
    two.clock.move(minutes=5)
    wang = make_person("Wang", team="North")
    with two.database.write() as work:
        told: dict[str, Any] = {"from_id": two.trade.rep.id, "to_id": wang.id, "customer_ids": [two.kept]}
        hand_over(work, actor=two.trade.boss, platform="test", **told)
    with pytest.raises(Conflict, match="handed over since"):
        two.undo(first, two.trade.admin)


def test_what_cannot_be_merged(two: Two) -> None:
    with pytest.raises(Invalid, match="same customer"):
        two.merge(merged=two.kept)
    with pytest.raises(Forbidden):
        two.merge(two.trade.finance)
    two.merge()
    with pytest.raises(Forbidden, match="merged"):
        two.merge()


def test_likely_doubles_are_found_by_name_and_number(two: Two) -> None:
    two.trade.add_customer("QUICK-Stop")
    with two.database.write() as work:
        details = CustomerDetails(name="R. Mendel & Sons", contact="Roland", phone="+43316123456")
        sons = create_customer(work, actor=two.trade.rep, platform="test", details=details)
    with two.database.read() as work:
        found = likely_doubles(work, viewer=two.trade.rep, customer_id=two.double)
        assert {row.id for row, _ in found} == {two.kept, sons}


def test_what_there_may_be_once_of_a_customer_stays_where_both_have_it(two: Two) -> None:
    campaigns, mails = Campaign.table(), CampaignMail.table()
    with two.database.write() as work:
        told = {"name": "S", "segment": {}, "subject": "s", "text": "t", "status": "done", "owner_id": two.trade.rep.id}
        of_both, of_one = (
            work.connection.execute(
                insert(campaigns).returning(campaigns.c.id), told | {"created_at": work.now}
            ).scalar_one()
            for _ in range(2)
        )
        sent = {"email": "a@b.c", "status": "sent", "attempts": 1, "created_at": work.now}
        for campaign_id, customer_id in ((of_both, two.kept), (of_both, two.double), (of_one, two.double)):
            work.connection.execute(insert(mails), sent | {"campaign_id": campaign_id, "customer_id": customer_id})
    before = two.rows()["campaign_mails"]
    merge_id = two.merge()
    with two.database.read() as work:
        found = work.connection.execute(select(mails.c.campaign_id, mails.c.customer_id)).all()
    assert sorted(map(tuple, found)) == sorted([(of_both, two.kept), (of_both, two.double), (of_one, two.kept)])
    two.undo(merge_id)
    assert two.rows()["campaign_mails"] == before
