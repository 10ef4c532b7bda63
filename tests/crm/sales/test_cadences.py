"""A lead's plan of follow-ups: by its source, on working days, spread; moved by hand, gone with the lead."""

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from crm.core.database import Database
from crm.core.history import SYSTEM
from crm.core.rules import set_rule
from crm.people.people import Member
from crm.sales.leads.cadences import PlannedFollowUp, planned_days
from crm.sales.leads.following_up import followed_up, set_follow_up
from crm.sales.leads.leads import disqualify_lead, get_lead
from crm.sales.leads.pool import claim_lead, release_lead
from crm.sales.tasks.tasks import Task
from tests.conftest import Clock, MakeLead, MakePerson


@pytest.fixture
def li(make_person: MakePerson) -> Member:
    return make_person("Li")


def _days(database: Database, lead_id: int) -> list[date]:
    with database.read() as work:
        return planned_days(work, lead_id=lead_id)


def _next(database: Database, li: Member, lead_id: int) -> datetime | None:
    with database.read() as work:
        found: datetime | None = get_lead(work, viewer=li, lead_id=lead_id).next_follow_up_at
        return None if found is None else found.astimezone(li.zone)


def _reminders(database: Database, lead_id: int) -> list[Any]:
    with database.read() as work:
        mine = (Task.about == "lead", Task.about_id == lead_id, Task.status == "open")
        return list(work.connection.execute(select(Task.due_at, Task.has_time).where(*mine)).all())


def _rule(database: Database, key: str, value: str) -> None:
    with database.write() as work:
        set_rule(work, actor=SYSTEM, key=key, value=value)


def test_today_and_after_three_and_seven_days(database: Database, li: Member, make_lead: MakeLead) -> None:
    lead = make_lead(li)
    assert _days(database, lead) == [date(2026, 3, 2), date(2026, 3, 5), date(2026, 3, 9)]
    assert _next(database, li, lead) == datetime(2026, 3, 2, 9, tzinfo=li.zone)
    assert _reminders(database, lead) == []  # this morning is over: the digest and the card say so


def test_working_days_alone(database: Database, li: Member, make_lead: MakeLead, clock: Clock) -> None:
    clock.move(days=4)  # Friday: +3 is Monday, +7 Friday
    assert _days(database, make_lead(li)) == [date(2026, 3, 6), date(2026, 3, 9), date(2026, 3, 13)]
    clock.move(days=1)  # Saturday: today is Monday, and so +3 is Tuesday
    lead = make_lead(li)
    assert _days(database, lead) == [date(2026, 3, 9), date(2026, 3, 10), date(2026, 3, 16)]


def test_logged_after_work_it_begins_on_the_next_working_day(
    database: Database, li: Member, make_lead: MakeLead, clock: Clock
) -> None:
    clock.move(days=4, hours=12)  # Friday evening
    assert _days(database, make_lead(li))[0] == date(2026, 3, 9)


def test_by_its_source(database: Database, li: Member, make_lead: MakeLead) -> None:
    _rule(database, "leads.cadence_website", "1，2")
    _rule(database, "leads.cadence_referral", "")
    assert _days(database, make_lead(li, source="website")) == [date(2026, 3, 3), date(2026, 3, 4)]
    without = make_lead(li, source="referral", company="Fjord")
    assert _days(database, without) == []
    assert _next(database, li, without) is None


def test_a_fairs_hundred_leads_do_not_fall_on_one_day(database: Database, li: Member, make_lead: MakeLead) -> None:
    _rule(database, "leads.follow_ups_per_day", "5")
    for number in range(20):
        make_lead(li, company=f"Firm {number}", source="exhibition")
    with database.read() as work:
        days = list(work.connection.execute(select(PlannedFollowUp.day)).scalars())
    assert len(days) == 60
    assert max(map(days.count, set(days))) == 5
    assert all(day.isoweekday() < 6 for day in days)


def test_the_date_set_by_hand_comes_first(database: Database, li: Member, make_lead: MakeLead) -> None:
    at = datetime(2026, 3, 6, 15, tzinfo=li.zone)
    lead = make_lead(li, next_follow_up_at=at, next_follow_up_has_time=True)
    assert _days(database, lead) == [date(2026, 3, 6), date(2026, 3, 9)]
    assert [(row.due_at, bool(row.has_time)) for row in _reminders(database, lead)] == [(at, True)]


def test_the_plan_goes_on_after_a_call(database: Database, li: Member, make_lead: MakeLead, clock: Clock) -> None:
    lead = make_lead(li)
    told: dict[str, Any] = {"actor": li, "platform": "test", "lead_id": lead}
    with database.write() as work:
        followed_up(work, **told)
    at = datetime(2026, 3, 5, 9, tzinfo=li.zone)
    assert _next(database, li, lead) == at
    assert [(row.due_at, bool(row.has_time)) for row in _reminders(database, lead)] == [(at, False)]
    clock.move(days=3)
    with database.write() as work:
        set_follow_up(work, **told, at=datetime(2026, 3, 7, 10, tzinfo=li.zone))
    assert _days(database, lead) == [date(2026, 3, 7), date(2026, 3, 9)]
    assert len(_reminders(database, lead)) == 1
    clock.move(days=4)
    with database.write() as work:
        followed_up(work, **told)
    assert (_days(database, lead), _next(database, li, lead), _reminders(database, lead)) == ([], None, [])


@pytest.mark.parametrize("end", ["disqualified", "released"])
def test_it_goes_with_the_lead(database: Database, li: Member, make_lead: MakeLead, end: str) -> None:
    lead = make_lead(li)
    told: dict[str, Any] = {"actor": li, "platform": "test", "lead_id": lead}
    with database.write() as work:
        followed_up(work, **told)
        if end == "disqualified":
            disqualify_lead(work, **told, reason="no_need")
        else:
            release_lead(work, **told)
    assert (_days(database, lead), _reminders(database, lead)) == ([], [])


def test_whoever_claims_it_gets_a_plan(
    database: Database, li: Member, make_person: MakePerson, make_lead: MakeLead, clock: Clock
) -> None:
    qian = make_person("Qian")
    lead = make_lead(li)
    with database.write() as work:
        release_lead(work, actor=li, platform="test", lead_id=lead)
    clock.move(days=1)
    with database.write() as work:
        claim_lead(work, actor=qian, platform="test", lead_id=lead)
    assert _days(database, lead) == [date(2026, 3, 3), date(2026, 3, 6), date(2026, 3, 10)]
