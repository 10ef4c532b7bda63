"""Digests whose time has come: told by whichever process ticks first, each once."""

import asyncio

import structlog

from crm.core.database import Database
from crm.core.errors import StoreUnavailable
from crm.insight.due_digests import due_digests, tell_due
from crm.insight.team_digests import due_team_digests, tell_team_digests

log = structlog.get_logger()

EVERY_S = 20
"""How often a process looks."""
BATCH = 50
"""People told in one transaction: others may write in between."""
MOST_BATCHES = 10
"""At one tick; the rest waits for the next, so that stopping never waits for long."""


async def digest(database: Database) -> None:
    """What the ticker runs: in a thread, so that nobody's message waits for it."""
    await asyncio.to_thread(tell_digests, database)


def tell_digests(database: Database) -> int:
    """Put every digest due now into the outbox, the teams' too; returns how many. Any number of
    processes may do so at once.

    Looks without writing first: mostly nothing is due. What dies half-way is rolled back, and told by the next tick.
    """
    told = 0
    try:
        with database.read() as work:
            due, teams = due_digests(work), due_team_digests(work)
        for start in range(0, min(len(due), MOST_BATCHES * BATCH), BATCH):
            with database.write() as work:
                told += tell_due(work, due[start : start + BATCH])
        if teams:
            with database.write() as work:
                told += tell_team_digests(work, teams)
    except StoreUnavailable as unavailable:
        log.warning("digests wait for the store", reason=str(unavailable))
    return told
