"""`rules approval`: who decides on orders, as a table; changed step by step, and tried on an order that might come."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from bot.cards import labels
from bot.cards.screen import Button, Line, Screen, body, labelled, muted, problem, title
from bot.conversations.policy import ALWAYS, CONDITION_NAMES, POLICY_CONDITION, POLICY_STEP, TRY_POLICY
from bot.handlers.customers.customers import record_id
from bot.handlers.guided import Guide, begin, register
from bot.request import Reply, Request
from crm.core.errors import Conflict, NotFound
from crm.core.money import Money
from crm.core.rates import rate_on
from crm.core.rules import read_rules
from crm.core.text import T, Text, Words
from crm.ledger.credit import check_credit
from crm.orders.approvers import deciders, read_circle
from crm.orders.lines import Figures
from crm.orders.order_policy import can_change_policy
from crm.orders.policy import (
    YES,
    Case,
    PolicyStep,
    payment_days,
    read_policy,
    required_roles,
    set_policy,
    undo_policy,
)
from crm.orders.review import is_new_customer
from crm.people.people import ROLE_NAMES, Role, find_member
from crm.people.permissions import require
from crm.sales.customers.customers import get_customer
from crm.sales.deals.deals import today_of

WORDS = frozenset({"approval", "approvals", "审批", "审批流程"})
"""What follows `rules` for this table."""
SHOW = Button(T("Who decides on orders"), "policy.show")


def approval_policy(request: Request) -> Reply:
    """`rules approval`."""
    require(can_change_policy(request.person))
    return Reply((_table(request),))


def show(request: Request) -> Reply:
    require(can_change_policy(request.person))
    return Reply((_table(request),), replaces=True)


def open_step(request: Request) -> Reply:
    require(can_change_policy(request.person))
    return Reply((_step_screen(request, _role(request.argument)),), replaces=True)


def start_add(request: Request) -> Reply:
    return begin(request, STEP_GUIDE)


def submit_step(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    role, steps = Role(values["role"]), list(read_policy(request.work))
    if any(step.role is role for step in steps):
        raise Conflict(T("{role} has a step already; it can be given other conditions.", role=ROLE_NAMES[role]))
    return _changed(request, [*steps, PolicyStep(role, _condition(values))], role)


def start_condition(request: Request) -> Reply:
    require(can_change_policy(request.person))
    place = _place(read_policy(request.work), _role(request.argument))
    return begin(request, CONDITION_GUIDE, subject_id=place + 1)


def submit_condition(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    """One condition more, or another value of one there is; `always` takes the place of all."""
    steps = list(read_policy(request.work))
    place = (subject_id or 1) - 1
    if place >= len(steps):
        raise NotFound(T("There is no such step any more."))
    step, told = steps[place], _condition(values)
    steps[place] = replace(step, condition={**step.condition, **told} if told else {})
    return _changed(request, steps, step.role)


def move_up(request: Request) -> Reply:
    return _moved(request, -1)


def move_down(request: Request) -> Reply:
    return _moved(request, +1)


def take_out(request: Request) -> Reply:
    role = _role(request.argument)
    steps = list(read_policy(request.work))
    gone = steps.pop(_place(steps, role))
    entry = set_policy(request.work, actor=request.person, platform=request.platform, steps=steps)
    words = T("Taken out: {step}", step=_step_words(request, gone))
    return Reply((Screen((body(words),), ((Button(labels.UNDO, f"policy.undo:{entry}"),), (SHOW,))),), replaces=True)


def undo(request: Request) -> Reply:
    entry_id = record_id(request.argument)
    undo_policy(request.work, actor=request.person, platform=request.platform, entry_id=entry_id)
    return Reply((_table(request),), replaces=True)


def start_try(request: Request) -> Reply:
    return begin(request, TRY_GUIDE)


def submit_try(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    return Reply((_trial(request, values),))


def _trial(request: Request, values: Mapping[str, Any]) -> Screen:
    """To whom such an order would go at this moment."""
    seller = find_member(request.work, person_id=int(values["seller"]))
    case, told = _case(request, values)
    roles = required_roles(read_policy(request.work), case=case, rules=read_rules(request.work))
    circle = read_circle(request.work, seller.id)
    facts = {"total": values["total"], "name": seller.name}
    lines: list[Line] = [title(T("An order of {total} by {name} would go to", **facts))]
    for number, role in enumerate(roles, start=1):
        asked = deciders(role, submitter_id=seller.id, circle=circle).asked
        names: Words = (
            T("{names}", names=[one.name for one in asked]) if asked else T("nobody: the administrators hear")
        )
        step = T("{n}. {role}", n=number, role=ROLE_NAMES[role])
        lines.append(labelled(step, names) if asked else problem(T("{step}: {names}", step=step, names=names)))
    lines += [muted(one) for one in told]
    return Screen(tuple(lines), ((Button(T("Try another"), "policy.try"), SHOW),))


def _case(request: Request, values: Mapping[str, Any]) -> tuple[Case, list[Text]]:
    """The order that is tried, and what of its customer counted."""
    base = read_rules(request.work)["company.base_currency"]
    total: Money = values["total"]
    today = today_of(request.work, request.person)
    rate = rate_on(request.work, currency=total.currency, day=today, base=base)
    in_base, margin = (total.amount * rate).quantize(Decimal("0.01")), values.get("margin")
    cost = None if margin is None else in_base * (100 - margin) / 100
    figures = Figures(total.currency, rate, base, total.amount, in_base, cost, margin)
    terms = values.get("payment_terms")
    case = Case(
        figures=figures,
        discount=values.get("discount") or Decimal(0),
        payment_days=0 if terms is None else payment_days(terms),
        categories=frozenset(filter(None, (values.get("category"),))),
    )
    if values.get("customer") is None:
        return case, []
    row = get_customer(request.work, viewer=request.person, customer_id=int(values["customer"]))
    credit = check_credit(request.work, customer_id=row.id, base_amount=in_base, today=today)
    is_new = is_new_customer(request.work, customer_id=row.id)
    case = replace(case, is_credit_ok=credit.ok, is_new_customer=is_new)
    told = [T("{customer}: fits its credit", customer=row.name)]
    if not credit.ok:
        told = [T("{customer}: over its credit limit, or overdue", customer=row.name)]
    return case, [*told, *([T("a new customer")] if is_new else [])]


def _table(request: Request) -> Screen:
    steps = read_policy(request.work)
    lines: list[Line] = [title(T("Who decides on orders"))]
    lines += [body(T("{n}. {step}", n=n, step=_step_words(request, step))) for n, step in enumerate(steps, start=1)]
    lines.append(muted(T("Orders already submitted keep the path they have.")))
    rows = tuple((Button(ROLE_NAMES[step.role], f"policy.open:{step.role.value}"),) for step in steps)
    more = (Button(T("Add a step"), "policy.add"), Button(T("Try an order"), "policy.try", "primary"))
    return Screen(tuple(lines), (*rows, more))


def _step_screen(request: Request, role: Role, entry_id: int | None = None) -> Screen:
    steps = read_policy(request.work)
    place = _place(steps, role)
    order = []
    if place > 0:
        order.append(Button(T("Move up"), f"policy.up:{role.value}"))
    if place < len(steps) - 1:
        order.append(Button(T("Move down"), f"policy.down:{role.value}"))
    change = [Button(T("When is it needed?"), f"policy.condition:{role.value}")]
    if len(steps) > 1:
        change.append(Button(T("Take out"), f"policy.out:{role.value}", "danger"))
    taking_back = (Button(labels.UNDO, f"policy.undo:{entry_id}"),) if entry_id is not None else ()
    lines = (title(T("Step {n} of {all}", n=place + 1, all=len(steps))), body(_step_words(request, steps[place])))
    return Screen(lines, tuple(row for row in (tuple(order), tuple(change), taking_back, (SHOW,)) if row))


def _step_words(request: Request, step: PolicyStep) -> Text:
    if not step.condition:
        return T("{role}: always", role=ROLE_NAMES[step.role])
    rules = read_rules(request.work)
    first, *others = [_condition_words(name, value, rules) for name, value in step.condition.items()]
    for other in others:
        first = T("{one}, or {other}", one=first, other=other)
    return T("{role}: {when}", role=ROLE_NAMES[step.role], when=first)


def _condition_words(name: str, value: str, rules: Mapping[str, str]) -> Words:
    label, number = CONDITION_NAMES[name], rules.get(value, value)
    if value == YES:
        return label
    match name:
        case "total_over":
            money = Money(Decimal(number), rules["company.base_currency"])
            return T("total over {amount}", amount=money)
        case "payment_days_over":
            return T("payment later than {n} days", n=Decimal(number))
        case "category":
            return T("category {name}", name=value)
        case _:
            return T("{condition} {percent}%", condition=label, percent=Decimal(number))


def _condition(values: Mapping[str, Any]) -> dict[str, str]:
    name = values["condition"]
    if name == ALWAYS:
        return {}
    told = {"total_over": "amount", "margin_under": "percent", "discount_over": "percent"}
    key = told.get(name) or {"payment_days_over": "days", "category": "category"}.get(name)
    value = YES if key is None else values[key]
    if isinstance(value, Money):
        value = value.amount
    return {name: f"{value:f}" if isinstance(value, Decimal) else str(value)}


def _changed(request: Request, steps: Sequence[PolicyStep], role: Role) -> Reply:
    entry = set_policy(request.work, actor=request.person, platform=request.platform, steps=steps)
    return Reply((_step_screen(request, role, entry),))


def _moved(request: Request, by: int) -> Reply:
    role, steps = _role(request.argument), list(read_policy(request.work))
    at = _place(steps, role)
    to = min(max(0, at + by), len(steps) - 1)
    steps.insert(to, steps.pop(at))
    entry = set_policy(request.work, actor=request.person, platform=request.platform, steps=steps)
    return Reply((_step_screen(request, role, entry),), replaces=True)


def _role(value: str) -> Role:
    try:
        return Role(value)
    except ValueError:
        raise NotFound(T("There is no such step any more.")) from None


def _place(steps: Sequence[PolicyStep], role: Role) -> int:
    for place, step in enumerate(steps):
        if step.role is role:
            return place
    raise NotFound(T("There is no such step any more."))


STEP_GUIDE = register(Guide(POLICY_STEP, can_change_policy, submit_step))
CONDITION_GUIDE = register(Guide(POLICY_CONDITION, can_change_policy, submit_condition))
TRY_GUIDE = register(Guide(TRY_POLICY, can_change_policy, submit_try))
PRESSES = {
    "policy.show": show,
    "policy.open": open_step,
    "policy.add": start_add,
    "policy.condition": start_condition,
    "policy.up": move_up,
    "policy.down": move_down,
    "policy.out": take_out,
    "policy.undo": undo,
    "policy.try": start_try,
}
