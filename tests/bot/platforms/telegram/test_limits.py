"""Telegram's limits: never more than they allow, replies first, and everybody in the end."""

import asyncio
import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gateway import Busy, Later, Message
from bot.platforms.telegram.api import Api
from bot.platforms.telegram.gateway import TelegramGateway
from bot.platforms.telegram.limits import Limiter, Limits
from crm.core.outbox import Lane
from tests.bot.platforms.telegram.test_gateway import message
from tests.counterparts.telegram import TelegramCounterpart

GROUP = -100


class Time:
    """A clock that stands still until it is moved, and then calls back whoever asked for it on the way."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._due: list[tuple[float, int, Alarm]] = []
        self._numbers = itertools.count()

    def __call__(self) -> float:
        return self.now

    def call_later(self, seconds: float, call: Callable[[], None]) -> "Alarm":
        alarm = Alarm(call)
        heapq.heappush(self._due, (self.now + seconds, next(self._numbers), alarm))
        return alarm

    def ring(self) -> None:
        """Move to the next call, and leave nobody time to do anything about it."""
        alarm = Alarm(None)
        while alarm.call is None:
            self.now, _, alarm = heapq.heappop(self._due)
        alarm.call()

    async def move(self, seconds: float) -> None:
        until = self.now + seconds
        await _breathe()
        while self._due and self._due[0][0] <= until:
            at, _, alarm = heapq.heappop(self._due)
            if alarm.call is not None:
                self.now = max(self.now, at)
                alarm.call()
                await _breathe()
        self.now = until
        await _breathe()


class Alarm:
    def __init__(self, call: Callable[[], None] | None) -> None:
        self.call = call

    def cancel(self) -> None:
        self.call = None


async def _breathe() -> None:
    for _ in range(8):
        await asyncio.sleep(0)


@dataclass
class Sender:
    """Calls through a limiter, each taking `takes` seconds; notes when each began and ended."""

    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        self.time = Time()
        self.limiter = Limiter(self.limits, clock=self.time, call_later=self.time.call_later)
        self.calls: list[tuple[float, float, int, int]] = []
        self.began: list[tuple[int, int]] = []
        self.busy: list[Busy] = []
        self.tasks: set[asyncio.Task[None]] = set()

    def send(self, chat: int, lane: int = Lane.REPLY, takes: float = 0.0) -> None:
        self.tasks.add(asyncio.create_task(self._send(chat, lane, takes)))

    async def _send(self, chat: int, lane: int, takes: float) -> None:
        try:
            async with self.limiter.turn(chat, lane=lane):
                began = self.time.now
                self.began.append((chat, lane))
                if takes:
                    done = asyncio.Event()
                    self.time.call_later(takes, done.set)
                    await done.wait()
                self.calls.append((began, self.time.now, chat, lane))
        except Busy as busy:
            self.busy.append(busy)

    def most_seen(self, window: float, chats: Callable[[int], bool] = lambda chat: True) -> int:
        """The most calls that the other side may have counted in a window: each at its start, or at its end."""
        most = 0
        for at in range(2):
            moments = sorted(call[at] for call in self.calls if chats(call[2]))
            for index, first in enumerate(moments):
                most = max(most, sum(1 for one in moments[index:] if one - first < window - 1e-6))
        return most


CALLS = st.lists(
    st.tuples(
        st.sampled_from([1, 2, 3, 4, 5, GROUP, GROUP - 1]),
        st.sampled_from(list(Lane)),
        st.floats(0, 1.5),
        st.floats(0, 0.4),
    ),
    min_size=1,
    max_size=120,
)


@given(CALLS)
async def test_never_more_than_the_limits_in_any_window(calls: list[tuple[int, int, float, float]]) -> None:
    """Whenever calls are asked for, and however long each is on its way."""
    sender = Sender(Limits(overall=10, in_group=6, burst=3))
    for chat, lane, pause, takes in calls:
        sender.send(chat, lane, takes)
        await sender.time.move(pause / 10)
    await sender.time.move(30)
    assert len(sender.calls) + len(sender.busy) == len(calls), "nobody is forgotten"
    assert sender.most_seen(1.0) <= 10
    for chat in {call[2] for call in sender.calls}:
        begun = sorted(call[0] for call in sender.calls if call[2] == chat)
        for index, first in enumerate(begun):
            for count, at in enumerate(begun[index:], start=1):
                assert count <= 3 + (at - first) + 1e-6, "a second each, but for a burst"
        if chat < 0:
            assert sender.most_seen(60.0, lambda one, chat=chat: one == chat) <= 6  # type: ignore[misc]


async def test_notices_reach_the_limits_rate_and_a_reply_waits_one_slot() -> None:
    sender = Sender()
    waits: list[float] = []
    chats = itertools.count(1)
    for number in range(600):
        sender.send(next(chats), Lane.NOTICE, takes=0.005)
        if number % 16 == 15:  # as many as delivery serves at a time
            while len(sender.calls) < number - 8:
                await sender.time.move(0.01)
        if number % 40 == 39:
            asked, chat = sender.time.now, 10_000 + number
            sender.send(chat, Lane.REPLY)
            while (chat, Lane.REPLY) not in sender.began:
                await sender.time.move(0.001)
            waits.append(sender.time.now - asked)
    await sender.time.move(2)
    assert sender.busy == []
    begun = sorted(call[0] for call in sender.calls)
    assert (len(begun) - 1) / (begun[-1] - begun[0]) >= 0.97 * 30
    assert sender.most_seen(1.0) <= 30
    assert len(waits) == 15
    assert max(waits) <= 1 / 30 + 0.01


async def test_a_conversation_is_instant_and_notices_keep_their_second() -> None:
    sender = Sender()
    for _ in range(8):
        sender.send(1, Lane.REPLY)
    for _ in range(3):
        sender.send(2, Lane.NOTICE)
    await sender.time.move(0)
    assert sender.began.count((1, Lane.REPLY)) == 8
    await sender.time.move(0.3)
    assert sender.began.count((2, Lane.NOTICE)) == 1
    sender.send(2, Lane.REPLY)  # the notices that wait there do not hold up what somebody asked for
    await sender.time.move(0.05)
    assert (2, Lane.REPLY) in sender.began
    await sender.time.move(3.2)
    assert sender.began.count((2, Lane.NOTICE)) == 3


async def test_within_a_lane_first_come_first_served_and_lanes_in_their_order() -> None:
    sender = Sender(Limits(overall=1))
    sender.send(1, Lane.REPLY)
    for chat, lane in ((2, Lane.DIGEST), (3, Lane.NOTICE), (4, Lane.REPLY), (5, Lane.DECISION), (6, Lane.REPLY)):
        sender.send(chat, lane)
    await sender.time.move(4.9)
    assert [chat for chat, _ in sender.began] == [1, 4, 6, 5, 3]


async def test_replies_without_end_do_not_stop_a_notice() -> None:
    sender = Sender()
    sender.send(1, Lane.NOTICE)
    await sender.time.move(1)
    sender.began.clear()
    chats = itertools.count(100)
    for _ in range(100):
        sender.send(next(chats), Lane.REPLY)
    sender.send(1, Lane.NOTICE)
    for _ in range(160):
        sender.send(next(chats), Lane.REPLY)
        await sender.time.move(1 / 40)
    assert (1, Lane.NOTICE) in sender.began


async def test_a_group_has_twenty_a_minute_and_is_busy_rather_than_waited_for() -> None:
    sender = Sender()
    for _ in range(20):
        sender.send(GROUP)
        await sender.time.move(1)
    sender.send(GROUP)
    await sender.time.move(0)
    assert len(sender.calls) == 20
    [busy] = sender.busy
    assert 35 < busy.seconds <= 60
    assert not busy.everywhere
    await sender.time.move(busy.seconds)
    sender.send(GROUP)
    await sender.time.move(0)
    assert len(sender.calls) == 21


async def test_a_refusal_holds_its_chat_and_ends_its_bursts() -> None:
    sender = Sender()
    sender.limiter.refused(1, 3)
    sender.send(1)
    sender.send(2)
    await sender.time.move(2.9)
    assert sender.began == [(2, Lane.REPLY)]
    await sender.time.move(0.1)
    assert sender.began == [(2, Lane.REPLY), (1, Lane.REPLY)]
    sender.send(1)
    await sender.time.move(0.9)
    assert len(sender.began) == 2
    await sender.time.move(0.2)
    assert len(sender.began) == 3
    sender.limiter.refused(1, 30)
    sender.send(1)
    await sender.time.move(0)
    assert sender.busy[0].seconds == pytest.approx(30)
    assert not sender.busy[0].everywhere


async def test_refusals_in_two_chats_hold_everything() -> None:
    sender = Sender()
    sender.limiter.refused(1, 20)
    sender.send(3)
    await sender.time.move(0)
    assert sender.began == [(3, Lane.REPLY)]
    sender.limiter.refused(2, 20)
    sender.send(4)
    await sender.time.move(0)
    [busy] = sender.busy
    assert busy.everywhere
    assert busy.seconds == pytest.approx(20)
    with pytest.raises(Busy), sender.limiter.deletion():
        pass
    await sender.time.move(20)
    sender.send(4)
    await sender.time.move(0)
    assert (4, Lane.REPLY) in sender.began


async def test_who_gives_up_leaves_no_place_taken() -> None:
    sender = Sender(Limits(overall=1))
    sender.send(1)
    await sender.time.move(0)
    sender.send(2)
    await sender.time.move(0.1)
    waiting = next(task for task in sender.tasks if not task.done())
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    sender.send(3)
    await sender.time.move(1)
    assert sender.began == [(1, Lane.REPLY), (3, Lane.REPLY)]


async def test_who_is_called_off_just_when_the_turn_comes_gives_it_back() -> None:
    sender = Sender(Limits(overall=1))
    sender.send(1)
    await sender.time.move(0)
    sender.send(2)
    await sender.time.move(0)
    called_off = next(task for task in sender.tasks if not task.done())
    sender.time.ring()
    called_off.cancel()
    await sender.time.move(0)
    sender.send(3)
    await sender.time.move(1)
    assert sender.began == [(1, Lane.REPLY), (3, Lane.REPLY)]


async def test_deletions_take_no_messages_place() -> None:
    sender = Sender()
    for _ in range(30):
        with sender.limiter.deletion():
            pass
    with pytest.raises(Busy), sender.limiter.deletion():
        pass
    sender.send(1)
    await sender.time.move(0)
    assert len(sender.calls) == 1
    await sender.time.move(1)
    with sender.limiter.deletion():
        pass


# — through HTTP —


async def test_a_counterpart_that_counts_is_never_given_too_many() -> None:
    """Eighty notices to eighty chats, as fast as the limits let them."""
    with TelegramCounterpart(enforce_limits=True) as telegram:
        for user in range(1, 81):
            telegram.user(user)
        api = Api(token=telegram.token, url=telegram.base_url)
        await api.connect()
        gateway = TelegramGateway(api, Limiter())
        try:
            notices = (_notice(str(user)) for user in range(1, 81))
            await asyncio.gather(*(gateway.send(one) for one in notices))
        finally:
            await api.shutdown()
        assert telegram.refusals == []
        sent = sorted(call.at for call in telegram.calls("sendMessage"))
        assert sent[-1] - sent[0] >= 79 / 30 - 0.2


async def test_a_refusal_over_http_is_a_lesson(telegram: TelegramCounterpart) -> None:
    telegram.user(5)
    api = Api(token=telegram.token, url=telegram.base_url)
    await api.connect()
    gateway = TelegramGateway(api, Limiter())
    try:
        telegram.fail_next("sendMessage", status=429, retry_after=30)
        with pytest.raises(Later) as first:
            await gateway.send(message())
        assert not isinstance(first.value, Busy)
        with pytest.raises(Busy) as second:
            await gateway.send(message())
        assert 29 < second.value.seconds <= 30
        assert len(telegram.calls("sendMessage")) == 1, "the second was not tried"
    finally:
        await api.shutdown()


def _notice(chat: str) -> Message:
    return replace(message(chat_id=chat), lane=Lane.NOTICE)
