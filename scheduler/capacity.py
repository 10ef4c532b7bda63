"""Capacity that was kept for deposits that did not come is given to others."""

import asyncio

import structlog

from crm.core.database import Database
from crm.core.errors import StoreUnavailable
from crm.fulfilment.lapsing import lapsed, let_lapse

log = structlog.get_logger()

EVERY_S = 300
"""How often a process looks."""


async def lapse(database: Database) -> None:
    """What the ticker runs: in a thread, so that nobody's message waits for it."""
    try:
        await asyncio.to_thread(lapse_all, database)
    except StoreUnavailable as unavailable:
        log.warning("capacity waits for the store", reason=str(unavailable))


def lapse_all(database: Database) -> int:
    """Give back whatever was kept long enough, an order a transaction; returns how many. Looks before it writes."""
    with database.read() as work:
        found = lapsed(work)
    given = 0
    for order_id in found:
        with database.write() as work:
            given += let_lapse(work, order_id=order_id)
    return given
