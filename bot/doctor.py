"""`tradewind doctor`: what is wrong with the set-up, and the exact remedy."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from bot.config import Settings, read_settings
from bot.logs import redactor
from bot.loopback import is_loopback
from crm.core.backlog import Backlog, measure_backlog
from crm.core.database import Database, sqlite_file
from crm.core.errors import SettingsError, StoreUnavailable
from crm.insight.recounting import figures_differ, read_one_moment
from crm.migrations import require_current
from crm.people.people import Member, Role, list_members
from crm.people.unreachable import Unreached, list_unreached

LONG_S = 300.0
"""A message that has been due for longer than this is worth a word."""


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
    redact = redactor(settings)
    found = [Finding(good=True, text="settings can be read"), *_look(settings)]
    return [replace(finding, text=redact(finding.text)) for finding in found]


def _look(settings: Settings) -> Iterator[Finding]:
    try:
        settings.key()
        yield Finding(good=True, text="TRADEWIND_SECRET_KEY is set")
    except SettingsError as error:
        yield Finding(good=False, text=str(error))
    yield from _look_at_database(settings)
    yield from _look_at_spool(settings)
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
            read_one_moment(work)
            people = list_members(work, active_only=True)
            backlog, unreached = measure_backlog(work), list_unreached(work)
            wrong = figures_differ(work)
        database.close()
    except (SettingsError, StoreUnavailable) as error:
        yield Finding(good=False, text=str(error).splitlines()[0])
        return
    yield Finding(good=True, text="the database answers and has the right tables")
    if wrong:
        remedy = "stop Tradewind and run tradewind migrate, which counts them anew"
        yield Finding(
            good=False, fatal=False, text=f"the figures kept of {', '.join(wrong)} are not the rows': {remedy}"
        )
    if not people:
        yield Finding(good=False, fatal=False, text="nobody is in it yet: tradewind people add NAME --role admin")
    yield from _look_at_roles(people)
    yield from _look_at_queue(backlog)
    yield from _look_at_people(unreached)


def _look_at_roles(people: list[Member]) -> Iterator[Finding]:
    """Who decides on orders: a step that is nobody's waits until somebody has its role."""
    held = {role for person in people for role in person.roles}
    missing = [name for role, name in _DECIDERS.items() if role not in held]
    if people and missing:
        remedy = "orders that need them cannot be decided; tradewind people roles NAME --role ROLE gives the role"
        yield Finding(good=False, fatal=False, text=f"nobody is {', '.join(missing)}: {remedy}")


_DECIDERS = {Role.SUPERVISOR: "sales supervisor", Role.FINANCE: "finance", Role.GM: "general manager"}


def _look_at_queue(backlog: Backlog) -> Iterator[Finding]:
    waiting, given_up = backlog.count("pending"), backlog.count("dead")
    if given_up:
        remedy = "tradewind outbox list tells why; tradewind outbox retry sends them again, drop forgets them"
        yield Finding(good=False, fatal=False, text=f"{_messages(given_up)} given up: {remedy}")
    if backlog.oldest_seconds > LONG_S:
        since = f"the oldest due for {backlog.oldest_seconds / 60:.0f} minutes"
        remedy = "is tradewind run running, and can it reach the platform? tradewind outbox list --all shows them"
        yield Finding(good=False, fatal=False, text=f"{_messages(waiting)} waiting, {since}: {remedy}")
    elif not given_up:
        yield Finding(good=True, text=f"the queue is in order ({_messages(waiting)} waiting)")


def _look_at_people(unreached: list[Unreached]) -> Iterator[Finding]:
    for one in unreached:
        told = "is told on another platform" if one.elsewhere else "is told nothing; what waits is kept"
        text = (
            f"{one.name} is not reached on {one.platform} since {one.since:%Y-%m-%d %H:%M} UTC and {told}: "
            "ask them to unblock the bot and write to it"
        )
        yield Finding(good=False, fatal=False, text=text)


def _look_at_spool(settings: Settings) -> Iterator[Finding]:
    waiting = len(list(settings.spool_dir.glob("*.json")))
    failed = len(list(settings.spool_dir.glob("*.failed")))
    if waiting:
        text = f"{settings.spool_dir} holds deliveries for the database ({waiting}): tradewind run carries them out"
        yield Finding(good=False, fatal=False, text=text)
    if failed:
        text = (
            f"{settings.spool_dir} holds deliveries that could not be carried out ({failed} *.failed); the log says "
            "why: rename them to .json to have them tried again, or remove them"
        )
        yield Finding(good=False, fatal=False, text=text)


def _messages(count: int) -> str:
    return "1 message" if count == 1 else f"{count} messages"


def _look_at_doors(settings: Settings) -> Iterator[Finding]:
    telegram = bool(settings.telegram_token.get_secret_value())
    slack = bool(settings.slack_bot_token.get_secret_value())
    if not settings.has_door():
        nobody = (
            "No platform is configured: set TRADEWIND_TELEGRAM_TOKEN, TRADEWIND_SLACK_BOT_TOKEN or TRADEWIND_WEBCHAT=1"
        )
        yield Finding(good=False, fatal=False, text=nobody)
    if settings.webchat:
        yield _look_at_webchat(settings)
    if settings.smtp_url.get_secret_value():
        yield _look_at_mail(settings)
    if telegram:
        yield from _look_at_telegram(settings)
    if slack:
        yield from _look_at_slack(settings)


def _look_at_webchat(settings: Settings) -> Finding:
    from bot.platforms.web.guards import check_settings

    try:
        check_settings(settings)
    except SettingsError as error:
        return Finding(good=False, text=str(error))
    return Finding(good=True, text="the browser chat is for this machine only")


def _look_at_mail(settings: Settings) -> Finding:
    from bot.mail import examine_mail

    try:
        trouble = examine_mail(settings)
    except SettingsError as error:
        return Finding(good=False, text=str(error))
    if trouble is not None:
        text = f"the mail server does not take our campaigns ({trouble}): look at TRADEWIND_SMTP_URL"
        return Finding(good=False, fatal=False, text=text)
    return Finding(good=True, text="the mail server lets us in")


def _look_at_telegram(settings: Settings) -> Iterator[Finding]:
    from bot.platforms.telegram.examination import examine_calls, examine_token
    from bot.platforms.telegram.webhook import Address

    has_address = False
    if settings.telegram_mode == "webhook":
        public = _public("Telegram", settings, lambda: Address(settings).url)
        has_address = public.good or not public.fatal
        yield public
    refused = asyncio.run(examine_token(settings))
    yield _finding("Telegram", settings.telegram_mode, refused)
    if has_address and refused is None:
        failing = asyncio.run(examine_calls(settings))
        if failing is not None:
            yield Finding(good=False, fatal=False, text=failing)


def _look_at_slack(settings: Settings) -> Iterator[Finding]:
    from bot.platforms.slack.endpoint import request_url
    from bot.platforms.slack.examination import examine_token

    if settings.slack_mode == "http":
        yield _public("Slack", settings, lambda: request_url(settings))
    yield _finding("Slack", settings.slack_mode, asyncio.run(examine_token(settings)))


def _public(name: str, settings: Settings, address: Callable[[], str]) -> Finding:
    """Whether the platform could call us. The address itself is not shown: Telegram's must not be guessed."""
    try:
        address()
    except SettingsError as error:
        return Finding(good=False, text=str(error))
    if is_loopback(urlsplit(settings.public_url).hostname or ""):
        text = f"{name} is to call {settings.public_url}, which only this machine can: set TRADEWIND_PUBLIC_URL"
        return Finding(good=False, fatal=False, text=text)
    return Finding(good=True, text=f"{name} is to call {settings.public_url}: it must lead here")


def _finding(name: str, mode: str, trouble: str | None) -> Finding:
    return Finding(good=trouble is None, text=f"{name}: {trouble or f'the token works ({mode})'}")
