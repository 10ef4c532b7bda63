"""`tradewind demo` beside a set-up of one's own."""

from pathlib import Path

import pytest

from bot.app import configured_platforms
from bot.demo import prepare
from crm.core.database import Database


def test_it_speaks_to_this_machine_alone_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    own = {
        "HOST": "0.0.0.0",
        "PUBLIC_URL": "https://crm.example.com",
        "TELEGRAM_MODE": "webhook",
        "TELEGRAM_TOKEN": "7300000001:x",
        "SLACK_MODE": "http",
        "SLACK_BOT_TOKEN": "xoxb-1",
    }
    for name, value in own.items():
        monkeypatch.setenv(f"TRADEWIND_{name}", value)
    settings = prepare(port=0)
    assert [one.name for one in configured_platforms(settings, Database(settings.database_url))] == ["web"]
