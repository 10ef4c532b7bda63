"""Credit on the road of an order: reserved at submission, asked again at finance's decision."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import pytest

from crm.core.errors import Conflict, Forbidden, Invalid
from crm.core.history import SYSTEM
from crm.core.money import Money
from crm.ledger.receivables import add_receivable, settle_receivable
from crm.people.people import Role
from tests.crm.orders.trading import TODAY, Trade
from tests.crm.sales.selling import at_once


def _owe(trade: Trade, amount: str, due_on: date) -> int:
    money = Money(Decimal(amount), "CNY")
    with trade.database.write() as work:
        return add_receivable(
            work,
            actor=SYSTEM,
            customer_id=trade.customer,
            amount=money,
            rate=Decimal(1),
            base="CNY",
            due_on=due_on,
        )


def _kinds(trade: Trade, order: int) -> set[str]:
    return {check["kind"] for check in trade.order(order).checks}


def test_an_order_reserves_what_it_comes_to(trade: Trade) -> None:
    order = trade.submit(trade.draft(trade.line("100", "20"), trade.line("1", "0.5", product=trade.chang)))
    assert trade.reserved() == {order: Decimal("2000.50")}


def test_at_the_limit_finance_approves_and_a_cent_above_not(trade: Trade) -> None:
    trade.set_limit("2000")
    at = trade.submit()
    trade.press(at, trade.boss)
    trade.press(at, trade.finance)
    assert trade.status(at) == "approved"
    trade.set_limit("4000")
    above = trade.submit(trade.of("2000.01"))
    assert "over_limit" in _kinds(trade, above)
    trade.press(above, trade.boss)
    with pytest.raises(Invalid, match="limit"):
        trade.press(above, trade.finance)
    assert trade.states(above) == ["supervisor=approved", "finance=pending"]
    trade.press(above, trade.finance, "override", reason="old friends")
    assert trade.status(above) == "approved"
    assert trade.history(above)[-1].reason == "old friends"


def test_an_override_needs_a_reason(trade: Trade) -> None:
    trade.set_limit("0")
    order = trade.submit()
    trade.press(order, trade.boss)
    with pytest.raises(Invalid, match="say why"):
        trade.press(order, trade.finance, "override")


def test_an_override_that_is_not_needed_any_more_is_an_approval(trade: Trade) -> None:
    trade.set_limit("0")
    order = trade.submit()
    trade.press(order, trade.boss)
    trade.set_limit("2000")
    trade.press(order, trade.finance, "override", reason="old friends")
    assert trade.step(order, Role.FINANCE).decision == "approve"


def test_no_limit_set_is_no_overrun(trade: Trade) -> None:
    trade.set_limit(None)
    order = trade.submit(trade.of("499999"))
    assert _kinds(trade, order) == {"no_limit"}
    trade.press(order, trade.boss)
    trade.press(order, trade.finance)
    assert trade.status(order) == "approved"


def test_a_limit_lowered_in_between_is_seen_by_finance(trade: Trade) -> None:
    order = trade.submit()
    assert "over_limit" not in _kinds(trade, order)
    trade.press(order, trade.boss)
    trade.set_limit("100")
    with pytest.raises(Invalid, match="limit"):
        trade.press(order, trade.finance)


@pytest.mark.parametrize(("days", "ok"), [(29, True), (30, True), (31, False)])
def test_nothing_may_be_overdue_for_more_than_thirty_days(trade: Trade, days: int, ok: bool) -> None:
    owed = _owe(trade, "0.01", TODAY - timedelta(days=days))
    order = trade.submit()
    assert "overdue" in _kinds(trade, order)
    trade.press(order, trade.boss)
    if not ok:
        with pytest.raises(Invalid, match="overdue"):
            trade.press(order, trade.finance)
        with trade.database.write() as work:
            settle_receivable(work, actor=trade.finance, platform="test", receivable_id=owed)
    trade.press(order, trade.finance)
    assert trade.status(order) == "approved"


def test_what_is_owed_counts(trade: Trade) -> None:
    trade.set_limit("2500")
    _owe(trade, "500.01", TODAY + timedelta(days=9))
    assert "over_limit" in _kinds(trade, trade.submit())


def test_parallel_orders_see_each_other(trade: Trade) -> None:
    """Each fits alone, two pass the limit together: in whatever order they come, just one finds room."""
    for round_number in range(4):
        customer = trade.add_customer(f"Parallel {round_number}", limit="3000")
        before = trade.reserved().keys()
        assert at_once([partial(trade.submit, trade.draft(customer_id=customer))] * 3) == [None] * 3
        over = sorted("over_limit" in _kinds(trade, order) for order in trade.reserved().keys() - before)
        assert over == [False, True, True]


def test_parallel_decisions_see_each_other(trade: Trade) -> None:
    """Two orders over the limit together; finance presses both at once; neither fits beside the other."""
    trade.set_limit("3000")
    orders = [trade.submit(), trade.submit()]
    for order in orders:
        trade.press(order, trade.boss)
    told = at_once([partial(trade.press, order, trade.finance) for order in orders])
    assert [type(error) for error in told] == [Invalid, Invalid]
    trade.recall(orders[0])
    trade.press(orders[1], trade.finance)
    assert trade.status(orders[1]) == "approved"


def _over(trade: Trade, terms: str = "30% deposit, 70% before shipment") -> int:
    trade.set_limit("100")
    order = trade.submit(trade.draft(trade.line("600", "1000"), payment_terms=terms))
    trade.press(order, trade.boss)
    return order


def test_a_larger_deposit_waits_for_the_rep_who_accepts_it(trade: Trade) -> None:
    order = _over(trade)
    decided = trade.press(order, trade.finance, "deposit", deposit_percent=Decimal(50))
    assert (decided.status, decided.open_step) == ("pending", None)
    assert trade.states(order) == ["supervisor=approved", "finance=condition", "gm=waiting"]
    assert trade.told(trade.rep)[-1] == (
        "Sun (Finance) asks for a deposit of 50 % on order SO-2026-0001 for Ernst Handel. Do you accept?"
    )
    assert trade.cards(trade.rep) == [("order", order)]
    assert trade.facts(order, trade.rep).choices == ("accept_condition", "decline_condition", "recall")
    with pytest.raises(Conflict):  # whoever else of finance comes now
        trade.press(order, trade.finance, role=Role.FINANCE)
    trade.answer(order, accept=True)
    assert trade.states(order) == ["supervisor=approved", "finance=approved", "gm=pending"]
    row = trade.order(order)
    assert (row.deposit_percent, row.payment_terms) == (Decimal(50), "50% deposit, 50% before shipment")
    assert trade.cards(trade.gm) == [("approval", order)]
    assert trade.told(trade.finance)[-1] == "Li accepts a deposit of 50 % on order SO-2026-0001."
    with pytest.raises(Conflict):
        trade.answer(order, accept=True)
    trade.press(order, trade.gm)
    assert trade.status(order) == "approved"


def test_a_larger_deposit_declined_opens_the_step_again(trade: Trade) -> None:
    order = _over(trade)
    trade.press(order, trade.finance, "deposit", deposit_percent=Decimal(50))
    trade.answer(order, accept=False)
    assert trade.states(order) == ["supervisor=approved", "finance=pending", "gm=waiting"]
    assert trade.order(order).deposit_percent == 30
    assert trade.cards(trade.finance) == [("approval", order)] * 2
    step = trade.step(order)
    assert (step.decided_by, step.decision, step.deposit_percent) == (None, None, None)
    with pytest.raises(Conflict):
        trade.answer(order, accept=True)
    trade.press(order, trade.finance, "deposit", deposit_percent=Decimal(40))
    trade.answer(order, accept=True)
    assert trade.order(order).payment_terms == "40% deposit, 60% before shipment"


def test_the_answer_is_the_submitters(trade: Trade) -> None:
    order = _over(trade)
    trade.press(order, trade.finance, "deposit", deposit_percent=Decimal(50))
    for other in (trade.boss, trade.finance, trade.gm):
        with pytest.raises(Forbidden):
            trade.answer(order, accept=True, actor=other)


def test_an_accepted_deposit_approves_where_finance_is_the_last(trade: Trade) -> None:
    trade.set_limit("100")
    order = trade.submit()
    trade.press(order, trade.boss)
    trade.press(order, trade.finance, "deposit", deposit_percent=Decimal(50))
    trade.answer(order, accept=True)
    assert trade.status(order) == "approved"
    assert trade.history(order)[-1].changes["status"] == ["pending", "approved"]


def test_an_order_with_an_open_condition_can_be_recalled(trade: Trade) -> None:
    order = _over(trade)
    trade.press(order, trade.finance, "deposit", deposit_percent=Decimal(50))
    trade.recall(order)
    assert trade.states(order) == ["supervisor=approved", "finance=cancelled", "gm=cancelled"]
    with pytest.raises(Conflict):
        trade.answer(order, accept=True)
    trade.resubmit(order)  # the deposit was never agreed: finance looks again
    assert trade.states(order) == ["supervisor=skipped", "finance=pending", "gm=waiting"]


@pytest.mark.parametrize("percent", [None, "0", "-5", "30", "100.01", "NaN", "Infinity", "1e400", "33.333"])
def test_a_deposit_that_cannot_be_is_refused(trade: Trade, percent: str | None) -> None:
    order = _over(trade)
    with pytest.raises(Invalid):
        trade.press(order, trade.finance, "deposit", deposit_percent=None if percent is None else Decimal(percent))
    assert trade.states(order)[1] == "finance=pending"
