"""leads find their owner: rules, keys of names, plans of follow-ups, hand-overs asked for, response times."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from crm.language.company_names import search_keys
from crm.language.contacts import email_domain

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_OPEN = ("new", "contacted", "qualified")
_MANY = 1_000


def upgrade() -> None:
    op.create_table(
        "assignment_rules",
        sa.Column("id", _id(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.String(length=100), nullable=True),
        sa.Column("region", sa.String(length=20), nullable=True),
        sa.Column("source", sa.String(length=20), nullable=True),
        sa.Column("team_id", _id(), nullable=True),
        sa.Column("person_id", _id(), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_assignment_rules_team_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_assignment_rules_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_rules")),
    )
    op.create_table(
        "lead_assignments",
        sa.Column("id", _id(), nullable=False),
        sa.Column("lead_id", _id(), nullable=False),
        sa.Column("person_id", _id(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_lead_assignments_lead_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_lead_assignments_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_assignments")),
    )
    op.create_table(
        "company_keys",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "kind", "record_id", name=op.f("pk_company_keys")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "planned_follow_ups",
        sa.Column("lead_id", _id(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("person_id", _id(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_planned_follow_ups_lead_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_planned_follow_ups_person_id")),
        sa.PrimaryKeyConstraint("lead_id", "day", name=op.f("pk_planned_follow_ups")),
    )
    op.create_table(
        "handover_requests",
        sa.Column("id", _id(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("lead_id", _id(), nullable=False),
        sa.Column("asked_by_id", _id(), nullable=False),
        sa.Column("owner_id", _id(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", _id(), nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_handover_requests_lead_id")),
        *(
            sa.ForeignKeyConstraint([column], ["people.id"], name=op.f(f"fk_handover_requests_{column}"))
            for column in ("asked_by_id", "owner_id", "decided_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_requests")),
    )
    with op.batch_alter_table("leads", schema=None) as batch_op:
        batch_op.add_column(sa.Column("email_domain", sa.String(length=255), nullable=True))
        batch_op.add_column(sa.Column("responded_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("response_minutes", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("email_domain", sa.String(length=255), nullable=True))
    _index()
    _give_domains()
    _give_keys()


def _index() -> None:
    for table, *columns in (
        ("lead_assignments", "person_id", "at"),
        ("company_keys", "kind", "record_id"),
        ("planned_follow_ups", "person_id", "day"),
        ("handover_requests", "lead_id"),
        ("leads", "phone"),
        ("leads", "email"),
        ("leads", "wechat"),
        ("leads", "whatsapp"),
        ("leads", "email_domain"),
        ("contacts", "wechat"),
        ("contacts", "email_domain"),
    ):
        op.create_index(op.f("_".join(("ix", table, *columns))), table, list(columns), unique=False)


def _give_domains() -> None:
    for name in ("leads", "contacts"):
        rows = sa.table(name, sa.column("id"), sa.column("email"), sa.column("email_domain"))
        change = sa.update(rows).where(rows.c.id == sa.bindparam("row")).values(email_domain=sa.bindparam("domain"))
        for some in _pages(sa.select(rows.c.id, rows.c.email).where(rows.c.email.is_not(None)), rows.c.id):
            told = [{"row": row.id, "domain": domain} for row in some if (domain := email_domain(row.email))]
            if told:
                op.get_bind().execute(change, told)


def _give_keys() -> None:
    keys = sa.table("company_keys", sa.column("key"), sa.column("kind"), sa.column("record_id"))
    leads = sa.table("leads", sa.column("id"), sa.column("company"), sa.column("status"))
    customers = sa.table("customers", sa.column("id"), sa.column("name"), sa.column("status"))
    for kind, query, id_ in (
        ("lead", sa.select(leads.c.id, leads.c.company).where(leads.c.status.in_(_OPEN)), leads.c.id),
        ("customer", sa.select(customers.c.id, customers.c.name).where(customers.c.status == "active"), customers.c.id),
    ):
        for some in _pages(query, id_):
            rows = [{"key": key, "kind": kind, "record_id": row[0]} for row in some for key in search_keys(row[1])]
            if rows:
                op.get_bind().execute(sa.insert(keys), rows)


def _pages(query: sa.Select[Any], id_: sa.ColumnElement[Any]) -> Iterator[list[Any]]:
    last = 0
    while True:
        some = list(op.get_bind().execute(query.where(id_ > last).order_by(id_).limit(_MANY)).all())
        if not some:
            return
        yield some
        last = int(some[-1][0])


def downgrade() -> None:
    for table, *columns in (
        ("leads", "phone"),
        ("leads", "email"),
        ("leads", "wechat"),
        ("leads", "whatsapp"),
        ("leads", "email_domain"),
        ("contacts", "wechat"),
        ("contacts", "email_domain"),
    ):
        op.drop_index(op.f("_".join(("ix", table, *columns))), table_name=table)
    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.drop_column("email_domain")
    with op.batch_alter_table("leads", schema=None) as batch_op:
        for column in ("response_minutes", "responded_at", "email_domain"):
            batch_op.drop_column(column)
    for table in ("handover_requests", "planned_follow_ups", "company_keys", "lead_assignments", "assignment_rules"):
        op.drop_table(table)


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
