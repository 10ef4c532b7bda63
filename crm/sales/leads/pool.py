"""The pool: leads that nobody looks after, for whoever claims them first. Guide 2.1."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, bindparam, exists, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import copies, history
from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.history import SYSTEM, Actor
from crm.core.rules import read_rules, whole_of
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Id, UTCDateTime
from crm.core.work import UnitOfWork
from crm.people.calendar import CALENDAR_COLUMNS, read_calendar
from crm.people.people import Member, Person, Role
from crm.people.permissions import Allowed, require
from crm.sales.leads.cadences import Ground, drop_plan
from crm.sales.leads.leads import (
    LEAD_ROWS,
    OPEN_STATUSES,
    STATUSES,
    Lead,
    details_of,
    get_lead,
    number,
    plan_of,
    write_plan,
)
from crm.sales.leads.masking import as_shown
from crm.sales.leads.policy import can_change_lead
from crm.sales.tasks.follow_ups import drop_follow_up


class LeadClaim(Base):
    """Somebody's time with a lead: from the pool by a claim, or theirs from the start and then given back.

    `claimed_at` None: it was never in the pool before; `returned_at` None: the claimer has it still, or has converted
    or closed it.
    """

    __tablename__ = "lead_claims"
    __table_args__ = (Index(None, "person_id", "returned_at"), Index(None, "lead_id"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    claimed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    returned_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    platform: Mapped[str] = mapped_column(String(20))


_LEADS = Lead.table()
_CLAIMS = LeadClaim.table()
_PEOPLE = Person.table()
_NOBODYS: dict[str, Any] = {"owner_id": None, "next_follow_up_at": None, "next_follow_up_has_time": False}
"""Who had it has planned the next follow-up for themselves."""
_IN_POOL = (_LEADS.c.owner_id.is_(None), _LEADS.c.status.in_(OPEN_STATUSES))


_CLAIMER = bindparam("person", type_=Id)
_HOLD_CLAIMER = select(*CALENDAR_COLUMNS).where(_PEOPLE.c.id == _CLAIMER).with_for_update(key_share=True)
_HELD = _LEADS.alias("held")
_OPEN_CLAIMS = (
    select(func.count(_CLAIMS.c.lead_id.distinct()))
    .join(_HELD, _HELD.c.id == _CLAIMS.c.lead_id)
    .where(
        _CLAIMS.c.person_id == _CLAIMER,
        _CLAIMS.c.claimed_at.is_not(None),
        _CLAIMS.c.returned_at.is_(None),
        _HELD.c.owner_id == _CLAIMER,
        _HELD.c.status.in_(OPEN_STATUSES),
    )
)
_HAD_BEFORE = exists().where(
    _CLAIMS.c.lead_id == _LEADS.c.id, _CLAIMS.c.person_id == _CLAIMER, _CLAIMS.c.returned_at.is_not(None)
)
_BEFORE_CLAIM = select(
    *_LEADS.c,
    _OPEN_CLAIMS.scalar_subquery().label("open_claims"),
    _HAD_BEFORE.correlate(_LEADS).label("had_before"),
).where(_LEADS.c.id == bindparam("lead", type_=Id))
"""The lead as it stands, and what speaks against the claim, in one statement."""


def can_claim(person: Member) -> Allowed:
    if person.has(Role.REP, Role.SUPERVISOR):
        return True
    return T("Leads of the pool are for sales.")


def can_look_into_pool(person: Member) -> Allowed:
    """Sales, and who reads everything."""
    return True if person.has(Role.GM, Role.ADMIN) else can_claim(person)


def pool_leads(work: UnitOfWork, *, viewer: Member, offset: int = 0, most: int = 10) -> tuple[list[Any], int]:
    """The leads in the pool, oldest first, contacts masked, and how many in all. Raises Forbidden."""
    require(can_look_into_pool(viewer))
    rows = work.connection.execute(LEAD_ROWS.where(*_IN_POOL).order_by(_LEADS.c.id).offset(offset).limit(most))
    return [as_shown(row, viewer) for row in rows], pool_count(work)


def pool_count(work: UnitOfWork) -> int:
    """How many leads wait in the pool."""
    return int(work.connection.execute(select(func.count()).select_from(_LEADS).where(*_IN_POOL)).scalar_one())


def open_claims(work: UnitOfWork, *, person_id: int) -> int:
    """How many leads the person claimed from the pool and still has open."""
    return int(work.connection.execute(_OPEN_CLAIMS, {"person": person_id}).scalar_one())


def claim_lead(work: UnitOfWork, *, actor: Member, platform: str, lead_id: int) -> None:
    """Take a lead out of the pool: the first who claims it owns it.

    Raises Forbidden, NotFound, Conflict (somebody was quicker, the text says who; or it is closed) and Invalid
    (the person has as many claims open as the rules allow, or had this very lead before).
    """
    require(can_claim(actor))
    # Two claims of one person at once must not both be the thirtieth. The weaker lock lets others refer to the person.
    held = work.connection.execute(_HOLD_CLAIMER, {"person": actor.id}).one()
    ground = Ground(read_calendar(*held), read_rules(work))
    seen = work.connection.execute(_BEFORE_CLAIM, {"lead": lead_id, "person": actor.id}).one_or_none()
    if seen is not None and seen.had_before:
        raise Invalid(T("You had lead {number} before; it is for a colleague now.", number=number(lead_id)))
    most = whole_of(ground.rules, "leads.claims_per_person")
    if seen is None or seen.open_claims >= most:
        _want_in_pool(work, actor, lead_id)
        raise Invalid(T("You have {most} claimed leads open; close or convert one of them first.", most=most))
    by, details = Actor(actor.id, platform), details_of(seen)
    days, at = plan_of(work, details=details, owner_id=actor.id, ground=ground)
    values = {"owner_id": actor.id, "changed_at": work.now, "touched_at": work.now, "next_follow_up_at": at}
    taken = update(_LEADS).where(_LEADS.c.id == lead_id, *_IN_POOL).values(**values)
    if work.connection.execute(taken).rowcount != 1:
        _want_in_pool(work, actor, lead_id)
        raise Conflict(T("Somebody was quicker. Please try again."))
    _write_claim(work, lead_id, actor.id, platform, claimed_at=work.now)
    _record(work, by, lead_id, "claimed", (None, actor.id))
    write_plan(work, by=by, lead_id=lead_id, details=details, owner_id=actor.id, days=days, at=at)


def release_lead(work: UnitOfWork, *, actor: Member, platform: str, lead_id: int, reason: str | None = None) -> None:
    """Give an open lead back to the pool; who had it can't claim it again. Raises NotFound, Forbidden, Conflict."""
    row = get_lead(work, viewer=actor, lead_id=lead_id)
    if row.owner_id is None:
        raise Conflict(T("Lead {number} is in the pool already.", number=number(lead_id)))
    require(can_change_lead(actor, row))
    if not _give_back(work, Actor(actor.id, platform), lead_id, row.owner_id, reason):
        raise Conflict(T("Lead {number} is closed, or changed hands just now.", number=number(lead_id)))


def return_untouched(work: UnitOfWork, *, lead_id: int, owner_id: int, touched_at: datetime) -> bool:
    """Give a lead back to the pool that its owner has not touched since then; False when they have, just now."""
    return _give_back(work, SYSTEM, lead_id, owner_id, "untouched", _LEADS.c.touched_at == touched_at)


def _give_back(
    work: UnitOfWork, by: Actor, lead_id: int, owner_id: int, reason: str | None, *conditions: ColumnElement[bool]
) -> bool:
    """False when the lead is not this owner's open one any more, or not as the conditions say."""
    as_seen = (_LEADS.c.id == lead_id, _LEADS.c.owner_id == owner_id, _LEADS.c.status.in_(OPEN_STATUSES))
    given = update(_LEADS).where(*as_seen, *conditions).values(_NOBODYS | {"changed_at": work.now})
    if work.connection.execute(given).rowcount != 1:
        return False
    open_claim = (_CLAIMS.c.lead_id == lead_id, _CLAIMS.c.person_id == owner_id, _CLAIMS.c.returned_at.is_(None))
    ended = update(_CLAIMS).where(*open_claim).values(returned_at=work.now)
    if work.connection.execute(ended).rowcount == 0:
        _write_claim(work, lead_id, owner_id, by.platform, returned_at=work.now)
    _record(work, by, lead_id, "released", (owner_id, None), reason)
    drop_follow_up(work, by=by, lead_id=lead_id)
    drop_plan(work, lead_id=lead_id)
    return True


def _want_in_pool(work: UnitOfWork, actor: Member, lead_id: int) -> None:
    """Say why this lead can't be claimed, unless it can."""
    row = work.connection.execute(LEAD_ROWS.where(_LEADS.c.id == lead_id)).one_or_none()
    if row is not None and row.owner_id is None and row.status in OPEN_STATUSES:
        return
    if row is not None and row.owner_id == actor.id:
        raise Conflict(T("Lead {number} is yours already.", number=number(lead_id)))
    if row is not None and row.owner_id is not None and _was_in_pool(work, lead_id):
        raise Conflict(T("Lead {number}: {name} was quicker.", number=number(lead_id), name=row.owner_name))
    if row is None or row.owner_id is not None:
        raise NotFound(T("There is no lead {number}.", number=number(lead_id)))
    raise Conflict(
        T(
            "Lead {number} is: {status}. That can't be done any more.",
            number=number(lead_id),
            status=STATUSES[row.status],
        )
    )


def _was_in_pool(work: UnitOfWork, lead_id: int) -> bool:
    return (
        work.connection.execute(select(_CLAIMS.c.id).where(_CLAIMS.c.lead_id == lead_id).limit(1)).first() is not None
    )


def _write_claim(work: UnitOfWork, lead_id: int, person_id: int, platform: str, **times: datetime) -> None:
    values = {"lead_id": lead_id, "person_id": person_id, "platform": platform}
    work.connection.execute(insert(_CLAIMS), {"claimed_at": None, "returned_at": None} | times | values)


def _record(
    work: UnitOfWork,
    by: Actor,
    lead_id: int,
    act: str,
    owner: tuple[int | None, int | None],
    reason: str | None = None,
) -> None:
    changes = {"owner": owner}
    history.record(work, actor=by, entity="lead", entity_id=lead_id, act=act, changes=changes, reason=reason)
    copies.touch_card(work, card="lead", subject_id=lead_id)
