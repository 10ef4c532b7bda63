"""`tradewind doctor`: what is wrong with the set-up, and the exact remedy."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

from bot.config import Settings, read_settings
from crm.core.database import Database, sqlite_file
from crm.core.errors import SettingsError, StoreUnavailable
from crm.migrations import require_current
from crm.people.people import list_members


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `fatal`: Tradewind could not run with it."""

    good: bool
    text: str
    fatal: bool = True


def examine() -> list[Finding]:
    """Look at settings, database, migrations and tokens, each only where the one before allows it."""
    try:
        settings = read_settings()
    except SettingsError as error:
        return [Finding(good=False, text=str(error))]
    return [Finding(good=True, text="settings can be read"), *_look(settings)]


def _look(settings: Settings) -> Iterator[Finding]:
    try:
        settings.key()
        yield Finding(good=True, text="TRADEWIND_SECRET_KEY is set")
    except SettingsError as error:
        yield Finding(good=False, text=str(error))
    yield from _look_at_database(settings)
    yield from _look_at_doors(settings)


def _look_at_database(settings: Settings) -> Iterator[Finding]:
    file = sqlite_file(settings.database_url)
    if file is not None and not file.exists():
        yield Finding(good=False, text=f"There is no database at {file}: run tradewind migrate")
        return
    try:
        database = Database(settings.database_url, busy_timeout=3)
        require_current(database)
        with database.read() as work:
            people = len(list_members(work, active_only=True))
        database.close()
    except (SettingsError, StoreUnavailable) as error:
        yield Finding(good=False, text=str(error).splitlines()[0])
        return
    yield Finding(good=True, text="the database answers and has the right tables")
    if not people:
        yield Finding(good=False, fatal=False, text="nobody is in it yet: tradewind people add NAME --role admin")


def _look_at_doors(settings: Settings) -> Iterator[Finding]:
    telegram = bool(settings.telegram_token.get_secret_value())
    slack = bool(settings.slack_bot_token.get_secret_value())
    if not settings.has_door():
        nobody = (
            "No platform is configured: set TRADEWIND_TELEGRAM_TOKEN, TRADEWIND_SLACK_BOT_TOKEN or TRADEWIND_WEBCHAT=1"
        )
        yield Finding(good=False, fatal=False, text=nobody)
    if telegram:
        from bot.platforms.telegram.examination import examine_token as examine_telegram

        yield _finding("Telegram", asyncio.run(examine_telegram(settings)))
    if slack:
        if not settings.slack_app_token.get_secret_value():
            yield Finding(good=False, text="TRADEWIND_SLACK_APP_TOKEN must be set for Slack's Socket Mode (xapp-…)")
        from bot.platforms.slack.examination import examine_token as examine_slack

        yield _finding("Slack", asyncio.run(examine_slack(settings)))


def _finding(name: str, trouble: str | None) -> Finding:
    return Finding(good=trouble is None, text=f"{name}: {trouble or 'the token works'}")
