"""What was collected at a fair, shown in the evening to be cleaned up."""

import asyncio

import structlog

from crm.core.database import Database
from crm.core.errors import StoreUnavailable
from crm.sales.fairs.fairs import fairs_to_clean_up, show_cards

log = structlog.get_logger()

EVERY_S = 60
"""How often a process looks."""


async def show_fairs(database: Database) -> None:
    """What the ticker runs: in a thread, so that nobody's message waits for it."""
    await asyncio.to_thread(tell_of_fairs, database)


def tell_of_fairs(database: Database) -> int:
    """Show everybody whose evening has come their cards; returns how many are shown. Any number of processes may."""
    try:
        with database.read() as work:
            due = fairs_to_clean_up(work)
        if not due:
            return 0
        with database.write() as work:
            return show_cards(work, due)
    except StoreUnavailable as unavailable:
        log.warning("fairs wait for the store", reason=str(unavailable))
        return 0
