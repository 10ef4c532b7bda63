"""customers by grade: what makes one, proposals of another, books handed over, doubles merged."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("potential", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("influence", sa.BigInteger(), nullable=True))

    op.create_table(
        "grading_months",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_grading_months")),
    )
    op.create_table(
        "grade_proposals",
        sa.Column("id", _id(), nullable=False),
        sa.Column("customer_id", _id(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("grade_from", sa.String(length=1), nullable=False),
        sa.Column("grade_to", sa.String(length=1), nullable=False),
        sa.Column("parts", _JSON, nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("decided_by_id", _id(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_grade_proposals_customer_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["people.id"], name=op.f("fk_grade_proposals_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_proposals")),
        sa.UniqueConstraint("customer_id", "month", name=op.f("uq_grade_proposals_customer_id_month")),
    )
    op.create_table(
        "hand_overs",
        sa.Column("id", _id(), nullable=False),
        sa.Column("from_id", _id(), nullable=True),
        sa.Column("to_id", _id(), nullable=False),
        sa.Column("actor_id", _id(), nullable=False),
        sa.Column("moved", _JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        *(
            sa.ForeignKeyConstraint([column], ["people.id"], name=op.f(f"fk_hand_overs_{column}"))
            for column in ("from_id", "to_id", "actor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_overs")),
    )
    op.create_table(
        "customer_merges",
        sa.Column("id", _id(), nullable=False),
        sa.Column("kept_id", _id(), nullable=False),
        sa.Column("merged_id", _id(), nullable=False),
        sa.Column("actor_id", _id(), nullable=False),
        sa.Column("moved", _JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["kept_id"], ["customers.id"], name=op.f("fk_customer_merges_kept_id")),
        sa.ForeignKeyConstraint(["merged_id"], ["customers.id"], name=op.f("fk_customer_merges_merged_id")),
        sa.ForeignKeyConstraint(["actor_id"], ["people.id"], name=op.f("fk_customer_merges_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_merges")),
    )
    with op.batch_alter_table("customer_merges", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_merges_merged_id"), ["merged_id"], unique=False)


def downgrade() -> None:
    op.drop_table("customer_merges")
    op.drop_table("hand_overs")
    op.drop_table("grade_proposals")
    op.drop_table("grading_months")
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.drop_column("influence")
        batch_op.drop_column("potential")


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
