"""Grades by hand: who gives them, with a reason, kept in the history."""

import pytest

from crm.core.database import Database
from crm.core.errors import Forbidden, Invalid, NotFound
from crm.core.history import history_of
from crm.people.people import Member, Role
from crm.sales.customers.customers import CustomerDetails, create_customer, get_customer
from crm.sales.customers.grading import set_grade
from tests.conftest import MakePerson


def test_the_owners_supervisor_grades_with_a_reason(database: Database, make_person: MakePerson) -> None:
    rep, supervisor = make_person("Li Wei", team="Europe"), make_person("Lin", Role.SUPERVISOR, team="Europe")
    other = make_person("Zhao", Role.SUPERVISOR, team="Overseas")
    with database.write() as work:
        details = CustomerDetails(name="Ernst Handel")
        customer_id = create_customer(work, actor=rep, platform="test", details=details)

    def grade(actor: Member, grade: str, reason: str = "large orders") -> str:
        with database.write() as work:
            return set_grade(work, actor=actor, platform="test", customer_id=customer_id, grade=grade, reason=reason)

    with pytest.raises(Forbidden):
        grade(rep, "A")
    with pytest.raises(NotFound):
        grade(other, "A")
    for wrong, why in (("D", "large orders"), ("A", "  ")):
        with pytest.raises(Invalid):
            grade(supervisor, wrong, why)
    assert grade(supervisor, "A") == "C"
    assert grade(make_person("Chen", Role.GM), "A") == "A"
    with database.read() as work:
        assert get_customer(work, viewer=rep, customer_id=customer_id).grade == "A"
        entries = history_of(work, entity="customer", entity_id=customer_id)
    assert [(entry.act, entry.changes, entry.reason) for entry in entries[1:]] == [
        ("graded", {"grade": ["C", "A"]}, "large orders")
    ]
