"""The path of an order: who decides, in which sequence, and what each decision does."""

from decimal import Decimal

import pytest

from crm.core.errors import Conflict, Forbidden, Invalid, NotFound
from crm.orders.approvals import OrderApproved
from crm.orders.policy import PolicyStep, set_policy
from crm.orders.waiting import waiting_for
from crm.people.people import Member, Role
from tests.crm.orders.trading import MakePerson, Trade


def test_an_ordinary_order_goes_from_the_supervisor_to_finance_and_is_approved(trade: Trade) -> None:
    approved: list[OrderApproved] = []
    trade.database.events.subscribe(OrderApproved, lambda work, event: approved.append(event))
    order = trade.submit()
    assert trade.order(order).number == "SO-2026-0001"
    assert trade.states(order) == ["supervisor=pending", "finance=waiting"]
    decided = trade.press(order, trade.boss)
    assert [step.role for step in decided.steps] == [Role.SUPERVISOR]
    assert decided.open_for == (trade.finance,)
    assert trade.states(order) == ["supervisor=approved", "finance=pending"]
    assert approved == []
    decided = trade.press(order, trade.finance)
    assert (decided.status, decided.open_step) == ("approved", None)
    assert trade.status(order) == "approved"
    assert approved == [OrderApproved(order)]


def test_each_approver_gets_the_card_when_it_is_their_turn_and_the_rep_hears_each_decision(trade: Trade) -> None:
    order = trade.submit(trade.of("600000"))
    card = ("approval", order)
    assert (trade.cards(trade.boss), trade.cards(trade.finance), trade.cards(trade.gm)) == ([card], [], [])
    trade.press(order, trade.boss)
    assert (trade.cards(trade.finance), trade.cards(trade.gm)) == ([card], [])
    trade.press(order, trade.finance)
    assert trade.cards(trade.gm) == [card]
    trade.press(order, trade.gm)
    assert trade.told(trade.rep) == [
        "Zhao (Sales supervisor) approved order SO-2026-0001 for Ernst Handel. Next: Finance.",
        "Sun (Finance) approved order SO-2026-0001 for Ernst Handel. Next: General manager.",
        "Order SO-2026-0001 for Ernst Handel is approved. The last to approve was Chen (General manager).",
    ]


@pytest.mark.parametrize(
    ("total", "asked"),
    [("499999.99", False), ("500000.00", False), ("500000.01", True), ("620000", True)],
)
def test_the_general_manager_decides_strictly_above_the_threshold(trade: Trade, total: str, asked: bool) -> None:
    order = trade.submit(trade.of(total))
    assert ("gm=waiting" in trade.states(order)) is asked


@pytest.mark.parametrize(
    ("rate", "total", "base", "asked"),
    [
        ("7.25", "68965.52", "500000.02", True),
        ("7.25", "68965.51", "499999.95", False),
        ("8", "62500.00", "500000.00", False),
        ("8", "62500.01", "500000.08", True),
        ("7.14285714", "70000.00", "500000.00", False),  # 499,999.9998
        ("7.14285722", "70000.00", "500000.01", True),  # 500,000.0054
    ],
)
def test_the_threshold_is_in_the_base_currency_at_the_locked_rate(
    trade: Trade, rate: str, total: str, base: str, asked: bool
) -> None:
    trade.rate("USD", rate)
    product = trade.add_product("EXPORT", "One piece", price=total, cost="1", currency="USD")
    order = trade.submit(trade.draft(trade.line("1", total, product=product), currency="USD"))
    row = trade.order(order)
    assert (row.currency, row.rate, row.base_total) == ("USD", Decimal(rate), Decimal(base))
    assert ("gm=waiting" in trade.states(order)) is asked


def test_the_rate_stays_locked_whatever_the_rates_do(trade: Trade) -> None:
    trade.rate("USD", "8")
    order = trade.submit(trade.draft(trade.line("1", "62500"), currency="USD"))
    trade.press(order, trade.boss, "send_back", reason="marks?")
    trade.rate("USD", "9")
    trade.resubmit(order)
    assert (trade.order(order).rate, trade.order(order).base_total) == (Decimal(8), Decimal(500_000))
    assert "gm=waiting" not in trade.states(order)


def test_the_thresholds_are_rules(trade: Trade) -> None:
    trade.rule("orders.general_manager_over", "1000")
    assert "gm=waiting" in trade.states(trade.submit(trade.of("1000.01")))
    assert "gm=waiting" not in trade.states(trade.submit(trade.of("1000")))


@pytest.mark.parametrize(("price", "asked"), [("11.11", True), ("11.12", False), ("9", True)])
def test_a_margin_under_the_floor_calls_the_general_manager(trade: Trade, price: str, asked: bool) -> None:
    order = trade.submit(trade.draft(trade.line("100", price)))  # it costs 10 a piece
    assert ("gm=waiting" in trade.states(order)) is asked


def test_a_margin_at_the_floor_or_unknown_does_not(trade: Trade) -> None:
    exact = trade.add_product("NINE", "Nine", price="10", cost="9")
    assert "gm=waiting" not in trade.states(trade.submit(trade.draft(trade.line("7", "10", product=exact))))
    unknown = trade.add_product("SECRET", "Unknown", price="10")
    order = trade.submit(trade.draft(trade.line("7", "0.01", product=unknown)))
    assert trade.order(order).margin is None
    assert "gm=waiting" not in trade.states(order)


def test_goods_given_away_are_under_the_floor(trade: Trade) -> None:
    order = trade.submit(trade.draft(trade.line("7", "0")))
    assert "gm=waiting" in trade.states(order)


def test_a_rejection_ends_it_and_frees_the_credit(trade: Trade) -> None:
    order = trade.submit()
    trade.press(order, trade.boss)
    decided = trade.press(order, trade.finance, "reject", reason="they never paid")
    assert decided.status == trade.status(order) == "rejected"
    assert trade.states(order) == ["supervisor=approved", "finance=rejected"]
    assert trade.reserved() == {}
    assert trade.told(trade.rep)[-1] == (
        "Order SO-2026-0001 for Ernst Handel was rejected by Sun (Finance): they never paid"
    )
    with pytest.raises(Conflict):
        trade.resubmit(order)


def test_sending_back_cancels_what_was_to_come(trade: Trade) -> None:
    order = trade.submit()
    trade.press(order, trade.boss, "send_back", reason="the price is too low")
    assert trade.status(order) == "sent_back"
    assert trade.states(order) == ["supervisor=sent_back", "finance=cancelled"]
    assert trade.reserved() == {}


@pytest.mark.parametrize("decision", ["reject", "send_back"])
@pytest.mark.parametrize("reason", [None, "", "  \n "])
def test_saying_no_needs_a_reason(trade: Trade, decision: str, reason: str | None) -> None:
    order = trade.submit()
    with pytest.raises(Invalid):
        trade.press(order, trade.boss, decision, reason=reason)  # type: ignore[arg-type]
    assert trade.states(order) == ["supervisor=pending", "finance=waiting"]


@pytest.mark.parametrize("decision", ["override", "deposit"])
def test_credit_is_for_finance_alone(trade: Trade, decision: str) -> None:
    order = trade.submit()
    with pytest.raises(Invalid, match="Only finance"):
        trade.press(order, trade.boss, decision, reason="why not", deposit_percent=Decimal(50))  # type: ignore[arg-type]


def test_a_step_is_decided_once_and_the_second_is_told_who_and_when(trade: Trade, make_person: MakePerson) -> None:
    other = make_person("Qian", Role.SUPERVISOR, team="North")
    order = trade.submit()
    step = trade.step(order)
    assert len(trade.cards(other)) == 1
    trade.press_step(step.id, trade.boss)
    for decision in ("approve", "reject", "send_back"):
        with pytest.raises(Conflict) as told:
            trade.press_step(step.id, other, decision, reason="no")  # type: ignore[arg-type]
        assert told.value.text.facts["name"] == "Zhao"
        assert told.value.text.facts["at"] == trade.step(order, Role.SUPERVISOR).decided_at
    assert trade.states(order) == ["supervisor=approved", "finance=pending"]


def test_a_step_is_not_decided_before_its_turn(trade: Trade) -> None:
    order = trade.submit()
    with pytest.raises(Conflict, match="turn"):
        trade.press(order, trade.finance, role=Role.FINANCE)


def test_a_button_of_an_earlier_round_decides_nothing(trade: Trade) -> None:
    order = trade.submit()
    supervisor, finance = (step.id for step in trade.path(order))
    trade.press(order, trade.boss, "send_back", reason="marks?")
    trade.resubmit(order)
    with pytest.raises(Conflict):
        trade.press_step(supervisor, trade.boss)
    with pytest.raises(Conflict):
        trade.press_step(finance, trade.finance)
    assert trade.states(order) == ["supervisor=pending", "finance=waiting"]


def test_a_forged_step_is_not_there(trade: Trade) -> None:
    with pytest.raises(NotFound):
        trade.press_step(4711, trade.boss)


def _strangers(trade: Trade, make_person: MakePerson) -> list[Member]:
    return [
        trade.rep,
        trade.finance,
        trade.gm,
        trade.admin,
        make_person("Wu", Role.SUPERVISOR, team="South"),
        make_person("Wang", team="North"),
        make_person("Liu", Role.PRODUCTION, Role.LOGISTICS),
    ]


def test_nobody_else_decides(trade: Trade, make_person: MakePerson) -> None:
    order = trade.submit()
    for stranger in _strangers(trade, make_person):
        with pytest.raises(Forbidden):
            trade.press(order, stranger)
        with trade.database.read() as work:
            assert waiting_for(work, person=stranger) == []
    assert trade.states(order) == ["supervisor=pending", "finance=waiting"]


def test_who_was_disabled_in_between_decides_nothing_any_more(trade: Trade) -> None:
    order = trade.submit()
    trade.disable(trade.boss)
    assert trade.boss.is_active  # what the press came with is from before
    with pytest.raises(Forbidden, match="taken away"):
        trade.press(order, trade.boss)


def test_who_lost_the_role_in_between_decides_nothing_any_more(trade: Trade) -> None:
    from sqlalchemy import delete

    from crm.people.people import PersonRole

    order = trade.submit()
    trade.press(order, trade.boss)
    with trade.database.write() as work:
        work.connection.execute(delete(PersonRole).where(PersonRole.person_id == trade.finance.id))
    with pytest.raises(Forbidden):
        trade.press(order, trade.finance)


def test_recalled_by_its_submitter_alone_while_undecided(trade: Trade) -> None:
    order = trade.submit()
    trade.press(order, trade.boss)
    for other in (trade.boss, trade.gm, trade.admin):
        with pytest.raises(Forbidden):
            trade.recall(order, other)
    trade.recall(order)
    assert trade.status(order) == "recalled"
    assert trade.states(order) == ["supervisor=approved", "finance=cancelled"]
    assert trade.reserved() == {}
    with pytest.raises(Conflict):
        trade.recall(order)
    with pytest.raises(Conflict):
        trade.press(order, trade.finance, role=Role.FINANCE)


def test_an_approved_order_is_not_recalled(trade: Trade) -> None:
    order = trade.submit()
    trade.press(order, trade.boss)
    trade.press(order, trade.finance)
    with pytest.raises(Conflict):
        trade.recall(order)
    assert list(trade.reserved()) == [order]


def test_the_policy_is_a_table(trade: Trade) -> None:
    steps = [PolicyStep(Role.FINANCE), PolicyStep(Role.GM, {"total_over": "1000"})]
    with trade.database.write() as work:
        set_policy(work, actor=trade.admin, platform="test", steps=steps)
    assert trade.states(trade.submit(trade.of("1000"))) == ["finance=pending"]
    assert trade.states(trade.submit(trade.of("1000.01"))) == ["finance=pending", "gm=waiting"]


def test_a_policy_that_calls_nobody_calls_its_first(trade: Trade) -> None:
    with trade.database.write() as work:
        set_policy(work, actor=trade.admin, platform="test", steps=[PolicyStep(Role.GM, {"total_over": "1000"})])
    assert trade.states(trade.submit(trade.of("10"))) == ["gm=pending"]


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [PolicyStep(Role.FINANCE), PolicyStep(Role.FINANCE)],
        [PolicyStep(Role.REP)],
        [PolicyStep(Role.GM, {"total_over": "lots"})],
        [PolicyStep(Role.GM, {"weather": "1"})],
    ],
)
def test_a_policy_that_cannot_be_is_refused(trade: Trade, steps: list[PolicyStep]) -> None:
    with trade.database.write() as work, pytest.raises(Invalid):
        set_policy(work, actor=trade.admin, platform="test", steps=steps)
    with trade.database.write() as work, pytest.raises(Forbidden):
        set_policy(work, actor=trade.gm, platform="test", steps=[PolicyStep(Role.GM)])
