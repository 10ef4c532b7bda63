"""Several processes that start on a new database at once: one writes the company's rules, the others find them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from crm.core.database import Database
from crm.core.rules import seed_rules, text_rule


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite lets one write at a time
def test_rules_seeded_at_once(
    database: Database,
    database_url: str,
    open_database: Callable[..., Database],
    wait_for_lock: Callable[[], None],
) -> None:
    other = open_database(database_url)

    def seed() -> None:
        with other.write() as work:
            seed_rules(work, None, base_currency="EUR")

    with ThreadPoolExecutor(1) as threads:
        with database.write() as work:
            assert seed_rules(work, None, base_currency="USD") > 0
            seeding = threads.submit(seed)
            wait_for_lock()
        seeding.result(20)
    with database.read() as work:
        assert text_rule(work, "company.base_currency") == "USD"
