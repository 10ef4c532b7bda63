"""e-mail campaigns: their mails, and the addresses that get none any more."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "campaigns",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("segment", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("subject_zh", sa.String(length=200), nullable=True),
        sa.Column("text_zh", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("trouble", sa.String(length=20), nullable=True),
        sa.Column("owner_id", _ID, nullable=False),
        sa.Column("started_by_id", _ID, nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("started_at", _TIME, nullable=True),
        sa.Column("finished_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_campaigns_owner_id")),
        sa.ForeignKeyConstraint(["started_by_id"], ["people.id"], name=op.f("fk_campaigns_started_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
    )
    op.create_index(op.f("ix_campaigns_owner_id_status"), "campaigns", ["owner_id", "status"])
    op.create_table(
        "campaign_mails",
        sa.Column("id", _ID, nullable=False),
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("customer_id", _ID, nullable=True),
        sa.Column("person_id", _ID, nullable=True),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("not_before", _TIME, nullable=True),
        sa.Column("lease_until", _TIME, nullable=True),
        sa.Column("tried_at", _TIME, nullable=True),
        sa.Column("sent_at", _TIME, nullable=True),
        sa.Column("opted_out_at", _TIME, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_mails_campaign_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_campaign_mails_customer_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_campaign_mails_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_mails")),
    )
    op.create_index(op.f("ix_campaign_mails_campaign_id_status"), "campaign_mails", ["campaign_id", "status"])
    op.create_index(op.f("ix_campaign_mails_customer_id"), "campaign_mails", ["customer_id"])
    op.create_index(op.f("ix_campaign_mails_tried_at"), "campaign_mails", ["tried_at"])
    to_customers, still_open = sa.text("person_id IS NULL"), sa.text("status IN ('waiting', 'sending')")
    op.create_index(
        "uq_campaign_mails_customer",
        "campaign_mails",
        ["campaign_id", "customer_id"],
        unique=True,
        sqlite_where=to_customers,
        postgresql_where=to_customers,
    )
    op.create_index(
        "ix_campaign_mails_open", "campaign_mails", ["id"], sqlite_where=still_open, postgresql_where=still_open
    )
    op.create_table(
        "mail_blocks",
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("reason", sa.String(length=10), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("campaign_id", _ID, nullable=True),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_mail_blocks_campaign_id")),
        sa.PrimaryKeyConstraint("email", name=op.f("pk_mail_blocks")),
    )


def downgrade() -> None:
    op.drop_table("mail_blocks")
    op.drop_table("campaign_mails")
    op.drop_table("campaigns")
