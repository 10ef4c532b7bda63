"""special prices: whose decision one is, and which superiors may decide too."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    role = sa.Column("role", sa.String(length=20), server_default=sa.text("'supervisor'"), nullable=False)
    op.add_column("quote_approvals", role)
    op.add_column("quote_approvals", sa.Column("escalated", _JSON, nullable=True))


def downgrade() -> None:
    op.drop_column("quote_approvals", "escalated")
    op.drop_column("quote_approvals", "role")
