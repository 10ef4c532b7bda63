"""Submitted again: an approval stands where its approver saw nothing better than what stands now."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from crm.core.errors import Conflict, Forbidden
from crm.core.money import Money
from crm.orders.drafts import OrderDraft
from crm.people.people import Role
from tests.crm.orders.trading import TODAY, Trade

ALL = ["supervisor=pending", "finance=waiting", "gm=waiting"]
GM_AGAIN = ["supervisor=skipped", "finance=skipped", "gm=pending"]
FINANCE_AND_GM = ["supervisor=skipped", "finance=pending", "gm=waiting"]
SUPERVISOR_AND_GM = ["supervisor=pending", "finance=skipped", "gm=waiting"]


@pytest.fixture
def draft(trade: Trade) -> OrderDraft:
    """600,000 at a margin of half: all three are asked."""
    return trade.draft(trade.line("30000", "20"))


@pytest.fixture
def order(trade: Trade, draft: OrderDraft) -> int:
    """Approved by two, sent back by the general manager."""
    order = trade.submit(draft)
    trade.press(order, trade.boss)
    trade.press(order, trade.finance)
    trade.press(order, trade.gm, "send_back", reason="another carton mark")
    return order


def _with_line(trade: Trade, draft: OrderDraft, *line: str, **more: Any) -> OrderDraft:
    return replace(draft, lines=(trade.line(*line, **more),))


def test_unchanged_only_who_sent_it_back_is_asked_again(trade: Trade, order: int) -> None:
    trade.resubmit(order)
    assert trade.states(order) == GM_AGAIN
    assert trade.order(order).round == 2
    kept = trade.step(order, Role.SUPERVISOR)
    assert (kept.decider_name, kept.decision, kept.stands_from) == ("Zhao", "approve", 1)
    assert trade.cards(trade.gm) == [("approval", order)] * 2
    assert trade.cards(trade.boss) == [("approval", order)]
    trade.press(order, trade.gm)
    assert trade.status(order) == "approved"


CHANGES = {
    "notes": ({"notes": "pallets"}, GM_AGAIN),
    "marks": ({"packing": "EH/Hamburg/1-40"}, GM_AGAIN),
    "another incoterm": ({"incoterm": "DDP"}, ALL),
    "another place": ({"place": "Shanghai"}, SUPERVISOR_AND_GM),
    "another destination": ({"deliver_to": "Wien"}, SUPERVISOR_AND_GM),
    "wanted sooner": ({"delivery_on": TODAY}, SUPERVISOR_AND_GM),
    "other payment terms": ({"payment_terms": "90 days"}, ["supervisor=pending", "finance=pending", "gm=waiting"]),
    "a smaller deposit": ({"payment_terms": "20% deposit, 80% before shipment"}, ALL),
    "a larger deposit": ({"payment_terms": "50% deposit, 50% before shipment"}, GM_AGAIN),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_term_is_seen_by_whom_it_concerns(trade: Trade, order: int, draft: OrderDraft, change: str) -> None:
    terms, expected = CHANGES[change]
    trade.resubmit(order, replace(draft, **terms))
    states = trade.states(order)
    assert [state.replace("=pending", "=waiting") for state in states] == [
        state.replace("=pending", "=waiting") for state in expected
    ]
    assert sum(state.endswith("=pending") for state in states) == 1


def test_a_lower_price_is_the_supervisors_and_the_general_managers(trade: Trade, order: int, draft: OrderDraft) -> None:
    trade.resubmit(order, _with_line(trade, draft, "30000", "19.99"))
    assert trade.states(order) == SUPERVISOR_AND_GM


def test_a_discount_is_a_lower_price(trade: Trade, order: int, draft: OrderDraft) -> None:
    trade.resubmit(order, _with_line(trade, draft, "30000", "20", discount=Decimal("0.1")))
    assert trade.states(order) == SUPERVISOR_AND_GM


def test_more_of_it_is_finances_and_the_general_managers(trade: Trade, order: int, draft: OrderDraft) -> None:
    trade.resubmit(order, _with_line(trade, draft, "30001", "20"))
    assert trade.states(order) == FINANCE_AND_GM


def test_less_under_the_threshold_is_still_shown_to_who_sent_it_back(
    trade: Trade, order: int, draft: OrderDraft
) -> None:
    trade.resubmit(order, _with_line(trade, draft, "100", "20"))
    assert trade.states(order) == GM_AGAIN


def test_another_product_runs_all(trade: Trade, order: int, draft: OrderDraft) -> None:
    trade.resubmit(order, _with_line(trade, draft, "30000", "20", product=trade.chang))
    assert trade.states(order) == ALL


def test_another_customer_runs_all_and_moves_the_reservation(trade: Trade, order: int, draft: OrderDraft) -> None:
    other = trade.add_customer("Another")
    trade.resubmit(order, replace(draft, customer_id=other))
    assert trade.states(order) == ALL
    assert trade.facts(order, trade.boss).credit.before == 0  # type: ignore[union-attr]


def test_another_currency_runs_all(trade: Trade, order: int, draft: OrderDraft) -> None:
    trade.rate("HKD", "1")
    trade.resubmit(order, replace(draft, currency="HKD"))
    assert trade.states(order) == ALL


def test_worse_credit_is_finances(trade: Trade, order: int) -> None:
    trade.set_limit("599999")
    trade.resubmit(order)
    assert trade.states(order) == FINANCE_AND_GM


def test_a_cost_that_rose_is_seen_by_whom_the_margin_concerns(trade: Trade, order: int) -> None:
    trade.add_product("CHAI", "Chai", cost="10.01")
    trade.resubmit(order)
    assert trade.states(order) == SUPERVISOR_AND_GM


def test_an_approval_that_stands_is_measured_by_what_was_seen_when_it_was_given(
    trade: Trade, order: int, draft: OrderDraft
) -> None:
    """Dearer in round 2, as at first in round 3: still nothing worse than what the supervisor saw."""
    trade.resubmit(order, _with_line(trade, draft, "30000", "25"))
    assert trade.states(order) == FINANCE_AND_GM
    trade.press(order, trade.finance, "send_back", reason="no")
    trade.resubmit(order, draft)
    assert trade.states(order) == FINANCE_AND_GM
    trade.recall(order)
    trade.resubmit(order, _with_line(trade, draft, "30000", "19"))
    assert trade.states(order) == ALL
    assert trade.order(order).round == 4


def test_after_a_recall_what_was_approved_stands_too(trade: Trade, draft: OrderDraft) -> None:
    order = trade.submit(draft)
    trade.press(order, trade.boss)
    trade.recall(order)
    trade.resubmit(order)
    assert trade.states(order) == ["supervisor=skipped", "finance=pending", "gm=waiting"]


def test_nothing_is_approved_without_a_press(trade: Trade, draft: OrderDraft) -> None:
    """Recalled while only the general manager was left, and small enough now not to ask him."""
    order = trade.submit(draft)
    trade.press(order, trade.boss)
    trade.press(order, trade.finance)
    trade.recall(order)
    trade.resubmit(order, _with_line(trade, draft, "100", "20"))
    assert trade.states(order) == ["supervisor=skipped", "finance=pending"]


def test_the_card_shows_what_differs(trade: Trade, order: int, draft: OrderDraft) -> None:
    changed = replace(draft, lines=(trade.line("100", "19.5"),), payment_terms="90 days", incoterm="CIF")
    trade.resubmit(order, changed)
    facts = trade.facts(order, trade.boss)
    shown = {difference.key: (difference.before, difference.after) for difference in facts.differences}
    assert shown["payment_terms"] == ("30% deposit, 70% before shipment", "90 days")
    assert shown["incoterm"] == ("FOB", "CIF")
    assert shown["total"] == (Money(Decimal("600000.00"), "CNY"), Money(Decimal("1950.00"), "CNY"))
    assert shown["margin"][0].facts == {"percent": Decimal("50.0")}
    after = shown["product"][1]
    assert after.facts == {"quantity": Decimal(100), "price": Money(Decimal("19.5"), "CNY")}
    assert "place" not in shown
    assert "margin" not in {one.key for one in trade.facts(order, trade.rep).differences}


def test_what_was_submitted_replaces_what_was_there(trade: Trade, order: int, draft: OrderDraft) -> None:
    lines = (trade.line("10", "20"), trade.line("20", "20", product=trade.chang))
    trade.resubmit(order, replace(draft, lines=lines, customer_po="PO-7"))
    facts = trade.facts(order, trade.boss)
    assert [(line.name, line.quantity) for line in facts.lines] == [("Chai", 10), ("Chang", 20)]
    assert (trade.order(order).total, trade.order(order).customer_po) == (600, "PO-7")
    assert trade.reserved() == {order: Decimal(600)}


def test_only_its_submitter_submits_it_again_and_only_when_it_lies_with_them(trade: Trade, order: int) -> None:
    with pytest.raises(Forbidden):
        trade.resubmit(order, trade.draft(), trade.boss)
    trade.resubmit(order)
    with pytest.raises(Conflict):
        trade.resubmit(order)
