"""What a rule takes: whole numbers between bounds, days with commas, times; and what was kept before that was asked."""

import pytest
from sqlalchemy import insert

from crm.core.database import Database
from crm.core.errors import Invalid
from crm.core.history import SYSTEM
from crm.core.rules import Rule, check_value, set_rule, shipped, text_rule, whole_rule


def test_what_is_shipped_is_of_its_form() -> None:
    for key, value in shipped().items():
        check_value(key, value)
    assert len(shipped()) > 90


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("leads.follow_ups_per_day", "20.5"),
        ("leads.follow_ups_per_day", "1e1"),
        ("tasks.rhythm_days_A", "14.0"),
        ("service.ahead_days", "2.5"),
        ("service.visit_day", "100"),
        ("quotes.valid_days", "99999999"),
        ("digests.gm_weekday", "0"),
        ("leads.cadence_website", "0;3"),
        ("people.work_days", "128"),
        ("people.quiet_from", "late"),
        ("credit.limit_A", "1e400"),
        ("orders.floor_margin", "-1"),
    ],
)
def test_another_form_is_refused(database: Database, key: str, value: str) -> None:
    with database.write() as work, pytest.raises(Invalid):
        set_rule(work, actor=SYSTEM, key=key, value=value)
    with database.read() as work:
        assert text_rule(work, key) == shipped()[key]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("leads.cadence_other", ""),
        ("leads.cadence_b2b", "1，4"),
        ("people.quiet_to", ""),
        ("orders.floor_margin", "8.5"),
    ],
)
def test_what_a_form_allows_is_taken(database: Database, key: str, value: str) -> None:
    with database.write() as work:
        set_rule(work, actor=SYSTEM, key=key, value=value)
        assert text_rule(work, key) == value


@pytest.mark.parametrize(("kept", "read"), [("14.0", 14), ("20.5", 20), ("99999999", 3650), ("many", 30)])
def test_what_was_kept_before_is_read_as_near_as_can_be(database: Database, kept: str, read: int) -> None:
    with database.write() as work:
        work.connection.execute(insert(Rule), {"key": "quotes.valid_days", "value": kept, "changed_at": work.now})
        assert whole_rule(work, "quotes.valid_days") == read
