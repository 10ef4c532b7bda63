"""A quote looked at before it is written: what it comes to, which of its prices are under the floor, what is odd."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from crm.core.money import Money
from crm.core.work import UnitOfWork
from crm.orders.basis import Basis, price_lines, read_basis
from crm.orders.checks import Finding, find_in_prices
from crm.orders.lines import Figures, PricedLine, add_up, exactly
from crm.orders.order_policy import can_see_margin
from crm.orders.quotes.drafts import QuoteDraft, check_quote
from crm.orders.quotes.quote_policy import can_quote
from crm.orders.quotes.quotes import company_today
from crm.orders.rounds import has_worsened, inputs_of
from crm.people.people import Member, Role
from crm.people.permissions import require
from crm.sales.deals.deals import today_of


@dataclass(frozen=True, slots=True)
class QuoteReview:
    """The quote's check of itself, for one reader. `under_floor`: the positions of the lines whose price is;
    `needs_approval`: of one of them that nobody has approved yet. `margin` in per cent: None where unknown, or not the
    reader's to see (`shows_margin`).
    """

    total: Money
    base_total: Money
    lines: tuple[PricedLine, ...]
    under_floor: tuple[int, ...]
    needs_approval: bool
    findings: tuple[Finding, ...]
    margin: Decimal | None
    shows_margin: bool


@dataclass(frozen=True, slots=True)
class Priced:
    """The same with nothing hidden, for the services that write. `costs` by the currency they are paid in, None:
    unknown; `inputs`: what an approver judges.
    """

    basis: Basis
    lines: tuple[PricedLine, ...]
    figures: Figures
    under_floor: tuple[int, ...]
    costs: Mapping[str, Decimal] | None
    findings: tuple[Finding, ...]
    inputs: dict[str, Any]


def review_quote(
    work: UnitOfWork, *, actor: Member, draft: QuoteDraft, approved: Mapping[str, Any] | None = None
) -> QuoteReview:
    """Price and check a draft; nothing is written. `approved`: what was approved of it before (`Quote`).

    Raises Invalid, NotFound, Forbidden with a sentence for what could not be written; the rest are findings.
    """
    require(can_quote(actor))
    priced = price_quote(work, actor=actor, draft=draft)
    shows = can_see_margin(actor)
    figures, lines = priced.figures, priced.lines
    return QuoteReview(
        total=Money(figures.total, figures.currency),
        base_total=Money(figures.base_total, figures.base),
        lines=lines if shows else tuple(replace(line, cost=None, cost_base=None, floor_price=None) for line in lines),
        under_floor=priced.under_floor,
        needs_approval=needs_approval(priced, approved),
        findings=tuple(one for one in priced.findings if shows or not one.is_confidential),
        margin=figures.margin if shows else None,
        shows_margin=shows,
    )


def price_quote(work: UnitOfWork, *, actor: Member, draft: QuoteDraft) -> Priced:
    """Everything that follows from a draft, at today's rates. Raises as `review_quote`."""
    check_quote(draft, today=company_today(work))
    order = draft.as_order()
    basis = read_basis(work, actor=actor, draft=order, today=today_of(work, actor))
    lines = price_lines(basis, draft.lines)
    figures = add_up(lines, currency=basis.currency, rate=basis.rate, base=basis.base)
    under = tuple(line.position for line in lines if _is_under_floor(basis, line))
    inputs = inputs_of(order, customer_name=basis.customer.name, lines=lines, figures=figures)
    of_quote = {
        "under_floor": sorted({line.product_id for line in lines if line.position in under}),
        "valid_until": None if draft.valid_until is None else draft.valid_until.isoformat(),
        "lead_time": draft.lead_time,
    }
    findings = find_in_prices(basis=basis, lines=lines, figures=figures)
    return Priced(basis, lines, figures, under, _costs(basis, lines), findings, inputs | of_quote)


def needs_approval(priced: Priced, approved: Mapping[str, Any] | None) -> bool:
    """Whether a price under the floor was not approved as it stands, or as something worse for us.

    An approval holds for what its approver saw: lower prices, less margin, other goods or terms are not covered; a
    product that has come under its floor since is neither.
    """
    if not priced.under_floor:
        return False
    if approved is None or not set(priced.inputs["under_floor"]) <= set(approved["under_floor"]):
        return True
    if all(priced.inputs[name] == approved[name] for name in _SEEN):
        return False  # the same to the letter, whatever an exchange rate has done to its margin meanwhile
    return has_worsened(Role.SUPERVISOR, seen=approved, now=priced.inputs, credit_seen=None, credit_now={})


_SEEN = ("customer", "currency", "lines", "incoterm", "place", "payment_terms")


def _is_under_floor(basis: Basis, line: PricedLine) -> bool:
    """Also where there is a floor that the price cannot be compared with."""
    if line.floor_price is None:
        return basis.products[line.product_id].floor_price is not None
    return line.price < line.floor_price


def _costs(basis: Basis, lines: Sequence[PricedLine]) -> Mapping[str, Decimal] | None:
    costs: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        product = basis.products[line.product_id]
        if product.cost is None:
            return None
        with exactly():
            costs[product.currency] += line.quantity * product.cost
    return costs
