"""Delivery keeps up: so many chats at a time, the next at once, nobody held up by another, no lease outlived."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from bot import delivery as delivering
from bot.cards.screen import pack_screen, say
from bot.delivery import PLACES
from bot.gateway import Busy, Later
from crm.core import outbox
from crm.core.outbox import Chat, Lane
from crm.core.work import UnitOfWork
from tests.bot.front_desk import Desk
from tests.conftest import Clock
from tests.counterparts.patience import PATIENCE


def _put(desk: Desk, chat: str, *lines: str, lane: Lane = Lane.NOTICE) -> int:
    def act(work: UnitOfWork) -> int:
        entered = outbox.enter_chat(work, platform="test", external_id=chat, is_private=True, token="put")
        for line in lines:
            outbox.put(work, chat_id=entered.id, person_id=None, payload={"screen": pack_screen(say(line))}, lane=lane)
        if entered.leased:
            outbox.let_go(work, chat_id=entered.id, token="put")
        return entered.id

    return int(desk.write(act))


def _texts(desk: Desk, chat: str) -> list[str]:
    return [shown.text for shown in desk.room.chat(chat)]


def _leased(desk: Desk) -> int:
    return len(desk.rows("SELECT 1 FROM chats WHERE sender IS NOT NULL"))


async def _until(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for is in the database
            await asyncio.sleep(0.01)


async def test_as_many_at_a_time_as_there_are_places_and_the_rest_without_a_lease(desk: Desk) -> None:
    chats = [f"c{number}" for number in range(3 * PLACES)]
    for chat in chats:
        _put(desk, chat, "notice")
    gates = [asyncio.Event() for _ in chats]
    desk.room.gates.extend(gates)
    ticking = asyncio.create_task(desk.delivery.tick())
    await _until(lambda: len(desk.room.gates) == 2 * PLACES)
    assert _leased(desk) == PLACES
    gates[0].set()
    await _until(lambda: len(desk.room.gates) == 2 * PLACES - 1)  # the next one, and not at the next tick
    assert _leased(desk) == PLACES
    for gate in gates:
        gate.set()
    await ticking
    assert all(_texts(desk, chat) == ["notice"] for chat in chats)


async def test_who_says_something_needs_no_place(desk: Desk, li: str) -> None:
    chats = [f"c{number}" for number in range(PLACES + 1)]
    for chat in chats:
        _put(desk, chat, "notice")
    gates = [asyncio.Event() for _ in range(PLACES)]
    desk.room.gates.extend(gates)
    ticking = asyncio.create_task(desk.delivery.tick())
    await _until(lambda: not desk.room.gates)
    await desk.say(li, "/help", settle=False)
    await _until(lambda: bool(desk.room.chat(li)))
    for gate in gates:
        gate.set()
    await ticking


async def test_one_slow_chat_does_not_stop_a_tick(desk: Desk) -> None:
    _put(desk, "slow", "notice")
    gate = asyncio.Event()
    desk.room.gates.append(gate)
    ticking = asyncio.create_task(desk.delivery.tick())
    await _until(lambda: not desk.room.gates)
    _put(desk, "quick", "written while the tick waits")
    await _until(lambda: _texts(desk, "quick") == ["written while the tick waits"])
    assert not ticking.done()
    gate.set()
    await ticking


async def test_a_chat_that_was_refused_does_not_stop_others(desk: Desk, clock: Clock) -> None:
    for number in range(5):
        _put(desk, f"c{number}", "notice")
    desk.room.failures.append(Later("429", 30))
    await desk.delivery.tick()
    assert sorted(status for status, _ in desk.outbox()) == ["pending", *["sent"] * 4]
    clock.move(seconds=30)
    await desk.delivery.tick()
    assert {status for status, _ in desk.outbox()} == {"sent"}


async def test_what_a_full_platform_did_not_take_is_no_try(desk: Desk, clock: Clock) -> None:
    _put(desk, "c", "notice")
    desk.room.failures.append(Busy("no room", 4))
    await desk.delivery.tick()
    assert desk.outbox() == [("pending", 0)]
    clock.move(seconds=4)
    await desk.delivery.tick()
    assert desk.outbox() == [("sent", 1)]


async def test_a_platform_that_wants_nothing_is_left_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(delivering, "time", SimpleNamespace(monotonic=lambda: now[0]))
    for number in range(3 * PLACES):
        _put(desk, f"c{number}", "notice")
    desk.room.failures.extend(Busy("hold", 20, everywhere=True) for _ in range(3 * PLACES))
    await desk.delivery.tick()
    tried = 3 * PLACES - len(desk.room.failures)
    assert tried <= PLACES
    await desk.delivery.tick()
    assert 3 * PLACES - len(desk.room.failures) == tried
    desk.room.failures.clear()
    now[0] += 20
    await desk.delivery.tick()
    assert len(desk.room.calls) == 3 * PLACES - tried


async def test_a_reply_goes_before_the_notices_that_wait_in_the_same_chat(desk: Desk, li: str) -> None:
    _put(desk, li, *(f"notice {number}" for number in range(8)))
    gate = asyncio.Event()
    desk.room.gates.append(gate)
    ticking = asyncio.create_task(desk.delivery.tick())
    await _until(lambda: not desk.room.gates)
    await desk.say(li, "/help", settle=False)
    gate.set()
    await ticking
    await desk.delivery.settle()
    first, second, *rest = _texts(desk, li)
    assert (first, second[:13]) == ("notice 0", "What I can do")
    assert rest == [f"notice {number}" for number in range(1, 8)]


async def test_a_lease_lasts_as_long_as_its_message_takes(
    desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "LEASE", timedelta(seconds=0.3))
    chat = _put(desk, "c", "a long upload")
    gate = asyncio.Event()
    desk.room.gates.append(gate)
    ticking = asyncio.create_task(desk.delivery.tick())
    await _until(lambda: not desk.room.gates)
    for _ in range(3):
        clock.move(seconds=0.25)
        renewed = clock.now + timedelta(seconds=0.3)
        await _until(lambda renewed=renewed: _until_of(desk, chat) == renewed)  # type: ignore[misc]
    clock.move(seconds=0.25)
    await desk.delivery.tick()  # another one looks, and leaves the chat alone
    gate.set()
    await ticking
    assert [shown.text for _, shown in desk.room.calls] == ["a long upload"]


def _until_of(desk: Desk, chat: int) -> object:
    with desk.database.read() as work:
        return work.connection.execute(select(Chat.lease_until).where(Chat.id == chat)).scalar_one()


async def test_a_question_is_taken_away_without_holding_up_what_comes_next(desk: Desk, li: str) -> None:
    held = asyncio.Event()
    taken: list[str] = []

    async def retire(chat_id: str, ref: str) -> None:
        await held.wait()
        taken.append(ref)

    desk.door.retire = retire  # type: ignore[attr-defined]
    await desk.say(li, "/lead Ernst", settle=False)
    await _until(lambda: bool(desk.room.chat(li)))
    question = desk.room.last(li).ref
    await desk.say(li, "Roland", settle=False)
    await _until(lambda: len(desk.room.calls) == 2)
    await desk.say(li, "/help", settle=False)
    await _until(lambda: len(desk.room.calls) == 3)
    held.set()
    await desk.delivery.settle()
    assert taken[0] == question
