"""one message capture: fairs and their cards, and messages that a model is asked about."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "fairs",
        sa.Column("id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("until", _TIME, nullable=False),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.Column("shown_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_fairs_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fairs")),
    )
    op.create_index(op.f("ix_fairs_person_id_until"), "fairs", ["person_id", "until"])
    op.create_table(
        "fair_cards",
        sa.Column("id", _ID, nullable=False),
        sa.Column("fair_id", _ID, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answers", _JSON, nullable=False),
        sa.Column("file_id", _ID, nullable=True),
        sa.Column("file_name", sa.String(length=255), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("lead_id", _ID, nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["fair_id"], ["fairs.id"], name=op.f("fk_fair_cards_fair_id")),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_fair_cards_file_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_fair_cards_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fair_cards")),
        sa.UniqueConstraint("fair_id", "number", name=op.f("uq_fair_cards_fair_id_number")),
    )
    op.create_index(op.f("ix_fair_cards_status_fair_id"), "fair_cards", ["status", "fair_id"])
    op.create_table(
        "model_questions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("delivery_id", sa.String(length=200), nullable=False),
        sa.Column("inbound", _JSON, nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", _TIME, nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_questions")),
        sa.UniqueConstraint("platform", "delivery_id", name=op.f("uq_model_questions_platform_delivery_id")),
    )


def downgrade() -> None:
    op.drop_table("model_questions")
    op.drop_table("fair_cards")
    op.drop_table("fairs")
