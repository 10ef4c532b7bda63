"""`tradewind run` as a real process: what it says of its platforms, what it logs, and how it stops."""

import re
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from crm.core import outbox
from crm.core.database import Database, sqlite_file, utc_now
from crm.core.history import COMMAND_LINE
from crm.people.identities import issue_code, tie
from tests.bot.program import PATIENCE, Program
from tests.conftest import MakePerson
from tests.counterparts.slack import SlackCounterpart
from tests.counterparts.telegram import TelegramCounterpart, TelegramUser
from tests.crm.orders.trading import Trade

SOON = 5.0
"""Seconds after SIGTERM at which nothing runs any more; a program that is told to stop is given no more."""

Open = Callable[..., Program]


@pytest.fixture
def telegram() -> Iterator[TelegramCounterpart]:
    with TelegramCounterpart() as counterpart:
        yield counterpart
        assert counterpart.violations == []


@pytest.fixture
def slack() -> Iterator[SlackCounterpart]:
    with SlackCounterpart() as counterpart:
        yield counterpart


@pytest.fixture
def program(sqlite_url: str, tmp_path: Path) -> Iterator[Open]:
    opened: list[Program] = []

    def open_one(**more: Any) -> Program:
        opened.append(Program(sqlite_url, tmp_path, **more))
        return opened[-1]

    yield open_one
    for one in opened:
        one.end()


@pytest.fixture
def li(telegram: TelegramCounterpart, sqlite: Database, make_person: MakePerson) -> TelegramUser:
    """A rep on Telegram."""
    person = make_person("Li", at=sqlite)
    with sqlite.write() as work:
        tie(work, platform="telegram", account_id="5", person_id=person.id, chat_id=None)
    return telegram.user(5, language_code="en")


def _rows(database: Database, query: str) -> list[Any]:
    with database.read() as work:
        return list(work.connection.execute(text(query)))


# — what it says —


def test_a_line_each_and_only_when_something_changes(
    program: Open, telegram: TelegramCounterpart, slack: SlackCounterpart
) -> None:
    telegram.go_away()
    running = program(telegram=telegram, slack=slack, WEBCHAT="1").start()
    running.wait_line("Telegram: cannot be reached")
    running.wait_line("Slack: connected to Loopback as tradewind (Socket Mode)")
    assert running.wait_line("Browser chat: ") == f"Browser chat: {running.address}/"
    running.wait_until(lambda: running.log.count("cannot be reached") == 1)
    telegram.come_back()
    running.wait_line("Telegram: up as @tradewind_bot (polling)")
    telegram.go_away()
    running.wait_line("Telegram: cannot be reached", after=running.lines.index(running.wait_line("Telegram: up")))
    tries = len(telegram.calls("getUpdates"))
    telegram.come_back()
    running.wait_until(lambda: len(telegram.calls("getUpdates")) > tries)
    running.wait_until(lambda: len([line for line in running.lines if "Telegram: up" in line]) == 2)
    slack.go_away()
    running.wait_line("Slack: cannot be reached")
    slack.come_back()
    running.wait_until(lambda: len([line for line in running.lines if "Slack: connected" in line]) == 2)
    told = [line.partition(" (")[0] for line in running.lines if line.startswith("Telegram")]
    assert told == [
        "Telegram: connecting",
        *("Telegram: cannot be reached", "Telegram: up as @tradewind_bot") * 2,
    ]
    assert running.stop() < SOON


def test_refused_tokens_are_named_and_the_rest_goes_on(
    program: Open, telegram: TelegramCounterpart, slack: SlackCounterpart
) -> None:
    bad = {"TELEGRAM_TOKEN": "7300000001:nobody_knows_this_token_of_35_letters", "SLACK_BOT_TOKEN": "xoxb-nobody-knows"}
    running = program(telegram=telegram, slack=slack, WEBCHAT="1", **bad).start()
    assert "TRADEWIND_TELEGRAM_TOKEN" in running.wait_line("Telegram: the token is refused")
    assert "TRADEWIND_SLACK_BOT_TOKEN" in running.wait_line("Slack: the token is refused")
    running.wait_line("Browser chat: http")
    assert running.stop() < SOON
    assert "nobody" not in running.log + "".join(running.lines)


def test_an_approval_written_while_platforms_are_away_arrives(
    program: Open, telegram: TelegramCounterpart, slack: SlackCounterpart, sqlite: Database, make_person: MakePerson
) -> None:
    """Also at the start: nothing of it depends on having been connected before."""
    trade = Trade(sqlite, make_person)
    telegram_user, slack_user = telegram.user(7, language_code="en"), slack.user("U7", locale="en-US")
    for platform, account, chat in (("telegram", "7", "7"), ("slack", "U7", "DU7")):
        with sqlite.write() as work:
            entered = outbox.enter_chat(work, platform=platform, external_id=chat, is_private=True, token="t")
            tie(work, platform=platform, account_id=account, person_id=trade.boss.id, chat_id=entered.id)
    telegram.go_away()
    slack.go_away()
    running = program(telegram=telegram, slack=slack).start()
    running.wait_line("Telegram: cannot be reached")
    running.wait_line("Slack: cannot be reached")
    trade.submit()
    time.sleep(1.5)  # the ticks meanwhile find it, in vain
    telegram.come_back()
    slack.come_back()
    card = telegram_user.wait_for(lambda shown: any("Approve" in label for label in shown.labels), PATIENCE)
    copy = slack_user.wait_for("Ernst Handel", timeout=PATIENCE)
    assert "Ernst Handel" in card.text
    telegram_user.press("✅ Approve")
    telegram_user.wait_for(lambda shown: shown.id == card.id and shown.edited, PATIENCE)
    slack_user.wait_for(lambda message: message.ts == copy.ts and not message.buttons, timeout=PATIENCE)
    assert running.stop() < SOON
    assert [row.status for row in _rows(sqlite, "SELECT status FROM approval_steps")][:1] == ["approved"]


# — what it logs —


def test_the_log_follows_a_delivery_and_gives_nothing_away(
    program: Open, telegram: TelegramCounterpart, slack: SlackCounterpart, sqlite: Database, make_person: MakePerson
) -> None:
    sqlite.clock = utc_now  # a code lasts a day
    person = make_person("Li", at=sqlite)
    with sqlite.write() as work:
        code = issue_code(work, actor=COMMAND_LINE, person_id=person.id)
    running = program(telegram=telegram, slack=slack, WEBCHAT="1", METRICS_TOKEN="a token for prometheus").start()
    running.wait_line("Telegram: up")
    running.wait_line("Slack: connected")
    li = telegram.user(5, language_code="en")
    li.say("/start WRONGCODE")
    li.wait_for("code", PATIENCE)
    li.say(f"/start {code}")
    li.wait_for("Li", PATIENCE)
    said = ["Ernst Handel", "Roland Mendel", "roland@ernst.example", "skip", "fair", "500 secret LED panels"]
    li.say("/lead")
    for words in said:
        li.wait_for(lambda shown: bool(shown.labels), PATIENCE)
        li.say(words)
    li.wait_for(lambda shown: "To the review" in shown.labels, PATIENCE)
    li.press("To the review")
    li.wait_for(lambda shown: any("Confirm" in label for label in shown.labels), PATIENCE)
    # What libraries warn of, and what fails: addresses with tokens in them.
    telegram.fail_next("sendMessage", status=500)
    telegram.drop_connection("getUpdates")
    li.press("✅ Confirm")
    li.wait_for("Saved lead", PATIENCE)
    stranger = slack.user("U9", locale="en-US")
    stranger.say("my private words")
    stranger.wait_for(lambda message: message.from_bot, timeout=PATIENCE)
    number = li.say("what is this supposed to mean")
    li.wait_for("did not understand", PATIENCE)
    name = f"telegram:{telegram.token.partition(':')[0]}:{number}"
    running.wait_until(lambda: f"trace={name}" in running.log)
    telegram.go_away()
    running.wait_line("Telegram: cannot be reached")
    assert running.stop() < SOON

    told = running.log + "\n".join(running.lines)
    keys = [value for key, value in running.settings.items() if "TOKEN" in key or "KEY" in key]
    secrets = [*keys, *(key.partition(":")[2] or key for key in keys), code, "WRONGCODE"]
    for secret in [*secrets, *said[:3], "secret LED", "private words", "supposed to mean"]:
        assert secret not in told, secret
    taken = re.findall(rf"event=delivery .*outcome=handled .*delivery={name}$", running.log, re.MULTILINE)
    sent = re.findall(rf"event=message .*result=sent .*trace={name}$", running.log, re.MULTILINE)
    assert (len(taken), len(sent)) == (1, 1)


# — how it stops —


def test_what_is_under_way_is_finished_before_it_stops(
    program: Open, telegram: TelegramCounterpart, sqlite: Database, sqlite_url: str, li: TelegramUser
) -> None:
    """A handler that waits for the database, and an answer that Telegram takes its time over."""
    running = program(telegram=telegram).start()
    running.wait_line("Telegram: up")
    with closing(sqlite3.connect(sqlite_file(sqlite_url) or "", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        polls = len(telegram.wait_for_calls("getUpdates", 2))  # one is open, and will bring it
        number = li.say("/lead Ernst Handel")
        telegram.wait_until(lambda: len(telegram.calls("getUpdates")) > polls, PATIENCE)  # the update is taken
        telegram.delay("sendMessage", 1.0)
        asked = running.signal()
        time.sleep(1.0)  # as long as the other program takes
        other.execute("ROLLBACK")
    assert running.wait_gone() == 0
    assert time.monotonic() - asked < SOON
    assert any("Contact" in shown.text for shown in li.messages())
    assert _rows(sqlite, "SELECT status FROM outbox") == [("sent",)]
    assert all(update["update_id"] != number for update in telegram.pending())


def test_it_is_gone_in_time_whatever_hangs_and_nothing_is_lost(
    program: Open, telegram: TelegramCounterpart, sqlite: Database, sqlite_url: str, li: TelegramUser
) -> None:
    """The database is locked for ever, and Telegram holds what was sent before."""
    running = program(telegram=telegram).start()
    running.wait_line("Telegram: up")
    with telegram.hold("sendMessage") as hold:
        li.say("/lead Ernst Handel")
        hold.wait_reached(PATIENCE)
        with closing(sqlite3.connect(sqlite_file(sqlite_url) or "", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            number = li.say("Roland")
            asked = running.signal()
            assert running.wait_gone() == 0
            assert time.monotonic() - asked < SOON
            other.execute("ROLLBACK")
    assert [update["update_id"] for update in telegram.pending()] == [number]
    assert [row.status for row in _rows(sqlite, "SELECT status FROM outbox")] == ["pending"]
    again = program(telegram=telegram).start()
    again.wait_until(lambda: len(_rows(sqlite, "SELECT 1 FROM outbox")) == 2)
    telegram.wait_confirmed(number, PATIENCE)
    assert again.stop() < SOON


def test_a_second_signal_stops_it_at_once(
    program: Open, telegram: TelegramCounterpart, sqlite_url: str, li: TelegramUser
) -> None:
    running = program(telegram=telegram).start()
    running.wait_line("Telegram: up")
    with closing(sqlite3.connect(sqlite_file(sqlite_url) or "", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        polls = len(telegram.wait_for_calls("getUpdates", 2))  # one is open, and will bring it
        li.say("/lead Ernst Handel")
        telegram.wait_until(lambda: len(telegram.calls("getUpdates")) > polls, PATIENCE)  # the update is taken
        running.signal()
        time.sleep(0.5)  # the first one has been heard
        asked = running.signal(signal.SIGINT)
        assert running.wait_gone() == -signal.SIGINT
        assert time.monotonic() - asked < 1.0
