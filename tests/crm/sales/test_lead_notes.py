"""Notes on a lead: lines of its own, with the day and the name, and taken back as long as nothing came after."""

import pytest
from sqlalchemy import update

from crm.core.database import Database
from crm.core.errors import Conflict, Invalid, NotFound
from crm.people.people import Role
from crm.sales.leads.leads import Lead, get_lead
from crm.sales.leads.notes import add_lead_note, take_back_lead_note
from tests.conftest import MakeLead, MakePerson


def test_only_the_newest_is_taken_back(database: Database, make_person: MakePerson, make_lead: MakeLead) -> None:
    zhao = make_person("Zhao", Role.SUPERVISOR, team="North")
    li = make_person("Li", team="North")
    lead_id = make_lead(li)
    told = {"platform": "test", "lead_id": lead_id}
    with database.write() as work:
        first = add_lead_note(work, actor=li, text=" first ", **told)
        second = add_lead_note(work, actor=zhao, text="second", **told)
        with pytest.raises(Conflict):
            take_back_lead_note(work, actor=li, note_id=first, **told)
        with pytest.raises(Conflict):
            take_back_lead_note(work, actor=li, note_id=second, **told)  # not theirs
        take_back_lead_note(work, actor=zhao, note_id=second, **told)
        assert get_lead(work, viewer=li, lead_id=lead_id).notes == "2026-03-02 Li: first"
        take_back_lead_note(work, actor=li, note_id=first, **told)
        assert get_lead(work, viewer=li, lead_id=lead_id).notes is None


def test_notes_that_were_changed_otherwise_since_stay(
    database: Database, make_person: MakePerson, make_lead: MakeLead
) -> None:
    li = make_person("Li", team="North")
    lead_id = make_lead(li)
    with database.write() as work:
        told = {"actor": li, "platform": "test", "lead_id": lead_id}
        note_id = add_lead_note(work, text="first", **told)
        work.connection.execute(update(Lead).where(Lead.id == lead_id).values(notes="rewritten"))
        with pytest.raises(Conflict):
            take_back_lead_note(work, note_id=note_id, **told)
        assert get_lead(work, viewer=li, lead_id=lead_id).notes == "rewritten"


def test_who_may_not_see_the_lead_adds_nothing(
    database: Database, make_person: MakePerson, make_lead: MakeLead
) -> None:
    li, qian = make_person("Li", team="North"), make_person("Qian", team="South")
    lead_id = make_lead(li)
    with database.write() as work:
        with pytest.raises(NotFound):
            add_lead_note(work, actor=qian, platform="test", lead_id=lead_id, text="hello")
        with pytest.raises(Invalid):
            add_lead_note(work, actor=li, platform="test", lead_id=lead_id, text="  ")
        assert get_lead(work, viewer=li, lead_id=lead_id).notes is None
