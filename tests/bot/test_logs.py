"""What the logs do with tokens, and with what libraries say."""

import io
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.config import Settings
from bot.logs import GONE, redactor, set_up_logs
from crm.core.database import Database

TELEGRAM = "7300000001:AAE-counterpart_token_of_35_letters"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[str]]]:
    """Set up as the program does it; afterwards as it was."""
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level, loud = root.handlers[:], root.level, logging.getLogger("apscheduler").level
    settings = Settings(_env_file=None, secret_key=SecretStr("a key that looks like nothing at all"))  # type: ignore[call-arg]
    set_up_logs(settings)
    yield lambda: written.getvalue().splitlines()
    structlog.configure(**before)
    root.handlers, root.level = handlers, level
    logging.getLogger("apscheduler").setLevel(loud)


@pytest.mark.parametrize(
    "told",
    [
        f"POST https://api.telegram.org/bot{TELEGRAM}/sendMessage",
        f"https://api.telegram.org/file/bot{TELEGRAM}/documents/file_1.pdf",
        "xoxb-12345-67890-AbCdEf",
        "xoxe.xoxp-1-Mi0yLTEyMzQ",
        "xapp-1-A012-345-abcdef0123",
        "Authorization: Bearer some.thing-secret",
        "postgresql+psycopg://tradewind:pa55word@db.example/tradewind",
    ],
)
def test_tokens_are_blotted_out_whatever_they_stand_in(told: str) -> None:
    blotted = redactor()(told)
    assert GONE in blotted
    for part in ("AAE-", "67890", "Mi0y", "abcdef0123", "some.thing", "pa55word"):
        assert part not in blotted


def test_what_only_looks_similar_stays() -> None:
    for told in (
        "telegram:7300000001:731000001",
        "2026-03-02T01:30:00+00:00",
        "http://127.0.0.1:8080/",
        "SO-2026-0001",
    ):
        assert redactor()(told) == told


def test_secrets_of_the_settings_whatever_they_look_like(lines: Callable[[], list[str]]) -> None:
    structlog.get_logger().error("trouble", reason="with a key that looks like nothing at all in it")
    (line,) = lines()
    assert f'reason="with {GONE} in it"' in line


def test_libraries_warn_through_us_and_tell_nothing_else(lines: Callable[[], list[str]]) -> None:
    for name in ("httpx", "telegram.Bot", "slack_bolt.AsyncApp", "aiohttp.server", "uvicorn.error"):
        logging.getLogger(name).info("request %s", TELEGRAM)
        logging.getLogger(name).warning("retrying https://api.telegram.org/bot%s/getMe", TELEGRAM)
    assert len(lines()) == 5
    for line in lines():
        assert "level=warning" in line
        assert f"bot{GONE}/getMe" in line
    assert "logger=telegram.Bot" in lines()[1]


def test_a_traceback_too(lines: Callable[[], list[str]]) -> None:
    try:
        raise ValueError(f"no answer from bot{TELEGRAM}")
    except ValueError:
        logging.getLogger("telegram").exception("failed")
        structlog.get_logger().exception("failed")
    assert len(lines()) == 2
    for line in lines():
        assert f"ValueError: no answer from bot{GONE}" in line
        assert TELEGRAM not in line


def test_an_error_of_the_database_does_not_tell_what_was_written(database: Database) -> None:
    with pytest.raises(DBAPIError) as raised, database.engine.connect() as connection:
        connection.execute(text("SELECT nothing FROM leads WHERE company = :company"), {"company": "Ernst Handel"})
    assert "nothing" in str(raised.value)
    assert "Ernst" not in str(raised.value)


def test_context_stands_in_every_line(lines: Callable[[], list[str]]) -> None:
    with structlog.contextvars.bound_contextvars(delivery="telegram:1:2"):
        structlog.get_logger().info("something")
        logging.getLogger("telegram").warning("something else")
    assert [line.endswith("delivery=telegram:1:2") or "delivery=telegram:1:2 " in line for line in lines()] == [
        True
    ] * 2
