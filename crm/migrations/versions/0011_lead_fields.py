"""Nothing yet: the place in the chain that is kept for fields of leads which a company adds itself."""

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
