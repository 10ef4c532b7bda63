"""What customers are owed by their grade, and the grades themselves: reminders, warnings, and monthly proposals."""

import asyncio

import structlog

from crm.core.database import Database
from crm.core.errors import StoreUnavailable
from crm.insight import grades
from crm.sales.customers import service_by_grade as service

log = structlog.get_logger()

EVERY_S = 300
"""How often a process looks."""


async def look_after(database: Database) -> None:
    """What the ticker runs: in a thread, so that nobody's message waits for it."""
    await asyncio.to_thread(keep_service, database)


def keep_service(database: Database) -> int:
    """Write the reminders of service by grade, warn of what was missed, propose the month's grades; returns how many.

    Any number of processes may do so at once.
    """
    done = 0
    try:
        with database.read() as work:
            has_duties, grades_due = bool(service.service_duties(work)), grades.is_due(work)
            has_missed = bool(service.missed_visits(work)[1])
            changes = grades.changes_due(work) if grades_due else []
        if has_duties:
            with database.write() as work:
                done += service.give_service_tasks(work)
        if has_missed:
            with database.write() as work:
                done += service.warn_of_missed_visits(work)
        if grades_due:
            with database.write() as work:
                done += grades.propose_grades(work, changes)
    except StoreUnavailable as unavailable:
        log.warning("service waits for the store", reason=str(unavailable))
    return done
