"""`tradewind backup` and `restore`: the whole database in one file."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from crm.core.database import Database, sqlite_file
from crm.core.errors import SettingsError
from crm.migrations import require_current


def write_backup(url: str, file: Path) -> str:
    """Write a consistent copy while the program runs; says what was written. Raises SettingsError."""
    if file.exists():
        raise SettingsError(f"{file} is there already; choose another name")
    if not file.parent.is_dir():
        raise SettingsError(f"There is no folder {file.parent}")
    draft = file.with_name(f"{file.name}.part")
    source = sqlite_file(url)
    if source is None:
        _postgres("pg_dump", url, "--format=custom", f"--file={draft}")
    else:
        if not source.exists():
            raise SettingsError(f"There is no database at {source}")
        with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(draft)) as copy:
            original.backup(copy)
    draft.chmod(0o600)
    draft.replace(file)
    return f"Wrote {file} ({file.stat().st_size:,} bytes)."


def restore_backup(url: str, file: Path) -> str:
    """Put a backup in the database's place; says what was done. Raises SettingsError, the database then unharmed."""
    if not file.is_file():
        raise SettingsError(f"There is no file {file}")
    target = sqlite_file(url)
    if target is None:
        _postgres("pg_restore", url, "--clean", "--if-exists", "--no-owner", "--single-transaction", str(file))
        return f"Restored {file}."
    draft = target.with_name(f"{target.name}.restoring")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, draft)
    try:
        _check_sqlite(draft, file)
        _replace_sqlite(target, draft)
    finally:
        for left in (draft, *(draft.with_name(f"{draft.name}{tail}") for tail in ("-wal", "-shm"))):
            left.unlink(missing_ok=True)
    return f"Restored {file}."


def _check_sqlite(draft: Path, named: Path) -> None:
    try:
        with closing(sqlite3.connect(draft)) as copy:
            sound = copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    except sqlite3.DatabaseError:
        sound = False
    if not sound:
        raise SettingsError(f"{named} is not a backup that tradewind backup has written")
    database = Database(f"sqlite:///{draft}")
    try:
        require_current(database)
    finally:
        database.close()


def _replace_sqlite(target: Path, draft: Path) -> None:
    """Copy page by page into the database's own file, which fails cleanly while a program holds it."""
    try:
        with closing(sqlite3.connect(draft)) as copy, closing(sqlite3.connect(target, timeout=1)) as database:
            copy.backup(database, progress=_refuse_to_wait)
    except sqlite3.OperationalError as error:
        raise SettingsError(f"{target} is in use ({error}): stop Tradewind first") from error


def _refuse_to_wait(status: int, remaining: int, total: int) -> None:
    """Left to itself, a copy waits for a lock for ever."""
    if status in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        raise sqlite3.OperationalError("database is locked")


def _postgres(program: str, url: str, *arguments: str) -> None:
    parsed: URL = make_url(url).set(drivername="postgresql")
    if shutil.which(program) is None:
        raise SettingsError(f"{program} is not installed; it comes with PostgreSQL's client programs")
    password = {"PGPASSWORD": parsed.password} if parsed.password else {}
    address = parsed.set(password=None).render_as_string()
    done = subprocess.run(  # noqa: S603 - a fixed program, the arguments are not a shell's
        [program, f"--dbname={address}", *arguments],
        env={**os.environ, **password},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"{program} failed"]
        raise SettingsError(f"{program}: {lines[-1]}")
