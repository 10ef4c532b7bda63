"""what approvers ask before they decide, and the answers."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "order_questions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("order_id", _ID, nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("asked_by_id", _ID, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_at", _TIME, nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_questions_order_id_orders")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["people.id"], name=op.f("fk_order_questions_asked_by_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_questions")),
    )
    op.create_index(op.f("ix_order_questions_order_id"), "order_questions", ["order_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_order_questions_order_id"), table_name="order_questions")
    op.drop_table("order_questions")
