"""Conditions of approvals that nobody has answered in time: their steps are open again."""

import asyncio

import structlog

from crm.core.database import Database
from crm.core.errors import StoreUnavailable
from crm.orders.conditions import any_run_out, open_run_out

log = structlog.get_logger()

EVERY_S = 300
"""How often a process looks."""


async def lapse(database: Database) -> None:
    """What the ticker runs: in a thread, so that nobody's message waits for it."""
    try:
        await asyncio.to_thread(lapse_all, database)
    except StoreUnavailable as unavailable:
        log.warning("conditions wait for the store", reason=str(unavailable))


def lapse_all(database: Database) -> int:
    """Open whatever has run out again; returns how many. Looks without writing first: mostly there is nothing."""
    with database.read() as work:
        if not any_run_out(work):
            return 0
    with database.write() as work:
        return open_run_out(work)
