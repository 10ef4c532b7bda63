"""Quotes that have run out: they expire by the company's day, and their owner hears of it once. Guide 2.3."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import bindparam, select, text, update

from crm.core import copies
from crm.core.history import SYSTEM
from crm.core.money import Money
from crm.core.text import TN, T, Text
from crm.core.types import UTCDateTime
from crm.core.work import UnitOfWork
from crm.orders.quotes.quotes import CARD, QUOTE_ROWS, Quote, company_today, record
from crm.orders.quotes.special_prices import touch_quote
from crm.people.watching import Sighting, Watch, as_list

MOST = 200
"""Expired in one transaction; the others with the next."""

_QUOTES = Quote.table()
_OPEN = text("quotes.status = 'sent'")  # an index's very words
_RUN_OUT = (
    select(_QUOTES.c.id, _QUOTES.c.customer_id, _QUOTES.c.deal_id)
    .where(_OPEN, _QUOTES.c.valid_until < bindparam("today"))
    .limit(MOST)
)
_LATER = _QUOTES.alias("later_versions")
_TOLD = QUOTE_ROWS.where(
    text("quotes.status = 'expired'"),
    _QUOTES.c.ended_at > bindparam("long_ago", type_=UTCDateTime),
    ~select(_LATER.c.id).where(_LATER.c.follows_id == _QUOTES.c.id).exists(),
)
_OF_LATE = timedelta(days=30)
"""Who comes to work only later than that need not hear of it any more."""


def any_run_out(work: UnitOfWork) -> bool:
    """Whether there is a quote to expire. Reads only."""
    return work.connection.execute(_RUN_OUT, {"today": company_today(work)}).first() is not None


def expire_quotes(work: UnitOfWork) -> int:
    """Let the quotes expire whose last day is over, at most MOST; returns how many. Any number of processes may."""
    run_out = work.connection.execute(_RUN_OUT, {"today": company_today(work)}).all()
    expired = 0
    for quote_id, customer_id, deal_id in run_out:
        this = update(_QUOTES).where(_QUOTES.c.id == quote_id, _QUOTES.c.status == "sent")
        values = {"status": "expired", "ended_at": work.now, "changed_at": work.now}
        if work.connection.execute(this.values(values)).rowcount == 1:
            record(work, SYSTEM, quote_id, "expired", {"status": ("sent", "expired")})
            touch_quote(work, quote_id=quote_id)
            copies.touch_card(work, card="customer", subject_id=customer_id)
            if deal_id is not None:
                copies.touch_card(work, card="deal", subject_id=deal_id)
            expired += 1
    return expired


def _find(work: UnitOfWork) -> list[Sighting]:
    """Quotes that have expired of late and have no later version."""
    return [
        Sighting(
            subject_id=row.id,
            person_id=row.owner_id,
            line=T(
                "{number} {customer}, {total}: valid until {date}",
                number=row.number,
                customer=row.customer_name,
                total=Money(row.total, row.currency),
                date=row.valid_until,
            ),
            about=(CARD, row.id),
        )
        for row in work.connection.execute(_TOLD, {"long_ago": work.now - _OF_LATE})
    ]


def _heading(work: UnitOfWork, seen: Sequence[Sighting]) -> Text:
    return TN(
        "{n} quote has expired without an answer. A new version renews it:",
        "{n} quotes have expired without an answer. A new version renews each:",
        n=len(seen),
    )


EXPIRED = Watch("quote_expired", _find, as_list("quote_expired", _heading))
