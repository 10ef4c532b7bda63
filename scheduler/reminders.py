"""Reminders that have fallen due: told by whichever process ticks first, each once."""

import asyncio

import structlog

from crm.core.database import Database
from crm.core.errors import StoreUnavailable
from crm.sales.reminders.reminding import anything_due, crowded_people, tell_due

log = structlog.get_logger()

EVERY_S = 2
"""How often a process looks."""
BATCH = 1000
"""Told in one transaction: others may write in between."""
MOST_BATCHES = 10
"""At one tick; the rest waits for the next, so that stopping never waits for long."""


async def remind(database: Database) -> None:
    """What the ticker runs: in a thread, so that nobody's message waits for it."""
    await asyncio.to_thread(tell_reminders, database)


def tell_reminders(database: Database) -> int:
    """Put every reminder due now into the outbox; returns how many. Any number of processes may do so at once.

    Looks without writing first: mostly nothing is due. What dies half-way is rolled back, and told by the next tick.
    """
    told = 0
    try:
        with database.read() as work:
            if not anything_due(work):
                return 0
            crowded = crowded_people(work)
        for _ in range(MOST_BATCHES):
            with database.write() as work:
                batch = tell_due(work, most=BATCH, crowded=crowded)
            told += batch
            if batch < BATCH:
                break
    except StoreUnavailable as unavailable:
        log.warning("reminders wait for the store", reason=str(unavailable))
    return told
