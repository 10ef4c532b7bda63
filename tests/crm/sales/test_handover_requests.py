"""Who may decide on a hand-over that is asked for, and what happens when things have changed meanwhile."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update

from crm.core.database import Database
from crm.core.errors import Conflict, Forbidden, Invalid, NotFound
from crm.core.history import SYSTEM
from crm.core.outbox import OutboxEntry
from crm.people.people import Member, Role, disable_person
from crm.sales.collisions.collisions import collisions
from crm.sales.collisions.handover_requests import ask_for_handover, close_with_leads, hand_it_over, keep_it
from crm.sales.collisions.holding import add_as_note, drop_held, hold_lead, likeness, log_anyway
from crm.sales.customers.communications import Communication
from crm.sales.customers.customers import Customer
from crm.sales.deals.deals import Deal
from crm.sales.leads.leads import Lead, LeadDetails, details_of, disqualify_lead, get_lead
from tests.conftest import MakePerson
from tests.crm.sales.selling import Sales, at_once


class Asking:
    """Li owns 万通贸易 and a deal with it; Qian, of the same team, has met it."""

    def __init__(self, database: Database, make_person: MakePerson) -> None:
        self.sales = Sales(database, make_person)
        self.database = database
        self.qian = make_person("Qian", team="North", at=database)
        self.deal = self.sales.open()
        details = LeadDetails(company="深圳市万通贸易有限公司", contact="Wang", source="other", product_need="lamps")
        with database.write() as work:
            self.lead = hold_lead(work, actor=self.qian, platform="test", details=details)

    def ask(self) -> int:
        told: dict[str, Any] = {"lead_id": self.lead, "kind": "customer", "record_id": self.sales.customer}
        with self.database.write() as work:
            return ask_for_handover(work, actor=self.qian, platform="test", **told)

    def give(self, actor: Member, request_id: int) -> None:
        with self.database.write() as work:
            hand_it_over(work, actor=actor, platform="test", request_id=request_id)

    def keep(self, actor: Member, request_id: int) -> None:
        with self.database.write() as work:
            keep_it(work, actor=actor, platform="test", request_id=request_id)

    def one(self, column: Any) -> Any:
        with self.database.read() as work:
            return work.connection.execute(select(column)).scalars().first()


@pytest.fixture
def asking(database: Database, make_person: MakePerson) -> Asking:
    return Asking(database, make_person)


def test_the_asker_and_others_may_not_decide(asking: Asking, make_person: MakePerson) -> None:
    request_id = asking.ask()
    with pytest.raises(Forbidden, match="decides on that"):
        asking.give(asking.qian, request_id)
    with pytest.raises(NotFound):
        asking.give(make_person("Wu", team="South"), request_id)
    assert asking.one(Customer.owner_id) == asking.sales.rep.id


def test_the_superior_may_and_open_deals_go_along(asking: Asking) -> None:
    asking.give(asking.sales.boss, asking.ask())
    assert asking.one(Customer.owner_id) == asking.qian.id
    assert asking.one(Deal.owner_id) == asking.qian.id
    assert asking.one(Lead.status) == "noted"


def test_given_and_kept_at_once_is_one_of_both(asking: Asking) -> None:
    request_id = asking.ask()
    owner = asking.sales.rep
    acts = [partial(asking.give, owner, request_id), partial(asking.keep, owner, request_id)]
    told = at_once(acts)
    assert sorted(type(error).__name__ for error in told) == ["Conflict", "NoneType"]


def test_of_who_was_disabled_the_superior_is_asked(asking: Asking) -> None:
    with asking.database.write() as work:
        disable_person(work, actor=SYSTEM, person_id=asking.sales.rep.id)
    asking.ask()
    with asking.database.read() as work:
        asked = work.connection.execute(select(OutboxEntry.person_id)).scalars().all()
    assert asking.sales.boss.id in asked
    assert asking.sales.rep.id not in asked


def test_asked_once_and_only_of_others(asking: Asking) -> None:
    asking.ask()
    with pytest.raises(Conflict, match="asked already"):
        asking.ask()


def test_nobodys_is_asked_of_nobody(asking: Asking) -> None:
    with asking.database.write() as work:
        work.connection.execute(update(Customer.table()).values(owner_id=None))
    with pytest.raises(Invalid, match="nobody to ask"):
        asking.ask()


def test_what_changed_hands_meanwhile_is_not_given(asking: Asking) -> None:
    request_id = asking.ask()
    with asking.database.write() as work:
        work.connection.execute(update(Customer.table()).values(owner_id=asking.sales.boss.id))
    with pytest.raises(Conflict, match="another owner by now"):
        asking.give(asking.sales.rep, request_id)
    assert asking.one(Customer.owner_id) == asking.sales.boss.id


def test_a_held_lead_is_its_reps_alone(asking: Asking) -> None:
    told: dict[str, Any] = {"platform": "test", "lead_id": asking.lead}
    with asking.database.write() as work:
        for other in (asking.sales.rep, asking.sales.boss):
            with pytest.raises(NotFound):
                log_anyway(work, actor=other, **told)
        with pytest.raises(Conflict, match="alike"):
            add_as_note(work, actor=asking.qian, **told, kind="customer", record_id=asking.sales.customer + 1)
        assert work.connection.execute(select(Communication.id)).first() is None


def test_logged_twice_at_once_is_once(asking: Asking) -> None:
    def log() -> None:
        with asking.database.write() as work:
            log_anyway(work, actor=asking.qian, platform="test", lead_id=asking.lead)

    assert sorted(type(error).__name__ for error in at_once([log, log])) == ["Conflict", "NoneType"]


def test_what_is_closed_is_no_likeness(database: Database, make_person: MakePerson, make_lead: Any) -> None:
    li, qian = make_person("Li"), make_person("Qian", Role.REP)
    mine = make_lead(li, company="Huis & Haard", phone="+49301234567")
    other = make_lead(qian, company="Zonneschijn")
    with database.write() as work:
        alike = LeadDetails(company="Huis", contact="", source="", product_need="", whatsapp="+49301234567")
        assert [one.record_id for one in collisions(work, details=alike)] == [mine]
        disqualify_lead(work, actor=li, platform="test", lead_id=mine, reason="no_need")
        assert collisions(work, details=alike) == []
        told = details_of(get_lead(work, viewer=qian, lead_id=other))
        assert collisions(work, details=told, besides=other) == []
        with pytest.raises(Conflict):
            likeness(work, actor=qian, lead_id=other)


def test_dropping_what_was_met_ends_the_request(asking: Asking) -> None:
    close_with_leads(asking.database.events)
    request_id = asking.ask()
    with asking.database.write() as work:
        drop_held(work, actor=asking.qian, platform="test", lead_id=asking.lead)
    with pytest.raises(Conflict, match="answered already"):
        asking.give(asking.sales.rep, request_id)
    assert asking.one(Customer.owner_id) == asking.sales.rep.id


def test_the_new_owner_decides(asking: Asking) -> None:
    request_id = asking.ask()
    with asking.database.write() as work:
        work.connection.execute(update(Customer.table()).values(owner_id=asking.sales.boss.id))
    asking.give(asking.sales.boss, request_id)
    assert asking.one(Customer.owner_id) == asking.qian.id


def test_it_is_asked_of_the_new_owner(asking: Asking) -> None:
    asking.ask()
    with asking.database.write() as work:
        work.connection.execute(update(Customer.table()).values(owner_id=asking.sales.boss.id))
    asking.give(asking.sales.boss, asking.ask())
    assert asking.one(Customer.owner_id) == asking.qian.id


def test_nothing_is_given_to_who_has_gone(asking: Asking) -> None:
    request_id = asking.ask()
    with asking.database.write() as work:
        disable_person(work, actor=SYSTEM, person_id=asking.qian.id)
    with pytest.raises(Conflict, match="does not sell"):
        asking.give(asking.sales.rep, request_id)
    assert asking.one(Customer.owner_id) == asking.sales.rep.id
