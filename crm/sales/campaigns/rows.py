"""The tables of e-mail campaigns: the campaigns, and a row for each mail of theirs."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.tables import Base
from crm.core.types import Id, Json, UTCDateTime


class Campaign(Base):
    """`subject_zh` and `text_zh`: for customers who read Chinese, where there is such a text. `trouble`: a key of
    `mailing.TROUBLES` while the mail server takes nothing.
    """

    __tablename__ = "campaigns"
    __table_args__ = (Index(None, "owner_id", "status"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    segment: Mapped[dict[str, Any]] = mapped_column(Json)
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    subject_zh: Mapped[str | None] = mapped_column(String(200))
    text_zh: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(10))
    trouble: Mapped[str | None] = mapped_column(String(20))
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class CampaignMail(Base):
    """One e-mail of a campaign to one customer; with a `person_id` a test, filled in as for that customer.

    `status`: `waiting`, `sending` (until `lease_until`), `sent`, `bounced`, `failed`, or `left_out` for `reason`
    (`audience.REASONS`). `attempts` tells one try from the next; `tried_at` is the last one's time.
    """

    __tablename__ = "campaign_mails"
    __table_args__ = (
        Index(None, "campaign_id", "status"),
        Index(
            "uq_campaign_mails_customer",
            "campaign_id",
            "customer_id",
            unique=True,
            sqlite_where=text("person_id IS NULL"),
            postgresql_where=text("person_id IS NULL"),
        ),
        Index(
            "ix_campaign_mails_open",
            "id",
            sqlite_where=text("status IN ('waiting', 'sending')"),
            postgresql_where=text("status IN ('waiting', 'sending')"),
        ),
        Index(None, "tried_at"),
        Index(None, "customer_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    email: Mapped[str | None] = mapped_column(String(320))
    status: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(20))
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    not_before: Mapped[datetime | None] = mapped_column(UTCDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    tried_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    opted_out_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
