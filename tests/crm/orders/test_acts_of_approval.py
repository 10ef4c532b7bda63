"""What asking, conditions, passing on and cancelling refuse, whatever a screen would have offered."""

from datetime import timedelta
from functools import partial

import pytest

from crm.core.database import Database
from crm.core.errors import Conflict, Forbidden, Invalid
from crm.insight.who_waits import who_waits
from crm.orders.asking import MOST_OPEN, answer_question, ask_submitter
from crm.orders.cancelling import cancel_order
from crm.orders.conditions import accept_condition
from crm.orders.orders import Order
from crm.orders.reassigning import reassign_step
from crm.people.people import Member, Role
from tests.conftest import Clock, MakePerson
from tests.crm.orders.trading import TODAY, Trade
from tests.crm.sales.selling import at_once


@pytest.fixture
def trade(database: Database, make_person: MakePerson) -> Trade:
    return Trade(database, make_person)


def _reassign(trade: Trade, order: int, to: Member, *, by: Member | None = None, reason: str = "ill") -> None:
    with trade.database.write() as work:
        reassign_step(work, actor=by or trade.admin, platform="test", order_id=order, to_id=to.id, reason=reason)


def _cancel(trade: Trade, order: int, by: Member, reason: str = "by_mistake") -> None:
    with trade.database.write() as work:
        cancel_order(work, actor=by, platform="test", order_id=order, reason=reason)


def _ask(trade: Trade, order: int, by: Member, question: str = "Why?") -> None:
    with trade.database.write() as work:
        ask_submitter(work, actor=by, platform="test", step_id=trade.step(order).id, question=question)


def _stands(trade: Trade, order: int, status: str) -> None:
    table = Order.table()
    with trade.database.write() as work:
        work.connection.execute(table.update().where(table.c.id == order).values(status=status))


def test_a_step_is_given_by_an_administrator_to_who_decides_and_never_to_its_submitter(trade: Trade) -> None:
    order = trade.submit(actor=trade.boss, draft=trade.draft())
    with pytest.raises(Invalid, match="submitted"):
        _reassign(trade, order, trade.boss)
    with pytest.raises(Forbidden):
        _reassign(trade, order, trade.finance, by=trade.gm)
    with pytest.raises(Forbidden, match="may not decide"):
        _reassign(trade, order, trade.rep)
    with pytest.raises(Invalid, match="why"):
        _reassign(trade, order, trade.finance, reason=" ")
    _reassign(trade, order, trade.finance)
    with pytest.raises(Conflict, match="already"):
        _reassign(trade, order, trade.finance)
    assert trade.facts(order, trade.finance).choices


def test_a_condition_is_no_way_past_the_credit_limit_nor_into_the_past(trade: Trade) -> None:
    order = trade.submit()
    with pytest.raises(Invalid, match="past"):
        trade.press(order, trade.boss, "condition", reason="old packing", until=TODAY - timedelta(days=1))
    with pytest.raises(Invalid, match="condition"):
        trade.press(order, trade.boss, "condition", reason=" ")
    trade.press(order, trade.boss)
    trade.set_limit("1")
    with pytest.raises(Invalid, match="credit limit"):
        trade.press(order, trade.finance, "condition", reason="pays next time")
    assert trade.states(order) == ["supervisor=approved", "finance=pending"]


def test_a_condition_is_not_accepted_after_its_day(trade: Trade, clock: Clock) -> None:
    order = trade.submit()
    trade.press(order, trade.boss, "condition", reason="old packing", until=TODAY)
    clock.move(days=1)
    with trade.database.write() as work, pytest.raises(Conflict, match="until"):
        accept_condition(work, actor=trade.rep, platform="test", order_id=order)
    assert trade.states(order)[0] == "supervisor=condition"


def test_once_in_production_the_submitter_does_not_cancel_even_with_the_last_steps_role(
    trade: Trade, make_person: MakePerson
) -> None:
    both = make_person("Both", Role.SUPERVISOR, Role.FINANCE, team="North", at=trade.database)
    customer = trade.add_customer("Both's own", owner=both)
    order = trade.submit(trade.draft(customer_id=customer), actor=both)
    _stands(trade, order, "in_production")
    with pytest.raises(Forbidden):
        _cancel(trade, order, both)
    with pytest.raises(Forbidden):
        _cancel(trade, order, trade.admin)
    with pytest.raises(Invalid, match="why"):
        _cancel(trade, order, trade.finance, " ")
    _cancel(trade, order, trade.finance)
    assert trade.status(order) == "cancelled"


@pytest.mark.parametrize("status", ["pending", "partly_shipped", "shipped", "delivered", "closed", "cancelled"])
def test_what_is_undecided_or_has_left_is_not_cancelled(trade: Trade, status: str) -> None:
    order = trade.submit()
    _stands(trade, order, status)
    with pytest.raises(Conflict):
        _cancel(trade, order, trade.rep)


def test_questions_do_not_pile_up_and_are_asked_by_who_may_decide(trade: Trade) -> None:
    order = trade.submit()
    with pytest.raises(Forbidden):
        _ask(trade, order, trade.finance)
    for _ in range(MOST_OPEN):
        _ask(trade, order, trade.boss)
    with pytest.raises(Conflict, match="answered"):
        _ask(trade, order, trade.boss)
    with trade.database.write() as work, pytest.raises(Forbidden):
        answer_question(work, actor=trade.boss, platform="test", order_id=order, answer="Because.")
    with trade.database.write() as work:
        answer_question(work, actor=trade.rep, platform="test", order_id=order, answer="Because.")
    _ask(trade, order, trade.boss)
    with pytest.raises(Invalid):
        _ask(trade, order, trade.boss, " ")


def test_a_supervisor_sees_the_own_teams_waits_only(trade: Trade, make_person: MakePerson) -> None:
    trade.submit()
    other = make_person("Sub", Role.SUPERVISOR, team="South", at=trade.database)
    with trade.database.read() as work:
        assert [one.decider.name for one in who_waits(work, viewer=trade.boss)] == ["Zhao"]
        assert [one.decider.name for one in who_waits(work, viewer=trade.gm)] == ["Zhao"]
        assert list(who_waits(work, viewer=other)) == []


def test_of_an_acceptance_and_a_recall_at_once_one_counts(trade: Trade) -> None:
    order = trade.submit()
    trade.press(order, trade.boss, "condition", reason="old packing")
    told = at_once([partial(trade.answer, order, accept=True), partial(trade.recall, order)])
    states, status = trade.states(order), trade.status(order)
    if status == "recalled":
        assert states[1] == "finance=cancelled"
    else:
        assert (status, states) == ("pending", ["supervisor=approved", "finance=pending"])
        assert [type(one) for one in told if one is not None] == [Conflict]
