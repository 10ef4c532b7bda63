"""The decision card's facts: everything a decision needs, and nothing a viewer may not see."""

from datetime import timedelta
from decimal import Decimal

import pytest

from crm.core.errors import NotFound
from crm.core.history import SYSTEM
from crm.core.money import Money
from crm.ledger.receivables import add_receivable
from crm.orders.facts import facts_for_everybody
from crm.orders.orders import find_orders, get_order, list_orders, status_counts
from crm.people.people import Member, Role
from tests.crm.orders.trading import TODAY, MakePerson, Trade


def _approve(trade: Trade, order: int) -> None:
    trade.press(order, trade.boss)
    trade.press(order, trade.finance)


def test_the_card_holds_what_a_decision_needs(trade: Trade) -> None:
    trade.rate("USD", "8")
    trade.set_limit("30000")
    _approve(trade, trade.submit(trade.draft(trade.line("10", "20"))))
    _approve(trade, trade.submit(trade.draft(trade.line("10", "2", discount=Decimal(50)), currency="USD")))
    trade.recall(trade.submit(trade.draft(trade.line("10", "1"))))  # nobody paid that
    third = trade.submit(trade.draft(trade.line("10", "20", product=trade.chang)))
    owed = Money(Decimal("150.5"), "CNY")
    with trade.database.write() as work:
        add_receivable(
            work,
            actor=SYSTEM,
            customer_id=trade.customer,
            amount=owed,
            rate=Decimal(1),
            base="CNY",
            due_on=TODAY - timedelta(days=12),
        )
    lines = (trade.line("1000", "2"), trade.line("100", "2.5", product=trade.chang, discount=Decimal(10)))
    order = trade.submit(trade.draft(*lines, currency="USD"))
    trade.press(order, trade.boss)
    facts = trade.facts(order, trade.finance)

    assert (facts.order.customer_name, facts.order.customer_grade) == ("Ernst Handel", "C")
    assert facts.total == Money(Decimal("2225.00"), "USD")
    assert facts.base_total == Money(Decimal("17800.00"), "CNY")
    assert facts.margin == Decimal("38.2022")
    chai, chang = facts.lines
    assert (chai.price, chai.under_list, chai.margin) == (2, Decimal("20.0"), Decimal("37.5"))
    assert (chai.last_price, chai.under_last) == (1, Decimal("-100.0"))  # half of USD 2, the last time
    assert (chang.price, chang.under_list) == (Decimal("2.25"), Decimal("10.0"))
    assert (chang.last_price, chang.under_last) == (Decimal("2.5"), Decimal("10.0"))  # CNY 20 = USD 2.50
    assert facts.under_list == Decimal("19.1")
    assert facts.under_last == Decimal("-78.0")
    assert facts.credit is not None
    assert (facts.credit.before, facts.credit.after) == (Decimal("630.50"), Decimal("18430.50"))
    assert (facts.credit.state.overdue_base, facts.credit.state.overdue_days) == (Decimal("150.50"), 12)
    assert [one.number for one in facts.last_orders] == ["SO-2026-0004", "SO-2026-0003", "SO-2026-0002"]
    assert facts.last_orders[0].id == third
    assert [step.status for step in facts.path] == ["approved", "pending"]
    assert (facts.path[0].decider_name, facts.open_step, facts.waits_for) == ("Zhao", facts.path[1], (trade.finance,))
    assert facts.choices == ("approve", "condition", "reject", "send_back")


def test_over_the_limit_finance_has_other_choices(trade: Trade) -> None:
    trade.set_limit("1")
    order = trade.submit()
    assert trade.facts(order, trade.boss).choices == ("approve", "condition", "reject", "send_back")
    trade.press(order, trade.boss)
    assert trade.facts(order, trade.finance).choices == ("override", "deposit", "reject", "send_back")
    assert trade.facts(order, trade.boss).choices == ()


def test_what_the_submitter_may_press(trade: Trade) -> None:
    order = trade.submit()
    assert trade.facts(order, trade.rep).choices == ("recall",)
    trade.recall(order)
    assert trade.facts(order, trade.rep).choices == ("resubmit",)
    trade.resubmit(order)
    _approve(trade, order)
    assert trade.facts(order, trade.rep).choices == ()


def test_a_rep_sees_neither_cost_nor_margin(trade: Trade) -> None:
    order = trade.submit(trade.draft(trade.line("100", "10.5")))
    for_rep, for_boss = trade.facts(order, trade.rep), trade.facts(order, trade.boss)
    assert (for_rep.margin, for_rep.shows_margin, for_rep.lines[0].margin) == (None, False, None)
    assert {finding.kind for finding in for_rep.findings} == {"under_list"}
    assert {finding.kind for finding in for_boss.findings} == {"under_list", "margin_under_floor"}
    with trade.database.read() as work:
        mine = get_order(work, viewer=trade.rep, order_id=order)
        theirs = get_order(work, viewer=trade.boss, order_id=order)
    assert (mine.order["margin"], mine.order["cost_base"], mine.lines[0]["cost"]) == (None, None, None)
    assert (theirs.order["margin"], theirs.lines[0]["cost"]) == (Decimal("4.7619"), 10)
    assert mine.order["total"] == 1050


def test_everybody_in_a_shared_chat_sees_no_margin_cost_or_credit(trade: Trade) -> None:
    trade.set_limit("1")
    product = trade.add_product("TEA", "Tea", cost="19", floor_price=Decimal(20))
    order = trade.submit(trade.draft(trade.line("100", "10", product=product)))
    with trade.database.read() as work:
        facts = facts_for_everybody(work, order_id=order)
    assert (facts.margin, facts.credit, facts.shows_margin) == (None, None, False)
    assert facts.choices == ("approve", "reject", "send_back")
    assert facts.lines[0].margin is None
    assert {finding.kind for finding in facts.findings} == {"under_list"}


def test_everybody_in_a_shared_chat_is_not_told_why(trade: Trade) -> None:
    trade.set_limit("1")
    order = trade.submit()
    trade.press(order, trade.boss)
    trade.press(order, trade.finance, "deposit", deposit_percent=Decimal(50))
    with trade.database.read() as work:
        facts = facts_for_everybody(work, order_id=order)
    asked = facts.path[1]
    assert (asked.status, asked.decided_by, asked.decider_name, facts.open_step) == ("pending", None, None, None)
    assert (facts.choices, facts.waits_for) == ((), ())
    trade.answer(order, accept=False)
    trade.press(order, trade.finance, "override", reason="loyal")
    with trade.database.read() as work:
        facts = facts_for_everybody(work, order_id=order)
    assert [(step.status, step.decider_name) for step in facts.path] == [("approved", "Zhao"), ("approved", "Sun")]
    told = {(step.decision, step.reason, step.deposit_percent, step.credit) for step in facts.path}
    assert told == {(None, None, None, None)}


def test_fulfilment_sees_approved_orders_without_prices(trade: Trade, make_person: MakePerson) -> None:
    maker = make_person("Liu", Role.PRODUCTION)
    order = trade.submit()
    with trade.database.read() as work, pytest.raises(NotFound):
        get_order(work, viewer=maker, order_id=order)
    _approve(trade, order)
    with trade.database.read() as work:
        view = get_order(work, viewer=maker, order_id=order)
        rows, total = list_orders(work, viewer=maker)
    assert (view.order["total"], view.order["margin"], view.lines[0]["unit_price"]) == (None, None, None)
    assert (view.lines[0]["quantity"], view.findings) == (100, ())
    assert ([(row.id, row.total) for row in rows], total) == ([(order, None)], 1)


def test_who_sees_an_order(trade: Trade, make_person: MakePerson) -> None:
    order = trade.submit()
    see = [trade.rep, trade.boss, trade.finance, trade.gm, trade.admin]
    not_see = [
        make_person("Wang", team="North"),
        make_person("Wu", Role.SUPERVISOR, team="South"),
        make_person("Zheng", Role.LOGISTICS),
    ]
    for person in see + not_see:
        assert _sees(trade, person, order) is (person in see)
    with trade.database.read() as work, pytest.raises(NotFound):
        get_order(work, viewer=trade.admin, order_id=4711)


def _sees(trade: Trade, person: Member, order: int) -> bool:
    """By all ways alike: the order, the lists, the card."""
    with trade.database.read() as work:
        try:
            get_order(work, viewer=person, order_id=order)
            found = True
        except NotFound:
            found = False
        rows, total = list_orders(work, viewer=person)
        assert ([row.id for row in rows] == [order], total == 1) == (found, found)
        assert bool(find_orders(work, viewer=person, query="ernst")[0]) is found
        assert bool(status_counts(work, viewer=person)) is found
    try:
        trade.facts(order, person)
    except NotFound:
        assert not found
    else:
        assert found
    return found


def test_orders_are_found_by_number_customer_and_customers_number(trade: Trade) -> None:
    first = trade.submit(trade.draft(customer_po="EH-77"))
    chinese = trade.add_customer("万通贸易")
    second = trade.submit(trade.draft(customer_id=chinese))
    trade.recall(second)

    def found(query: str) -> list[int]:
        with trade.database.read() as work:
            rows, total = find_orders(work, viewer=trade.rep, query=query)
            assert total == len(rows)
            return [row.id for row in rows]

    assert found("so-2026-0001") == found("2026-1") == found("0001") == found("ernst") == found("eh-77") == [first]
    assert found("wtmy") == found("万通") == [second]
    assert found("") == [second, first]
    assert found("%") == found("_") == found("nobody") == []
    with trade.database.read() as work:
        assert [row.id for row in list_orders(work, viewer=trade.rep, status="pending")[0]] == [first]
        assert status_counts(work, viewer=trade.rep) == {"pending": 1, "recalled": 1}
        rows, total = list_orders(work, viewer=trade.rep, offset=1, most=1)
        assert ([row.id for row in rows], total) == ([first], 2)
