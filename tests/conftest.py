"""What all tests share: a movable clock, a real database of either kind, factories, hypothesis profiles."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings
from sqlalchemy import inspect, text

from crm.core.database import Database
from crm.core.history import SYSTEM
from crm.migrations import migrate
from crm.people.people import Member, Role, add_person
from crm.sales.leads.leads import LeadDetails, log_lead
from tests import postgres

_QUIET = (HealthCheck.too_slow, HealthCheck.function_scoped_fixture)
settings.register_profile("default", max_examples=60, deadline=None, suppress_health_check=_QUIET)
settings.register_profile("soak", max_examples=5_000, deadline=None, suppress_health_check=_QUIET)
settings.load_profile("default")

# Stories talk faster than people; the tests of Telegram's limits ask for them.
os.environ.setdefault("TRADEWIND_TELEGRAM_LIMITS", "false")

# Logs of a failed test in one line each; their default draws every traceback with all locals.
structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()])

KINDS = ("sqlite", "postgresql")


class Clock:
    """A clock that stands still until it is moved. Begins on Monday, 2 March 2026, 9:30 in Shanghai."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """Move it forwards, by `timedelta`'s arguments."""
        self.now += timedelta(**by)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden-write", action="store_true", help="write what is drawn to tests/golden, to be looked at")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the tables in it and nothing else, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "tradewind.db"
    database = Database(f"sqlite:///{file}")
    migrate(database)
    database.close()  # the last one out folds the write-ahead log into the file
    return file


@pytest.fixture(scope="session")
def migrated_postgres() -> Iterator[str]:
    """The URL of this worker's own PostgreSQL database, with the tables in it."""
    name = f"tests_{os.getpid()}"
    url = postgres.create_database(name)
    database = Database(url)
    migrate(database)
    database.close()
    yield url
    postgres.drop_database(name)


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    file = tmp_path / "tradewind.db"
    shutil.copyfile(migrated_file, file)
    return f"sqlite:///{file}"


@pytest.fixture
def postgres_url(migrated_postgres: str) -> str:
    """The worker's PostgreSQL, emptied."""
    _empty(migrated_postgres)
    return migrated_postgres


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty, migrated database: each test that asks for one runs on both kinds."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


@pytest.fixture
def open_database(clock: Clock) -> Iterator[Callable[..., Database]]:
    """Opens databases under the test's clock, and closes them after it."""
    opened: list[Database] = []

    def open_one(url: str, **options: Any) -> Database:
        opened.append(Database(url, clock=clock, **options))
        return opened[-1]

    yield open_one
    for database in opened:
        database.close()


@pytest.fixture
def database(database_url: str, open_database: Callable[..., Database]) -> Database:
    return open_database(database_url)


@pytest.fixture
def sqlite(sqlite_url: str, open_database: Callable[..., Database]) -> Database:
    return open_database(sqlite_url)


@pytest.fixture
def wait_for_lock(postgres_url: str, open_database: Callable[..., Database]) -> Callable[[], None]:
    """Returns when somebody on the PostgreSQL database waits for a row that somebody else holds."""
    watcher = open_database(postgres_url)
    blocked = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )

    def wait() -> None:
        until = time.monotonic() + 10
        while time.monotonic() < until:
            with watcher.read() as work:
                if work.connection.execute(blocked).scalar():
                    return
        raise AssertionError("nobody waits for a lock")

    return wait


MakePerson = Callable[..., Member]
MakeLead = Callable[..., int]


@pytest.fixture
def make_person(request: pytest.FixtureRequest) -> MakePerson:
    """Adds a person, by default an English-speaking rep; in `at`, else in the test's database."""
    names = (f"Person {number}" for number in range(1, 10_000))

    def make(name: str = "", *roles: Role, at: Database | None = None, **more: Any) -> Member:
        values = {"language": "en", "timezone": "Asia/Shanghai", **more}
        with (at or request.getfixturevalue("database")).write() as work:
            return add_person(work, actor=SYSTEM, name=name or next(names), roles=roles or (Role.REP,), **values)

    return make


@pytest.fixture
def make_lead(request: pytest.FixtureRequest) -> MakeLead:
    """Logs a lead of `owner`'s; returns its id."""

    def make(owner: Member, *, at: Database | None = None, platform: str = "test", **details: Any) -> int:
        told = {"company": "Ernst Handel", "contact": "Roland", "source": "other", "product_need": "lamps", **details}
        with (at or request.getfixturevalue("database")).write() as work:
            return log_lead(work, actor=owner, platform=platform, details=LeadDetails(**told))

    return make


def _empty(url: str) -> None:
    database = Database(url)
    try:
        with database.engine.begin() as connection:
            tables = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
            named = ", ".join(f'"{name}"' for name in tables)
            connection.execute(text(f"TRUNCATE {named} RESTART IDENTITY CASCADE"))
    finally:
        database.close()
