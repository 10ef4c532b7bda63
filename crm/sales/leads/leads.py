"""Leads: logged, listed, disqualified, taken back. Guide 2.1."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    exists,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import copies, history
from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.history import Actor
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Amount, Id, Json, UTCDateTime
from crm.core.work import UnitOfWork
from crm.language.contacts import email_domain
from crm.people.people import Member, Person
from crm.people.permissions import require
from crm.sales.company_keys import drop_keys, keep_keys
from crm.sales.leads.cadences import Ground, drop_plan, ground_of, keep_plan, plan_days
from crm.sales.leads.masking import as_shown
from crm.sales.leads.policy import can_change_lead, can_log_lead, can_see_lead, visible_owners
from crm.sales.leads.response_time import note_response
from crm.sales.tasks.follow_ups import drop_follow_up, remind_of
from crm.sales.touching import touched_by

SOURCES = {
    "exhibition": T("Exhibition"),
    "website": T("Website inquiry"),
    "referral": T("Customer referral"),
    "b2b": T("B2B platform"),
    "outreach": T("Cold outreach"),
    "other": T("Other", context="lead source"),
}

STATUSES = {
    "new": T("New", context="lead status"),
    "contacted": T("Contacted"),
    "qualified": T("Qualified"),
    "converted": T("Converted"),
    "disqualified": T("Disqualified"),
    "withdrawn": T("Taken back"),
    "held": T("Waiting for your answer"),
    "noted": T("Added as a note"),
}

DISQUALIFY_REASONS = {
    "no_need": T("No real need"),
    "no_budget": T("No budget"),
    "unreachable": T("Cannot be reached"),
    "competitor": T("A competitor"),
    "wrong_products": T("Not our products"),
    "duplicate": T("Entered twice"),
}
"""The usual reasons by key; any other reason is kept in its own words."""

OPEN_STATUSES = ("new", "contacted", "qualified")


class Lead(Base):
    """Somebody who may become a customer. `next_follow_up_has_time` False: the day is meant, not the minute.

    `touched_at`: when its owner last did something about it, or got it. `responded_at`, `response_minutes`: of the
    first contact (`crm.sales.leads.response_time`). `status` `held`: not logged yet, it looks like another's
    (`crm.sales.collisions.holding`). `custom`: what was told in a company's own fields (`crm.sales.leads.lead_form`).
    """

    __tablename__ = "leads"
    __table_args__ = (
        Index(None, "owner_id", "status"),
        *(Index(None, way) for way in ("phone", "email", "wechat", "whatsapp", "email_domain")),
        Index(
            "ix_leads_untouched",
            "touched_at",
            "next_follow_up_at",
            sqlite_where=text("owner_id IS NOT NULL AND status IN ('new', 'contacted', 'qualified')"),
            postgresql_where=text("owner_id IS NOT NULL AND status IN ('new', 'contacted', 'qualified')"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company: Mapped[str] = mapped_column(String(200))
    contact: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(20))
    email: Mapped[str | None] = mapped_column(String(320))
    email_domain: Mapped[str | None] = mapped_column(String(255))
    wechat: Mapped[str | None] = mapped_column(String(100))
    whatsapp: Mapped[str | None] = mapped_column(String(100))
    country: Mapped[str | None] = mapped_column(String(2))
    source: Mapped[str] = mapped_column(String(20))
    referred_by: Mapped[str | None] = mapped_column(String(200))
    product_need: Mapped[str] = mapped_column(Text)
    product_category: Mapped[str | None] = mapped_column(String(100))
    budget_low: Mapped[Decimal | None] = mapped_column(Amount)
    budget_high: Mapped[Decimal | None] = mapped_column(Amount)
    budget_currency: Mapped[str | None] = mapped_column(String(3))
    next_follow_up_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    next_follow_up_has_time: Mapped[bool]
    tags: Mapped[list[str]] = mapped_column(Json)
    notes: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20))
    status_reason: Mapped[str | None] = mapped_column(Text)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    touched_at: Mapped[datetime] = mapped_column(UTCDateTime)
    responded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    response_minutes: Mapped[int | None]
    custom: Mapped[dict[str, Any] | None] = mapped_column(Json)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadDetails:
    """What somebody tells of a lead. Budget: either end may be open; its currency is an ISO 4217 code."""

    company: str
    contact: str
    source: str
    product_need: str
    phone: str | None = None
    email: str | None = None
    wechat: str | None = None
    whatsapp: str | None = None
    country: str | None = None
    referred_by: str | None = None
    product_category: str | None = None
    budget_low: Decimal | None = None
    budget_high: Decimal | None = None
    budget_currency: str | None = None
    next_follow_up_at: datetime | None = None
    next_follow_up_has_time: bool = False
    tags: list[str] = field(default_factory=list)
    notes: str | None = None
    custom: Mapping[str, Any] | None = None


def details_of(lead: Any) -> LeadDetails:
    """What was told of a lead, from its row."""
    return LeadDetails(**{name: getattr(lead, name) for name in LeadDetails.__slots__})


_LEADS = Lead.table()
_INSERT = insert(_LEADS).returning(_LEADS.c.id)
_OWNERS = Person.table().alias("owners")
_COLUMNS = (*_LEADS.c, _OWNERS.c.name.label("owner_name"), _OWNERS.c.team_id.label("owner_team_id"))
LEAD_ROWS = select(*_COLUMNS).outerjoin(_OWNERS, _OWNERS.c.id == _LEADS.c.owner_id)
"""A select of leads with their owners; to be narrowed by who looks."""


def number(lead_id: int) -> str:
    """How a lead is called by people: L-17."""
    return f"L-{lead_id}"


def log_lead(work: UnitOfWork, *, actor: Member, platform: str, details: LeadDetails) -> int:
    """Write a new lead, the actor's own; returns its id. Raises Forbidden."""
    require(can_log_lead(actor))
    by = Actor(actor.id, platform)
    return write_lead(work, by=by, details=details, owner_id=actor.id, act="logged")


def write_lead(
    work: UnitOfWork,
    *,
    by: Actor,
    details: LeadDetails,
    owner_id: int | None,
    act: str,
    reason: str | None = None,
) -> int:
    """Write a new lead of this owner's (None: the pool's) with its plan, for who has asked the policy."""
    lead_id = insert_lead(work, by=by, details=details, owner_id=owner_id, status="new")
    open_up(work, by=by, lead_id=lead_id, details=details, owner_id=owner_id, act=act, reason=reason)
    return lead_id


def insert_lead(
    work: UnitOfWork,
    *,
    by: Actor,
    details: LeadDetails,
    owner_id: int | None,
    status: str,
) -> int:
    """The row alone."""
    values = {name: getattr(details, name) for name in LeadDetails.__slots__}
    values |= {
        "email_domain": email_domain(details.email or ""),
        "status": status,
        "owner_id": owner_id,
        "created_by_id": by.person_id,
        "created_at": work.now,
        "changed_at": work.now,
        "touched_at": work.now,
    }
    return int(work.connection.execute(_INSERT, values).scalar_one())


def open_up(
    work: UnitOfWork,
    *,
    by: Actor,
    lead_id: int,
    details: LeadDetails,
    owner_id: int | None,
    act: str,
    reason: str | None = None,
) -> None:
    """A lead has begun: what it is found by, its history, the plan of its follow-ups."""
    keep_keys(work, kind="lead", record_id=lead_id, name=details.company, is_new=True)
    changes = {"status": (None, "new"), "owner": (None, owner_id)}
    history.record(work, actor=by, entity="lead", entity_id=lead_id, act=act, changes=changes, reason=reason)
    if owner_id is not None:
        begin_plan(work, by=by, lead_id=lead_id, details=details, owner_id=owner_id)


def begin_plan(work: UnitOfWork, *, by: Actor, lead_id: int, details: LeadDetails, owner_id: int) -> None:
    """Plan the follow-ups of a lead by its source, from today on; a date that was set by hand comes first."""
    days, at = plan_of(work, details=details, owner_id=owner_id, ground=ground_of(work, owner_id=owner_id))
    if at != details.next_follow_up_at:
        values = {"next_follow_up_at": at, "next_follow_up_has_time": False}
        work.connection.execute(update(_LEADS).where(_LEADS.c.id == lead_id).values(**values))
    drop_plan(work, lead_id=lead_id)
    drop_follow_up(work, by=by, lead_id=lead_id)
    write_plan(work, by=by, lead_id=lead_id, details=details, owner_id=owner_id, days=days, at=at)


def plan_of(
    work: UnitOfWork, *, details: LeadDetails, owner_id: int, ground: Ground
) -> tuple[list[date], datetime | None]:
    """The days of a plan that begins now, and when the next follow-up is."""
    at = details.next_follow_up_at
    first = None if at is None else at.astimezone(ground.calendar.zone).date()
    days = plan_days(work, owner_id=owner_id, source=details.source, first=first, ground=ground)
    return days, ground.moment_of(days[0]) if at is None and days else at


def write_plan(
    work: UnitOfWork,
    *,
    by: Actor,
    lead_id: int,
    details: LeadDetails,
    owner_id: int,
    days: Sequence[date],
    at: datetime | None,
) -> None:
    """Keep the days of a lead that has none, with the reminder of the first; the lead's own row is the caller's."""
    keep_plan(work, lead_id=lead_id, owner_id=owner_id, days=days)
    has_time = details.next_follow_up_at is not None and details.next_follow_up_has_time
    if at is None or (details.next_follow_up_at is not None and not has_time):
        return  # the day that was set by hand is told of by the digest
    text = f"{details.company}: {details.product_need}"
    remind_of(work, by=by, owner_id=owner_id, lead_id=lead_id, text=text, at=at, has_time=has_time)


def get_lead(work: UnitOfWork, *, viewer: Member, lead_id: int) -> Any:
    """The lead as a row (columns of `leads`, `owner_name`, `owner_team_id`); one of the pool masked.

    Raises NotFound when it is not there, or not for this person to see.
    """
    row = _row(work, lead_id)
    if row is None or can_see_lead(viewer, row) is not True:
        raise NotFound(T("There is no lead {number}.", number=number(lead_id)))
    return as_shown(row, viewer)


def open_leads(
    work: UnitOfWork, *, viewer: Member, offset: int = 0, most: int = 10, tag: str = ""
) -> tuple[list[Any], int]:
    """The open leads this person looks after (a supervisor: the team's), newest first, and how many in all.

    `tag`: those alone with a tag in which this stands, letter case aside.
    """
    where = [_LEADS.c.status.in_(OPEN_STATUSES), visible_owners(viewer, _LEADS.c.owner_id)]
    if tag:
        where.append(_tagged(work, tag))
    rows = work.connection.execute(
        LEAD_ROWS.where(*where).order_by(_LEADS.c.id.desc()).offset(offset).limit(most)
    ).all()
    total = work.connection.execute(select(func.count()).select_from(_LEADS).where(*where)).scalar_one()
    return list(rows), total


def _tagged(work: UnitOfWork, tag: str) -> ColumnElement[bool]:
    each = {"sqlite": func.json_each, "postgresql": func.jsonb_array_elements_text}[work.connection.dialect.name]
    one = each(_LEADS.c.tags).table_valued("value")
    return exists(select(one.c.value).where(func.lower(one.c.value).contains(tag.lower(), autoescape=True)))


def withdraw_lead(work: UnitOfWork, *, actor: Member, platform: str, lead_id: int) -> None:
    """Take back a lead just logged, as long as nothing was done with it. Raises NotFound, Forbidden, Conflict."""
    row = get_lead(work, viewer=actor, lead_id=lead_id)
    require(can_change_lead(actor, row))
    if row.status == "withdrawn":
        raise Conflict(T("Lead {number} was taken back already.", number=number(lead_id)))
    _set_status(work, actor, platform, row, to="withdrawn", act="undone", only_from=("new",))


def advance_lead(work: UnitOfWork, *, actor: Member, platform: str, lead_id: int, to_status: str) -> None:
    """A lead was contacted, or found worth a deal (`qualified`). Raises NotFound, Forbidden, Invalid, Conflict."""
    row = get_lead(work, viewer=actor, lead_id=lead_id)
    require(can_change_lead(actor, row))
    if to_status not in OPEN_STATUSES[1:]:
        raise Invalid(T("A lead can be marked as contacted or as qualified."))
    earlier = OPEN_STATUSES[: OPEN_STATUSES.index(to_status)]
    _set_status(work, actor, platform, row, to=to_status, act=to_status, only_from=earlier)


def mark_converted(work: UnitOfWork, *, actor: Member, platform: str, lead_id: int) -> Any:
    """Close a lead as one that became a customer, once, and return it; the first half of `convert_lead`.

    Raises NotFound, Forbidden, Conflict.
    """
    row = get_lead(work, viewer=actor, lead_id=lead_id)
    require(can_change_lead(actor, row))
    _set_status(work, actor, platform, row, to="converted", act="converted", only_from=OPEN_STATUSES)
    return row


def disqualify_lead(work: UnitOfWork, *, actor: Member, platform: str, lead_id: int, reason: str) -> None:
    """Close a lead that leads nowhere, saying why. Raises NotFound, Forbidden, Conflict."""
    row = get_lead(work, viewer=actor, lead_id=lead_id)
    require(can_change_lead(actor, row))
    _set_status(
        work,
        actor,
        platform,
        row,
        to="disqualified",
        act="disqualified",
        only_from=OPEN_STATUSES,
        reason=reason,
    )


def _set_status(
    work: UnitOfWork,
    actor: Member,
    platform: str,
    row: Any,
    *,
    to: str,
    act: str,
    only_from: tuple[str, ...],
    reason: str | None = None,
) -> None:
    changed = work.connection.execute(
        update(_LEADS)
        .where(_LEADS.c.id == row.id, _LEADS.c.status.in_(only_from))
        .values(status=to, status_reason=reason, changed_at=work.now, touched_at=touched_by(actor.id, work.now))
    )
    if changed.rowcount != 1:
        current = _row(work, row.id)
        status = STATUSES[current.status if current is not None else row.status]
        raise Conflict(
            T(
                "Lead {number} is: {status}. That can't be done any more.",
                number=number(row.id),
                status=status,
            )
        )
    _record(work, actor, platform, row.id, act, {"status": (row.status, to)}, reason)
    if to in OPEN_STATUSES:
        note_response(work, person_id=actor.id, lead_id=row.id)
    else:
        drop_follow_up(work, by=Actor(actor.id, platform), lead_id=row.id)
        drop_plan(work, lead_id=row.id)
        drop_keys(work, kind="lead", record_id=row.id)
    copies.touch_card(work, card="lead", subject_id=row.id)


def _row(work: UnitOfWork, lead_id: int) -> Any:
    return work.connection.execute(LEAD_ROWS.where(_LEADS.c.id == lead_id)).one_or_none()


def _record(
    work: UnitOfWork,
    actor: Member,
    platform: str,
    lead_id: int,
    act: str,
    changes: Mapping[str, tuple[Any, Any]],
    reason: str | None = None,
) -> None:
    by = Actor(actor.id, platform)
    history.record(work, actor=by, entity="lead", entity_id=lead_id, act=act, changes=changes, reason=reason)
