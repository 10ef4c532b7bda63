"""The steps of an order's approval: their table, how a round of them begins, and how it goes on. Guide 3.1.

A step is decided by one compare-and-set (`decisions`); what is here moves the path: the next step opens, its approvers
get the card, and after the last step the order is approved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    cast,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import copies
from crm.core.errors import NotFound
from crm.core.said import Finding, news
from crm.core.tables import Base
from crm.core.text import T, Words
from crm.core.text import Text as Sentence
from crm.core.types import Id, Json, Percent, UTCDateTime
from crm.core.work import UnitOfWork
from crm.ledger.credit import release
from crm.orders.approvers import Circle, deciders
from crm.orders.escalations import StepEscalation
from crm.orders.order_events import OrderChanged, OrderStand
from crm.orders.orders import Order
from crm.people.people import ROLE_NAMES, Member, Person, Role
from crm.people.reach import HOME, show_card, tell

STEP_STATUSES = {
    "waiting": T("To come"),
    "pending": T("Open"),
    "approved": T("Approved"),
    "rejected": T("Rejected"),
    "sent_back": T("Sent back"),
    "condition": T("Waiting for the rep's answer"),
    "cancelled": T("Cancelled"),
    "skipped": T("Approved before"),
}
"""`skipped`: an earlier round's approval still stands; the step carries who gave it and when."""

DECISIONS = {
    "approve": T("approved"),
    "override": T("approved over the credit limit"),
    "deposit": T("asked for a larger deposit"),
    "condition": T("approved with a condition"),
    "reject": T("rejected"),
    "send_back": T("sent back"),
}

CARD = "approval"
"""The approver's card; its subject is the order."""

STUCK_WATCH = "approval_stuck"
STUCK_LEVEL = 2
"""The watch that tells the administrators of steps nobody decides on, and how bad it is where nobody may."""


class ApprovalStep(Base):
    """One step of one round. `for_id`: who was away when `decided_by` decided for them. `credit`: what finance's check
    found when it decided; `stands_from`: for a step that was not run again, the round in which it was decided;
    `urgent_at`: when its submitter broke quiet hours for it; `condition_until`: the last day to answer a condition.
    """

    __tablename__ = "approval_steps"
    __table_args__ = (
        UniqueConstraint("order_id", "round", "position"),
        Index(
            "ix_approval_steps_open",
            "role",
            "id",
            sqlite_where=text("status = 'pending'"),
            postgresql_where=text("status = 'pending'"),
        ),
        Index(
            "ix_approval_steps_for",
            "for_id",
            "decided_at",
            sqlite_where=text("for_id IS NOT NULL"),
            postgresql_where=text("for_id IS NOT NULL"),
        ),
        Index(
            "ix_approval_steps_urgent",
            "urgent_at",
            sqlite_where=text("urgent_at IS NOT NULL"),
            postgresql_where=text("urgent_at IS NOT NULL"),
        ),
        Index(
            "ix_approval_steps_condition",
            "condition_until",
            sqlite_where=text("condition_until IS NOT NULL"),
            postgresql_where=text("condition_until IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    round: Mapped[int]
    position: Mapped[int]
    role: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    for_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    platform: Mapped[str | None] = mapped_column(String(20))
    decision: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(Text)
    deposit_percent: Mapped[Decimal | None] = mapped_column(Percent)
    credit: Mapped[dict[str, Any] | None] = mapped_column(Json)
    stands_from: Mapped[int | None]
    urgent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    condition_until: Mapped[date | None] = mapped_column(Date)


@dataclass(frozen=True, slots=True)
class OrderApproved:
    """Event: the last step of this order was approved, in this transaction."""

    order_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step as read, with the names of its decider and of who was away. `escalated`: superiors who may decide too."""

    id: int
    order_id: int
    round: int
    position: int
    role: Role
    status: str
    asked_at: datetime | None = None
    decided_by: int | None = None
    for_id: int | None = None
    decided_at: datetime | None = None
    platform: str | None = None
    decision: str | None = None
    reason: str | None = None
    deposit_percent: Decimal | None = None
    credit: Mapping[str, Any] | None = None
    stands_from: int | None = None
    urgent_at: datetime | None = None
    condition_until: date | None = None
    decider_name: str | None = None
    for_name: str | None = None
    escalated: tuple[int, ...] = ()

    @property
    def decider(self) -> Words | None:
        """Who decided; where it was for somebody away, both."""
        if self.decider_name is None or self.for_name is None:
            return self.decider_name
        return T("{name} for {other}", context="decided", name=self.decider_name, other=self.for_name)


_STEPS = ApprovalStep.table()
_ORDERS = Order.table()
_PEOPLE = Person.table()
_AWAY = _PEOPLE.alias("away")
ESCALATED = (
    select(func.aggregate_strings(cast(StepEscalation.person_id, String), ","))
    .where(StepEscalation.step_id == _STEPS.c.id)
    .correlate(_STEPS)
    .scalar_subquery()
    .label("escalated")
)
"""A column for selects on `approval_steps`: who may decide too, as `read_escalated` reads it."""
_OF_ORDER = (
    select(*_STEPS.c, _PEOPLE.c.name.label("decider_name"), _AWAY.c.name.label("for_name"), ESCALATED)
    .outerjoin(_PEOPLE, _PEOPLE.c.id == _STEPS.c.decided_by)
    .outerjoin(_AWAY, _AWAY.c.id == _STEPS.c.for_id)
    .where(_STEPS.c.order_id == bindparam("order"))
    .order_by(_STEPS.c.round, _STEPS.c.position)
)
_INSERT = insert(_STEPS)
_OPEN = (
    update(_STEPS)
    .where(_STEPS.c.id == bindparam("step"), _STEPS.c.status == "waiting")
    .values(status="pending", asked_at=bindparam("now", type_=UTCDateTime))
)
_CANCEL = (
    update(_STEPS)
    .where(_STEPS.c.order_id == bindparam("order"), _STEPS.c.status.in_(("waiting", "pending", "condition")))
    .values(status="cancelled")
)
_END = (
    update(_ORDERS)
    .where(_ORDERS.c.id == bindparam("order"), _ORDERS.c.status == "pending")
    .values(
        status=bindparam("to"),
        decided_at=bindparam("decided", type_=UTCDateTime),
        changed_at=bindparam("now", type_=UTCDateTime),
    )
    .returning(_ORDERS.c.submitter_id, _ORDERS.c.submitted_at, _ORDERS.c.base_total)
)


def steps_of(work: UnitOfWork, *, order_id: int) -> list[Step]:
    """Every step of every round, in their sequence, in one statement."""
    rows = work.connection.execute(_OF_ORDER, {"order": order_id})
    return [
        Step(**{**row._mapping, "role": Role(row.role), "escalated": read_escalated(row.escalated)})  # noqa: SLF001 - Row's public way
        for row in rows
    ]


def read_escalated(found: str | None) -> tuple[int, ...]:
    """The people's ids in a value of ESCALATED."""
    return tuple(sorted(int(person_id) for person_id in (found or "").split(",") if person_id))


def of_round(steps: Sequence[Step], number: int) -> list[Step]:
    return [step for step in steps if step.round == number]


def states(steps: Sequence[Step]) -> list[str]:
    """A round's path as history keeps it: `["supervisor=approved", "finance=pending"]`."""
    return [f"{step.role.value}={step.status}" for step in steps]


def begin_round(
    work: UnitOfWork, *, order_id: int, number: int, path: Sequence[Role], standing: Mapping[Role, Step]
) -> list[Step]:
    """Write the steps of a new round: those of `standing` as decided before, the first of the others open.

    At least one step must be left to run. The steps come back without ids.
    """
    steps: list[Step] = []
    opened = False
    for position, role in enumerate(path, 1):
        step = Step(id=0, order_id=order_id, round=number, position=position, role=role, status="waiting")
        before = standing.get(role)
        if before is not None:
            stands_from = before.stands_from or before.round
            step = replace(before, id=0, round=number, position=position, status="skipped", stands_from=stands_from)
            step = replace(step, asked_at=None, urgent_at=None, condition_until=None)
        elif not opened:
            opened = True
            step = replace(step, status="pending", asked_at=work.now)
        steps.append(step)
    assert opened, "an order is never approved by nobody"
    work.connection.execute(_INSERT, [_values(step) for step in steps])
    return steps


def advance(work: UnitOfWork, *, order: Any, steps: list[Step]) -> Step | None:
    """Open the next step of this round's `steps` (changed in place), or approve the order when there is none.

    Returns the step that is open now. Who may decide on it is not told yet: `ask`. Whoever calls emits OrderApproved
    where there is none, once history says who approved it: what follows from it is written after that.
    """
    for index, step in enumerate(steps):
        if step.status == "waiting":
            work.connection.execute(_OPEN, {"step": step.id, "now": work.now})
            steps[index] = replace(step, status="pending", asked_at=work.now)
            return steps[index]
    end(work, order_id=order.id, to="approved")
    return None


def end(work: UnitOfWork, *, order_id: int, to: str) -> bool:
    """Let a pending order become something else; False when it was not pending any more.

    Unless approved it gives back its credit, and what is left of its path is cancelled.
    """
    decided = work.now if to in {"approved", "rejected"} else None
    values = {"order": order_id, "to": to, "decided": decided, "now": work.now}
    ended = work.connection.execute(_END, values).one_or_none()
    if ended is None:
        return False
    before = OrderStand(ended.submitter_id, "pending", ended.submitted_at, ended.base_total)
    work.emit(OrderChanged(order_id, before, replace(before, status=to, decided_at=decided)))
    if to != "approved":
        work.connection.execute(_CANCEL, {"order": order_id})
        release(work, order_id=order_id)
    return True


def ask(work: UnitOfWork, *, order: Any, step: Step, circle: Circle) -> list[Member]:
    """Give the card to everybody who may decide on this step; where there is nobody, tell the administrators."""
    found = deciders(step.role, submitter_id=order.submitter_id, circle=circle, escalated=step.escalated)
    approvers = found.asked
    for approver in approvers:
        show_card(work, person_id=approver.id, card=CARD, subject_id=order.id)
    if not approvers:
        _tell_administrators(work, order, step, circle)
    return approvers


def nobody_words(number: str, role: Role) -> Sentence:
    """What the administrators are told of a step that nobody may decide on."""
    return T(
        "Order {number} waits for {role}, but nobody may decide on it. Please give somebody that role.",
        number=number,
        role=ROLE_NAMES[role],
    )


def touch_cards(work: UnitOfWork, *, order_id: int) -> None:
    """Every copy of the order's cards, the approvers' and the others', is drawn anew; and their readers' pages."""
    copies.touch_cards(work, cards=(CARD, "order"), subject_id=order_id, page=HOME)


def _tell_administrators(work: UnitOfWork, order: Any, step: Step, circle: Circle) -> None:
    """That nobody may decide on a step; the watch of such steps need not say it again."""
    of_order = (_STEPS.c.order_id == order.id, _STEPS.c.round == step.round, _STEPS.c.position == step.position)
    step_id = int(work.connection.execute(select(_STEPS.c.id).where(*of_order)).scalar_one())
    for administrator in circle.holders(Role.ADMIN):
        key = f"stuck:{order.id}:{step.round}:{step.position}:{administrator.id}"
        text = nobody_words(order.number, step.role)
        tell(work, person_id=administrator.id, text=text, key=key, about=("order", order.id))
        news(work, watch=STUCK_WATCH, found=[Finding(step_id, administrator.id, STUCK_LEVEL)])


def _values(step: Step) -> dict[str, Any]:
    names = (column.name for column in _STEPS.c if column.name != "id")
    return {name: getattr(step, name) for name in names} | {"role": step.role.value}


def order_of_step(work: UnitOfWork, *, step_id: int) -> int:
    """The order a step belongs to. Raises NotFound."""
    found = work.connection.execute(select(_STEPS.c.order_id).where(_STEPS.c.id == step_id)).scalar()
    if found is None:
        raise NotFound(T("There is nothing to decide there."))
    return int(found)
