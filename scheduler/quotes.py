"""Quotes whose last day is over expire, by the company's day; who hears of it is a watch's matter."""

import asyncio

import structlog

from crm.core.database import Database
from crm.core.errors import StoreUnavailable
from crm.orders.quotes.expiry import MOST, any_run_out, expire_quotes

log = structlog.get_logger()

EVERY_S = 60
"""How often a process looks."""


async def expire(database: Database) -> None:
    """What the ticker runs: in a thread, so that nobody's message waits for it."""
    try:
        await asyncio.to_thread(expire_all, database)
    except StoreUnavailable as unavailable:
        log.warning("quotes wait for the store", reason=str(unavailable))


def expire_all(database: Database) -> int:
    """Expire whatever has run out; returns how many. Looks without writing first: mostly there is nothing."""
    with database.read() as work:
        if not any_run_out(work):
            return 0
    expired = 0
    while True:
        with database.write() as work:
            batch = expire_quotes(work)
        expired += batch
        if batch < MOST:
            return expired
