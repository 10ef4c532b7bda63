"""Leads: who may log, see and change them, and that each change is decided once and written down."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from crm.core import copies, history, outbox
from crm.core.database import Database
from crm.core.errors import Conflict, Forbidden, NotFound
from crm.people.people import Member, Role
from crm.sales.leads.leads import (
    disqualify_lead,
    get_lead,
    open_leads,
    withdraw_lead,
)
from tests.conftest import Clock, MakeLead, MakePerson


@pytest.fixture
def li(make_person: MakePerson) -> Member:
    return make_person("Li", team="North")


def _acts(database: Database, lead_id: int) -> list[tuple[str, str, dict[str, Any], str | None]]:
    with database.read() as work:
        entries = history.history_of(work, entity="lead", entity_id=lead_id)
        return [(entry.act, entry.platform, entry.changes, entry.reason) for entry in entries]


def _disqualify(database: Database, actor: Member, lead_id: int, reason: str = "No budget") -> None:
    with database.write() as work:
        disqualify_lead(work, actor=actor, platform="test", lead_id=lead_id, reason=reason)


def _withdraw(database: Database, actor: Member, lead_id: int) -> None:
    with database.write() as work:
        withdraw_lead(work, actor=actor, platform="test", lead_id=lead_id)


def _sees(database: Database, viewer: Member) -> set[int]:
    with database.read() as work:
        return {row.id for row in open_leads(work, viewer=viewer, most=100)[0]}


def _status(database: Database, viewer: Member, lead_id: int) -> str:
    with database.read() as work:
        return str(get_lead(work, viewer=viewer, lead_id=lead_id).status)


def test_everything_told_is_kept(database: Database, li: Member, make_lead: MakeLead, clock: Clock) -> None:
    told: dict[str, Any] = {
        "company": "万通贸易 🏮",
        "contact": "王经理",
        "source": "exhibition",
        "product_need": "500 LED panels\nsecond line",
        "phone": "+4930901820",
        "email": "wang@example.cn",
        "wechat": "wang88",
        "whatsapp": "+4930901820",
        "country": "DE",
        "product_category": "Lighting",
        "budget_low": Decimal(30_000),
        "budget_high": Decimal("50000.5"),
        "budget_currency": "USD",
        "next_follow_up_at": datetime(2026, 3, 10, 7, tzinfo=UTC),
        "next_follow_up_has_time": True,
        "tags": ["Canton Fair 2026", "广交会"],
        "notes": "'; DROP TABLE leads; --",
    }
    lead_id = make_lead(li, **told)
    with database.read() as work:
        lead = get_lead(work, viewer=li, lead_id=lead_id)
    assert {name: getattr(lead, name) for name in told} == told
    assert (lead.status, lead.owner_id, lead.owner_name, lead.created_by_id) == ("new", li.id, "Li", li.id)
    assert lead.created_at == lead.changed_at == clock.now
    assert _acts(database, lead_id) == [("logged", "test", {"status": [None, "new"], "owner": [None, li.id]}, None)]


@pytest.mark.parametrize("role", Role)
def test_sales_logs_leads(database: Database, make_person: MakePerson, make_lead: MakeLead, role: Role) -> None:
    person = make_person("", role)
    if role in {Role.REP, Role.SUPERVISOR, Role.GM, Role.ADMIN}:
        lead = make_lead(person)
        assert _sees(database, person) == {lead}
    else:
        with pytest.raises(Forbidden, match="logged by sales"):
            make_lead(person)


def test_who_sees_what(database: Database, li: Member, make_person: MakePerson, make_lead: MakeLead) -> None:
    colleague = make_person(team="North")
    stranger = make_person(team="South")
    supervisor = make_person("", Role.SUPERVISOR, team="North")
    other_supervisor = make_person("", Role.SUPERVISOR, team="South")
    teamless = make_person("", Role.SUPERVISOR)
    gm, admin = make_person("", Role.GM), make_person("", Role.ADMIN)
    mine, theirs, far = make_lead(li), make_lead(colleague), make_lead(stranger)
    alone = make_lead(teamless)
    expected = {
        li: {mine},
        colleague: {theirs},
        supervisor: {mine, theirs},
        other_supervisor: {far},
        teamless: {alone},
        gm: {mine, theirs, far, alone},
        admin: {mine, theirs, far, alone},
    }
    for viewer, leads in expected.items():
        assert _sees(database, viewer) == leads
        for lead in (mine, theirs, far, alone):
            with database.read() as work:
                if lead in leads:
                    assert get_lead(work, viewer=viewer, lead_id=lead).id == lead
                else:
                    with pytest.raises(NotFound):
                        get_lead(work, viewer=viewer, lead_id=lead)


def test_what_is_not_there_and_what_is_not_ones_own_are_said_alike(
    database: Database, li: Member, make_person: MakePerson, make_lead: MakeLead
) -> None:
    lead = make_lead(make_person())
    said = []
    for lead_id in (lead, 999):
        with pytest.raises(NotFound) as raised, database.read() as work:
            get_lead(work, viewer=li, lead_id=lead_id)
        said.append(raised.value.text.message)
    assert said[0] == said[1]


def test_the_owner_and_the_supervisor_change_a_lead(
    database: Database, li: Member, make_person: MakePerson, make_lead: MakeLead
) -> None:
    supervisor = make_person("", Role.SUPERVISOR, team="North")
    lead = make_lead(li)
    for other in (make_person("", Role.GM), make_person("", Role.ADMIN)):
        with pytest.raises(Forbidden, match="Only its owner"):
            _disqualify(database, other, lead)
        with pytest.raises(Forbidden, match="Only its owner"):
            _withdraw(database, other, lead)
    with pytest.raises(NotFound):
        _disqualify(database, make_person(team="North"), lead)
    assert _status(database, li, lead) == "new"
    assert len(_acts(database, lead)) == 1
    _disqualify(database, supervisor, lead)
    assert _status(database, li, lead) == "disqualified"
    assert _sees(database, li) == set()


def test_a_lead_is_disqualified_once(database: Database, li: Member, make_lead: MakeLead, clock: Clock) -> None:
    lead = make_lead(li)
    clock.move(minutes=1)
    _disqualify(database, li, lead, "No budget")
    with pytest.raises(Conflict, match="can't be done any more"):
        _disqualify(database, li, lead, "A competitor")
    with database.read() as work:
        row = get_lead(work, viewer=li, lead_id=lead)
    assert (row.status, row.status_reason, row.changed_at) == ("disqualified", "No budget", clock.now)
    assert _acts(database, lead)[1:] == [("disqualified", "test", {"status": ["new", "disqualified"]}, "No budget")]


def test_a_lead_just_logged_is_taken_back(database: Database, li: Member, make_lead: MakeLead) -> None:
    lead = make_lead(li)
    _withdraw(database, li, lead)
    assert _status(database, li, lead) == "withdrawn"
    assert [act for act, *_ in _acts(database, lead)] == ["logged", "undone"]
    with pytest.raises(Conflict, match="taken back already"):
        _withdraw(database, li, lead)
    with pytest.raises(Conflict):
        _disqualify(database, li, lead)


def test_what_was_decided_is_not_taken_back(database: Database, li: Member, make_lead: MakeLead) -> None:
    lead = make_lead(li)
    _disqualify(database, li, lead)
    with pytest.raises(Conflict):
        _withdraw(database, li, lead)
    assert _status(database, li, lead) == "disqualified"


def test_of_two_at_once_one_decides(
    database: Database, database_url: str, open_database: Callable[..., Database], li: Member, make_lead: MakeLead
) -> None:
    """Both have read the lead as new before either writes."""
    other = open_database(database_url)
    lead = make_lead(li)
    together = threading.Barrier(2)
    results: list[str] = []

    def run(at: Database, act: Callable[..., None]) -> None:
        together.wait(10)
        try:
            act(at, li, lead)
            results.append("done")
        except Conflict:
            results.append("conflict")

    threads = [threading.Thread(target=run, args=pair) for pair in ((database, _disqualify), (other, _withdraw))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(results) == ["conflict", "done"]
    assert len(_acts(database, lead)) == 2


def test_a_decision_after_a_stale_read_is_a_conflict(
    postgres_url: str,
    open_database: Callable[..., Database],
    make_person: MakePerson,
    make_lead: MakeLead,
    wait_for_lock: Callable[[], None],
) -> None:
    """On PostgreSQL the loser waits for the winner's row and then finds its status changed."""
    one, two = open_database(postgres_url), open_database(postgres_url)
    li = make_person(at=one)
    lead = make_lead(li, at=one)
    results: list[str] = []

    def lose() -> None:
        try:
            _disqualify(two, li, lead)
        except Conflict:
            results.append("conflict")

    with one.write() as work:
        withdraw_lead(work, actor=li, platform="test", lead_id=lead)
        thread = threading.Thread(target=lose)
        thread.start()
        wait_for_lock()
        assert results == []
    thread.join(10)
    assert results == ["conflict"]


def test_a_change_asks_for_its_copies_to_be_drawn_anew(database: Database, li: Member, make_lead: MakeLead) -> None:
    lead = make_lead(li)
    with database.write() as work:
        chat = outbox.enter_chat(work, platform="test", external_id="c", is_private=True, token="t").id
        copy = copies.add_copy(work, card="lead", subject_id=lead, chat_id=chat, person_id=li.id)
        copies.mark_drawn(work, copy_id=copy, version=1, message_ref="m")
    _disqualify(database, li, lead)
    with database.read() as work:
        assert [row.id for row in copies.copies_behind(work, chat_id=chat)] == [copy]


def test_leads_are_listed_newest_first_in_pages(database: Database, li: Member, make_lead: MakeLead) -> None:
    leads = [make_lead(li) for _ in range(5)]
    _disqualify(database, li, leads.pop(2))
    with database.read() as work:
        first, total = open_leads(work, viewer=li, most=3)
        rest, _ = open_leads(work, viewer=li, offset=3, most=3)
    assert total == 4
    assert [row.id for row in (*first, *rest)] == leads[::-1]
