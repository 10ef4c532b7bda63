"""Steps that nobody who is there decides on: the superior, else the administrators, on both databases."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from crm.core.database import Database
from crm.core.history import SYSTEM
from crm.orders.delegation import go_away
from crm.orders.escalations import StepEscalation
from crm.orders.submission import submit_order
from crm.people.people import Member, Person, Role, holidays_of_zone, set_roles
from scheduler.watches import tell_watched
from tests.conftest import Clock
from tests.crm.orders.trading import MakePerson, Trade

NOBODY = "nobody may decide on it"
STUCK = "left undecided, and there is no superior"


def _leave(trade: Trade, person: Member, delegate: Member | None = None, *, days: float = 21) -> None:
    with trade.database.write() as work:
        told = {"since": None, "until": work.now + timedelta(days=days), "delegate_id": delegate and delegate.id}
        go_away(work, actor=person, platform="test", **told)


def _run(trade: Trade, clock: Clock, days: float) -> None:
    for _ in range(int(days * 4)):
        clock.move(hours=6)
        tell_watched(trade.database)


def _escalated(trade: Trade) -> list[int]:
    with trade.database.read() as work:
        return list(work.connection.execute(select(StepEscalation.person_id)).scalars())


def _heard(trade: Trade, person: Member, words: str) -> int:
    return sum(words in str(payload) for payload in trade._payloads(person))


@pytest.mark.parametrize("lost", ["access", "role"])
def test_a_step_that_loses_its_last_decider_is_told_at_once(trade: Trade, clock: Clock, lost: str) -> None:
    order = trade.submit()
    trade.press(order, trade.boss)
    if lost == "access":
        trade.disable(trade.finance)
    else:
        with trade.database.write() as work:
            set_roles(work, actor=SYSTEM, person_id=trade.finance.id, roles=[Role.REP])
    clock.move(minutes=1)
    tell_watched(trade.database)
    assert _heard(trade, trade.admin, NOBODY) == 1
    _run(trade, clock, 3)
    assert _heard(trade, trade.admin, NOBODY) == 1


def test_what_was_said_when_it_was_asked_is_not_said_again(trade: Trade, clock: Clock) -> None:
    order = trade.submit()
    trade.disable(trade.finance)
    trade.press(order, trade.boss)
    assert _heard(trade, trade.admin, NOBODY) == 1
    _run(trade, clock, 3)
    assert _heard(trade, trade.admin, NOBODY) == 1


def test_the_only_supervisor_away_with_nobody(trade: Trade, clock: Clock) -> None:
    trade.submit()
    _leave(trade, trade.boss)
    _run(trade, clock, 2)
    assert _escalated(trade) == []
    _run(trade, clock, 2)
    assert _escalated(trade) == [trade.gm.id]


def test_a_chain_that_ends_at_somebody_away(trade: Trade, clock: Clock) -> None:
    trade.submit()
    _leave(trade, trade.boss, trade.finance)
    _leave(trade, trade.finance)
    _run(trade, clock, 4)
    assert _escalated(trade) == [trade.gm.id]


def test_a_delegate_who_was_disabled(trade: Trade, clock: Clock) -> None:
    trade.submit()
    _leave(trade, trade.boss, trade.finance)
    trade.disable(trade.finance)
    _run(trade, clock, 4)
    assert _escalated(trade) == [trade.gm.id]


def test_past_a_superior_for_whom_the_slow_one_decides(trade: Trade, clock: Clock) -> None:
    trade.submit()
    _leave(trade, trade.gm, trade.boss)
    _run(trade, clock, 4)
    assert _escalated(trade) == []
    assert _heard(trade, trade.admin, STUCK) == 1


def test_two_in_finance_one_on_leave(trade: Trade, clock: Clock, make_person: MakePerson) -> None:
    other = make_person("Qian", Role.FINANCE)
    order = trade.submit()
    trade.press(order, trade.boss)
    _leave(trade, other, days=60)
    _run(trade, clock, 4)
    assert _heard(trade, trade.admin, STUCK) == 1


def test_hours_of_a_stand_in_count_from_when_they_were_chosen(
    trade: Trade, clock: Clock, make_person: MakePerson
) -> None:
    other, third = make_person("Qian", Role.SUPERVISOR), make_person("Feng", Role.SUPERVISOR)
    _leave(trade, trade.boss, other)
    trade.submit()
    _run(trade, clock, 2)
    _leave(trade, trade.boss, third)
    clock.move(minutes=1)
    tell_watched(trade.database)
    assert _heard(trade, third, "has waited") == 0


def test_hours_of_somebody_newly_given_the_role(trade: Trade, clock: Clock, make_person: MakePerson) -> None:
    order = trade.submit()
    trade.press(order, trade.boss)
    _run(trade, clock, 2)
    new = make_person("Qian", Role.FINANCE)
    clock.move(minutes=1)
    tell_watched(trade.database)
    assert _heard(trade, new, "has waited") == 0
    _run(trade, clock, 2)
    assert _heard(trade, new, "has waited") == 1


@pytest.mark.parametrize("role", [Role.PRODUCTION, Role.ADMIN])
def test_past_a_superior_who_may_not_decide(trade: Trade, clock: Clock, make_person: MakePerson, role: Role) -> None:
    middle = make_person("Wu", role)
    people = Person.table()
    with trade.database.write() as work:
        named = update(people).where(people.c.id == trade.boss.id).values(superior_id=middle.id)
        work.connection.execute(named)
        work.connection.execute(update(people).where(people.c.id == middle.id).values(superior_id=trade.gm.id))
    trade.submit()
    _run(trade, clock, 4)
    assert _escalated(trade) == [trade.gm.id]


def test_a_step_for_somebody_away_is_not_decided_along_with_ones_own(trade: Trade) -> None:
    _leave(trade, trade.finance, trade.boss)
    order = trade.submit()
    assert [step.role for step in trade.press(order, trade.boss).steps] == [Role.SUPERVISOR]
    assert trade.cards(trade.boss) == [("approval", order)] * 2
    assert trade.press(order, trade.boss).steps[0].for_name == "Sun"


def test_the_second_stand_in_of_a_chain_is_released_too(trade: Trade) -> None:
    from crm.orders.delegation import come_back

    _leave(trade, trade.finance, trade.gm)
    _leave(trade, trade.boss, trade.finance)
    with trade.database.write() as work:
        come_back(work, actor=trade.boss, platform="test")
    assert (_heard(trade, trade.finance, "is back"), _heard(trade, trade.gm, "is back")) == (1, 1)


def test_nobody_else_is_said_to_be_chosen_where_nobody_is(trade: Trade) -> None:
    _leave(trade, trade.boss, trade.finance)
    _leave(trade, trade.boss)
    assert "You need not decide for Zhao any more." in trade.told(trade.finance)[-1]


def test_going_away_meets_a_submission(
    postgres_url: str,
    open_database: Callable[..., Database],
    make_person: MakePerson,
    wait_for_lock: Callable[[], None],
) -> None:
    """Of both, whoever comes second sees the other: the delegate has the card."""
    trade = Trade(open_database(postgres_url), make_person)
    leaving = threading.Thread(target=_leave, args=(trade, trade.boss, trade.finance))
    with trade.database.write() as work:
        order = submit_order(work, actor=trade.rep, platform="test", draft=trade.draft())
        leaving.start()
        wait_for_lock()
    leaving.join(30)
    assert trade.cards(trade.finance) == [("approval", order)]


@pytest.mark.parametrize(("zone", "country"), [("Asia/Calcutta", "IN"), ("PRC", "CN"), ("Europe/Berlin", "DE")])
def test_holidays_of_a_zone_by_an_old_name(zone: str, country: str) -> None:
    assert holidays_of_zone(zone) == country
