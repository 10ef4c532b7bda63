"""Stories of decisions on the sample company's orders: approved mostly; rejected, sent back, overridden, taken back."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from crm.core.money import Money
from crm.ledger.credit import check_credit
from crm.orders.approvals import Step
from crm.orders.conditions import accept_condition, decline_condition
from crm.orders.decisions import Decided, Decision, decide
from crm.orders.orders import read_order
from crm.orders.prefill import draft_of_order
from crm.orders.submission import recall_order, resubmit_order
from crm.orders.waiting import approvers_of, open_step_of
from crm.people.people import Member, Role
from crm.sample.diary import Story
from crm.sample.setting import Buyer, Setting, door

Outcome = Literal["approved", "rejected", "left"]
Deciding = Generator[datetime, None, Outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is settled beforehand about an order's approval; the rest is chance.

    `stops_at`: whose decision it still waits for; `first`: what the supervisor does, `finance`: what finance does.
    An order that is sent back or asked for a larger deposit by plan waits for its rep.
    """

    stops_at: Role | None = None
    first: Decision | None = None
    finance: Decision | None = None


_LARGER_DEPOSIT = Decimal(60)
BY_CHANCE = Plan()
_APPROVED_BY_ALL = Plan(first="approve")


def approval(setting: Setting, buyer: Buyer, order_id: int, *, plan: Plan = BY_CHANCE) -> Deciding:
    """Everything between submission and the last decision."""
    rep = buyer.rep
    if plan is BY_CHANCE and setting.may(5):
        yield setting.soon(rep, (0.2, 2))
        recall_order(
            setting.work, actor=rep, platform=door(rep), order_id=order_id, reason=setting.words(rep, "recall")
        )
        if setting.may(45):
            return "left"
        yield setting.soon(rep, (2, 26))
        _submit_again(setting, buyer, order_id, quantity=Decimal("1.2"))
        plan = _APPROVED_BY_ALL
    step = open_step_of(setting.work, order_id=order_id)
    deciders = approvers_of(setting.work, step=step) if step is not None else []
    while step is not None:
        if plan.stops_at is step.role:
            return "left"
        decided = yield from _decision(setting, buyer, step, deciders, plan)
        if decided.status == "sent_back":
            if plan.first == "send_back":
                return "left"
            yield from _resubmitted(setting, buyer, order_id)
            plan = _APPROVED_BY_ALL
        elif decided.open_step is None and decided.status == "pending":
            if plan.finance == "deposit":
                return "left"
            yield from _answered(setting, buyer, order_id)
        elif decided.status != "pending":
            return "approved" if decided.status == "approved" else "rejected"
        else:
            step, deciders = decided.open_step, list(decided.open_for)
            continue
        step = open_step_of(setting.work, order_id=order_id)
        deciders = approvers_of(setting.work, step=step) if step is not None else []
    return "approved"


def _decision(
    setting: Setting, buyer: Buyer, step: Step, deciders: Sequence[Member], plan: Plan
) -> Generator[datetime, None, Decided]:
    actor = setting.pick(deciders)
    yield setting.soon(actor, (0.2, 5) if plan is not BY_CHANCE or setting.may(85) else (8, 30))
    decision = _choice(setting, buyer, step, actor, plan)
    told: dict[str, Any] = {}
    if decision in {"reject", "send_back", "override"}:
        told["reason"] = setting.words(actor, decision)
    if decision == "deposit":
        told["deposit_percent"] = _LARGER_DEPOSIT
    return decide(setting.work, actor=actor, platform=door(actor), step_id=step.id, decision=decision, **told)


def _choice(setting: Setting, buyer: Buyer, step: Step, actor: Member, plan: Plan) -> Decision:
    chance = setting.chance.random() * 100
    if step.role is Role.FINANCE:
        return plan.finance or _choice_of_finance(setting, buyer, step, actor, chance)
    if plan.first is not None:
        return plan.first if step.role is Role.SUPERVISOR else "approve"
    return "send_back" if chance < 5 else "reject" if chance < 9 else "approve"


def _choice_of_finance(setting: Setting, buyer: Buyer, step: Step, actor: Member, chance: float) -> Decision:
    row = read_order(setting.work, order_id=step.order_id, viewer=actor)
    credit = check_credit(
        setting.work,
        customer_id=buyer.customer_id,
        base_amount=row.base_total,
        today=setting.today(actor),
        without_order=step.order_id,
    )
    if credit.ok:
        return "send_back" if chance < 2 else "approve"
    if chance < 25 and (row.deposit_percent or 0) < _LARGER_DEPOSIT:
        return "deposit"
    return "reject" if chance > 75 else "override"


def _resubmitted(setting: Setting, buyer: Buyer, order_id: int) -> Story:
    """The rep changes what was asked for, prices and terms, and submits the order again."""
    yield setting.soon(buyer.rep, (2, 30))
    _submit_again(setting, buyer, order_id, price=Decimal("1.02"))


def _submit_again(
    setting: Setting, buyer: Buyer, order_id: int, *, quantity: Decimal = Decimal(1), price: Decimal = Decimal(1)
) -> None:
    rep = buyer.rep
    draft = draft_of_order(setting.work, actor=rep, order_id=order_id)
    lines = tuple(
        replace(
            line,
            quantity=(line.quantity * quantity).quantize(Decimal(1)),
            unit_price=Money(line.unit_price * price, buyer.firm.currency).rounded().amount,
        )
        for line in draft.lines
    )
    resubmit_order(setting.work, actor=rep, platform=door(rep), order_id=order_id, draft=replace(draft, lines=lines))


def _answered(setting: Setting, buyer: Buyer, order_id: int) -> Story:
    """The rep takes the larger deposit, or does not."""
    rep = buyer.rep
    yield setting.soon(rep, (2, 40))
    if setting.may(80):
        accept_condition(setting.work, actor=rep, platform=door(rep), order_id=order_id)
    else:
        decline_condition(setting.work, actor=rep, platform=door(rep), order_id=order_id)
