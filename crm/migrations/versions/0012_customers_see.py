"""what customers see of their orders, and what they say of them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "customer_links",
        sa.Column("id", _ID, nullable=False),
        sa.Column("order_id", _ID, nullable=False),
        sa.Column("nonce", sa.String(length=40), nullable=False),
        sa.Column("made_by_id", _ID, nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("revoked_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_customer_links_order_id_orders")),
        sa.ForeignKeyConstraint(["made_by_id"], ["people.id"], name=op.f("fk_customer_links_made_by_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_links")),
    )
    op.create_index(op.f("ix_customer_links_order_id"), "customer_links", ["order_id"])
    op.create_table(
        "order_scores",
        sa.Column("order_id", _ID, nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("given_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_scores_order_id_orders")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_scores")),
    )


def downgrade() -> None:
    op.drop_table("order_scores")
    op.drop_index(op.f("ix_customer_links_order_id"), table_name="customer_links")
    op.drop_table("customer_links")
