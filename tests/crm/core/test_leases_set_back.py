"""A named lease taken by a clock that was set back since is nobody's."""

from datetime import timedelta

import pytest

from crm.core import leases
from crm.core.database import Database
from tests.conftest import Clock


@pytest.mark.parametrize(("back", "is_free"), [(timedelta(hours=1), True), (timedelta(seconds=5), False)])
def test_a_lease_of_a_clock_set_back(database: Database, clock: Clock, back: timedelta, is_free: bool) -> None:
    with database.write() as work:
        assert leases.hold(work, name="telegram:1", holder="one", seconds=20)
    clock.now -= back
    with database.write() as work:
        assert leases.hold(work, name="telegram:1", holder="two", seconds=20) is is_free
