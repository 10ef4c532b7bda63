"""quotes with their lines and special prices; an order's quote."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _json() -> sa.types.TypeEngine[Any]:
    return sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    _create_quotes()
    _create_lines()
    _create_approvals()
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.add_column(sa.Column("quote_id", _id(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_orders_quote_id"), "quotes", ["quote_id"], ["id"])
        batch_op.create_index(batch_op.f("ix_orders_quote_id"), ["quote_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_orders_quote_id"))
        batch_op.drop_constraint(batch_op.f("fk_orders_quote_id"), type_="foreignkey")
        batch_op.drop_column("quote_id")
    for table in ("quote_approvals", "quote_lines", "quotes"):
        op.drop_table(table)


def _create_quotes() -> None:
    op.create_table(
        "quotes",
        sa.Column("id", _id(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("follows_id", _id(), nullable=True),
        sa.Column("customer_id", _id(), nullable=False),
        sa.Column("deal_id", _id(), nullable=True),
        sa.Column("owner_id", _id(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("price_status", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("rate", sa.BigInteger(), nullable=False),
        sa.Column("incoterm", sa.String(length=3), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=True),
        sa.Column("payment_terms", sa.String(length=600), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("lead_time", sa.String(length=200), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("base_total", sa.BigInteger(), nullable=False),
        sa.Column("cost_base", sa.BigInteger(), nullable=True),
        sa.Column("margin", sa.BigInteger(), nullable=True),
        sa.Column("costs", _json(), nullable=True),
        sa.Column("checks", _json(), nullable=False),
        sa.Column("inputs", _json(), nullable=False),
        sa.Column("approved_inputs", _json(), nullable=True),
        sa.Column("decline_reason", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_quotes_customer_id")),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_quotes_deal_id")),
        sa.ForeignKeyConstraint(["follows_id"], ["quotes.id"], name=op.f("fk_quotes_follows_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_quotes_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotes")),
        sa.UniqueConstraint("number", "version", name=op.f("uq_quotes_number_version")),
    )
    with op.batch_alter_table("quotes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quotes_customer_id_id"), ["customer_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quotes_deal_id"), ["deal_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quotes_follows_id"), ["follows_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quotes_owner_id_status_id"), ["owner_id", "status", "id"], unique=False)
        sent, expired = sa.text("status = 'sent'"), sa.text("status = 'expired'")
        batch_op.create_index("ix_quotes_open", ["valid_until"], unique=False, sqlite_where=sent, postgresql_where=sent)
        batch_op.create_index(
            "ix_quotes_expired", ["ended_at"], unique=False, sqlite_where=expired, postgresql_where=expired
        )


def _create_lines() -> None:
    op.create_table(
        "quote_lines",
        sa.Column("id", _id(), nullable=False),
        sa.Column("quote_id", _id(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("product_id", _id(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("discount_sum", sa.BigInteger(), nullable=True),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("list_price", sa.BigInteger(), nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.Column("is_under_floor", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_quote_lines_product_id")),
        sa.ForeignKeyConstraint(["quote_id"], ["quotes.id"], name=op.f("fk_quote_lines_quote_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_lines")),
    )
    with op.batch_alter_table("quote_lines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quote_lines_product_id"), ["product_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quote_lines_quote_id_position"), ["quote_id", "position"], unique=False)


def _create_approvals() -> None:
    op.create_table(
        "quote_approvals",
        sa.Column("id", _id(), nullable=False),
        sa.Column("quote_id", _id(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", _id(), nullable=True),
        sa.Column("for_id", _id(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("platform", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_quote_approvals_decided_by")),
        sa.ForeignKeyConstraint(["for_id"], ["people.id"], name=op.f("fk_quote_approvals_for_id")),
        sa.ForeignKeyConstraint(["quote_id"], ["quotes.id"], name=op.f("fk_quote_approvals_quote_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_approvals")),
    )
    with op.batch_alter_table("quote_approvals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quote_approvals_quote_id_id"), ["quote_id", "id"], unique=False)
        pending = sa.text("status = 'pending'")
        batch_op.create_index(
            "ix_quote_approvals_open", ["quote_id"], unique=True, sqlite_where=pending, postgresql_where=pending
        )
