"""Leads that come in by themselves: by the rules in their order, within a team to who has least to do, or the pool."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from crm.core.database import Database
from crm.core.errors import Forbidden, NotFound
from crm.core.history import SYSTEM, history_of
from crm.core.outbox import OutboxEntry
from crm.people.absence import go_away
from crm.people.people import Member, Role, disable_person
from crm.sales.catalogue.categories import add_category
from crm.sales.collisions.intake import Received, receive_lead
from crm.sales.leads.assignment_rules import (
    NewRule,
    add_assignment_rule,
    assignment_rules,
    change_assignment_rule,
    delete_assignment_rule,
    move_assignment_rule,
    restore_assignment_rule,
    seed_assignment,
)
from crm.sales.leads.leads import Lead, LeadDetails, get_lead
from crm.sales.leads.pool import pool_leads
from tests.conftest import Clock, MakeLead, MakePerson
from tests.crm.sales.selling import at_once


class Office:
    """Li and Qian sell in the team North, Wu in the South; Xu is the administrator."""

    def __init__(self, database: Database, make_person: MakePerson) -> None:
        self.database = database
        self.li = make_person("Li", team="North", at=database)
        self.qian = make_person("Qian", team="North", at=database)
        self.wu = make_person("Wu", team="South", at=database)
        self.boss = make_person("Zhao", Role.SUPERVISOR, team="North", at=database)
        self.admin = make_person("Xu", Role.ADMIN, at=database)
        self._firms = iter(("Amsel", "Biber", "Dachs", "Elster", "Fuchs", "Gimpel", "Hirsch", "Igel", "Luchs"))

    def rule(self, to: str, **told: Any) -> int:
        add = partial(add_assignment_rule, actor=self.admin, platform="test", rule=NewRule(to=to, **told))
        with self.database.write() as work:
            return add(work).id

    def receive(self, **told: Any) -> Received:
        values = {"company": next(self._firms), "contact": "Jan", "source": "website", "product_need": "lamps", **told}
        with self.database.write() as work:
            details = LeadDetails(**values)
            return receive_lead(work, details=details, platform="web", received_from="contact form")

    def owner(self, **told: Any) -> int | None:
        return self.receive(**told).owner_id

    def away(self, person: Member, clock: Clock) -> None:
        with self.database.write() as work:
            until = clock() + timedelta(days=3)
            go_away(work, actor=person, platform="test", since=None, until=until, delegate_id=None)


@pytest.fixture
def office(database: Database, make_person: MakePerson) -> Office:
    return Office(database, make_person)


def test_the_first_rule_that_fits_decides(office: Office) -> None:
    with office.database.write() as work:
        add_category(work, name="LED panels", name_zh="LED面板", keywords="led panel")
    office.rule("Qian", category="LED面板", region="DE", source="website")
    office.rule("Wu", category="led panels", region="Europe")
    office.rule("Li", source="b2b")
    led = {"product_need": "500 led panels"}
    assert office.owner(country="DE", **led) == office.qian.id
    assert office.owner(country="DE", source="other", **led) == office.wu.id
    assert office.owner(country="FR", **led) == office.wu.id
    assert office.owner(country="US", source="b2b", **led) == office.li.id
    assert office.owner(country="US", **led) is None
    assert office.owner(country=None, product_need="chairs") is None
    with office.database.read() as work:
        assert len(pool_leads(work, viewer=office.li)[0]) == 2


def test_within_a_team_the_least_loaded_then_who_waited_longest(
    office: Office, make_lead: MakeLead, clock: Clock
) -> None:
    office.rule("north")
    make_lead(office.li, at=office.database, company="Zebra")
    given = []
    for _ in range(5):
        clock.move(minutes=1)
        given.append(office.owner())
    li, qian = office.li.id, office.qian.id
    assert given == [qian, li, qian, li, qian]  # Li had one of their own


def test_ties_go_to_who_waited_longest(office: Office, clock: Clock) -> None:
    office.rule("North")
    first = office.owner()
    clock.move(minutes=1)
    second = office.owner()
    clock.move(minutes=1)
    assert {first, second} == {office.li.id, office.qian.id}
    assert office.owner() == first


def test_who_is_away_or_disabled_gets_nothing(office: Office, clock: Clock) -> None:
    office.rule("North")
    office.rule("Wu")
    office.away(office.li, clock)
    assert {office.owner() for _ in range(3)} == {office.qian.id}
    office.away(office.qian, clock)
    assert office.owner() == office.wu.id
    with office.database.write() as work:
        disable_person(work, actor=SYSTEM, person_id=office.wu.id)
    assert office.owner() is None
    clock.move(days=4)
    assert office.owner() in {office.li.id, office.qian.id}


def test_a_supervisor_who_does_not_sell_gets_none_of_the_teams(office: Office) -> None:
    office.rule("North")
    assert office.boss.id not in {office.owner() for _ in range(4)}


def test_who_looks_after_the_company_gets_it_whatever_the_rules_say(office: Office, make_lead: MakeLead) -> None:
    office.rule("Wu")
    make_lead(office.qian, at=office.database, company="Fjord", email="a@fjord.example")
    assert office.owner(company="Something else", email="b@fjord.example") == office.qian.id
    assert office.owner(company="Fjord Ltd") == office.wu.id  # a name alone is not certain


def test_the_lead_stands_with_plan_and_history(office: Office) -> None:
    office.rule("Li")
    received = office.receive()
    with office.database.read() as work:
        lead = get_lead(work, viewer=office.li, lead_id=received.lead_id)
        (entry,) = history_of(work, entity="lead", entity_id=received.lead_id)
    assert (lead.status, lead.owner_name, lead.created_by_id) == ("new", "Li", None)
    assert lead.next_follow_up_at is not None
    assert (entry.act, entry.reason, entry.person_id, entry.platform) == ("received", "contact form", None, "web")


def test_rules_are_the_administrators(office: Office) -> None:
    rule_id = office.rule("North", region="欧洲")
    with office.database.write() as work:
        told: dict[str, Any] = {"actor": office.boss, "platform": "test"}
        with pytest.raises(Forbidden):
            add_assignment_rule(work, **told, rule=NewRule(to="North"))
        with pytest.raises(Forbidden):
            delete_assignment_rule(work, **told, rule_id=rule_id)
        with pytest.raises(Forbidden):
            change_assignment_rule(work, **told, rule_id=rule_id, rule=NewRule(to="North"))
        with pytest.raises(Forbidden):
            move_assignment_rule(work, **told, rule_id=rule_id)
        taken_out = delete_assignment_rule(work, actor=office.admin, platform="test", rule_id=rule_id)
        with pytest.raises(Forbidden):
            restore_assignment_rule(work, **told, entry_id=taken_out)
        rule_id = restore_assignment_rule(work, actor=office.admin, platform="test", entry_id=taken_out).id
        with pytest.raises(NotFound):
            restore_assignment_rule(work, actor=office.admin, platform="test", entry_id=taken_out - 1)
        with pytest.raises(NotFound):
            delete_assignment_rule(work, actor=office.admin, platform="test", rule_id=rule_id + 1)
        assert [(rule.region, rule.team_name) for rule in assignment_rules(work)] == [("europe", "North")]


def test_seeded_once_when_all_whom_it_names_are_there(office: Office, make_person: MakePerson, tmp_path: Path) -> None:
    file = tmp_path / "tradewind.toml"
    file.write_text('[[assignment]]\nregion = "Europe"\nto = "North"\n[[assignment]]\nsource = "website"\nto = "Sun"\n')
    with office.database.write() as work:
        assert seed_assignment(work, file) == 0
    make_person("Sun", at=office.database)
    with office.database.write() as work:
        assert seed_assignment(work, file) == 2
        for rule in assignment_rules(work):
            delete_assignment_rule(work, actor=office.admin, platform="test", rule_id=rule.id)
    with office.database.write() as work:
        assert seed_assignment(work, file) == 0  # taken out by hand, they stay out
        assert assignment_rules(work) == []


def test_many_at_once_are_spread_evenly(office: Office) -> None:
    office.rule("North")
    firms = [f"{first} {second}" for first in ("Ostrich", "Pelican") for second in ("Vireo", "Wombat", "Yak", "Quagga")]
    assert at_once([partial(office.receive, company=firm) for firm in firms]) == [None] * len(firms)
    with office.database.read() as work:
        owners = list(work.connection.execute(select(Lead.owner_id)).scalars())
    assert sorted(map(owners.count, (office.li.id, office.qian.id))) == [4, 4]


def test_what_is_nobodys_is_told_to_the_supervisors(office: Office) -> None:
    received = office.receive()
    assert received.owner_id is None
    with office.database.read() as work:
        keys = work.connection.execute(select(OutboxEntry.key)).scalars().all()
    assert [key for key in keys if key and key.startswith("lead-pool:")] == [
        f"lead-pool:{received.lead_id}:{office.boss.id}"
    ]
