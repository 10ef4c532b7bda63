"""A clock that is set is noticed, one that is only slow or late is not."""

from datetime import timedelta

import pytest

from crm.core import outbox
from crm.core.database import Database
from crm.core.outbox import LEASE, enter_chat, lease_chat
from crm.core.steadiness import Steadiness
from crm.core.work import UnitOfWork
from tests.conftest import Clock


class Counter:
    """What only counts."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize("jump", [3600, -3600, 86_400, -86_400])
def test_a_clock_that_is_set_is_noticed_and_trusted_again_in_time(clock: Clock, jump: float) -> None:
    counter = Counter()
    steadiness = Steadiness(clock, count=counter)
    clock.move(seconds=jump)
    assert steadiness.read() == (clock.now, 0.0)
    for _ in range(5):
        clock.move(seconds=1)
        counter.seconds += 1
        assert steadiness.read()[1] == pytest.approx(counter.seconds - 100)


def test_a_clock_that_only_goes_on_is_even(clock: Clock) -> None:
    counter = Counter()
    steadiness = Steadiness(clock, count=counter)
    for seconds, told in ((1, 1), (3600, 3600), (60, 61), (60, 58)):
        clock.move(seconds=told)
        counter.seconds += seconds
        assert steadiness.read()[1] == float("inf")


def _leased(database: Database, token: str = "one") -> int:
    with database.write() as work:
        return enter_chat(work, platform="test", external_id="li", is_private=True, token=token).id


def _may_take(work: UnitOfWork, chat_id: int) -> tuple[bool, bool]:
    """By lease, and on entering."""
    entered = enter_chat(work, platform="test", external_id="li", is_private=True, token="three").leased
    return lease_chat(work, chat_id=chat_id, token="two"), entered


@pytest.mark.parametrize("jump", [timedelta(days=1), -timedelta(days=1)])
def test_who_sees_the_clock_set_takes_no_lease_away_at_once(database: Database, clock: Clock, jump: timedelta) -> None:
    """Whoever holds it renews it within its life; then, and only then, it can be told who lives."""
    chat_id = _leased(database)
    clock.now += jump
    with database.write() as work:
        work.steady_s = LEASE.total_seconds()
        assert _may_take(work, chat_id) == (False, False)
        outbox.put(work, chat_id=chat_id, person_id=None, payload={})
        assert outbox.due_chats(work, platforms=["test"]) == []
        work.steady_s = LEASE.total_seconds() + 0.1
        assert outbox.due_chats(work, platforms=["test"]) == [chat_id]
        assert lease_chat(work, chat_id=chat_id, token="two")


def test_entering_takes_a_lease_that_a_clock_set_back_left(database: Database, clock: Clock) -> None:
    chat_id = _leased(database)
    clock.now -= timedelta(hours=1)
    with database.write() as work:
        assert enter_chat(work, platform="test", external_id="li", is_private=True, token="two").leased
        assert not lease_chat(work, chat_id=chat_id, token="three")
