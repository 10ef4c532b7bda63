"""`tradewind import` as one starts it: says what it does, asks only at a terminal, refuses in a sentence."""

import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from bot.cli import app
from crm.core.database import Database
from crm.core.errors import Invalid
from crm.sales.customers.customers import Customer

TEXT = "name,fax\nErnst Handel,1\nErnst handel,1\nBlauer See,\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "customers.csv"
    path.write_text(TEXT, "utf-8")
    return path


@pytest.fixture
def command(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("TRADEWIND_DATABASE_URL", sqlite.url)
    return CliRunner()


def how_many(database: Database) -> int:
    with database.read() as work:
        return work.connection.execute(select(func.count()).select_from(Customer)).scalar_one()


def test_a_dry_run_says_all_and_writes_nothing(sqlite: Database, command: CliRunner, file: Path) -> None:
    said = command.invoke(app, ["import", str(file), "--kind", "customers", "--dry-run", "--yes"])
    assert said.exit_code == 0
    assert said.output.splitlines() == [
        "customers.csv: 3 rows: 2 new, 0 changed, 0 same, 1 duplicate, 0 faulty",
        "Not read: fax",
        "  line 3: duplicate: the same company as in line 2",
        "This was a dry run: nothing was written.",
    ]
    assert how_many(sqlite) == 0


def test_away_from_a_terminal_it_writes_without_asking_and_a_second_time_nothing(
    sqlite: Database, command: CliRunner, file: Path
) -> None:
    first = command.invoke(app, ["import", str(file), "--kind", "customers"])
    second = command.invoke(app, ["import", str(file), "--kind", "customers"])
    assert first.output.splitlines()[-1] == "Written: 2 new, 0 changed."
    assert second.output.splitlines()[-1] == "There is nothing to write."
    assert (first.exit_code, second.exit_code, how_many(sqlite)) == (0, 0, 2)


@pytest.mark.parametrize(("answer", "options", "written"), [("n\n", [], 0), ("y\n", [], 2), ("", ["--yes"], 2)])
def test_at_a_terminal_it_asks_before_writing(
    sqlite: Database,
    command: CliRunner,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    options: list[str],
    written: int,
) -> None:
    class Terminal:
        """What the runner puts in place of standard input, as a terminal."""

        def __getattr__(self, name: str) -> object:
            return (lambda: True) if name == "isatty" else getattr(sys.stdin, name)

    monkeypatch.setattr("bot.commands.import_.sys", type("System", (), {"stdin": Terminal()}))
    said = command.invoke(app, ["import", str(file), "--kind", "customers", *options], input=answer)
    assert ("Write 2 customers?" in said.output) is (not options)
    assert (said.exit_code, how_many(sqlite)) == (0 if written else 1, written)


def test_a_file_of_something_else_is_refused(command: CliRunner, file: Path) -> None:
    refused = command.invoke(app, ["import", str(file), "--kind", "products"])
    assert isinstance(refused.exception, Invalid)
    missing = command.invoke(app, ["import", str(file) + "x", "--kind", "products"])
    assert isinstance(missing.exception, FileNotFoundError)
