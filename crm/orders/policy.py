"""The approval policy: who decides on an order, in which sequence, and from what on. A table; defaults when empty."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from sqlalchemy import String, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import history
from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.history import Actor, HistoryEntry
from crm.core.rules import shipped
from crm.core.tables import Base
from crm.core.text import T
from crm.core.types import Id, Json
from crm.core.work import UnitOfWork
from crm.language.payment_terms import read_payment_terms
from crm.orders.lines import Figures
from crm.orders.order_policy import can_change_policy
from crm.people.people import Member, Role
from crm.people.permissions import require

CONDITIONS = (
    "total_over",
    "margin_under",
    "discount_over",
    "payment_days_over",
    "credit",
    "new_customer",
    "category",
)
"""`total_over`: the total in the base currency is above this; `margin_under`: the margin is known and under this;
`discount_over`: a line's discount in per cent is above this; `payment_days_over`: some share is due later than so many
days after its anchor, or the terms cannot be read; `credit` (`yes`): over the limit, or overdue for too long;
`new_customer` (`yes`): nothing of theirs was ever approved; `category`: a line is of this one.
"""

YES = "yes"
_YES_ALONE = ("credit", "new_customer")
_NUMBERS = ("total_over", "margin_under", "discount_over", "payment_days_over")
_LONGEST_NAME = 100


class ApprovalRule(Base):
    """One step of the policy. `condition`: `{}` always; else any of CONDITIONS, each a number or the key of a rule, a
    category's name, or YES.
    """

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An order as far as the policy asks. `discount`: a line's largest, in per cent; `payment_days`: the longest of the
    terms, None: they cannot be read; `is_credit_ok`: it fits the limit, and nothing is overdue too long.
    """

    figures: Figures
    discount: Decimal = Decimal(0)
    payment_days: int | None = 0
    is_credit_ok: bool = True
    is_new_customer: bool = False
    categories: frozenset[str] = frozenset()


_RULES = ApprovalRule.table()
_READ = select(_RULES.c.role, _RULES.c.condition).order_by(_RULES.c.position, _RULES.c.id)


def read_policy(work: UnitOfWork) -> tuple[PolicyStep, ...]:
    """The steps in their sequence."""
    rows = work.connection.execute(_READ).all()
    return tuple(PolicyStep(Role(row.role), row.condition) for row in rows) or DEFAULT


def set_policy(work: UnitOfWork, *, actor: Member, platform: str, steps: Sequence[PolicyStep]) -> int:
    """Replace the policy; orders already submitted keep the path they have. Returns by what it is undone
    (`undo_policy`). Raises Forbidden and Invalid.
    """
    require(can_change_policy(actor))
    if not steps or len({step.role for step in steps}) != len(steps):
        raise Invalid(T("An approval policy names at least one role, and each role once."))
    if any(step.role is Role.REP for step in steps):
        raise Invalid(T("Sales reps do not approve orders."))
    for step in steps:
        _check_condition(step.condition)
    before = read_policy(work)
    work.connection.execute(delete(_RULES))
    rows = [
        {"position": position, "role": step.role.value, "condition": dict(step.condition)}
        for position, step in enumerate(steps, 1)
    ]
    work.connection.execute(insert(_RULES), rows)
    changes = {"steps": (_kept(before), _kept(steps))}
    by = Actor(actor.id, platform)
    return history.record(work, actor=by, entity="approval_policy", entity_id=0, act="changed", changes=changes)


def undo_policy(work: UnitOfWork, *, actor: Member, platform: str, entry_id: int) -> None:
    """Put back what stood before one change, as long as that change stands. Raises Forbidden, NotFound, Conflict."""
    require(can_change_policy(actor))
    entry = work.session.get(HistoryEntry, entry_id)
    if entry is None or entry.entity != "approval_policy":
        raise NotFound(T("There is nothing to take back."))
    before, after = entry.changes["steps"]
    if after != _kept(read_policy(work)):
        raise Conflict(T("The approval policy was changed since."))
    set_policy(work, actor=actor, platform=platform, steps=[_step(one) for one in before])


def required_roles(policy: Sequence[PolicyStep], *, case: Case, rules: Mapping[str, str]) -> tuple[Role, ...]:
    """Who must decide on an order like this. Strictly above, strictly under; an unknown margin calls nobody.

    Where no step's condition holds, the first one decides all the same: no order is approved by nobody.
    """
    return tuple(step.role for step in policy if _holds(step.condition, case, rules)) or (policy[0].role,)


def payment_days(terms: str | None) -> int | None:
    """How many days after its anchor the last share of these terms is due; None where they cannot be read."""
    read = read_payment_terms(terms or "")
    if read is None:
        return None
    return max(one.days + 30 * one.months + (30 if one.month_end else 0) for one in read)


def _holds(condition: Mapping[str, str], case: Case, rules: Mapping[str, str]) -> bool:
    return not condition or any(_calls(name, value, case, rules) for name, value in condition.items())


def _calls(name: str, value: str, case: Case, rules: Mapping[str, str]) -> bool:
    if name == "category":
        return value in case.categories
    if name == "credit":
        return not case.is_credit_ok
    if name == "new_customer":
        return case.is_new_customer
    limit = Decimal(rules.get(value, value))
    if name == "total_over":
        return case.figures.base_total > limit
    if name == "margin_under":
        return case.figures.is_margin_under(limit)
    if name == "discount_over":
        return case.discount > limit
    return case.payment_days is None or case.payment_days > limit


def _check_condition(condition: Mapping[str, str]) -> None:
    for name, value in condition.items():
        if name not in CONDITIONS:
            raise Invalid(T("There is no such condition of an approval step."))
        if name in _YES_ALONE and value != YES:
            raise Invalid(T("This condition takes no value."))
        if name in _NUMBERS and not _is_number(shipped().get(value, value)):
            raise Invalid(T("This condition of an approval step takes a number."))
        if name == "category" and not 0 < len(value) <= _LONGEST_NAME:
            raise Invalid(T("Please name a product category."))


def _is_number(value: str) -> bool:
    try:
        return Decimal(value).is_finite()
    except InvalidOperation:
        return False


def _kept(steps: Sequence[PolicyStep]) -> list[str]:
    """The steps as history keeps them: plain texts that can be read back."""
    return [json.dumps([step.role.value, dict(step.condition)], sort_keys=True) for step in steps]


def _step(kept: str) -> PolicyStep:
    role, condition = json.loads(kept)
    return PolicyStep(Role(role), condition)
