"""Who decides while somebody is away: rules of domain.md, "Orders", on both databases."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from crm.core.database import Database
from crm.core.errors import Conflict, Forbidden, Invalid, NotFound, TradewindError
from crm.orders.approvers import approvers_for, read_circle
from crm.orders.delegation import come_back, follow_the_clock, go_away
from crm.orders.escalations import StepEscalation
from crm.orders.facts import facts_for_everybody, facts_to_decide
from crm.orders.waiting import approvers_of, waiting_for
from crm.people.absence import Absence, absence_of, absences_now
from crm.people.people import Member, PersonRole, Role
from tests.conftest import Clock
from tests.crm.orders.trading import MakePerson, Trade

FRIDAY = datetime(2026, 3, 6, 16, tzinfo=UTC)
"""The last midnight of Friday in Shanghai; the clock begins on Monday morning."""
WEDNESDAY = datetime(2026, 3, 3, 16, tzinfo=UTC)
"""The first midnight of Wednesday."""


def _leave(trade: Trade, person: Member, delegate: Member | None = None, **more: Any) -> int:
    """Away through Friday; returns how many orders were handed over."""
    told = {"since": None, "until": FRIDAY, "delegate_id": None if delegate is None else delegate.id, **more}
    with trade.database.write() as work:
        return go_away(work, actor=person, platform="test", **told).handed_over


def _return(trade: Trade, person: Member) -> None:
    with trade.database.write() as work:
        come_back(work, actor=person, platform="test")


def _tick(trade: Trade) -> int:
    with trade.database.write() as work:
        return follow_the_clock(work)


def _waiting(trade: Trade, person: Member) -> list[tuple[int, str | None]]:
    with trade.database.read() as work:
        return [(one.order_id, one.for_name) for one in waiting_for(work, person=person)]


def _approvers(trade: Trade, order: int) -> list[str]:
    with trade.database.read() as work:
        return [person.name for person in approvers_of(work, step=trade.step(order))]


def _carded(trade: Trade, person: Member) -> list[int]:
    return [subject for card, subject in trade.cards(person) if card == "approval"]


def test_new_and_waiting_steps_go_to_the_delegate(trade: Trade) -> None:
    waiting = trade.submit()
    assert _leave(trade, trade.boss, trade.finance) == 1
    new = trade.submit()
    assert _carded(trade, trade.finance) == [waiting, new]
    assert _carded(trade, trade.boss) == [waiting]  # nothing new: they are left in peace
    assert _waiting(trade, trade.finance) == [(waiting, "Zhao"), (new, "Zhao")]
    facts = trade.facts(new, trade.finance)
    assert (facts.away_for, facts.choices) == (
        {trade.finance.id: "Zhao"},
        ("approve", "condition", "reject", "send_back"),
    )
    assert [person.name for person in facts.waits_for] == ["Sun"]
    assert facts.away_until[trade.finance.id].message == "through {date}"
    assert _approvers(trade, new) == ["Zhao", "Sun"]


def test_the_path_and_history_show_both(trade: Trade) -> None:
    order = trade.submit()
    _leave(trade, trade.boss, trade.gm)
    decided = trade.press(order, trade.gm)
    assert [(step.decider_name, step.for_name) for step in decided.steps] == [("Chen", "Zhao")]
    step = trade.step(order, Role.SUPERVISOR)
    assert (step.decided_by, step.for_id, step.for_name) == (trade.gm.id, trade.boss.id, "Zhao")
    entry = trade.history(order)[-1]
    assert (entry.person_id, entry.changes["for"]) == (trade.gm.id, [None, "Zhao"])
    assert "{name} ({role}) approved" in _messages(trade, trade.rep)[-1]
    assert "Chen for Zhao" in _words(trade, trade.rep)


def _messages(trade: Trade, person: Member) -> list[str]:
    return [payload["notice"]["$text"] for payload in trade._payloads(person) if "notice" in payload]


def _words(trade: Trade, person: Member) -> str:
    """The last notice with the decider drawn."""
    facts = [p["notice"]["facts"]["name"] for p in trade._payloads(person) if "notice" in p][-1]
    return str(facts["$text"].format(**facts["facts"]))


def test_who_is_away_may_still_decide(trade: Trade) -> None:
    order = trade.submit()
    _leave(trade, trade.boss, trade.gm)
    decided = trade.press(order, trade.boss)
    assert decided.steps[0].for_id is None
    with pytest.raises(Conflict, match="decided") as told:
        trade.press(order, trade.gm, role=Role.SUPERVISOR)
    assert told.value.text.facts["name"] == "Zhao"


def test_in_ones_own_right_it_is_nobody_elses_decision(trade: Trade, make_person: MakePerson) -> None:
    other = make_person("Qian", Role.SUPERVISOR, team="North")
    order = trade.submit()
    assert _leave(trade, trade.boss, other) == 0  # they have its card
    assert trade.press(order, other).steps[0].for_id is None
    trade.submit()
    assert len(_carded(trade, trade.boss)) == 1


def test_a_delegate_is_never_the_submitter(trade: Trade, make_person: MakePerson) -> None:
    seller = make_person("Jin", Role.FINANCE, Role.REP, team="North")
    customer = trade.add_customer("Own", seller)
    _leave(trade, trade.boss, seller)
    order = trade.submit(trade.draft(customer_id=customer), seller)
    assert _approvers(trade, order) == ["Zhao"]
    assert _carded(trade, trade.boss) == [order]  # the step stays: they have to know
    with pytest.raises(Forbidden, match="own"):
        trade.press(order, seller)
    others = trade.submit()
    assert _approvers(trade, others) == ["Zhao", "Jin"]


def test_nobody_decides_on_an_own_order_through_others(trade: Trade, make_person: MakePerson) -> None:
    """Zhao's delegate is the submitter, who is away as well and has named Chen: so chosen by who submitted it."""
    seller = make_person("Jin", Role.FINANCE, Role.REP, team="North")
    _leave(trade, trade.boss, seller)
    _leave(trade, seller, trade.gm)
    customer = trade.add_customer("Own", seller)
    order = trade.submit(trade.draft(customer_id=customer), seller)
    assert _approvers(trade, order) == ["Zhao"]
    assert _approvers(trade, trade.submit()) == ["Zhao", "Chen"]


def test_a_delegate_who_is_away_too_is_followed_on(trade: Trade) -> None:
    order = trade.submit()
    _leave(trade, trade.finance, trade.gm)
    assert _leave(trade, trade.boss, trade.finance) == 1
    assert (_carded(trade, trade.finance), _carded(trade, trade.gm)) == ([], [order])
    assert [("you decide for them" in text) for text in _messages(trade, trade.gm)] == [True, True]
    assert trade.press(order, trade.gm).steps[0].for_name == "Zhao"


def test_a_delegate_who_leaves_later_passes_on_what_they_had(trade: Trade) -> None:
    order = trade.submit()
    _leave(trade, trade.boss, trade.finance)
    assert _leave(trade, trade.finance, trade.gm) == 1
    assert _waiting(trade, trade.gm) == [(order, "Zhao")]
    with pytest.raises(Forbidden):
        trade.press(order, trade.finance)
    _return(trade, trade.finance)
    assert _waiting(trade, trade.finance) == [(order, "Zhao")]
    with pytest.raises(Forbidden):
        trade.press(order, trade.gm)


def test_a_circle_ends_where_it_began(trade: Trade) -> None:
    _leave(trade, trade.finance, trade.gm)
    with pytest.raises(Invalid, match="is away"):
        _leave(trade, trade.gm, trade.finance)
    with trade.database.write() as work:  # by the clock it may come to that all the same
        absent = {"person_id": trade.gm.id, "delegate_id": trade.finance.id, "since": work.now, "until": FRIDAY}
        work.connection.execute(insert(Absence), absent | {"created_at": work.now})
    trade.rule("orders.general_manager_over", "1")
    order = trade.submit()
    trade.press(order, trade.boss)
    assert _approvers(trade, order) == ["Sun"]
    trade.press(order, trade.finance)
    assert _approvers(trade, order) == ["Chen"]


def test_a_delegate_away_with_nobody_is_refused(trade: Trade) -> None:
    _leave(trade, trade.finance)
    with pytest.raises(Invalid, match=r"is away .* too"):
        _leave(trade, trade.boss, trade.finance)


@pytest.mark.parametrize("lost", ["access", "role"])
def test_a_delegate_who_is_no_approver_any_more_is_none(trade: Trade, lost: str) -> None:
    order = trade.submit()
    _leave(trade, trade.boss, trade.gm)
    if lost == "access":
        trade.disable(trade.gm)
    else:
        with trade.database.write() as work:
            work.connection.execute(
                update(PersonRole).where(PersonRole.person_id == trade.gm.id).values(role=Role.LOGISTICS)
            )
    assert _approvers(trade, order) == ["Zhao"]
    with trade.database.read() as work:
        circle = read_circle(work, trade.rep.id)
        who = circle.people[trade.gm.id]
    with pytest.raises(Forbidden):
        trade.press(order, who)
    assert _carded(trade, trade.boss) == [order]
    assert trade.submit() in _carded(trade, trade.boss)


@pytest.mark.parametrize("role", [Role.REP, Role.PRODUCTION, Role.LOGISTICS, Role.ADMIN])
def test_who_may_not_decide_may_not_stand_in(trade: Trade, make_person: MakePerson, role: Role) -> None:
    with pytest.raises(Forbidden, match="may not decide"):
        _leave(trade, trade.boss, make_person("Wu", role))
    with pytest.raises(Invalid, match="Somebody else"):
        _leave(trade, trade.boss, trade.boss)
    trade.disable(trade.gm)
    with pytest.raises(Forbidden, match="disabled"):
        _leave(trade, trade.boss, trade.gm)
    with trade.database.read() as work:
        assert absences_now(work) == {}


def test_without_a_delegate_the_steps_stay(trade: Trade) -> None:
    order = trade.submit()
    assert _leave(trade, trade.boss) == 0
    assert _approvers(trade, order) == ["Zhao"]
    another = trade.submit()
    assert _carded(trade, trade.boss) == [order, another]


def test_back_early_everything_is_theirs_again(trade: Trade) -> None:
    first, second = trade.submit(), trade.submit()
    _leave(trade, trade.boss, trade.gm)
    trade.press(first, trade.gm)
    _return(trade, trade.boss)
    with pytest.raises(Forbidden, match="not yours to decide"):
        trade.press(second, trade.gm)
    assert _waiting(trade, trade.boss) == [(second, None)]
    assert _messages(trade, trade.gm)[-1].startswith("{name} is back")
    trade.press(second, trade.boss)
    with pytest.raises(Conflict, match="not away"):
        _return(trade, trade.boss)


def test_who_has_decided_for_somebody_goes_on_seeing_the_outcome(trade: Trade, make_person: MakePerson) -> None:
    other = make_person("Wu", Role.SUPERVISOR, team="South")
    first, second = trade.submit(), trade.submit()
    _leave(trade, trade.boss, other)
    trade.press(first, other)
    _return(trade, trade.boss)
    assert trade.facts(first, other).choices == ()
    with pytest.raises(NotFound), trade.database.read() as work:
        facts_to_decide(work, order_id=second, viewer=other)


def test_absences_begin_and_end_by_the_clock(trade: Trade, clock: Clock) -> None:
    order = trade.submit()
    assert _leave(trade, trade.boss, trade.gm, since=WEDNESDAY) == 0
    assert (_waiting(trade, trade.gm), _tick(trade)) == ([], 0)
    clock.now = WEDNESDAY
    assert _waiting(trade, trade.gm) == [(order, "Zhao")]
    assert _tick(trade) == 0  # in the night: the card would ring
    clock.move(hours=9)
    assert (_tick(trade), _tick(trade)) == (1, 0)
    assert _carded(trade, trade.gm) == [order]
    clock.now = FRIDAY
    assert _waiting(trade, trade.gm) == []  # before anything ticks
    with pytest.raises(Forbidden):
        trade.press(order, trade.gm)
    assert (_tick(trade), _tick(trade)) == (1, 0)
    clock.now = WEDNESDAY  # set back: it is over all the same
    assert (_tick(trade), _waiting(trade, trade.gm)) == (0, [])


def test_a_new_absence_takes_the_place_of_the_old(trade: Trade, clock: Clock) -> None:
    order = trade.submit()
    _leave(trade, trade.boss, trade.gm)
    clock.move(days=1)
    assert _leave(trade, trade.boss, trade.finance, until=datetime(2026, 3, 7, 16, tzinfo=UTC)) == 1
    assert (_waiting(trade, trade.gm), _waiting(trade, trade.finance)) == ([], [(order, "Zhao")])
    assert "somebody else" in _messages(trade, trade.gm)[-1]
    with trade.database.read() as work:
        now = absence_of(work, person_id=trade.boss.id)
        kept = work.connection.execute(select(Absence.ended_at).order_by(Absence.id)).scalars().all()
    assert now is not None
    assert now.since == datetime(2026, 3, 2, 1, 30, tzinfo=UTC)  # one absence, told of as a whole
    assert kept == [clock.now, None]
    assert _leave(trade, trade.boss, trade.finance) == 0  # the same delegate has the card
    assert _carded(trade, trade.finance) == [order]


@pytest.mark.parametrize(
    ("since", "until", "wrong"),
    [(None, datetime(2026, 3, 2, 1, 30, tzinfo=UTC), "in the past"), (FRIDAY, WEDNESDAY, "before you go")],
)
def test_an_end_lies_ahead(trade: Trade, since: datetime | None, until: datetime, wrong: str) -> None:
    with pytest.raises(Invalid, match=wrong):
        _leave(trade, trade.boss, trade.gm, since=since, until=until)


def test_one_press_for_both_steps_that_one_person_holds(trade: Trade) -> None:
    order = trade.submit()
    _leave(trade, trade.boss, trade.finance)
    decided = trade.press(order, trade.finance)
    assert [(step.role, step.decider_name, step.for_name) for step in decided.steps] == [
        (Role.SUPERVISOR, "Sun", "Zhao"),
        (Role.FINANCE, "Sun", None),
    ]
    assert trade.status(order) == "approved"


def test_a_condition_declined_forgets_for_whom_it_was_set(trade: Trade) -> None:
    trade.set_limit("1")
    order = trade.submit()
    trade.press(order, trade.boss)
    _leave(trade, trade.finance, trade.gm)
    trade.press(order, trade.gm, "deposit", deposit_percent=trade.order(order).deposit_percent + 20)
    assert trade.step(order).for_name == "Sun"
    with trade.database.read() as work:
        shown = facts_for_everybody(work, order_id=order)
    assert [(step.decider_name, step.for_name) for step in shown.path][1] == (None, None)
    trade.answer(order, accept=False)
    step = trade.step(order)
    assert (step.for_id, step.for_name, step.decided_by) == (None, None, None)


def test_who_a_step_was_escalated_to_may_decide_too(trade: Trade, make_person: MakePerson) -> None:
    senior = make_person("Old hand", Role.SUPERVISOR, team="Elsewhere")
    order = trade.submit()
    with trade.database.write() as work:
        row = {"step_id": trade.step(order).id, "person_id": senior.id, "approver_id": trade.boss.id, "at": work.now}
        work.connection.execute(insert(StepEscalation), row)
        named = {"superior_id": senior.id}
        work.connection.execute(update(_people()).where(_people().c.id == trade.boss.id).values(named))
    assert _approvers(trade, order) == ["Zhao", "Old hand"]
    assert _waiting(trade, senior) == [(order, None)]
    other = trade.submit()
    assert _approvers(trade, other) == ["Zhao"]  # of that step only
    with pytest.raises(Forbidden):
        trade.press(other, senior)
    assert trade.press(order, senior).steps[0].for_id is None


def _people() -> Any:
    from crm.people.people import Person

    return Person.table()


def test_an_escalation_never_makes_the_submitter_decide(trade: Trade) -> None:
    customer = trade.add_customer("Own", trade.boss)
    order = trade.submit(trade.draft(customer_id=customer), trade.boss)
    with trade.database.write() as work:
        row = {"step_id": trade.step(order).id, "person_id": trade.boss.id, "approver_id": trade.gm.id, "at": work.now}
        work.connection.execute(insert(StepEscalation), row)
    assert _approvers(trade, order) == ["Chen"]
    with pytest.raises(Forbidden, match="own"):
        trade.press(order, trade.boss)


def test_the_delegate_and_who_is_back_race_for_one_decision(trade: Trade) -> None:
    order = trade.submit()
    _leave(trade, trade.boss, trade.gm)
    step, outcomes = trade.step(order).id, []
    together = threading.Barrier(2)

    def press(person: Member) -> None:
        together.wait(10)
        try:
            trade.press_step(step, person)
            outcomes.append("decided")
        except TradewindError as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=press, args=(person,)) for person in (trade.boss, trade.gm)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["Conflict", "decided"]
    assert len([entry for entry in trade.history(order) if entry.act == "approve"]) == 1


def test_approvers_without_anybody_away_are_as_before(trade: Trade) -> None:
    with trade.database.read() as work:
        circle = read_circle(work, trade.rep.id)
        found = approvers_for(Role.FINANCE, submitter_id=trade.rep.id, circle=circle)
    assert (circle.delegates, circle.away_until, found) == ({}, {}, [trade.finance])


def test_two_processes_at_one_absence(trade: Trade, database: Database, clock: Clock) -> None:
    order = trade.submit()
    _leave(trade, trade.boss, trade.gm, since=WEDNESDAY)
    clock.now = WEDNESDAY + timedelta(hours=9)
    counts: list[int] = []
    together = threading.Barrier(3)

    def tick() -> None:
        together.wait(10)
        counts.append(_tick(trade))

    threads = [threading.Thread(target=tick) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(counts) == [0, 0, 1]
    assert _carded(trade, trade.gm) == [order]
