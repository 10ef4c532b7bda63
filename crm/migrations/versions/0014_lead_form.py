"""which fields a lead's form asks for, a company's own among them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "lead_form_fields",
        sa.Column("id", _ID, nullable=False),
        sa.Column("key", sa.String(length=20), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=True),
        sa.Column("label_zh", sa.String(length=40), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=True),
        sa.Column("choices", _JSON, nullable=True),
        sa.Column("is_asked", sa.Boolean(), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("is_removed", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_form_fields")),
        sa.UniqueConstraint("key", name=op.f("uq_lead_form_fields_key")),
    )
    op.add_column("leads", sa.Column("custom", _JSON, nullable=True))


def downgrade() -> None:
    op.drop_column("leads", "custom")
    op.drop_table("lead_form_fields")
