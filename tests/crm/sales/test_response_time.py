"""The first response to a lead: working minutes from its receipt, once, by owner and on average."""

from datetime import timedelta
from typing import Any

import pytest

from crm.core.database import Database
from crm.people.people import Member
from crm.sales.leads.leads import advance_lead, get_lead
from crm.sales.leads.notes import add_lead_note
from crm.sales.leads.response_time import Response, response_times
from tests.conftest import Clock, MakeLead, MakePerson


@pytest.fixture
def li(make_person: MakePerson) -> Member:
    return make_person("Li")


def _minutes(database: Database, li: Member, lead_id: int) -> int | None:
    with database.read() as work:
        found: int | None = get_lead(work, viewer=li, lead_id=lead_id).response_minutes
        return found


def _note(database: Database, actor: Member, lead_id: int, **more: Any) -> None:
    with database.write() as work:
        add_lead_note(work, actor=actor, platform="test", lead_id=lead_id, text="hello", **more)


def test_only_working_time_counts_and_only_the_first(
    database: Database, li: Member, make_lead: MakeLead, clock: Clock
) -> None:
    clock.move(hours=8)  # half past five in the afternoon
    lead = make_lead(li)
    clock.move(hours=16)  # half past nine the next morning
    with database.write() as work:
        advance_lead(work, actor=li, platform="test", lead_id=lead, to_status="contacted")
    assert _minutes(database, li, lead) == 60
    clock.move(hours=2)
    _note(database, li, lead)
    assert _minutes(database, li, lead) == 60


def test_a_note_is_a_response_but_nobody_reached_is_none(
    database: Database, li: Member, make_person: MakePerson, make_lead: MakeLead, clock: Clock
) -> None:
    lead = make_lead(li)
    clock.move(minutes=20)
    _note(database, li, lead, is_contact=False)
    assert _minutes(database, li, lead) is None
    clock.move(minutes=10)
    _note(database, li, lead)
    assert _minutes(database, li, lead) == 30


def test_averages_by_owner_and_period(
    database: Database, li: Member, make_person: MakePerson, make_lead: MakeLead, clock: Clock
) -> None:
    qian = make_person("Qian")
    began = clock()
    for owner, waits in ((li, 10), (li, 20), (qian, 60)):
        lead = make_lead(owner)
        clock.move(minutes=waits)
        _note(database, owner, lead)
    make_lead(li)  # not answered
    until = clock() + timedelta(hours=1)
    with database.read() as work:
        assert response_times(work, since=began, until=until) == {li.id: Response(2, 15.0), qian.id: Response(1, 60.0)}
        assert response_times(work, since=began, until=until, people=[qian.id]) == {qian.id: Response(1, 60.0)}
        assert response_times(work, since=until, until=until + timedelta(days=1)) == {}
