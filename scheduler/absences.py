"""Absences that begin or are over by the clock: what waits is handed over and back, and who returns is told."""

import asyncio
from collections.abc import Callable

import structlog

from crm.core.database import Database
from crm.core.errors import StoreUnavailable
from crm.core.work import UnitOfWork
from crm.insight import while_away
from crm.orders import delegation

log = structlog.get_logger()

EVERY_S = 30
"""How often a process looks."""

_JOBS: tuple[tuple[Callable[[UnitOfWork], bool], Callable[[UnitOfWork], int]], ...] = (
    (delegation.anything_due, delegation.follow_the_clock),
    (while_away.anybody_back, while_away.welcome_back),
)
"""Whether there is anything to do, and what does it: those who return are told after their work is theirs again."""


async def follow_absences(database: Database) -> None:
    """What the ticker runs: in a thread, so that nobody's message waits for it."""
    await asyncio.to_thread(tell_absences, database)


def tell_absences(database: Database) -> int:
    """Hand over for absences that begin or end now, and tell who is back; returns how many were so dealt with. Any
    number of processes may do so at once, at any clock: each absence is claimed in the transaction that tells of it.

    Looks without writing first: mostly nobody comes or goes.
    """
    done = 0
    try:
        for is_due, act in _JOBS:
            with database.read() as work:
                if not is_due(work):
                    continue
            with database.write() as work:
                done += act(work)
    except StoreUnavailable as unavailable:
        log.warning("absences wait for the store", reason=str(unavailable))
    return done
