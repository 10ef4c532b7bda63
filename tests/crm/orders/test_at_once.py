"""Several people at one order in the same instant: threads, and processes of their own."""

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import event

from crm.core.database import Database
from crm.core.errors import Conflict, Invalid
from crm.core.outbox import enter_chat
from crm.orders.approvals import touch_cards
from crm.orders.delegation import go_away
from crm.people.identities import tie
from crm.people.people import Role
from tests.crm.orders.trading import MakePerson, Trade
from tests.crm.sales.selling import at_once

_ELSEWHERE = """
import sys
from bot.tables import metadata
from crm.core.database import Database
from crm.core.errors import Conflict
from crm.orders.decisions import decide
from crm.people.people import find_member

url, step, person, decision = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
database = Database(url)
with database.read() as work:
    actor = find_member(work, person_id=person)
print("ready", flush=True)
sys.stdin.readline()
try:
    with database.write() as work:
        decide(work, actor=actor, platform="elsewhere", step_id=step, decision=decision, reason="no")
    print("decided", flush=True)
except Conflict as told:
    print("told", told.text.facts["name"], flush=True)
database.close()
"""


@pytest.fixture
def other(trade: Trade, make_person: MakePerson) -> Any:
    return make_person("Qian", Role.SUPERVISOR, team="North")


def test_of_two_approvers_in_two_threads_one_decides(trade: Trade, other: Any) -> None:
    for _ in range(6):
        order = trade.submit()
        step = trade.step(order).id
        told = at_once(
            [
                partial(trade.press_step, step, trade.boss, "approve"),
                partial(trade.press_step, step, other, "reject", reason="no"),
                partial(trade.press_step, step, trade.boss, "approve"),
            ]
        )
        refused = [error for error in told if error is not None]
        assert [type(error) for error in refused] == [Conflict, Conflict]
        decided = trade.step(order, Role.SUPERVISOR)
        assert {error.text.facts["name"] for error in refused} == {decided.decider_name}
        assert {error.text.facts["at"] for error in refused} == {decided.decided_at}
        assert len(_decisions(trade, order)) == 1
        assert trade.status(order) == ("rejected" if decided.status == "rejected" else "pending")


def _decisions(trade: Trade, order: int) -> list[str]:
    return [entry.act for entry in trade.history(order) if "step" in entry.changes]


def test_of_two_approvers_in_two_processes_one_decides(trade: Trade, other: Any) -> None:
    order = trade.submit()
    step = trade.step(order).id
    told = sorted(_in_processes(trade.database.url, step, [(trade.boss.id, "approve"), (other.id, "reject")]))
    decided = trade.step(order, Role.SUPERVISOR)
    assert told == ["decided", f"told {decided.decider_name}"]
    assert len(_decisions(trade, order)) == 1


def _in_processes(url: str, step: int, presses: list[tuple[int, str]]) -> list[str]:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", _ELSEWHERE, url, str(step), str(person), decision],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for person, decision in presses
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    return [process.communicate(timeout=60)[0].strip() for process in running]


def test_of_an_approval_and_a_recall_at_once_one_counts(trade: Trade) -> None:
    for _ in range(6):
        order = trade.submit()
        trade.press(order, trade.boss)
        step = trade.step(order).id
        told = at_once([partial(trade.press_step, step, trade.finance), partial(trade.recall, order)])
        assert [type(error) for error in told if error is not None] == [Conflict]
        assert trade.status(order) in {"approved", "recalled"}
        assert trade.reserved().keys() == trade.expected_reservations().keys()


def test_of_two_resubmissions_at_once_one_counts(trade: Trade) -> None:
    order = trade.submit()
    trade.press(order, trade.boss, "send_back", reason="marks?")
    told = at_once([partial(trade.resubmit, order, trade.draft()) for _ in range(2)])
    assert [type(error) for error in told if error is not None] == [Conflict]
    assert (trade.order(order).round, len(trade.facts(order, trade.boss).lines)) == (2, 1)


def test_of_two_answers_to_a_condition_at_once_one_counts(trade: Trade) -> None:
    from decimal import Decimal

    trade.set_limit("1")
    order = trade.submit()
    trade.press(order, trade.boss)
    trade.press(order, trade.finance, "deposit", deposit_percent=Decimal(50))
    told = at_once([partial(trade.answer, order, accept=accept) for accept in (True, False)])
    assert [type(error) for error in told if error is not None] == [Conflict]


def test_orders_of_many_at_once_have_numbers_without_gaps(trade: Trade) -> None:
    assert at_once([trade.submit for _ in range(8)]) == [None] * 8
    numbers = sorted(trade.order(order).number for order in trade.expected_reservations())
    assert numbers == [f"SO-2026-{number:04d}" for number in range(1, 9)]


def test_a_decision_made_between_looking_and_writing_is_seen_by_the_compare_and_set(
    postgres_url: str, open_database: Callable[[str], Database], make_person: MakePerson
) -> None:
    """Whatever the locks before it: the step itself says no. PostgreSQL, where a second connection can do this."""
    from sqlalchemy import text

    database = open_database(postgres_url)
    trade = Trade(database, make_person)
    order = trade.submit()
    step = trade.step(order).id
    done: list[bool] = []

    def meddle(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        if statement.startswith("UPDATE approval_steps") and not done:
            done.append(True)
            with database.engine.begin() as other:
                other.execute(
                    text(
                        "UPDATE approval_steps SET status = 'rejected', decision = 'reject', decided_by = :who, "
                        "decided_at = now() WHERE id = :step"
                    ),
                    {"who": trade.gm.id, "step": step},
                )

    event.listen(database.engine, "before_cursor_execute", meddle)
    try:
        with pytest.raises(Conflict) as refused:
            trade.press_step(step, trade.boss)
    finally:
        event.remove(database.engine, "before_cursor_execute", meddle)
    assert refused.value.text.facts["name"] == "Chen"
    assert trade.step(order, Role.SUPERVISOR).decided_by == trade.gm.id


def test_decisions_on_two_orders_of_one_customer_at_once_leave_the_right_reservations(
    postgres_url: str, open_database: Callable[[str], Database], make_person: MakePerson
) -> None:
    """Room for one of them: the other fits only once the first is rejected. On PostgreSQL both really run at once."""
    database = open_database(postgres_url)
    trade = Trade(database, make_person)
    second = make_person("Song", Role.FINANCE, at=database)
    trade.set_limit("3000")
    orders = [trade.submit(), trade.submit()]
    for order in orders:
        trade.press(order, trade.boss)
    steps = [trade.step(order).id for order in orders]
    told = at_once(
        [
            partial(trade.press_step, steps[0], trade.finance, "reject", reason="no"),
            partial(trade.press_step, steps[1], second),
        ]
    )
    assert told[0] is None
    assert told[1] is None or isinstance(told[1], Invalid)
    assert trade.reserved().keys() == trade.expected_reservations().keys()


def test_going_away_and_decisions_do_not_lock_each_other_out(
    postgres_url: str, open_database: Callable[[str], Database], make_person: MakePerson
) -> None:
    """Going away touches the cards of every order that waits; others touch some of them, in an order of their own."""
    trade = Trade(open_database(postgres_url), make_person)
    with trade.database.write() as work:
        for person in (trade.boss, trade.finance):
            chat = enter_chat(work, platform="test", external_id=person.name, is_private=True, token="t").id
            tie(work, platform="test", account_id=person.name, person_id=person.id, chat_id=chat)
    first, second = trade.submit(), trade.submit()
    both = Barrier(2, timeout=10)

    def leave() -> None:
        with trade.database.write() as work:
            until = work.now + timedelta(days=3)
            told = go_away(
                work, actor=trade.boss, platform="test", since=None, until=until, delegate_id=trade.finance.id
            )
            assert told.handed_over == 2
            both.wait()

    def touch() -> None:
        with trade.database.write() as work:
            touch_cards(work, order_id=second)
            both.wait()
            touch_cards(work, order_id=first)

    assert at_once([leave, touch]) == [None, None]
