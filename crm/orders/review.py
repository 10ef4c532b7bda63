"""An order looked at before it is submitted: what it comes to, what is odd about it, and who will decide."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import select

from crm.core.money import Money
from crm.core.work import UnitOfWork
from crm.ledger.credit import CreditCheck, check_credit
from crm.orders.basis import Basis, price_lines, read_basis
from crm.orders.checks import Finding, find
from crm.orders.drafts import OrderDraft, check_draft
from crm.orders.lines import Figures, PricedLine, add_up
from crm.orders.order_policy import can_see_margin, can_submit_order
from crm.orders.orders import Order, read_order
from crm.orders.policy import Case, payment_days, read_policy, required_roles
from crm.people.people import Member, Role
from crm.people.permissions import require
from crm.sales.agreed_orders import AGREED
from crm.sales.deals.deals import today_of


@dataclass(frozen=True, slots=True)
class OrderReview:
    """The form's check of itself, for one reader. `margin` in per cent: None where unknown, or not the reader's to see
    (`shows_margin`). `path`: who will have to decide, in sequence.
    """

    customer_name: str
    total: Money
    base_total: Money
    rate: Decimal
    lines: tuple[PricedLine, ...]
    findings: tuple[Finding, ...]
    path: tuple[Role, ...]
    margin: Decimal | None
    shows_margin: bool


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The same with nothing hidden, for the services that submit."""

    basis: Basis
    lines: tuple[PricedLine, ...]
    figures: Figures
    credit: CreditCheck
    findings: tuple[Finding, ...]
    path: tuple[Role, ...]


def review_order(work: UnitOfWork, *, actor: Member, draft: OrderDraft, order_id: int | None = None) -> OrderReview:
    """Price and check a draft; nothing is written. `order_id`: the order it is a new version of.

    Raises Invalid, NotFound, Forbidden with a sentence for what could not be submitted; the rest are findings.
    """
    require(can_submit_order(actor))
    locked = None
    if order_id is not None:
        order = read_order(work, order_id=order_id, viewer=actor)
        locked = (order.currency, order.rate)
    reviewed = look_over(work, actor=actor, draft=draft, without_order=order_id, locked=locked)
    figures, shows_margin = reviewed.figures, can_see_margin(actor)
    return OrderReview(
        customer_name=reviewed.basis.customer.name,
        total=Money(figures.total, figures.currency),
        base_total=Money(figures.base_total, figures.base),
        rate=figures.rate,
        lines=reviewed.lines if shows_margin else _without_costs(reviewed.lines),
        findings=tuple(f for f in reviewed.findings if shows_margin or not f.is_confidential),
        path=reviewed.path,
        margin=figures.margin if shows_margin else None,
        shows_margin=shows_margin,
    )


def look_over(
    work: UnitOfWork,
    *,
    actor: Member,
    draft: OrderDraft,
    without_order: int | None = None,
    locked: tuple[str, Decimal] | None = None,
) -> Reviewed:
    """Everything the form finds about a draft, as it stands now. `locked`: currency and rate of one that exists."""
    today = today_of(work, actor)
    check_draft(draft, today=today)
    basis = read_basis(work, actor=actor, draft=draft, today=today, locked=locked)
    lines = price_lines(basis, draft.lines)
    figures = add_up(lines, currency=basis.currency, rate=basis.rate, base=basis.base)
    credit = check_credit(
        work,
        customer_id=basis.customer.id,
        base_amount=figures.base_total,
        today=today,
        without_order=without_order,
    )
    policy = read_policy(work)
    asks_new = any("new_customer" in step.condition for step in policy)
    case = Case(
        figures=figures,
        discount=max((line.discount for line in lines), default=Decimal(0)),
        payment_days=payment_days(draft.payment_terms),
        is_credit_ok=credit.ok,
        is_new_customer=asks_new and is_new_customer(work, customer_id=basis.customer.id),
        categories=frozenset(one.category for one in basis.products.values() if one.category),
    )
    path = required_roles(policy, case=case, rules=basis.rules)
    assert draft.delivery_on is not None  # check_draft wants it
    findings = find(basis=basis, lines=lines, figures=figures, credit=credit, delivery_on=draft.delivery_on)
    return Reviewed(basis, lines, figures, credit, findings, path)


def is_new_customer(work: UnitOfWork, *, customer_id: int) -> bool:
    """Whether no order of theirs was ever approved."""
    orders = Order.table()
    agreed = (orders.c.customer_id == customer_id, orders.c.status.in_(AGREED))
    return work.connection.execute(select(orders.c.id).where(*agreed).limit(1)).first() is None


def _without_costs(lines: Sequence[PricedLine]) -> tuple[PricedLine, ...]:
    return tuple(replace(line, cost=None, cost_base=None, floor_price=None) for line in lines)
