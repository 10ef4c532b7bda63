"""Changes of the schema, in order, on SQLite and on PostgreSQL; one migrator at a time."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text

from crm.core.database import BEGIN, Database, sqlite_file
from crm.core.errors import SettingsError

_FOLDER = Path(__file__).parent
_LOCK = 8_241_977_301  # any number of our own; PostgreSQL's advisory locks are told apart by it


def migrate(database: Database, revision: str = "head") -> tuple[str | None, str]:
    """Bring the schema to this revision, by default the newest; returns (revision before, now). Inserts no rows.

    A second migrator waits for the first. Raises SettingsError for a schema newer than this program.
    """
    with database.connected() as connection:
        connection.detach()  # closed afterwards: its settings are the migration's, not the program's
        _prepare(connection)
        before = _revision(connection)
        if before is not None and before not in _known():
            raise SettingsError(_NEWER.format(revision=before))
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        if connection.dialect.name == "sqlite" and connection.execute(text("PRAGMA foreign_key_check")).first():
            raise RuntimeError("the migration left rows that point at nothing")
        connection.commit()
        now = _revision(connection)
    assert now is not None
    return before, now


def head() -> str:
    """The newest revision this program knows."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    assert newest is not None
    return newest


def current(database: Database) -> str | None:
    """The revision the database is at; None for one without any."""
    with database.read() as work:
        return _revision(work.connection)


def require_current(database: Database) -> None:
    """Raise SettingsError, with the remedy, unless the schema is exactly the one this program was written for."""
    file = sqlite_file(database.url)
    if file is not None and not file.exists():
        raise SettingsError(f"There is no database at {file}: run tradewind migrate")
    found = current(database)
    if found == head():
        return
    if found is None:
        raise SettingsError("The database has no tables yet: run tradewind migrate")
    if found in _known():
        raise SettingsError(f"The database is at the older revision {found}: stop Tradewind and run tradewind migrate")
    raise SettingsError(_NEWER.format(revision=found))


def differences(database: Database, metadata: MetaData) -> list[object]:
    """What autogenerate would still change; empty when the tables are as the models say."""
    with database.read() as work:
        context = MigrationContext.configure(work.connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))


_NEWER = "The database is at revision {revision}, which is newer than this program: install the newer Tradewind"


def _known() -> set[str]:
    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config


def _prepare(connection: Connection) -> None:
    """Begin the one transaction of the migration, alone."""
    if connection.dialect.name == "sqlite":
        # Rebuilding a table drops it for a moment, which must not cascade; it can be set outside a transaction only.
        driver = connection.connection.dbapi_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys=OFF")
        connection.execution_options(**{BEGIN: "BEGIN EXCLUSIVE"})
        connection.begin()
        return
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
