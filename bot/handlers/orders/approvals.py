"""Decisions: one press approves; what needs a reason asks for it first."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from bot.cards import labels
from bot.cards.screen import Button, Screen, body, labelled, say, title
from bot.conversations.decisions import CONDITION, DEPOSIT, OVERRIDE, REJECT, SEND_BACK
from bot.handlers.customers.customers import record_id
from bot.handlers.guided import Guide, anybody, begin, register
from bot.handlers.orders.passing_on import waits
from bot.handlers.verbs import Verb
from bot.request import Card, Reply, Request
from crm.core.money import Money
from crm.core.rules import text_rule
from crm.core.text import TN, T, Words
from crm.orders.approvals import order_of_step
from crm.orders.conditions import accept_condition, decline_condition
from crm.orders.decisions import Decided, Decision, check_open, decide
from crm.orders.facts import facts_to_decide
from crm.orders.orders import STATUSES
from crm.orders.quotes.waiting import WaitingPrice, prices_waiting_for
from crm.orders.waiting import Waiting, waiting_for
from crm.people.people import ROLE_NAMES, Role

SHOWN = 10
_ALL = {"all", "who", "report", "全部", "统计"}


def approvals(request: Request) -> Reply:
    """`approvals`: what waits for my decision, the longest waiting first; `approvals all`: who waits for whom."""
    if request.argument.strip().casefold() in _ALL:
        return waits(request)
    waiting = waiting_for(request.work, person=request.person)
    prices = prices_waiting_for(request.work, person=request.person)
    if not waiting and not prices:
        return Reply((say(T("Nothing waits for your decision."), Button(T("Who waits for whom"), "approvals.all")),))
    if len(waiting) + len(prices) == 1:
        return Reply((Card("approval", waiting[0].order_id) if waiting else Card("quote", prices[0].quote_id),))
    return Reply((*([_orders(request, waiting)] if waiting else []), *([_prices(prices)] if prices else [])))


def _prices(waiting: Sequence[WaitingPrice]) -> Screen:
    """The special prices, the longest waiting first."""
    lines = [title(TN("{n} special price waits for you", "{n} special prices wait for you", n=len(waiting)))]
    lines += [body(_price_line(one)) for one in waiting[:SHOWN]]
    return Screen(tuple(lines), tuple((Button(one.number, f"quote.open:{one.quote_id}"),) for one in waiting[:SHOWN]))


def _price_line(one: WaitingPrice) -> Words:
    facts: dict[str, Any] = {
        "number": one.number,
        "customer": one.customer_name,
        "total": one.total,
        "name": one.owner_name,
    }
    if one.for_name is not None:
        return T("{number} {customer} · {total} · {name} · for {other}", other=one.for_name, **facts)
    return T("{number} {customer} · {total} · {name}", **facts)


def _orders(request: Request, waiting: Sequence[Waiting]) -> Screen:
    base = text_rule(request.work, "company.base_currency")
    total = sum((one.base_total for one in waiting), Decimal(0))
    lines = [title(TN("{n} order waits for you", "{n} orders wait for you", n=len(waiting)))]
    lines.append(labelled(T("Value"), T("{sum}", sum=Money(total, base))))
    lines += [body(_line(one)) for one in waiting[:SHOWN]]
    rows = tuple((Button(one.number, f"approval.open:{one.order_id}"),) for one in waiting[:SHOWN])
    first = Button(labels.ONE_BY_ONE, "approval.next:0", "primary")
    everybody = (Button(T("Who waits for whom"), "approvals.all"),)
    return Screen(tuple(lines), (*(((first,), *rows) if len(waiting) > 1 else rows), everybody))


def _line(one: Waiting) -> Words:
    facts: dict[str, Any] = {
        "number": one.number,
        "customer": one.customer_name,
        "total": one.total,
        "name": one.submitter_name,
    }
    if one.for_name is not None:
        return T("{number} {customer} · {total} · submitted by {name} · for {other}", other=one.for_name, **facts)
    return T("{number} {customer} · {total} · {name}", **facts)


def open_card(request: Request) -> Reply:
    order_id = record_id(request.argument)
    facts_to_decide(request.work, order_id=order_id, viewer=request.person)
    return Reply((Card("approval", order_id),))


def next_card(request: Request) -> Reply:
    """The card of the order that waits behind the one the button names, and how many wait behind it."""
    waiting = waiting_for(request.work, person=request.person)
    ids = [one.order_id for one in waiting]
    seen = record_id(request.argument)
    at = ids.index(seen) + 1 if seen in ids else sum(asked < seen for asked in ids) if seen else 0
    if at >= len(ids):
        left = TN(
            "That was the last one; {n} order still waits for you.",
            "That was the last one; {n} orders still wait for you.",
            n=len(ids),
        )
        return Reply((say(left if ids else T("Nothing waits for your decision.")),))
    behind = len(ids) - at - 1
    card = Card("approval", ids[at])
    if not behind:
        return Reply((card,))
    more = TN("{n} more order waits behind it.", "{n} more orders wait behind it.", n=behind)
    return Reply((card, say(more, Button(labels.NEXT_ORDER, f"approval.next:{ids[at]}"))))


def approve(request: Request) -> Reply:
    return _decided(request, _decide(request, record_id(request.argument), "approve"))


def start(guide_name: str) -> Any:
    """A handler that asks for what this decision needs, about the step the button names."""

    def begin_asking(request: Request) -> Reply:
        step_id = record_id(request.argument)
        check_open(request.work, actor=request.person, step_id=step_id)  # said before any question
        return begin(request, _GUIDES[guide_name], subject_id=step_id)

    return begin_asking


def accept(request: Request) -> Reply:
    order_id = order_of_step(request.work, step_id=record_id(request.argument))
    accept_condition(request.work, actor=request.person, platform=request.platform, order_id=order_id)
    return Reply(toast=T("Accepted: the order goes on."))


def decline(request: Request) -> Reply:
    order_id = order_of_step(request.work, step_id=record_id(request.argument))
    decline_condition(request.work, actor=request.person, platform=request.platform, order_id=order_id)
    return Reply(toast=T("Declined: it is decided again."))


def _submit(decision: Decision, field: str) -> Any:
    def submit(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
        given = {"deposit_percent": values[field]} if decision == "deposit" else {"reason": values[field]}
        decided = _decide(request, subject_id or 0, decision, **given)
        return Reply((say(_words(decided)),))

    return submit


def _submit_condition(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    until = values["until"][0].date() if values.get("until") else None
    decided = _decide(request, subject_id or 0, "condition", reason=values["condition"], until=until)
    told = T("Order {number}: approved as soon as your condition is accepted.", number=decided.number)
    return Reply((say(told),))


def _decide(request: Request, step_id: int, decision: Decision, **given: Any) -> Decided:
    return decide(
        request.work,
        actor=request.person,
        platform=request.platform,
        step_id=step_id,
        decision=decision,
        **given,
    )


def _decided(request: Request, decided: Decided) -> Reply:
    return Reply(toast=_words(decided))


def _words(decided: Decided) -> Words:
    if decided.open_step is None or decided.status != "pending":
        return T("Order {number}: {status}", number=decided.number, status=STATUSES[decided.status])
    onward = ROLE_NAMES[decided.open_step.role]
    return T("Order {number}: decided. Next: {role}", number=decided.number, role=onward)


def _open(request: Request, step_id: int) -> None:
    check_open(request.work, actor=request.person, step_id=step_id)


_GUIDES = {
    "reject": register(Guide(REJECT, anybody, _submit("reject", "reason"), _open)),
    "send_back": register(Guide(SEND_BACK, anybody, _submit("send_back", "change"), _open)),
    "override": register(Guide(OVERRIDE, anybody, _submit("override", "reason"), _open)),
    "condition": register(Guide(CONDITION, anybody, _submit_condition, _open)),
    "deposit": register(Guide(DEPOSIT, anybody, _submit("deposit", "percent"), _open)),
}

VERBS = (
    Verb(
        "approvals",
        ("审批",),
        T("what waits for my decision"),
        approvals,
        frozenset({Role.SUPERVISOR, Role.FINANCE, Role.GM, Role.ADMIN}),
        usual=True,
    ),
)
PRESSES = {
    "approvals.all": waits,
    "approval.open": open_card,
    "approval.next": next_card,
    "approval.approve": approve,
    "approval.reject": start("reject"),
    "approval.send_back": start("send_back"),
    "approval.override": start("override"),
    "approval.deposit": start("deposit"),
    "approval.condition": start("condition"),
    "approval.accept_condition": accept,
    "approval.decline_condition": decline,
}
