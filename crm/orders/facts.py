"""What a decision needs, on one card and without a link: guide 3.1. Read in a number of statements that depends on
neither lines, people nor history.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, func, select

from crm.core.errors import NotFound
from crm.core.money import Money
from crm.core.rules import text_rule
from crm.core.text import T, Text
from crm.core.types import Id
from crm.core.work import UnitOfWork
from crm.ledger.credit import CreditCheck, check_credit
from crm.orders.approvals import Step, of_round, steps_of
from crm.orders.approvers import Circle, Deciders, can_decide, deciders, read_circle
from crm.orders.checks import Finding, percent_under, unpack_findings
from crm.orders.lines import OrderLine, exactly
from crm.orders.order_policy import can_see_margin, can_see_order, can_see_prices
from crm.orders.orders import RESERVING, Order, read_lines, read_plain
from crm.orders.rounds import Difference, differences, rounds_of
from crm.people.absence import until_words
from crm.people.people import Member, Role
from crm.sales.deals.deals import today_of

LAST_ORDERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """A line as an approver looks at it. `price` per unit after the discount; `under_…` in per cent, negative: over.

    `last_price`: what this customer paid the last time, in the order's currency. `margin` in per cent, hidden or
    unknown: None.
    """

    name: str
    name_zh: str | None
    unit: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    discount_sum: Decimal | None
    net: Decimal
    price: Decimal
    under_list: Decimal | None
    last_price: Decimal | None
    under_last: Decimal | None
    is_under_floor: bool
    margin: Decimal | None


@dataclass(frozen=True, slots=True)
class LastOrder:
    id: int
    number: str
    status: str
    total: Money
    submitted_at: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFacts:
    """All an approval card shows one viewer. `order`: the row of the order (ORDER_COLUMNS); amounts of `credit` in the
    base currency, None where it is hidden; `choices`: what the viewer may press now, of CHOICES; `waits_for`: who is
    asked to decide now (empty: nobody can), and the names of those who are away and whom some of them decide for, by
    the stand-in's id: `away_for`, until when: `away_until`. `differences`: against the submission before this one.
    """

    order: Any
    total: Money
    base_total: Money
    lines: tuple[LineFacts, ...]
    margin: Decimal | None
    shows_margin: bool
    under_list: Decimal | None
    under_last: Decimal | None
    credit: CreditCheck | None
    findings: tuple[Finding, ...]
    last_orders: tuple[LastOrder, ...]
    path: tuple[Step, ...]
    differences: tuple[Difference, ...]
    open_step: Step | None
    waits_for: tuple[Member, ...]
    away_for: Mapping[int, str]
    away_until: Mapping[int, Text]
    choices: tuple[str, ...]


CHOICES = (
    "approve",
    "override",
    "deposit",
    "condition",
    "reject",
    "send_back",
    "accept_condition",
    "decline_condition",
    "recall",
    "resubmit",
)

_ORDERS = Order.table()
_LINES = OrderLine.table()
_RANKED = (
    select(
        _LINES.c.product_id,
        _LINES.c.quantity,
        _LINES.c.net,
        _ORDERS.c.rate,
        func.row_number()
        .over(partition_by=_LINES.c.product_id, order_by=(_ORDERS.c.id.desc(), _LINES.c.position.desc()))
        .label("rank"),
    )
    .join(_ORDERS, _ORDERS.c.id == _LINES.c.order_id)
    .where(
        _ORDERS.c.customer_id == bindparam("customer", type_=Id),
        _ORDERS.c.id < bindparam("order", type_=Id),
        _ORDERS.c.status.in_(RESERVING),
        _LINES.c.product_id.in_(bindparam("products", expanding=True, type_=Id)),
    )
    .subquery()
)
_LAST_PRICES = select(_RANKED).where(_RANKED.c.rank == 1)
_LAST_ORDERS = (
    select(*(_ORDERS.c[name] for name in ("id", "number", "status", "total", "currency", "submitted_at")))
    .where(_ORDERS.c.customer_id == bindparam("customer", type_=Id), _ORDERS.c.id != bindparam("order", type_=Id))
    .order_by(_ORDERS.c.id.desc())
    .limit(LAST_ORDERS)
)


def decision_facts(work: UnitOfWork, *, order_id: int, viewer: Member) -> DecisionFacts:
    """Everything the card of an order's approval shows this viewer, as it stands now.

    Raises NotFound when the order is not there, or not for this person to see or decide on.
    """
    order = read_plain(work, order_id=order_id)
    circle = read_circle(work, order.submitter_id, viewer.id)
    path = of_round(steps_of(work, order_id=order_id), order.round)
    if can_see_order(viewer, order) is not True and not _is_approver(viewer, order, path, circle):
        raise NotFound(T("There is no such order."))
    credit = check_credit(
        work,
        customer_id=order.customer_id,
        base_amount=order.base_total,
        today=today_of(work, viewer),
        without_order=order.id,
    )
    open_step = _open_step(path)
    choices = _choices(viewer, order, open_step, credit, circle)
    return _facts(work, order, path, circle, credit, shows_margin=can_see_margin(viewer), choices=choices)


def facts_to_decide(work: UnitOfWork, *, order_id: int, viewer: Member) -> DecisionFacts:
    """The same, prices and credit among it, for who may see prices or decide: not for who only fulfils the order."""
    facts = decision_facts(work, order_id=order_id, viewer=viewer)
    if not can_see_prices(viewer):
        circle = read_circle(work, facts.order.submitter_id, viewer.id)
        if not _is_approver(viewer, facts.order, facts.path, circle):
            raise NotFound(T("There is no such order."))
    return facts


def facts_for_everybody(work: UnitOfWork, *, order_id: int) -> DecisionFacts:
    """What a shared chat may see of an order's approval: no margin, cost or credit. domain.md, Orders.

    The buttons are those of any step: which of them count for whom is asked when one is pressed. (To offer another
    way past the credit limit would tell that it is reached.) Why somebody decided as they did is not told either, nor
    that a larger deposit is asked for: both tell of credit. Raises NotFound.
    """
    order = read_plain(work, order_id=order_id)
    circle = read_circle(work, order.submitter_id)
    path = of_round(steps_of(work, order_id=order_id), order.round)
    open_step = _open_step(path)
    choices = ("approve", "reject", "send_back") if open_step is not None and open_step.status == "pending" else ()
    facts = _facts(work, order, path, circle, None, shows_margin=False, choices=choices)
    return replace(
        facts,
        lines=tuple(replace(line, is_under_floor=False) for line in facts.lines),
        findings=tuple(finding for finding in facts.findings if finding.kind not in _NOT_FOR_EVERYBODY),
        path=tuple(_plain(step) for step in facts.path),
        open_step=None if open_step is None or open_step.status == "condition" else _plain(open_step),
    )


_NOT_FOR_EVERYBODY = frozenset({"over_limit", "overdue", "no_limit", "under_floor"})


def _plain(step: Step) -> Step:
    """Who decided, and whether for or against; a step that waits for a larger deposit looks like one still open."""
    plain = replace(step, decision=None, reason=None, deposit_percent=None, condition_until=None, credit=None)
    if step.status != "condition":
        return plain
    plain = replace(plain, status="pending", decided_by=None, decided_at=None, platform=None, decider_name=None)
    return replace(plain, for_id=None, for_name=None)


def _open_step(path: Sequence[Step]) -> Step | None:
    return next((step for step in path if step.status in {"pending", "condition"}), None)


def _facts(
    work: UnitOfWork,
    order: Any,
    path: Sequence[Step],
    circle: Circle,
    credit: CreditCheck | None,
    *,
    shows_margin: bool,
    choices: tuple[str, ...],
) -> DecisionFacts:
    base = text_rule(work, "company.base_currency")
    lines = _lines(work, order, with_margin=shows_margin)
    changed = []
    if order.round > 1:
        rounds = rounds_of(work, order_id=order.id)
        changed = differences(rounds[order.round - 1], rounds[order.round], with_margin=shows_margin)
    open_step = _open_step(path)
    waits_for = _waits_for(order, open_step, circle)
    away_for = {} if waits_for is None else waits_for.away_for
    return DecisionFacts(
        order=order,
        total=Money(order.total, order.currency),
        base_total=Money(order.base_total, base),
        lines=lines.lines,
        margin=order.margin if shows_margin else None,
        shows_margin=shows_margin,
        under_list=lines.under_list,
        under_last=lines.under_last,
        credit=credit,
        findings=unpack_findings(order.checks, with_confidential=shows_margin),
        last_orders=_last_orders(work, order),
        path=tuple(path),
        differences=tuple(changed),
        open_step=open_step,
        waits_for=tuple(waits_for.asked) if waits_for is not None else (),
        away_for={stand_in: away.name for stand_in, away in away_for.items()},
        away_until={
            stand_in: until_words(circle.away_until[away.id], away.timezone) for stand_in, away in away_for.items()
        },
        choices=choices,
    )


@dataclass(frozen=True, slots=True)
class _Lines:
    lines: tuple[LineFacts, ...]
    under_list: Decimal | None
    under_last: Decimal | None


def _lines(work: UnitOfWork, order: Any, *, with_margin: bool) -> _Lines:
    rows = read_lines(work, order_id=order.id)
    values = {"customer": order.customer_id, "order": order.id, "products": sorted({row.product_id for row in rows})}
    last = {row.product_id: _converted(row, order) for row in work.connection.execute(_LAST_PRICES, values)}
    lines = tuple(_line(row, last.get(row.product_id), with_margin=with_margin) for row in rows)
    by_list = [(row.quantity * row.list_price, row.net) for row in rows if row.list_price is not None]
    by_last = [(row.quantity * last[row.product_id], row.net) for row in rows if row.product_id in last]
    return _Lines(lines, _under(by_list), _under(by_last))


def _line(row: Any, last_price: Decimal | None, *, with_margin: bool) -> LineFacts:
    with exactly():
        price = row.net / row.quantity
        margin = None
        if with_margin and row.cost is not None and row.net > 0:
            margin = ((row.net - row.cost * row.quantity) * 100 / row.net).quantize(Decimal("0.1"))
    return LineFacts(
        name=row.name,
        name_zh=row.name_zh,
        unit=row.unit,
        quantity=row.quantity,
        unit_price=row.unit_price,
        discount=row.discount,
        discount_sum=row.discount_sum,
        net=row.net,
        price=price,
        under_list=percent_under(price, row.list_price),
        last_price=last_price,
        under_last=percent_under(price, last_price),
        is_under_floor=row.floor_price is not None and price < row.floor_price,
        margin=margin,
    )


def _converted(row: Any, order: Any) -> Decimal:
    """The price of one unit in an earlier order, in this order's currency, each at its locked rate."""
    with exactly():
        price: Decimal = row.net / row.quantity * row.rate / order.rate
        return price.quantize(Decimal("0.0001"))


def _under(pairs: Sequence[tuple[Decimal, Decimal]]) -> Decimal | None:
    reference = sum((one for one, _ in pairs), Decimal(0))
    return percent_under(sum((net for _, net in pairs), Decimal(0)), reference)


def last_prices(work: UnitOfWork, *, customer_id: int, product_ids: Sequence[int], rate: Decimal) -> dict[int, Decimal]:
    """What this customer paid last for a unit of each of these products, in a currency of this `rate` (base currency
    per unit), each at the rate of its day; those never bought are left out. One statement.
    """
    values = {"customer": customer_id, "order": _ALL, "products": sorted(set(product_ids))}
    found = {}
    for row in work.connection.execute(_LAST_PRICES, values):
        with exactly():
            found[row.product_id] = (row.net / row.quantity * row.rate / rate).quantize(Decimal("0.0001"))
    return found


_ALL = 2**62
"""More than any order's id: every order counts as an earlier one."""


def _last_orders(work: UnitOfWork, order: Any) -> tuple[LastOrder, ...]:
    rows = work.connection.execute(_LAST_ORDERS, {"customer": order.customer_id, "order": order.id})
    return tuple(
        LastOrder(row.id, row.number, row.status, Money(row.total, row.currency), row.submitted_at) for row in rows
    )


def _is_approver(viewer: Member, order: Any, path: Sequence[Step], circle: Circle) -> bool:
    """Whether somebody decides on a step of this order, or has decided for a colleague who was away."""
    if any(_may_decide(viewer, order, step, circle) for step in path):
        return True
    has_decided = any(step.for_id is not None and step.decided_by == viewer.id for step in path)
    return has_decided and can_see_margin(viewer)


def _may_decide(viewer: Member, order: Any, step: Step, circle: Circle) -> bool:
    may = can_decide(viewer, role=step.role, submitter_id=order.submitter_id, circle=circle, escalated=step.escalated)
    return may is True


def _waits_for(order: Any, step: Step | None, circle: Circle) -> Deciders | None:
    if step is None or step.status != "pending":
        return None
    return deciders(step.role, submitter_id=order.submitter_id, circle=circle, escalated=step.escalated)


def _choices(viewer: Member, order: Any, step: Step | None, credit: CreditCheck, circle: Circle) -> tuple[str, ...]:
    if viewer.id == order.submitter_id:
        return _OWN.get("condition" if step is not None and step.status == "condition" else order.status, ())
    if step is None or step.status != "pending":
        return ()
    if not _may_decide(viewer, order, step, circle):
        return ()
    if step.role is Role.FINANCE and not credit.ok:
        return ("override", "deposit", "reject", "send_back")
    return ("approve", "condition", "reject", "send_back")


_OWN: Mapping[str, tuple[str, ...]] = {
    "condition": ("accept_condition", "decline_condition", "recall"),
    "pending": ("recall",),
    "sent_back": ("resubmit",),
    "recalled": ("resubmit",),
}
