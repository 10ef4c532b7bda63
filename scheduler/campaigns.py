"""The mails of campaigns leave: a few at every tick, one process at a time, each marked right after it was sent."""

import asyncio
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

import structlog

from crm.core import leases
from crm.core.database import Database
from crm.core.errors import StoreUnavailable
from crm.sales.campaigns.mailing import Fate, Letter, Outcome, anything_waits, claim_mails, keep_claim, mark_mail

log = structlog.get_logger()

EVERY_S = 5
"""How often a process looks; so many seconds' worth of the pace leave at a time."""
LEASE_S = 60.0
MARK_PATIENCE_S = 60.0
"""How long a mark is tried: a mail that is not marked is sent a second time."""


class Post(Protocol):
    """What hands mails to a mail server; `bot.mail` does. Used by one thread at a time."""

    @property
    def name(self) -> str:
        """Of this process."""
        ...

    @property
    def is_closing(self) -> bool:
        """Nothing more is to be begun."""
        ...

    def send(self, letter: Letter) -> Outcome:
        """Hand one over. Never raises."""
        ...

    def hang_up(self) -> None:
        """End the connection, if there is one."""
        ...


async def send_campaigns(database: Database, post: Post) -> None:
    """What the ticker runs: in a thread, so that nobody's message waits for a mail server.

    One that the end of the program does not wait for, either: to a machine that does not answer, connecting alone
    takes its time. What such a thread had in hand is tried again.
    """
    loop = asyncio.get_running_loop()
    done = loop.create_future()

    def run() -> None:
        try:
            send_due(database, post)
        except Exception:
            log.exception("campaigns failed")
        finally:
            with suppress(RuntimeError):  # the program has ended meanwhile
                loop.call_soon_threadsafe(_finish, done)

    threading.Thread(target=run, name="campaigns", daemon=True).start()
    await done


def _finish(done: "asyncio.Future[None]") -> None:
    if not done.done():
        done.set_result(None)


def send_due(database: Database, post: Post) -> int:
    """Send what may leave now; returns how many did. Any number of processes may try: one of them does it."""
    letters = _claim(database, post)
    sent = 0
    try:
        for at, letter in enumerate(letters):
            if not _is_ours(database, post, letter):
                continue
            outcome = Outcome(Fate.SERVER) if post.is_closing else post.send(letter)
            sent += outcome.fate is Fate.SENT
            _mark(database, [letter], outcome)
            if outcome.fate is Fate.SERVER:
                # Nor would it take the others.
                _mark(database, letters[at + 1 :], outcome)
                break
    finally:
        post.hang_up()
    return sent


def _claim(database: Database, post: Post) -> list[Letter]:
    try:
        with database.read() as work:
            if post.is_closing or not anything_waits(work):
                return []
        with database.write() as work:
            if not leases.hold(work, name="mail", holder=post.name, seconds=LEASE_S):
                return []
            return claim_mails(work, seconds=EVERY_S)
    except StoreUnavailable as unavailable:
        log.warning("campaigns wait for the store", reason=str(unavailable))
        return []


def _is_ours(database: Database, post: Post, letter: Letter) -> bool:
    try:
        with database.write() as work:
            leases.hold(work, name="mail", holder=post.name, seconds=LEASE_S)
            return keep_claim(work, letter=letter)
    except StoreUnavailable as unavailable:
        log.warning("a mail waits for the store", reason=str(unavailable))
        return False  # its claim lapses, and it is tried again


def _mark(database: Database, letters: Sequence[Letter], outcome: Outcome) -> None:
    until = time.monotonic() + MARK_PATIENCE_S
    while letters:
        try:
            with database.write() as work:
                for letter in letters:
                    mark_mail(work, letter=letter, outcome=outcome)
        except StoreUnavailable as unavailable:
            if time.monotonic() > until:
                log.warning("a mail is not marked, and will be sent again", reason=str(unavailable))
                return
            time.sleep(0.2)
        else:
            return
