"""The approval policy: who decides on an order, in which sequence, and from what on. A table; defaults when empty."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from sqlalchemy import String, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import history
from crm.core.errors import Invalid
from crm.core.history import Actor
from crm.core.rules import shipped
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Id, Json
from crm.core.work import UnitOfWork
from crm.orders.lines import Figures
from crm.orders.order_policy import can_change_policy
from crm.people.people import Member, Role
from crm.people.permissions import require

CONDITIONS = ("total_over", "margin_under")
"""`total_over`: the total in the base currency is above this; `margin_under`: the margin is known and under this."""


class ApprovalRule(Base):
    """One step of the policy. `condition`: `{}` always; else any of CONDITIONS, each a number or the key of a rule."""

    __tablename__ = "approval_rules"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    position: Mapped[int]
    role: Mapped[str] = mapped_column(String(20))
    condition: Mapped[dict[str, str]] = mapped_column(Json)


@dataclass(frozen=True, slots=True)
class PolicyStep:
    role: Role
    condition: Mapping[str, str] = field(default_factory=dict)


DEFAULT = (
    PolicyStep(Role.SUPERVISOR),
    PolicyStep(Role.FINANCE),
    PolicyStep(Role.GM, {"total_over": "orders.general_manager_over", "margin_under": "orders.floor_margin"}),
)

_RULES = ApprovalRule.table()
_READ = select(_RULES.c.role, _RULES.c.condition).order_by(_RULES.c.position, _RULES.c.id)


def read_policy(work: UnitOfWork) -> tuple[PolicyStep, ...]:
    """The steps in their sequence."""
    rows = work.connection.execute(_READ).all()
    return tuple(PolicyStep(Role(row.role), row.condition) for row in rows) or DEFAULT


def set_policy(work: UnitOfWork, *, actor: Member, platform: str, steps: Sequence[PolicyStep]) -> None:
    """Replace the policy; orders already submitted keep the path they have. Raises Forbidden and Invalid."""
    require(can_change_policy(actor))
    if not steps or len({step.role for step in steps}) != len(steps):
        raise Invalid(T("An approval policy names at least one role, and each role once."))
    if any(step.role is Role.REP for step in steps):
        raise Invalid(T("Sales reps do not approve orders."))
    for step in steps:
        _check_condition(step.condition)
    before = [step.role.value for step in read_policy(work)]
    work.connection.execute(delete(_RULES))
    rows = [
        {"position": position, "role": step.role.value, "condition": dict(step.condition)}
        for position, step in enumerate(steps, 1)
    ]
    work.connection.execute(insert(_RULES), rows)
    changes = {"steps": (before, [step.role.value for step in steps])}
    by = Actor(actor.id, platform)
    history.record(work, actor=by, entity="approval_policy", entity_id=0, act="changed", changes=changes)


def required_roles(policy: Sequence[PolicyStep], *, figures: Figures, rules: Mapping[str, str]) -> tuple[Role, ...]:
    """Who must decide on an order that comes to this. Strictly above, strictly under; an unknown margin calls nobody.

    Where no step's condition holds, the first one decides all the same: no order is approved by nobody.
    """
    return tuple(step.role for step in policy if _holds(step.condition, figures, rules)) or (policy[0].role,)


def _holds(condition: Mapping[str, str], figures: Figures, rules: Mapping[str, str]) -> bool:
    if not condition:
        return True
    limits = {name: Decimal(rules.get(value, value)) for name, value in condition.items()}
    over, under = limits.get("total_over"), limits.get("margin_under")
    if over is not None and figures.base_total > over:
        return True
    return under is not None and figures.is_margin_under(under)


def _check_condition(condition: Mapping[str, str]) -> None:
    for name, value in condition.items():
        if name not in CONDITIONS or not _is_number(shipped().get(value, value)):
            raise Invalid(T("A step's condition is total_over or margin_under with a number."))


def _is_number(value: str) -> bool:
    try:
        return Decimal(value).is_finite()
    except InvalidOperation:
        return False
