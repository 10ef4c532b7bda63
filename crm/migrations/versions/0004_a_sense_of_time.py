"""working hours, absences, digests, figures kept by day, what watches have said, reminders that come again."""

from datetime import UTC, datetime

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
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
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
    with op.batch_alter_table("approval_steps", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("for_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        )
        batch_op.add_column(sa.Column("urgent_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_approval_steps_for_id"), "people", ["for_id"], ["id"])
        batch_op.create_index(
            "ix_approval_steps_urgent",
            ["urgent_at"],
            unique=False,
            sqlite_where=sa.text("urgent_at IS NOT NULL"),
            postgresql_where=sa.text("urgent_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_approval_steps_for",
            ["for_id", "decided_at"],
            unique=False,
            sqlite_where=sa.text("for_id IS NOT NULL"),
            postgresql_where=sa.text("for_id IS NOT NULL"),
        )

    with op.batch_alter_table("leads", schema=None) as batch_op:
        batch_op.add_column(sa.Column("touched_at", sa.DateTime(timezone=True), nullable=True))
    _begin_to_count()
    with op.batch_alter_table("leads", schema=None) as batch_op:
        batch_op.alter_column("touched_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        open_and_owned = sa.text("owner_id IS NOT NULL AND status IN ('new', 'contacted', 'qualified')")
        batch_op.create_index(
            "ix_leads_untouched",
            ["touched_at", "next_follow_up_at"],
            unique=False,
            sqlite_where=open_and_owned,
            postgresql_where=open_and_owned,
        )

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
    _index_what_digests_read()
    _index_what_watches_read()

    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("has_time", sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.add_column(sa.Column("is_follow_up", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("recurrence", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("series_id", sa.BigInteger(), nullable=True))
        about = sa.text("about IS NOT NULL")
        batch_op.create_index(
            "ix_tasks_about", ["about", "about_id"], unique=False, sqlite_where=about, postgresql_where=about
        )


def _begin_to_count() -> None:
    """What somebody looks after counts as touched now: nobody was told before that these days count."""
    time = sa.DateTime(timezone=True)
    leads = sa.table(
        "leads",
        sa.column("owner_id"),
        sa.column("status"),
        sa.column("changed_at", time),
        sa.column("touched_at", time),
    )
    is_open = leads.c.owner_id.is_not(None) & leads.c.status.in_(("new", "contacted", "qualified"))
    touched = sa.case((is_open, sa.literal(datetime.now(UTC), time)), else_=leads.c.changed_at)
    op.get_bind().execute(sa.update(leads).values(touched_at=touched))


def _index_what_watches_read() -> None:
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customers_grade_status"), ["grade", "status"], unique=False)
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_orders_customer_id_submitted_at"), ["customer_id", "submitted_at"], unique=False
        )
    with_quote = sa.text("stage IN ('quotation', 'negotiation')")
    with op.batch_alter_table("deals", schema=None) as batch_op:
        batch_op.create_index(
            "ix_deals_with_quote", ["stage"], unique=False, sqlite_where=with_quote, postgresql_where=with_quote
        )


def _index_what_digests_read() -> None:
    for table, before, now in (
        ("deals", ("owner_id", "stage"), ("owner_id", "stage", "stage_since")),
        ("orders", ("submitter_id", "status"), ("submitter_id", "status", "delivery_on")),
        ("communications", (), ("person_id", "at")),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            if before:
                batch_op.drop_index(batch_op.f("_".join(("ix", table, *before))))
            batch_op.create_index(batch_op.f("_".join(("ix", table, *now))), list(now), unique=False)


def _give_holidays() -> None:
    """Everybody has the holidays of the country their zone lies in; each may choose others."""
    people = sa.table("people", sa.column("timezone"), sa.column("holidays"))
    connection = op.get_bind()
    for zone in connection.execute(sa.select(people.c.timezone).distinct()).scalars().all():
        country = get_global("zone_territories").get(get_global("zone_aliases").get(zone, zone)) or ""
        if country in list_supported_countries():
            connection.execute(sa.update(people).where(people.c.timezone == zone).values(holidays=country))


def downgrade() -> None:
    raise NotImplementedError("restore the backup made before the upgrade")
