"""What is watched for: approvals nobody gives, leads and customers nobody looks after, quotes that have run out.

Each says a thing once, and again only when it got worse; in the reader's working hours. Stale deals and idle reps are
in the digests.
"""

import asyncio

import structlog

from crm.core.database import Database
from crm.core.errors import StoreUnavailable
from crm.fulfilment import due_milestones, overdue_shipments, payment_watches
from crm.orders import unanswered
from crm.orders.quotes import drifting, expiry, undecided_prices
from crm.people import standing_in
from crm.people.watching import Watch, has_news, tell_news
from crm.sales.customers import silent as silent_customers
from crm.sales.deals import outside_quotes as expired_quotes
from crm.sales.leads import untouched as untouched_leads

log = structlog.get_logger()

EVERY_S = 30
"""How often a process looks."""
MOST_BATCHES = 20
"""Of one watch at one tick; the rest waits for the next, so that stopping never waits for long."""

WATCHES = (
    unanswered.UNANSWERED,
    unanswered.ESCALATED,
    unanswered.TOLD_OF,
    unanswered.STUCK,
    standing_in.RAN_OUT,
    untouched_leads.GONE,  # before the next is forgotten: it stands on what was told
    untouched_leads.ABOUT_TO_GO,
    silent_customers.SILENT,
    expired_quotes.EXPIRED,
    expiry.EXPIRED,
    drifting.DRIFTED,
    undecided_prices.UNDECIDED,
    undecided_prices.ABOVE,
    overdue_shipments.SILENT,
    due_milestones.DUE,
    payment_watches.DUE,
    payment_watches.PROMISED,
)


async def keep_watch(database: Database) -> None:
    """What the ticker runs: in a thread, so that nobody's message waits for it."""
    await asyncio.to_thread(tell_watched, database)


def tell_watched(database: Database) -> int:
    """Tell everybody what is news to them; returns how many were told. Any number of processes may do so at once.

    Looks without writing first: mostly there is no news. One watch that fails keeps none of the others from looking.
    """
    told = 0
    for watch in WATCHES:
        try:
            told += _tell(database, watch)
        except StoreUnavailable as unavailable:
            log.warning("watches wait for the store", reason=str(unavailable))
            break
        except Exception:
            log.exception("a watch failed", watch=watch.name)
    return told


def _tell(database: Database, watch: Watch) -> int:
    with database.read() as work:
        if not has_news(work, watch):
            return 0
    told = 0
    for _ in range(MOST_BATCHES):
        with database.write() as work:
            batch = tell_news(work, watch)
        told += batch.told
        if not batch.more:
            break
    return told
