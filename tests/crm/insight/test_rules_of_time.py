"""Rules that are a time of day: a slip would keep everybody's digest from coming."""

import pytest

from crm.core.database import Database
from crm.core.errors import Invalid
from crm.core.history import SYSTEM
from crm.core.rules import read_rules, set_rule


@pytest.mark.parametrize("value", ["soon", "8:30", "25:00", "", "0830 "])
def test_what_is_no_time_is_refused(sqlite: Database, value: str) -> None:
    with pytest.raises(Invalid), sqlite.write() as work:
        set_rule(work, actor=SYSTEM, key="digests.rep_at", value=value)
    with sqlite.read() as work:
        assert read_rules(work)["digests.rep_at"] == "08:30"


def test_a_time_is_taken(sqlite: Database) -> None:
    with sqlite.write() as work:
        set_rule(work, actor=SYSTEM, key="digests.rep_at", value="07:45")
        assert read_rules(work)["digests.rep_at"] == "07:45"


def test_the_company_s_zone_stays(sqlite: Database) -> None:
    with pytest.raises(Invalid), sqlite.write() as work:
        set_rule(work, actor=SYSTEM, key="company.timezone", value="Europe/Berlin")
