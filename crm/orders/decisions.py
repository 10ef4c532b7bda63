"""Deciding on an order: one compare-and-set per step, ever. Whoever comes second is told who was first. Guide 3.1."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Date, bindparam, select, update

from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.text import T, Text
from crm.core.types import Id, Json, Percent, UTCDateTime
from crm.core.work import UnitOfWork
from crm.ledger.credit import CreditCheck, check_credit, lock_customer
from crm.orders.approvals import (
    DECISIONS,
    ApprovalStep,
    OrderApproved,
    Step,
    advance,
    ask,
    end,
    of_round,
    states,
    steps_of,
    touch_cards,
)
from crm.orders.approvers import Circle, Deciders, can_decide, deciders, read_circle
from crm.orders.notices import tell_submitter
from crm.orders.orders import STATUSES, Order, lock_order, read_plain, record
from crm.people.people import ROLE_NAMES, Member, Role
from crm.people.permissions import require
from crm.sales.deals.deals import today_of

Decision = Literal["approve", "reject", "send_back", "override", "deposit", "condition"]

_MOST_REASON = 2_000


@dataclass(frozen=True, slots=True)
class Decided:
    """What a press came to: the steps it decided, the order's status after it, and the step that is open now.

    `open_for`: who may decide on that step; empty where nobody may (the administrators were told).
    """

    order_id: int
    number: str
    status: str
    steps: tuple[Step, ...]
    open_step: Step | None
    open_for: tuple[Member, ...]


_STEPS = ApprovalStep.table()
_ORDERS = Order.table()
_ORDER_OF = select(_STEPS.c.order_id).where(_STEPS.c.id == bindparam("step", type_=Id))
_DECIDE = (
    update(_STEPS)
    .where(_STEPS.c.id == bindparam("step"), _STEPS.c.status == "pending")
    .values(
        status=bindparam("to"),
        decided_by=bindparam("by", type_=Id),
        for_id=bindparam("away", type_=Id),
        decided_at=bindparam("now", type_=UTCDateTime),
        platform=bindparam("through"),
        decision=bindparam("what"),
        reason=bindparam("why"),
        deposit_percent=bindparam("deposit", type_=Percent),
        condition_until=bindparam("until", type_=Date),
        credit=bindparam("found", type_=Json),
    )
)
_OUTCOME = {
    "approve": "approved",
    "override": "approved",
    "deposit": "condition",
    "condition": "condition",
    "reject": "rejected",
    "send_back": "sent_back",
}


def decide(
    work: UnitOfWork,
    *,
    actor: Member,
    platform: str,
    step_id: int,
    decision: Decision,
    reason: str | None = None,
    deposit_percent: Decimal | None = None,
    until: date | None = None,
) -> Decided:
    """Decide on a step; a person whose own the next one is too decides on both with one approval. One that is theirs
    only while somebody is away is never decided along with another: its card comes, and says for whom.

    `override` and `deposit` (per cent of the total, more than the terms have) are finance's, for an order over the
    customer's credit; there a plain `approve` is refused, and a person's own next step is left open for it. `condition`
    approves as soon as the submitter accepts what `reason` says, by the day `until` where one is set.
    Raises Forbidden (not this person's to decide, as things stand now), Conflict (decided already: by whom and when;
    not open), Invalid (a reason or the deposit is missing or wrong), NotFound.
    """
    order, steps, circle = _read_locked(work, step_id, actor)
    step = _checked(order, steps, circle, step_id, actor)
    press = _Press(work, actor, platform, order, of_round(steps, order.round), circle)
    reason = _wanted_reason(decision, reason)
    credit = press.check(step)
    decision = _fitting(decision, step, credit, order, deposit_percent)
    if until is not None:
        _check_until(work, actor, until)
        press.until = until
    press.write(step, decision, reason, deposit_percent if decision == "deposit" else None, credit)
    return press.finish()


def check_open(work: UnitOfWork, *, actor: Member, step_id: int) -> None:
    """Raise what any decision of this person's on this step would raise now: Forbidden, Conflict, NotFound."""
    order, steps, circle = _read_locked(work, step_id, actor)
    _checked(order, steps, circle, step_id, actor)


class _Press:
    """One press of a button on its way: the round's path as it changes, and what is left to be said at the end."""

    def __init__(
        self, work: UnitOfWork, actor: Member, platform: str, order: Any, path: list[Step], circle: Circle
    ) -> None:
        self.work, self.actor, self.platform, self.order, self.path, self.circle = (
            work,
            actor,
            platform,
            order,
            path,
            circle,
        )
        self.status: str = order.status
        self.until: date | None = None
        self.decided: list[Step] = []
        self.open_step: Step | None = None

    def check(self, step: Step) -> CreditCheck | None:
        """The credit check of finance's step, made with the customer's credit held still; None for the others."""
        if step.role is not Role.FINANCE:
            return None
        lock_customer(self.work, customer_id=self.order.customer_id)
        return check_credit(
            self.work,
            customer_id=self.order.customer_id,
            base_amount=self.order.base_total,
            today=today_of(self.work, self.actor),
            without_order=self.order.id,
        )

    def write(
        self, step: Step, decision: str, reason: str | None, deposit: Decimal | None, credit: CreditCheck | None
    ) -> None:
        """Decide on this step, and go on along the path as far as this person's approval reaches."""
        before, status = states(self.path), self.status
        done = self._set(step, decision, reason, deposit, credit)
        following = self._move(decision)
        changes: dict[str, tuple[Any, Any]] = {"step": (None, step.role.value), "steps": (before, states(self.path))}
        if self.status != status:
            changes["status"] = (status, self.status)
        if deposit is not None:
            changes["deposit_percent"] = (self.order.deposit_percent, deposit)
        if done.for_name is not None:
            changes["for"] = (None, done.for_name)
        record(self.work, self.actor, self.platform, self.order.id, decision, changes, reason)
        if self.status == "approved" != status:
            self.work.emit(OrderApproved(self.order.id))
        if following is None or not self._is_mine(following):
            return
        credit = self.check(following)
        if credit is None or credit.ok:
            self.write(following, "approve", None, None, credit)

    def finish(self) -> Decided:
        """Have the cards drawn, the next approvers asked and the submitter told."""
        touch_cards(self.work, order_id=self.order.id)
        asked = ask(self.work, order=self.order, step=self.open_step, circle=self.circle) if self.open_step else []
        tell_submitter(self.work, order=self.order, steps=self.decided, status=self.status, open_step=self.open_step)
        return Decided(self.order.id, self.order.number, self.status, tuple(self.decided), self.open_step, tuple(asked))

    def _set(
        self, step: Step, decision: str, reason: str | None, deposit: Decimal | None, credit: CreditCheck | None
    ) -> Step:
        to = _OUTCOME[decision]
        found = None if credit is None else credit_seen(credit)
        away = self._deciders(step).away_for.get(self.actor.id)
        values = {
            "step": step.id,
            "to": to,
            "by": self.actor.id,
            "away": None if away is None else away.id,
            "now": self.work.now,
            "through": self.platform,
            "what": decision,
            "why": reason,
            "deposit": deposit,
            "until": self.until if decision == "condition" else None,
            "found": found,
        }
        if self.work.connection.execute(_DECIDE, values).rowcount != 1:
            raise _decided_already(self.work, self.order, step)
        done = replace(
            step,
            status=to,
            decided_by=self.actor.id,
            for_id=None if away is None else away.id,
            decided_at=self.work.now,
            platform=self.platform,
            decision=decision,
            reason=reason,
            deposit_percent=deposit,
            condition_until=self.until if decision == "condition" else None,
            credit=found,
            decider_name=self.actor.name,
            for_name=None if away is None else away.name,
        )
        self.path = [done if one.id == step.id else one for one in self.path]
        self.decided.append(done)
        return done

    def _move(self, decision: str) -> Step | None:
        """What the decision does to the order and the rest of its path; returns the step that it opened."""
        self.open_step = None
        if decision in {"approve", "override"}:
            self.open_step = advance(self.work, order=self.order, steps=self.path)
            if self.open_step is None:
                self.status = "approved"
        elif decision not in {"deposit", "condition"}:
            self.status = "rejected" if decision == "reject" else "sent_back"
            end(self.work, order_id=self.order.id, to=self.status)
            self.path = [replace(s, status="cancelled") if s.status == "waiting" else s for s in self.path]
        return self.open_step

    def _is_mine(self, step: Step) -> bool:
        return self.actor.id != self.order.submitter_id and self._deciders(step).may_in_their_own_right(self.actor.id)

    def _deciders(self, step: Step) -> Deciders:
        return deciders(step.role, submitter_id=self.order.submitter_id, circle=self.circle, escalated=step.escalated)


def credit_seen(credit: CreditCheck) -> dict[str, Any]:
    """A credit check as a step keeps it: what there was against this order."""
    return {"over_by": str(credit.over_by), "late": credit.state.is_overdue_too_long}


def _read_locked(work: UnitOfWork, step_id: int, actor: Member) -> tuple[Any, list[Step], Circle]:
    """The order, all its steps and the people, as they stand with the order held still."""
    order_id = work.connection.execute(_ORDER_OF, {"step": step_id}).scalar()
    if order_id is None:
        raise NotFound(T("There is no such approval."))
    lock_order(work, order_id=order_id)
    order = read_plain(work, order_id=order_id)
    steps = steps_of(work, order_id=order_id)
    return order, steps, read_circle(work, order.submitter_id, actor.id)


def _checked(order: Any, steps: list[Step], circle: Circle, step_id: int, actor: Member) -> Step:
    """The step, open and this person's to decide on."""
    step = next(one for one in steps if one.id == step_id)
    escalated = step.escalated
    require(can_decide(actor, role=step.role, submitter_id=order.submitter_id, circle=circle, escalated=escalated))
    _check_open(order, step)
    return step


def _check_open(order: Any, step: Step) -> None:
    if step.decision is not None and step.status not in {"pending", "skipped"}:
        raise _told(order, step)
    if order.status != "pending" or step.round != order.round:
        raise Conflict(
            T(
                "Order {number} is: {status}. There is nothing to decide on this card any more.",
                number=order.number,
                status=STATUSES[order.status],
            )
        )
    if step.status == "waiting":
        raise Conflict(T("It is not {role}'s turn yet.", role=ROLE_NAMES[step.role]))
    if step.status != "pending":
        raise _told(order, step)


def _fitting(
    decision: Decision, step: Step, credit: CreditCheck | None, order: Any, deposit: Decimal | None
) -> Decision:
    """The decision as it is meant, checked against the credit as it stands now. Raises Invalid."""
    if credit is None:
        if decision in {"override", "deposit"}:
            raise Invalid(T("Only finance can do that."))
        return decision
    if decision in {"approve", "condition"} and not credit.ok:
        raise Invalid(_over(credit))
    if decision == "deposit":
        _check_deposit(order, deposit)
    return "approve" if decision == "override" and credit.ok else decision


def _over(credit: CreditCheck) -> Text:
    if credit.over_by > 0:
        return T("The credit limit would be passed. Override it with a reason, ask for a larger deposit, or reject.")
    return T(
        "Something is overdue for {days} days. Override it with a reason, ask for a larger deposit, or reject.",
        days=credit.state.overdue_days,
    )


def _check_deposit(order: Any, deposit: Decimal | None) -> None:
    if deposit is None or not deposit.is_finite() or not 0 < deposit <= 100:
        raise Invalid(T("A deposit is above 0 and up to 100 %, such as 50."))
    if deposit != deposit.quantize(Decimal("0.01")):
        raise Invalid(T("A deposit has two decimals at most, such as 33.33."))
    if deposit <= (order.deposit_percent or 0):
        raise Invalid(
            T("The terms have a deposit of {percent} % already; ask for more.", percent=order.deposit_percent)
        )


def _wanted_reason(decision: Decision, reason: str | None) -> str | None:
    reason = " ".join((reason or "").split())[:_MOST_REASON] or None
    if reason is None and decision in _WANTED:
        raise Invalid(_WANTED[decision])
    return reason


_WANTED: dict[str, Text] = {
    "reject": T("Please say why the order is rejected."),
    "send_back": T("Please say what to change."),
    "override": T("Please say why the credit limit may be passed."),
    "condition": T("Please say on which condition you approve."),
}


def _check_until(work: UnitOfWork, actor: Member, until: date) -> None:
    if until < today_of(work, actor):
        raise Invalid(T("{date} is in the past.", date=until))


def _decided_already(work: UnitOfWork, order: Any, step: Step) -> Conflict:
    now = next(one for one in steps_of(work, order_id=order.id) if one.id == step.id)
    return _told(order, now)


def _told(order: Any, step: Step) -> Conflict:
    if step.decider_name is None or step.decision is None:
        return Conflict(T("Order {number} is: {status}.", number=order.number, status=STATUSES[order.status]))
    return Conflict(
        T(
            "{name} decided on order {number} already, on {at}: {decision}.",
            name=step.decider,
            number=order.number,
            at=step.decided_at,
            decision=DECISIONS[step.decision],
        )
    )
