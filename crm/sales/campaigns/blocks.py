"""Addresses that are never mailed again: opted out, or not there. By address, for ever. Guide 2.2."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import copies, history
from crm.core.history import Actor
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import UTCDateTime
from crm.core.work import UnitOfWork
from crm.sales.customers.contacts import Contact

REASONS = {"opted_out": T("Opted out"), "bounced": T("Bounced", context="e-mail")}


class MailBlock(Base):
    """An address (as `as_kept`) that gets no campaign any more. `detail`: what the mail server said."""

    __tablename__ = "mail_blocks"

    email: Mapped[str] = mapped_column(String(320), primary_key=True)
    reason: Mapped[str] = mapped_column(String(10))
    detail: Mapped[str | None] = mapped_column(Text)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaigns.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


_BLOCKS = MailBlock.table()
_CONTACTS = Contact.table()
_DIALECTS: dict[str, Any] = {"sqlite": sqlite, "postgresql": postgresql}
_MOST_AT_ONCE = 500


def as_kept(email: str) -> str:
    return email.strip().lower()


def blocked(work: UnitOfWork, *, emails: Collection[str]) -> dict[str, str]:
    """Why (a key of REASONS) addresses get nothing, by address as it is kept; those that do are not in it."""
    wanted = sorted({as_kept(email) for email in emails})
    found: dict[str, str] = {}
    for at in range(0, len(wanted), _MOST_AT_ONCE):
        part = wanted[at : at + _MOST_AT_ONCE]
        rows = work.connection.execute(select(_BLOCKS.c.email, _BLOCKS.c.reason).where(_BLOCKS.c.email.in_(part)))
        found |= {row.email: row.reason for row in rows}
    return found


def block(
    work: UnitOfWork, *, by: Actor, email: str, reason: str, campaign_id: int | None, detail: str | None = None
) -> bool:
    """Never mail this address again; False where that was so for this reason already.

    It is written into the history of every customer who has it. An address that bounced can still opt out.
    """
    kept = as_kept(email)
    row = {"email": kept, "reason": reason, "detail": detail, "campaign_id": campaign_id, "at": work.now}
    put = _DIALECTS[work.connection.dialect.name].insert(_BLOCKS).values(row)
    again = put.on_conflict_do_update(
        index_elements=[_BLOCKS.c.email],
        set_={name: getattr(put.excluded, name) for name in ("reason", "detail", "campaign_id", "at")},
        # What somebody asked for stands above what a server said.
        where=(_BLOCKS.c.reason != "opted_out") & (put.excluded.reason == "opted_out"),
    )
    if work.connection.execute(again.execution_options(preserve_rowcount=True)).rowcount != 1:
        return False
    for customer_id in _customers_with(work, kept):
        changes = {"campaigns": (None, reason), "email": (None, kept)}
        history.record(
            work, actor=by, entity="customer", entity_id=customer_id, act=reason, changes=changes, reason=detail
        )
        copies.touch_card(work, card="customer", subject_id=customer_id)
    return True


def blocks_of(work: UnitOfWork, *, customer_id: int) -> list[Any]:
    """Addresses of this customer that get no campaigns: rows with `email` and `reason` (a key of REASONS)."""
    mine = select(func.lower(_CONTACTS.c.email)).where(_CONTACTS.c.customer_id == customer_id)
    query = select(_BLOCKS).where(_BLOCKS.c.email.in_(mine)).order_by(_BLOCKS.c.at)
    return list(work.connection.execute(query).all())


def _customers_with(work: UnitOfWork, email: str) -> list[int]:
    query = select(_CONTACTS.c.customer_id).where(_CONTACTS.c.email == email).distinct()
    return list(work.connection.execute(query.order_by(_CONTACTS.c.customer_id)).scalars())
