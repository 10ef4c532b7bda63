"""`tradewind doctor` as a program: both modes of both platforms, the queue, and who is not reached."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from bot.app import subscriptions
from bot.config import read_settings
from bot.doctor import examine
from bot.platforms.telegram.webhook import Address
from crm.core import outbox
from crm.core.database import Database, utc_now
from crm.people.identities import tie
from crm.people.people import Role
from tests.conftest import MakePerson
from tests.counterparts.mail import MailCounterpart
from tests.counterparts.slack import SlackCounterpart
from tests.counterparts.telegram import TelegramCounterpart
from tests.crm.orders.trading import Trade

Set = Callable[..., None]


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path) -> Set:
    """Puts settings into the environment; a folder of its own, so that no `.env` is read."""

    def put(**settings: str) -> None:
        for name, value in settings.items():
            monkeypatch.setenv(f"TRADEWIND_{name}", value)

    for name in [name for name in os.environ if name.startswith("TRADEWIND_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    put(DATABASE_URL=database_url, SECRET_KEY="k" * 40, SPOOL_DIR=str(tmp_path / "spool"))
    return put


@pytest.fixture
def telegram() -> Iterator[TelegramCounterpart]:
    with TelegramCounterpart() as counterpart:
        yield counterpart


@pytest.fixture
def slack() -> Iterator[SlackCounterpart]:
    with SlackCounterpart() as counterpart:
        yield counterpart


def _found(wanted: str) -> tuple[bool, bool]:
    """Whether the one finding with these words is good, and whether it is fatal if not."""
    findings = examine()
    fitting = [finding for finding in findings if wanted in finding.text]
    assert len(fitting) == 1, [finding.text for finding in findings]
    return fitting[0].good, fitting[0].fatal


def test_both_modes_of_telegram(configure: Set, telegram: TelegramCounterpart) -> None:
    configure(TELEGRAM_TOKEN=telegram.token, TELEGRAM_API_URL=telegram.base_url)
    assert _found("Telegram: the token works (polling)") == (True, True)
    configure(TELEGRAM_MODE="webhook")
    assert _found("needs TRADEWIND_PUBLIC_URL") == (False, True)
    configure(PUBLIC_URL="https://crm.example.com")
    assert _found("is to call https://crm.example.com")[0]
    configure(PUBLIC_URL="https://localhost")
    assert _found("only this machine can") == (False, False)
    configure(TELEGRAM_TOKEN="7300000001:another_token_of_at_least_thirty_letters")
    assert _found("the token is refused") == (False, True)


def test_calls_of_telegram_that_fail(configure: Set, telegram: TelegramCounterpart) -> None:
    configure(TELEGRAM_TOKEN=telegram.token, TELEGRAM_API_URL=telegram.base_url)
    configure(TELEGRAM_MODE="webhook", PUBLIC_URL="https://crm.example.com")
    address = Address(read_settings())
    telegram._world.webhook = {"url": address.url}
    telegram.user(5).say("hello")
    assert not any("cannot deliver" in finding.text for finding in examine())
    failed = {"last_error_date": int(time.time()), "last_error_message": f"No route to {address.url}"}
    telegram._world.webhook_error = failed
    assert _found("Telegram cannot deliver to TRADEWIND_PUBLIC_URL (No route to https://crm.example.com…)") == (
        False,
        False,
    )
    assert not any(address.path in finding.text for finding in examine())
    telegram._world.webhook_error = failed | {"last_error_date": int(time.time()) - 4000}
    assert not any("cannot deliver" in finding.text for finding in examine())


def test_the_browser_chat_beside_a_public_address(configure: Set) -> None:
    configure(WEBCHAT="1")
    assert _found("the browser chat is for this machine only") == (True, True)
    configure(PUBLIC_URL="https://crm.example.com")
    assert _found("TRADEWIND_WEBCHAT=1 does not go together with TRADEWIND_PUBLIC_URL") == (False, True)


def test_the_mail_server_is_greeted_and_nothing_sent(configure: Set) -> None:
    server = MailCounterpart(user="sales", password="right")
    configure(SECRET_KEY="k" * 40, PUBLIC_URL="https://crm.example.com")
    with server.up():
        configure(SMTP_URL=server.url)
        assert _found("the mail server lets us in") == (True, True)
        configure(SMTP_URL=server.url.replace(":right@", ":wrong@"))
        assert _found("the mail server does not take our campaigns (535") == (False, False)
    assert server.taken == []
    assert _found("the mail server does not take our campaigns (Connection") == (False, False)
    configure(PUBLIC_URL="")
    assert _found("TRADEWIND_SMTP_URL needs TRADEWIND_PUBLIC_URL") == (False, True)


def test_both_modes_of_slack(configure: Set, slack: SlackCounterpart) -> None:
    configure(SLACK_BOT_TOKEN=slack.bot_token, SLACK_API_URL=slack.api_url)
    assert _found("TRADEWIND_SLACK_APP_TOKEN") == (False, True)
    configure(SLACK_APP_TOKEN=slack.app_token)
    assert _found("Slack: the token works (socket)") == (True, True)
    configure(SLACK_MODE="http")
    assert _found("TRADEWIND_SLACK_SIGNING_SECRET") == (False, True)
    assert _found("TRADEWIND_PUBLIC_URL") == (False, True)
    configure(SLACK_SIGNING_SECRET="s" * 32, PUBLIC_URL="https://crm.example.com")
    assert _found("Slack: the token works (http)") == (True, True)


def test_the_queue_and_who_is_not_reached(configure: Set, database: Database, make_person: MakePerson) -> None:
    assert _found("the queue is in order (0 messages waiting)")[0]
    database.clock = utc_now
    both, one = make_person("Li Wei"), make_person("Sun Lihua")
    with database.write() as work:
        for person, platform in ((both, "telegram"), (both, "slack"), (one, "telegram")):
            chat = outbox.enter_chat(work, platform=platform, external_id=f"{person.id}", is_private=True, token="t").id
            tie(work, platform=platform, account_id=f"{person.id}", person_id=person.id, chat_id=chat)
            if platform == "telegram":
                outbox.mark_unreachable(work, chat_id=chat)
        rows = [outbox.put(work, chat_id=chat, person_id=one.id, payload={}) for _ in range(3)]
        outbox.mark_dead(work, row_id=rows[0], error="blocked")
    assert _found("1 message given up: tradewind outbox list") == (False, False)
    assert _found("Li Wei is not reached on telegram") == (False, False)
    assert _found("is told on another platform")[0] is False
    assert _found("is told nothing")[0] is False
    assert "Sun Lihua" in next(finding.text for finding in examine() if "is told nothing" in finding.text)
    with database.write() as work:
        work.connection.execute(text("UPDATE outbox SET created_at = '2026-01-01 00:00:00'"))
    assert _found("2 messages waiting, the oldest due for") == (False, False)


def test_who_decides_on_orders(configure: Set, database: Database, make_person: MakePerson) -> None:
    make_person("Li Wei")
    assert _found("nobody is sales supervisor, finance, general manager: orders") == (False, False)
    make_person("Zhao", Role.SUPERVISOR)
    make_person("Chen", Role.GM)
    assert _found("nobody is finance: orders") == (False, False)
    make_person("Sun", Role.FINANCE)
    assert not any("orders that need them" in finding.text for finding in examine())


def test_what_stands_on_disk(configure: Set, tmp_path: Path, database: Database) -> None:
    (tmp_path / "spool").mkdir()
    for name in ("a.json", "b.failed", "c.failed"):
        (tmp_path / "spool" / name).write_text("{}")
    assert _found("holds deliveries for the database (1)") == (False, False)
    assert _found("that could not be carried out (2 ") == (False, False)


async def test_as_a_program(configure: Set, database: Database, telegram: TelegramCounterpart) -> None:
    """Exit status 1 when Tradewind could not run; no token in what it prints, whatever the platform says."""
    token = "7300000001:another_token_of_at_least_thirty_letters"
    configure(TELEGRAM_TOKEN=token, TELEGRAM_API_URL=telegram.base_url)

    def run() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from bot.cli import main; main()", "doctor"]
        root = str(Path(__file__).parents[2])
        return subprocess.run(
            command, check=False, env={**os.environ, "PYTHONPATH": root}, capture_output=True, text=True
        )

    ended = await asyncio.to_thread(run)
    assert ended.returncode == 1
    assert "WRONG Telegram: the token is refused" in ended.stdout
    assert "another_token" not in ended.stdout + ended.stderr


def test_an_order_submitted_while_it_looks_is_no_difference(
    configure: Set, database: Database, make_person: MakePerson
) -> None:
    configure()
    database.events = subscriptions()
    trade = Trade(database, make_person)
    trade.submit()
    left = [trade.submit]

    def submit(*told: Any) -> None:
        if told[2].startswith("SELECT count(*) AS count_1, sum(orders") and left:
            left.pop()()

    event.listen(Engine, "before_cursor_execute", submit)
    try:
        findings = examine()
    finally:
        event.remove(Engine, "before_cursor_execute", submit)
    assert left == []
    assert [finding.text for finding in findings if "the figures kept" in finding.text] == []
