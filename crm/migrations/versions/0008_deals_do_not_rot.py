"""deals do not rot: on hold with a reason and a day, and the pipeline's totals kept."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_HOLD = (
    ("hold_reason", sa.Text()),
    ("hold_until", sa.Date()),
    ("held_since", sa.DateTime(timezone=True)),
    ("hold_task_id", sa.BigInteger()),
    ("counted_since", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    for name, kind in _HOLD:
        op.add_column("deals", sa.Column(name, kind, nullable=True))
    op.create_index(op.f("ix_deals_stage_expected_close_id"), "deals", ["stage", "expected_close", "id"])
    op.create_table(
        "pipeline_totals",
        sa.Column(
            "owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("on_hold", sa.Boolean(), nullable=False),
        sa.Column("deals", sa.BigInteger(), nullable=False),
        sa.Column("base_amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_pipeline_totals_owner_id")),
        sa.PrimaryKeyConstraint("owner_id", "stage", "on_hold", name=op.f("pk_pipeline_totals")),
    )
    op.execute(
        "INSERT INTO pipeline_totals (owner_id, stage, on_hold, deals, base_amount)"
        " SELECT owner_id, stage, on_hold, count(*), sum(base_amount) FROM deals"
        " WHERE stage NOT IN ('won', 'lost') GROUP BY owner_id, stage, on_hold"
    )


def downgrade() -> None:
    op.drop_table("pipeline_totals")
    op.drop_index(op.f("ix_deals_stage_expected_close_id"), "deals")
    for name, _ in reversed(_HOLD):
        op.drop_column("deals", name)
