"""A customer's grade: given by hand with a reason, or proposed by its figures and accepted or kept. Guide 1.1.

What the figures say is worked out in `crm.insight.grades`; here is what a person decides.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, String, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import copies, history
from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.history import Actor
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Id, Json, UTCDateTime
from crm.core.work import UnitOfWork
from crm.people.people import Member, Person
from crm.people.permissions import require
from crm.sales.customers.customers import GRADES, Customer, get_customer
from crm.sales.customers.policy import can_change_customer, can_grade

CARD = "grade"
"""The card of a proposal."""

BY_HAND = {"potential": T("Potential"), "influence": T("Influence")}
"""What somebody judges from 1 to 5: how much more it could buy, and how many follow its example."""

REASONS = {
    "growth": T("Orders are growing"),
    "strategic": T("Important for the market"),
    "decline": T("Orders are falling"),
    "payment": T("Pays late"),
}
"""Why a grade is changed by hand, as offered; any other reason may be written."""


class GradingMonth(Base):
    """A month (its first day) for which grades were proposed."""

    __tablename__ = "grading_months"

    month: Mapped[date] = mapped_column(Date, primary_key=True)
    done_at: Mapped[datetime] = mapped_column(UTCDateTime)


class GradeProposal(Base):
    """Another grade that a customer's figures speak for. `parts`: as `crm.insight.grades.pack_score` writes them.

    `status`: `open`, `accepted`, `kept`, or `over` (graded by hand, or proposed anew, in the meantime).
    """

    __tablename__ = "grade_proposals"
    __table_args__ = (UniqueConstraint("customer_id", "month"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    month: Mapped[date] = mapped_column(Date)
    grade_from: Mapped[str] = mapped_column(String(1))
    grade_to: Mapped[str] = mapped_column(String(1))
    parts: Mapped[dict[str, Any]] = mapped_column(Json)
    status: Mapped[str] = mapped_column(String(10))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


_CUSTOMERS = Customer.table()
_PROPOSALS = GradeProposal.table()
_PEOPLE = Person.table()


def set_grade(work: UnitOfWork, *, actor: Member, platform: str, customer_id: int, grade: str, reason: str) -> str:
    """Make it a key (A), important (B) or ordinary (C) customer; returns the grade it had.

    Raises NotFound, Forbidden (the owner's supervisor and the general manager grade), Invalid (grade, no reason).
    """
    row = get_customer(work, viewer=actor, customer_id=customer_id)
    require(can_grade(actor, row))
    reason = " ".join(reason.split())
    if grade not in GRADES:
        raise Invalid(T("The grades are A, B and C."))
    if not reason:
        raise Invalid(T("Please say why the customer is graded anew."))
    if row.grade == grade:
        return grade
    close_proposals(work, customer_ids=[customer_id])
    _write(work, customer_id, {"grade": grade})
    by, changes = Actor(actor.id, platform), {"grade": (row.grade, grade)}
    history.record(
        work, actor=by, entity="customer", entity_id=customer_id, act="graded", changes=changes, reason=reason
    )
    return str(row.grade)


def set_judgement(
    work: UnitOfWork, *, actor: Member, platform: str, customer_id: int, judged: Mapping[str, int | None]
) -> None:
    """Judge potential and influence (BY_HAND) from 1 to 5; None: nobody knows. Raises NotFound, Forbidden, Invalid."""
    row = get_customer(work, viewer=actor, customer_id=customer_id)
    require(can_change_customer(actor, row))
    if not judged.keys() <= BY_HAND.keys() or any(value not in {None, 1, 2, 3, 4, 5} for value in judged.values()):
        raise Invalid(T("Potential and influence are judged from 1 to 5."))
    changes = {name: (getattr(row, name), value) for name, value in judged.items() if getattr(row, name) != value}
    if not changes:
        return
    _write(work, customer_id, {name: value for name, (_, value) in changes.items()})
    by = Actor(actor.id, platform)
    history.record(work, actor=by, entity="customer", entity_id=customer_id, act="judged", changes=changes)


def get_proposal(work: UnitOfWork, *, viewer: Member, proposal_id: int) -> tuple[Any, Any]:
    """A proposal (with `decided_by`, a name) and its customer, both as rows. Raises NotFound."""
    query = select(*_PROPOSALS.c, _PEOPLE.c.name.label("decided_by"))
    found = query.outerjoin(_PEOPLE, _PEOPLE.c.id == _PROPOSALS.c.decided_by_id).where(_PROPOSALS.c.id == proposal_id)
    row = work.connection.execute(found).one_or_none()
    if row is None:
        raise NotFound(T("There is no such proposal."))
    return row, get_customer(work, viewer=viewer, customer_id=row.customer_id)


def open_proposals(work: UnitOfWork, *, viewer: Member) -> list[Any]:
    """The proposals this person may decide, as rows with `customer_name`, `owner_id` and `owner_team_id`; by name."""
    query = select(*_PROPOSALS.c, _CUSTOMERS.c.name.label("customer_name"), *_OWNED)
    query = query.join(_CUSTOMERS, _CUSTOMERS.c.id == _PROPOSALS.c.customer_id)
    query = query.outerjoin(_PEOPLE, _PEOPLE.c.id == _CUSTOMERS.c.owner_id).where(_PROPOSALS.c.status == "open")
    rows = work.connection.execute(query.order_by(_PROPOSALS.c.grade_to, _CUSTOMERS.c.name)).all()
    return [row for row in rows if can_grade(viewer, _Graded(row)) is True]


def accept_proposal(work: UnitOfWork, *, actor: Member, platform: str, proposal_id: int) -> Any:
    """Grade the customer as proposed; returns the proposal. Raises NotFound, Forbidden, Conflict (who was first)."""
    proposal = _decide(work, actor, proposal_id, "accepted")
    reason = f"proposed: score {proposal.parts.get('score')}"
    told = {"customer_id": proposal.customer_id, "grade": proposal.grade_to, "reason": reason}
    set_grade(work, actor=actor, platform=platform, **told)
    return proposal


def keep_grade(work: UnitOfWork, *, actor: Member, platform: str, proposal_id: int) -> Any:
    """Leave the grade as it is; returns the proposal. Raises NotFound, Forbidden, Conflict (who was first)."""
    proposal = _decide(work, actor, proposal_id, "kept")
    history.record(
        work,
        actor=Actor(actor.id, platform),
        entity="customer",
        entity_id=proposal.customer_id,
        act="grade kept",
        changes={"grade proposed": (proposal.grade_from, proposal.grade_to)},
    )
    copies.touch_card(work, card="customer", subject_id=proposal.customer_id)
    return proposal


def close_proposals(work: UnitOfWork, *, customer_ids: list[int]) -> None:
    """What was proposed for these customers counts no more."""
    standing = (_PROPOSALS.c.customer_id.in_(customer_ids), _PROPOSALS.c.status == "open")
    closed = update(_PROPOSALS).where(*standing).values(status="over").returning(_PROPOSALS.c.id)
    copies.touch_each(work, card=CARD, subject_ids=list(work.connection.execute(closed).scalars()))


_OWNED = (_CUSTOMERS.c.owner_id, _CUSTOMERS.c.status.label("customer_status"), _PEOPLE.c.team_id.label("team_id"))


class _Graded:
    """The customer of a proposal's row, as the policy asks for it."""

    def __init__(self, row: Any) -> None:
        self.owner_id, self.owner_team_id, self.name = row.owner_id, row.team_id, row.customer_name
        self.status = row.customer_status


def _decide(work: UnitOfWork, actor: Member, proposal_id: int, to: str) -> Any:
    proposal, customer = get_proposal(work, viewer=actor, proposal_id=proposal_id)
    require(can_grade(actor, customer))
    mine = (_PROPOSALS.c.id == proposal_id, _PROPOSALS.c.status == "open")
    values = {"status": to, "decided_by_id": actor.id, "decided_at": work.now}
    if work.connection.execute(update(_PROPOSALS).where(*mine).values(values)).rowcount != 1:
        proposal, _ = get_proposal(work, viewer=actor, proposal_id=proposal_id)
        if proposal.decided_by is None:
            raise Conflict(T("{name} was graded in the meantime.", name=customer.name))
        raise Conflict(T("{name} has decided this already.", name=proposal.decided_by))
    copies.touch_card(work, card=CARD, subject_id=proposal_id)
    return proposal


def _write(work: UnitOfWork, customer_id: int, values: dict[str, Any]) -> None:
    changed = update(_CUSTOMERS).where(_CUSTOMERS.c.id == customer_id)
    work.connection.execute(changed.values(**values, changed_at=work.now))
    copies.touch_card(work, card="customer", subject_id=customer_id)
