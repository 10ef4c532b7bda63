"""makers and their capacity, plans, work orders, milestones, and what of the stock is whose."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)
_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
_OPEN_WORK = sa.text("done_on IS NULL AND withdrawn_at IS NULL AND holds")
_OPEN_MILESTONE = sa.text("done_on IS NULL")


def upgrade() -> None:
    op.create_table(
        "makers",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("is_own", sa.Boolean(), nullable=False),
        sa.Column("days", sa.String(length=7), nullable=False),
        sa.Column("holidays", sa.String(length=10), nullable=False),
        sa.Column("person_id", _ID, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_makers_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_makers")),
        sa.UniqueConstraint("name", name=op.f("uq_makers_name")),
    )
    op.create_table(
        "capacities",
        sa.Column("maker_id", _ID, nullable=False),
        sa.Column("category", sa.String(length=100), nullable=False),
        sa.Column("per_day", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["maker_id"], ["makers.id"], name=op.f("fk_capacities_maker_id_makers")),
        sa.PrimaryKeyConstraint("maker_id", "category", name=op.f("pk_capacities")),
    )
    op.create_index(op.f("ix_capacities_category"), "capacities", ["category"])
    op.create_table(
        "plans",
        sa.Column("order_id", _ID, nullable=False),
        sa.Column("ready_on", sa.Date(), nullable=True),
        sa.Column("first_ready_on", sa.Date(), nullable=True),
        sa.Column("held_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_plans_order_id_orders")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_plans")),
    )
    op.create_index(op.f("ix_plans_held_until"), "plans", ["held_until"])
    _work_orders()
    op.create_table(
        "milestones",
        sa.Column("id", _ID, nullable=False),
        sa.Column("order_id", _ID, nullable=False),
        sa.Column("key", sa.String(length=20), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("first_planned_on", sa.Date(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("problem", sa.String(length=1000), nullable=True),
        sa.Column("person_id", _ID, nullable=True),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_milestones_order_id_orders")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_milestones_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestones")),
        sa.UniqueConstraint("order_id", "key", name=op.f("uq_milestones_order_id_key")),
    )
    op.create_index(
        "ix_milestones_open",
        "milestones",
        ["planned_on"],
        sqlite_where=_OPEN_MILESTONE,
        postgresql_where=_OPEN_MILESTONE,
    )
    op.create_table(
        "allocations",
        sa.Column("order_line_id", _ID, nullable=False),
        sa.Column("product_id", _ID, nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f("fk_allocations_order_line_id_order_lines")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_allocations_product_id_products")),
        sa.PrimaryKeyConstraint("order_line_id", name=op.f("pk_allocations")),
    )
    op.create_index(op.f("ix_allocations_product_id"), "allocations", ["product_id"])


def _work_orders() -> None:
    op.create_table(
        "work_orders",
        sa.Column("id", _ID, nullable=False),
        sa.Column("order_id", _ID, nullable=False),
        sa.Column("order_line_id", _ID, nullable=False),
        sa.Column("maker_id", _ID, nullable=True),
        sa.Column("category", sa.String(length=100), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("load", _JSON, nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_at", _TIME, nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["maker_id"], ["makers.id"], name=op.f("fk_work_orders_maker_id_makers")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_work_orders_order_id_orders")),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f("fk_work_orders_order_line_id_order_lines")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_orders")),
    )
    op.create_index(
        "ix_work_orders_open",
        "work_orders",
        ["maker_id", "category", "id"],
        sqlite_where=_OPEN_WORK,
        postgresql_where=_OPEN_WORK,
    )
    op.create_index(op.f("ix_work_orders_order_id"), "work_orders", ["order_id"])
    op.create_index(op.f("ix_work_orders_order_line_id"), "work_orders", ["order_line_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_allocations_product_id"), table_name="allocations")
    op.drop_table("allocations")
    op.drop_index("ix_milestones_open", table_name="milestones")
    op.drop_table("milestones")
    op.drop_index(op.f("ix_work_orders_order_line_id"), table_name="work_orders")
    op.drop_index(op.f("ix_work_orders_order_id"), table_name="work_orders")
    op.drop_index("ix_work_orders_open", table_name="work_orders")
    op.drop_table("work_orders")
    op.drop_index(op.f("ix_plans_held_until"), table_name="plans")
    op.drop_table("plans")
    op.drop_index(op.f("ix_capacities_category"), table_name="capacities")
    op.drop_table("capacities")
    op.drop_table("makers")
