"""Who decides when somebody holds more than one place on the path: own orders, two steps in one hand, empty roles."""

from functools import partial

import pytest

from crm.core.errors import Forbidden
from crm.orders.approvers import approvers_for, read_circle
from crm.orders.waiting import approvers_of, waiting_for
from crm.people.people import Member, Role
from tests.crm.orders.trading import MakePerson, Trade


def _names(trade: Trade, role: Role, submitter: Member) -> list[str]:
    with trade.database.read() as work:
        circle = read_circle(work, submitter.id)
        return [person.name for person in approvers_for(role, submitter_id=submitter.id, circle=circle)]


def test_the_supervisors_of_the_team_and_the_superior_decide_for_a_rep(trade: Trade, make_person: MakePerson) -> None:
    make_person("Qian", Role.SUPERVISOR, team="North")
    make_person("Wu", Role.SUPERVISOR, team="South")
    assert _names(trade, Role.SUPERVISOR, trade.rep) == ["Zhao", "Qian"]
    assert _names(trade, Role.FINANCE, trade.rep) == ["Sun"]
    assert _names(trade, Role.GM, trade.rep) == ["Chen"]


def test_a_supervisors_own_order_goes_to_the_general_manager(trade: Trade) -> None:
    customer = trade.add_customer("Own", trade.boss)
    order = trade.submit(trade.draft(customer_id=customer), trade.boss)
    assert trade.cards(trade.boss) == []
    with pytest.raises(Forbidden, match="own"):
        trade.press(order, trade.boss)
    with trade.database.read() as work:
        assert [one.name for one in approvers_of(work, step=trade.step(order))] == ["Chen"]
        assert waiting_for(work, person=trade.boss) == []
        assert [one.step_id for one in waiting_for(work, person=trade.gm)] == [trade.step(order).id]
    trade.press(order, trade.gm)
    assert trade.states(order) == ["supervisor=approved", "finance=pending"]


def test_nobody_decides_on_an_own_order_by_any_role(trade: Trade, make_person: MakePerson) -> None:
    everything = make_person("Jin", *Role, team="Everything")
    customer = trade.add_customer("Own", everything)
    order = trade.submit(trade.draft(trade.of("600000").lines[0], customer_id=customer), everything)
    for step in trade.path(order):
        with pytest.raises(Forbidden, match="own"):
            trade.press_step(step.id, everything)
    assert trade.cards(everything) == []
    with trade.database.read() as work:
        assert waiting_for(work, person=everything) == []
        assert {approver.name for approver in approvers_of(work, step=trade.step(order))} == {"Chen"}


def test_finances_own_order_goes_to_the_superior_then_to_another_holder(trade: Trade, make_person: MakePerson) -> None:
    seller = make_person("Jin", Role.FINANCE, Role.REP, team="North")
    assert _names(trade, Role.FINANCE, seller) == ["Zhao"]
    trade.disable(trade.boss)
    assert _names(trade, Role.FINANCE, seller) == ["Sun"]
    trade.disable(trade.finance)
    assert _names(trade, Role.FINANCE, seller) == []


def test_a_disabled_superior_is_none(trade: Trade, make_person: MakePerson) -> None:
    trade.disable(trade.boss)
    assert _names(trade, Role.SUPERVISOR, trade.rep) == []
    make_person("Wu", Role.SUPERVISOR, team="South")
    assert _names(trade, Role.SUPERVISOR, trade.rep) == ["Wu"]  # any other holder, before the administrators


def test_a_step_that_nobody_can_decide_is_told_to_the_administrators(trade: Trade, make_person: MakePerson) -> None:
    trade.disable(trade.gm)
    order = trade.submit(trade.of("600000"))
    trade.press(order, trade.boss)
    assert trade.told(trade.admin) == []
    decided = trade.press(order, trade.finance)
    assert decided.open_for == ()
    assert trade.told(trade.admin) == [
        "Order SO-2026-0001 waits for General manager, but nobody may decide on it. Please give somebody that role."
    ]
    for anybody in (trade.admin, trade.boss, trade.finance):
        with pytest.raises(Forbidden):
            trade.press(order, anybody)
    assert trade.status(order) == "pending"
    trade.press(order, make_person("Wei", Role.GM))
    assert trade.status(order) == "approved"


def test_one_person_in_two_consecutive_steps_decides_both_with_one_press(trade: Trade, make_person: MakePerson) -> None:
    both = make_person("Jin", Role.SUPERVISOR, Role.FINANCE, team="North")
    order = trade.submit()
    decided = trade.press(order, both)
    assert [(step.role, step.decider_name) for step in decided.steps] == [
        (Role.SUPERVISOR, "Jin"),
        (Role.FINANCE, "Jin"),
    ]
    assert trade.status(order) == "approved"
    acts = [(entry.act, entry.changes["step"][1]) for entry in trade.history(order) if "step" in entry.changes]
    assert acts == [("approve", "supervisor"), ("approve", "finance")]
    assert len(trade.told(trade.rep)) == 2


def test_not_when_the_second_needs_an_override(trade: Trade, make_person: MakePerson) -> None:
    both = make_person("Jin", Role.SUPERVISOR, Role.FINANCE, team="North")
    trade.set_limit("1999.99")
    order = trade.submit()
    decided = trade.press(order, both)
    assert trade.states(order) == ["supervisor=approved", "finance=pending"]
    assert decided.open_for == (trade.finance, both)
    trade.press(order, both, "override", reason="they always pay")
    assert trade.status(order) == "approved"


def test_a_rejection_decides_one_step(trade: Trade, make_person: MakePerson) -> None:
    both = make_person("Jin", Role.SUPERVISOR, Role.FINANCE, team="North")
    order = trade.submit()
    trade.press(order, both, "reject", reason="no")
    assert trade.states(order) == ["supervisor=rejected", "finance=cancelled"]


def test_first_and_last_in_one_hand_are_two_presses(trade: Trade, make_person: MakePerson) -> None:
    ends = make_person("Jin", Role.SUPERVISOR, Role.GM, team="North")
    order = trade.submit(trade.of("600000"))
    trade.press(order, ends)
    assert trade.states(order) == ["supervisor=approved", "finance=pending", "gm=waiting"]
    trade.press(order, trade.finance)
    assert trade.status(order) == "pending"
    trade.press(order, ends)
    assert trade.status(order) == "approved"


def test_all_three_in_one_hand(trade: Trade, make_person: MakePerson) -> None:
    owner = make_person("Jin", Role.SUPERVISOR, Role.FINANCE, Role.GM, team="North")
    order = trade.submit(trade.of("600000"))
    assert len(trade.press(order, owner).steps) == 3
    assert trade.status(order) == "approved"


def test_what_waits_for_somebody_is_listed_the_longest_waiting_first(trade: Trade, clock: object) -> None:
    first = trade.submit()
    clock.move(hours=1)  # type: ignore[attr-defined]
    second = trade.submit()
    assert _waiting(trade, trade.boss) == [first, second]
    trade.press(first, trade.boss)
    assert (_waiting(trade, trade.boss), _waiting(trade, trade.finance)) == ([second], [first])
    trade.recall(second)
    assert _waiting(trade, trade.boss) == []


def _waiting(trade: Trade, person: Member) -> list[int]:
    with trade.database.read() as work:
        return [one.order_id for one in waiting_for(work, person=person)]


def test_the_superior_decides_without_the_role(trade: Trade, make_person: MakePerson) -> None:
    from sqlalchemy import update

    from crm.people.people import Person

    senior = make_person("Old hand", team="Elsewhere")
    with trade.database.write() as work:
        work.connection.execute(update(Person).where(Person.id == trade.rep.id).values(superior_id=senior.id))
    order = trade.submit()
    facts = trade.facts(order, senior)
    assert facts.choices == ("approve", "condition", "reject", "send_back")
    assert (facts.shows_margin, facts.margin) == (False, None)  # a rep never sees it
    partial(trade.press, order, senior)()
    assert trade.states(order)[0] == "supervisor=approved"
