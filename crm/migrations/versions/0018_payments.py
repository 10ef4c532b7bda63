"""schedules of payment, receipts and what they pay, releases by finance, promises to pay."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MONEY = sa.BigInteger()
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("receivables", sa.Column("open_amount", _MONEY, server_default="0", nullable=False))
    # In numerics: two amounts in ten-thousandths may not be multiplied in 64 bits.
    op.execute(
        "UPDATE receivables SET open_amount = CASE WHEN open_base = base_amount THEN amount"
        " ELSE CAST(ROUND(CAST(amount AS NUMERIC) * open_base / base_amount) AS BIGINT) END"
    )
    op.create_table(
        "payment_schedule",
        sa.Column("order_id", _ID, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("percent", sa.BigInteger(), nullable=False),
        sa.Column("amount", _MONEY, nullable=False),
        sa.Column("base_amount", _MONEY, nullable=False),
        sa.Column("anchor", sa.String(length=20), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("months", sa.BigInteger(), nullable=False),
        sa.Column("month_end", sa.Boolean(), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("anchored_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("receivable_id", _ID, nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_payment_schedule_order_id_orders")),
        sa.ForeignKeyConstraint(
            ["receivable_id"], ["receivables.id"], name=op.f("fk_payment_schedule_receivable_id_receivables")
        ),
        sa.PrimaryKeyConstraint("order_id", "position", name=op.f("pk_payment_schedule")),
    )
    op.create_index(op.f("ix_payment_schedule_receivable_id"), "payment_schedule", ["receivable_id"])
    _receipts()
    op.create_table(
        "gate_releases",
        sa.Column("order_id", _ID, nullable=False),
        sa.Column("gate", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("released_by_id", _ID, nullable=False),
        sa.Column("released_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_gate_releases_order_id_orders")),
        sa.ForeignKeyConstraint(["released_by_id"], ["people.id"], name=op.f("fk_gate_releases_released_by_id_people")),
        sa.PrimaryKeyConstraint("order_id", "gate", name=op.f("pk_gate_releases")),
    )
    op.create_table(
        "payment_promises",
        sa.Column("receivable_id", _ID, nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=False),
        sa.Column("told_by_id", _ID, nullable=False),
        sa.Column("told_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["receivable_id"], ["receivables.id"], name=op.f("fk_payment_promises_receivable_id_receivables")
        ),
        sa.ForeignKeyConstraint(["told_by_id"], ["people.id"], name=op.f("fk_payment_promises_told_by_id_people")),
        sa.PrimaryKeyConstraint("receivable_id", name=op.f("pk_payment_promises")),
    )


def _receipts() -> None:
    op.create_table(
        "receipts",
        sa.Column("id", _ID, nullable=False),
        sa.Column("customer_id", _ID, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", _MONEY, nullable=False),
        sa.Column("charges", _MONEY, nullable=False),
        sa.Column("rate", sa.BigInteger(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=True),
        sa.Column("recorded_by_id", _ID, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("undone_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_receipts_customer_id_customers")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["people.id"], name=op.f("fk_receipts_recorded_by_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
    )
    op.create_index(op.f("ix_receipts_customer_id_id"), "receipts", ["customer_id", "id"])
    op.create_table(
        "receipt_allocations",
        sa.Column("id", _ID, nullable=False),
        sa.Column("receipt_id", _ID, nullable=False),
        sa.Column("receivable_id", _ID, nullable=True),
        sa.Column("amount", _MONEY, nullable=False),
        sa.Column("settled", _MONEY, nullable=False),
        sa.Column("base_amount", _MONEY, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipts.id"], name=op.f("fk_receipt_allocations_receipt_id_receipts")
        ),
        sa.ForeignKeyConstraint(
            ["receivable_id"], ["receivables.id"], name=op.f("fk_receipt_allocations_receivable_id_receivables")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_allocations")),
    )
    op.create_index(op.f("ix_receipt_allocations_receipt_id"), "receipt_allocations", ["receipt_id"])
    op.create_index(op.f("ix_receipt_allocations_receivable_id"), "receipt_allocations", ["receivable_id"])


def downgrade() -> None:
    op.drop_table("payment_promises")
    op.drop_table("gate_releases")
    op.drop_index(op.f("ix_receipt_allocations_receivable_id"), table_name="receipt_allocations")
    op.drop_index(op.f("ix_receipt_allocations_receipt_id"), table_name="receipt_allocations")
    op.drop_table("receipt_allocations")
    op.drop_index(op.f("ix_receipts_customer_id_id"), table_name="receipts")
    op.drop_table("receipts")
    op.drop_index(op.f("ix_payment_schedule_receivable_id"), table_name="payment_schedule")
    op.drop_table("payment_schedule")
    op.drop_column("receivables", "open_amount")
