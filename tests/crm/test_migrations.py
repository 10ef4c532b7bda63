"""The schema: as the models say on both databases, migrated once by one migrator, without any rows."""

import itertools
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, Table, inspect, text

from bot.tables import TABLES, metadata
from crm.core.database import Database
from crm.core.errors import SettingsError
from crm.core.tables import Base
from crm.migrations import current, differences, head, migrate, require_current
from tests import postgres

_numbers = itertools.count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without a table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    name = f"migrations_{os.getpid()}_{next(_numbers)}"
    yield postgres.create_database(name)
    postgres.drop_database(name)


Open = Callable[..., Database]


def test_the_tables_are_as_the_models_say(database: Database) -> None:
    assert differences(database, metadata) == []


def test_a_difference_would_be_seen(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE teams ADD COLUMN motto VARCHAR(10)"))
    try:
        assert len(differences(database, metadata)) == 1
    finally:
        with database.engine.begin() as connection:
            connection.execute(text("ALTER TABLE teams DROP COLUMN motto"))


def test_every_table_is_known_to_the_migrations() -> None:
    assert {model.__tablename__ for model in TABLES} == set(metadata.tables)
    assert metadata is Base.metadata


def test_twice_is_once(empty_url: str, open_database: Open) -> None:
    database = open_database(empty_url)
    assert current(database) is None
    assert migrate(database) == (None, head())
    assert migrate(database) == (head(), head())
    assert current(database) == head()
    require_current(database)


def test_no_rows_are_inserted(empty_url: str, open_database: Open) -> None:
    database = open_database(empty_url)
    migrate(database)
    with database.read() as work:
        counts = {
            name: work.connection.execute(text(f"SELECT count(*) FROM {name}")).scalar() for name in metadata.tables
        }
    assert counts == dict.fromkeys(metadata.tables, 0)


def test_two_migrators_at_once(empty_url: str, open_database: Open) -> None:
    results: list[tuple[str | None, str]] = []
    together = threading.Barrier(3)

    def run() -> None:
        database = open_database(empty_url)
        together.wait(10)
        results.append(migrate(database))

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(results, key=str) == sorted([(None, head()), (head(), head()), (head(), head())], key=str)


def test_what_fails_half_way_leaves_nothing(empty_url: str, open_database: Open) -> None:
    database = open_database(empty_url)
    obstacle = Table("web_messages", type(metadata)(), Column("id", Integer, primary_key=True))
    obstacle.create(database.engine)
    with pytest.raises(Exception, match="web_messages"):
        migrate(database)
    assert set(inspect(database.engine).get_table_names()) == {"web_messages"}
    obstacle.drop(database.engine)
    assert migrate(database) == (None, head())


def test_data_and_foreign_keys_survive(empty_url: str, open_database: Open) -> None:
    database = open_database(empty_url)
    migrate(database)
    with pytest.raises(Exception, match=r"(?i)foreign key"), database.write() as work:
        work.connection.execute(text("INSERT INTO person_roles (person_id, role) VALUES (99, 'rep')"))


@pytest.mark.parametrize(
    ("revision", "sentence"),
    [("0000", "newer than this program"), ("9999", "newer than this program")],
)
def test_an_unknown_schema_is_refused(database: Database, revision: str, sentence: str) -> None:
    _set_revision(database, revision)
    try:
        with pytest.raises(SettingsError, match=sentence):
            require_current(database)
        with pytest.raises(SettingsError, match=sentence):
            migrate(database)
    finally:
        _set_revision(database, head())


def test_an_older_schema_is_refused_with_the_remedy(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Today's schema, seen by a program that has one more revision."""
    from crm import migrations

    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    here = Path(migrations.__file__).parent
    (folder / "env.py").write_text((here / "env.py").read_text())
    for file in (here / "versions").glob("*.py"):
        (folder / "versions" / file.name).write_text(file.read_text())
    (folder / "versions" / "next.py").write_text(
        f"revision = 'next'\ndown_revision = {head()!r}\ndef upgrade():\n    pass\n"
    )
    was = head()
    monkeypatch.setattr(migrations, "_FOLDER", folder)
    with pytest.raises(SettingsError, match=f"older revision {was}: stop Tradewind and run tradewind migrate"):
        require_current(database)


def test_no_schema_at_all_is_refused_with_the_remedy(empty_url: str, open_database: Open) -> None:
    with pytest.raises(SettingsError, match="run tradewind migrate"):
        require_current(open_database(empty_url))


def _set_revision(database: Database, revision: str) -> None:
    with database.write() as work:
        work.connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
