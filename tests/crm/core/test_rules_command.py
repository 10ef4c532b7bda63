"""`tradewind rules`: exported to a file or printed, and a file looked over."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from crm.core.database import Database
from crm.core.history import SYSTEM
from crm.core.rules import read_file, set_rule


@pytest.fixture
def command(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("TRADEWIND_DATABASE_URL", sqlite.url)
    return CliRunner()


def test_written_to_a_file_and_looked_over(sqlite: Database, command: CliRunner, tmp_path: Path) -> None:
    with sqlite.write() as work:
        set_rule(work, actor=SYSTEM, key="leads.claims_per_person", value="7")
    file = tmp_path / "rules.toml"
    said = command.invoke(app, ["rules", "export", "--out", str(file)])
    assert (said.exit_code, said.output) == (0, f"The rules are in {file}.\n")
    assert read_file(file.read_text("utf-8"))["leads.claims_per_person"] == "7"
    assert command.invoke(app, ["rules", "export"]).output == file.read_text("utf-8")
    checked = command.invoke(app, ["rules", "check", str(file)])
    assert (checked.exit_code, checked.output) == (0, f"All of {file} can be read.\n")


def test_what_cannot_be_read_is_said(command: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text("[leads]\nclaims_per_person = 'many'\n[[assignment]]\nregion = 'Mars'\nto = 'North'\n", "utf-8")
    checked = command.invoke(app, ["rules", "check", str(file)])
    assert checked.exit_code == 1
    assert "“leads.claims_per_person” takes a whole number from 0" in checked.output
    assert "Mars is no region or country" in checked.output
