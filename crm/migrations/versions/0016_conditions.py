"""until when the rep may answer a condition that an approval was given with."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_SET = sa.text("condition_until IS NOT NULL")


def upgrade() -> None:
    op.add_column("approval_steps", sa.Column("condition_until", sa.Date(), nullable=True))
    op.create_index(
        "ix_approval_steps_condition", "approval_steps", ["condition_until"], sqlite_where=_SET, postgresql_where=_SET
    )


def downgrade() -> None:
    op.drop_index("ix_approval_steps_condition", table_name="approval_steps")
    op.drop_column("approval_steps", "condition_until")
