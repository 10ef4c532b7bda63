"""working hours, absences, digests, figures kept by day, what watches have said, reminders that come again."""

import sqlalchemy as sa
from alembic import op
from babel.core import get_global
from holidays import list_supported_countries
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "absences",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("delegate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("welcomed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["delegate_id"], ["people.id"], name=op.f("fk_absences_delegate_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_absences_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    with op.batch_alter_table("absences", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_absences_delegate_id"), ["delegate_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_absences_person_id_until"), ["person_id", "until"], unique=False)

    op.create_table(
        "day_figures",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("measure", sa.String(length=20), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("base_amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_day_figures_person_id")),
        sa.PrimaryKeyConstraint("person_id", "day", "measure", name=op.f("pk_day_figures")),
    )
    with op.batch_alter_table("day_figures", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_day_figures_measure_day"), ["measure", "day"], unique=False)

    op.create_table(
        "digests",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("team_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("facts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_digests_person_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_digests_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sa.UniqueConstraint("person_id", "kind", "local_date", name=op.f("uq_digests_person_id_kind_local_date")),
        sa.UniqueConstraint("team_id", "kind", "local_date", name=op.f("uq_digests_team_id_kind_local_date")),
    )
    op.create_table(
        "watches_said",
        sa.Column("watch", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("level", sa.BigInteger(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_watches_said_person_id")),
        sa.PrimaryKeyConstraint("watch", "subject_id", "person_id", name=op.f("pk_watches_said")),
    )
    op.create_table(
        "step_escalations",
        sa.Column("step_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("approver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["approver_id"], ["people.id"], name=op.f("fk_step_escalations_approver_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_step_escalations_person_id")),
        sa.ForeignKeyConstraint(["step_id"], ["approval_steps.id"], name=op.f("fk_step_escalations_step_id")),
        sa.PrimaryKeyConstraint("step_id", "person_id", name=op.f("pk_step_escalations")),
    )
    with op.batch_alter_table("leads", schema=None) as batch_op:
        batch_op.add_column(sa.Column("touched_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(sa.text("UPDATE leads SET touched_at = changed_at"))
    with op.batch_alter_table("leads", schema=None) as batch_op:
        batch_op.alter_column("touched_at", existing_type=sa.DateTime(timezone=True), nullable=False)

    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("work_days", sa.String(length=7), server_default="12345", nullable=False))
        batch_op.add_column(sa.Column("work_from", sa.Time(), server_default="09:00:00.000000", nullable=False))
        batch_op.add_column(sa.Column("work_to", sa.Time(), server_default="18:00:00.000000", nullable=False))
        batch_op.add_column(sa.Column("holidays", sa.String(length=10), server_default="", nullable=False))
        batch_op.add_column(sa.Column("quiet_from", sa.Time(), nullable=True))
        batch_op.add_column(sa.Column("quiet_to", sa.Time(), nullable=True))
        batch_op.add_column(sa.Column("digest_at", sa.Time(), nullable=True))
        batch_op.add_column(sa.Column("wants_digest", sa.Boolean(), server_default=sa.true(), nullable=False))
    _give_holidays()

    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("recurrence", sa.String(length=40), nullable=True))


def _give_holidays() -> None:
    """Everybody has the holidays of the country their zone lies in; each may choose others."""
    people = sa.table("people", sa.column("timezone"), sa.column("holidays"))
    connection = op.get_bind()
    for zone in connection.execute(sa.select(people.c.timezone).distinct()).scalars().all():
        country = get_global("zone_territories").get(zone) or ""
        if country in list_supported_countries():
            connection.execute(sa.update(people).where(people.c.timezone == zone).values(holidays=country))


def downgrade() -> None:
    raise NotImplementedError("restore the backup made before the upgrade")
